//! A case as a bundle holds it: what was observed then, so that today's rules can judge it again.

use super::collect::{Collected, Problem, Users};
use super::input::{CaseInput, Said};
use crate::bundle::{Bundle, FileEntry};
use crate::case::{Fact, Facts};
use crate::commands::{Context, Failure};
use crate::entity::OrgId;
use crate::i18n::Message;
use crate::input::decode::Decoder;
use crate::probe::TlsObservation;
use crate::probe::status::{Body, StatusObservation};
use crate::report::Report;
use crate::scan::inventory::Collector;
use crate::scan::{Options, Scanner};
use crate::users;
use crate::x509::files::{self, CertFile};

/// Where a fact is from that a person said when the bundle was made.
const SAID: &str = "report.json";

/// What was collected then, and what was said.
///
/// # Errors
/// When the user interrupts.
pub fn collect(
    bundle: &mut Bundle,
    report: &Report,
    context: &Context,
) -> Result<(Collected, CaseInput), Failure> {
    let mut collected = Collected::default();
    let mut collector = Collector::new(Scanner::new(Options {
        domains: context.config.redact.domains.clone(),
        ..Options::default()
    }));
    let files: Vec<FileEntry> = bundle.manifest.files.clone();
    for file in files.iter().filter(|file| is_whole(file)) {
        context.interrupt.check()?;
        let taken = match file.path.split_once('/') {
            Some(("status", "observation.json")) => status(bundle, file, &mut collected),
            Some(("tls", name)) if name.ends_with("/observation.json") => tls(bundle, file, &mut collected),
            Some(("tls", name)) if name.starts_with("installed/") => {
                certificates(bundle, file, &mut collected.certificates)
            }
            Some(("trust", _)) => certificates(bundle, file, &mut collected.trust),
            Some(("users", _)) => user_table(bundle, file, &mut collected),
            Some(("text" | "logs", _)) => scan(bundle, file, &mut collector, context)?,
            _ => Some(()),
        };
        if taken.is_none() {
            collected
                .problems
                .push(problem(&file.path, Message::new("inspect-unreadable")));
        }
    }
    collected.inventory = collector.finish();
    let gaps = bundle.manifest.gaps();
    for (path, _, reason) in gaps.filter(|(path, ..)| !is_record(path)) {
        let cause = Message::new("inspect-gap").arg("reason", reason);
        collected.problems.push(problem(path, cause));
    }
    Ok((collected, input(report)))
}

fn is_whole(file: &FileEntry) -> bool {
    use crate::bundle::Status;
    let held_back = matches!(file.status, Status::Withheld | Status::Skipped);
    let whole = matches!(file.status, Status::Ok | Status::Partial) || is_record(&file.path);
    !file.unscanned && !held_back && whole
}

/// The record of what was asked: it says itself that no answer came, and is judged.
fn is_record(path: &str) -> bool {
    path == "status/observation.json" || (path.starts_with("tls/") && path.ends_with("/observation.json"))
}

/// Nothing of it is packed anew, so that it belongs to no part.
fn problem(path: &str, cause: Message) -> Problem {
    Problem {
        subject: path.to_owned(),
        cause,
        part: None,
    }
}

fn status(bundle: &mut Bundle, file: &FileEntry, collected: &mut Collected) -> Option<()> {
    let mut observation: StatusObservation = serde_json::from_slice(&bundle.part(&file.path)?).ok()?;
    for answer in &mut observation.answers {
        answer.body = Body(
            bundle
                .part(&format!("status/{}", answer.name))
                .unwrap_or_default(),
        );
    }
    collected.status = Some(observation);
    Some(())
}

fn tls(bundle: &mut Bundle, file: &FileEntry, collected: &mut Collected) -> Option<()> {
    let mut record: serde_json::Value = serde_json::from_slice(&bundle.part(&file.path)?).ok()?;
    // An address that was replaced by a pseudonym is none any more; nothing is judged by it.
    let address = record.get_mut("address")?;
    if address
        .as_str()
        .is_some_and(|text| text.parse::<std::net::IpAddr>().is_err())
    {
        *address = serde_json::Value::Null;
    }
    let observation: TlsObservation = serde_json::from_value(record).ok()?;
    collected.hosts.push(observation.host.clone());
    collected.endpoints.push(observation);
    Some(())
}

fn certificates(bundle: &mut Bundle, file: &FileEntry, files: &mut Vec<CertFile>) -> Option<()> {
    let bytes = bundle.part(&file.path)?;
    files.push(files::parse(std::path::Path::new(&file.source), &bytes, None).ok()?);
    Some(())
}

fn user_table(bundle: &mut Bundle, file: &FileEntry, collected: &mut Collected) -> Option<()> {
    let bytes = bundle.part(&file.path)?;
    let table = users::read(&bytes).ok();
    let read = table.is_some();
    collected.users.push(Users {
        path: file.source.clone().into(),
        bytes,
        table,
    });
    read.then_some(())
}

fn scan(
    bundle: &mut Bundle,
    file: &FileEntry,
    collector: &mut Collector,
    context: &Context,
) -> Result<Option<()>, Failure> {
    let interrupted = || std::io::Error::from(std::io::ErrorKind::Interrupted);
    let outcome = bundle.open_part(&file.path).and_then(|reader| {
        let decoder = Decoder::new(reader)?;
        let encoding = decoder.encoding().name();
        collector.add_with(&file.path, encoding, decoder, |_, _| {
            context.interrupt.check().map_err(|_| interrupted())
        })
    });
    context.interrupt.check()?;
    Ok(outcome.ok())
}

/// What a person said then: flags and configuration are not in the evidence, only in the facts.
fn input(report: &Report) -> CaseInput {
    let facts = report
        .data
        .get("facts")
        .and_then(|facts| serde_json::from_value::<Facts>(facts.clone()).ok())
        .unwrap_or_default();
    let org = |facts: &[Fact]| -> Option<(OrgId, &'static str)> {
        said(facts).find_map(|fact| Some((OrgId::parse(&fact.value)?, SAID)))
    };
    CaseInput {
        said: Said {
            user_email: said(&facts.user_emails)
                .next()
                .map(|fact| (fact.value.clone(), SAID)),
            customer_org: org(&facts.customer_orgs),
            partner_org: org(&facts.partner_orgs),
            tracking_ids: said(&facts.tracking_ids)
                .map(|fact| (fact.value.clone(), SAID))
                .collect(),
            client_versions: said(&facts.client_versions)
                .map(|fact| (fact.value.clone(), SAID))
                .collect(),
            releases: said(&facts.broadworks_releases)
                .filter_map(|fact| Some((fact.label.clone()?, fact.value.clone(), SAID)))
                .collect(),
        },
        since: facts.time_frame.map(|frame| frame.first),
        until: facts.time_frame.map(|frame| frame.last),
        no_network: true,
        ..CaseInput::default()
    }
}

/// Facts that came from a flag or a key, not from a file.
fn said(facts: &[Fact]) -> impl Iterator<Item = &Fact> {
    facts
        .iter()
        .filter(|fact| fact.source.starts_with("--") || fact.source.starts_with('['))
}
