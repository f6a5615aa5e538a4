//! What the scan of a case meets, noted on the way: texts need not be read a second time only to learn from them.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use super::escaped;
use super::finds::{Piece, of_spans, overlay};
use super::policy::{Action, Policy};
use super::table::Table;
use super::trace::Trace;
use crate::input::decode::Decoder;
use crate::interrupt::Interrupt;
use crate::scan::stream::{Sizes, Window, windows_on};
use crate::scan::{self, Kind};

/// Different values that are noted: as many as are sought later, in all their forms. What comes later is still redacted
/// where its label is.
const MOST: usize = 50_000;
/// Bytes of memory for the finds of all texts, some four each: enough for half a gigabyte of ordinary logs. What comes
/// later is scanned again.
const TRACES: usize = 24 << 20;
/// Longer values are recognised by their shape or their label.
const LONGEST: usize = 512;

/// Values that a redactor is to learn, each once, in the order in which they were met.
#[derive(Debug)]
pub struct Lesson {
    values: Vec<(Kind, Box<[u8]>)>,
    /// By value, a bit for every kind.
    seen: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    policy: Policy,
    /// Bytes that traces may still take.
    room: usize,
}

impl Default for Lesson {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

/// What is known of the text that is being read.
#[derive(Debug)]
pub struct Reading {
    table: Option<Table>,
    /// Its bytes are those of Windows-1252, in which values stand there when they are sought.
    is_1252: bool,
    /// Its bytes are scanned as they are.
    trace: Option<Trace>,
    /// The trace goes on.
    traced: bool,
}

impl Lesson {
    /// Nothing yet; what the policy keeps will not be noted.
    pub fn new(policy: Policy) -> Self {
        Self {
            values: Vec::new(),
            seen: HashMap::default(),
            policy,
            room: TRACES,
        }
    }

    /// Reads a text only to learn from it, with constant memory. Returns what was found in it.
    ///
    /// # Errors
    /// When it cannot be read, or was interrupted; what was noted before stays.
    pub fn read(
        &mut self,
        reader: impl Read,
        threads: usize,
        interrupt: &Interrupt,
    ) -> io::Result<Option<Arc<Trace>>> {
        let decoder = Decoder::new(reader)?;
        let mut reading = Self::begin(decoder.encoding().name());
        windows_on(threads, decoder, scan::standard(), Sizes::default(), |window| {
            self.note(window, &mut reading);
            interrupt
                .check()
                .map_err(|_| io::Error::from(io::ErrorKind::Interrupted))
        })?;
        Ok(self.end(reading))
    }

    /// A text begins, which was in this encoding (WHATWG name).
    pub fn begin(encoding: &str) -> Reading {
        Reading {
            table: None,
            is_1252: encoding == "windows-1252",
            trace: (encoding == "utf-8").then(Trace::default),
            traced: true,
        }
    }

    /// Notes the values of a window.
    pub fn note(&mut self, window: &Window<'_>, reading: &mut Reading) {
        let text = window.text;
        let found = of_spans(text, &window.scan.spans);
        for find in &found {
            self.add(find.kind, text.get(find.start..find.end), reading);
        }
        let known: Vec<_> = found.iter().map(|find| find.start..find.end).collect();
        let hidden: Vec<Piece> = (escaped::finds(text, &known).iter())
            .filter(|span| (window.from..window.until).contains(&span.start))
            .map(Piece::of)
            .collect();
        for find in &hidden {
            self.add(find.kind, text.get(find.start..find.end), reading);
        }
        let mut rows = window.from;
        if window.offset == 0 {
            reading.table = Table::of(text);
            rows = memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1);
        }
        if let Some(table) = &reading.table {
            for (cell, kind) in table.values_from(text, rows) {
                self.add(kind, text.get(cell), reading);
            }
        }
        self.trace(window, &found, &hidden, reading);
    }

    /// Adds a window to the trace of its text, while there is room.
    fn trace(&mut self, window: &Window<'_>, found: &[Piece], hidden: &[Piece], reading: &mut Reading) {
        let Some(trace) = reading.trace.as_mut().filter(|_| reading.table.is_none()) else {
            reading.trace = None;
            return;
        };
        let finds = overlay(found, hidden, window.text);
        let relative = finds.into_iter().map(|find| Piece {
            start: find.start.saturating_sub(window.from),
            end: find.end.saturating_sub(window.from),
            ..find
        });
        let block = window.text.get(window.from..window.until).unwrap_or_default();
        let before = trace.size();
        if !reading.traced || !trace.add(block, relative) {
            reading.traced = false;
            return;
        }
        self.room = self.room.saturating_sub(trace.size() - before);
        reading.traced = self.room > 0;
    }

