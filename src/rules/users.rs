//! Users of a status export: failed, pending, pending too long, twice there.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use super::{Check, Finding, registry as checks};
use crate::catalogue::{Catalogue, Confidence};
use crate::report::{Owner, Severity};
use crate::users::columns::Field;
use crate::users::values::{State, instant, is_email};
use crate::users::{Row, UserTable};

/// Provisioning "takes several minutes"; longer than this it is stuck. Our own choice.
const WORKING: Duration = Duration::minutes(30);

/// A user who has not answered for so long will not without being asked. Our own choice.
const WAITING: Duration = Duration::days(7);

/// So many findings of one check are made; one more says how many there are.
pub const MAX_FINDINGS: usize = 1000;

/// An error text is quoted up to here, in characters.
const MAX_QUOTE: usize = 300;

/// How a file is judged.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The instant to judge as of.
    pub as_of: DateTime<Utc>,
    /// The file as named, for subjects.
    pub file: &'a str,
}

/// What Partner Hub offers for a user.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Change the provider's configuration, then delete the user and onboard again.
    DeleteUser,
    /// Change the package.
    ChangePackage,
    /// Retry the activation with a valid e-mail address.
    RetryActivation,
    /// Copy the error text: it is not known.
    #[default]
    CopyErrorText,
    /// Ask the user to do what is pending.
    AskUser,
    /// Wait.
    Wait,
    /// Nothing.
    None,
}

impl Action {
    /// The word in JSON and of the sentence's selector.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeleteUser => "delete-user",
            Self::ChangePackage => "change-package",
            Self::RetryActivation => "retry-activation",
            Self::CopyErrorText => "copy-error-text",
            Self::AskUser => "ask-user",
            Self::Wait => "wait",
            Self::None => "none",
        }
    }
}

/// One user, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<'a> {
    /// The row.
    pub row: &'a Row,
    /// The state.
    pub state: State,
    /// The catalogue entry that explains the error, else empty.
    pub cause: String,
    /// What to do in Partner Hub.
    pub action: Action,
    /// `user.error`, `user.stuck`, `user.pending`; `None` when nothing is wrong.
    pub check: Option<&'static Check>,
    /// Minutes since the last change, if the file says when that was.
    pub minutes: Option<i64>,
    /// Who must act.
    pub owner: Owner,
}

/// Every user of a status export.
pub fn users<'a>(table: &'a UserTable, settings: Settings<'_>, catalogue: &Catalogue) -> Vec<Judged<'a>> {
    let mut known: HashMap<&str, State> = HashMap::new();
    let mut causes: HashMap<&str, Cause> = HashMap::new();
    table
        .rows
        .iter()
        .map(|row| {
            let status = table.cell(row, Field::Status);
            let error = table.cell(row, Field::Error);
            let state = known.entry(status).or_insert_with(|| State::of(status)).clone();
            let since =
                instant(table.cell(row, Field::Changed)).or_else(|| instant(table.cell(row, Field::Created)));
            let age = since.map(|since| settings.as_of - since);
            let mut judged = Judged {
                row,
                state,
                cause: String::new(),
                action: Action::None,
                check: None,
                minutes: age.map(|age| age.num_minutes()),
                owner: Owner::ServiceProvider,
            };
            match &judged.state {
                // Where there is an error text, it failed, whatever the status is called.
                State::Other(_) if !error.is_empty() => judged.state = State::Error,
                State::Provisioned | State::Error | State::Other(_) => {}
                _ => pending(&mut judged, age),
            }
            if matches!(judged.state, State::Error | State::Other(_)) {
                let text = if error.is_empty() { status } else { error };
                let cause = causes
                    .entry(text)
                    .or_insert_with(|| explain(text, catalogue))
                    .clone();
                failed(&mut judged, cause, table);
            }
            judged
        })
        .collect()
}

/// A catalogue entry (empty: none), what to do, who must.
type Cause = (String, Action, Owner);

fn failed(judged: &mut Judged<'_>, cause: Cause, table: &UserTable) {
    judged.check = Some(&checks::USER_ERROR);
    (judged.cause, judged.action, judged.owner) = cause;
    // Without a valid address no retry can work, whatever else is wrong.
    let has_address = table.column(Field::Email).is_none() || is_email(table.cell(judged.row, Field::Email));
    if !has_address && judged.cause.is_empty() {
        judged.cause.push_str("email-invalid");
        judged.action = Action::RetryActivation;
    }
}

fn pending(judged: &mut Judged<'_>, age: Option<Duration>) {
    let for_user = judged.state.waits_for_user();
    let limit = if for_user { WAITING } else { WORKING };
    let is_stuck = age.is_some_and(|age| age > limit);
    judged.check = Some(if is_stuck {
        &checks::USER_STUCK
    } else {
        &checks::USER_PENDING
    });
    (judged.action, judged.owner) = match (is_stuck, for_user) {
        (_, true) => (Action::AskUser, Owner::Customer),
        (true, false) => (Action::RetryActivation, Owner::ServiceProvider),
        (false, false) => (Action::Wait, Owner::Webex),
    };
}

