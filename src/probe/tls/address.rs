//! One address of one target: which attempts are made, and what they add up to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{DnsName, ServerName};

use super::capture::Capture;
use super::complete::{Ask, End, Visit, visit};
use super::link::Failure;
use super::raw::{self, Answer, Depth};
use super::{Began, LEAST_SHARE, Options};
use crate::deadline::Deadline;
use crate::probe::hello::{SSL_3, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, version_name};
use crate::probe::observation::{
    Base64Der, ClientAuth, Handshake, Offered, ProtocolOffer, Reason, Scheme, TlsObservation,
};
use crate::probe::target::Endpoint;

/// The alert protocol_version (RFC 5246 section 7.2).
const PROTOCOL_VERSION: u8 = 70;

/// What an address is probed with.
pub(super) struct Probe<'a> {
    pub(super) provider: &'a Arc<CryptoProvider>,
    pub(super) endpoint: &'a Endpoint,
    pub(super) options: &'a Options,
    pub(super) began: Began,
    pub(super) deadline: Deadline,
}

/// A row for an address, or for a name without one.
pub(super) fn row(endpoint: &Endpoint, address: Option<IpAddr>, at: DateTime<Utc>) -> TlsObservation {
    TlsObservation {
        target: endpoint.given.clone(),
        scheme: endpoint.scheme,
        host: endpoint.host.clone(),
        address,
        port: endpoint.port,
        sni: server_name(endpoint),
        reachable: false,
        reason: None,
        reason_detail: None,
        handshake: None,
        chain: Vec::new(),
        ocsp_staple: None,
        clock_offset_seconds: None,
        observed_at: at.to_rfc3339_opts(SecondsFormat::Secs, true),
        elapsed_ms: 0,
    }
}

/// The name for SNI: RFC 6066 section 3 allows neither an address nor a trailing dot.
fn server_name(endpoint: &Endpoint) -> Option<String> {
    if endpoint.host.parse::<IpAddr>().is_ok() {
        return None;
    }
    let name = endpoint.host.trim_end_matches('.');
    DnsName::try_from(name).ok().map(|_| name.to_owned())
}

impl Probe<'_> {
    /// Everything about one address.
    pub(super) async fn observe(&self, address: IpAddr) -> TlsObservation {
        let started = Instant::now();
        let mut row = row(self.endpoint, Some(address), self.began.at);
        let sni = row.sni.clone();
        let name = sni
            .as_deref()
            .and_then(|name| DnsName::try_from(name.to_owned()).ok())
            .map_or_else(|| ServerName::IpAddress(address.into()), ServerName::DnsName);
        let attempts = Attempts {
            probe: self,
            address: SocketAddr::new(address, self.endpoint.port),
            name,
            sni: sni.as_deref(),
        };
        attempts.fill(&mut row).await;
        row.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        row
    }

    /// Half of what is left, for one attempt of several: silence must not use up what the others need, and a busy
    /// server gets as long as there is time.
    fn half(&self) -> Deadline {
        self.deadline
            .at_most((self.deadline.remaining() / 2).max(LEAST_SHARE))
    }
}

struct Attempts<'a> {
    probe: &'a Probe<'a>,
    address: SocketAddr,
    name: ServerName<'static>,
    sni: Option<&'a str>,
}

