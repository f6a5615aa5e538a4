//! The one serialisable result. These types are the wire format (`w4b-diag/report/1`); domain types convert into
//! them and nothing left of here knows an output format.

use std::io;

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::i18n::{Catalog, Sentences};
use crate::rules;

/// The identifier of the wire format.
pub const SCHEMA: &str = "w4b-diag/report/1";

/// How bad a finding is. Ordered: `Ok < Info < Unknown < Warning < Critical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The check passed.
    Ok,
    /// Worth knowing; nobody has to act.
    Info,
    /// The check could not be made. Never the same as `ok`.
    Unknown,
    /// Will hurt, or hurts some.
    Warning,
    /// Hurts now.
    Critical,
}

impl Severity {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// The sum of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing wrong.
    Ok,
    /// The worst finding is a warning.
    Warning,
    /// The worst finding is critical.
    Critical,
    /// Nothing wrong was seen, but something could not be checked.
    Unknown,
}

impl Verdict {
    /// The verdict of a set of findings. Something seen to be wrong outweighs something not seen: a critical
    /// finding stays critical although another check could not be made. Nothing judged at all is `unknown`.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a rules::Finding>) -> Self {
        Self::of_severities(findings.into_iter().map(|finding| finding.severity))
    }

    /// The same from severities alone.
    pub fn of_severities(severities: impl IntoIterator<Item = Severity>) -> Self {
        match severities.into_iter().max() {
            Some(Severity::Ok | Severity::Info) => Self::Ok,
            Some(Severity::Warning) => Self::Warning,
            Some(Severity::Critical) => Self::Critical,
            Some(Severity::Unknown) | None => Self::Unknown,
        }
    }

    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
        }
    }

    /// The exit code of a command that judges: the convention of monitoring plug-ins.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

/// Whose side it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The service provider: its XSPs, its certificates, its Partner Hub settings.
    ServiceProvider,
    /// Cisco.
    Webex,
    /// The end customer or its user.
    Customer,
    /// Not known.
    Unknown,
}

impl Owner {
    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceProvider => "service-provider",
            Self::Webex => "webex",
            Self::Customer => "customer",
            Self::Unknown => "unknown",
        }
    }
}

/// The program that made a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `w4b-diag`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Default for Tool {
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// One thing that was checked, in one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The stable id of the check, e.g. `cert.expires-soon`.
    pub check: String,
    /// How bad.
    pub severity: Severity,
    /// What it is about: a target as given (`host:port`), a file, a user, a component.
    pub subject: String,
    /// Who must act.
    pub owner: Owner,
    /// One line.
    pub title: String,
    /// What was seen.
    pub detail: String,
    /// What to do; empty when there is nothing to do.
    pub remedy: String,
    /// Where it is documented.
    pub reference: Option<String>,
    /// Language-independent facts.
    #[serde(default)]
    pub data: Map<String, Value>,
}

/// What every command prints with `--format json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program.
    pub tool: Tool,
    /// The command, e.g. `certs`.
    pub command: String,
    /// When the report was made (RFC 3339).
    pub generated_at: String,
    /// The instant it was judged as of (RFC 3339).
    pub as_of: String,
    /// The sum of the findings.
    pub verdict: Verdict,
    /// What was checked, worst first.
    pub findings: Vec<Finding>,
    /// What was found, by command.
    pub data: Map<String, Value>,
}

impl Report {
    /// Assembles a report: findings are translated and put worst first (stable otherwise).
    pub fn new(
        command: &str,
        generated_at: DateTime<Utc>,
        as_of: DateTime<Utc>,
        findings: &[rules::Finding],
        data: Map<String, Value>,
        catalog: &Catalog,
    ) -> Self {
        let mut order: Vec<&rules::Finding> = findings.iter().collect();
        order.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let mut sentences = Sentences::new(catalog);
        let said = order
            .into_iter()
            .map(|finding| finding.localize_with(&mut sentences))
            .collect();
        Self::assemble(command, generated_at, as_of, said, data)
    }

    /// The same of findings that nobody needs any more: their data moves into the report.
    pub fn of(
        command: &str,
        generated_at: DateTime<Utc>,
        as_of: DateTime<Utc>,
        mut findings: Vec<rules::Finding>,
        data: Map<String, Value>,
        catalog: &Catalog,
    ) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let mut sentences = Sentences::new(catalog);
        let said = findings
            .into_iter()
            .map(|finding| finding.into_localized(&mut sentences))
            .collect();
        Self::assemble(command, generated_at, as_of, said, data)
    }

    fn assemble(
        command: &str,
        generated_at: DateTime<Utc>,
        as_of: DateTime<Utc>,
        findings: Vec<Finding>,
        data: Map<String, Value>,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool::default(),
            command: command.to_owned(),
            generated_at: rfc3339(generated_at),
            as_of: rfc3339(as_of),
            verdict: Verdict::of_severities(findings.iter().map(|finding| finding.severity)),
            findings,
            data,
        }
    }
}

