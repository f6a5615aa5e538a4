//! Writes down certificates and accepted CA names as rustls shows them, and hangs up when there is nothing more to
//! learn: no key exchange in TLS 1.2, and never a check of a signature.
//!
//! rustls calls the resolver of client certificates when CertificateRequest arrives, in TLS 1.2 after and in TLS 1.3
//! before the server's certificate, and the verifier only afterwards, at ServerHelloDone or CertificateVerify. So
//! when the verifier says no, both have been seen; and it can go on just where a client certificate was asked for.
//! "Not called" (no client certificate asked for) differs from "called with an empty list".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};

use super::link::Failure;
use crate::probe::hello;
use crate::probe::observation::Reason;

/// Every scheme that rustls can name: an old server must be able to find one it knows, SHA-1 included.
const ALL_SCHEMES: [SignatureScheme; 13] = [
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::ED448,
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ECDSA_SHA1_Legacy,
    SignatureScheme::RSA_PKCS1_SHA1,
];

/// What a server showed before we hung up.
#[derive(Debug, Clone, Default)]
pub(super) struct Capture {
    /// `TLSv1.2`.
    pub(super) protocol: Option<String>,
    /// The IANA name.
    pub(super) cipher: Option<String>,
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) ocsp_staple: Option<Vec<u8>>,
    /// Whether a client certificate was asked for; `None`: not seen.
    pub(super) requested: Option<bool>,
    pub(super) accepted_names: Vec<Vec<u8>>,
}

/// Where verifier and resolver write down what they were shown.
#[derive(Debug, Default)]
pub(super) struct Notes {
    seen: Mutex<Seen>,
    /// What the resolver hands out.
    identity: Option<Arc<CertifiedKey>>,
    /// Whether the handshake goes on to its end even if no client certificate is asked for.
    go_on: bool,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Option<Vec<Vec<u8>>>,
    ocsp_staple: Option<Vec<u8>>,
    accepted_names: Option<Vec<Vec<u8>>>,
}

impl Notes {
    /// Notes for one connection, with or without a client certificate.
    pub(super) fn new(identity: Option<Arc<CertifiedKey>>, go_on: bool) -> Self {
        Self {
            identity,
            go_on,
            ..Self::default()
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing panics while holding it; and what was seen stays true.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server's certificates came.
    pub(super) fn has_chain(&self) -> bool {
        self.seen().chain.is_some()
    }

    /// What was seen; `None` while the certificates have not come.
    pub(super) fn capture(&self, connection: &ClientConnection) -> Option<Capture> {
        let mut seen = self.seen();
        Some(Capture {
            chain: seen.chain.take()?,
            ocsp_staple: seen.ocsp_staple.take(),
            requested: Some(seen.accepted_names.is_some()),
            accepted_names: seen.accepted_names.take().unwrap_or_default(),
            protocol: connection
                .protocol_version()
                .map(|version| hello::version_name(u16::from(version))),
            cipher: connection
                .negotiated_cipher_suite()
                .map(|suite| hello::suite_name(u16::from(suite.suite()))),
        })
    }
}

impl ServerCertVerifier for Notes {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen();
        let chain = std::iter::once(end_entity).chain(intermediates);
        seen.chain = Some(chain.map(|certificate| certificate.to_vec()).collect());
        seen.ocsp_staple = (!ocsp_response.is_empty()).then(|| ocsp_response.to_vec());
        if self.go_on || seen.accepted_names.is_some() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General("seen enough".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Nothing secret is ever sent over these connections: the peer need not prove anything.
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ALL_SCHEMES.to_vec()
    }
}

impl ResolvesClientCert for Notes {
    fn resolve(&self, names: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.seen().accepted_names = Some(names.iter().map(|name| name.to_vec()).collect());
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

/// A connection that writes into `notes`.
pub(super) fn connection(
    provider: &Arc<CryptoProvider>,
    notes: &Arc<Notes>,
    name: &ServerName<'static>,
) -> Result<ClientConnection, Failure> {
    let internal = |error: Error| Failure::new(Reason::Internal, error.to_string());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(notes) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(notes) as Arc<dyn ResolvesClientCert>);
    // A resumed session shows no certificates.
    config.resumption = Resumption::disabled();
    ClientConnection::new(Arc::new(config), name.clone()).map_err(internal)
}
