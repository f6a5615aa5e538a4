//! Whether a BroadWorks release is still supported.

use std::collections::HashSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{Finding, registry as checks};
use crate::case::Fact;
use crate::catalogue::releases::Releases;
use crate::report::Severity;

/// An end of maintenance closer than this is said beforehand. Our own choice: an upgrade takes months.
const SOON: Duration = Duration::days(180);

/// What a release text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parsed {
    /// A major release: `24`.
    Major(u16),
    /// A release-independent version `YYYY.MM`, not tied to a major release.
    Independent(u16, u8),
    /// Not a BroadWorks release.
    Unreadable,
}

/// One finding for each release; the subject is the server's role (`as`, `xsp`), else the release as written.
pub fn judge(releases: &[Fact], as_of: DateTime<Utc>) -> Vec<Finding> {
    // A list of patches names one release many times.
    let mut seen = HashSet::new();
    let table = Releases::embedded();
    let mut findings: Vec<Finding> = releases
        .iter()
        .filter(|fact| seen.insert((role(fact), parse(&fact.value))))
        .map(|fact| judge_one(fact, as_of, table))
        .collect();
    findings.extend(super::patch::judge(releases, table));
    findings
}

/// The server that a release is of: as a person said, else as the name itself says, else nothing certain.
pub(super) fn role(fact: &Fact) -> String {
    let is_said = fact.source.starts_with("--") || fact.source.starts_with('[');
    let own = super::patch::server(&fact.value);
    match (&fact.label, own) {
        (Some(label), _) if is_said => label.to_lowercase(),
        (_, Some(server)) => server,
        (Some(label), None) => label.clone(),
        (None, None) => "BroadWorks".to_owned(),
    }
}

fn judge_one(fact: &Fact, as_of: DateTime<Utc>, table: &Releases) -> Finding {
    let subject = role(fact);
    let today = as_of.date_naive();
    let unknown = |reason: &str, major: u16| {
        Finding::new(&checks::RELEASE_UNKNOWN, subject.as_str())
            .arg("release", &fact.value)
            .arg("reason", reason)
            .arg("major", major.to_string())
            .arg("dated", day(table.dated))
            .data("release", fact.value.as_str())
            .data("reason", reason)
    };
    let major = match parse(&fact.value) {
        Parsed::Unreadable => return unknown("unreadable", 0),
        Parsed::Independent(..) => return unknown("independent", 0),
        Parsed::Major(major) if major > table.current => return unknown("newer", major),
        Parsed::Major(major) => major,
    };
    let finding = Finding::new(&checks::RELEASE_UNSUPPORTED, subject.as_str())
        .arg("release", &fact.value)
        // As text: release 24 is a name and must not be grouped or rounded.
        .arg("major", major.to_string())
        .arg("current", table.current.to_string())
        .arg("dated", day(table.dated))
        .data("release", fact.value.as_str())
        .data("major", major)
        .data("current", table.current);
    let ends = table.maintenance_ends(major);
    let finding = finding.arg("ends", ends.map(day).unwrap_or_default());
    match ends {
        Some(ends) if ends < today => finding.arg("kind", "ended").data("maintenance_ends", day(ends)),
        _ if major < table.oldest_supported() => finding.arg("kind", "n-2"),
        Some(ends) if ends - today <= SOON => finding
            .severity(Severity::Info)
            .variant("ends")
            .data("maintenance_ends", day(ends)),
        _ => finding.severity(Severity::Ok).variant("ok"),
    }
}

/// Reads `25`, `24.0`, `R24`, `24.sp1`, `Rel_24.0_1.944`, `AS-25_Rel_2022.12`, `Xsi-Events-24_2021.05_1.251.bwar`,
/// `AP.as.24.0.944.ap384177`, and the release-independent `2022.11`, `Rel_2022.10_1.310`, `MS_Rel_2022.11_1.273`.
pub fn parse(text: &str) -> Parsed {
    let text = text.trim();
    if text.len() > 200 || !text.is_ascii() {
        return Parsed::Unreadable;
    }
    let mut independent = None;
    // Numbers with their neighbours decide: the first plausible major release that is not part of a longer name.
    for part in text.split(['_', '-', ' ', '/']) {
        if let Some(found) = year_and_month(part) {
            independent.get_or_insert(found);
            continue;
        }
        let lower = part.to_ascii_lowercase();
        let patch = lower
            .strip_prefix("ap.")
            .map(|rest| rest.split_once('.').map_or("", |(_, rest)| rest));
        let number = patch.unwrap_or_else(|| {
            let bare = lower.trim_start_matches("release").trim_start_matches("rel");
            bare.strip_prefix(['r', 'v']).unwrap_or(bare)
        });
        if let Some(major) = major(number) {
            return Parsed::Major(major);
        }
    }
    independent.map_or(Parsed::Unreadable, |(year, month)| {
        Parsed::Independent(year, month)
    })
}

