//! One watched target: what it showed last, what it showed when it last answered, and how old that is.
//!
//! Whoever wants a result younger than the one at hand starts a probe or joins the one that is under way: never two at
//! a time. A probe goes on when the one who asked has left.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::hub::Hub;
use super::plan::{Plan, Target};
use crate::probe::TlsObservation;
use crate::probe::observation::ProtocolOffer;
use crate::probe::tls::{self, Options};
use crate::report::Severity;
use crate::rules::certs::data::TargetData;
use crate::rules::{Area, certs};

/// Old protocol versions and the server's clock are looked at this often only: each costs the server connections of
/// their own, and they seldom change.
const THOROUGH: Duration = Duration::from_hours(1);

/// A target and what is known of it.
#[derive(Debug)]
pub struct Watched {
    /// The target.
    pub target: Target,
    seen: Mutex<Seen>,
    /// The probe under way: becomes true when it ends.
    flight: Mutex<Option<watch::Receiver<bool>>>,
}

/// A finding without its words: check, subject, severity.
pub type Judged = (&'static str, String, Severity);

/// What is known of a target.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// When it was last probed, by the monotonic clock; `None`: not yet.
    pub at: Option<Instant>,
    /// When it last spoke TLS.
    pub good_at: Option<Instant>,
    /// The same by the wall clock (RFC 3339).
    pub good_on: Option<String>,
    /// The rows of the last probe.
    pub rows: Vec<Arc<TargetData>>,
    /// For each address the row of when it last answered.
    pub good: Vec<Arc<TargetData>>,
    /// What was found last.
    pub findings: Arc<Vec<Judged>>,
    /// The observations behind it, to compare the members of a farm.
    pub observations: Arc<Vec<TlsObservation>>,
    /// How often it was probed.
    pub probes: u32,
    /// How often it showed something else than before.
    pub changes: u32,
    fingerprint: u64,
    thorough: Option<Thorough>,
}

/// What is looked at seldom.
#[derive(Debug, Clone)]
struct Thorough {
    at: Instant,
    by_address: Arc<Vec<Offers>>,
}

/// An address, the versions that it offers, and how far its clock is ahead.
type Offers = (Option<IpAddr>, Vec<ProtocolOffer>, Option<i64>);

impl Watched {
    /// A target with what is known of it from before.
    pub fn new(target: Target, seen: Seen) -> Self {
        Self {
            target,
            seen: Mutex::new(seen),
            flight: Mutex::default(),
        }
    }

