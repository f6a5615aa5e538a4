//! "Would Webex accept it?", apart from "this machine would".

use super::Settings;
use super::chain::Judged;
use super::data::WebexData;
use super::endpoint;
use crate::probe::TlsObservation;
use crate::probe::observation::{Offered, Scheme};
use crate::x509::{Certificate, Seen, chain as chains, verify};

/// What Webex asks of the interface.
const SOURCE: &str = "help.webex.com/article/itsh1h";

/// Key exchanges of the documented cipher list of an XSP, with which Webex is known to work.
const KEY_EXCHANGES: [&str; 6] = [
    "ECDHE_RSA",
    "ECDHE_ECDSA",
    "DHE_RSA",
    "DHE_DSS",
    "ECDH_RSA",
    "ECDH_ECDSA",
];

/// The ciphers of that list; then, by analogy, the stronger ones of the same kind, which no document names.
const CIPHERS: [&str; 5] = [
    "AES_128_GCM_SHA256",
    "AES_128_CBC_SHA256",
    "AES_256_GCM_SHA384",
    "AES_256_CBC_SHA384",
    "CHACHA20_POLY1305_SHA256",
];

/// Whether Webex offers a cipher suite (IANA name), as far as is known. The suites of TLS 1.3 name no key exchange.
fn is_offered(cipher: &str) -> bool {
    let Some(rest) = cipher
        .strip_prefix("TLS13_")
        .or_else(|| cipher.strip_prefix("TLS_"))
    else {
        return false;
    };
    match rest.split_once("_WITH_") {
        Some((exchange, cipher)) => KEY_EXCHANGES.contains(&exchange) && CIPHERS.contains(&cipher),
        None => [
            "AES_128_GCM_SHA256",
            "AES_256_GCM_SHA384",
            "CHACHA20_POLY1305_SHA256",
        ]
        .contains(&rest),
    }
}

/// "Would Webex accept it?": publicly trusted by Mozilla's roots with nothing but what was served, the right name,
/// valid dates, TLS 1.2 or later, a cipher that Webex offers.
pub(super) fn judge(
    observation: &TlsObservation,
    judged: &Judged,
    certificates: &[Certificate],
    host: &str,
    settings: &Settings,
) -> WebexData {
    let same_store = settings.public.name() == settings.store.name() && settings.intermediates.is_empty();
    let (trusted, mut reasons, root) = if same_store {
        let root = judged.path.last().cloned();
        (judged.verification.trusted, judged.path_reasons.clone(), root)
    } else {
        let analysis = chains::analyse(certificates, &settings.public, &[]);
        let question = verify::Question {
            certificates,
            analysis: &analysis,
            further: &[],
            host: Some(host),
            at: settings.as_of,
            purpose: verify::Purpose::Server,
            profile: crate::x509::lint::Profile::WebPki,
            crls: &settings.crls,
            max_depth: None,
        };
        let mut verified = verify::verify(&question, &settings.public);
        let verification = &mut verified.verification;
        verification.reasons.truncate(verification.path_reasons);
        // The staple was judged already, and the lists may say more with certificates that were not served.
        for reason in &judged.path_reasons {
            if reason.check == "cert.revoked" && !verification.reasons.contains(reason) {
                verification.reasons.push(reason.clone());
            }
        }
        let root = verified.path.pop();
        (verified.verification.trusted, verified.verification.reasons, root)
    };
    if let (Some(leaf), Some(root)) = (judged.path.first(), root) {
        reasons.extend(super::chain::trust::distrust_reason(
            &settings.distrusted,
            leaf,
            &root,
        ));
    }
    let handshake = observation.handshake.as_ref();
    let versions = handshake.map(|handshake| {
        let offered = handshake.protocols_offered.iter();
        let mut offered = offered.filter(|offer| offer.answer == Offered::Offered);
        handshake.protocol.as_deref().is_some_and(endpoint::is_current)
            || offered.any(|offer| endpoint::is_current(&offer.version))
    });
    if versions == Some(false) {
        let seen = Seen::new("no-current-version", "no version from TLS 1.2 on");
        reasons.push(verify::Reason::new("tls.protocol", SOURCE, seen));
    }
    let cipher = handshake.and_then(|handshake| handshake.cipher.as_deref());
    if let Some(cipher) = cipher.filter(|cipher| !is_offered(cipher)) {
        let seen = Seen::new("cipher", cipher).with("other", cipher);
        reasons.push(verify::Reason::new("tls.cipher", SOURCE, seen));
    }
    if observation.scheme == Scheme::Cti && handshake.and_then(|h| h.client_auth.requested) == Some(false) {
        let seen = Seen::new("not-requested", "no client certificate is asked for");
        reasons.push(verify::Reason::new("mtls.not-requested", SOURCE, seen));
    }
    WebexData {
        accepted: trusted && reasons.is_empty(),
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::is_offered;

    #[test]
    fn the_ciphers_of_webex() {
        for (cipher, offered) in [
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true),
            ("TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", true),
            ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", true),
            ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", true),
            ("TLS13_AES_256_GCM_SHA384", true),
            ("TLS_AES_128_GCM_SHA256", true),
            ("TLS_RSA_WITH_AES_128_GCM_SHA256", false),
            ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", false),
            ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", false),
            ("TLS_DH_anon_WITH_AES_128_GCM_SHA256", false),
            ("SSL_CK_RC4_128_WITH_MD5", false),
        ] {
            assert_eq!(is_offered(cipher), offered, "{cipher}");
        }
    }
}
