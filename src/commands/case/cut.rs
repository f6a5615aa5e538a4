//! A part of a log, cut at line ends: what is packed when the whole is too large.

use std::io::{self, Read};

/// What of a source is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cut {
    /// All of it.
    #[default]
    Whole,
    /// From this line (the first is 1) on, at most so many bytes.
    From {
        /// The first line.
        line: u64,
        /// Bytes at most.
        bytes: u64,
    },
    /// The end: so many bytes are left out before it, and the rest of the line that this falls into.
    End {
        /// Bytes left out at least.
        skip: u64,
    },
    /// Nothing.
    Nothing,
}

impl Cut {
    /// The best `budget` bytes of a log of `bytes` bytes and `lines` lines: around the error, a quarter of them before
    /// it, else the end, which is the newest.
    pub fn best(budget: u64, bytes: u64, lines: u64, error: Option<u64>) -> Self {
        if bytes <= budget {
            return Self::Whole;
        }
        if budget == 0 {
            return Self::Nothing;
        }
        match error {
            Some(line) => {
                let a_line = (bytes / lines.max(1)).max(1);
                let before = budget / 4 / a_line;
                Self::From {
                    line: line.saturating_sub(before).max(1),
                    bytes: budget,
                }
            }
            None => Self::End { skip: bytes - budget },
        }
    }
}

/// The part of `inner` that a cut leaves.
pub struct CutReader<R> {
    inner: R,
    /// Whole lines that are still to be left out.
    lines: u64,
    /// Bytes that are still to be left out before a line is sought.
    skip: u64,
    /// The next line end is still to be found.
    seeking: bool,
    /// Bytes that may still be handed out; `None`: all.
    left: Option<u64>,
    /// Read ahead up to a line end.
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

impl<R: Read> CutReader<R> {
    /// Cuts what `inner` brings.
    pub fn new(inner: R, cut: Cut) -> Self {
        let (lines, skip, left) = match cut {
            Cut::Whole => (0, 0, None),
            Cut::From { line, bytes } => (line.saturating_sub(1), 0, Some(bytes)),
            Cut::End { skip } => (0, skip, None),
            Cut::Nothing => (0, 0, Some(0)),
        };
        Self {
            inner,
            lines,
            skip,
            seeking: skip > 0,
            left,
            ready: Vec::new(),
            at: 0,
            ended: false,
        }
    }

    /// Fills [`Self::ready`] with what comes next and is not left out.
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        let room = self
            .left
            .map_or(CHUNK, |left| usize::try_from(left).unwrap_or(CHUNK).min(CHUNK));
        if room == 0 {
            self.ended = true;
            return Ok(());
        }
        let mut chunk = vec![0; CHUNK];
        let count = loop {
            match self.inner.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.ended = count == 0;
        chunk.truncate(count);
        let from = self.left_out(&chunk);
        chunk.drain(..from);
        if let Some(left) = self.left {
            // The last line must be whole: what does not fit is cut behind the last line end that does.
            let fits = usize::try_from(left).unwrap_or(usize::MAX);
            if chunk.len() > fits {
                let end = memchr::memrchr(b'\n', &chunk[..fits]).map_or(0, |end| end + 1);
                chunk.truncate(end);
                self.left = Some(0);
            } else {
                self.left = Some(left - chunk.len() as u64);
            }
        }
        self.ready = chunk;
        Ok(())
    }

    /// How many bytes of this chunk are left out.
    fn left_out(&mut self, chunk: &[u8]) -> usize {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(chunk.len());
        self.skip -= skipped as u64;
        let mut from = skipped;
        if self.seeking && self.skip == 0 {
            let rest = chunk.get(from..).unwrap_or_default();
            match memchr::memchr(b'\n', rest) {
                Some(end) => {
                    from += end + 1;
                    self.seeking = false;
                }
                None => from = chunk.len(),
            }
        }
        while self.lines > 0 {
            let rest = chunk.get(from..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', rest) else {
                return chunk.len();
            };
            from += end + 1;
            self.lines -= 1;
        }
        from
    }
}

impl<R: Read> Read for CutReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            self.fill()?;
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::{Cut, CutReader};

    fn log(lines: usize) -> String {
        let lines: Vec<String> = (1..=lines)
            .map(|line| format!("line {line:06} of the log\n"))
            .collect();
        lines.concat()
    }

    fn cut(text: &str, cut: Cut) -> String {
        let mut out = String::new();
        CutReader::new(text.as_bytes(), cut)
            .read_to_string(&mut out)
            .expect("text");
        out
    }

    #[test]
    fn every_cut_is_at_line_ends_and_keeps_its_budget() {
        let text = log(20_000);
        let bytes = text.len() as u64;
        for budget in [0, 1, 30, 1000, 70_000, 300_000, bytes - 1, bytes, bytes + 1] {
            for error in [None, Some(1), Some(9_000), Some(20_000)] {
                let what = Cut::best(budget, bytes, 20_000, error);
                let part = cut(&text, what);
                assert!(part.len() as u64 <= budget, "{budget} {error:?}: {}", part.len());
                assert!(text.contains(&part), "{budget} {error:?}");
                if !part.is_empty() {
                    assert!(
                        part.starts_with("line ") && part.ends_with(" log\n"),
                        "{budget} {error:?}"
                    );
                }
                if let Some(line) = error.filter(|_| (1000..bytes).contains(&budget)) {
                    assert!(part.contains(&format!("line {line:06}")), "{budget} {error:?}");
                }
            }
        }
        let end = cut(&text, Cut::best(1000, bytes, 20_000, None));
        assert!(
            end.ends_with("line 020000 of the log\n") && end.len() > 900,
            "{end}"
        );
        assert_eq!(cut(&text, Cut::Whole), text);
    }

    #[test]
    fn a_line_longer_than_the_budget_is_left_out() {
        let text = format!("{}\nshort\n", "x".repeat(200_000));
        assert_eq!(cut(&text, Cut::From { line: 1, bytes: 1000 }), "");
        assert_eq!(cut(&text, Cut::End { skip: 1000 }), "short\n");
        assert_eq!(cut("no line end", Cut::End { skip: 3 }), "");
    }
}
