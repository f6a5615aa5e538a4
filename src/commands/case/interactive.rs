//! `--interactive`: asks for what TAC would ask for and the input does not say, with what was found as default.

use chrono::{DateTime, Duration, Utc};

use super::dialogue;
use super::input::{CaseInput, InputError};
use super::judge::Judged;
use crate::case::Fact;
use crate::cli::prompt::{self, Prompter};
use crate::commands::{Context, Failure};
use crate::entity::{Email, OrgId, TrackingId};
use crate::i18n::{Catalog, Localize, Message};
use crate::report::rfc3339;
use crate::rules::{self, Finding, registry as checks, release};
use crate::users::values;

/// Where an answer is from, as the report names it.
const SOURCE: &str = "--interactive";

/// A fault is looked for so long before and after the only moment that is known.
const AROUND: Duration = Duration::minutes(30);

/// Servers whose release matters when none is known.
const ROLES: [&str; 2] = ["as", "xsp"];

/// An answer that is not what the question is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Wrong {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("'{0}' is the partner's organisation")]
    PartnerOrg(String),
    #[error("there is no client version '{0}'")]
    Version(String),
    #[error("'{0}' is not a time")]
    Time(String),
    #[error("'{0}' lies in the future")]
    Future(String),
    #[error("'{0}' is not a release")]
    Release(String),
}

impl Localize for Wrong {
    fn message(&self) -> Message {
        let with = |key: &'static str, answer: &str| Message::new(key).arg("answer", answer);
        match self {
            Self::Input(error) => error.message(),
            Self::PartnerOrg(answer) => with("prompt-error-partner-org", answer),
            Self::Version(answer) => with("prompt-error-version", answer),
            Self::Time(answer) => with("prompt-error-time", answer),
            Self::Future(answer) => with("prompt-error-future", answer),
            Self::Release(answer) => with("prompt-error-release", answer),
        }
    }
}

/// With nothing named at all: the error text, pasted.
///
/// # Errors
/// When the user interrupts.
pub fn begin(input: &mut CaseInput, prompter: &mut dyn Prompter, context: &Context) -> Result<(), Failure> {
    if input.is_empty() && context.config.xsp.is_empty() {
        let question = Message::new("dialogue-text");
        input
            .pasted
            .extend(prompt::paste(prompter, &context.catalog, &question)?);
    }
    Ok(())
}

/// Asks for every fact that is missing or contradicts another; gives back whether anything was answered.
///
/// # Errors
/// When the user interrupts.
pub fn complete(
    input: &mut CaseInput,
    judged: &Judged,
    prompter: &mut dyn Prompter,
    context: &Context,
) -> Result<bool, Failure> {
    let before = (
        input.said.clone(),
        input.since,
        input.until,
        input.answers.clone(),
    );
    let catalog = &context.catalog;
    for finding in judged.findings.iter().filter(|finding| is_open(finding)) {
        explain(finding, prompter, catalog);
        fact(finding.check.id, input, judged, prompter, context)?;
    }
    if judged.facts.broadworks_releases.is_empty() {
        releases(input, prompter, catalog)?;
    }
    procedures(input, judged, prompter, catalog)?;
    Ok(before
        != (
            input.said.clone(),
            input.since,
            input.until,
            input.answers.clone(),
        ))
}

/// Missing, or there but contradicting another fact.
fn is_open(finding: &Finding) -> bool {
    finding.data.contains_key("missing") || finding.data.contains_key("unclear")
}

/// Says what is missing and in which screen it is.
fn explain(finding: &Finding, prompter: &mut dyn Prompter, catalog: &Catalog) {
    let finding = finding.localize(catalog);
    prompter.say(&format!("\n{}", finding.title));
    for text in [&finding.detail, &finding.remedy] {
        if !text.is_empty() {
            prompter.say(&format!("  {text}"));
        }
    }
}

fn fact(
    check: &str,
    input: &mut CaseInput,
    judged: &Judged,
    prompter: &mut dyn Prompter,
    context: &Context,
) -> Result<(), Failure> {
    let catalog = &context.catalog;
    let facts = &judged.facts;
    let first = |lists: [&[Fact]; 2]| lists.into_iter().flatten().next().map(|fact| fact.value.clone());
    if check == checks::CASE_CUSTOMER_ORG.id {
        let default = first([&facts.customer_orgs, &facts.other_orgs]);
        let partner = first([&facts.partner_orgs, &[]]);
        let parse = |text: &str| match organisation("--customer-org", text)? {
            org if partner.as_deref() == Some(org.as_str()) => Err(Wrong::PartnerOrg(text.to_owned())),
            org => Ok(org),
        };
        let answer = ask(prompter, catalog, "customer_org", default.as_deref(), parse)?;
        input.said.customer_org = answer.or(input.said.customer_org.take());
    } else if check == checks::CASE_PARTNER_ORG.id {
        let default = first([&facts.partner_orgs, &[]]);
        let parse = |text: &str| organisation("--partner-org", text);
        let answer = ask(prompter, catalog, "partner_org", default.as_deref(), parse)?;
        input.said.partner_org = answer.or(input.said.partner_org.take());
    } else if check == checks::CASE_USER_EMAIL.id {
        let default = first([&facts.user_emails, &[]]);
        let answer = ask(prompter, catalog, "user_email", default.as_deref(), email)?;
        input.said.user_email = answer.or(input.said.user_email.take());
    } else if check == checks::CASE_CLIENT_VERSION.id {
        let parse = |text: &str| {
            let reads = crate::entity::ClientVersion::parse(text).is_some();
            let exists = reads && rules::case::plausible(text, context.as_of());
            if exists {
                Ok(text.to_owned())
            } else {
                Err(Wrong::Version(text.to_owned()))
            }
        };
        let answer = ask(prompter, catalog, "client_version", None, parse)?;
        input.said.client_versions.extend(answer);
    } else if check == checks::CASE_TRACKING_ID.id && facts.tracking_ids.is_empty() {
        let answer = ask(prompter, catalog, "tracking_id", None, tracking_id)?;
        input.said.tracking_ids.extend(answer);
    } else {
        // The time frame itself, or a tracking ID that does not fit it.
        time_frame(input, judged, prompter, context)?;
    }
    Ok(())
}

