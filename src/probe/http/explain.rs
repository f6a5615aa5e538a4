//! One function that explains why a request failed: an error chain to a [`Cause`].

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::{Cause, Problem};

/// Sorts an error of the HTTP library. `proxy` is the proxy that the request went through, without credentials.
pub(super) fn explain(error: &reqwest::Error, proxy: Option<&str>) -> Problem {
    let cause = cause_of(error);
    let detail = chain(error);
    // A connection that failed on the way to a proxy says nothing about the target.
    let connecting = matches!(
        cause,
        Cause::Dns | Cause::Refused | Cause::Unreachable | Cause::Reset
    ) && error.is_connect();
    match proxy {
        Some(proxy) if cause == Cause::Proxy || connecting => {
            Problem::new(Cause::Proxy, format!("{proxy}: {detail}"))
        }
        _ => Problem::new(cause, detail),
    }
}

fn cause_of(error: &reqwest::Error) -> Cause {
    if error.is_timeout() {
        return Cause::Timeout;
    }
    if error.is_redirect() {
        return if links(error).any(|link| link.to_string() == super::client::INSECURE_REDIRECT) {
            Cause::RedirectInsecure
        } else {
            Cause::RedirectLoop
        };
    }
    for link in links(error) {
        if let Some(tls) = as_tls(link) {
            return tls_cause(tls);
        }
    }
    if error.is_dns() {
        return Cause::Dns;
    }
    for link in links(error) {
        if let Some(cause) = link.downcast_ref::<io::Error>().and_then(io_cause) {
            return cause;
        }
    }
    // The proxy tunnel's and the HTTP parser's errors have no public type: their words are all there is.
    let words = chain(error);
    if words.contains("proxy auth") {
        Cause::ProxyAuth
    } else if words.contains("tunnel error") || words.contains("unsuccessful tunnel") {
        Cause::Proxy
    } else if words.contains("dns error") {
        Cause::Dns
    } else if [
        "invalid HTTP",
        "invalid header",
        "unexpected message",
        "http2 error",
    ]
    .iter()
    .any(|phrase| words.contains(phrase))
    {
        Cause::NotHttp
    } else if words.contains("connection closed") || words.contains("end of file") || error.is_body() {
        Cause::Reset
    } else if error.is_decode() {
        Cause::Broken
    } else if error.is_connect() {
        Cause::Unreachable
    } else {
        Cause::Internal
    }
}

fn io_cause(error: &io::Error) -> Option<Cause> {
    use io::ErrorKind as Kind;
    Some(match error.kind() {
        Kind::ConnectionRefused => Cause::Refused,
        Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::AddrNotAvailable
        | Kind::PermissionDenied => Cause::Unreachable,
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
            Cause::Reset
        }
        Kind::TimedOut => Cause::Timeout,
        _ => return None,
    })
}

/// The TLS library's error, also where I/O errors wrap it: their `source` skips what they wrap.
fn as_tls<'a>(link: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut link = link;
    loop {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        link = link.downcast_ref::<io::Error>()?.get_ref()?;
    }
}

/// What TLS has to say about a link of any chain of errors; also those of other libraries than the HTTP one.
pub fn tls_fault(link: &(dyn Error + 'static)) -> Option<Cause> {
    as_tls(link).map(tls_cause)
}

fn tls_cause(error: &rustls::Error) -> Cause {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Cause::TlsDate,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Cause::TlsName
            }
            // Unknown issuer, bad signature, and what a self-signed certificate comes back as: one of many.
            _ => Cause::TlsUntrusted,
        },
        _ => Cause::Tls,
    }
}

fn links<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |link| (*link).source())
}

/// The chain in one line, without the URL (the caller says it, without credentials) and without repetitions.
fn chain(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    // The first link names only the URL and the stage.
    for link in links(error).skip(1) {
        let text = link.to_string();
        // The stage ("client error (Connect)") says nothing that the next link does not say better.
        if text.starts_with("client error") && link.source().is_some() {
            continue;
        }
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
    }
    if words.is_empty() {
        let stage = if error.is_timeout() {
            "timed out"
        } else {
            "request failed"
        };
        return stage.to_owned();
    }
    words.join(": ")
}
