//! From spans to facts: each once, how often, where first, how sure and why.

mod entry;

pub(super) use self::entry::normalise;

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};

use chrono::{DateTime, Utc};

use self::entry::{improve, is_normal, new_entry, settle_emails};
use super::bytes::part;
use super::inventory::{Entry, FileSummary, Inventory, TimeFrame};
use super::meaning::OrgRole;
use super::stream::{self, Sizes, Window};
use super::{Kind, Scanner, Side, Span};

/// A time stamp counts as near an error when it stands at most this many lines from a word or code that says that
/// something went wrong: a debug block of Control Hub has its clock eight lines above its status.
const NEAR: u64 = 8;

/// Different values kept: enough for any case, and a bound for memory (one takes about one KiB). What comes later is
/// counted in [`Inventory::omitted`].
const DISTINCT: usize = 20_000;
/// Other spellings remembered; what is beyond is normalised again.
const SPELLINGS: usize = 20_000;

/// Gathers the facts of any number of named texts.
#[derive(Debug)]
pub struct Collector {
    scanner: Scanner,
    sizes: Sizes,
    inventory: Inventory,
    /// By kind: every value in its one form, and other spellings of it that were seen, with the entry's place.
    spellings: Vec<Spellings>,
    spelled: usize,
    threads: usize,
    distinct: usize,
    orgs: HashMap<String, Roles>,
    near: Option<TimeFrame>,
    all: Option<TimeFrame>,
}

type Spellings = HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>;

/// What labels said of one organisation.
#[derive(Debug, Clone, Copy, Default)]
struct Roles {
    customer: u32,
    partner: u32,
    viewed: u32,
    acting: u32,
    acting_for_another: u32,
}

/// What is remembered of the lines just read of one text.
#[derive(Debug, Default)]
struct Lines {
    line: u64,
    last_error: Option<u64>,
    recent: VecDeque<(u64, TimeFrame)>,
    viewed: Option<String>,
    acting: Option<String>,
    /// The last time stamp, and its line.
    last_time: Option<(u64, DateTime<Utc>)>,
}

impl Lines {
    /// The time that the lines above say of the current one.
    fn time_above(&self) -> Option<DateTime<Utc>> {
        let (line, instant) = self.last_time?;
        (self.line - line <= NEAR).then_some(instant)
    }
}

impl Default for Collector {
    fn default() -> Self {
        Self::new(Scanner::new(super::Options::default()))
    }
}

impl Collector {
    /// A collector that scans with `scanner`.
    pub fn new(scanner: Scanner) -> Self {
        Self {
            scanner,
            sizes: Sizes::default(),
            inventory: Inventory::default(),
            spellings: Vec::new(),
            spelled: 0,
            threads: 1,
            distinct: 0,
            orgs: HashMap::new(),
            near: None,
            all: None,
        }
    }

    /// Other window sizes; the result does not depend on them.
    #[must_use]
    pub fn sizes(mut self, sizes: Sizes) -> Self {
        self.sizes = sizes;
        self
    }

    /// How many threads scan; the result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Reads UTF-8 text to its end. `encoding` is what it was before ([`FileSummary::encoding`]).
    ///
    /// # Errors
    /// When reading fails; what was read before stays.
    pub fn add(&mut self, name: &str, encoding: &str, reader: impl Read) -> io::Result<()> {
        self.add_with(name, encoding, reader, |_, _| Ok(()))
    }

