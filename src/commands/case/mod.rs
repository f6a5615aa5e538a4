//! What `check`, `bundle` and `inspect --judge` share: the inputs, their collection, and the judgement.

pub mod answers;
pub mod collect;
pub mod cut;
pub mod dialogue;
pub mod facts;
pub mod input;
pub mod interactive;
pub mod items;
pub mod judge;
pub mod recognise;
pub mod saved;
pub mod source;

use chrono::{DateTime, Utc};

use self::collect::Collected;
use self::input::CaseInput;
use self::judge::Judged;
use super::{Context, Failure};
use crate::cli::args::case::CaseArgs;
use crate::cli::prompt::Terminal;
use crate::i18n::{Catalog, Lang, Message};
use crate::redact::Lesson;
use crate::scan::TimeFrame;

/// A case, collected and judged; with `--interactive` what was missing is asked in between.
///
/// # Errors
/// When the input is wrong, there is nobody to ask, or the user interrupts.
pub fn open(
    args: &CaseArgs,
    lesson: Option<Lesson>,
    context: &mut Context,
) -> Result<(Collected, Judged), Failure> {
    let mut input = CaseInput::resolve(args, &context.config)?;
    let mut person = None;
    if args.interactive {
        if !context.printer.can_ask() {
            return Err(Failure::Said(Message::new("error-interactive")));
        }
        let mut terminal = Terminal::new(context.interrupt.clone(), context.printer.err_palette());
        interactive::begin(&mut input, &mut terminal, context)?;
        person = Some(terminal);
    }
    let mut collected = collect::collect(&input, lesson, context)?;
    if let Some(as_of) = context.global.as_of {
        collected.pin(as_of);
    }
    let mut judged = judge::judge(&collected, &input, context)?;
    if let Some(mut person) = person
        && interactive::complete(&mut input, &judged, &mut person, context)?
    {
        judged = judge::judge(&collected, &input, context)?;
    }
    // English, as everything that Cisco reads.
    let transcript = input.answers.transcript(&Catalog::new(Lang::En));
    collected.dialogue = (!transcript.is_empty()).then_some(transcript);
    Ok((collected, judged))
}

/// `--since` and `--until`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// When it began.
    pub since: Option<DateTime<Utc>>,
    /// When it ended.
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// The frame as said; an end that was not said is taken from what was found, else the frame is that instant.
    pub fn or_found(self, found: Option<TimeFrame>) -> Option<TimeFrame> {
        match (self.since, self.until) {
            (None, None) => found,
            (Some(first), Some(last)) => Some(TimeFrame { first, last }),
            (Some(first), None) => Some(TimeFrame {
                first,
                last: found.map_or(first, |found| found.last.max(first)),
            }),
            (None, Some(last)) => Some(TimeFrame {
                first: found.map_or(last, |found| found.first.min(last)),
                last,
            }),
        }
    }
}
