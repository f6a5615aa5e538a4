//! The second stage: at each candidate the one verifier that may know it.

use chrono::{DateTime, NaiveDate, Utc};

use super::bytes::{at, before, part};
use super::find::{
    api, code, command, device, ids, key, labelled, loose, mail, net, people, phone, prose, secret, spoken,
    talk, time, version,
};
use super::meaning::{self, Meaning};
use super::words::{self, Word};
use super::{Kind, Options, Scan, Side, Span, hint, label, resolve, trigger, value};

/// What is being collected from one buffer.
pub(super) struct Found<'a> {
    /// The buffer.
    pub(super) text: &'a [u8],
    /// Candidates that were verified, in any order, possibly overlapping.
    pub(super) spans: Vec<Span>,
    /// Where words stand that say that something went wrong.
    pub(super) errors: Vec<usize>,
    /// See [`Scan::instants`].
    pub(super) instants: Vec<(usize, DateTime<Utc>)>,
    /// See [`Scan::sides`].
    pub(super) sides: Vec<(usize, Side)>,
    /// Candidates before this index lie inside a secret or an ID that was already found.
    pub(super) skip: usize,
    /// No `-----END` line stands between here and the first index.
    pub(super) no_end: usize,
    /// The dates of the last time stamps.
    pub(super) dates: time::SeenDates,
    /// See [`Options::today`].
    pub(super) today: Option<NaiveDate>,
    /// See [`Scanner::suspects`].
    pub(super) only_secrets: bool,
    /// Where the last time stamp, address with colons or number with dots ends: its own signs are no candidates.
    pub(super) stamp_end: usize,
    /// The last label that was read, and what it means.
    named: Option<Named<'a>>,
}

#[derive(Clone, Copy)]
struct Named<'a> {
    /// Behind the colon or the equals sign.
    end: usize,
    label: label::Label<'a>,
    meaning: Option<Meaning>,
}

impl<'a> Found<'a> {
    /// The label of the value at `start` ([`label::before_value`]) and its meaning: read once for a delimiter and the value
    /// behind it.
    pub(super) fn label_before(&self, start: usize) -> (Option<label::Label<'a>>, Option<Meaning>) {
        self.label_of_delimiter(start).unwrap_or_else(|| {
            let label = label::before_value(self.text, start);
            (label, label.as_ref().and_then(meaning::of))
        })
    }

    /// What the label of the value at `start` means, if it is one of those that [`label::telling_before_value`] reads.
    pub(super) fn meaning_before(&self, start: usize) -> Option<Meaning> {
        match self.label_of_delimiter(start) {
            Some((_, meaning)) => meaning,
            None => label::telling_before_value(self.text, start)
                .as_ref()
                .and_then(meaning::of),
        }
    }

    /// The last label, when nothing but a blank and quotation marks stands between its delimiter and `start`.
    fn label_of_delimiter(&self, start: usize) -> Option<(Option<label::Label<'a>>, Option<Meaning>)> {
        let named = self.named.filter(|named| named.end <= start)?;
        let gap = part(self.text, named.end, start);
        let quotes = gap.strip_prefix(b" ").unwrap_or(gap);
        let is_next = gap.len() <= 3 && quotes.iter().all(|byte| matches!(byte, b'"' | b'\\'));
        if !is_next {
            return None;
        }
        if cfg!(any(test, fuzzing)) {
            let read = label::before_value(self.text, start).map(|label| label.start..label.end);
            assert_eq!(
                read,
                Some(named.label.start..named.label.end),
                "the label of {start}"
            );
        }
        Some((Some(named.label), named.meaning))
    }

    /// Adds a span.
    pub(super) fn add(&mut self, start: usize, end: usize, kind: Kind, evidence: super::Evidence) {
        if start < end && end <= self.text.len() {
            self.spans.push(Span {
                start,
                end,
                kind,
                evidence,
            });
            if resolve::is_secret(kind) {
                self.skip = self.skip.max(end);
            }
        }
    }
}

/// A scanner with its options. Cheap to make.
#[derive(Debug, Clone)]
pub struct Scanner {
    options: Options,
}

impl Scanner {
    /// A scanner with these options.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// See [`Options::today`].
    pub(super) fn today(&self) -> Option<NaiveDate> {
        self.options.today
    }

    /// The spans of `text`, sorted and not overlapping.
    pub fn spans(&self, text: &[u8]) -> Vec<Span> {
        self.scan(text).spans
    }

    /// The spans, and the places of words that say that something went wrong.
    pub fn scan(&self, text: &[u8]) -> Scan {
        let mut found = self.find(text, false);
        for (_, pattern) in &self.options.patterns {
            for hit in pattern.find_iter(text) {
                found.add(hit.start(), hit.end(), Kind::Custom, super::Evidence::Label);
            }
        }
        if !self.options.domains.is_empty() {
            net::own_hosts(&mut found, &self.options.domains);
        }
        found.errors.sort_unstable();
        found.instants.sort_unstable();
        found.sides.sort_unstable_by_key(|&(start, _)| start);
        Scan {
            spans: resolve::resolve(found.spans, text),
            errors: found.errors,
            instants: found.instants,
            sides: found.sides,
        }
    }

