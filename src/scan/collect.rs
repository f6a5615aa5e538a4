//! From spans to facts: each once, how often, where first, how sure and why.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};

use chrono::{DateTime, Utc};

use super::bytes::{part, run, run_back};
use super::find::time;
use super::inventory::{Entry, FileSummary, Inventory, Place, TimeFrame};
use super::meaning::{self, OrgRole};
use super::stream::{self, Sizes, Window};
use super::{Evidence, Kind, Scanner, Side, Span, label};
use crate::entity::{ApiId, Email, OrgId, TrackingId, uuid};

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
    spellings: Vec<HashMap<Box<[u8]>, usize>>,
    spelled: usize,
    threads: usize,
    distinct: usize,
    orgs: HashMap<String, Roles>,
    near: Option<TimeFrame>,
    all: Option<TimeFrame>,
}

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
        let mut counted = window.from;
        let mut advance = |to: usize, lines: &mut Lines| {
            lines.line += memchr::memchr_iter(b'\n', part(text, counted, to)).count() as u64;
            counted = counted.max(to);
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
        let entry = new_entry(&value, name, text, span, lines);
        let list = self.list(kind)?;
        list.push(entry);
        let place = list.len() - 1;
        self.remember(kind, value.as_bytes(), place);
        Some(place)
    }

    fn remember(&mut self, kind: Kind, spelling: &[u8], place: usize) {
        let number = kind as usize;
        if self.spellings.len() <= number {
            self.spellings.resize_with(number + 1, HashMap::new);
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

/// Whether a value is surely in its one form.
fn is_normal(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::TrackingId
        | Kind::BroadworksUserId
        | Kind::ClientVersion
        | Kind::BroadworksRelease
        | Kind::ErrorCode
        | Kind::CallId => bytes.is_ascii(),
        Kind::Org => bytes.len() == 36 && !bytes.iter().any(u8::is_ascii_uppercase),
        _ => false,
    }
}

/// The one form of a value in all its forms.
pub(super) fn normalise(kind: Kind, bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    match kind {
        Kind::Org | Kind::CustomerOrg | Kind::PartnerOrg => OrgId::parse(&text).map(|id| id.to_string()),
        Kind::Email => Email::parse(&text).map(|email| email.to_string()),
        Kind::UserId | Kind::DeviceId => Some(
            ApiId::decode(&text)
                .or_else(|| ApiId::parse(&text))
                .map(|id| id.id)
                .map_or_else(
                    || uuid(&text).unwrap_or_else(|| text.to_string()),
                    |id| uuid(&id).unwrap_or(id),
                ),
        ),
        Kind::ControlHubBuild => Some(text.to_ascii_lowercase()),
        Kind::TrackingId
        | Kind::BroadworksUserId
        | Kind::ClientVersion
        | Kind::BroadworksRelease
        | Kind::ErrorCode
        | Kind::CallId => Some(text.into_owned()),
        _ => None,
    }
}

fn new_entry(value: &str, name: &str, text: &[u8], span: &Span, lines: &Lines) -> Entry {
    let line_start = memchr::memrchr(b'\n', part(text, 0, span.start)).map_or(0, |index| index + 1);
    let tracking = (span.kind == Kind::TrackingId)
        .then(|| TrackingId::parse(value))
        .flatten();
    Entry {
        value: value.to_owned(),
        count: 0,
        first: Place {
            file: name.to_owned(),
            line: lines.line,
            column: String::from_utf8_lossy(part(text, line_start, span.start))
                .chars()
                .count() as u64
                + 1,
        },
        evidence: span.evidence,
        label: None,
        role: None,
        hex: tracking.as_ref().and_then(|id| id.hex.clone()),
        prefix: tracking.and_then(|id| id.prefix),
        encoded: None,
        text: None,
        at: time_of_line(text, span.start),
    }
}

/// Fills in what a later sighting adds: a better reason, the base64 form, the text of an error.
fn improve(entry: &mut Entry, text: &[u8], span: &Span, bytes: &[u8]) {
    if span.evidence > entry.evidence {
        entry.evidence = span.evidence;
    }
    // Where the first sightings have no label that can be quoted, the later ones have none either.
    if entry.label.is_none() && span.evidence == Evidence::Label && entry.count <= 8 {
        entry.label = label::before_value(text, span.start)
            .filter(|label| meaning::of(label).is_some())
            .map(|label| String::from_utf8_lossy(part(text, label.start, label.end)).into_owned());
    }
    if entry.encoded.is_none()
        && matches!(span.kind, Kind::Org | Kind::CustomerOrg | Kind::PartnerOrg)
        && bytes.starts_with(b"Y2lz")
    {
        entry.encoded = Some(String::from_utf8_lossy(bytes).into_owned());
    }
    if entry.text.is_none() && span.kind == Kind::ErrorCode {
        entry.text = error_text(text, span);
    }
    if span.kind == Kind::Email && entry.role.is_none() {
        let says_user = entry.label.as_deref().is_some_and(says_user);
        entry.role = says_user.then(|| "user".to_owned());
    }
}

fn says_user(label: &str) -> bool {
    let mut squashed = [0; 72];
    let length = label::squash(label.as_bytes(), &mut squashed);
    meaning::is_users_email(part(&squashed, 0, length))
}

/// The sentence that comes with an error code: behind the bracket, or the value of `description` or `message` nearby.
fn error_text(text: &[u8], span: &Span) -> Option<String> {
    let ahead = part(text, span.end, text.len().min(span.end + 400));
    if text.get(span.end) == Some(&b']') {
        let start = run(text, span.end + 1, 4, |byte| byte == b' ' || byte == b':');
        let end = run(text, start, 240, |byte| {
            !matches!(byte, b'\n' | b'\r' | b'"' | b'\'')
        });
        let end = run_back(text, end, 8, |byte| matches!(byte, b'\\' | b' ' | b')'));
        return clean(part(text, start, end));
    }
    for key in [
        &b"\"description\""[..],
        b"\"message\"",
        b"description:",
        b"\"errorMessage\"",
    ] {
        let Some(found) = memchr::memmem::find(ahead, key) else {
            continue;
        };
        // Of the same object.
        if memchr::memchr(b'}', part(ahead, 0, found)).is_some() {
            continue;
        }
        let start = run(ahead, found + key.len(), 8, |byte| {
            matches!(byte, b' ' | b':' | b'"')
        });
        let end = run(ahead, start, 240, |byte| !matches!(byte, b'"' | b'\n'));
        return clean(part(ahead, start, end));
    }
    None
}

fn clean(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).trim().to_owned();
    (text.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(text)
}

/// The first time stamp of the line.
fn time_of_line(text: &[u8], place: usize) -> Option<DateTime<Utc>> {
    let start = memchr::memrchr(b'\n', part(text, 0, place)).map_or(0, |index| index + 1);
    memchr::memchr_iter(b':', part(text, start, place.min(start + 64)))
        .take(8)
        .find_map(|colon| time::stamp(text, start + colon))
        .map(|stamp| stamp.instant())
}

/// Every address has a role: the affected user's where a label says so, or the only one that is not Cisco's own.
fn settle_emails(emails: &mut [Entry]) {
    let is_cisco = |address: &str| {
        let domain = address.rsplit('@').next().unwrap_or_default();
        ["cisco.com", "webex.com", "ciscospark.com"].iter().any(|own| {
            domain
                .strip_suffix(own)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    let labelled = emails
        .iter()
        .any(|entry| entry.role.as_deref() == Some("user") && !is_cisco(&entry.value));
    let others = emails.iter().filter(|entry| !is_cisco(&entry.value)).count();
    for entry in emails {
        let user = !is_cisco(&entry.value)
            && if labelled {
                entry.role.as_deref() == Some("user")
            } else {
                others == 1
            };
        entry.role = Some(if user { "user" } else { "other" }.to_owned());
    }
}
