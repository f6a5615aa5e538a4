//! What is to be checked: an endpoint or a file, parsed once from what the user typed.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::{Path, PathBuf};

use super::identity::ClientIdentity;
use super::observation::Scheme;
use crate::i18n::{Localize, Message};

/// The CTI interface's port, encrypted (Webex for BroadWorks Solution Guide).
pub const CTI_PORT: u16 = 8012;
/// HTTPS.
pub const HTTPS_PORT: u16 = 443;

/// A target of `certs`, `check` and `bundle`.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A server to connect to.
    Endpoint(Endpoint),
    /// A file, directory or pattern: see [`crate::x509::files::discover`].
    File(PathBuf),
}

/// A server to connect to.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// What is expected there.
    pub scheme: Scheme,
    /// Host name in ASCII, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// `#ip=ADDRESS`: connect there, but keep the name for SNI and host-name checks.
    pub pinned: Option<IpAddr>,
    /// As typed.
    pub given: String,
    /// Presented in a handshake of its own, when the server asks for a client certificate.
    pub identity: Option<ClientIdentity>,
}

impl Endpoint {
    /// An endpoint that does not come from a TARGET: the configuration's `[[xsp]]`.
    ///
    /// # Errors
    /// When the host is neither a host name nor an address.
    pub fn new(scheme: Scheme, host: &str, port: u16, pinned: Option<IpAddr>) -> Result<Self, TargetError> {
        let given = || format!("{}://{}", scheme_word(scheme), authority(host, port));
        Ok(Self {
            scheme,
            host: host_name(host.trim_matches(['[', ']']), &given())?,
            port,
            pinned,
            given: given(),
            identity: None,
        })
    }

    /// `host:port`, the subject of findings.
    pub fn subject(&self) -> String {
        authority(&self.host, self.port)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

const fn scheme_word(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Https => "https",
        Scheme::Cti => "cti",
        Scheme::Auth => "auth",
    }
}

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// Why a TARGET is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing.
    #[error("empty target")]
    Empty,
    /// Not `https`, `cti`, `auth` or `file`.
    #[error("unknown scheme '{scheme}' in '{target}'")]
    Scheme {
        /// What stands before `://`.
        scheme: String,
        /// As typed.
        target: String,
    },
    /// Neither a host name nor an address.
    #[error("no host name or address in '{target}'")]
    Host {
        /// As typed.
        target: String,
    },
    /// Not a number from 1 to 65535.
    #[error("no valid port in '{target}'")]
    Port {
        /// As typed.
        target: String,
    },
    /// `#ip=` without an address, or another fragment.
    #[error("no valid address after '#ip=' in '{target}'")]
    Pin {
        /// As typed.
        target: String,
    },
    /// User name or password in the target.
    #[error("user name in target")]
    UserInfo,
    /// It looks like a path, but there is no such file.
    #[error("no such file: {target}")]
    NoSuchFile {
        /// As typed.
        target: String,
    },
}

impl Localize for TargetError {
    fn message(&self) -> Message {
        match self {
            Self::Empty => Message::new("target-empty"),
            Self::Scheme { scheme, target } => Message::new("target-scheme")
                .arg("scheme", scheme)
                .arg("target", target),
            Self::Host { target } => Message::new("target-host").arg("target", target),
            Self::Port { target } => Message::new("target-port").arg("target", target),
            Self::Pin { target } => Message::new("target-pin").arg("target", target),
            // The target is not quoted: what was typed may hold a password.
            Self::UserInfo => Message::new("target-user-info"),
            Self::NoSuchFile { target } => Message::new("target-no-such-file").arg("target", target),
        }
    }
}

/// Parses a TARGET of the command line. A bare path that exists is a file; anything else bare is a host.
///
/// # Errors
/// [`TargetError`], with the target as typed.
pub fn parse(text: &str) -> Result<Target, TargetError> {
    let given = text.trim();
    if given.is_empty() {
        return Err(TargetError::Empty);
    }
    if let Some(path) = given.strip_prefix("file:") {
        // file:///path is the same as file:/path.
        let path = path.strip_prefix("//").unwrap_or(path);
        return if path.is_empty() {
            Err(TargetError::Empty)
        } else {
            Ok(Target::File(PathBuf::from(path)))
        };
    }
    if let Some((scheme, rest)) = given.split_once("://") {
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "cti" => Scheme::Cti,
            "auth" => Scheme::Auth,
            other => {
                return Err(TargetError::Scheme {
                    scheme: other.to_owned(),
                    target: given.to_owned(),
                });
            }
        };
        return endpoint(scheme, rest, given).map(Target::Endpoint);
    }
    if Path::new(given).exists() || given.contains(['*', '?']) {
        return Ok(Target::File(PathBuf::from(given)));
    }
    if looks_like_path(given) {
        return Err(TargetError::NoSuchFile {
            target: given.to_owned(),
        });
    }
    endpoint(Scheme::Https, given, given).map(Target::Endpoint)
}

