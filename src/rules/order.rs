//! The provisioning e-mail of an order in Cisco Commerce Workspace (CCW): who must act, and where.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Finding, registry as checks};
use crate::report::{Owner, Severity};

/// The subject of the findings.
const SUBJECT: &str = "order";

/// Where a case about the e-mail is opened.
const CASE_PORTAL: &str = "https://www.cisco.com/go/cs";

/// The state of the order line in CCW.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// "Pending provisioning details".
    Pending,
    /// "Closed".
    Closed,
}

/// What was ordered; it decides how long the provisioning may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// A-Flex or A-Flex-3.
    AFlex,
    /// Another collaboration offer.
    Other,
}

impl Offer {
    /// Days from the e-mail until the order line closes. Source: Cisco's article on the provisioning e-mail.
    pub const fn days(self) -> u64 {
        match self {
            Self::AFlex => 7,
            Self::Other => 30,
        }
    }
}

/// The answers; `None` is "not answered".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// The state of the order line.
    pub line: Option<Line>,
    /// What was ordered.
    pub offer: Option<Offer>,
    /// The requested start date (RSD), when the first e-mail is sent.
    pub requested_start: Option<NaiveDate>,
    /// Whether the reader can resend in CCW.
    pub ccw_access: Option<bool>,
    /// Whether the organisation is onboarded in Control Hub: the point of no return (PONR).
    pub onboarded: Option<bool>,
    /// Whether resending was tried and failed.
    pub resend_failed: Option<bool>,
}

impl Order {
    /// Whether anything was answered.
    pub fn is_answered(&self) -> bool {
        *self != Self::default()
    }
}

/// One finding: where the order stands and the next step.
pub fn judge(order: Order, as_of: DateTime<Utc>) -> Vec<Finding> {
    let today = as_of.date_naive();
    let not_ready = &checks::ORDER_NOT_READY;
    if order.onboarded == Some(true) {
        return vec![Finding::new(&checks::ORDER_PAST_NO_RETURN, SUBJECT)];
    }
    if order.resend_failed == Some(true) {
        return vec![
            Finding::new(not_ready, SUBJECT)
                .variant("case")
                .reference(CASE_PORTAL),
        ];
    }
    if let Some(start) = order.requested_start
        && start > today
    {
        return vec![
            Finding::new(not_ready, SUBJECT)
                .severity(Severity::Info)
                .owner(Owner::Webex)
                .variant("early")
                .arg("start", day(start)),
        ];
    }
    let access = match order.ccw_access {
        Some(false) => "no",
        _ => "yes",
    };
    let finding = match order.line {
        None => return vec![Finding::unknown(not_ready, SUBJECT)],
        Some(Line::Pending) => {
            let closes = closing_day(&order);
            let when = match closes {
                None => "unknown",
                Some(closes) if closes < today => "past",
                Some(_) => "future",
            };
            Finding::new(not_ready, SUBJECT)
                .arg("when", when)
                .arg("closes", closes.map(day).unwrap_or_default())
        }
        Some(Line::Closed) => {
            let days = order.offer.map(Offer::days);
            Finding::new(&checks::ORDER_CLOSED, SUBJECT)
                .arg("offer", if days.is_some() { "known" } else { "unknown" })
                .arg("days", days.unwrap_or_default())
        }
    };
    vec![finding.arg("access", access).data("ccw_access", access)]
}

/// When the line closes if nothing is done: counted from the day the e-mail was sent.
fn closing_day(order: &Order) -> Option<NaiveDate> {
    order
        .requested_start?
        .checked_add_days(Days::new(order.offer?.days()))
}

fn day(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};

    use super::{Line, Offer, Order, judge};
    use crate::i18n::{Catalog, Lang};
    use crate::report::Severity;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-22T00:00:00Z")
            .unwrap()
            .to_utc()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn key(order: Order) -> String {
        judge(order, now()).remove(0).message.key.into_owned()
    }

    #[test]
    fn the_point_of_no_return_comes_first() {
        let order = Order {
            line: Some(Line::Closed),
            onboarded: Some(true),
            resend_failed: Some(true),
            ..Order::default()
        };
        assert_eq!(key(order), "order-past-no-return");
        assert_eq!(
            key(Order {
                onboarded: Some(false),
                ..order
            }),
            "order-not-ready--case"
        );
        assert_eq!(
            key(Order {
                onboarded: None,
                resend_failed: None,
                ..order
            }),
            "order-closed"
        );
    }

    #[test]
    fn days_are_counted_from_the_requested_start() {
        let order = Order {
            line: Some(Line::Pending),
            offer: Some(Offer::AFlex),
            requested_start: Some(date("2026-11-20")),
            ..Order::default()
        };
        let detail = |order| {
            judge(order, now())
                .remove(0)
                .localize(&Catalog::new(Lang::En))
                .detail
        };
        assert!(detail(order).contains("2026-11-27"), "{}", detail(order));
        let other = Order {
            offer: Some(Offer::Other),
            ..order
        };
        assert!(detail(other).contains("2026-12-20"));
        let early = Order {
            requested_start: Some(date("2026-12-01")),
            ..order
        };
        let finding = judge(early, now()).remove(0);
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(finding.message.key, "order-not-ready--early");
    }

    #[test]
    fn nothing_answered_is_unknown_and_every_sentence_exists() {
        assert_eq!(judge(Order::default(), now())[0].severity, Severity::Unknown);
        for lang in Lang::ALL {
            let catalog = Catalog::new(lang);
            for line in [None, Some(Line::Pending), Some(Line::Closed)] {
                for answer in [None, Some(true), Some(false)] {
                    for start in [
                        None,
                        Some(date("2026-01-01")),
                        Some(date("2026-11-21")),
                        Some(date("2027-01-01")),
                    ] {
                        let order = Order {
                            line,
                            offer: answer.map(|yes| if yes { Offer::AFlex } else { Offer::Other }),
                            requested_start: start,
                            ccw_access: answer,
                            onboarded: answer,
                            resend_failed: answer,
                        };
                        let order = Order {
                            onboarded: None,
                            ..order
                        };
                        for finding in judge(order, now()) {
                            let localized = finding.localize(&catalog);
                            assert!(!localized.detail.is_empty(), "{lang} {}", finding.message.key);
                            assert!(!localized.remedy.is_empty(), "{lang} {}", finding.message.key);
                        }
                    }
                }
            }
        }
    }
}
