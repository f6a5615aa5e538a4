//! `bundle`: the same as `check`, and the evidence packed for the service request.

mod consent;
mod fit;
mod protect;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value as Json};

use self::protect::{Protection, is_age, output_path};
use super::case::{self, collect::Collected, items, judge::Judged};
use super::upload::{Proof, Upload};
use super::{Context, Failure, Outcome};
use crate::bundle::{self, Finished, Item, Manifest, Meta, PackError};
use crate::cli::args::Format;
use crate::cli::args::bundle::Args;
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::i18n::{Catalog, Lang, Message};
use crate::redact::map::{Identities, Recipients};
use crate::redact::{Content, Lesson, Policy, Protected, Redactor, SiteKey};
use crate::render;
use crate::render::html::File;
use crate::report::Report;
use crate::scan::Kind;
use crate::service_request::{self, Attachment, Request};

/// Files of one directory that the service request and the page name.
const MOST_LISTED: usize = 100;

/// Runs the command.
///
/// # Errors
/// When the input is wrong, the zip cannot be written, or the user interrupts.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let upload = upload(args, context)?;
    let protection = Protection::parse(args, &context.interrupt)?;
    let (mut collected, judged) = case::open(&args.case, Some(Lesson::default()), context)?;
    let redactor = redactor(args, &collected, &judged, context)?;
    items::learn(&redactor, &collected, context)?;
    if let Some(limit) = args.max_size {
        let zip = &protection.zip;
        fit::fit(limit, args, &mut collected, &judged, &redactor, zip, context)?;
    }
    let consent = match consent::ask(args, &collected, &judged, &redactor, context)? {
        consent::Answer::Previewed => return Ok(Exit::DONE),
        consent::Answer::Declined => {
            context
                .printer
                .note(&context.catalog, &Message::new("bundle-declined"));
            return Ok(Exit::NOT_DONE);
        }
        consent::Answer::Agreed(how) => how,
    };
    let Some(output) = &output_path(args) else {
        return Ok(Exit::NOT_DONE);
    };
    let finished = {
        let zip = &protection.zip;
        let meta = meta(args, &collected, &judged, &redactor, zip, consent, context);
        pack(output, args, &collected, &judged, &meta, context)?
    };
    let manifest = &finished.manifest;
    if let Some(path) = &args.map {
        if let Some(map) = redactor.private_map(judged.made_at(context)) {
            map.write(path, &protection.map)?;
        }
        let message = Message::new("bundle-map-written").arg("path", path.display().to_string());
        context.printer.note(&context.catalog, &message);
    }
    print(format, output, &judged, manifest, context)?;
    protection.finish(output, context)?;
    let mut left_out = manifest.gaps().next().is_some() || !collected.problems.is_empty();
    if let Some(upload) = upload {
        context.printer.flush()?;
        let nobody = Identities::default();
        let proof = match &finished.encrypted_sha256 {
            Some(digest) => Proof::Digest(digest),
            None => Proof::Verify(&nobody),
        };
        let (_, exit) = upload.send(output, proof, context)?;
        left_out |= exit != Exit::DONE;
    }
    Ok(if left_out { Exit::LEFT_OUT } else { Exit::DONE })
}

/// `--upload`: what it needs, checked before anything is collected.
fn upload(args: &Args, context: &Context) -> Result<Option<Upload>, Failure> {
    let Some(sr) = args.sr.as_deref().filter(|_| args.upload) else {
        return Ok(None);
    };
    if !args.yes && !context.printer.can_ask() {
        return Err(Failure::Said(Message::new("upload-error-consent")));
    }
    Upload::prepare(sr, &args.to, context).map(Some)
}

fn redactor(
    args: &Args,
    collected: &Collected,
    judged: &Judged,
    context: &Context,
) -> Result<Redactor, Failure> {
    let policy = Policy::from_config(&context.config.redact)?;
    let key = match &args.key {
        _ if args.fresh_key => SiteKey::fresh()?,
        Some(path) => SiteKey::load(path)?,
        None => SiteKey::of_site()?,
    };
    let mut protected = Protected::from_facts(&judged.facts);
    // The servers that the case is about: their names stand in their public certificates, and TAC needs them.
    for host in &collected.hosts {
        protected.add(Kind::HostName, host);
    }
    let redactor = if args.map.is_some() {
        Redactor::with_map(policy, key, protected)
    } else {
        Redactor::new(policy, key, protected)
    };
    Ok(redactor.threads(context.global.threads))
}

