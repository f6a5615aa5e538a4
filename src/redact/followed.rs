//! Redacting what was scanned before: blocks whose finds are known, several at once.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use super::content::RedactError;
use super::engine::{Engine, Plan};
use super::stream::{Tally, write};
use super::trace::Trace;
use super::window::Window;

/// Blocks that a thread deals with before what it made is handed on: a quarter of a mebibyte each.
const EACH: usize = 2;
/// Blocks in memory at once, whatever the number of threads.
const MOST: usize = 16;

/// A way along a trace.
#[derive(Debug)]
pub(super) struct Followed {
    trace: Arc<Trace>,
    /// The next block.
    next: usize,
    /// One a thread, so that each remembers the values that it met.
    workers: Vec<Engine>,
    /// Memory that is used again.
    places: Vec<Place>,
}

/// A block that is dealt with.
#[derive(Debug, Default)]
struct Place {
    number: usize,
    range: Range<usize>,
    plan: Plan,
    /// Empty until the plan has all its tokens.
    out: Vec<u8>,
    tally: Tally,
    /// Whether the trace says what is there.
    outcome: Option<Result<bool, RedactError>>,
}

impl Followed {
    pub(super) fn new(trace: Arc<Trace>, engine: &Engine) -> Self {
        let inner = engine.inner();
        let threads = inner.threads.min(MOST).min(trace.len()).max(1);
        let count = if threads > 1 {
            (threads * EACH).min(MOST)
        } else {
            1
        };
        Self {
            trace,
            next: 0,
            workers: (0..threads)
                .map(|_| Engine::new_ahead(Arc::clone(inner)))
                .collect(),
            places: (0..count).map(|_| Place::default()).collect(),
        }
    }

    /// Deals with the next blocks; false when there is none, or not the one that was scanned.
    pub(super) fn step<R: Read>(
        &mut self,
        window: &mut Window<R>,
        engine: &mut Engine,
        tally: &mut Tally,
        out: &mut Vec<u8>,
    ) -> Result<bool, RedactError> {
        let lengths = self.trace.lengths(self.next).take(self.places.len());
        let ranges = window.next_blocks(lengths)?;
        self.deal_with(window.text(), &ranges);
        let mut end = None;
        for place in self.places.iter_mut().take(ranges.len()) {
            if !place.outcome.take().unwrap_or(Ok(false))? {
                break;
            }
            out.extend_from_slice(&window.take_mark());
            let text = window.text();
            if place.plan.unissued.is_empty() {
                out.extend_from_slice(&place.out);
            } else {
                engine.issue(text, &mut place.plan)?;
                let range = place.range.clone();
                write(text, range, &place.plan, as_it_is, &mut place.tally, out);
            }
            engine.record(text, &place.plan);
            tally.append(std::mem::take(&mut place.tally));
            end = Some(place.range.end);
            self.next += 1;
        }
        let Some(end) = end else { return Ok(false) };
        window.pass(end);
        Ok(true)
    }

    /// Each thread deals with as many of the blocks.
    fn deal_with(&mut self, text: &[u8], ranges: &[Range<usize>]) {
        for ((place, range), number) in self.places.iter_mut().zip(ranges).zip(self.next..) {
            (place.number, place.range) = (number, range.clone());
        }
        let places = self.places.get_mut(..ranges.len()).unwrap_or_default();
        let each = ranges.len().div_ceil(self.workers.len()).max(1);
        let trace = &*self.trace;
        thread::scope(|scope| {
            let mut shares = places.chunks_mut(each).zip(&mut self.workers);
            let own = shares.next();
            for (share, engine) in shares {
                scope.spawn(move || fill(share, trace, text, engine));
            }
            if let Some((share, engine)) = own {
                fill(share, trace, text, engine);
            }
        });
    }
}

fn fill(places: &mut [Place], trace: &Trace, text: &[u8], engine: &mut Engine) {
    for place in places {
        place.outcome = Some(place.redact(trace, text, engine));
    }
}

impl Place {
    fn redact(&mut self, trace: &Trace, text: &[u8], engine: &mut Engine) -> Result<bool, RedactError> {
        self.out.clear();
        self.tally = Tally::default();
        let range = self.range.clone();
        let Some(finds) = trace.finds(self.number, text, range.clone()) else {
            return Ok(false);
        };
        self.plan = engine.plan_found(text, range.clone(), finds)?;
        if self.plan.unissued.is_empty() {
            write(text, range, &self.plan, as_it_is, &mut self.tally, &mut self.out);
        }
        Ok(true)
    }
}

/// A trace is of text that is scanned as it is.
fn as_it_is(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(text);
}
