//! Text to typed spans, once. The inventory of facts and the redactor both read these spans.

pub mod inventory;

pub use inventory::{Entry, FileSummary, Inventory, Place, TimeFrame};

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