/// Everything that goes into the zip: the evidence, and the reports about it.
///
/// # Errors
/// When the user interrupts.
fn all_items(
    collected: &Collected,
    judged: &Judged,
    redactor: &Redactor,
    context: &Context,
) -> Result<Vec<Item>, Failure> {
    let at = judged.made_at(context);
    let mut items = items::evidence(collected, redactor, context, at)?;
    // The documents name each file as it will be called.
    for item in &mut items {
        bundle::rename(item, redactor);
    }
    let english = Catalog::new(Lang::En);
    let report = judged.redacted_report("bundle", redactor, context, &context.catalog);
    let in_english = if context.catalog.lang() == Lang::En {
        report.clone()
    } else {
        judged.redacted_report("bundle", redactor, context, &english)
    };
    let facts = in_english
        .data
        .get("facts")
        .cloned()
        .and_then(|facts| serde_json::from_value(facts).ok());
    let facts = facts.unwrap_or_default();
    let (listed, rest) = listed(&items);
    let attachments = |catalog: &Catalog| -> Vec<Attachment> {
        let attachment = |(path, item): &(String, &Item)| Attachment {
            path: path.clone(),
            what: catalog.text(&item.why),
        };
        let more = |(directory, count): (&String, &usize)| Attachment {
            path: directory.clone(),
            what: more(*count, catalog),
        };
        listed
            .iter()
            .map(attachment)
            .chain(rest.iter().map(more))
            .collect()
    };
    let request = |report: &Report, catalog: &Catalog| {
        let files = attachments(catalog);
        let request = Request {
            report,
            facts: &facts,
            files: &files,
        };
        service_request::document(request, catalog)
    };
    let more = |(directory, count): (&String, &usize)| File {
        path: directory.clone(),
        what: more(*count, &context.catalog),
        bytes: None,
        later: false,
        masked: Vec::new(),
    };
    let files: Vec<File> = (listed.iter())
        .map(|(path, item)| file(path, item, &context.catalog))
        .chain(rest.iter().map(more))
        .collect();
    let page = render::html::page(&report, &context.catalog, &files);
    let mut documents = vec![
        (
            "service-request.txt",
            "bundle-why-request",
            request(&in_english, &english).to_text(),
        ),
        (
            "service-request.md",
            "bundle-why-markdown",
            request(&in_english, &english).to_markdown(),
        ),
        ("report.html", "bundle-why-html", page),
        ("report.json", "bundle-why-json", render::json(&report)),
    ];
    if context.catalog.lang() != Lang::En {
        documents.push((
            "handover.txt",
            "bundle-why-handover",
            request(&report, &context.catalog).to_text(),
        ));
    }
    for (path, why, text) in documents {
        let redacted = redactor.content(text.as_bytes());
        items.push(Item::new(
            path,
            env!("CARGO_PKG_NAME"),
            Message::new(why),
            redacted,
            at,
        ));
    }
    Ok(items)
}

/// The items that the documents name, each with its place, and how many more each directory has: a list of thousands of
/// logs is read by nobody, and the manifest has them all.
fn listed(items: &[Item]) -> (Vec<(String, &Item)>, BTreeMap<String, usize>) {
    let (mut counts, mut rest) = (BTreeMap::<&str, usize>::new(), BTreeMap::new());
    let mut listed = Vec::new();
    for item in items {
        let Some(place) = item.place() else { continue };
        let directory = item.path.split_inclusive('/').next().unwrap_or_default();
        let count = counts.entry(directory).or_default();
        *count += 1;
        if *count <= MOST_LISTED {
            listed.push((place, item));
        } else {
            *rest.entry(directory.to_owned()).or_default() += 1;
        }
    }
    (listed, rest)
}

fn more(count: usize, catalog: &Catalog) -> String {
    catalog.text(&Message::new("sr-more-files").arg("count", count))
}

