//! User activation with untrusted e-mails: the onboarding template's settings, one retry, the user's status, and then
//! what the administrator can choose. The answers come from a person or from flags.

use serde::{Deserialize, Serialize};

use super::{Finding, registry as checks};
use crate::report::{Owner, Severity};

/// The subject of the findings about the template.
const TEMPLATE: &str = "template";
/// The subject of the findings about the user.
const USER: &str = "user";

/// What Partner Hub shows for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum UserState {
    /// Everything is done.
    Provisioned,
    /// A requirement is pending.
    Pending,
    /// It failed.
    Error,
    /// The user is not on the list.
    Absent,
}

/// The answers; `None` is "not answered".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Activation {
    /// "Untrusted Emails" is selected under User Verification.
    pub untrusted_emails: Option<bool>,
    /// "Share Link" points to the activation link.
    pub share_link: Option<bool>,
    /// The user has tried once more in the portal.
    pub retried: Option<bool>,
    /// What Show User Status says.
    pub user_status: Option<UserState>,
}

impl Activation {
    /// Whether anything was answered.
    pub fn is_answered(&self) -> bool {
        *self != Self::default()
    }
}

/// The template first, then the user: a user cannot be helped while the template is wrong.
pub fn judge(answers: Activation) -> Vec<Finding> {
    let setting = |check, answer: Option<bool>| match answer {
        Some(true) => Finding::ok(check, TEMPLATE),
        Some(false) => Finding::new(check, TEMPLATE),
        None => Finding::unknown(check, TEMPLATE),
    };
    let mut findings = vec![
        setting(&checks::TEMPLATE_UNTRUSTED_EMAILS, answers.untrusted_emails),
        setting(&checks::TEMPLATE_SHARE_LINK, answers.share_link),
    ];
    let template_is_wrong = [answers.untrusted_emails, answers.share_link].contains(&Some(false));
    findings.push(user(answers, template_is_wrong));
    findings
}

fn user(answers: Activation, template_is_wrong: bool) -> Finding {
    let error = &checks::USER_ERROR;
    match answers.user_status {
        Some(UserState::Provisioned) => Finding::ok(error, USER).variant("activated"),
        Some(UserState::Pending) => Finding::new(&checks::USER_PENDING, USER).variant("activation"),
        Some(UserState::Error) if template_is_wrong => {
            Finding::new(error, USER).variant("activation-template")
        }
        Some(UserState::Error) if answers.retried == Some(false) => Finding::new(error, USER)
            .owner(Owner::Customer)
            .variant("activation-retry"),
        Some(UserState::Error) => Finding::new(error, USER).variant("activation-choose"),
        Some(UserState::Absent) => Finding::new(error, USER).variant("activation-absent"),
        None => Finding::new(error, USER)
            .severity(Severity::Unknown)
            .variant("activation-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Activation, UserState, judge};
    use crate::i18n::{Catalog, Lang};

    fn keys(answers: Activation) -> Vec<String> {
        judge(answers)
            .into_iter()
            .map(|finding| finding.message.key.into_owned())
            .collect()
    }

    #[test]
    fn the_template_comes_before_the_user() {
        let wrong = Activation {
            untrusted_emails: Some(false),
            share_link: Some(true),
            retried: Some(true),
            user_status: Some(UserState::Error),
        };
        assert_eq!(
            keys(wrong),
            [
                "template-untrusted-emails",
                "template-share-link--ok",
                "user-error--activation-template"
            ]
        );
        let right = Activation {
            untrusted_emails: Some(true),
            ..wrong
        };
        assert_eq!(keys(right)[2], "user-error--activation-choose");
        let not_retried = Activation {
            retried: Some(false),
            ..right
        };
        assert_eq!(keys(not_retried)[2], "user-error--activation-retry");
    }

    #[test]
    fn what_is_not_answered_is_unknown_and_every_sentence_exists() {
        assert!(!Activation::default().is_answered());
        let states = [
            None,
            Some(UserState::Provisioned),
            Some(UserState::Pending),
            Some(UserState::Error),
            Some(UserState::Absent),
        ];
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            for user_status in states {
                for setting in [None, Some(true), Some(false)] {
                    let answers = Activation {
                        untrusted_emails: setting,
                        share_link: setting,
                        retried: setting,
                        user_status,
                    };
                    for finding in judge(answers) {
                        let localized = finding.localize(&catalog);
                        assert_ne!(localized.title, finding.message.key, "{lang}");
                        assert!(!localized.detail.is_empty(), "{lang} {}", finding.message.key);
                    }
                }
            }
        }
    }
}
