//! TLS endpoints, all at once: certificates as served, versions, client authentication and accepted CA names.
//!
//! One deadline for each target covers name resolution, connection, handshake and every further attempt. Every
//! address of a name gets a row of its own, and a target that cannot be reached has one too.

mod address;
mod capture;
mod complete;
mod descriptors;
mod link;
mod raw;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rustls::crypto::CryptoProvider;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::address::{Probe, row};
use super::identity::ClientIdentity;
use super::observation::{NO_ANSWER, Reason, TlsObservation};
use super::target::Endpoint;
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::interrupt::{Interrupt, Interrupted};

/// Time for one target when nothing else is said.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections at a time when nothing else is said: what the usual limit of 1024 open files allows, so that the silent
/// ones of a thousand targets all run out of time together. Fewer where the limit is lower.
pub const DEFAULT_CONCURRENCY: usize = 1000;
/// Shortest time for one step of several.
const LEAST_SHARE: Duration = Duration::from_millis(250);
/// Targets that one thread serves: each costs it less than half a millisecond, spread over round trips.
const TARGETS_PER_THREAD: usize = 2000;
/// Addresses of one name that are probed; no farm has more behind one name.
const MAX_ADDRESSES: usize = 64;

/// How to probe.
#[derive(Debug, Clone)]
pub struct Options {
    /// One deadline for each target, for everything.
    pub timeout: Duration,
    /// Connections at a time; fewer where the limit of open files is lower.
    pub concurrency: usize,
    /// Most threads; most of the time is spent waiting, and few targets need only one.
    pub threads: usize,
    /// Presented where the endpoint has no identity of its own.
    pub client_identity: Option<ClientIdentity>,
    /// Whether to try the protocol versions that were not negotiated.
    pub protocols: bool,
    /// Whether to ask web servers for their date.
    pub http_date: bool,
    /// Where addresses come from.
    pub resolver: Resolver,
}

/// Where the addresses of a name come from.
#[derive(Debug, Clone, Default)]
pub enum Resolver {
    /// The machine's own resolver, `/etc/hosts` included.
    #[default]
    System,
    /// These names only: tests.
    Fixed(Arc<BTreeMap<String, Vec<IpAddr>>>),
}

/// Lookups at a time, in the whole process.
static LOOKUPS: Semaphore = Semaphore::const_new(128);

impl Resolver {
    async fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                // A lookup blocks a thread until the resolver gives up, long after anybody waits for it: the place
                // goes back only then, so that lookups do not pile up behind a resolver that hangs.
                let place = LOOKUPS.acquire().await.map_err(io::Error::other)?;
                let host = host.to_owned();
                let lookup = tokio::task::spawn_blocking(move || {
                    let _place = place;
                    let found = (host.as_str(), port).to_socket_addrs()?;
                    Ok(found.map(|address| address.ip()).collect())
                });
                lookup.await.map_err(io::Error::other)?
            }
            Self::Fixed(names) => Ok(names.get(host).cloned().unwrap_or_default()),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            concurrency: DEFAULT_CONCURRENCY,
            threads: 2,
            client_identity: None,
            protocols: true,
            http_date: true,
            resolver: Resolver::System,
        }
    }
}

/// Called as targets are finished: how many are done, of how many.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Probes all targets at once. One row for each target and address, in the order given; the addresses of a name in
/// numeric order, IPv4 first.
///
/// # Errors
/// [`Interrupted`] when the user asked to stop.
pub fn observe_all(
    targets: &[Endpoint],
    options: &Options,
    clock: &dyn Clock,
    interrupt: &Interrupt,
    progress: &Progress<'_>,
) -> Result<Vec<TlsObservation>, Interrupted> {
    interrupt.check()?;
    // Waking another thread costs more than what it would take over.
    let threads = (targets.len() / TARGETS_PER_THREAD + 1).min(options.threads.clamp(1, 16));
    let mut runtime = if threads > 1 {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = match runtime.worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let internal =
                |endpoint: &Endpoint| failed(endpoint, clock.now(), Reason::Internal, &error.to_string());
            return Ok(targets.iter().map(internal).collect());
        }
    };
    let rows = runtime.block_on(observe_all_async(targets, options, clock, interrupt, progress));
    // A resolver that does not answer must not hold the program back.
    runtime.shutdown_background();
    rows
}

