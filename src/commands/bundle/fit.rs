//! `--max-size`: how much of each log there is room for.
//!
//! How small a log becomes is known only once it is compressed. So a budget in bytes of text is guessed, all of it is
//! packed to nowhere, and the guess is mended until the zip fits. What is packed then is what was measured.

use std::collections::HashMap;
use std::time::SystemTime;

use super::{Args, Collected, Context, Failure, Judged, all_items, meta, name};
use crate::bundle::{self, Nowhere, PackError};
use crate::commands::case::cut::Cut;
use crate::commands::case::source::Kind;
use crate::i18n::Message;
use crate::redact::Redactor;
use crate::redact::map::Recipients;
use crate::scan::Inventory;

/// The first guess: logs become eight times smaller.
const RATIO: u64 = 8;
/// Guesses; each comes much nearer.
const GUESSES: usize = 8;
/// A zip this full (in percent of what there is room for) is not filled further.
const FULL: u64 = 80;

/// Cuts the logs so that the zip has at most `limit` bytes.
///
/// # Errors
/// When it would be larger even without any log.
pub(super) fn fit(
    limit: u64,
    args: &Args,
    collected: &mut Collected,
    judged: &Judged,
    redactor: &Redactor,
    recipients: &Recipients,
    context: &Context,
) -> Result<(), Failure> {
    let order = order(collected);
    let text: u64 = order.iter().map(|log| log.bytes).sum();
    share(0, &order, collected);
    let fixed = measure(args, collected, judged, redactor, recipients, context)?;
    if fixed > limit {
        return Err(Failure::Said(
            Message::new("bundle-error-max-size")
                .arg("limit", crate::render::bundle::size(limit))
                .arg("fixed", crate::render::bundle::size(fixed)),
        ));
    }
    let room = limit - fixed;
    let (mut fits, mut budget) = (0, room.saturating_mul(RATIO).min(text));
    for _ in 0..GUESSES {
        share(budget, &order, collected);
        let size = measure(args, collected, judged, redactor, recipients, context)?;
        let used = size.saturating_sub(fixed).max(1);
        if size <= limit {
            fits = budget;
            if budget == text || used >= room / 100 * FULL {
                return Ok(());
            }
        }
        // A little less than what the measured ratio allows, and never what is known not to fit.
        let next = u128::from(budget) * u128::from(room) / u128::from(used) * 95 / 100;
        let next = u64::try_from(next).unwrap_or(u64::MAX).min(text);
        budget = if size > limit {
            next.clamp(fits, budget - budget / 10)
        } else {
            next.max(budget)
        };
        if budget == fits {
            break;
        }
    }
    share(fits, &order, collected);
    Ok(())
}

/// A log that can be cut.
struct Log {
    /// Its place among the sources.
    index: usize,
    bytes: u64,
    lines: u64,
    /// The line of the first fact of the case.
    error: Option<u64>,
    /// Its bytes are lines: an encoding of two bytes a character is not cut, but packed whole or not at all.
    lined: bool,
}

/// Logs in the order in which they get room: those with the error first, then the newest.
fn order(collected: &Collected) -> Vec<Log> {
    let errors = errors(&collected.inventory);
    let summaries: HashMap<&str, _> = collected
        .inventory
        .files
        .iter()
        .map(|file| (file.file.as_str(), file))
        .collect();
    let mut logs: Vec<(Log, Option<SystemTime>)> = Vec::new();
    for (index, source) in collected.sources.iter().enumerate() {
        if source.kind != Kind::Log {
            continue;
        }
        let summary = summaries.get(source.name.as_str());
        let log = Log {
            index,
            bytes: source
                .size
                .or_else(|| summary.map(|summary| summary.bytes))
                .unwrap_or_default(),
            lines: summary.map_or(1, |summary| summary.lines),
            error: errors.get(source.name.as_str()).copied(),
            lined: summary.is_some_and(|summary| !summary.encoding.starts_with("UTF-16")),
        };
        logs.push((log, source.modified()));
    }
    // Stable: logs of the same age keep the order in which they were named.
    logs.sort_by_key(|(log, modified)| (log.error.is_none(), std::cmp::Reverse(*modified)));
    logs.into_iter().map(|(log, _)| log).collect()
}

/// The first line with an error code in each file, else with a tracking ID.
fn errors(inventory: &Inventory) -> HashMap<&str, u64> {
    let mut lines = HashMap::new();
    for entry in inventory.error_codes.iter().chain(&inventory.tracking_ids) {
        lines.entry(entry.first.file.as_str()).or_insert(entry.first.line);
    }
    lines
}

/// Gives each log in turn what it needs, as far as the budget goes.
fn share(mut budget: u64, order: &[Log], collected: &mut Collected) {
    for log in order {
        let cut = if log.bytes > budget && !log.lined {
            Cut::Nothing
        } else {
            Cut::best(budget, log.bytes, log.lines, log.error)
        };
        if cut != Cut::Nothing {
            budget = budget.saturating_sub(log.bytes);
        }
        if let Some(source) = collected.sources.get_mut(log.index) {
            source.cut = cut;
        }
    }
}

/// How large the zip would be.
fn measure(
    args: &Args,
    collected: &Collected,
    judged: &Judged,
    redactor: &Redactor,
    recipients: &Recipients,
    context: &Context,
) -> Result<u64, Failure> {
    let items = all_items(collected, judged, redactor, context)?;
    let meta = meta(
        args,
        collected,
        judged,
        redactor,
        recipients,
        "not-asked",
        context,
    );
    let mut nowhere = Nowhere::default();
    let name = name(args, args.output.as_deref());
    bundle::pack(&mut nowhere, &name, items, &meta, &context.interrupt).map_err(|error| match &error {
        PackError::Interrupted(_) => Failure::Interrupted,
        other => other.message().map_or(Failure::Interrupted, Failure::Said),
    })?;
    Ok(recipients.encrypted_length(nowhere.length()))
}
