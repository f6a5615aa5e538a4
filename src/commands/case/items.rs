//! From a collected and judged case to the items of its bundle. Whatever goes in passes the redactor here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::collect::{Collected, Problem};
use super::cut::Cut;
use super::source::{Kind, Source};
use crate::bundle::{Item, Status};
use crate::commands::{Context, Failure};
use crate::i18n::Message;
use crate::probe::TlsObservation;
use crate::probe::http::Cause;
use crate::probe::observation::Reason;
use crate::probe::status::{Outcome, StatusObservation};
use crate::redact::{Content, Redacted, Redactor};
use crate::x509::files::CertFile;

/// Largest picture that is packed.
const MAX_PICTURE: u64 = 50 * 1024 * 1024;

/// Room for the items that are neither logs nor failures.
const MOST_OTHERS: usize = 64;

/// Lets the redactor learn every value of the case before the first byte is redacted: what is found late is then
/// redacted early too.
///
/// # Errors
/// When the user interrupts.
pub fn learn(redactor: &Redactor, collected: &Collected, context: &Context) -> Result<(), Failure> {
    redactor.learn_inventory(&collected.inventory);
    if let Some(lesson) = &collected.lesson {
        redactor.learn_lesson(lesson);
    }
    context.interrupt.check()?;
    for users in &collected.users {
        let _ = redactor.learn(&users.bytes);
    }
    Ok(())
}

/// The evidence: everything but the reports.
///
/// # Errors
/// When the user interrupts.
pub fn evidence(
    collected: &Collected,
    redactor: &Redactor,
    context: &Context,
    at: DateTime<Utc>,
) -> Result<Vec<Item>, Failure> {
    // With many logs nearly all of them; a list that grows would be twice as large.
    let mut items = Vec::with_capacity(collected.sources.len() + collected.problems.len() + MOST_OTHERS);
    if let Some(status) = &collected.status {
        items.extend(page(status, redactor));
    }
    for observation in &collected.endpoints {
        endpoint(&mut items, observation, redactor, at);
    }
    for file in &collected.certificates {
        items.push(certificate_file(
            "tls/installed",
            file,
            Message::new("bundle-why-certificate"),
            at,
        ));
    }
    for file in &collected.trust {
        items.push(certificate_file(
            "trust",
            file,
            Message::new("bundle-why-trust"),
            at,
        ));
    }
    for users in &collected.users {
        let name = users.path.file_name().unwrap_or_default().to_string_lossy();
        let why = Message::new("bundle-why-users");
        let redacted = redactor.content(&users.bytes);
        items.push(Item::new(
            format!("users/{name}"),
            users.path.to_string_lossy(),
            why,
            redacted,
            at,
        ));
    }
    let scanned: HashMap<&str, u64> = (collected.inventory.files.iter())
        .map(|file| (file.file.as_str(), file.bytes))
        .collect();
    let sizes = |source: &Source| source.size.or_else(|| scanned.get(source.name.as_str()).copied());
    items.extend((collected.sources.iter()).map(|source| text(source, sizes(source), redactor, at)));
    if let Some(dialogue) = &collected.dialogue {
        items.push(Item::new(
            "text/dialogue.txt",
            env!("CARGO_PKG_NAME"),
            Message::new("bundle-why-dialogue"),
            redactor.content(dialogue.as_bytes()),
            at,
        ));
    }
    for path in &collected.attachments {
        context.interrupt.check()?;
        items.push(attachment(path, at));
    }
    items.extend(
        collected
            .problems
            .iter()
            .filter_map(|problem| failed(problem, at)),
    );
    Ok(items)
}

/// What the status page answered. Where it did not, the record of that says how it went.
fn page<'a>(status: &'a StatusObservation, redactor: &'a Redactor) -> impl Iterator<Item = Item> + 'a {
    status.files().into_iter().map(|(name, bytes)| {
        let answer = status.answers.iter().find(|answer| answer.name == name);
        let mut item = Item::new(
            format!("status/{name}"),
            &status.source,
            Message::new(match answer {
                Some(_) => "bundle-why-status",
                None => "bundle-why-status-record",
            }),
            redactor.content(&bytes),
            answer.map_or(status.fetched_at, |answer| answer.received_at),
        );
        if let (None, Outcome::Unreachable(problem)) = (answer, &status.outcome) {
            item.status = match problem.cause {
                Cause::Timeout => Status::TimedOut,
                Cause::Interrupted => Status::Interrupted,
                _ => Status::Failed,
            };
            item.reason = Some(no_answer(problem.cause.as_str()));
        }
        item
    })
}

fn no_answer(reason: &str) -> Message {
    Message::new("bundle-reason-no-answer").arg("reason", reason)
}

