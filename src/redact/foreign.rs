//! Text of a second encoding in one file: a line that was appended to a file of another encoding. The scan of the file
//! does not see it, so it is refused when it is long, or when a scan of its own finds something to redact in it.

use super::codec::generalised;
use super::policy::{Action, Policy};
use crate::scan;

/// Characters in a row that betray a second encoding whatever they say.
const LONG: usize = 16;
/// Fewer than this say nothing.
const SHORT: usize = 6;

/// Printable ASCII, and what stands between lines and cells.
fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// The runs of a second encoding, each a line of its own.
#[derive(Default)]
struct Runs {
    view: Vec<u8>,
    run: Vec<u8>,
    longest: usize,
}

impl Runs {
    fn end(&mut self, characters: usize) {
        if characters >= SHORT {
            self.longest = self.longest.max(characters);
            self.view.append(&mut self.run);
            self.view.extend_from_slice(b"\n\n\n");
        }
        self.run.clear();
    }

    /// Whether a scan finds in them what must not leave.
    fn hide_something(&self) -> bool {
        let policy = Policy::default();
        !self.view.is_empty()
            && scan::spans(&self.view)
                .iter()
                .any(|span| policy.action(span.kind) != Action::Keep)
    }
}

/// Whether bytes of an extension of ASCII hold UTF-16 that is to be refused.
pub(super) fn in_bytes(text: &[u8]) -> bool {
    let mut runs = Runs::default();
    let mut at = 0;
    // A run may end with the text, and `at` then lies behind it.
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr(0, rest)) {
        let zero = at + found;
        // Of little endian text the first character stands before its zero.
        let first = zero.checked_sub(1).and_then(|first| text.get(first).copied());
        runs.run.extend(first.filter(|byte| is_text(*byte)));
        let pairs = text.get(zero..).unwrap_or_default().chunks_exact(2);
        let before = runs.run.len();
        runs.run.extend(
            pairs
                .take_while(|pair| pair[0] == 0 && is_text(pair[1]))
                .map(|pair| pair[1]),
        );
        let length = runs.run.len() - before;
        runs.end(runs.run.len());
        at = zero + 2 * length + 1;
    }
    runs.longest >= LONG || runs.hide_something()
}

/// Whether decoded UTF-16 holds bytes of an extension of ASCII that are to be refused: two of them look like one
/// character of East Asia, of which texts have a few in a row that are made of such bytes by chance.
pub(super) fn in_wide(text: &[u8], big: bool) -> bool {
    let mut runs = Runs::default();
    let (mut at, mut characters) = (0, 0);
    // The second byte of the unit before, when a run may begin with it.
    let mut before = None;
    while let Some((scalar, used)) = generalised(text.get(at..).unwrap_or_default()) {
        at += used;
        let [low, high, rest, _] = scalar.to_le_bytes();
        let [first, second] = if big { [high, low] } else { [low, high] };
        let whole = rest == 0 && is_text(first) && is_text(second);
        if whole {
            if characters == 0 {
                runs.run.extend(before);
            }
            runs.run.extend([first, second]);
            characters += 2;
        } else {
            if characters > 0 && rest == 0 && is_text(first) {
                runs.run.push(first);
            }
            runs.end(characters);
            characters = 0;
        }
        before = Some(second).filter(|byte| rest == 0 && is_text(*byte));
    }
    runs.end(characters);
    runs.longest >= 4 * LONG || runs.hide_something()
}
