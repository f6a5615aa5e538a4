//! The redactor tried on this machine with adversarial cases that everybody can read: `cases.toml`.
//!
//! A case is a text and what must come out, byte for byte; `<email:1>` stands for a pseudonym of that class, the
//! same number for the same pseudonym. Each case runs in every encoding, over the ends of windows, through the
//! streaming path, and twice.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::kind_of_name;
use super::pseudonym::Class;
use super::token;
use super::window::Sizes;
use super::{KeyError, Policy, Protected, RedactError, Redactor, SiteKey};

/// The cases.
const CASES: &str = include_str!("cases.toml");
/// Windows so small that every case lies over the ends of several.
const CHUNKS: [usize; 2] = [1, 37];
/// What follows a case then, so that windows end inside it.
const FILLER: &str = "an ordinary line of a log without anybody in it\n";

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Secrets are masked.
    Secrets,
    /// Personal data becomes pseudonyms.
    Personal,
    /// Evidence stays.
    Evidence,
    /// What only looks like a secret or a person stays.
    Negatives,
    /// What cannot be read is withheld.
    Withheld,
}

impl Group {
    /// All, in the order of the output.
    pub const ALL: [Self; 5] = [
        Self::Secrets,
        Self::Personal,
        Self::Evidence,
        Self::Negatives,
        Self::Withheld,
    ];

    /// The word of the wire format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Personal => "personal",
            Self::Evidence => "evidence",
            Self::Negatives => "negatives",
            Self::Withheld => "withheld",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// The texts of all cases.
#[cfg(test)]
pub(super) fn texts() -> Vec<String> {
    let file: File = toml::from_str(CASES).unwrap();
    file.case
        .into_iter()
        .filter(|case| !case.hex)
        .map(|case| case.input)
        .collect()
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    group: Group,
    input: String,
    #[serde(default)]
    expect: String,
    /// Values that nothing may show, in no form.
    #[serde(default)]
    gone: Vec<String>,
    /// Evidence of this case: `kind=value`.
    #[serde(default)]
    protect: Vec<String>,
    /// `hex`: the input is written in hexadecimal digits, for bytes that are no text.
    #[serde(default)]
    hex: bool,
}

/// How a case went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failed {
    /// The case.
    pub id: String,
    /// What it is about.
    pub group: Group,
    /// In which form it failed: `utf-8`, `utf-16le`, `crlf`, `window-37` …
    pub form: String,
    /// Whether something that must not be seen was seen; else only the text differed.
    pub leaked: bool,
}

/// How all went.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Outcome {
    /// Runs that passed, by group.
    pub passed: BTreeMap<Group, u64>,
    /// Runs that failed.
    pub failed: Vec<Failed>,
}

impl Outcome {
    /// Runs in all.
    pub fn runs(&self) -> u64 {
        self.passed.values().sum::<u64>() + self.failed.len() as u64
    }
}

/// Why the cases cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The embedded file is broken.
    #[error("cases: {0}")]
    Cases(String),
}

/// Runs all cases; `step` is called after each and may stop.
///
/// # Errors
/// When there is no randomness for a key.
pub fn run(step: &mut dyn FnMut() -> bool) -> Result<Outcome, SelfTestError> {
    let file: File = toml::from_str(CASES).map_err(|error| SelfTestError::Cases(error.to_string()))?;
    let mut outcome = Outcome::default();
    for case in &file.case {
        try_case(case, &mut outcome)?;
        if !step() {
            break;
        }
    }
    Ok(outcome)
}

fn try_case(case: &Case, outcome: &mut Outcome) -> Result<(), SelfTestError> {
    for (form, input) in forms(case) {
        let redactor = redactor(case)?;
        let verdict = if case.group == Group::Withheld {
            withheld(&redactor, &input)
        } else {
            check(case, &redactor, &form, &input)
        };
        match verdict {
            Ok(()) => *outcome.passed.entry(case.group).or_default() += 1,
            Err(leaked) => outcome.failed.push(Failed {
                id: case.id.clone(),
                group: case.group,
                form: form.name,
                leaked,
            }),
        }
    }
    Ok(())
}

fn redactor(case: &Case) -> Result<Redactor, SelfTestError> {
    let mut protected = Protected::none();
    for entry in &case.protect {
        if let Some((kind, value)) = entry.split_once('=')
            && let Some(kind) = kind_of_name(kind)
        {
            protected.add(kind, value);
        }
    }
    Ok(Redactor::new(Policy::default(), SiteKey::fresh()?, protected))
}

/// A way in which the text of a case is presented.
#[derive(Debug, Clone)]
struct Form {
    name: String,
    wide: Option<bool>,
    crlf: bool,
    /// The window, when it is not the usual one.
    chunk: Option<usize>,
}

fn forms(case: &Case) -> Vec<(Form, Vec<u8>)> {
    let form = |name: &str, wide: Option<bool>, crlf: bool, chunk: Option<usize>| Form {
        name: name.to_owned(),
        wide,
        crlf,
        chunk,
    };
    if case.hex {
        let bytes = case
            .input
            .split_whitespace()
            .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
            .collect();
        return vec![(form("bytes", None, false, None), bytes)];
    }
    let mut all = vec![
        form("utf-8", None, false, None),
        form("crlf", None, true, None),
        form("utf-16le", Some(false), false, None),
        form("utf-16be", Some(true), true, None),
    ];
    if case.group != Group::Withheld {
        all.extend(CHUNKS.map(|chunk| form(&format!("window-{chunk}"), None, false, Some(chunk))));
    }
    all.into_iter()
        .map(|form| {
            let input = form.present(&case.input);
            (form, input)
        })
        .collect()
}

