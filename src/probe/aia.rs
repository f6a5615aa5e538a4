//! Issuers' certificates by "authority information access" (RFC 5280 section 4.2.2.1): one address, one request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::http::{Cause, Request, Transport};
use crate::deadline::Deadline;
use crate::interrupt::Interrupt;
use crate::x509::{files, name::hex};

/// Largest body that is read. A certificate has one or two kilobytes, a PKCS#7 file with a whole chain less than
/// twenty.
pub const MAX_BODY: usize = 256 * 1024;
/// More certificates than this are not taken from one body.
const MAX_CERTIFICATES: usize = 16;

/// What one address brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AiaFetch {
    /// Where it was asked for.
    pub url: String,
    /// What came.
    pub outcome: Outcome,
    /// Why nothing came, for `failed`: the words of the status page's problems (`dns`, `refused`, `timeout` …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The HTTP status, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// SHA-256 of the certificates that came.
    pub certificates: Vec<String>,
}

/// What came: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Certificates.
    Fetched,
    /// Not an `http:` address: HTTPS would need the very chain that is missing, LDAP is not spoken.
    Scheme,
    /// The body holds no certificate: a web page, say.
    NotACertificate,
    /// Too many requests already.
    Limit,
    /// No complete answer, or one with another status than 200; see `cause` and `status`.
    Failed,
}

impl AiaFetch {
    /// An address that brought nothing.
    pub fn failed(url: &str, outcome: Outcome) -> Self {
        Self {
            url: url.to_owned(),
            outcome,
            cause: None,
            status: None,
            certificates: Vec::new(),
        }
    }

    /// The word that sentences select by.
    pub fn word(&self) -> &'static str {
        match (self.outcome, self.cause) {
            (Outcome::Fetched, _) => "fetched",
            (Outcome::Scheme, _) => "scheme",
            (Outcome::NotACertificate, _) => "not-a-certificate",
            (Outcome::Limit, _) => "limit",
            (Outcome::Failed, cause) => cause.map_or("http-status", Cause::as_str),
        }
    }
}

/// Asks one address. The certificates are DER; PEM and PKCS#7 bodies are unpacked.
pub fn fetch(
    url: &str,
    transport: &dyn Transport,
    deadline: Deadline,
    interrupt: &Interrupt,
) -> (AiaFetch, Vec<Vec<u8>>) {
    let nothing = |outcome| (AiaFetch::failed(url, outcome), Vec::new());
    let parsed = match Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "http" && parsed.username().is_empty() => parsed,
        _ => return nothing(Outcome::Scheme),
    };
    let mut request = Request::get(parsed);
    request.max_body = MAX_BODY;
    let answer = match transport.get(&request, deadline, interrupt) {
        Ok(answer) => answer,
        Err(problem) => {
            let mut failed = AiaFetch::failed(url, Outcome::Failed);
            failed.cause = Some(problem.cause);
            failed.status = problem.status;
            return (failed, Vec::new());
        }
    };
    if answer.status != 200 {
        let mut failed = AiaFetch::failed(url, Outcome::Failed);
        failed.cause = Some(Cause::HttpStatus);
        failed.status = Some(answer.status);
        return (failed, Vec::new());
    }
    let Ok(file) = files::parse(url.as_ref(), &answer.body, None) else {
        return nothing(Outcome::NotACertificate);
    };
    let mut ders = file.certificates;
    ders.truncate(MAX_CERTIFICATES);
    if ders.is_empty() {
        return nothing(Outcome::NotACertificate);
    }
    let fetched = AiaFetch {
        url: url.to_owned(),
        outcome: Outcome::Fetched,
        cause: None,
        status: Some(answer.status),
        certificates: ders.iter().map(|der| hex(&Sha256::digest(der))).collect(),
    };
    (fetched, ders)
}
