//! Redaction while reading: constant memory, and an error instead of bytes that were not judged.

use std::io::{self, Read};
use std::sync::Arc;

use super::content::{Counts, RedactError, Sample};
use super::engine::Engine;
use super::sample::Samples;
use super::trace::{Follower, Trace};
use super::window::{Sizes, Step, Window};

/// A reader that hands out redacted bytes only. What was read before an error is redacted, but not all there is.
pub struct RedactedStream {
    // Boxed, so that what holds either bytes or a stream is not as large as the latter.
    window: Box<Window<Box<dyn Read + Send>>>,
    engine: Box<Engine>,
    follower: Option<Follower>,
    tally: Tally,
    out: Vec<u8>,
    at: usize,
    ended: bool,
    failure: Option<Arc<RedactError>>,
}

impl std::fmt::Debug for RedactedStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedactedStream")
            .field("ended", &self.ended)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

/// Counts and samples of what was done so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) samples: Samples,
}

impl RedactedStream {
    pub(super) fn new(reader: Box<dyn Read + Send>, engine: Engine, sizes: Sizes) -> Self {
        Self::traced(reader, engine, sizes, None)
    }

    /// The same with what an earlier scan found.
    pub(super) fn traced(
        reader: Box<dyn Read + Send>,
        engine: Engine,
        sizes: Sizes,
        trace: Option<Arc<Trace>>,
    ) -> Self {
        Self {
            follower: trace.filter(|_| !engine.has_patterns()).map(Follower::new),
            window: Box::new(Window::with_sizes(reader, sizes)),
            engine: Box::new(engine),
            tally: Tally::default(),
            out: Vec::new(),
            at: 0,
            ended: false,
            failure: None,
        }
    }

    /// What was redacted and kept; complete once everything was read.
    pub fn counts(&self) -> &Counts {
        &self.tally.counts
    }

    /// The first redactions of each kind.
    pub fn samples(&self) -> &[Sample] {
        self.tally.samples.as_slice()
    }

    /// Whether everything was read.
    pub fn is_complete(&self) -> bool {
        self.ended && self.at == self.out.len() && self.failure.is_none()
    }

    /// Why reading failed, if it did: the file is to be withheld.
    pub fn failure(&self) -> Option<&RedactError> {
        self.failure.as_deref()
    }

    fn advance(&mut self) -> Result<(), RedactError> {
        self.out.clear();
        self.at = 0;
        let (window, engine) = (&mut *self.window, &mut *self.engine);
        if !step(window, engine, &mut self.follower, &mut self.tally, &mut self.out)? {
            self.out.extend_from_slice(self.window.undecoded());
            self.ended = true;
        }
        Ok(())
    }
}

/// Deals with one piece; whether there was one.
pub(super) fn step<R: Read>(
    window: &mut Window<R>,
    engine: &mut Engine,
    follower: &mut Option<Follower>,
    tally: &mut Tally,
    out: &mut Vec<u8>,
) -> Result<bool, RedactError> {
    let step = match follow(window, engine, follower)? {
        None => window.step(&mut |text| engine.plan(text))?,
        some => some,
    };
    out.extend_from_slice(&window.take_mark());
    let Some(step) = step else {
        return Ok(false);
    };
    let text = window.text();
    let mut at = step.range.start;
    for edit in &step.plan.edits {
        window.encode(&text[at..edit.start], out);
        window.encode(edit.replacement.as_bytes(), out);
        at = edit.end;
        let raw = &text[edit.start..edit.end];
        // The rest of a value that was counted already has no replacement.
        if !edit.replacement.is_empty() {
            *tally.counts.redacted.entry(edit.kind).or_default() += 1;
            tally.samples.add(edit, raw);
        }
        if edit.reversible {
            engine.inner().record(edit, raw);
        }
    }
    window.encode(&text[at..step.range.end], out);
    for (_, kind) in &step.plan.kept {
        *tally.counts.kept.entry(*kind).or_default() += 1;
    }
    Ok(true)
}

/// The next piece by what an earlier scan found in it; `None`, from then on, when it does not say.
fn follow<R: Read>(
    window: &mut Window<R>,
    engine: &mut Engine,
    follower: &mut Option<Follower>,
) -> Result<Option<Step>, RedactError> {
    let Some(known) = follower else {
        return Ok(None);
    };
    if let Some(length) = known.length()
        && let Some(range) = window.next_lines(length)?
        && let Some(finds) = known.finds(window.text(), range.clone())
    {
        let end = range.end;
        let plan = engine.plan_found(window.text(), range, finds)?;
        return Ok(Some(window.deal_with(plan, end)));
    }
    *follower = None;
    Ok(None)
}

impl Read for RedactedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.at == self.out.len() {
            if let Some(failure) = &self.failure {
                return Err(io::Error::other(Arc::clone(failure)));
            }
            if self.ended {
                return Ok(0);
            }
            if let Err(error) = self.advance() {
                // Nothing of the piece that failed is handed out.
                self.out.clear();
                self.failure = Some(Arc::new(error));
            }
        }
        let count = buffer.len().min(self.out.len() - self.at);
        buffer[..count].copy_from_slice(&self.out[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
