//! From a report and what was said before to what is to be said now. Pure: no I/O, no clock but the one handed in.
//!
//! * A certificate is one problem however many ports serve it; each of its thresholds (warning, critical, expired) is
//!   said once. Anything else is one problem for each check and subject; it is said again only when it becomes worse.
//! * What lasts is said again after a while, more often in the last days of a certificate.
//! * It is over when [`GONE_AFTER`] runs one after the other looked for it and did not find it. A server that does not
//!   answer was not looked at, so nothing is over because of it; one that answers differently each time is a problem
//!   that lasts, not a message for each run.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::state::{Kind, Known, Level, Pending, Said, State};
use crate::config::NotifyWhen;
use crate::report::{Finding, Report, Severity};

/// After so many good runs a problem is over.
pub const GONE_AFTER: u8 = 2;
/// From so many days before its end on, a certificate is in its last days.
const LAST_DAYS: i64 = 7;
/// What nobody looked at for so long is forgotten: the server is no longer among the targets.
const FORGET_AFTER: TimeDelta = TimeDelta::days(90);
/// A clock is a little off; a last message further in the future than this was written by a clock that was wrong.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// A destination as far as planning goes.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Its name in the state.
    pub name: String,
    /// From which severity on.
    pub when: NotifyWhen,
    /// How often what lasts is said again.
    pub remind: TimeDelta,
    /// The same in the last days of a certificate.
    pub remind_last: TimeDelta,
    /// Whether the receiver knows a message again by its identifier, so that one whose fate is not known can be
    /// repeated.
    pub knows_ids: bool,
}

impl Rules {
    fn wants(&self, level: Level) -> bool {
        let from = match self.when {
            NotifyWhen::Unknown => Level::Unknown,
            NotifyWhen::Warning => Level::Warning,
            NotifyWhen::Critical => Level::Critical,
        };
        level >= from
    }
}

/// One message that is to leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Which destination, by its position.
    pub destination: usize,
    /// The problem's key in the state.
    pub key: String,
    /// Identifier, kind and level.
    pub pending: Pending,
    /// The finding; none when it is over.
    pub finding: Option<Finding>,
    /// Where it was seen.
    pub subjects: Vec<String>,
    /// The check.
    pub check: String,
    /// The title, also when there is no finding any more.
    pub title: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The level that was said before, if any.
    pub before: Option<Level>,
}

/// A problem of this run.
struct Seen<'a> {
    finding: &'a Finding,
    level: Level,
    subjects: Vec<String>,
}

const DATED: [(&str, &str); 4] = [
    ("cert.expired", "cert"),
    ("cert.expires-soon", "cert"),
    ("trust.expired", "trust"),
    ("trust.expires-soon", "trust"),
];

/// The key of a finding, and whether it is about the end of a certificate.
fn key(finding: &Finding) -> (String, bool) {
    let dated = DATED.iter().find(|(check, _)| *check == finding.check);
    let hash = finding.data.get("sha256").and_then(serde_json::Value::as_str);
    match (dated, hash) {
        (Some((_, area)), Some(hash)) => (format!("{area}:{hash}"), true),
        _ => (format!("{}:{}", finding.check, finding.subject), false),
    }
}

fn level(finding: &Finding) -> Option<Level> {
    match finding.severity {
        Severity::Ok | Severity::Info => None,
        Severity::Unknown => Some(Level::Unknown),
        Severity::Warning => Some(Level::Warning),
        Severity::Critical if finding.check.ends_with(".expired") => Some(Level::Expired),
        Severity::Critical => Some(Level::Critical),
    }
}

fn problems(report: &Report) -> BTreeMap<String, Seen<'_>> {
    let mut seen: BTreeMap<String, Seen<'_>> = BTreeMap::new();
    for finding in &report.findings {
        // What only a service request needs is nobody's alarm.
        let Some(level) = level(finding).filter(|_| !finding.check.starts_with("case.")) else {
            continue;
        };
        let (key, _) = key(finding);
        let entry = seen.entry(key).or_insert_with(|| Seen {
            finding,
            level,
            subjects: Vec::new(),
        });
        if level > entry.level {
            entry.level = level;
            entry.finding = finding;
        }
        if !entry.subjects.contains(&finding.subject) {
            entry.subjects.push(finding.subject.clone());
        }
    }
    seen
}

/// Whether this run looked at what a problem was about.
fn looked_at(report: &Report, check: &str, subject: &str) -> bool {
    let area = check.split('.').next().unwrap_or_default();
    let passed = |finding: &&Finding| finding.severity <= Severity::Info;
    if area == "status" {
        return report
            .findings
            .iter()
            .filter(|finding| finding.check == "status.reachable")
            .any(|finding| passed(&finding));
    }
    let mut about = report
        .findings
        .iter()
        .filter(|finding| finding.subject == subject)
        .peekable();
    if about.peek().is_none() {
        return false;
    }
    // A server that did not answer was not looked at; the connection itself was.
    area == "tls"
        || about.all(|finding| {
            !matches!(finding.check.as_str(), "tls.connect" | "tls.handshake") || passed(&finding)
        })
}