/// `2022.11`
fn year_and_month(part: &str) -> Option<(u16, u8)> {
    let mut numbers = part.split('.');
    let year: u16 = numbers.next()?.parse().ok()?;
    let month: u8 = numbers.next()?.parse().ok()?;
    ((2015..=2099).contains(&year) && (1..=12).contains(&month)).then_some((year, month))
}

/// `24`, `24.0`, `24.0.944.ap384177`, `24sp1`: the majors that BroadWorks ever had are two-digit since release 10.
fn major(text: &str) -> Option<u16> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let separated = rest.is_empty() || rest.starts_with('.') || rest.starts_with("sp");
    let number: u16 = number.parse().ok()?;
    (digits == 2 && separated && (10..=99).contains(&number)).then_some(number)
}

fn day(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{Parsed, judge, parse};
    use crate::case::Fact;
    use crate::i18n::{Catalog, Lang};
    use crate::report::Severity;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn fact(value: &str) -> Fact {
        Fact {
            value: value.to_owned(),
            source: "--broadworks-release".to_owned(),
            label: Some("as".to_owned()),
            text: None,
            at: None,
        }
    }

    #[test]
    fn every_way_a_release_is_written() {
        for (text, expected) in [
            ("24.0", Parsed::Major(24)),
            ("25", Parsed::Major(25)),
            ("R26", Parsed::Major(26)),
            ("Release 25.0", Parsed::Major(25)),
            ("22.sp1", Parsed::Major(22)),
            ("Rel_24.0_1.944", Parsed::Major(24)),
            ("AS-25_Rel_2022.12", Parsed::Major(25)),
            ("AP.as.24.0.944.ap384177", Parsed::Major(24)),
            ("AP.xsp.22.0.1123.ap376508", Parsed::Major(22)),
            ("Xsi-Events-24_2021.05_1.251.bwar", Parsed::Major(24)),
            ("2022.11", Parsed::Independent(2022, 11)),
            ("Rel_2022.10_1.310", Parsed::Independent(2022, 10)),
            ("MS_Rel_2022.11_1.273", Parsed::Independent(2022, 11)),
            ("", Parsed::Unreadable),
            ("latest", Parsed::Unreadable),
            ("10.0.0.1x", Parsed::Major(10)),
            ("240", Parsed::Unreadable),
            ("2022.13", Parsed::Unreadable),
            ("Ünïcode 24", Parsed::Unreadable),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn support_ends_with_the_date_and_with_n_minus_two() {
        let now = at("2026-11-22T00:00:00Z");
        let outcome = |value: &str, now| {
            let finding = judge(&[fact(value)], now).remove(0);
            (
                finding.check.id,
                finding.severity,
                finding.message.key.into_owned(),
            )
        };
        assert_eq!(
            outcome("24.0", now),
            (
                "release.unsupported",
                Severity::Warning,
                "release-unsupported".to_owned()
            )
        );
        assert_eq!(
            outcome("24.0", at("2026-05-01T00:00:00Z")).2,
            "release-unsupported--ends"
        );
        assert_eq!(
            outcome("24.0", at("2025-05-01T00:00:00Z")).2,
            "release-unsupported--ok"
        );
        assert_eq!(outcome("23.0", at("2025-05-01T00:00:00Z")).1, Severity::Warning);
        assert_eq!(outcome("Rel_25.0_1.1", now).1, Severity::Ok);
        assert_eq!(outcome("27", now).0, "release.unknown");
        assert_eq!(
            outcome("2022.11", now),
            ("release.unknown", Severity::Unknown, "release-unknown".to_owned())
        );
    }

    #[test]
    fn sentences_name_the_release_as_written() {
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            for value in ["AP.as.24.0.944.ap384177", "22", "26", "2022.11", "27", "?"] {
                let finding = judge(&[fact(value)], at("2026-11-22T00:00:00Z"))
                    .remove(0)
                    .localize(&catalog);
                assert!(finding.title.contains(value), "{lang}: {}", finding.title);
                assert!(!finding.detail.is_empty());
            }
        }
    }
}