/// [`observe_all`] for callers that have a runtime already.
///
/// # Errors
/// [`Interrupted`] when the user asked to stop.
pub async fn observe_all_async(
    targets: &[Endpoint],
    options: &Options,
    clock: &dyn Clock,
    interrupt: &Interrupt,
    progress: &Progress<'_>,
) -> Result<Vec<TlsObservation>, Interrupted> {
    let shared = Arc::new(Shared {
        provider: Arc::new(provider()),
        options: options.clone(),
        began: Began {
            at: clock.now(),
            instant: Instant::now(),
        },
    });
    let places = Arc::new(Semaphore::new(descriptors::at_a_time(options.concurrency)));
    let mut running = JoinSet::new();
    for (index, endpoint) in targets.iter().enumerate() {
        let (shared, places, endpoint) = (Arc::clone(&shared), Arc::clone(&places), endpoint.clone());
        running.spawn(async move { (index, shared.observe(endpoint, &places).await) });
    }
    let mut rows: Vec<Vec<TlsObservation>> = targets.iter().map(|_| Vec::new()).collect();
    let mut done = 0;
    loop {
        let finished = tokio::select! {
            finished = running.join_next() => finished,
            () = interrupt.wait() => return Err(Interrupted),
        };
        match finished {
            None => break,
            Some(Ok((index, found))) => {
                if let Some(place) = rows.get_mut(index) {
                    *place = found;
                }
            }
            // A panic in a task: its target is seen below to have no row.
            Some(Err(_)) => {}
        }
        done += 1;
        progress(done, targets.len());
    }
    for (endpoint, rows) in targets.iter().zip(&mut rows) {
        if rows.is_empty() {
            rows.push(failed(
                endpoint,
                clock.now(),
                Reason::Internal,
                "the probe ended without a result",
            ));
        }
    }
    Ok(rows.into_iter().flatten().collect())
}

/// What is offered: everything that rustls has, AES-128 first, as in the list of ciphers that XSPs are documented with;
/// a client that asks for more than it needs costs both sides.
fn provider() -> CryptoProvider {
    let mut provider = rustls::crypto::ring::default_provider();
    provider
        .cipher_suites
        .sort_by_key(|suite| !format!("{:?}", suite.suite()).contains("AES_128_GCM"));
    // Stable, but the versions must not be mixed: the suites of TLS 1.3 come first.
    provider
        .cipher_suites
        .sort_by_key(|suite| suite.tls13().is_none());
    provider
}

/// What all targets share.
struct Shared {
    provider: Arc<CryptoProvider>,
    options: Options,
    began: Began,
}

/// The clock is read once: all targets are probed at once, and within a run the monotonic clock counts.
#[derive(Debug, Clone, Copy)]
struct Began {
    at: DateTime<Utc>,
    instant: Instant,
}

impl Began {
    fn now(&self) -> DateTime<Utc> {
        let elapsed = chrono::TimeDelta::from_std(self.instant.elapsed()).unwrap_or_default();
        self.at + elapsed
    }
}

impl Shared {
    /// All addresses of one target. Each connection needs a place; the deadline does not run while waiting for one.
    async fn observe(self: Arc<Self>, endpoint: Endpoint, places: &Arc<Semaphore>) -> Vec<TlsObservation> {
        let place = Arc::clone(places).acquire_owned().await;
        let deadline = Deadline::after(self.options.timeout);
        let addresses = match addresses(&endpoint, &self.options.resolver, deadline).await {
            Ok(addresses) => addresses,
            Err(detail) => return vec![failed(&endpoint, self.began.at, Reason::Dns, &detail)],
        };
        let Some((first, others)) = addresses.split_first() else {
            return Vec::new();
        };
        let left = deadline.remaining();
        let endpoint = Arc::new(endpoint);
        let mut running = JoinSet::new();
        for address in others.iter().copied() {
            let (shared, endpoint) = (Arc::clone(&self), Arc::clone(&endpoint));
            let places = Arc::clone(places);
            running.spawn(async move {
                let _place = places.acquire_owned().await;
                shared.probe(&endpoint, address, Deadline::after(left)).await
            });
        }
        let mut rows = vec![self.probe(&endpoint, *first, deadline).await];
        drop(place);
        while let Some(finished) = running.join_next().await {
            rows.extend(finished);
        }
        rows.sort_by_key(|row| row.address);
        rows
    }

    async fn probe(&self, endpoint: &Endpoint, address: IpAddr, deadline: Deadline) -> TlsObservation {
        let probe = Probe {
            provider: &self.provider,
            endpoint,
            options: &self.options,
            began: self.began,
            deadline,
        };
        probe.observe(address).await
    }
}

/// The addresses to probe, IPv4 first, in numeric order: resolvers shuffle them, and a report should not.
async fn addresses(
    endpoint: &Endpoint,
    resolver: &Resolver,
    deadline: Deadline,
) -> Result<Vec<IpAddr>, String> {
    let literal = endpoint.pinned.or_else(|| endpoint.host.parse().ok());
    if let Some(address) = literal {
        return Ok(vec![address]);
    }
    let lookup = resolver.lookup(&endpoint.host, endpoint.port);
    match tokio::time::timeout_at(deadline.instant().into(), lookup).await {
        Ok(Ok(mut addresses)) => {
            addresses.sort();
            addresses.dedup();
            addresses.truncate(MAX_ADDRESSES);
            if addresses.is_empty() {
                Err("the name has no address".to_owned())
            } else {
                Ok(addresses)
            }
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(NO_ANSWER.to_owned()),
    }
}

/// The row of a target about which nothing more is known.
fn failed(endpoint: &Endpoint, at: DateTime<Utc>, reason: Reason, detail: &str) -> TlsObservation {
    TlsObservation {
        reason: Some(reason),
        reason_detail: Some(detail.to_owned()),
        ..row(endpoint, None, at)
    }
}
