//! Redaction while reading: constant memory, and an error instead of bytes that were not judged.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::content::{Counts, RedactError, Sample};
use super::engine::{Engine, Plan};
use super::followed::Followed;
use super::sample::Samples;
use super::trace::Trace;
use super::window::{Sizes, Window};

/// A reader that hands out redacted bytes only. What was read before an error is redacted, but not all there is.
pub struct RedactedStream {
    // Boxed, so that what holds either bytes or a stream is not as large as the latter.
    window: Box<Window<Box<dyn Read + Send>>>,
    engine: Box<Engine>,
    followed: Option<Followed>,
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

impl Tally {
    /// Adds what was done in the text behind.
    pub(super) fn append(&mut self, other: Self) {
        self.counts.add(&other.counts);
        self.samples.append(other.samples);
    }
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
            followed: trace
                .filter(|_| !engine.has_patterns())
                .map(|trace| Followed::new(trace, &engine)),
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
        if let Some(followed) = &mut self.followed {
            if followed.step(window, engine, &mut self.tally, &mut self.out)? {
                return Ok(());
            }
            // From here on the earlier scan does not say what is there.
            self.followed = None;
        }
        if !step(window, engine, &mut self.tally, &mut self.out)? {
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
    tally: &mut Tally,
    out: &mut Vec<u8>,
) -> Result<bool, RedactError> {
    let step = window.step(&mut |text| engine.plan(text))?;
    out.extend_from_slice(&window.take_mark());
    let Some(step) = step else {
        return Ok(false);
    };
    let encode = |text: &[u8], out: &mut Vec<u8>| window.encode(text, out);
    write(window.text(), step.range, &step.plan, encode, tally, out);
    engine.record(window.text(), &step.plan);
    Ok(true)
}

/// Writes `text[range]` as its plan says, and counts.
pub(super) fn write(
    text: &[u8],
    range: Range<usize>,
    plan: &Plan,
    encode: impl Fn(&[u8], &mut Vec<u8>),
    tally: &mut Tally,
    out: &mut Vec<u8>,
) {
    let mut at = range.start;
    for edit in &plan.edits {
        encode(&text[at..edit.start], out);
        encode(edit.replacement.as_bytes(), out);
        at = edit.end;
        // The rest of a value that was counted already has no replacement.
        if !edit.replacement.is_empty() {
            *tally.counts.redacted.entry(edit.kind).or_default() += 1;
            tally.samples.add(edit, &text[edit.start..edit.end]);
        }
    }
    encode(&text[at..range.end], out);
    for (_, kind) in &plan.kept {
        *tally.counts.kept.entry(*kind).or_default() += 1;
    }
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
