//! What is watched and how: made from the configuration, never changed, replaced as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::access::Access;
use super::status::Page;
use crate::probe::target::Endpoint;
use crate::rules::certs::Settings;
use crate::x509::files::CertFile;

/// How often each target is probed when nothing else is said: Prometheus' own default interval.
pub const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
/// The deadline of each target when nothing else is said; below the default timeout of a scrape, ten seconds.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(8);
/// Targets that are probed at a time when nothing else is said.
pub const DEFAULT_CONCURRENCY: usize = 64;

/// Everything that a reload replaces.
#[derive(Debug)]
pub struct Plan {
    /// Each target once, by name.
    pub targets: Vec<Target>,
    /// How what was seen is judged; its instant is replaced by the time of the probe.
    pub settings: Settings,
    /// The files with trust anchors.
    pub trust: Vec<CertFile>,
    /// The installed certificates.
    pub files: Vec<CertFile>,
    /// The status page.
    pub status: Option<Arc<Page>>,
    /// Each target is probed once in this time.
    pub interval: Duration,
    /// The deadline of each target.
    pub timeout: Duration,
    /// Targets that are probed at a time.
    pub concurrency: usize,
    /// Whether `/probe` takes targets that are not configured.
    pub any_target: bool,
    /// Who may ask.
    pub access: Access,
    /// To serve HTTPS with.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// A target and the endpoints that make it up: one, or one for each pinned address.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// `https://host:port`, the label of its metrics.
    pub name: String,
    /// At least one.
    pub endpoints: Vec<Endpoint>,
}

impl Target {
    /// A target of its own.
    pub fn single(endpoint: Endpoint) -> Self {
        Self {
            name: endpoint.given.clone(),
            endpoints: vec![endpoint],
        }
    }

    /// Each target once, also when several XSPs of the configuration name it; sorted by name.
    pub fn deduplicated(endpoints: Vec<Endpoint>) -> Vec<Self> {
        let mut targets: BTreeMap<String, Vec<Endpoint>> = BTreeMap::new();
        for endpoint in endpoints {
            let known = targets.entry(endpoint.given.clone()).or_default();
            if !known.iter().any(|other| other.pinned == endpoint.pinned) {
                known.push(endpoint);
            }
        }
        targets
            .into_iter()
            .map(|(name, endpoints)| Self { name, endpoints })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Target;
    use crate::probe::observation::Scheme;
    use crate::probe::target::Endpoint;

    #[test]
    fn each_target_once_with_all_its_addresses() {
        let endpoint = |scheme, address: Option<&str>| {
            let pinned = address.map(|address| address.parse().expect("an address"));
            Endpoint::new(scheme, "xsp1.example.net", 443, pinned).expect("a target")
        };
        let targets = Target::deduplicated(vec![
            endpoint(Scheme::Https, Some("192.0.2.2")),
            endpoint(Scheme::Auth, None),
            endpoint(Scheme::Https, Some("192.0.2.1")),
            endpoint(Scheme::Https, Some("192.0.2.2")),
        ]);
        let shape: Vec<_> = targets
            .iter()
            .map(|target| (target.name.as_str(), target.endpoints.len()))
            .collect();
        assert_eq!(
            shape,
            [
                ("auth://xsp1.example.net:443", 1),
                ("https://xsp1.example.net:443", 2)
            ]
        );
    }
}