/// A report whose `data` is written as it is, without a tree of values in between.
#[derive(Serialize)]
struct Whole<'a, D> {
    schema: &'a str,
    tool: &'a Tool,
    command: &'a str,
    generated_at: &'a str,
    as_of: &'a str,
    verdict: Verdict,
    findings: &'a [Finding],
    data: &'a D,
}

impl Report {
    /// The report as JSON, as for people, with this `data` in place of its own.
    pub fn to_json_with<D: Serialize>(&self, data: &D) -> String {
        let mut bytes = Vec::with_capacity(64 * 1024);
        // Neither writing to memory nor these types fail, and what is written is text.
        let _ = self.write_json_with(data, &mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The same, written as it is made: with a great deal of `data` the text is never held as a whole.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write_json_with<D: Serialize>(
        &self,
        data: &D,
        out: &mut (impl io::Write + ?Sized),
    ) -> io::Result<()> {
        let whole = Whole {
            schema: &self.schema,
            tool: &self.tool,
            command: &self.command,
            generated_at: &self.generated_at,
            as_of: &self.as_of,
            verdict: self.verdict,
            findings: &self.findings,
            data,
        };
        let mut serializer = serde_json::Serializer::with_formatter(out, Lines::default());
        whole.serialize(&mut serializer).map_err(io::Error::from)
    }
}

/// The same as serde_json's pretty form, with one write for each line's indentation instead of one for each step.
#[derive(Default)]
struct Lines {
    depth: usize,
    is_filled: bool,
}

/// A new line with the indentation of sixteen steps of two.
const INDENTATION: &str = "\n                                ";

impl Lines {
    fn begin<W: ?Sized + io::Write>(&self, out: &mut W) -> io::Result<()> {
        let wanted = 1 + 2 * self.depth;
        out.write_all(INDENTATION.get(..wanted).unwrap_or(INDENTATION).as_bytes())?;
        for _ in INDENTATION.len()..wanted {
            out.write_all(b" ")?;
        }
        Ok(())
    }

    fn open<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.is_filled = false;
        out.write_all(bracket)
    }

    fn next<W: ?Sized + io::Write>(&self, out: &mut W, is_first: bool) -> io::Result<()> {
        if !is_first {
            out.write_all(b",")?;
        }
        self.begin(out)
    }

    fn close<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.is_filled {
            self.begin(out)?;
        }
        self.is_filled = true;
        out.write_all(bracket)
    }
}

impl serde_json::ser::Formatter for Lines {
    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.is_filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.is_filled = true;
        Ok(())
    }
}

/// RFC 3339 with whole seconds and `Z`: the one form of an instant in everything the program writes.
pub fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Applies `change` to every string value of a JSON tree, keys left alone.
pub fn map_strings(value: &mut Value, change: &mut dyn FnMut(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = change(text) {
                *text = new;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| map_strings(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| map_strings(field, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::{Report, Severity, Verdict};
    use crate::i18n::{Catalog, Lang};
    use crate::rules;

    #[test]
    fn the_same_json_either_way() {
        let now = chrono::DateTime::UNIX_EPOCH;
        let catalog = Catalog::new(Lang::En);
        let finding = rules::Finding::ok(&rules::registry::TLS_CONNECT, "a:1").data("days", 3);
        let mut data = Map::new();
        data.insert("targets".to_owned(), serde_json::json!([{"port": 8012}]));
        data.insert(
            "empty".to_owned(),
            serde_json::json!([{}, [], [[], {"a": {}}], "\u{7}\"ø"]),
        );
        let mut deep = serde_json::json!(1);
        for _ in 0..20 {
            deep = serde_json::json!([deep]);
        }
        data.insert("deep".to_owned(), deep);
        let of = |data| Report::new("certs", now, now, std::slice::from_ref(&finding), data, &catalog);
        let usual = serde_json::to_string_pretty(&of(data.clone())).unwrap();
        assert_eq!(of(Map::new()).to_json_with(&data), usual);
        let findings = vec![
            finding.clone(),
            rules::Finding::ok(&rules::registry::TLS_HANDSHAKE, "a:1").severity(Severity::Info),
        ];
        let kept = Report::new("certs", now, now, &findings, Map::new(), &catalog);
        assert_eq!(
            Report::of("certs", now, now, findings, Map::new(), &catalog),
            kept
        );
    }

    #[test]
    fn unknown_is_never_ok_and_never_hides_a_fault() {
        assert_eq!(
            Verdict::of_severities([Severity::Ok, Severity::Unknown]),
            Verdict::Unknown
        );
        assert_eq!(
            Verdict::of_severities([Severity::Warning, Severity::Unknown]),
            Verdict::Warning
        );
        assert_eq!(
            Verdict::of_severities([Severity::Critical, Severity::Unknown]),
            Verdict::Critical
        );
        assert_eq!(Verdict::of_severities([]), Verdict::Unknown);
    }
}
