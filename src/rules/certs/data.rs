//! The `data` of `certs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::probe::TlsObservation;
use crate::probe::aia::AiaFetch;
use crate::probe::observation::{Offered, Scheme};
use crate::report::{Severity, Verdict};
use crate::rules::Finding;
use crate::x509::files::CertFile;
use crate::x509::ocsp::OcspFacts;
use crate::x509::{CertFacts, Certificate, Reason, Verification, name};

/// Everything that was judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CertsData {
    /// One row for each address of each target, in the order given.
    pub targets: Vec<TargetData>,
    /// Certificate files.
    pub files: Vec<FileData>,
    /// Files with trust anchors for client certificates.
    pub trust: Vec<FileData>,
    /// What was asked for with `--aia`, and what came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aia: Vec<AiaFetch>,
}

/// One address of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetData {
    /// As given.
    pub target: String,
    /// What is expected there.
    pub scheme: Scheme,
    /// The name.
    pub host: String,
    /// The address that was tried.
    pub address: Option<std::net::IpAddr>,
    /// The port.
    pub port: u16,
    /// The server name sent.
    pub sni: Option<String>,
    /// Whether TLS was spoken.
    pub reachable: bool,
    /// Why not.
    pub reason: Option<String>,
    /// The operating system's or the library's own words.
    pub reason_detail: Option<String>,
    /// The worst finding about this address.
    pub verdict: Verdict,
    /// What was negotiated.
    pub handshake: Option<HandshakeData>,
    /// The certificates as served.
    pub chain: Vec<CertFacts>,
    /// Path and profile.
    pub verification: Option<Verification>,
    /// What Webex would make of it.
    pub webex: Option<WebexData>,
    /// Whether an OCSP response was stapled.
    pub ocsp_stapled: bool,
    /// What it says, and whether that can be relied upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ocsp: Option<OcspFacts>,
    /// Seconds that the server's clock is ahead.
    pub clock_offset_seconds: Option<i64>,
    /// When it was observed.
    pub observed_at: String,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// What was negotiated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HandshakeData {
    /// `TLSv1.2`, `TLSv1.3`.
    pub protocol: Option<String>,
    /// The IANA name of the cipher suite.
    pub cipher: Option<String>,
    /// A client certificate was asked for.
    pub client_auth_requested: Option<bool>,
    /// The handshake fails without one.
    pub client_auth_required: Option<bool>,
    /// The accepted CA names (RFC 4514).
    pub acceptable_cas: Vec<String>,
    /// The versions that the server was seen to offer, oldest first.
    pub protocols_offered: Vec<String>,
    /// The versions that it refused.
    pub protocols_refused: Vec<String>,
    /// The versions that it was asked for without an answer to judge by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocols_unknown: Vec<String>,
}

/// "Would Webex accept it?", apart from "would this machine?".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WebexData {
    /// Publicly trusted, complete as served, right name, valid dates, TLS 1.2 or later, a cipher in common.
    pub accepted: bool,
    /// The checks that stand against it.
    pub reasons: Vec<Reason>,
}

/// One certificate file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileData {
    /// As given.
    pub path: String,
    /// `pem`, `der`, `pkcs7`, `pkcs12`, `jks`.
    pub format: String,
    /// The certificates in the order of the file.
    pub chain: Vec<CertFacts>,
    /// How many private keys are in it.
    pub private_keys: usize,
    /// Path and profile; not for files with trust anchors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

impl FileData {
    pub(super) fn new(
        file: &CertFile,
        certificates: &[Certificate],
        verification: Option<Verification>,
        settings: &Settings,
    ) -> Self {
        Self {
            path: super::label(file),
            format: file.format.word().to_owned(),
            chain: facts(certificates, settings),
            private_keys: file.private_keys,
            verification,
        }
    }
}

fn facts(certificates: &[Certificate], settings: &Settings) -> Vec<CertFacts> {
    certificates
        .iter()
        .map(|certificate| certificate.facts_as_of(settings.as_of))
        .collect()
}

/// What was made of the chain of a target.
pub(super) struct Judgement {
    pub(super) verification: Option<Verification>,
    pub(super) webex: Option<WebexData>,
    pub(super) ocsp: Option<OcspFacts>,
}

impl TargetData {
    pub(super) fn new(
        observation: &TlsObservation,
        certificates: &[Certificate],
        judgement: Judgement,
        findings: &[Finding],
        settings: &Settings,
    ) -> Self {
        Self {
            target: observation.target.clone(),
            scheme: observation.scheme,
            host: observation.host.clone(),
            address: observation.address,
            port: observation.port,
            sni: observation.sni.clone(),
            reachable: observation.reachable,
            reason: observation.reason.map(|reason| reason.to_string()),
            reason_detail: observation.reason_detail.clone(),
            verdict: Verdict::of(findings),
            handshake: handshake(observation),
            chain: facts(certificates, settings),
            verification: judgement.verification,
            webex: judgement.webex,
            ocsp_stapled: observation.ocsp_staple.is_some(),
            ocsp: judgement.ocsp,
            clock_offset_seconds: observation.clock_offset_seconds,
            observed_at: observation.observed_at.clone(),
            elapsed_ms: observation.elapsed_ms,
        }
    }

    /// The certificate that ends first among those served: leaf, intermediates.
    pub fn leaf(&self) -> Option<&CertFacts> {
        self.chain.first()
    }
}

fn handshake(observation: &TlsObservation) -> Option<HandshakeData> {
    let handshake = observation.handshake.as_ref()?;
    let versions = |wanted: Offered| {
        handshake
            .protocols_offered
            .iter()
            .filter(|offer| offer.answer == wanted)
            .map(|offer| offer.version.clone())
            .collect()
    };
    Some(HandshakeData {
        protocol: handshake.protocol.clone(),
        cipher: handshake.cipher.clone(),
        client_auth_requested: handshake.client_auth.requested,
        client_auth_required: handshake.client_auth.required,
        acceptable_cas: handshake
            .client_auth
            .acceptable_cas
            .iter()
            .map(|der| name::from_der(&der.0).unwrap_or_else(|| format!("#{}", name::hex(&der.0))))
            .collect(),
        protocols_offered: versions(Offered::Offered),
        protocols_refused: versions(Offered::Refused),
        protocols_unknown: versions(Offered::Unknown),
    })
}

/// How a severity sorts: worst first.
pub fn rank(verdict: Verdict) -> Severity {
    match verdict {
        Verdict::Ok => Severity::Ok,
        Verdict::Unknown => Severity::Unknown,
        Verdict::Warning => Severity::Warning,
        Verdict::Critical => Severity::Critical,
    }
}
