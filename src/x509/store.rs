//! Trust stores: whom to trust, and what the store is called.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::cert::Certificate;
use super::name::hex;
use sha2::{Digest as _, Sha256};

/// A set of trust anchors with full certificates. A clone is cheap: the exporter makes one for each probe.
#[derive(Debug, Clone)]
pub struct Store {
    name: String,
    roots: Arc<Roots>,
}

#[derive(Debug, Default)]
struct Roots {
    anchors: Vec<CertificateDer<'static>>,
    /// Subject (DER) to positions in `anchors`.
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    /// Anchors that are not certificates.
    unusable: usize,
}

impl Store {
    /// Mozilla's roots, as compiled in.
    pub fn mozilla() -> Self {
        Self::new(
            "mozilla",
            webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned(),
        )
    }

    /// The operating system's roots; what could not be read is left out (and said in the second value).
    pub fn system() -> (Self, Vec<String>) {
        let found = rustls_native_certs::load_native_certs();
        let errors = found.errors.iter().map(ToString::to_string).collect();
        (Self::new("system", found.certs), errors)
    }

    /// Certificates from files; `name` is the path.
    pub fn from_ders<'a>(name: &str, ders: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::new(
            name,
            ders.into_iter().map(|der| CertificateDer::from(der.to_vec())),
        )
    }

    fn new(name: &str, ders: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let mut roots = Roots::default();
        for der in ders {
            match subject_of(&der) {
                Some(subject) => {
                    let place = roots.anchors.len();
                    roots.by_subject.entry(subject).or_default().push(place);
                    roots.anchors.push(der);
                }
                None => roots.unusable += 1,
            }
        }
        Self {
            name: name.to_owned(),
            roots: Arc::new(roots),
        }
    }

    /// `mozilla`, `system`, or the path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many anchors there are.
    pub fn len(&self) -> usize {
        self.roots.anchors.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.roots.anchors.is_empty()
    }

    /// How many entries could not be used.
    pub fn unusable(&self) -> usize {
        self.roots.unusable
    }

    /// The anchors.
    pub fn anchors(&self) -> &[CertificateDer<'static>] {
        &self.roots.anchors
    }

    /// Whether this very certificate is an anchor.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.named(certificate.subject_der())
            .any(|anchor| anchor.as_ref() == certificate.der())
    }

    /// Anchors with this subject.
    pub fn named<'a>(&'a self, subject: &[u8]) -> impl Iterator<Item = &'a CertificateDer<'static>> {
        self.roots
            .by_subject
            .get(subject)
            .into_iter()
            .flatten()
            .filter_map(|&index| self.roots.anchors.get(index))
    }

    /// The anchor that issued the certificate.
    pub fn issuer_of(&self, certificate: &Certificate) -> Option<Certificate> {
        self.named(certificate.issuer_der())
            .map(|der| Certificate::parse(der))
            .find(|anchor| certificate.is_issued_by(anchor))
    }

    /// The anchor certificate behind a trust anchor of webpki.
    pub fn certificate_of(&self, anchor: &TrustAnchor<'_>) -> Option<Certificate> {
        // webpki keeps the contents of the subject's SEQUENCE, without its header.
        let subject = sequence(anchor.subject.as_ref());
        let key = sequence(anchor.subject_public_key_info.as_ref());
        let key = hex(&Sha256::digest(key));
        self.named(&subject)
            .map(|der| Certificate::parse(der))
            .find(|certificate| certificate.facts().key_sha256 == key)
    }

    /// Whether an anchor belongs to this organisation: a missing issuer of a public CA is an intermediate, not a
    /// private root.
    pub fn has_organization(&self, organization: &str) -> bool {
        self.roots
            .by_subject
            .keys()
            .any(|subject| organization_of(subject).as_deref() == Some(organization))
    }
}

fn subject_of(der: &[u8]) -> Option<Vec<u8>> {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.subject().as_raw().to_vec())
}

/// The organisation in a DER-encoded Name.
pub fn organization_of(name: &[u8]) -> Option<String> {
    use x509_parser::prelude::{FromDer, X509Name};
    let (_, name) = X509Name::from_der(name).ok()?;
    super::name::first(&name, super::name::ORGANIZATION)
}

/// Puts the header of a SEQUENCE before its contents.
fn sequence(contents: &[u8]) -> Vec<u8> {
    let mut out = vec![0x30];
    let length = contents.len();
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let significant: Vec<u8> = bytes.into_iter().skip_while(|&byte| byte == 0).collect();
        // At most eight bytes.
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
        out.extend(significant);
    }
    out.extend_from_slice(contents);
    out
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn mozilla_has_its_roots() {
        let store = Store::mozilla();
        assert!(store.len() > 100);
        assert_eq!(store.unusable(), 0);
        assert!(store.has_organization("DigiCert Inc"));
        assert!(!store.has_organization("Example Widgets"));
    }
}