    /// What is known now.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long ago it was probed.
    pub fn age(&self) -> Option<Duration> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.at.map(|at| at.elapsed())
    }

    /// Waits until there is a result no older than `max_age`, or until `deadline`. The caller takes what is there.
    pub async fn refresh(
        self: &Arc<Self>,
        hub: &Arc<Hub>,
        max_age: Duration,
        timeout: Duration,
        deadline: Instant,
    ) {
        if self.age().is_some_and(|age| age <= max_age) {
            return;
        }
        let mut flight = self.fly(hub, timeout);
        let landed = flight.wait_for(|landed| *landed);
        // Late, or ended without a result: the age tells.
        let _ = tokio::time::timeout_at(deadline.into(), landed).await;
    }

    /// Starts a probe, or joins the one that is under way.
    pub fn fly(self: &Arc<Self>, hub: &Arc<Hub>, timeout: Duration) -> watch::Receiver<bool> {
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(receiver) = &*flight
            && !*receiver.borrow()
            // The sender is gone without a word when its task has panicked.
            && receiver.has_changed().is_ok()
        {
            return receiver.clone();
        }
        let (sender, receiver) = watch::channel(false);
        *flight = Some(receiver.clone());
        let (watched, hub) = (Arc::clone(self), Arc::clone(hub));
        tokio::spawn(async move {
            watched.probe(&hub, timeout).await;
            let _ = sender.send(true);
        });
        receiver
    }

    async fn probe(&self, hub: &Hub, timeout: Duration) {
        let plan = hub.plan();
        let place = hub.place().await;
        let thorough = self.seen().thorough;
        let is_thorough = thorough.as_ref().is_none_or(|last| last.at.elapsed() >= THOROUGH);
        let options = Options {
            timeout,
            protocols: is_thorough,
            http_date: is_thorough,
            ..Options::default()
        };
        let endpoints = &self.target.endpoints;
        let observed =
            tls::observe_all_async(endpoints, &options, hub.clock(), hub.interrupt(), &|_, _| {}).await;
        drop(place);
        let Ok(mut rows) = observed else { return };
        let thorough = match thorough {
            Some(last) if !is_thorough => {
                last.fill(&mut rows);
                Some(last)
            }
            // A server that did not answer was not looked at.
            last if rows.iter().all(|row| row.reachable) => Some(Thorough::of(&rows)).or(last),
            last => last,
        };
        self.judge(&plan, rows, thorough, hub);
        hub.changed();
    }

    fn judge(&self, plan: &Plan, rows: Vec<TlsObservation>, thorough: Option<Thorough>, hub: &Hub) {
        let mut settings = plan.settings.clone();
        settings.as_of = hub.clock().now();
        let (findings, data) = certs::judge(&rows, &[], &plan.trust, &settings);
        let findings = findings
            .into_iter()
            // The trust files are judged once for all.
            .filter(|finding| finding.check.area != Area::Trust)
            .map(|finding| (finding.check.id, finding.subject, finding.severity))
            .collect();
        let fingerprint = fingerprint(&rows);
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.rows = data.targets.into_iter().map(Arc::new).collect();
        if let Some(row) = seen.rows.iter().find(|row| row.reachable) {
            let observed_at = row.observed_at.clone();
            seen.good_on = Some(observed_at);
            seen.good_at = Some(now);
        }
        seen.good = good(&seen.rows, &seen.good);
        seen.findings = Arc::new(findings);
        seen.observations = Arc::new(rows);
        if seen.at.is_some() && seen.fingerprint != fingerprint {
            seen.changes = seen.changes.saturating_add(1);
        }
        seen.probes = seen.probes.saturating_add(1);
        seen.fingerprint = fingerprint;
        seen.thorough = thorough;
        seen.at = Some(now);
    }
}

/// For each address that is still one of the target's, the row of when it last answered.
fn good(rows: &[Arc<TargetData>], before: &[Arc<TargetData>]) -> Vec<Arc<TargetData>> {
    let mut good: Vec<Arc<TargetData>> = rows.iter().filter(|row| row.reachable).cloned().collect();
    // When the name does not resolve, nothing is known about its addresses.
    let is_lost = rows.iter().all(|row| row.address.is_none());
    for last in before {
        let is_silent = |row: &Arc<TargetData>| !row.reachable && row.address == last.address;
        if is_lost || rows.iter().any(is_silent) {
            good.push(Arc::clone(last));
        }
    }
    good
}

impl Thorough {
    fn of(rows: &[TlsObservation]) -> Self {
        let by_address = rows.iter().map(|row| {
            let offers = row
                .handshake
                .as_ref()
                .map(|handshake| &handshake.protocols_offered);
            (
                row.address,
                offers.cloned().unwrap_or_default(),
                row.clock_offset_seconds,
            )
        });
        Self {
            at: Instant::now(),
            by_address: Arc::new(by_address.collect()),
        }
    }

    /// Adds what was seen when it was last looked at.
    fn fill(&self, rows: &mut [TlsObservation]) {
        for row in rows {
            let known = self.by_address.iter().find(|known| known.0 == row.address);
            let (Some((_, offers, offset)), Some(handshake)) = (known, &mut row.handshake) else {
                continue;
            };
            handshake.protocols_offered.clone_from(offers);
            row.clock_offset_seconds = *offset;
        }
    }
}

/// What a later probe is compared by: certificates and failures, not times.
fn fingerprint(rows: &[TlsObservation]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for row in rows {
        row.address.hash(&mut hasher);
        row.reason.hash(&mut hasher);
        row.chain.hash(&mut hasher);
    }
    hasher.finish()
}