    /// The same, and hands every window with its line number to `also` (hits one by one, progress, interrupts).
    ///
    /// # Errors
    /// When reading or `also` fails; what was read before stays.
    pub fn add_with<E: From<io::Error>>(
        &mut self,
        name: &str,
        encoding: &str,
        reader: impl Read,
        mut also: impl FnMut(&Window<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut lines = Lines {
            line: 1,
            ..Lines::default()
        };
        let (mut bytes, mut ends_open) = (0, false);
        let (scanner, sizes) = (self.scanner.clone(), self.sizes);
        let outcome = stream::windows_on(self.threads, reader, &scanner, sizes, |window| {
            also(window, lines.line)?;
            self.window(name, window, &mut lines);
            bytes += (window.until - window.from) as u64;
            ends_open = window.text.get(window.until.saturating_sub(1)) != Some(&b'\n');
            Ok(())
        });
        self.inventory.files.push(FileSummary {
            file: name.to_owned(),
            bytes,
            lines: lines.line - 1 + u64::from(ends_open),
            encoding: encoding.to_owned(),
            problem: None,
        });
        outcome
    }

    /// Notes a file that was not read, or not to its end.
    pub fn problem(&mut self, name: &str, problem: String) {
        if let Some(file) = self
            .inventory
            .files
            .iter_mut()
            .rev()
            .find(|file| file.file == name)
        {
            file.problem = Some(problem);
            return;
        }
        self.inventory.files.push(FileSummary {
            file: name.to_owned(),
            bytes: 0,
            lines: 0,
            encoding: String::new(),
            problem: Some(problem),
        });
    }

    /// The facts.
    pub fn finish(mut self) -> Inventory {
        for entry in &mut self.inventory.org_ids {
            let roles = self.orgs.get(&entry.value).copied().unwrap_or_default();
            entry.role = Some(roles.settle().to_owned());
        }
        settle_emails(&mut self.inventory.emails);
        self.inventory.time_frame = self.near.or(self.all);
        self.inventory
    }

    fn window(&mut self, name: &str, window: &Window<'_>, lines: &mut Lines) {
        let text = window.text;
        let mut errors = window.scan.errors.clone();
        errors.extend(
            window
                .scan
                .spans
                .iter()
                .filter(|span| span.kind == Kind::ErrorCode)
                .map(|span| span.start),
        );
        errors.sort_unstable();
        let mut errors = errors.into_iter().peekable();
        let mut instants = window.scan.instants.iter().copied().peekable();
        let fresh = part(text, 0, window.until);
        let newline = |from: usize| {
            memchr::memchr(b'\n', fresh.get(from..).unwrap_or_default())
                .map_or(usize::MAX, |found| from + found)
        };
        // One search a line, however many facts stand in it.
        let mut next = newline(window.from);
        let mut advance = |to: usize, lines: &mut Lines| {
            while next < to {
                lines.line += 1;
                next = newline(next + 1);
            }
        };
        for span in &window.scan.spans {
            while let Some(place) = errors.next_if(|&place| place <= span.start) {
                advance(place, lines);
                self.error_at(lines);
            }
            advance(span.start, lines);
            if span.kind == Kind::Timestamp {
                while instants.next_if(|&(place, _)| place < span.start).is_some() {}
                if let Some(&(place, instant)) = instants.peek()
                    && place == span.start
                {
                    self.time(instant, lines);
                }
            } else {
                self.fact(name, window, span, lines);
            }
        }
        for place in errors {
            advance(place, lines);
            self.error_at(lines);
        }
        advance(window.until, lines);
    }

    fn error_at(&mut self, lines: &mut Lines) {
        if lines.last_error == Some(lines.line) {
            return;
        }
        lines.last_error = Some(lines.line);
        for (line, frame) in lines.recent.drain(..) {
            if lines.line - line <= NEAR {
                widen(&mut self.near, frame);
            }
        }
    }

    fn time(&mut self, instant: DateTime<Utc>, lines: &mut Lines) {
        let frame = TimeFrame {
            first: instant,
            last: instant,
        };
        widen(&mut self.all, frame);
        lines.last_time = Some((lines.line, instant));
        if lines.last_error.is_some_and(|error| lines.line - error <= NEAR) {
            widen(&mut self.near, frame);
            return;
        }
        while lines
            .recent
            .front()
            .is_some_and(|(line, _)| lines.line - line > NEAR)
        {
            lines.recent.pop_front();
        }
        match lines.recent.back_mut() {
            Some((line, known)) if *line == lines.line => {
                known.first = known.first.min(instant);
                known.last = known.last.max(instant);
            }
            _ => lines.recent.push_back((lines.line, frame)),
        }
    }

    fn fact(&mut self, name: &str, window: &Window<'_>, span: &Span, lines: &mut Lines) {
        let text = window.text;
        let bytes = part(text, span.start, span.end);
        let kind = match span.kind {
            Kind::CustomerOrg | Kind::PartnerOrg => Kind::Org,
            kind => kind,
        };
        if self.list(kind).is_none() {
            return;
        }
        let Some(place) = self.entry(kind, name, text, span, lines) else {
            return;
        };
        if kind == Kind::Org {
            self.role(place, window, span, lines);
        }
        if let Some(entry) = self.list(kind).and_then(|list| list.get_mut(place)) {
            entry.count += 1;
            improve(entry, text, span, bytes);
            if entry.at.is_none() && matches!(kind, Kind::TrackingId | Kind::ErrorCode) {
                entry.at = lines.time_above();
            }
        }
    }

    /// The place of the value's entry in its list, which is made when there is none; `None` when there are too many.
    fn entry(&mut self, kind: Kind, name: &str, text: &[u8], span: &Span, lines: &Lines) -> Option<usize> {
        let bytes = part(text, span.start, span.end);
        if let Some(&place) = self.spellings.get(kind as usize).and_then(|seen| seen.get(bytes)) {
            return Some(place);
        }
        let full = self.distinct >= DISTINCT;
        if full && is_normal(kind, bytes) {
            self.inventory.omitted += 1;
            return None;
        }
        let value = normalise(span.kind, bytes)?;
        let known = self
            .spellings
            .get(kind as usize)
            .and_then(|seen| seen.get(value.as_bytes()));
        if let Some(&place) = known {
            if self.spelled < SPELLINGS {
                self.spelled += 1;
                self.remember(kind, bytes, place);
            }
            return Some(place);
        }
        if full {
            self.inventory.omitted += 1;
            return None;
        }
        self.distinct += 1;
        let entry = new_entry(&value, name, text, span, lines, self.scanner.today());
        let list = self.list(kind)?;
        list.push(entry);
        let place = list.len() - 1;
        self.remember(kind, value.as_bytes(), place);
        Some(place)
    }

    fn remember(&mut self, kind: Kind, spelling: &[u8], place: usize) {
        let number = kind as usize;
        if self.spellings.len() <= number {
            self.spellings.resize_with(number + 1, Spellings::default);
        }
        if let Some(seen) = self.spellings.get_mut(number) {
            seen.insert(Box::from(spelling), place);
        }
    }

    fn list(&mut self, kind: Kind) -> Option<&mut Vec<Entry>> {
        let inventory = &mut self.inventory;
        Some(match kind {
            Kind::TrackingId => &mut inventory.tracking_ids,
            Kind::Org => &mut inventory.org_ids,
            Kind::UserId => &mut inventory.user_ids,
            Kind::Email => &mut inventory.emails,
            Kind::BroadworksUserId => &mut inventory.broadworks_user_ids,
            Kind::ClientVersion => &mut inventory.client_versions,
            Kind::BroadworksRelease => &mut inventory.broadworks_releases,
            Kind::ControlHubBuild => &mut inventory.control_hub_builds,
            Kind::ErrorCode => &mut inventory.error_codes,
            Kind::DeviceId => &mut inventory.device_ids,
            Kind::CallId => &mut inventory.call_ids,
            _ => return None,
        })
    }

    fn role(&mut self, place: usize, window: &Window<'_>, span: &Span, lines: &mut Lines) {
        let sides = &window.scan.sides;
        let side = sides
            .binary_search_by_key(&span.start, |&(start, _)| start)
            .ok()
            .and_then(|found| sides.get(found))
            .map(|(_, side)| *side);
        let role = match (side, span.kind) {
            (Some(Side::Viewed), _) => OrgRole::Viewed,
            (Some(Side::Acting), _) => OrgRole::Acting,
            (None, Kind::CustomerOrg) => OrgRole::Customer,
            (None, Kind::PartnerOrg) => OrgRole::Partner,
            _ => return,
        };
        let Some(value) = self.inventory.org_ids.get(place).map(|entry| entry.value.clone()) else {
            return;
        };
        let roles = self.orgs.entry(value.clone()).or_default();
        match role {
            OrgRole::Customer => roles.customer += 1,
            OrgRole::Partner => roles.partner += 1,
            OrgRole::Viewed => {
                roles.viewed += 1;
                lines.viewed = Some(value);
            }
            OrgRole::Acting => {
                roles.acting += 1;
                lines.acting = Some(value);
            }
            OrgRole::Unknown => {}
        }
        // Both of one block are known: whoever acts on another organisation is its partner.
        if let (Some(viewed), Some(acting)) = (&lines.viewed, &lines.acting) {
            if viewed != acting {
                self.orgs.entry(acting.clone()).or_default().acting_for_another += 1;
            }
            lines.viewed = None;
            lines.acting = None;
        }
    }
}

impl Roles {
    fn settle(self) -> &'static str {
        if self.partner > 0 && self.customer > 0 {
            return "unknown";
        }
        if self.partner > 0 || (self.acting_for_another > 0 && self.customer == 0) {
            "partner"
        } else if self.customer > 0 || self.viewed > 0 {
            "customer"
        } else if self.acting > 0 {
            "partner"
        } else {
            "unknown"
        }
    }
}

fn widen(frame: &mut Option<TimeFrame>, by: TimeFrame) {
    *frame = Some(frame.map_or(by, |frame| TimeFrame {
        first: frame.first.min(by.first),
        last: frame.last.max(by.last),
    }));
}