/// Brings the state up to this run and says what is due. What is due is not marked yet: see [`begin`].
pub fn plan(state: &mut State, report: &Report, rules: &[Rules], now: DateTime<Utc>) -> Vec<Due> {
    let seen = problems(report);
    for (key, seen) in &seen {
        observe(state, key, seen, now);
    }
    for (key, known) in &mut state.problems {
        let looked = || {
            let mut subjects = known.subjects.iter();
            subjects.all(|subject| looked_at(report, &known.check, subject))
        };
        if !seen.contains_key(key) && looked() {
            known.gone = known.gone.saturating_add(1);
        }
    }
    state.problems.retain(|_, known| now - known.seen < FORGET_AFTER);
    let mut due = Vec::new();
    for (destination, rules) in rules.iter().enumerate() {
        for (key, known) in &mut state.problems {
            let found = seen.get(key);
            let in_last_days = found.is_some_and(|seen| is_in_last_days(seen.finding));
            let Some(pending) = next(key, known, rules, in_last_days, found.is_some(), now) else {
                continue;
            };
            let before = known.said.get(&rules.name).and_then(|said| said.level);
            due.push(Due {
                destination,
                key: key.clone(),
                pending,
                finding: found.map(|seen| seen.finding.clone()),
                subjects: known.subjects.clone(),
                check: known.check.clone(),
                title: known.title.clone(),
                since: known.since,
                before,
            });
        }
    }
    // Over, and nobody is to be told: nothing was said, or somebody else's affair.
    state.problems.retain(|_, known| {
        known.gone < GONE_AFTER
            || known
                .said
                .values()
                .any(|said| said.level.is_some() || said.pending.is_some())
    });
    // What hurts most leaves first, should the time run out.
    due.sort_by_key(|due| std::cmp::Reverse(due.pending.level));
    due
}

fn observe(state: &mut State, key: &str, seen: &Seen<'_>, now: DateTime<Utc>) {
    let known = state.problems.entry(key.to_owned()).or_insert_with(|| Known {
        check: seen.finding.check.clone(),
        subjects: Vec::new(),
        title: String::new(),
        level: seen.level,
        since: now,
        seen: now,
        gone: 0,
        said: BTreeMap::new(),
    });
    known.check.clone_from(&seen.finding.check);
    known.subjects.clone_from(&seen.subjects);
    known.title.clone_from(&seen.finding.title);
    known.level = seen.level;
    known.seen = now;
    known.gone = 0;
}

fn is_in_last_days(finding: &Finding) -> bool {
    let (_, dated) = key(finding);
    let days = finding.data.get("days_left").and_then(serde_json::Value::as_i64);
    dated && (finding.check.ends_with(".expired") || days.is_some_and(|days| days <= LAST_DAYS))
}

/// What is to be said of one problem at one destination, if anything.
fn next(
    key: &str,
    known: &mut Known,
    rules: &Rules,
    in_last_days: bool,
    is_there: bool,
    now: DateTime<Utc>,
) -> Option<Pending> {
    let said = known.said.entry(rules.name.clone()).or_default();
    if let Some(pending) = said.pending.take() {
        if rules.knows_ids {
            // Its fate is not known; the receiver knows it again.
            said.pending = Some(pending.clone());
            return Some(pending);
        }
        // Nobody could tell a second one from a repetition: it counts as said. Should it have been lost, the next
        // reminder comes sooner.
        settle(said, &pending, now - rules.remind + rules.remind_last);
    }
    if said.at.is_some_and(|at| at > now + SKEW) {
        // Written by a clock that was ahead. Nothing is said because of it, and time counts from now on.
        said.at = Some(now);
    }
    let make = |kind: Kind, level: Level, count: u32| Pending {
        id: identifier(&[
            key,
            &rules.name,
            kind.as_str(),
            level.as_str(),
            &known.since.to_rfc3339(),
            &count.to_string(),
        ]),
        kind,
        level,
        at: now,
    };
    if known.gone >= GONE_AFTER {
        return said.level.map(|level| make(Kind::Recovered, level, said.count));
    }
    if !is_there || !rules.wants(known.level) {
        return None;
    }
    if said.level.is_none_or(|level| known.level > level) {
        return Some(make(Kind::Raised, known.level, said.count));
    }
    let after = if in_last_days {
        rules.remind_last.min(rules.remind)
    } else {
        rules.remind
    };
    let is_time = said.at.is_none_or(|at| now - at >= after);
    is_time.then(|| make(Kind::Reminder, known.level, said.count))
}

/// The same for the same message, however often it is planned.
fn identifier(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut text = crate::x509::name::hex(&hash.finalize());
    text.truncate(32);
    text
}

/// Marks what is about to leave; the state is written before it does.
pub fn begin(state: &mut State, due: &Due, rules: &Rules) {
    if let Some(known) = state.problems.get_mut(&due.key) {
        let said = known.said.entry(rules.name.clone()).or_default();
        said.pending = Some(due.pending.clone());
    }
}

/// Marks what has arrived.
pub fn arrived(state: &mut State, due: &Due, rules: &Rules) {
    let Some(known) = state.problems.get_mut(&due.key) else {
        return;
    };
    let said = known.said.entry(rules.name.clone()).or_default();
    said.pending = None;
    if due.pending.kind == Kind::Recovered {
        known.said.remove(&rules.name);
        if known
            .said
            .values()
            .all(|said| said.level.is_none() && said.pending.is_none())
        {
            state.problems.remove(&due.key);
        }
        return;
    }
    settle(said, &due.pending, due.pending.at);
}

/// Marks what certainly did not arrive: the next run says it.
pub fn lost(state: &mut State, due: &Due, rules: &Rules) {
    if let Some(said) = state
        .problems
        .get_mut(&due.key)
        .and_then(|known| known.said.get_mut(&rules.name))
    {
        said.pending = None;
    }
}

fn settle(said: &mut Said, pending: &Pending, at: DateTime<Utc>) {
    said.count = said.count.saturating_add(1);
    said.at = Some(at);
    said.level = match pending.kind {
        Kind::Recovered | Kind::Test => None,
        Kind::Raised | Kind::Reminder => said.level.max(Some(pending.level)),
    };
}