impl Form {
    fn present(&self, text: &str) -> Vec<u8> {
        let mut text = if self.crlf {
            text.replace('\n', "\r\n")
        } else {
            text.to_owned()
        };
        if self.chunk.is_some() {
            text.push_str(&FILLER.repeat(16));
        }
        match self.wide {
            None => text.into_bytes(),
            Some(big) => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect(),
        }
    }

    /// Back to text, without what was put in front.
    fn read(&self, bytes: &[u8]) -> String {
        let text = match self.wide {
            None => String::from_utf8_lossy(bytes).into_owned(),
            Some(big) => {
                let units: Vec<u16> = bytes
                    .chunks_exact(2)
                    .map(|pair| {
                        let pair = [pair[0], pair[1]];
                        if big {
                            u16::from_be_bytes(pair)
                        } else {
                            u16::from_le_bytes(pair)
                        }
                    })
                    .collect();
                String::from_utf16_lossy(&units).replace('\u{feff}', "")
            }
        };
        let text = match self.chunk {
            Some(_) => text.replace(FILLER, ""),
            None => text,
        };
        if self.crlf {
            text.replace("\r\n", "\n")
        } else {
            text
        }
    }
}

fn withheld(redactor: &Redactor, input: &[u8]) -> Result<(), bool> {
    let mut out = Vec::new();
    let mut stream = redactor.redact_stream(Cursor::new(input.to_vec()));
    let refused = stream.read_to_end(&mut out).is_err() && redactor.redact_bytes(input).is_err();
    if refused { Ok(()) } else { Err(true) }
}

/// `Err(true)`: something leaked; `Err(false)`: the text is not what was expected.
fn check(case: &Case, redactor: &Redactor, form: &Form, input: &[u8]) -> Result<(), bool> {
    let failed = |_: RedactError| false;
    redactor.learn(input).map_err(|_| false)?;
    let sizes = form.chunk.map_or_else(Sizes::default, |chunk| Sizes {
        chunk,
        ahead: 512,
        ..Sizes::default()
    });
    let mut streamed = Vec::new();
    let mut stream = redactor.redact_in_windows(Cursor::new(input.to_vec()), sizes);
    stream.read_to_end(&mut streamed).map_err(|_| false)?;
    let text = form.read(&streamed);
    let folded = text.to_lowercase();
    if case
        .gone
        .iter()
        .any(|value| folded.contains(&value.to_lowercase()))
    {
        return Err(true);
    }
    let once = redactor.redact_bytes(input).map_err(failed)?;
    let twice = redactor.redact_bytes(once.bytes()).map_err(failed)?;
    let stable = twice.bytes() == once.bytes() && streamed == once.bytes();
    if stable && matches(&case.expect, &text) {
        Ok(())
    } else {
        Err(false)
    }
}

/// Compares with the expectation, in which `<email:1>` stands for a pseudonym.
fn matches(expect: &str, text: &str) -> bool {
    let mut numbered: HashMap<&str, &str> = HashMap::new();
    let mut rest = text;
    let mut pattern = expect;
    while let Some((before, name, after)) = placeholder(pattern) {
        let Some(found) = rest.strip_prefix(before) else {
            return false;
        };
        let Some(len) = token::token_len(found.as_bytes()) else {
            return false;
        };
        let (value, tail) = found.split_at(len);
        let class = name.split(':').next().unwrap_or(name);
        let right_class = value
            .strip_prefix(class)
            .is_some_and(|rest| rest.starts_with('-'));
        if !right_class || *numbered.entry(name).or_insert(value) != value {
            return false;
        }
        (rest, pattern) = (tail, after);
    }
    // Different numbers, different pseudonyms.
    let mut values: Vec<&str> = numbered.values().copied().collect();
    values.sort_unstable();
    values.dedup();
    rest == pattern && values.len() == numbered.len()
}

/// The text before the first placeholder, its name, and the text behind.
fn placeholder(pattern: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = pattern[from..].find('<').map(|at| from + at) {
        if let Some(close) = pattern[open..].find('>').map(|at| open + at) {
            let name = &pattern[open + 1..close];
            let class = name.split(':').next().unwrap_or_default();
            if name.contains(':') && Class::ALL.iter().any(|known| known.prefix() == class) {
                return Some((&pattern[..open], name, &pattern[close + 1..]));
            }
        }
        from = open + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{matches, run};

    #[test]
    fn expectations() {
        assert!(matches(
            "a <email:1> b",
            "a email-0123456789abcdef@redacted.invalid b"
        ));
        assert!(!matches("a <email:1> b", "a phone-0123456789abcdef b"));
        assert!(!matches(
            "<ip:1> <ip:1>",
            "ip-0123456789abcdef ip-0123456789abcdee"
        ));
        assert!(!matches(
            "<ip:1> <ip:2>",
            "ip-0123456789abcdef ip-0123456789abcdef"
        ));
        assert!(matches("<b>x</b>", "<b>x</b>"));
    }

    #[test]
    fn all_cases_pass() {
        let outcome = run(&mut || true).unwrap();
        assert!(outcome.failed.is_empty(), "{:#?}", outcome.failed);
        assert!(outcome.runs() > 100);
    }
}
