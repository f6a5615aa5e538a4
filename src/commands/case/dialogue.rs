//! The two guided dialogues: activation with untrusted e-mails, and the provisioning e-mail of an order. What is
//! already answered (by a flag, by a file) is not asked; asking stops where the rest no longer matters.

use super::answers::Answers;
use crate::cli::prompt::{self, Prompter};
use crate::commands::Failure;
use crate::i18n::{Catalog, Localize, Message};
use crate::rules::order::{Line, Offer, Order};
use crate::rules::template::{Activation, UserState};

/// A date that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a date")]
struct NoDate(String);

impl Localize for NoDate {
    fn message(&self) -> Message {
        Message::new("prompt-error-date").arg("answer", &self.0)
    }
}

fn question(name: &str) -> Message {
    Message::new(format!("dialogue-{name}"))
}

/// The template first, then the retry and what the user status says.
///
/// # Errors
/// When the user interrupts.
pub fn activation(
    answers: &mut Activation,
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
) -> Result<(), Failure> {
    for (answer, name) in [
        (&mut answers.untrusted_emails, "untrusted-emails"),
        (&mut answers.share_link, "share-link"),
        (&mut answers.retried, "retried"),
    ] {
        if answer.is_none() {
            *answer = prompt::yes_or_no(prompter, catalog, &question(name))?;
        }
    }
    if answers.user_status.is_none() {
        let states = [
            UserState::Provisioned,
            UserState::Pending,
            UserState::Error,
            UserState::Absent,
        ];
        let choices = states.map(|state| (state, state_word(state, catalog)));
        answers.user_status = prompt::choose(prompter, catalog, &question("user-status"), &choices)?;
    }
    Ok(())
}

/// The point of no return first: behind it nothing else matters.
///
/// # Errors
/// When the user interrupts.
pub fn order(answers: &mut Order, prompter: &mut dyn Prompter, catalog: &Catalog) -> Result<(), Failure> {
    if answers.onboarded.is_none() {
        answers.onboarded = prompt::yes_or_no(prompter, catalog, &question("onboarded"))?;
    }
    if answers.onboarded == Some(true) {
        return Ok(());
    }
    if answers.requested_start.is_none() {
        let parse = |text: &str| text.parse().map_err(|_| NoDate(text.to_owned()));
        answers.requested_start = prompt::ask(prompter, catalog, &question("requested-start"), None, parse)?;
    }
    if answers.line.is_none() {
        let choices = [Line::Pending, Line::Closed].map(|line| (line, line_word(line, catalog)));
        answers.line = prompt::choose(prompter, catalog, &question("line"), &choices)?;
    }
    if answers.offer.is_none() {
        let choices = [Offer::AFlex, Offer::Other].map(|offer| (offer, offer_word(offer, catalog)));
        answers.offer = prompt::choose(prompter, catalog, &question("offer"), &choices)?;
    }
    if answers.ccw_access.is_none() {
        answers.ccw_access = prompt::yes_or_no(prompter, catalog, &question("ccw-access"))?;
    }
    if answers.ccw_access == Some(true) && answers.resend_failed.is_none() {
        answers.resend_failed = prompt::yes_or_no(prompter, catalog, &question("resend-failed"))?;
    }
    Ok(())
}

/// What goes into the bundle beside the answers: the error text and pictures of the screen.
///
/// # Errors
/// When the user interrupts.
pub fn evidence(
    answers: &mut Answers,
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
) -> Result<(), Failure> {
    if answers.text.is_none() {
        answers.text = prompt::paste(prompter, catalog, &question("text"))?;
    }
    if answers.screenshots.is_empty() {
        let picture = |text: &str| {
            let path = std::path::absolute(text).unwrap_or_else(|_| text.into());
            match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => Ok(path),
                _ => Err(NoFile(text.to_owned())),
            }
        };
        while let Some(path) = prompt::ask(prompter, catalog, &question("screenshot"), None, picture)? {
            answers.screenshots.push(path);
        }
    }
    Ok(())
}

/// A path at which no file is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a file")]
struct NoFile(String);

impl Localize for NoFile {
    fn message(&self) -> Message {
        Message::new("prompt-error-file").arg("answer", &self.0)
    }
}

/// Question and answer, for those that were answered.
pub(super) fn told_activation(answers: Activation, catalog: &Catalog) -> Vec<(String, String)> {
    let yes_no = |answer: Option<bool>| answer.map(|yes| yes_word(yes, catalog));
    told(
        [
            ("untrusted-emails", yes_no(answers.untrusted_emails)),
            ("share-link", yes_no(answers.share_link)),
            ("retried", yes_no(answers.retried)),
            (
                "user-status",
                answers.user_status.map(|state| state_word(state, catalog)),
            ),
        ],
        catalog,
    )
}

