//! From DER to facts.

use std::net::IpAddr;
use std::sync::Mutex;

use chrono::DateTime;
use sha2::{Digest as _, Sha256};
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::facts::{CertFacts, extended_key_usage, key, key_usage};
use super::{Inner, Seen};
use crate::report::rfc3339;
use crate::x509::name::{self, hex};
use crate::x509::signature::{self, Signed};

/// `id-ad-caIssuers`
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
/// `id-ad-ocsp`
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// More alternative names than this are counted but not listed.
const MAX_NAMES: usize = 2000;

impl Inner {
    pub(super) fn parse(der: &[u8]) -> Self {
        let mut certificate = Self {
            der: der.to_vec(),
            facts: CertFacts {
                sha256: hex(&Sha256::digest(der)),
                ..CertFacts::default()
            },
            not_before: DateTime::UNIX_EPOCH,
            not_after: DateTime::UNIX_EPOCH,
            subject_der: Vec::new(),
            issuer_der: Vec::new(),
            common_name: None,
            organization: None,
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            faults: Vec::new(),
            signed: Mutex::default(),
        };
        match X509Certificate::from_der(der) {
            Ok((rest, parsed)) => {
                if !rest.is_empty() {
                    let bytes = rest.len();
                    certificate.fault(
                        Seen::new("trailing", format!("{bytes} bytes after the certificate"))
                            .with("bytes", bytes),
                    );
                }
                certificate.read(&parsed);
            }
            Err(error) => certificate.fault(
                Seen::new("not-a-certificate", format!("not a certificate: {error}"))
                    .with("words", error.to_string()),
            ),
        }
        certificate
    }

    fn fault(&mut self, seen: Seen) {
        self.facts.malformed.push(seen.as_str().to_owned());
        self.faults.push(seen);
    }

    fn read(&mut self, parsed: &X509Certificate<'_>) {
        let facts = &mut self.facts;
        facts.subject = name::text(parsed.subject());
        facts.issuer = name::text(parsed.issuer());
        facts.serial = hex(parsed.raw_serial());
        facts.version = parsed.version().0 + 1;
        facts.signature = signature::algorithm_name(&parsed.signature_algorithm);
        facts.key = key(parsed.public_key());
        facts.key_sha256 = hex(&Sha256::digest(parsed.public_key().raw));
        self.subject_der = parsed.subject().as_raw().to_vec();
        self.issuer_der = parsed.issuer().as_raw().to_vec();
        self.common_name = name::first(parsed.subject(), name::COMMON_NAME);
        self.organization = name::first(parsed.subject(), name::ORGANIZATION);
        let instant = |seconds| DateTime::from_timestamp(seconds, 0);
        match (
            instant(parsed.validity().not_before.timestamp()),
            instant(parsed.validity().not_after.timestamp()),
        ) {
            (Some(from), Some(to)) => (self.not_before, self.not_after) = (from, to),
            _ => self.fault(Seen::new("dates", "validity out of range")),
        }
        self.facts.not_before = rfc3339(self.not_before);
        self.facts.not_after = rfc3339(self.not_after);
        self.facts.lifetime_days = (self.not_after - self.not_before).num_days();
        let mut seen = std::collections::BTreeSet::new();
        for extension in parsed.extensions() {
            let oid = extension.oid.to_id_string();
            if !seen.insert(oid.clone()) {
                self.fault(
                    Seen::new("extension-twice", format!("extension {oid} twice")).with("oid", oid.as_str()),
                );
            }
            self.extension(&oid, extension.parsed_extension());
        }
        self.facts.self_signed = self.self_signed(parsed);
        if self.facts.self_signed && self.facts.version < 3 {
            self.facts.is_ca = true;
        }
    }

    fn extension(&mut self, oid: &str, extension: &ParsedExtension<'_>) {
        let facts = &mut self.facts;
        match extension {
            ParsedExtension::BasicConstraints(constraints) => {
                facts.is_ca = constraints.ca;
                facts.path_len = constraints.path_len_constraint;
            }
            ParsedExtension::SubjectKeyIdentifier(id) => facts.subject_key_id = Some(hex(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                facts.authority_key_id = id.key_identifier.as_ref().map(|id| hex(id.0));
            }
            ParsedExtension::KeyUsage(usage) => facts.key_usage = key_usage(*usage),
            ParsedExtension::ExtendedKeyUsage(usage) => facts.extended_key_usage = extended_key_usage(usage),
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in names.general_names.iter().take(MAX_NAMES) {
                    self.alternative_name(name);
                }
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in &access.accessdescs {
                    let GeneralName::URI(uri) = &description.access_location else {
                        continue;
                    };
                    match description.access_method.to_id_string().as_str() {
                        CA_ISSUERS => facts.ca_issuers.push((*uri).to_owned()),
                        OCSP => facts.ocsp.push((*uri).to_owned()),
                        _ => {}
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in &points.points {
                    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
                        continue;
                    };
                    facts.crl.extend(names.iter().filter_map(|name| match name {
                        GeneralName::URI(uri) => Some((*uri).to_owned()),
                        _ => None,
                    }));
                }
            }
            ParsedExtension::ParseError { error } => {
                self.fault(
                    Seen::new("extension-malformed", format!("extension {oid}: {error}"))
                        .with("oid", oid)
                        .with("words", error.to_string()),
                );
            }
            _ => {}
        }
    }

    fn alternative_name(&mut self, name: &GeneralName<'_>) {
        let text = match name {
            GeneralName::DNSName(dns) => {
                self.dns_names.push((*dns).to_owned());
                (*dns).to_owned()
            }
            GeneralName::IPAddress(bytes) => {
                let address = <[u8; 4]>::try_from(*bytes)
                    .map(IpAddr::from)
                    .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
                match address {
                    Ok(address) => {
                        self.ip_addresses.push(address);
                        address.to_string()
                    }
                    Err(_) => format!("ip:#{}", hex(bytes)),
                }
            }
            GeneralName::RFC822Name(email) => format!("email:{email}"),
            GeneralName::URI(uri) => format!("uri:{uri}"),
            GeneralName::DirectoryName(directory) => format!("dirname:{}", name::text(directory)),
            GeneralName::RegisteredID(oid) => format!("rid:{oid}"),
            GeneralName::OtherName(oid, _) => format!("othername:{oid}"),
            GeneralName::X400Address(_) => "x400:".to_owned(),
            GeneralName::EDIPartyName(_) => "edi:".to_owned(),
            GeneralName::Invalid(..) => {
                self.fault(Seen::new(
                    "names-malformed",
                    "subject alternative name does not parse",
                ));
                return;
            }
        };
        self.facts.sans.push(text);
    }

    fn self_signed(&mut self, parsed: &X509Certificate<'_>) -> bool {
        if self.subject_der != self.issuer_der {
            return false;
        }
        let signed = signature::signed_by(parsed, parsed.public_key());
        if let Ok(remembered) = self.signed.get_mut() {
            remembered.push((self.facts.key_sha256.clone(), signed));
        }
        match signed {
            Signed::Yes => true,
            Signed::No => false,
            // Cannot be verified here: go by the key identifiers.
            Signed::Unsupported => match (&self.facts.authority_key_id, &self.facts.subject_key_id) {
                (Some(authority), Some(subject)) => authority == subject,
                _ => true,
            },
        }
    }
}