    /// Every secret of `text` and perhaps more, in less time than a scan takes: what is about persons and times is not
    /// looked at, so a value may be taken for a secret that a scan knows as something else.
    pub fn suspects(&self, text: &[u8]) -> Vec<Span> {
        let mut found = self.find(text, true);
        found.spans.retain(|span| resolve::is_secret(span.kind));
        resolve::resolve(found.spans, text)
    }

    fn find<'a>(&self, text: &'a [u8], only_secrets: bool) -> Found<'a> {
        let mut found = Found {
            text,
            spans: Vec::with_capacity(text.len() / 128),
            errors: Vec::new(),
            instants: Vec::new(),
            sides: Vec::new(),
            skip: 0,
            no_end: 0,
            dates: time::SeenDates::default(),
            stamp_end: 0,
            today: self.options.today,
            only_secrets,
            named: None,
        };
        words::each(text, |word, start, end| word_at(&mut found, word, start, end));
        if !only_secrets {
            prose::beginning(&mut found);
        }
        found.skip = 0;
        trigger::each(text, |index, hex| {
            let byte = at(text, index);
            // Most signs of a log stand in its time stamps.
            let is_done = index < found.stamp_end && matches!(byte, b'.' | b':' | b'+' | b'-');
            if !is_done || index < found.skip {
                candidate(&mut found, index, byte, hex);
            }
        });
        found
    }
}

fn word_at(found: &mut Found<'_>, word: Word, start: usize, end: usize) {
    match word {
        Word::Pem => secret::pem(found, start),
        Word::Jwt => secret::jwt(found, start),
        // The first letter may be a capital.
        Word::Bearer => secret::bearer(found, start.saturating_sub(1), end),
        Word::Basic => secret::basic(found, start.saturating_sub(1), end),
        Word::ApiId => api::api_id(found, start),
        Word::PlainApiId => api::plain_api_id(found, start),
        Word::At => mail::escaped_at(found, start, end),
        Word::Release => version::release(found, start),
        Word::Patch => version::patch(found, start),
        Word::Bwar => version::bwar(found, start),
        Word::Broadworks => version::broadworks(found, end),
        Word::Bracket => {
            code::bracket(found, end);
            found.errors.push(start);
        }
        Word::Dashed => code::dashed(found, start, end),
        Word::Prose => {
            if let Some(end) = words::bracket(found.text, start, end) {
                code::bracket(found, end);
            } else if let Some(end) = words::code_behind(found.text, start, end) {
                code::prose(found, end);
            } else {
                code::numbered(found, end);
            }
            found.errors.push(start);
        }
        Word::Option => command::option(found, end),
        // The blank behind `pw`.
        Word::Secret => loose::prose(found, end - usize::from(before(found.text, end) == b' ')),
        Word::Putty => loose::putty(found, end),
        Word::CurlUser => command::curl_user(found, end),
        Word::SqlClient => command::client(found, start, true),
        Word::SshPass => command::client(found, start, false),
        Word::LdapPass => command::directory(found, end),
        Word::PlinkPass => command::plain_option(found, end),
        Word::DoneBy => people::done_by(found, start, end),
        Word::KeytoolPass => command::keytool_pass(found, end),
        Word::EscapedTag => secret::escaped_tag(found, start, end),
        Word::VendorToken => secret::vendor_token(found, start),
        Word::Snmp => device::snmp(found, start, end),
        Word::SecureString => device::secure_string(found, end),
        Word::NetUse => device::net_use(found, start, end),
        Word::Redis => device::redis(found, end),
        Word::Htpasswd => device::htpasswd(found, end),
        Word::Sqlplus => device::sqlplus(found, end),
        Word::RouterKey => device::router_key(found, start, end),
        Word::Fault => found.errors.push(start),
        _ if found.only_secrets => {}
        Word::Title => prose::title(found, start, end),
        Word::Role => prose::role(found, start, end),
        Word::Closing => prose::closing(found, start, end),
        Word::Opening => prose::opening(found, start, end),
        Word::Named => prose::named(found, end),
    }
}

