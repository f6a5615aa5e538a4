//! What all parts of the exporter share: the plan, the watched targets, the clock, and the counters.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::plan::{Plan, Target};
use super::status;
use super::watched::{Judged, Seen, Watched};
use crate::clock::Clock;
use crate::interrupt::Interrupt;
use crate::render::prometheus::{self, Exposition};
use crate::rules::certs;

/// Targets that are not configured and yet remembered (`--any-target`), for as long as a result is used again.
const MAX_GUESTS: usize = 1000;

/// The shared state.
pub struct Hub {
    current: RwLock<Arc<Current>>,
    guests: Mutex<HashMap<String, Arc<Watched>>>,
    /// Goes up with every new plan.
    epoch: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
    interrupt: Interrupt,
    began: (Instant, DateTime<Utc>),
    /// Goes up with every result.
    generation: AtomicU64,
    /// Findings of all targets together, and of which generation.
    compared: Mutex<(u64, Arc<Vec<Judged>>)>,
    status: Mutex<Option<status::Seen>>,
    reload: Mutex<Reload>,
    requests: Mutex<BTreeMap<(&'static str, u16), u32>>,
}

/// A plan and what goes with it.
pub struct Current {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The targets by name.
    pub watched: BTreeMap<String, Arc<Watched>>,
    /// Files and trust anchors, judged when the plan was made.
    pub files: Exposition,
    /// The findings about them.
    pub judged: Vec<Judged>,
    places: Arc<Semaphore>,
}

/// How the last reload went.
#[derive(Debug, Clone, Copy)]
pub struct Reload {
    /// Whether it could be used.
    pub successful: bool,
    /// When one could be used last.
    pub success_at: DateTime<Utc>,
    /// Whether the certificate files could be read when they were read last.
    pub files_readable: bool,
}

impl Hub {
    /// Begins with a plan.
    pub fn new(plan: Plan, clock: Arc<dyn Clock>, interrupt: Interrupt) -> Self {
        let now = clock.now();
        let current = Current::new(plan, now, None);
        Self {
            current: RwLock::new(Arc::new(current)),
            guests: Mutex::default(),
            epoch: watch::Sender::new(0),
            interrupt,
            began: (Instant::now(), now),
            generation: AtomicU64::new(1),
            compared: Mutex::default(),
            status: Mutex::default(),
            reload: Mutex::new(Reload {
                successful: true,
                success_at: now,
                files_readable: true,
            }),
            requests: Mutex::default(),
            clock,
        }
    }

    /// Replaces the plan; what is known of targets that stay, stays. `asked` is a reload that somebody asked for; else
    /// the files were only read again.
    pub fn install(&self, plan: Plan, asked: bool) {
        let before = self.current();
        let now = self.clock.now();
        let current = Arc::new(Current::new(plan, now, Some(&before)));
        {
            // Both at once: nobody is to see new files that could not be read.
            let mut reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
            reload.files_readable = true;
            if asked {
                reload.successful = true;
                reload.success_at = now;
            }
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
        }
        self.changed();
        self.epoch.send_modify(|epoch| *epoch += 1);
    }

    /// The plan with what goes with it, and how the last reload went, as of the same instant.
    pub fn state(&self) -> (Arc<Current>, Reload) {
        let reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
        (self.current(), *reload)
    }

