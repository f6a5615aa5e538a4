//! The errors of webpki: which check each belongs to, by which rule, and in which words.

use chrono::DateTime;
use rustls::pki_types::UnixTime;
use webpki::Error;

use super::{Question, Reason};
use crate::x509::chain::{self, End};
use crate::x509::seen::Seen;
use crate::x509::signature::is_given_up;

/// The check and the citation of an error of webpki.
pub(super) fn reason(error: &Error, question: &Question<'_>) -> Reason {
    let (check, citation) = match error {
        Error::CertExpired { .. } => ("cert.expired", "RFC 5280 section 6.1.3 (a)(2)"),
        Error::CertNotValidYet { .. } => ("cert.not-yet-valid", "RFC 5280 section 6.1.3 (a)(2)"),
        Error::CertNotValidForName(_) | Error::MalformedDnsIdentifier | Error::UnsupportedNameType => {
            ("cert.host-name", "RFC 9525 section 6")
        }
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
            ("cert.key-usage", "RFC 5280 section 4.2.1.12")
        }
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            let certificates = || question.certificates.iter().chain(question.further);
            if !certificates().any(|certificate| is_given_up(&certificate.facts().signature)) {
                let detail = Seen::new("unverifiable", "a signature algorithm cannot be verified here");
                return Reason::new("chain.invalid", "RFC 5280 section 6.1.3 (a)(1)", detail);
            }
            ("cert.weak-signature", "CABF BR section 7.1.3.2")
        }
        Error::NameConstraintViolation => ("chain.invalid", "RFC 5280 section 4.2.1.10"),
        // What openssl makes when nothing else is said: a CA that signed itself. The second is what matters.
        Error::CaUsedAsEndEntity if question.is_untrusted_and_self_signed() => {
            return unknown_issuer(question);
        }
        Error::PathLenConstraintViolated | Error::EndEntityUsedAsCa | Error::CaUsedAsEndEntity => {
            ("chain.invalid", "RFC 5280 section 4.2.1.9")
        }
        Error::UnknownIssuer => return unknown_issuer(question),
        Error::InvalidSignatureForPublicKey => ("chain.invalid", "RFC 5280 section 6.1.3 (a)(1)"),
        Error::BadDer
        | Error::BadDerTime
        | Error::ExtensionValueInvalid
        | Error::InvalidCertValidity
        | Error::InvalidSerialNumber
        | Error::MalformedExtensions
        | Error::MalformedNameConstraint
        | Error::InvalidNetworkMaskConstraint
        | Error::SignatureAlgorithmMismatch
        | Error::TrailingData(_)
        | Error::UnsupportedCertVersion => ("cert.malformed", "RFC 5280 section 4.1"),
        Error::UnsupportedCriticalExtension => ("chain.invalid", "RFC 5280 section 4.2"),
        _ => ("chain.invalid", "RFC 5280 section 6.1"),
    };
    let seen = describe(error);
    let refusing = match error {
        Error::RequiredEkuNotFoundContext(_) => question.refuses_the_purpose(),
        _ => None,
    };
    Reason::new(
        check,
        citation,
        match refusing {
            Some(certificate) => seen.of(certificate.display_name()),
            None => seen,
        },
    )
}

/// No path: says which of the reasons for that it is.
fn unknown_issuer(question: &Question<'_>) -> Reason {
    const CITATION: &str = "RFC 5280 section 6.1";
    match &question.analysis.end {
        Some(End::SelfSigned { .. }) if question.analysis.path.len() == 1 => Reason::new(
            "cert.self-signed",
            CITATION,
            Seen::new(
                "self-signed",
                "the certificate signed itself and is not an anchor",
            ),
        ),
        Some(End::SelfSigned { anchor: false }) => Reason::new(
            "cert.not-publicly-trusted",
            CITATION,
            Seen::new("private-root", "the chain ends at a root that is not an anchor"),
        ),
        Some(End::Missing(chain::Missing {
            subject,
            intermediate: true,
            ..
        })) => Reason::new(
            "chain.incomplete",
            "RFC 5246 section 7.4.2",
            Seen::new(
                "issuer-missing",
                format!("the issuer is not among the certificates: {subject}"),
            )
            .with("other", subject),
        ),
        Some(End::Missing(chain::Missing { subject, .. })) => Reason::new(
            "cert.not-publicly-trusted",
            CITATION,
            Seen::new(
                "issuer-unknown",
                format!("the issuer is neither among the certificates nor an anchor: {subject}"),
            )
            .with("other", subject),
        ),
        _ => Reason::new(
            "chain.invalid",
            CITATION,
            Seen::new("no-path", "no path to an anchor"),
        ),
    }
}

/// webpki's error in words.
fn describe(error: &Error) -> Seen {
    let instant = |time: &UnixTime| {
        i64::try_from(time.as_secs())
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .map_or_else(|| time.as_secs().to_string(), crate::report::rfc3339)
    };
    match error {
        Error::CertExpired { not_after, .. } => {
            let date = instant(not_after);
            Seen::new("expired", format!("a certificate of the path expired {date}")).with("date", date)
        }
        Error::CertNotValidYet { not_before, .. } => {
            let date = instant(not_before);
            let english = format!("a certificate of the path is not valid before {date}");
            Seen::new("not-yet-valid", english).with("date", date)
        }
        Error::CertNotValidForName(context) if context.presented.is_empty() => {
            Seen::new("no-name", "there is no subject alternative name")
        }
        Error::CertNotValidForName(context) => {
            let names = context.presented.join(", ");
            let english = format!("the name is not among the certificate's: {names}");
            Seen::new("other-name", english).with("other", names)
        }
        Error::RequiredEkuNotFoundContext(_) => {
            Seen::new("extended-refuses", "the extended key usage does not allow it")
        }
        Error::InvalidSignatureForPublicKey => Seen::new(
            "bad-signature",
            "a signature does not verify with the issuer's key",
        ),
        Error::NameConstraintViolation => Seen::new("name-limits", "a name constraint is violated"),
        Error::PathLenConstraintViolated => Seen::new("path-too-long", "the path is longer than a CA allows"),
        Error::MaximumPathDepthExceeded => Seen::new(
            "path-too-deep",
            "the path has more intermediates than were allowed",
        ),
        Error::EndEntityUsedAsCa => {
            Seen::new("issuer-no-ca", "a certificate that is not a CA issued another")
        }
        Error::CaUsedAsEndEntity => {
            Seen::new("ca-as-server", "a CA certificate is used as server certificate")
        }
        Error::UnsupportedSignatureAlgorithmContext(_) => {
            Seen::new("algorithm", "the signature algorithm is not acceptable")
        }
        Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Seen::new(
            "algorithm-key",
            "the signature algorithm does not go with the key, or the key's type is not acceptable",
        ),
        other => {
            let words = format!("{other:?}");
            Seen::new("other-rule", words.as_str()).with("words", words)
        }
    }
}