/// The `byte` at `index`; `hex`: eight hexadecimal digits begin here.
fn candidate(found: &mut Found<'_>, index: usize, byte: u8, hex: bool) {
    if byte == b'%' {
        return percent(found, index);
    }
    if index < found.skip {
        // `password=Gr4nite|+49 30 5550100`: of a number that goes on behind the secret the rest is found.
        if byte == b'+' && !found.only_secrets && at(found.text, index + 1).is_ascii_digit() {
            phone::plus(found, index, index + 1);
        }
        return;
    }
    match byte {
        b'@' => {
            if !loose::user_info(found, index) && !found.only_secrets {
                mail::at_sign(found, index, index + 1);
            }
        }
        b'.' | b'+' | b'-' if found.only_secrets => {}
        b'+' => {
            if at(found.text, index + 1).is_ascii_digit() || at(found.text, index + 1) == b'(' {
                phone::plus(found, index, index + 1);
            }
        }
        b'.' if at(found.text, index + 5) == b'.' && net::fours(found, index) => {}
        b'.' => version::dotted(found, index),
        b'-' if at(found.text, index + 4) == b'-' => spoken::hyphens(found, index),
        b'-' => net::pairs(found, index),
        b':' | b'=' | b'>' => delimiter(found, index),
        _ => {
            if byte.is_ascii_digit() && matches!(before(found.text, index), b' ' | b'(') {
                spoken::number(found, index);
            }
            if hex {
                ids::hex_run(found, index);
            }
        }
    }
}

/// What an escape in a URL stands for; also inside a secret, which may be longer than it seemed.
fn percent(found: &mut Found<'_>, index: usize) {
    let end = index + 3;
    match part(found.text, index + 1, end) {
        b"40" => mail::escaped_at(found, index, end),
        b"3D" | b"3d" => loose::escaped_equals(found, index, end),
        b"2B" | b"2b" => phone::plus(found, index, end),
        _ => {}
    }
}

fn delimiter(found: &mut Found<'_>, index: usize) {
    let text = found.text;
    let (left, right) = (before(text, index), at(text, index + 1));
    if at(text, index) == b':' && !found.only_secrets {
        if left.is_ascii_digit() && right.is_ascii_digit() {
            let is_stamp = time::colon(found, index);
            talk::around_time(found, index);
            if is_stamp {
                return;
            }
        }
        let hex_or_colon = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        if (hex_or_colon(left) && hex_or_colon(right)) || (right == b':' && !left.is_ascii_alphanumeric()) {
            net::colon(found, index);
        }
    }
    // `==` and `::` are looked at once, at their first sign; `/>` and `->` end no label.
    if matches!(left, b':' | b'=' | b'/' | b'-') || (left.is_ascii_digit() && right.is_ascii_digit()) {
        return;
    }
    if at(text, index) == b'>'
        && matches!(left, b'"' | b'\'')
        && let Some(label) = loose::tag_label(text, index)
    {
        return loose::labelled(found, &label, index);
    }
    if !hint::may_matter(text, index) {
        return;
    }
    let Some(label) = label::before_delimiter(text, index) else {
        return;
    };
    let meaning = meaning::of(&label);
    if at(text, index) != b'>' && (left.is_ascii_alphanumeric() || left == b'"') {
        found.named = Some(Named {
            end: index + 1,
            label,
            meaning,
        });
    }
    let Some(meaning) = meaning else {
        if at(text, index) == b'='
            && label::is_value_key(label.squashed().name())
            && let Some(label) = loose::attribute_label(text, label.start)
        {
            loose::labelled(found, &label, index);
        }
        return;
    };
    valued(found, meaning, &label, index);
}

fn valued(found: &mut Found<'_>, meaning: Meaning, label: &label::Label<'_>, delimiter: usize) {
    let text = found.text;
    match meaning {
        Meaning::Password
        | Meaning::Token
        | Meaning::Authorization
        | Meaning::Cookie
        | Meaning::SetCookie
        | Meaning::SessionId
        | Meaning::SipDigest
        | Meaning::Signed
        | Meaning::State => secret::labelled(found, meaning, label, delimiter),
        Meaning::KeyPart => key::member(found, label.squashed().name(), delimiter),
        Meaning::Code if secret::oauth(found, label, delimiter) => {}
        _ if found.only_secrets => {}
        Meaning::Somebody => people::somebody(found, false, delimiter),
        Meaning::Party => people::somebody(found, true, delimiter),
        Meaning::Wrote => talk::wrote(found, label.start, delimiter),
        Meaning::Number => phone::international(found, delimiter),
        Meaning::Extension => phone::labelled(found, meaning, delimiter),
        // `"Ana Horvat" <tel:`
        Meaning::Phone | Meaning::TelUri => {
            people::sip_uri(found, delimiter);
            phone::labelled(found, meaning, delimiter);
        }
        Meaning::SipUri => people::sip_uri(found, delimiter),
        Meaning::Mac => net::labelled_mac(found, delimiter),
        _ if meaning.is_known_by_shape() => {}
        _ => {
            let Some(value) = value::behind(text, delimiter) else {
                return;
            };
            // A sentence is no value; the longest identifiers are about 200 bytes.
            if part(text, value.start, value.end).len() <= 400 {
                labelled::identifier(found, meaning, value, delimiter);
            }
        }
    }
}
