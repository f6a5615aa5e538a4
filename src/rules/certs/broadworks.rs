//! Where things are changed on an XSP or ADP: contexts and commands of the BroadWorks command line.
//!
//! Sources: help.webex.com/article/itsh1h (CTI interface), help.webex.com/article/q83ave (HTTP interfaces).

use crate::probe::observation::Scheme;

/// Installs a server certificate.
pub(super) fn install_certificate(scheme: Option<Scheme>) -> String {
    let context = match scheme {
        Some(Scheme::Cti) => "Interface/CTI/CTIServer/SSLSettings/Certificates",
        _ => "Interface/Http/HttpServer/SSLSettings/Certificates",
    };
    format!(
        "XSP|ADP_CLI/{context}> sslUpdate <interface IP> keyFile<path> certificateFile<path> chainFile<path>"
    )
}

/// Loads one trust anchor for client certificates.
pub(super) fn update_trust(scheme: Option<Scheme>) -> String {
    let interface = match scheme {
        Some(Scheme::Https | Scheme::Auth) => "Http",
        _ => "CTI",
    };
    format!(
        "XSP|ADP_CLI/Interface/{interface}/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust <alias> <file>"
    )
}

/// Makes the interface ask for a client certificate.
pub(super) fn request_client_certificate(scheme: Option<Scheme>, port: u16) -> String {
    match scheme {
        Some(Scheme::Cti) => {
            format!("XSP|ADP_CLI/Interface/CTI/CTIServer> add <interface IP> {port} true true true")
        }
        _ => "XSP|ADP_CLI/Interface/Http/HttpServer/SSLSettings>".to_owned(),
    }
}

/// The contexts that decide about protocol versions (`Protocols`) or ciphers (`Ciphers`), most specific first: the
/// interface, all interfaces of the kind, the transport, the system.
pub(super) fn contexts(scheme: Option<Scheme>, setting: &str) -> String {
    let (server, common) = match scheme {
        Some(Scheme::Cti) => (
            "Interface/CTI/CTIServer/SSLSettings",
            "Interface/CTI/SSLCommonSettings",
        ),
        _ => (
            "Interface/Http/HttpServer/SSLSettings",
            "Interface/Http/SSLCommonSettings",
        ),
    };
    [
        server,
        common,
        "System/SSLCommonSettings/OpenSSL",
        "System/SSLCommonSettings/JSSE",
    ]
    .map(|context| format!("XSP|ADP_CLI/{context}/{setting}>"))
    .join(" · ")
}
