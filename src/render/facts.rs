//! The facts of a scan for people and for spreadsheets.

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use crate::cli::printer::Palette;
use crate::i18n::{Catalog, Message};
use crate::sanitize;
use crate::scan::Evidence;
use crate::scan::inventory::{Entry, Inventory};

/// At most this many entries of one kind are shown to a person; JSON and CSV have them all.
const SHOWN: usize = 50;

/// The lists of an inventory with the names of their kinds, in the order in which a service request asks for them.
fn lists(inventory: &Inventory) -> [(&'static str, &[Entry]); 11] {
    [
        ("org", &inventory.org_ids),
        ("tracking-id", &inventory.tracking_ids),
        ("email", &inventory.emails),
        ("user-id", &inventory.user_ids),
        ("broadworks-user-id", &inventory.broadworks_user_ids),
        ("client-version", &inventory.client_versions),
        ("broadworks-release", &inventory.broadworks_releases),
        ("control-hub-build", &inventory.control_hub_builds),
        ("error-code", &inventory.error_codes),
        ("device-id", &inventory.device_ids),
        ("call-id", &inventory.call_ids),
    ]
}

/// The summary for a person: each fact once, how often, where first, how sure.
///
/// # Errors
/// When `out` cannot be written.
pub fn text(
    inventory: &Inventory,
    catalog: &Catalog,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (strong, faint) = (palette.strong(), palette.faint());
    let heading = |kind: &str| catalog.text(&Message::new("extract-heading").arg("kind", kind));
    let mut nothing = true;
    for (kind, entries) in lists(inventory) {
        if entries.is_empty() {
            continue;
        }
        nothing = false;
        writeln!(out, "{strong}{}{strong:#}", heading(kind))?;
        for entry in entries.iter().take(SHOWN) {
            one(entry, catalog, palette, out)?;
        }
        if let Some(more) = entries.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            writeln!(out, "  … (+{more})")?;
        }
        writeln!(out)?;
    }
    if nothing {
        writeln!(out, "{}\n", catalog.plain("extract-nothing"))?;
    }
    if let Some(frame) = inventory.time_frame {
        let words = Message::new("extract-time-frame")
            .arg("first", clock(frame.first))
            .arg("last", clock(frame.last));
        writeln!(
            out,
            "{strong}{}{strong:#}\n  {}",
            heading("time-frame"),
            catalog.text(&words)
        )?;
        writeln!(
            out,
            "    {faint}{}{faint:#}\n",
            catalog.plain("extract-time-note")
        )?;
    }
    writeln!(out, "{strong}{}{strong:#}", heading("files"))?;
    files(inventory, catalog, out)
}

fn one(entry: &Entry, catalog: &Catalog, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let faint = palette.faint();
    let role = entry
        .role
        .as_deref()
        .map(|role| catalog.text(&Message::new("extract-role").arg("role", role)));
    let gap = if role.is_some() { "  " } else { "" };
    writeln!(out, "  {}{gap}{}", line(&entry.value), role.unwrap_or_default())?;
    if let Some(text) = &entry.text {
        writeln!(out, "    {}", line(text))?;
    }
    writeln!(
        out,
        "    {faint}{}; {}{faint:#}",
        seen(entry, catalog),
        sure(entry, catalog)
    )
}

fn files(inventory: &Inventory, catalog: &Catalog, out: &mut dyn Write) -> io::Result<()> {
    let read: Vec<_> = inventory
        .files
        .iter()
        .filter(|file| file.bytes > 0 || file.problem.is_none())
        .collect();
    let words = Message::new("extract-files")
        .arg("files", read.len())
        .arg("lines", read.iter().map(|file| file.lines).sum::<u64>());
    writeln!(out, "  {}", catalog.text(&words))?;
    for file in &inventory.files {
        if let Some(why) = &file.problem {
            writeln!(out, "  {}: {}", line(&file.file), line(why))?;
        }
    }
    Ok(())
}

fn line(text: &str) -> std::borrow::Cow<'_, str> {
    sanitize::terminal(text, false)
}

fn seen(entry: &Entry, catalog: &Catalog) -> String {
    let place = format!("{}:{}:{}", entry.first.file, entry.first.line, entry.first.column);
    let words = Message::new("extract-seen")
        .arg("count", entry.count)
        .arg("place", line(&place));
    catalog.text(&words)
}

fn sure(entry: &Entry, catalog: &Catalog) -> String {
    if let (Evidence::Label, Some(label)) = (entry.evidence, &entry.label) {
        return catalog.text(&Message::new("extract-sure-label").arg("label", line(label)));
    }
    let evidence = evidence_word(entry.evidence);
    catalog.text(&Message::new("extract-sure").arg("evidence", evidence))
}

const fn evidence_word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Label => "label",
        Evidence::Prefix => "prefix",
        Evidence::Shape => "shape",
    }
}

fn clock(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// One row a fact; the header is the same in every language.
///
/// # Errors
/// When `out` cannot be written.
pub fn csv(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "kind", "value", "count", "file", "line", "column", "evidence", "role", "label", "prefix", "hex",
        "encoded", "text", "at",
    ])?;
    for (kind, entries) in lists(inventory) {
        for entry in entries {
            let optional = |field: &Option<String>| cell(field.as_deref().unwrap_or_default());
            writer.write_record([
                kind.to_owned(),
                cell(&entry.value),
                entry.count.to_string(),
                cell(&entry.first.file),
                entry.first.line.to_string(),
                entry.first.column.to_string(),
                evidence_word(entry.evidence).to_owned(),
                optional(&entry.role),
                optional(&entry.label),
                optional(&entry.prefix),
                optional(&entry.hex),
                optional(&entry.encoded),
                optional(&entry.text),
                entry.at.map(crate::report::rfc3339).unwrap_or_default(),
            ])?;
        }
    }
    writer.flush()
}

/// Spreadsheets run cells that begin like a formula; an apostrophe keeps them text.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text != "-" {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
