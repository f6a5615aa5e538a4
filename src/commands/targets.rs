//! From the configuration's `[[xsp]]` to the endpoints that are probed.

use std::net::IpAddr;

use crate::config::{Config, Xsp};
use crate::i18n::{Localize, Message};
use crate::probe::identity::{ClientIdentity, IdentityError};
use crate::probe::observation::Scheme;
use crate::probe::target::{Endpoint, HTTPS_PORT, TargetError};

/// What is wrong with an `[[xsp]]`.
#[derive(Debug, thiserror::Error)]
pub enum XspError {
    /// `host` is neither a name nor an address.
    #[error(transparent)]
    Host(#[from] TargetError),
    /// One of `addresses` is none.
    #[error("[[xsp]] {host}: '{address}' is not an IP address")]
    Address {
        /// The XSP.
        host: String,
        /// What was given.
        address: String,
    },
    /// Only one of `client_cert` and `client_key`.
    #[error("[[xsp]] {host}: client_cert and client_key belong together")]
    HalfIdentity {
        /// The XSP.
        host: String,
    },
    /// The client certificate cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Localize for XspError {
    fn message(&self) -> Message {
        match self {
            Self::Host(error) => error.message(),
            Self::Address { host, address } => Message::new("error-xsp-address")
                .arg("host", host)
                .arg("address", address),
            Self::HalfIdentity { host } => Message::new("error-xsp-half-identity").arg("host", host),
            Self::Identity(error) => error.message(),
        }
    }
}

/// Every endpoint of every configured XSP, in the order of the file. An XSP that names neither a port nor an
/// installed certificate is probed on 443.
///
/// # Errors
/// When an entry of the configuration cannot be used.
pub fn configured(config: &Config) -> Result<Vec<Endpoint>, XspError> {
    let mut endpoints = Vec::new();
    for xsp in &config.xsp {
        let identity = identity(xsp)?;
        let addresses = addresses(xsp)?;
        for (scheme, port) in ports(xsp) {
            for pinned in &addresses {
                let mut endpoint = Endpoint::new(scheme, &xsp.host, port, *pinned)?;
                endpoint.identity.clone_from(&identity);
                endpoints.push(endpoint);
            }
        }
    }
    Ok(endpoints)
}

fn ports(xsp: &Xsp) -> Vec<(Scheme, u16)> {
    let named: Vec<_> = [
        (Scheme::Https, &xsp.https),
        (Scheme::Cti, &xsp.cti),
        (Scheme::Auth, &xsp.auth),
    ]
    .into_iter()
    .flat_map(|(scheme, ports)| ports.iter().map(move |port| (scheme, *port)))
    .collect();
    if named.is_empty() && xsp.certificate.is_none() {
        vec![(Scheme::Https, HTTPS_PORT)]
    } else {
        named
    }
}

/// The addresses to pin; one `None` when DNS decides.
fn addresses(xsp: &Xsp) -> Result<Vec<Option<IpAddr>>, XspError> {
    if xsp.addresses.is_empty() {
        return Ok(vec![None]);
    }
    xsp.addresses
        .iter()
        .map(|address| {
            address.parse().map(Some).map_err(|_| XspError::Address {
                host: xsp.host.clone(),
                address: address.clone(),
            })
        })
        .collect()
}

fn identity(xsp: &Xsp) -> Result<Option<ClientIdentity>, XspError> {
    match (&xsp.client_cert, &xsp.client_key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(ClientIdentity::load(certificate, key)?)),
        _ => Err(XspError::HalfIdentity {
            host: xsp.host.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{XspError, configured};
    use crate::config::{Config, Xsp};

    fn config(xsp: Xsp) -> Config {
        Config {
            xsp: vec![xsp],
            ..Config::default()
        }
    }

    fn xsp() -> Xsp {
        Xsp {
            host: "xsp1.example.net".to_owned(),
            ..Xsp::default()
        }
    }

    #[test]
    fn every_port_at_every_address() {
        let endpoints = configured(&config(Xsp {
            https: vec![443],
            cti: vec![8012],
            addresses: vec!["192.0.2.1".to_owned(), "2001:db8::1".to_owned()],
            ..xsp()
        }));
        let given: Vec<_> = endpoints
            .unwrap_or_default()
            .into_iter()
            .map(|endpoint| endpoint.subject())
            .collect();
        assert_eq!(
            given,
            [
                "xsp1.example.net:443",
                "xsp1.example.net:443",
                "xsp1.example.net:8012",
                "xsp1.example.net:8012"
            ]
        );
    }

    #[test]
    fn a_bare_host_is_probed_on_443_unless_only_its_file_is_named() {
        assert_eq!(
            configured(&config(xsp())).map_or(0, |endpoints| endpoints.len()),
            1
        );
        let filed = Xsp {
            certificate: Some("xsp1.pem".into()),
            ..xsp()
        };
        assert_eq!(
            configured(&config(filed)).map_or(99, |endpoints| endpoints.len()),
            0
        );
    }

    #[test]
    fn half_an_identity_is_an_error() {
        let half = Xsp {
            client_cert: Some("client.pem".into()),
            ..xsp()
        };
        assert!(matches!(
            configured(&config(half)),
            Err(XspError::HalfIdentity { .. })
        ));
    }
}