/// A file as the page lists it. What is streamed is redacted only while it is packed, after the page was written.
fn file(path: &str, item: &Item, catalog: &Catalog) -> File {
    let redacted = match &item.content {
        Content::Redacted(redacted) => Some(redacted),
        _ => None,
    };
    let counts = redacted.map(|redacted| &redacted.counts().redacted);
    File {
        path: path.to_owned(),
        what: catalog.text(&item.why),
        bytes: redacted.map_or(item.size_hint, |redacted| Some(redacted.bytes().len() as u64)),
        later: matches!(item.content, Content::Stream(_)),
        masked: counts
            .into_iter()
            .flatten()
            .map(|(kind, count)| (bundle::kind_word(*kind), *count))
            .collect(),
    }
}

fn pack(
    output: &Path,
    args: &Args,
    collected: &Collected,
    judged: &Judged,
    meta: &Meta<'_>,
    context: &Context,
) -> Result<Finished, Failure> {
    let items = all_items(collected, judged, meta.redactor, context)?;
    let name = name(args, Some(output));
    bundle::write(output, &name, items, meta, &context.interrupt).map_err(|error| match &error {
        PackError::Interrupted(_) => Failure::Interrupted,
        other => other.message().map_or(Failure::Interrupted, Failure::Said),
    })
}

/// The name of the top directory.
fn name(args: &Args, output: Option<&Path>) -> String {
    let stem = || {
        let output = output?;
        let zip = Path::new(if is_age(output) {
            output.file_stem()?
        } else {
            output.file_name()?
        });
        Some(zip.file_stem()?.to_string_lossy().into_owned())
    };
    args.name
        .clone()
        .or_else(stem)
        .unwrap_or_else(|| "case".to_owned())
}

fn meta<'a>(
    args: &Args,
    collected: &Collected,
    judged: &Judged,
    redactor: &'a Redactor,
    recipients: &'a Recipients,
    consent: &str,
    context: &'a Context,
) -> Meta<'a> {
    let mut options = Map::new();
    options.insert(
        "no_network".to_owned(),
        Json::from(args.case.no_network || context.config.case.no_network),
    );
    options.insert("fresh_key".to_owned(), Json::from(args.fresh_key));
    options.insert("key_id".to_owned(), Json::from(redactor.key_id()));
    if let Some(limit) = args.max_size {
        options.insert("max_size".to_owned(), Json::from(limit));
    }
    if !recipients.is_empty() {
        options.insert("encrypted_to".to_owned(), Json::from(recipients.names()));
    }
    Meta {
        created_at: judged.made_at(context),
        reproducible: context.global.as_of.is_some(),
        catalog: &context.catalog,
        redactor,
        options,
        clock_offset_seconds: (collected.status.iter())
            .map(|status| status.clock_offset_seconds)
            .chain(
                collected
                    .endpoints
                    .iter()
                    .map(|endpoint| endpoint.clock_offset_seconds),
            )
            .find_map(|offset| offset),
        consent: Some(consent.to_owned()),
        recipients,
        threads: context.global.threads,
    }
}

/// The verdict, what to do, and where the zip is.
fn print(
    format: Format,
    output: &Path,
    judged: &Judged,
    manifest: &Manifest,
    context: &mut Context,
) -> Result<(), Failure> {
    let mut report = judged.report("bundle", context, &context.catalog);
    if format == Format::Json {
        report.data.insert(
            "manifest".to_owned(),
            serde_json::to_value(manifest).unwrap_or_default(),
        );
        context
            .printer
            .out()
            .write_all(render::json(&report).as_bytes())?;
        return Ok(());
    }
    let (width, palette) = (context.printer.width(), context.printer.palette());
    let text = render::check::page(
        &report,
        &context.catalog,
        palette,
        width,
        context.printer.is_verbose(),
    );
    context.printer.out().write_all(text.as_bytes())?;
    let bytes = std::fs::metadata(output).map_or(0, |metadata| metadata.len());
    let written = Message::new("bundle-written")
        .arg("path", output.display().to_string())
        .arg("files", manifest.files.len())
        .arg("kilobytes", bytes.div_ceil(1000));
    let line = crate::sanitize::terminal(&context.catalog.text(&written), true).into_owned();
    writeln!(context.printer.out(), "\n{line}")?;
    Ok(())
}