/// Asks for one fact by its name; the answer with where it is from.
fn ask<T>(
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
    fact: &str,
    default: Option<&str>,
    parse: impl Fn(&str) -> Result<T, Wrong>,
) -> Result<Option<(T, &'static str)>, Failure> {
    let answer = prompt::ask(prompter, catalog, &rules::case::label(fact), default, parse)?;
    Ok(answer.map(|value| (value, SOURCE)))
}

fn organisation(flag: &'static str, text: &str) -> Result<OrgId, Wrong> {
    OrgId::parse(text).ok_or_else(|| {
        let value = text.to_owned();
        Wrong::Input(InputError::Org { flag, value })
    })
}

fn email(text: &str) -> Result<String, Wrong> {
    let is_one = Email::parse(text).is_some() && values::is_email(text);
    let wrong = || InputError::Email {
        flag: "--user-email",
        value: text.to_owned(),
    };
    if is_one {
        Ok(text.to_owned())
    } else {
        Err(wrong().into())
    }
}

fn tracking_id(text: &str) -> Result<String, Wrong> {
    let wrong = || InputError::Tracking {
        flag: "--tracking-id",
        value: text.to_owned(),
    };
    TrackingId::parse(text)
        .map(|_| text.to_owned())
        .ok_or_else(|| wrong().into())
}

/// Begin and end; around the only moment that the input knows, if it knows one.
fn time_frame(
    input: &mut CaseInput,
    judged: &Judged,
    prompter: &mut dyn Prompter,
    context: &Context,
) -> Result<(), Failure> {
    let catalog = &context.catalog;
    let now = context.as_of();
    let known = judged
        .facts
        .tracking_ids
        .iter()
        .filter_map(|fact| values::instant(fact.at.as_deref()?))
        .find(|at| *at <= now);
    let parse = |text: &str| match values::instant(text) {
        None => Err(Wrong::Time(text.to_owned())),
        Some(at) if at > now => Err(Wrong::Future(text.to_owned())),
        Some(at) => Ok(at),
    };
    let default = known.map(|at| rfc3339(at - AROUND));
    let since = prompt::ask(
        prompter,
        catalog,
        &Message::new("dialogue-since"),
        default.as_deref(),
        parse,
    )?;
    let Some(since) = since else { return Ok(()) };
    let after = |text: &str| match parse(text)? {
        at if at < since => Err(Wrong::Input(InputError::Frame)),
        at => Ok(at),
    };
    let end: DateTime<Utc> = known
        .map_or(since + AROUND, |at| at + AROUND)
        .clamp(since, now.max(since));
    let default = rfc3339(end);
    let until = prompt::ask(
        prompter,
        catalog,
        &Message::new("dialogue-until"),
        Some(&default),
        after,
    )?;
    input.since = Some(since);
    input.until = until.or(Some(end));
    Ok(())
}

fn releases(input: &mut CaseInput, prompter: &mut dyn Prompter, catalog: &Catalog) -> Result<(), Failure> {
    prompter.say("");
    for role in ROLES {
        let question = Message::new("dialogue-release").arg("role", role);
        let parse = |text: &str| match release::parse(text) {
            release::Parsed::Unreadable => Err(Wrong::Release(text.to_owned())),
            _ => Ok(text.to_owned()),
        };
        let answer = prompt::ask(prompter, catalog, &question, None, parse)?;
        input
            .said
            .releases
            .extend(answer.map(|release| (role.to_owned(), release, SOURCE)));
    }
    Ok(())
}

/// A text that is about activation or an order leads into that dialogue.
fn procedures(
    input: &mut CaseInput,
    judged: &Judged,
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
) -> Result<(), Failure> {
    for finding in &judged.findings {
        let is = |id: &str| finding.check.id == checks::FAULT_KNOWN.id && finding.subject == id;
        if is("activation") {
            explain(finding, prompter, catalog);
            dialogue::activation(&mut input.answers.activation, prompter, catalog)?;
        } else if is("order") {
            explain(finding, prompter, catalog);
            dialogue::order(&mut input.answers.order, prompter, catalog)?;
        }
    }
    Ok(())
}