    /// A text ends: what was found in it, for when it is redacted.
    pub fn end(&self, reading: Reading) -> Option<Arc<Trace>> {
        reading.trace.filter(|trace| trace.size() > 0).map(Arc::new)
    }

    fn add(&mut self, kind: Kind, raw: Option<&[u8]>, reading: &Reading) {
        let Some(raw) = raw.filter(|raw| raw.len() <= LONGEST) else {
            return;
        };
        if self.policy.action(kind) == Action::Keep || kind == Kind::PrivateKey {
            return;
        }
        let bit = 1_u32 << (kind as u32 % 32);
        match self.seen.get_mut(raw) {
            Some(kinds) if *kinds & bit != 0 => return,
            _ if self.values.len() >= MOST => return,
            Some(kinds) => *kinds |= bit,
            None => {
                self.seen.insert(raw.into(), bit);
            }
        }
        self.values.push((kind, raw.into()));
        if reading.is_1252
            && !raw.is_ascii()
            && let Ok(value) = std::str::from_utf8(raw)
        {
            let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(value);
            self.values.push((kind, bytes.into_owned().into()));
        }
    }

    /// Kinds and values.
    pub(super) fn values(&self) -> impl Iterator<Item = (Kind, &[u8])> {
        self.values.iter().map(|(kind, raw)| (*kind, &**raw))
    }
}

#[cfg(test)]
mod tests {
    use super::Lesson;
    use crate::redact::{Policy, Protected, Redactor, SiteKey};
    use crate::scan::stream::{Sizes, windows};
    use crate::scan::{Options, Scanner};

    /// What a redactor makes of `later` after `text`, which it learned while reading, or from what a scan noted.
    fn both(text: &[u8], later: &[u8]) -> [Vec<u8>; 2] {
        let redactor = || {
            let key = SiteKey::of_tests();
            Redactor::new(Policy::default(), key, Protected::none())
        };
        let (read, noted) = (redactor(), redactor());
        read.learn(text).expect("text");
        let (mut lesson, scanner) = (Lesson::default(), Scanner::new(Options::default()));
        let decoder = crate::input::decode::Decoder::new(text).expect("memory");
        let mut reading = Lesson::begin(decoder.encoding().name());
        windows::<std::io::Error>(decoder, &scanner, Sizes::default(), |window| {
            lesson.note(window, &mut reading);
            Ok(())
        })
        .expect("memory");
        noted.learn_lesson(&lesson);
        [read, noted].map(|redactor| {
            let redacted = redactor.redact_bytes(later).expect("text");
            String::from_utf8_lossy(redacted.bytes())
                .replace(|c: char| c.is_ascii_hexdigit(), "")
                .into_bytes()
        })
    }

    #[test]
    fn a_lesson_teaches_what_reading_teaches() {
        let table = format!(
            "First Name,Last Name,Password\n{}",
            "Vesna,Horvat,Geheim-77x\n".repeat(20_000)
        );
        let latin: Vec<u8> = encoding_rs::WINDOWS_1252
            .encode("displayName=\"J\u{f6}rg M\u{fc}ller\" \u{e6}\u{f8}\n")
            .0
            .into_owned();
        let wide: Vec<u8> = "password=Gr4nite-Moss\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let cases: [(&[u8], &[u8]); 5] = [
            (
                b"q=%22password%22%3A%22Gr4nite-Moss%22&x",
                b"login Gr4nite-Moss again\n",
            ),
            (
                b"displayName=\"Ana Kova\xc4\x8devi\xc4\x87\"\n",
                b"then Ana Kova\xc4\x8devi\xc4\x87 called\n",
            ),
            (table.as_bytes(), b"it was Geheim-77x\n"),
            (&latin, &latin[13..]),
            (&wide, b"login Gr4nite-Moss again\n"),
        ];
        for (text, later) in cases {
            let [read, noted] = both(text, later);
            assert_ne!(noted, later, "nothing was learned");
            assert_eq!(String::from_utf8_lossy(&read), String::from_utf8_lossy(&noted));
        }
    }
}
