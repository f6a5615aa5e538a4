//! What a TLS probe saw. Serialisable, so that a saved observation can be judged again as of another date.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one address of one target answered. Every target has at least one, also when it cannot be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TlsObservation {
    /// The target as given: `xsp1.example.net:8012`, `cti://xsp1.example.net`.
    pub target: String,
    /// What is expected there.
    pub scheme: Scheme,
    /// The name, as given (for host-name checks).
    pub host: String,
    /// The address that was tried; `None` when the name did not resolve.
    pub address: Option<std::net::IpAddr>,
    /// The port.
    pub port: u16,
    /// The server name sent; `None` for an IP address.
    pub sni: Option<String>,
    /// Whether TLS was spoken: a chain or at least a ServerHello came back.
    pub reachable: bool,
    /// Why not, from a closed list.
    pub reason: Option<Reason>,
    /// The operating system's or the library's own words (English), for second line.
    pub reason_detail: Option<String>,
    /// What was negotiated.
    pub handshake: Option<Handshake>,
    /// The certificates as served, in the served order, DER as standard base64.
    #[serde(default)]
    pub chain: Vec<Base64Der>,
    /// The stapled OCSP response.
    pub ocsp_staple: Option<Base64Der>,
    /// Seconds that the server's HTTP `Date` is ahead of our clock, if it was asked.
    pub clock_offset_seconds: Option<i64>,
    /// When it was observed (RFC 3339).
    pub observed_at: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// What is expected at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Server TLS: Xsi-Actions, Xsi-Events, DMS.
    Https,
    /// The CTI interface: mutual TLS.
    Cti,
    /// AuthService with mutual TLS.
    Auth,
}

impl Scheme {
    /// Whether the server must ask for a client certificate.
    pub const fn expects_client_auth(self) -> bool {
        matches!(self, Self::Cti | Self::Auth)
    }
}

/// What was negotiated, and what else the server was seen to offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Handshake {
    /// `SSLv3`, `TLSv1.0`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`.
    pub protocol: Option<String>,
    /// The IANA name of the cipher suite.
    pub cipher: Option<String>,
    /// The client certificate.
    pub client_auth: ClientAuth,
    /// The versions that were tried, oldest first.
    #[serde(default)]
    pub protocols_offered: Vec<ProtocolOffer>,
}

/// Whether and how a client certificate is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientAuth {
    /// CertificateRequest came. `None`: the handshake ended before that could be seen.
    pub requested: Option<bool>,
    /// The handshake fails without one. `None`: not tried or not decidable.
    pub required: Option<bool>,
    /// The accepted CA names, each a DER-encoded Name. Empty although requested: the server does not say.
    #[serde(default)]
    pub acceptable_cas: Vec<Base64Der>,
    /// The configured client certificate was presented: whether the handshake succeeded. `None`: not tried, or cut off.
    #[serde(default)]
    pub identity_accepted: Option<bool>,
    /// How the server refused it, or how that attempt ended.
    #[serde(default)]
    pub identity_reason: Option<Reason>,
}

/// One protocol version as the server answered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProtocolOffer {
    /// `SSLv3`, `TLSv1.0`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`.
    pub version: String,
    /// What came back.
    pub answer: Offered,
}

/// The answer to a ClientHello of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Offered {
    /// A ServerHello of that version.
    Offered,
    /// An alert, a close, or another version.
    Refused,
    /// No answer to judge by.
    Unknown,
}

/// The detail of a name that was not looked up in time.
pub const NO_ANSWER: &str = "no answer from the name server before the deadline";

/// Why there is no chain: the closed list of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(with = "String")]
pub enum Reason {
    /// The name does not resolve.
    Dns,
    /// The port is closed.
    Refused,
    /// No route, network unreachable, prohibited.
    Unreachable,
    /// No answer to the connection request.
    TimeoutConnect,
    /// Connected, but no answer to the ClientHello.
    TimeoutHandshake,
    /// It answered, but too slowly to finish within the deadline.
    SlowPeer,
    /// The connection was reset or closed.
    Reset,
    /// The answer is not TLS.
    NotTls,
    /// A TLS alert with this number.
    Alert(u8),
    /// No protocol version in common.
    ProtocolVersion,
    /// A fault of this program.
    Internal,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::TimeoutConnect => "timeout-connect",
            Self::TimeoutHandshake => "timeout-handshake",
            Self::SlowPeer => "slow-peer",
            Self::Reset => "reset",
            Self::NotTls => "not-tls",
            Self::Alert(number) => return write!(f, "alert-{number}"),
            Self::ProtocolVersion => "protocol-version",
            Self::Internal => "internal",
        };
        f.write_str(word)
    }
}

impl std::str::FromStr for Reason {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word {
            "dns" => Self::Dns,
            "refused" => Self::Refused,
            "unreachable" => Self::Unreachable,
            "timeout-connect" => Self::TimeoutConnect,
            "timeout-handshake" => Self::TimeoutHandshake,
            "slow-peer" => Self::SlowPeer,
            "reset" => Self::Reset,
            "not-tls" => Self::NotTls,
            "protocol-version" => Self::ProtocolVersion,
            "internal" => Self::Internal,
            _ => match word.strip_prefix("alert-").map(str::parse) {
                Some(Ok(number)) => Self::Alert(number),
                _ => return Err(word.to_owned()),
            },
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse()
            .map_err(|word| serde::de::Error::custom(format!("unknown reason '{word}'")))
    }
}

/// DER bytes, standard base64 on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct Base64Der(pub Vec<u8>);

impl Serialize for Base64Der {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::Engine as _;
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Der {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        let text = String::deserialize(deserializer)?;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}