    /// The plan and what goes with it.
    pub fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plan.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.current().plan)
    }

    /// Told when the plan was replaced.
    pub fn epoch(&self) -> watch::Receiver<u64> {
        self.epoch.subscribe()
    }

    /// A place among the probes that run at a time.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let places = Arc::clone(&self.current().places);
        // It is never closed.
        places.acquire_owned().await.ok()
    }

    /// A target that is not configured. `None` when too many are remembered already.
    pub fn guest(&self, target: Target) -> Option<Arc<Watched>> {
        let plan = self.plan();
        let mut guests = self.guests();
        if let Some(known) = guests.get(&target.name) {
            return Some(Arc::clone(known));
        }
        if guests.len() >= MAX_GUESTS {
            guests.retain(|_, guest| guest.age().is_none_or(|age| age <= plan.interval));
        }
        if guests.len() >= MAX_GUESTS {
            return None;
        }
        let name = target.name.clone();
        let guest = Arc::new(Watched::new(target, Seen::default()));
        guests.insert(name, Arc::clone(&guest));
        Some(guest)
    }

    fn guests(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Watched>>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The wall clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The same, for another thread.
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Ctrl-C.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// When the exporter began.
    pub fn began(&self) -> DateTime<Utc> {
        self.began.1
    }

    /// How far the wall clock has moved beside the monotonic one since the beginning, in milliseconds.
    pub fn clock_step(&self) -> i64 {
        let wall = (self.clock.now() - self.began.1).num_milliseconds();
        let elapsed = i64::try_from(self.began.0.elapsed().as_millis()).unwrap_or(i64::MAX);
        wall.saturating_sub(elapsed)
    }

    /// A result is new.
    pub fn changed(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// What comparing the members of each farm found; compared anew when there are new results.
    pub fn compared(&self, current: &Current) -> Arc<Vec<Judged>> {
        let generation = self.generation.load(Ordering::Relaxed);
        let mut compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        if compared.0 != generation {
            let mut observations = Vec::new();
            for watched in current.watched.values() {
                observations.extend(watched.seen().observations.iter().cloned());
            }
            let findings = certs::compare(&observations);
            let judged = findings
                .into_iter()
                .map(|finding| (finding.check.id, finding.subject, finding.severity));
            *compared = (generation, Arc::new(judged.collect()));
        }
        Arc::clone(&compared.1)
    }

    /// What the status page said last.
    pub fn status(&self) -> Option<status::Seen> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what the status page says.
    pub fn set_status(&self, seen: Option<status::Seen>) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// Notes that a reload could not be used.
    pub fn note_refused(&self) {
        let mut reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
        reload.successful = false;
    }

    /// Notes that the certificate files could not be read again; whether that is new.
    pub fn note_unreadable(&self) -> bool {
        let mut reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut reload.files_readable)
    }

    /// Counts a request: its path from a closed list, and the status of the answer.
    pub fn count_request(&self, path: &'static str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry((path, status)).or_default();
        *count = count.saturating_add(1);
    }

    /// The requests so far.
    pub fn requests(&self) -> BTreeMap<(&'static str, u16), u32> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Current {
    fn new(plan: Plan, now: DateTime<Utc>, before: Option<&Self>) -> Self {
        let watched = plan.targets.iter().map(|target| {
            let known = before.and_then(|before| before.watched.get(&target.name));
            let watched = match known {
                // The same also goes on with the probe that is under way.
                Some(known) if known.target == *target => Arc::clone(known),
                Some(known) if addresses(&known.target) == addresses(target) => {
                    Arc::new(Watched::new(target.clone(), known.seen()))
                }
                _ => Arc::new(Watched::new(target.clone(), Seen::default())),
            };
            (target.name.clone(), watched)
        });
        let watched = watched.collect();
        let mut settings = plan.settings.clone();
        settings.as_of = now;
        let (findings, data) = certs::judge(&[], &plan.files, &plan.trust, &settings);
        let mut files = Exposition::default();
        prometheus::files(&mut files, &data);
        Self {
            watched,
            files,
            judged: findings
                .into_iter()
                .map(|finding| (finding.check.id, finding.subject, finding.severity))
                .collect(),
            // Probes under way keep their places.
            places: match before.filter(|before| before.plan.concurrency == plan.concurrency) {
                Some(before) => Arc::clone(&before.places),
                None => Arc::new(Semaphore::new(plan.concurrency.max(1))),
            },
            plan: Arc::new(plan),
        }
    }

    /// Whether every target was probed at least once.
    pub fn is_complete(&self) -> bool {
        self.watched.values().all(|watched| watched.age().is_some())
    }

    /// A result this old is still used: the background may be a little late.
    pub fn max_age(&self) -> Duration {
        self.plan.interval + self.plan.interval / 4 + self.plan.timeout
    }
}

fn addresses(target: &Target) -> Vec<Option<std::net::IpAddr>> {
    target.endpoints.iter().map(|endpoint| endpoint.pinned).collect()
}
