//! The answers of guided dialogues as a file: what `explain … --save FILE` writes and `--answers FILE` reads.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::dialogue;
use crate::cli::write_file::{self, WriteError};
use crate::i18n::Catalog;
use crate::rules::{Finding, order, template};

/// By this line a bare path is recognised.
pub const FIRST_LINE: &str = "# w4b-diag answers 1";

/// A file of answers is never longer, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// The answers of both dialogues, and what goes with them into the bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The error text as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Pictures of the screen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub screenshots: Vec<PathBuf>,
    /// Activation with untrusted e-mails.
    pub activation: template::Activation,
    /// The provisioning e-mail of an order.
    pub order: order::Order,
}

impl Answers {
    /// Reads a file; relative paths in it are relative to it.
    ///
    /// # Errors
    /// Why it cannot be used, for a sentence that names the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > MAX_FILE {
            return Err(format!("{length} > {MAX_FILE}"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let mut answers: Self = toml::from_str(&text).map_err(|error| error.to_string())?;
        let directory = path.parent().unwrap_or(Path::new(""));
        for screenshot in &mut answers.screenshots {
            *screenshot = directory.join(&*screenshot);
        }
        Ok(answers)
    }

    /// Writes a file that [`Answers::read`] reads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        // Plain fields of known types; writing them as TOML cannot fail.
        let body = toml::to_string(self).unwrap_or_default();
        write_file::write(path, format!("{FIRST_LINE}\n{body}").as_bytes())
    }

    /// Whether anything was answered.
    pub fn is_answered(&self) -> bool {
        self.activation.is_answered() || self.order.is_answered()
    }

    /// Takes over what `other` answers.
    pub fn merge(&mut self, other: Self) {
        let (mine, theirs) = (&mut self.activation, other.activation);
        mine.untrusted_emails = theirs.untrusted_emails.or(mine.untrusted_emails);
        mine.share_link = theirs.share_link.or(mine.share_link);
        mine.retried = theirs.retried.or(mine.retried);
        mine.user_status = theirs.user_status.or(mine.user_status);
        let (mine, theirs) = (&mut self.order, other.order);
        mine.line = theirs.line.or(mine.line);
        mine.offer = theirs.offer.or(mine.offer);
        mine.requested_start = theirs.requested_start.or(mine.requested_start);
        mine.ccw_access = theirs.ccw_access.or(mine.ccw_access);
        mine.onboarded = theirs.onboarded.or(mine.onboarded);
        mine.resend_failed = theirs.resend_failed.or(mine.resend_failed);
        self.text = other.text.or(self.text.take());
        self.screenshots.extend(other.screenshots);
    }

    /// What the answers mean.
    pub fn judge(&self, as_of: DateTime<Utc>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.activation.is_answered() {
            findings.extend(template::judge(self.activation));
        }
        if self.order.is_answered() {
            findings.extend(order::judge(self.order, as_of));
        }
        findings
    }

    /// Questions and answers as text, for the bundle; empty when nothing was answered.
    pub fn transcript(&self, catalog: &Catalog) -> String {
        let mut text = String::new();
        let parts = [
            ("activation", dialogue::told_activation(self.activation, catalog)),
            ("order", dialogue::told_order(self.order, catalog)),
        ];
        for (name, told) in parts.into_iter().filter(|(_, told)| !told.is_empty()) {
            let _ = writeln!(text, "[{name}]");
            for (question, answer) in told {
                let _ = writeln!(text, "{question} {answer}");
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, FIRST_LINE};
    use crate::i18n::{Catalog, Lang};
    use crate::rules::{order, template};

    fn sample() -> Answers {
        Answers {
            text: Some("[Error 4202] \"x\"\n# no comment".to_owned()),
            screenshots: vec!["/tmp/shot.png".into()],
            activation: template::Activation {
                untrusted_emails: Some(true),
                user_status: Some(template::UserState::Error),
                ..template::Activation::default()
            },
            order: order::Order {
                line: Some(order::Line::Closed),
                offer: Some(order::Offer::AFlex),
                requested_start: "2026-11-20".parse().ok(),
                ..order::Order::default()
            },
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("answers.toml");
        sample().write(&path).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(FIRST_LINE));
        assert_eq!(Answers::read(&path).unwrap(), sample());
        std::fs::write(&path, format!("{FIRST_LINE}\n[order]\nlin = \"closed\"\n")).unwrap();
        assert!(Answers::read(&path).unwrap_err().contains("lin"));
    }

    #[test]
    fn later_answers_win_and_the_transcript_names_only_what_was_answered() {
        let mut answers = sample();
        answers.merge(Answers {
            order: order::Order {
                line: Some(order::Line::Pending),
                ..order::Order::default()
            },
            ..Answers::default()
        });
        assert_eq!(answers.order.line, Some(order::Line::Pending));
        assert_eq!(answers.order.offer, Some(order::Offer::AFlex));
        for lang in Lang::ALL {
            let text = answers.transcript(&Catalog::new(lang));
            let lines = text.lines().filter(|line| !line.is_empty());
            assert_eq!(lines.count(), 7, "{lang}:\n{text}");
        }
        assert!(Answers::default().transcript(&Catalog::new(Lang::En)).is_empty());
    }
}
