//! Bulk-user CSV files before they are imported: mandatory fields, TRUE and FALSE, addresses, numbers, packages; and
//! what is wrong with any file of users as a file.

use super::users::{Limited, Settings};
use super::{Check, Finding, registry as checks};
use crate::report::Severity;
use crate::users::columns::{Field, Offer};
use crate::users::values::{Number, Truth, has_plus, is_email, is_extension, number};
use crate::users::{ProblemKind, Row, TableKind, UserTable};

/// An invalid value is quoted up to here, in characters.
const MAX_QUOTE: usize = 60;

/// What is wrong with the file itself; for every kind of file.
pub fn judge_file(table: &UserTable, settings: Settings<'_>) -> Vec<Finding> {
    let mut findings = Limited::default();
    let check = &checks::CSV_ENCODING;
    for problem in &table.problems {
        findings.push(check, || {
            let finding = Finding::new(check, format!("{}:{}", settings.file, problem.line))
                .arg("line", problem.line)
                .data("line", problem.line);
            match &problem.kind {
                ProblemKind::OpenQuote => finding.variant("open-quote"),
                ProblemKind::Cells { found, expected } => finding
                    .variant("cells")
                    .arg("found", *found)
                    .arg("expected", *expected)
                    .data("found", *found)
                    .data("expected", *expected),
                ProblemKind::Encoding(name) => finding
                    .severity(Severity::Info)
                    .variant("guessed")
                    .arg("encoding", *name)
                    .data("encoding", *name),
                ProblemKind::Undecodable => finding,
                ProblemKind::HugeCell { column, bytes } => finding
                    .variant("huge")
                    .arg("column", column)
                    .arg("bytes", *bytes)
                    .data("column", column.as_str())
                    .data("bytes", *bytes),
                ProblemKind::Header => {
                    let names: String = table.header.join(", ").chars().take(MAX_QUOTE * 4).collect();
                    finding.variant("header").arg("names", names)
                }
            }
        });
    }
    findings.finish(settings.file)
}

/// Every row of an import file.
pub fn judge_import(table: &UserTable, settings: Settings<'_>) -> Vec<Finding> {
    if table.kind != TableKind::Import {
        return Vec::new();
    }
    let mut rules = Rules {
        table,
        settings,
        findings: Limited::default(),
        offers: table
            .fields
            .iter()
            .enumerate()
            .filter_map(|(index, field)| match field {
                Some(Field::Offer(offer)) => Some((index, *offer)),
                _ => None,
            })
            .collect(),
    };
    rules.columns();
    let mut removals = 0;
    for row in &table.rows {
        removals += usize::from(rules.row(row));
    }
    rules.file(removals);
    if rules
        .findings
        .all
        .iter()
        .all(|finding| finding.severity <= Severity::Info)
    {
        let ok = Finding::ok(&checks::CSV_MISSING_FIELD, settings.file).arg("count", table.rows.len());
        rules.findings.all.push(ok);
    }
    rules.findings.finish(settings.file)
}

struct Rules<'a> {
    table: &'a UserTable,
    settings: Settings<'a>,
    findings: Limited,
    offers: Vec<(usize, Offer)>,
}