/// Question and answer, for those that were answered.
pub(super) fn told_order(answers: Order, catalog: &Catalog) -> Vec<(String, String)> {
    let yes_no = |answer: Option<bool>| answer.map(|yes| yes_word(yes, catalog));
    told(
        [
            ("onboarded", yes_no(answers.onboarded)),
            (
                "requested-start",
                answers.requested_start.map(|start| start.to_string()),
            ),
            ("line", answers.line.map(|line| line_word(line, catalog))),
            ("offer", answers.offer.map(|offer| offer_word(offer, catalog))),
            ("ccw-access", yes_no(answers.ccw_access)),
            ("resend-failed", yes_no(answers.resend_failed)),
        ],
        catalog,
    )
}

fn told<const N: usize>(
    answers: [(&'static str, Option<String>); N],
    catalog: &Catalog,
) -> Vec<(String, String)> {
    answers
        .into_iter()
        .filter_map(|(name, answer)| Some((catalog.text(&question(name)), answer?)))
        .collect()
}

fn yes_word(yes: bool, catalog: &Catalog) -> String {
    let both = catalog.plain("prompt-yes-no");
    let (word, other) = both.split_once('/').unwrap_or(("yes", "no"));
    (if yes { word } else { other }).to_owned()
}

fn state_word(state: UserState, catalog: &Catalog) -> String {
    catalog.text(&Message::new("dialogue-state").arg(
        "state",
        match state {
            UserState::Provisioned => "provisioned",
            UserState::Pending => "pending",
            UserState::Error => "error",
            UserState::Absent => "absent",
        },
    ))
}

fn line_word(line: Line, catalog: &Catalog) -> String {
    let word = if line == Line::Pending {
        "pending"
    } else {
        "closed"
    };
    catalog.text(&Message::new("dialogue-line-state").arg("state", word))
}

fn offer_word(offer: Offer, catalog: &Catalog) -> String {
    let word = if offer == Offer::AFlex { "a-flex" } else { "other" };
    catalog.text(
        &Message::new("dialogue-offer-name")
            .arg("offer", word)
            .arg("days", offer.days()),
    )
}

#[cfg(test)]
mod tests {
    use super::{activation, evidence, order};
    use crate::cli::prompt::Scripted;
    use crate::commands::case::answers::Answers;
    use crate::i18n::{Catalog, Lang};
    use crate::rules::order::{Line, Offer, Order};
    use crate::rules::template::{Activation, UserState};

    #[test]
    fn the_whole_dialogue_in_every_language() {
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            let mut answers = Activation::default();
            let mut person = Scripted::new(&["yes", "no", "", "3"]);
            activation(&mut answers, &mut person, &catalog).unwrap();
            assert_eq!(
                answers,
                Activation {
                    untrusted_emails: Some(true),
                    share_link: Some(false),
                    retried: None,
                    user_status: Some(UserState::Error),
                },
                "{}",
                person.shown
            );
            let mut answers = Order::default();
            let mut person = Scripted::new(&["no", "20.11.2026", "2026-11-20", "2", "1", "yes", "no"]);
            order(&mut answers, &mut person, &catalog).unwrap();
            assert_eq!(answers.line, Some(Line::Closed), "{}", person.shown);
            assert_eq!(answers.offer, Some(Offer::AFlex));
            assert_eq!(answers.resend_failed, Some(false));
            assert!(person.answers.is_empty());
        }
    }

    #[test]
    fn what_is_answered_or_no_longer_matters_is_not_asked() {
        let catalog = Catalog::new(Lang::En);
        let mut answers = Order {
            onboarded: Some(true),
            ..Order::default()
        };
        let mut nobody = Scripted::new(&[]);
        order(&mut answers, &mut nobody, &catalog).unwrap();
        assert!(nobody.shown.is_empty(), "{}", nobody.shown);
    }

    #[test]
    fn text_and_screenshots() {
        let catalog = Catalog::new(Lang::En);
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_string_lossy().into_owned();
        let mut answers = Answers::default();
        let mut person = Scripted::new(&["Error 1", "", "/no/such/file", &path, ""]);
        evidence(&mut answers, &mut person, &catalog).unwrap();
        assert_eq!(answers.text.as_deref(), Some("Error 1\n"));
        assert_eq!(answers.screenshots, [file.path()]);
        assert!(person.shown.contains("/no/such/file"));
    }
}
