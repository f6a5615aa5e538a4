//! Text to typed spans, once. The inventory of facts and the redactor both read these spans.

mod bytes;
mod collect;
mod engine;
mod find;
mod hint;
pub mod hit;
pub mod inventory;
mod label;
mod meaning;
mod resolve;
pub mod stream;
mod trigger;
mod value;
mod words;

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};

pub use collect::Collector;
pub use engine::Scanner;

pub use inventory::{Entry, FileSummary, Inventory, Place, TimeFrame};

/// The domain of the redactor's pseudonyms for addresses, in lower case. Its top-level domain is reserved (RFC 2606):
/// nothing can ever be delivered to it.
pub(crate) const PSEUDONYM_DOMAIN: &str = "redacted.invalid";

/// What the redactor's masks begin with; the name of what they hide follows, and a bracket.
pub(crate) const MASK: &[u8] = b"[redacted:";

/// What the scan looks for besides what it always does.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Own domains: names that end with one of them are host names.
    pub domains: Vec<String>,
    /// The day of the scan: time stamps without a year (syslog) are of the twelve months before its end. Without it they
    /// are not read.
    pub today: Option<NaiveDate>,
    /// Own patterns by name.
    pub patterns: Vec<(String, regex::bytes::Regex)>,
}

/// What one scan of a buffer gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Sorted and not overlapping.
    pub spans: Vec<Span>,
    /// Where words stand that say that something went wrong ("error", "fehlgeschlagen" …), sorted.
    pub errors: Vec<usize>,
    /// The instants of time stamps by the first byte of their spans, sorted.
    pub instants: Vec<(usize, DateTime<Utc>)>,
    /// Organisations that are on view, or of who is logged in, by the first byte of their spans, sorted.
    pub sides: Vec<(usize, Side)>,
}

/// What a debug block says of an organisation without naming its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// On view (`View Org ID`, `targetCustomerId`): the customer.
    Viewed,
    /// Of who is logged in (`Logged-in User Org ID`): the partner, when it is another than the one on view.
    Acting,
}

/// The typed spans of `text` with the default options, sorted and not overlapping.
pub fn spans(text: &[u8]) -> Vec<Span> {
    SCANNER.spans(text)
}

/// See [`Scanner::suspects`]; with the default options.
pub fn suspects(text: &[u8]) -> Vec<Span> {
    SCANNER.suspects(text)
}

/// The scanner with the default options, which knows time stamps without a year.
pub(crate) fn standard() -> &'static Scanner {
    &SCANNER
}

/// Of [`spans`] only the place of a time stamp is used, and that must not depend on its year: for one without a year any
/// will do that has every date.
const LEAP_YEAR: Option<NaiveDate> = NaiveDate::from_ymd_opt(2024, 12, 31);

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    Scanner::new(Options {
        today: LEAP_YEAR,
        ..Options::default()
    })
});

/// A place in the scanned bytes and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// How that is known.
    pub evidence: Evidence,
}

/// What a span is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A Webex tracking ID.
    TrackingId,
    /// An organisation ID whose role is the customer.
    CustomerOrg,
    /// An organisation ID whose role is the partner.
    PartnerOrg,
    /// An organisation ID of unknown role.
    Org,
    /// A Webex user or person ID.
    UserId,
    /// A BroadWorks user ID (`user@domain`, not an e-mail).
    BroadworksUserId,
    /// An e-mail address.
    Email,
    /// A Webex App, client or SDK version.
    ClientVersion,
    /// A BroadWorks release or patch.
    BroadworksRelease,
    /// A Control Hub build.
    ControlHubBuild,
    /// An error code.
    ErrorCode,
    /// A point in time.
    Timestamp,
    /// A SIP Call-ID.
    CallId,
    /// A device ID.
    DeviceId,
    /// A certificate fingerprint or serial number.
    Fingerprint,
    /// A bearer, refresh or API token.
    Token,
    /// A JSON web token.
    Jwt,
    /// A password or another secret by its label.
    Password,
    /// A cookie or session id.
    Cookie,
    /// A SIP digest field.
    SipDigest,
    /// A parameter that signs a URL.
    SignedUrl,
    /// A private key.
    PrivateKey,
    /// A phone number.
    Phone,
    /// A personal name behind a label.
    PersonName,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// A MAC address.
    MacAddress,
    /// A host name of the provider's own domains.
    HostName,
    /// A pattern of the configuration.
    Custom,
}

/// How the kind of a span is known: a label decides first, a known prefix second, the bare shape last.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The shape alone; enough only for shapes that nothing else has.
    Shape,
    /// A known prefix, or an encoding that names its type.
    Prefix,
    /// A label or key beside it.
    Label,
}

#[cfg(test)]
mod tests;