impl Rules<'_> {
    /// Columns that every file needs.
    fn columns(&mut self) {
        let needed = [Field::Email, Field::JabberCalling, Field::JabberTeams];
        let needs_number = self.offers.iter().any(|(_, offer)| offer.needs_number());
        let mut missing: Vec<&str> = needed
            .into_iter()
            .filter(|field| self.table.column(*field).is_none())
            .map(Field::as_str)
            .collect();
        if needs_number {
            let has = |field| self.table.column(field).is_some();
            if !has(Field::Extension) && !has(Field::Phone) {
                missing.push("extension");
            }
            if !has(Field::Location) {
                missing.push("location");
            }
        }
        let line = self.table.header_line;
        for field in missing {
            self.findings.push(&checks::CSV_MISSING_FIELD, || {
                Finding::new(
                    &checks::CSV_MISSING_FIELD,
                    format!("{}:{line}", self.settings.file),
                )
                .variant("column")
                .arg("field", field)
                .arg("line", line)
                .data("field", field)
                .data("line", line)
            });
        }
    }

    /// Gives back whether the row removes the user.
    fn row(&mut self, row: &Row) -> bool {
        let on = self.packages(row);
        let is_removal = self.is_removal(row);
        if !is_removal {
            self.mandatory(row, &on);
        }
        self.values(row);
        is_removal
    }

    /// Which packages the row switches on; several at once are a conflict.
    fn packages(&mut self, row: &Row) -> Vec<Offer> {
        let truth = |index: usize| Truth::of(row.cells.get(index).map_or("", String::as_str));
        let on: Vec<Offer> = self
            .offers
            .iter()
            .filter(|(index, _)| truth(*index).meant() == Some(true))
            .map(|(_, offer)| *offer)
            .collect();
        let off = self
            .offers
            .iter()
            .filter(|(index, _)| truth(*index).meant() == Some(false))
            .count();
        let names = on.iter().map(|offer| offer.name()).collect::<Vec<_>>().join(", ");
        let conflict = &checks::CSV_PACKAGE_CONFLICT;
        let subject = self.subject(row);
        if on.len() > 1 {
            self.findings.push(conflict, || {
                Finding::new(conflict, subject.clone())
                    .arg("packages", names.as_str())
                    .arg("line", row.line)
                    .data("line", row.line)
                    .data("packages", names.as_str())
            });
        }
        if on.is_empty() && off > 0 && off < self.offers.len() {
            self.findings.push(conflict, || {
                Finding::new(conflict, subject.clone())
                    .variant("removal-incomplete")
                    .arg("line", row.line)
                    .data("line", row.line)
            });
        }
        if !on.is_empty()
            && let Some(name) = self.base_licence(row)
        {
            self.findings.push(conflict, || {
                Finding::new(conflict, subject)
                    .severity(Severity::Info)
                    .variant("base")
                    .arg("licence", name.as_str())
                    .arg("line", row.line)
                    .data("line", row.line)
                    .data("licence", name.as_str())
            });
        }
        on
    }

    /// The first base licence that the row switches on beside the package.
    fn base_licence(&self, row: &Row) -> Option<String> {
        self.table.fields.iter().enumerate().find_map(|(index, field)| {
            let is_on = Truth::of(row.cells.get(index).map_or("", String::as_str)).meant() == Some(true);
            (matches!(field, Some(Field::BaseLicence(_))) && is_on)
                .then(|| self.table.header.get(index).cloned())
                .flatten()
        })
    }

    /// All package columns FALSE: the user is to be deleted.
    fn is_removal(&self, row: &Row) -> bool {
        !self.offers.is_empty()
            && self.offers.iter().all(|(index, _)| {
                Truth::of(row.cells.get(*index).map_or("", String::as_str)).meant() == Some(false)
            })
    }

    /// Mandatory fields of the packages. Source: Cisco's table of mandatory CSV fields.
    fn mandatory(&mut self, row: &Row, on: &[Offer]) {
        let mut missing: Vec<Field> = Vec::new();
        let is_blank = |field| self.table.cell(row, field).is_empty();
        let has_column = |field| self.table.column(field).is_some();
        if has_column(Field::Email) && is_blank(Field::Email) {
            missing.push(Field::Email);
        }
        if on.iter().any(|offer| offer.needs_number()) {
            let has_number_column = has_column(Field::Extension) || has_column(Field::Phone);
            if has_number_column && is_blank(Field::Extension) && is_blank(Field::Phone) {
                missing.push(Field::Extension);
            }
            if has_column(Field::Location) && is_blank(Field::Location) {
                missing.push(Field::Location);
            }
        }
        if !on.is_empty() {
            for field in [Field::JabberCalling, Field::JabberTeams] {
                if has_column(field) && is_blank(field) {
                    missing.push(field);
                }
            }
        }
        let check = &checks::CSV_MISSING_FIELD;
        let packages = on.iter().map(|offer| offer.name()).collect::<Vec<_>>().join(", ");
        for field in missing {
            let subject = self.subject(row);
            let column = self.table.name(field).unwrap_or_default();
            self.findings.push(check, || {
                Finding::new(check, subject)
                    .arg("field", field.as_str())
                    .arg("column", column)
                    .arg("line", row.line)
                    .arg("packages", packages.as_str())
                    .arg(
                        "why",
                        if field == Field::Email {
                            "always"
                        } else {
                            "package"
                        },
                    )
                    .data("line", row.line)
                    .data("field", field.as_str())
                    .data("column", column)
            });
        }
        if on.iter().any(|offer| offer.needs_site()) && is_blank(Field::Site) {
            let subject = self.subject(row);
            self.findings.push(check, || {
                Finding::new(check, subject)
                    .variant("site")
                    .arg("line", row.line)
                    .data("line", row.line)
                    .data("field", Field::Site.as_str())
            });
        }
    }

    fn values(&mut self, row: &Row) {
        for (index, field) in self.table.fields.iter().enumerate() {
            let Some(field) = field else { continue };
            let cell = row.cells.get(index).map_or("", |cell| cell.trim());
            if cell.is_empty() {
                continue;
            }
            let Some((variant, severity)) = fault(*field, cell) else {
                continue;
            };
            let check: &'static Check = &checks::CSV_INVALID_VALUE;
            let subject = self.subject(row);
            let column = self.table.header.get(index).map_or("", String::as_str);
            self.findings.push(check, || {
                let value: String = cell.chars().take(MAX_QUOTE).collect();
                Finding::new(check, subject)
                    .severity(severity)
                    .variant(variant)
                    .arg("column", column)
                    .arg("value", value.as_str())
                    .arg("line", row.line)
                    .data("line", row.line)
                    .data("column", column)
                    .data("value", value)
                    .data("fault", variant)
            });
        }
    }

    /// What is said once for the file.
    fn file(&mut self, removals: usize) {
        let conflict = &checks::CSV_PACKAGE_CONFLICT;
        let file = self.settings.file;
        if removals > 0 {
            self.findings.push(conflict, || {
                Finding::new(conflict, file)
                    .severity(Severity::Info)
                    .variant("removals")
                    .arg("count", removals)
                    .data("removals", removals)
            });
        }
        if !self.offers.is_empty() {
            self.findings.push(conflict, || {
                Finding::new(conflict, file)
                    .severity(Severity::Info)
                    .variant("behaviour")
            });
        }
    }

    fn subject(&self, row: &Row) -> String {
        format!("{}:{}", self.settings.file, row.line)
    }
}

