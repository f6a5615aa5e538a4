//! The background: each target once in an interval, spread over it, a bounded number at a time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::hub::{Current, Hub};
use super::watched::Watched;

/// A turn is early or late by up to this part of the interval, so that targets do not march in step.
const JITTER: u32 = 10;
/// Most of the interval that a rare target waits before its turn: bounds the sleep, nothing more.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Probes until the program ends; begins anew with each new plan.
pub async fn run(hub: Arc<Hub>) {
    loop {
        let mut epoch = hub.epoch();
        let current = hub.current();
        tokio::select! {
            () = turns(&hub, &current) => {}
            changed = epoch.changed() => if changed.is_err() { return },
        }
    }
}

/// A target and when it is its turn.
type Turn = Reverse<(Instant, usize, u32)>;

async fn turns(hub: &Arc<Hub>, current: &Current) {
    let watched: Vec<&Arc<Watched>> = current.watched.values().collect();
    let plan = &current.plan;
    let now = Instant::now();
    let mut turns: BinaryHeap<Turn> = watched
        .iter()
        .enumerate()
        .map(|(index, watched)| {
            // What is not known yet is wanted at once.
            let age = watched.age();
            let wait = age
                .map(|age| plan.interval.saturating_sub(age))
                .unwrap_or_default();
            // What is known has found its place in the interval already: a new plan does not make it come sooner.
            Reverse((now + wait, index, u32::from(age.is_some())))
        })
        .collect();
    // No more tasks than probes: the rest wait in the heap.
    let lanes = Arc::new(Semaphore::new(plan.concurrency.max(1)));
    loop {
        let Some(Reverse((due, index, turn))) = turns.pop() else {
            tokio::time::sleep(LONGEST_SLEEP).await;
            continue;
        };
        tokio::time::sleep_until(due.into()).await;
        let Some(watched) = watched.get(index) else {
            continue;
        };
        let Ok(lane) = Arc::clone(&lanes).acquire_owned().await else {
            return;
        };
        let mut flight = watched.fly(hub, plan.timeout);
        tokio::spawn(async move {
            let _ = flight.wait_for(|landed| *landed).await;
            drop(lane);
        });
        let next = Instant::now() + pause(plan.interval, &watched.target.name, turn);
        turns.push(Reverse((next, index, turn + 1)));
    }
}

/// How long until the next turn. After the first, which all had at once, anything up to the interval; then the interval
/// with some jitter. By the name, so that it is the same on every run, and different on every target.
fn pause(interval: Duration, name: &str, turn: u32) -> Duration {
    let mut hasher = DefaultHasher::new();
    (name, turn).hash(&mut hasher);
    let share = u32::try_from(hasher.finish() % 1000).unwrap_or_default();
    if turn == 0 {
        interval / 1000 * (share + 1)
    } else {
        let swing = interval / JITTER;
        interval / JITTER * (JITTER - 1) + swing * 2 / 1000 * share
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn turns_are_spread_and_never_late_by_more_than_the_jitter() {
        let interval = Duration::from_mins(1);
        let names: Vec<String> = (0..1000)
            .map(|number| format!("https://xsp{number}:443"))
            .collect();
        let first: Vec<u64> = names
            .iter()
            .map(|name| pause(interval, name, 0).as_secs() / 6)
            .collect();
        for tenth in 0..10 {
            let here = first.iter().filter(|bucket| **bucket == tenth).count();
            assert!((50..=150).contains(&here), "{here} of 1000 in tenth {tenth}");
        }
        for name in &names {
            let later = pause(interval, name, 7);
            assert!(later >= Duration::from_secs(54) && later <= Duration::from_secs(66));
        }
    }
}