impl Attempts<'_> {
    async fn fill(&self, row: &mut TlsObservation) {
        let host = self.probe.endpoint.subject();
        let http_host =
            (self.probe.endpoint.scheme != Scheme::Cti && self.probe.options.http_date).then_some(&*host);
        let ask = Ask {
            http_host,
            identity: None,
        };
        let mut offers = Offers::default();
        let (found, required, by_rustls) = match self.visit(ask, self.probe.deadline).await {
            Ok(visit) => {
                row.clock_offset_seconds = visit.clock_offset_seconds;
                let required = match visit.end {
                    Some(End::Accepted) => Some(false),
                    Some(End::Refused(_)) => Some(true),
                    Some(End::Unclear(_)) | None => None,
                };
                (visit.capture, required, true)
            }
            Err(failure) => match self.old(&failure, &mut offers).await {
                Ok((found, required)) => (found, required, false),
                Err(failure) => {
                    row.reason = Some(failure.reason);
                    row.reason_detail = Some(failure.detail);
                    return;
                }
            },
        };
        let mut client_auth = ClientAuth {
            requested: found.requested,
            required: match found.requested {
                Some(true) => required,
                Some(false) => Some(false),
                None => None,
            },
            acceptable_cas: found.accepted_names.iter().cloned().map(Base64Der).collect(),
            ..ClientAuth::default()
        };
        if by_rustls && found.requested == Some(true) {
            self.present(http_host, &mut client_auth, row).await;
        }
        if self.probe.options.protocols {
            self.versions(&found, by_rustls, &mut offers).await;
        }
        row.reachable = true;
        row.chain = found.chain.into_iter().map(Base64Der).collect();
        row.ocsp_staple = found.ocsp_staple.map(Base64Der);
        row.handshake = Some(Handshake {
            protocol: found.protocol,
            cipher: found.cipher,
            client_auth,
            protocols_offered: offers.in_order(),
        });
    }

    /// A server that rustls could not talk to may still talk to a hello made by hand. Also says whether it insists on
    /// a client certificate. Gives the first failure when none of the versions is answered.
    async fn old(&self, first: &Failure, offers: &mut Offers) -> Result<(Capture, Option<bool>), Failure> {
        let worth_it = match first.reason {
            Reason::Alert(_) | Reason::ProtocolVersion | Reason::Reset | Reason::Internal => true,
            // rustls is stricter than need be; but what does not even look like TLS stays what it is.
            Reason::NotTls => !first.detail.starts_with("the answer begins"),
            _ => false,
        };
        let mut last = first.clone();
        // rustls offers both: a server without either says so, or chooses an older one.
        if matches!(
            first.reason,
            Reason::Alert(PROTOCOL_VERSION) | Reason::ProtocolVersion
        ) {
            offers.add(TLS_1_3, Offered::Refused);
        }
        while worth_it && let Some(version) = offers.next() {
            let depth = Depth::Flight(self.probe.half());
            let answer = raw::attempt(self.address, version, self.sni, depth, self.probe.half()).await;
            offers.answer(version, &answer);
            match answer {
                Ok(answer) => match answer.flight.alert {
                    Some(number) if answer.flight.version.is_none() => last = Failure::alert(number),
                    _ => {
                        if let Some(found) = raw::into_capture(answer.flight) {
                            return Ok((found, answer.required));
                        }
                    }
                },
                // Gone or out of time: older versions would only meet the same.
                Err(failure) if failure.reason != Reason::Reset => break,
                Err(_) => {}
            }
        }
        // "protocol_version" to everything from SSLv3 to TLS 1.3.
        let nothing_in_common = |failure: &Failure| failure.reason == Reason::Alert(PROTOCOL_VERSION);
        if nothing_in_common(first) && nothing_in_common(&last) {
            return Err(Failure::new(Reason::ProtocolVersion, first.detail.clone()));
        }
        Err(first.clone())
    }

    /// Presents our client certificate, in a handshake of its own.
    async fn present(&self, http_host: Option<&str>, client_auth: &mut ClientAuth, row: &mut TlsObservation) {
        let identity = self
            .probe
            .endpoint
            .identity
            .as_ref()
            .or(self.probe.options.client_identity.as_ref());
        if identity.is_none() {
            return;
        }
        let (accepted, reason) = match self.visit(Ask { http_host, identity }, self.probe.half()).await {
            Ok(visit) => {
                row.clock_offset_seconds = row.clock_offset_seconds.or(visit.clock_offset_seconds);
                match visit.end {
                    Some(End::Accepted) => (Some(true), None),
                    Some(End::Refused(failure)) => (Some(false), Some(failure.reason)),
                    Some(End::Unclear(failure)) => (None, Some(failure.reason)),
                    // This time it did not ask.
                    None => (None, None),
                }
            }
            Err(failure) => (None, Some(failure.reason)),
        };
        client_auth.identity_accepted = accepted;
        client_auth.identity_reason = reason;
    }

    async fn visit(&self, ask: Ask<'_>, deadline: Deadline) -> Result<Visit, Failure> {
        let probe = self.probe;
        visit(
            probe.provider,
            self.address,
            &self.name,
            ask,
            probe.began,
            deadline,
        )
        .await
    }

    /// Which versions the server speaks, apart from the one it chose.
    async fn versions(&self, found: &Capture, by_rustls: bool, offers: &mut Offers) {
        // Both were on offer: a server that chose 1.2 does not speak 1.3.
        if by_rustls {
            let (newest, of_1_3) = match found.protocol.as_deref() {
                Some("TLSv1.3") => (TLS_1_3, Offered::Offered),
                _ => (TLS_1_2, Offered::Refused),
            };
            offers.add(newest, Offered::Offered);
            offers.add(TLS_1_3, of_1_3);
        }
        while let Some(version) = offers.next() {
            let answer = self.ask_for(version).await;
            offers.answer(version, &answer);
        }
        // rustls could not talk to it, for whatever reason: that is not the version's fault.
        if !offers.has(TLS_1_3) {
            let answer = self.ask_for(TLS_1_3).await;
            offers.add(TLS_1_3, raw::offered(TLS_1_3, &answer));
        }
    }

    /// Whether this version is answered. Many servers reset the connection instead of refusing a version; but so does
    /// one that is out of breath, so it counts only the second time.
    async fn ask_for(&self, version: u16) -> Result<Answer, Failure> {
        let ask = || raw::attempt(self.address, version, self.sni, Depth::Hello, self.probe.half());
        match ask().await {
            Err(failure) if failure.reason == Reason::Reset => ask().await,
            answer => answer,
        }
    }
}