/// What is wrong with a value: the variant of the sentence, and how bad.
fn fault(field: Field, cell: &str) -> Option<(&'static str, Severity)> {
    if field.is_boolean() {
        return match Truth::of(cell) {
            Truth::Foreign(_) => Some(("boolean-language", Severity::Warning)),
            Truth::Invalid => Some(("boolean", Severity::Warning)),
            Truth::True | Truth::False | Truth::Blank => None,
        };
    }
    match field {
        Field::Email if !is_email(cell) => Some(("email", Severity::Warning)),
        Field::Email if has_plus(cell) => Some(("email-plus", Severity::Warning)),
        Field::Phone => match number(cell) {
            Number::Good => None,
            Number::Scientific => Some(("number-scientific", Severity::Warning)),
            Number::NoPlus => Some(("number-no-plus", Severity::Warning)),
            Number::Bad => Some(("number", Severity::Warning)),
        },
        Field::Extension if !is_extension(cell) => Some(("extension", Severity::Warning)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{judge_file, judge_import};
    use crate::i18n::{Catalog, Lang};
    use crate::rules::Finding;
    use crate::rules::users::Settings;
    use crate::users::read;

    fn settings() -> Settings<'static> {
        Settings {
            as_of: DateTime::parse_from_rfc3339("2026-11-22T00:00:00Z")
                .unwrap()
                .with_timezone(&Utc),
            file: "bulk.csv",
        }
    }

    fn keys(text: &str) -> Vec<String> {
        let table = read(text.as_bytes()).unwrap();
        judge_file(&table, settings())
            .iter()
            .chain(&judge_import(&table, settings()))
            .map(|finding: &Finding| format!("{} {}", finding.subject, finding.message.key))
            .collect()
    }

    const HEADER: &str = "First Name,Last Name,User ID/Email,Extension,Phone Number,Location,Jabber Calling,Jabber with Webex Teams,Preferred Webex Site,Webex Calling,Webex Suite,Webex Voice,Basic Messaging";

    #[test]
    fn a_good_file_has_only_the_reminder() {
        let text = format!(
            "{HEADER}\nAda,A,ada@example.com,100,+49-30-123456,Berlin,FALSE,FALSE,site.example.com,TRUE,FALSE,FALSE,FALSE\n"
        );
        assert_eq!(
            keys(&text),
            [
                "bulk.csv csv-package-conflict--behaviour",
                "bulk.csv csv-missing-field--ok"
            ]
        );
    }

    #[test]
    fn every_fault_has_its_row() {
        let text = format!(
            "{HEADER}\n\
             Ada,A,ada@example.com,,,,,FALSE,,TRUE,FALSE,FALSE,FALSE\n\
             Bob,B,bob+x@example.com,1a,030123456,Berlin,JA,FALSE,s.example.com,TRUE,TRUE,FALSE,TRUE\n\
             Cyd,C,cyd@@example.com,,4.9E+11,,FALSE,FALSE,,FALSE,FALSE,FALSE,\n\
             Dan,D,dan@example.com,,,,FALSE,maybe,,FALSE,,,\n"
        );
        assert_eq!(
            keys(&text),
            [
                "bulk.csv:2 csv-missing-field",
                "bulk.csv:2 csv-missing-field",
                "bulk.csv:2 csv-missing-field",
                "bulk.csv:2 csv-missing-field--site",
                "bulk.csv:3 csv-package-conflict",
                "bulk.csv:3 csv-package-conflict--base",
                "bulk.csv:3 csv-invalid-value--email-plus",
                "bulk.csv:3 csv-invalid-value--extension",
                "bulk.csv:3 csv-invalid-value--number-no-plus",
                "bulk.csv:3 csv-invalid-value--boolean-language",
                "bulk.csv:4 csv-invalid-value--email",
                "bulk.csv:4 csv-invalid-value--number-scientific",
                "bulk.csv:5 csv-package-conflict--removal-incomplete",
                "bulk.csv:5 csv-invalid-value--boolean",
                "bulk.csv csv-package-conflict--removals",
                "bulk.csv csv-package-conflict--behaviour",
            ]
        );
    }

    #[test]
    fn missing_columns_and_broken_files() {
        assert_eq!(
            keys("Email,Webex Calling\na@example.com,TRUE\n")[..4],
            ["bulk.csv:1 csv-missing-field--column"; 4].map(str::to_owned)
        );
        assert_eq!(keys("alpha,beta\n1,2\n"), ["bulk.csv:1 csv-encoding--header"]);
        assert_eq!(
            keys("BroadWorks ID,Status\nu1\n"),
            ["bulk.csv:2 csv-encoding--cells"]
        );
    }

    #[test]
    fn every_sentence_exists() {
        let text = format!(
            "{HEADER},X\nAda,A,ada@example.com,,,,,FALSE,,TRUE,FALSE,FALSE,FALSE,\"open\nBob,B,bob+x@example.com,1a,030123456,Berlin,JA,FALSE,s.example.com,TRUE,TRUE,FALSE,TRUE\n\
             Cyd,C,cyd@@example.com,,4.9E+11,,FALSE,FALSE,,FALSE,FALSE,FALSE,,\n\
             Dan,D,dan@example.com,,0 3,,FALSE,maybe,,FALSE,,,,\n"
        );
        let mut inputs: Vec<Vec<u8>> = vec![
            text.into_bytes(),
            b"alpha,beta\n1,2\n".to_vec(),
            b"Email,Webex Calling\n\xe4@example.com,TRUE\n".to_vec(),
            b"Email,Webex Calling,\xc3\xa4\n\xff@example.com,TRUE,\n".to_vec(),
        ];
        inputs.push(format!("BroadWorks ID,Status\nu1,{}\n", "x".repeat(70_000)).into_bytes());
        inputs.push(
            format!("{HEADER}\nAda,A,ada@example.com,100,,Berlin,FALSE,FALSE,s,TRUE,FALSE,FALSE,FALSE\n")
                .into_bytes(),
        );
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            for bytes in &inputs {
                let table = read(bytes).unwrap();
                for finding in judge_file(&table, settings())
                    .iter()
                    .chain(&judge_import(&table, settings()))
                {
                    let localized = finding.localize(&catalog);
                    assert_ne!(localized.title, finding.message.key, "{lang}");
                    assert!(!localized.detail.is_empty(), "{lang} {}", finding.message.key);
                }
            }
        }
    }
}
