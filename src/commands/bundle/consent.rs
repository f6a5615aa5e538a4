//! What would be shared, shown before anything is packed; asked on a terminal.

use std::io::{self, BufRead as _, Read as _};

use super::{Args, Collected, Context, Failure, Judged, all_items};
use crate::bundle::Item;
use crate::i18n::Message;
use crate::redact::{Content, Redactor};
use crate::render::preview::{self, Row};

/// What came of it.
pub(super) enum Answer {
    /// `--preview`: shown, nothing is written.
    Previewed,
    /// No.
    Declined,
    /// Yes, and how: for the manifest.
    Agreed(&'static str),
}

/// Shows and asks where a person can answer; elsewhere packing was asked for by the command itself.
///
/// # Errors
/// When standard output cannot be written, or the user interrupts.
pub(super) fn ask(
    args: &Args,
    collected: &Collected,
    judged: &Judged,
    redactor: &Redactor,
    context: &mut Context,
) -> Result<Answer, Failure> {
    if args.yes && !args.preview {
        return Ok(Answer::Agreed("flag"));
    }
    if !args.preview && !context.printer.can_ask() {
        return Ok(Answer::Agreed("not-asked"));
    }
    let rows = all_items(collected, judged, redactor, context)?
        .into_iter()
        .map(|item| row(item, context))
        .collect::<Result<Vec<_>, _>>()?;
    let text = preview::page(
        &rows,
        &context.catalog,
        context.printer.palette(),
        context.printer.width(),
    );
    context.printer.out().write_all(text.as_bytes())?;
    if args.preview {
        return Ok(Answer::Previewed);
    }
    context.printer.flush()?;
    context
        .printer
        .note(&context.catalog, &Message::new("bundle-ask"));
    // In a thread of its own: a read that a signal interrupts begins anew, and Ctrl-C would wait for Enter.
    let answer = context.interrupt.wait_for(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    })?;
    let line = answer?;
    let yes = context.catalog.plain("bundle-ask-yes");
    let agreed = yes
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case(line.trim()));
    Ok(if agreed {
        Answer::Agreed("asked")
    } else {
        Answer::Declined
    })
}

/// Redacts an item to its end, only to count.
fn row(item: Item, context: &Context) -> Result<Row, Failure> {
    let (bytes, counts, samples, withheld) = match item.content {
        Content::Redacted(redacted) => (
            redacted.bytes().len() as u64,
            redacted.counts().clone(),
            redacted.samples().to_vec(),
            None,
        ),
        Content::Withheld(withheld) => (
            0,
            crate::redact::Counts::default(),
            Vec::new(),
            Some(withheld.reason().clone()),
        ),
        Content::Stream(mut stream) => {
            let (mut bytes, mut buffer) = (0_u64, vec![0; 64 * 1024]);
            let withheld = loop {
                context.interrupt.check()?;
                match stream.read(&mut buffer) {
                    Ok(read) if read > 0 => bytes += read as u64,
                    Ok(_) | Err(_) => break stream.failure().map(crate::i18n::Localize::message),
                }
            };
            (
                bytes,
                stream.counts().clone(),
                stream.samples().to_vec(),
                withheld,
            )
        }
    };
    Ok(Row {
        path: item.path,
        why: item.why,
        bytes,
        counts,
        samples,
        withheld,
    })
}