/// What hellos are made for in turn, newest first: one settles older versions too.
const BY_HAND: [u16; 4] = [TLS_1_2, TLS_1_1, TLS_1_0, SSL_3];

/// Versions and their answers, each once.
#[derive(Default)]
struct Offers(Vec<(u16, Offered)>);

impl Offers {
    fn add(&mut self, version: u16, answer: Offered) {
        if !self.has(version) {
            self.0.push((version, answer));
        }
    }

    /// The newest version that nothing is known about.
    fn next(&self) -> Option<u16> {
        BY_HAND.into_iter().find(|version| !self.has(*version))
    }

    /// What the answer to a hello of this version says, also about other versions. A hello names the newest version
    /// that the client speaks, and the server takes the newest that it speaks itself, or refuses with
    /// protocol_version when it speaks none so old (RFC 5246 appendix E.1).
    fn answer(&mut self, version: u16, answer: &Result<Answer, Failure>) {
        self.add(version, raw::offered(version, answer));
        let Ok(Answer { flight, .. }) = answer else { return };
        let chosen = match (flight.version, flight.alert) {
            (Some(chosen), _) => chosen,
            (None, Some(PROTOCOL_VERSION)) => 0,
            (None, _) => return,
        };
        for other in BY_HAND {
            if other == chosen {
                self.add(other, Offered::Offered);
            } else if other < version && other > chosen {
                self.add(other, Offered::Refused);
            }
        }
    }

    fn has(&self, version: u16) -> bool {
        self.0.iter().any(|(known, _)| *known == version)
    }

    /// Oldest first.
    fn in_order(mut self) -> Vec<ProtocolOffer> {
        self.0.sort_by_key(|(version, _)| *version);
        self.0
            .into_iter()
            .map(|(version, answer)| ProtocolOffer {
                version: version_name(version),
                answer,
            })
            .collect()
    }
}