fn endpoint(items: &mut Vec<Item>, observation: &TlsObservation, redactor: &Redactor, at: DateTime<Utc>) {
    let observed = DateTime::parse_from_rfc3339(&observation.observed_at);
    let at = observed.map_or(at, |observed| observed.to_utc());
    let address = observation
        .address
        .map(|address| format!("-{address}"))
        .unwrap_or_default();
    let directory = format!("tls/{}-{}{address}", observation.host, observation.port);
    let ders: Vec<&[u8]> = observation.chain.iter().map(|der| der.0.as_slice()).collect();
    if !ders.is_empty() {
        let content = Content::from(Redacted::public_certificates(&ders));
        let why = Message::new("bundle-why-chain");
        items.push(Item::new(
            format!("{directory}/chain.pem"),
            &observation.target,
            why,
            content,
            at,
        ));
    }
    let mut json = serde_json::to_string_pretty(observation).unwrap_or_default();
    json.push('\n');
    let why = Message::new("bundle-why-observation");
    let content = redactor.content(json.as_bytes());
    let took = std::time::Duration::from_millis(observation.elapsed_ms);
    let path = format!("{directory}/observation.json");
    let mut item = Item::new(path, &observation.target, why, content, at).took(took);
    if let Some(reason) = observation.reason.as_ref().filter(|_| !observation.reachable) {
        item.status = match reason {
            Reason::TimeoutConnect | Reason::TimeoutHandshake | Reason::SlowPeer => Status::TimedOut,
            _ => Status::Failed,
        };
        item.reason = Some(no_answer(&reason.to_string()));
    }
    items.push(item);
}

/// Certificates as PEM, made anew from what was parsed: a private key in the file cannot come along.
fn certificate_file(directory: &str, file: &CertFile, why: Message, at: DateTime<Utc>) -> Item {
    let name = file
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let ders: Vec<&[u8]> = file.certificates.iter().map(Vec::as_slice).collect();
    let content = Content::from(Redacted::public_certificates(&ders));
    let item = Item::new(
        format!("{directory}/{stem}.pem"),
        file.path.to_string_lossy(),
        why,
        content,
        at,
    );
    if file.private_keys == 0 {
        return item;
    }
    item.partial(Message::new("bundle-reason-private-key").arg("count", file.private_keys))
}

fn text(source: &Source, size: Option<u64>, redactor: &Redactor, at: DateTime<Utc>) -> Item {
    let why = match source.kind {
        Kind::Text => "bundle-why-text",
        Kind::Log => "bundle-why-log",
    };
    let path = format!("{}/{}", source.kind.part(), source.packed_as);
    if source.cut == Cut::Nothing {
        let reason = Message::new("bundle-reason-no-room");
        return Item::skipped(path, &source.name, Message::new(why), reason, at);
    }
    let content = Content::from(match &source.trace {
        Some(trace) if source.cut == Cut::Whole => redactor.redact_traced(source.packed(), trace),
        _ => redactor.redact_stream(source.packed()),
    });
    let mut item = Item::new(path, &source.name, Message::new(why), content, at);
    item.archive = (source.archive.as_ref())
        .map(|(archive, number)| (format!("{}/{archive}", source.kind.part()), *number));
    let item = match source.cut {
        Cut::Whole | Cut::Nothing => item,
        Cut::From { line, .. } => item.partial(Message::new("bundle-reason-cut-around").arg("line", line)),
        Cut::End { .. } => item.partial(Message::new("bundle-reason-cut-end")),
    };
    let left = size.map(|size| match source.cut {
        Cut::Whole | Cut::Nothing => size,
        Cut::From { bytes, .. } => size.min(bytes),
        Cut::End { skip } => size.saturating_sub(skip),
    });
    match left {
        Some(size) => item.size(size),
        None => item,
    }
}

fn attachment(path: &std::path::Path, at: DateTime<Utc>) -> Item {
    use std::io::Read as _;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let target = format!("attachments/{name}");
    let why = Message::new("bundle-why-attachment");
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_PICTURE).read_to_end(&mut bytes));
    match read.map(|_| Redacted::consented_picture(bytes)) {
        Ok(content) => Item::new(target, path.to_string_lossy(), why, Content::from(content), at),
        Err(error) => {
            let reason = Message::new("error-attachment-read").arg("reason", error.to_string());
            Item::failed(target, path.to_string_lossy(), why, Status::Failed, reason, at)
        }
    }
}

/// A collector that brought nothing leaves a note where its output would have been.
fn failed(problem: &Problem, at: DateTime<Utc>) -> Option<Item> {
    let directory = problem.part?;
    let name = std::path::Path::new(&problem.subject)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| problem.subject.clone());
    let why = Message::new("bundle-why-problem");
    let path = format!("{directory}/{name}");
    Some(Item::failed(
        path,
        &problem.subject,
        why,
        Status::Failed,
        problem.cause.clone(),
        at,
    ))
}