/// The catalogue's entry for an error text, and what it says to do. A match that is only possible is none.
fn explain(text: &str, catalogue: &Catalogue) -> Cause {
    catalogue
        .explain(text)
        .into_iter()
        .find(|found| found.confidence > Confidence::Possible)
        .map_or(
            (String::new(), Action::CopyErrorText, Owner::ServiceProvider),
            |found| (found.entry.id.clone(), found.entry.action, found.entry.owner),
        )
}

/// The findings about judged users: failed, stuck and pending ones, then duplicates.
pub fn judge(table: &UserTable, users: &[Judged<'_>], settings: Settings<'_>) -> Vec<Finding> {
    let mut findings = Limited::default();
    for user in users {
        let Some(check) = user.check else { continue };
        findings.push(check, || finding(table, user, check, settings));
    }
    add_duplicates(table, settings, &mut findings);
    if findings.all.is_empty() {
        findings
            .all
            .push(Finding::ok(&checks::USER_ERROR, settings.file).arg("count", table.rows.len()));
    }
    findings.finish(settings.file)
}

fn finding(table: &UserTable, user: &Judged<'_>, check: &'static Check, settings: Settings<'_>) -> Finding {
    let error: String = table
        .cell(user.row, Field::Error)
        .chars()
        .take(MAX_QUOTE)
        .collect();
    let status = table.cell(user.row, Field::Status);
    let finding = Finding::new(check, subject(table, user.row, settings.file))
        .owner(user.owner)
        .arg("line", user.row.line)
        .arg("status", status)
        .arg("action", user.action.as_str())
        .arg("minutes", user.minutes.unwrap_or_default())
        .arg("known", if user.minutes.is_some() { "yes" } else { "no" })
        .data("row", user.row.line)
        .data("state", user.state.as_str())
        .data("action", user.action.as_str())
        .data("cause", user.cause.as_str());
    if matches!(user.state, State::Other(_)) {
        // Unknown is not failed, and not ok either.
        finding.severity(Severity::Unknown).variant("status")
    } else if check.id == checks::USER_ERROR.id {
        let text = if error.is_empty() { "none" } else { "some" };
        finding
            .arg("text", text)
            .arg("error", error.as_str())
            .data("error", error)
    } else if check.id == checks::USER_STUCK.id {
        finding.severity(Severity::Warning)
    } else {
        finding
    }
}

/// The BroadWorks ID, else the e-mail address, else `file:line`.
pub fn subject(table: &UserTable, row: &Row, file: &str) -> String {
    [Field::BroadworksId, Field::Email]
        .into_iter()
        .map(|field| table.cell(row, field))
        .find(|cell| !cell.is_empty())
        .map_or_else(|| format!("{file}:{}", row.line), str::to_owned)
}

/// Users that are there twice; also for files to be imported.
pub fn duplicates(table: &UserTable, settings: Settings<'_>) -> Vec<Finding> {
    let mut findings = Limited::default();
    add_duplicates(table, settings, &mut findings);
    findings.finish(settings.file)
}

/// One BroadWorks ID in two rows, one e-mail address on two BroadWorks IDs.
fn add_duplicates(table: &UserTable, settings: Settings<'_>, findings: &mut Limited) {
    for field in [Field::BroadworksId, Field::Email] {
        let mut first: HashMap<String, &Row> = HashMap::with_capacity(table.rows.len());
        for row in &table.rows {
            let value = table.cell(row, field);
            if value.is_empty() {
                continue;
            }
            let earlier = *first.entry(value.to_lowercase()).or_insert(row);
            if earlier.line == row.line {
                continue;
            }
            let id = |row| table.cell(row, Field::BroadworksId);
            // The same BroadWorks ID twice is already said.
            if field == Field::Email && !id(row).is_empty() && id(earlier).eq_ignore_ascii_case(id(row)) {
                continue;
            }
            findings.push(&checks::USER_DUPLICATE, || {
                Finding::new(&checks::USER_DUPLICATE, format!("{}:{}", settings.file, row.line))
                    .arg("field", field.as_str())
                    .arg("value", value)
                    .arg("line", row.line)
                    .arg("earlier", earlier.line)
                    .data("row", row.line)
                    .data("earlier", earlier.line)
                    .data("field", field.as_str())
                    .data("value", value)
            });
        }
    }
}

/// Findings, at most [`MAX_FINDINGS`] of one check.
#[derive(Debug, Default)]
pub(super) struct Limited {
    pub(super) all: Vec<Finding>,
    counts: Vec<(&'static Check, usize)>,
}

impl Limited {
    /// Adds a finding unless there are already enough of its check; counts it in any case.
    pub(super) fn push(&mut self, check: &'static Check, make: impl FnOnce() -> Finding) {
        let index = self
            .counts
            .iter()
            .position(|(counted, _)| counted.id == check.id)
            .unwrap_or_else(|| {
                self.counts.push((check, 0));
                self.counts.len() - 1
            });
        if let Some((_, count)) = self.counts.get_mut(index) {
            *count += 1;
            if *count <= MAX_FINDINGS {
                self.all.push(make());
            }
        }
    }

    /// The findings, and for each check with too many one that says how many more there are.
    pub(super) fn finish(mut self, file: &str) -> Vec<Finding> {
        for (check, count) in self.counts {
            if count > MAX_FINDINGS {
                let finding = Finding::new(check, file)
                    .variant("more")
                    .arg("count", count - MAX_FINDINGS)
                    .data("more", count - MAX_FINDINGS);
                self.all.push(finding);
            }
        }
        self.all
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{Action, MAX_FINDINGS, Settings, judge, users};
    use crate::catalogue::Catalogue;
    use crate::i18n::{Catalog, Lang};
    use crate::rules::Finding;
    use crate::users::read;

    fn settings() -> Settings<'static> {
        Settings {
            as_of: DateTime::parse_from_rfc3339("2026-11-22T00:00:00Z")
                .unwrap()
                .with_timezone(&Utc),
            file: "users.csv",
        }
    }

    fn judged(text: &str) -> (Vec<Finding>, Vec<(String, Action)>) {
        let table = read(text.as_bytes()).unwrap();
        let users = users(&table, settings(), &Catalogue::embedded());
        let actions = users
            .iter()
            .map(|user| (user.cause.clone(), user.action))
            .collect();
        (judge(&table, &users, settings()), actions)
    }

    fn summary(findings: &[Finding]) -> Vec<(&str, &str)> {
        findings
            .iter()
            .map(|finding| (finding.check.id, finding.subject.as_str()))
            .collect()
    }

    #[test]
    fn failed_pending_and_stuck_users_and_their_actions() {
        let (findings, actions) = judged(
            "BroadWorks ID,Email,Status,Last Status Change,Error\n\
             u1,a@example.com,provisioned,2026-11-01T00:00:00Z,\n\
             u2,b@example.com,error,,The BroadWorks UserID is already associated with an existing user\n\
             u3,,error,,something new\n\
             u4,d@example.com,provisioning,2026-11-21T23:50:00Z,\n\
             u5,e@example.com,provisioning,2026-11-21T20:00:00Z,\n\
             u6,f@example.com,pending_email_input,2026-11-20T00:00:00Z,\n\
             u7,g@example.com,pending_email_validation,2026-11-01T00:00:00Z,\n\
             u8,h@example.com,updating,,\n\
             u9,i@example.com,purple,,\n",
        );
        assert_eq!(
            summary(&findings),
            [
                ("user.error", "u2"),
                ("user.error", "u3"),
                ("user.pending", "u4"),
                ("user.stuck", "u5"),
                ("user.pending", "u6"),
                ("user.stuck", "u7"),
                ("user.pending", "u8"),
                ("user.error", "u9"),
            ]
        );
        let expected = [
            ("", Action::None),
            ("broadworks-id-taken", Action::DeleteUser),
            ("email-invalid", Action::RetryActivation),
            ("", Action::Wait),
            ("", Action::RetryActivation),
            ("", Action::AskUser),
            ("", Action::AskUser),
            ("", Action::Wait),
            ("", Action::CopyErrorText),
        ];
        assert_eq!(
            actions,
            expected.map(|(cause, action)| (cause.to_owned(), action))
        );
    }

    #[test]
    fn duplicates_by_broadworks_id_and_by_email() {
        let (findings, _) = judged(
            "BroadWorks ID;Email;Status\nu1;a@example.com;provisioned\nU1;a@example.com;provisioned\nu3;A@example.com;provisioned\n",
        );
        let seen: Vec<_> = findings
            .iter()
            .map(|finding| (finding.subject.as_str(), finding.data["field"].as_str().unwrap()))
            .collect();
        assert_eq!(seen, [("users.csv:3", "broadworks_id"), ("users.csv:4", "email")]);
    }

    #[test]
    fn many_are_summed_up_and_none_is_ok() {
        let rows: Vec<String> = (0..MAX_FINDINGS + 5)
            .map(|number| format!("u{number},error"))
            .collect();
        let text = format!("BroadWorks ID,Status\n{}\n", rows.join("\n"));
        let (findings, _) = judged(&text);
        assert_eq!(findings.len(), MAX_FINDINGS + 1);
        assert_eq!(findings.last().unwrap().data["more"], 5);
        let (findings, _) = judged("BroadWorks ID,Status\nu1,provisioned\n");
        assert_eq!(findings.len(), 1);
        assert_eq!(&*findings[0].message.key, "user-error--ok");
    }

    #[test]
    fn every_sentence_exists() {
        let text = "BroadWorks ID,Email,Status,Changed,Error\nu1,a@example.com,error,,x\nu1,b@example.com,pending,,\nu3,a@example.com,updating,2026-11-01T00:00:00Z,\nu4,c@example.com,error,,\n";
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            for finding in judged(text).0 {
                let localized = finding.localize(&catalog);
                assert_ne!(localized.title, finding.message.key, "{lang}");
                assert!(
                    !localized.detail.is_empty() && !localized.remedy.is_empty(),
                    "{lang} {}",
                    finding.message.key
                );
            }
        }
    }
}