/// A mistyped path must not end as "the name does not resolve".
fn looks_like_path(text: &str) -> bool {
    const EXTENSIONS: [&str; 12] = [
        "pem", "crt", "cer", "der", "p7b", "p7c", "p12", "pfx", "jks", "jceks", "txt", "key",
    ];
    let extension = Path::new(text)
        .extension()
        .and_then(|extension| extension.to_str());
    text.contains(['/', '\\'])
        || extension.is_some_and(|found| EXTENSIONS.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

fn endpoint(scheme: Scheme, rest: &str, given: &str) -> Result<Endpoint, TargetError> {
    let target = || given.to_owned();
    let (rest, pinned) = match rest.split_once('#') {
        None => (rest, None),
        Some((rest, fragment)) => {
            let address = fragment
                .strip_prefix("ip=")
                .map(|address| address.trim_matches(['[', ']']))
                .and_then(|address| address.parse().ok())
                .ok_or_else(|| TargetError::Pin { target: target() })?;
            (rest, Some(address))
        }
    };
    // A path or query is what a browser's address line leaves behind.
    let place = rest.split(['/', '?']).next().unwrap_or_default();
    if place.contains('@') {
        return Err(TargetError::UserInfo);
    }
    let (host, port) = split_port(place).ok_or_else(|| TargetError::Host { target: target() })?;
    let port = match port {
        None | Some("") => match scheme {
            Scheme::Cti => CTI_PORT,
            Scheme::Https | Scheme::Auth => HTTPS_PORT,
        },
        Some(port) => port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(|| TargetError::Port { target: target() })?,
    };
    Ok(Endpoint {
        scheme,
        host: host_name(host, given)?,
        port,
        pinned,
        given: target(),
        identity: None,
    })
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`, or an IPv6 address without brackets.
fn split_port(place: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None if after.is_empty() => Some((host, None)),
            None => None,
        };
    }
    if place.parse::<Ipv6Addr>().is_ok() {
        return Some((place, None));
    }
    Some(match place.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (place, None),
    })
}

/// The name in ASCII (IDNA), in lower case; an address in its usual form.
fn host_name(host: &str, given: &str) -> Result<String, TargetError> {
    let wrong = || TargetError::Host {
        target: given.to_owned(),
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    match url::Host::parse(host) {
        Ok(url::Host::Domain(name)) => {
            let labels_fit = name
                .trim_end_matches('.')
                .split('.')
                .all(|label| (1..=63).contains(&label.len()));
            let plain = name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
            if labels_fit && plain && name.len() <= 254 {
                Ok(name)
            } else {
                Err(wrong())
            }
        }
        Ok(url::Host::Ipv4(address)) => Ok(address.to_string()),
        Ok(url::Host::Ipv6(_)) | Err(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Target, TargetError, parse};
    use crate::probe::observation::Scheme;

    fn endpoint(text: &str) -> Endpoint {
        match parse(text) {
            Ok(Target::Endpoint(endpoint)) => endpoint,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn forms_of_the_contract() {
        for (text, scheme, subject) in [
            ("xsp1.example.net", Scheme::Https, "xsp1.example.net:443"),
            ("xsp1.example.net:8443", Scheme::Https, "xsp1.example.net:8443"),
            ("https://XSP1.example.net", Scheme::Https, "xsp1.example.net:443"),
            (
                "https://xsp1.example.net/com.example/x?y",
                Scheme::Https,
                "xsp1.example.net:443",
            ),
            ("cti://xsp1.example.net", Scheme::Cti, "xsp1.example.net:8012"),
            ("cti://192.0.2.7:8013", Scheme::Cti, "192.0.2.7:8013"),
            ("auth://xsp1.example.net", Scheme::Auth, "xsp1.example.net:443"),
            ("[2001:db8::1]:8443", Scheme::Https, "[2001:db8::1]:8443"),
            ("2001:db8::1", Scheme::Https, "[2001:db8::1]:443"),
            (
                "https://b\u{fc}cher.example",
                Scheme::Https,
                "xn--bcher-kva.example:443",
            ),
        ] {
            let endpoint = endpoint(text);
            assert_eq!(
                (endpoint.scheme, endpoint.subject().as_str()),
                (scheme, subject),
                "{text}"
            );
            assert_eq!(endpoint.given, text);
            assert_eq!(endpoint.pinned, None);
        }
    }

    #[test]
    fn pinned_addresses() {
        let pinned = endpoint("cti://xsp1.example.net#ip=192.0.2.7");
        assert_eq!(pinned.pinned, Some("192.0.2.7".parse().unwrap()));
        assert_eq!(pinned.subject(), "xsp1.example.net:8012");
        assert_eq!(
            endpoint("xsp1.example.net:1#ip=[2001:db8::2]").pinned,
            Some("2001:db8::2".parse().unwrap())
        );
    }

    #[test]
    fn files() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("chain.pem");
        std::fs::write(&path, "x").unwrap();
        let text = path.to_str().unwrap();
        for text in [text.to_owned(), format!("file:{text}"), format!("file://{text}")] {
            assert_eq!(parse(&text), Ok(Target::File(path.clone())), "{text}");
        }
        assert_eq!(parse("file:no-such.pem"), Ok(Target::File("no-such.pem".into())));
        for text in ["no-such-directory/x", "no-such-file.PEM"] {
            assert!(
                matches!(parse(text), Err(TargetError::NoSuchFile { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn mistakes_are_told_apart() {
        assert_eq!(parse("  "), Err(TargetError::Empty));
        assert!(matches!(
            parse("http://xsp1.example.net"),
            Err(TargetError::Scheme { .. })
        ));
        for text in [
            "xsp1.example.net:0",
            "xsp1.example.net:65536",
            "xsp1.example.net:https",
            "[2001:db8::1]:x",
        ] {
            assert!(matches!(parse(text), Err(TargetError::Port { .. })), "{text}");
        }
        for text in [
            "https://",
            "https://a b",
            "a..b",
            "[xsp1]:443",
            "[::1",
            "https://x\u{0}y",
            "cti://%zz",
        ] {
            assert!(matches!(parse(text), Err(TargetError::Host { .. })), "{text:?}");
        }
        for text in [
            "xsp1.example.net#ip=",
            "xsp1.example.net#ip=x",
            "xsp1.example.net#top",
        ] {
            assert!(matches!(parse(text), Err(TargetError::Pin { .. })), "{text}");
        }
        assert_eq!(
            parse("https://user:secret@xsp1.example.net"),
            Err(TargetError::UserInfo)
        );
    }
}
