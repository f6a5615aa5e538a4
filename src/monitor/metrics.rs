//! What `/metrics` and `/probe` answer.

use std::sync::Arc;
use std::time::Duration;

use super::hub::{Current, Hub, Reload};
use super::watched::{Judged, Seen, Watched};
use crate::render::prometheus::families as f;
use crate::render::prometheus::{Exposition, chain, earliest, seconds, severities, target};
use crate::report::Severity;
use crate::rules::certs::data::TargetData;

/// Everything.
pub fn all(hub: &Hub) -> Exposition {
    let (current, reload) = hub.state();
    let mut out = current.files.clone();
    let mut findings: Vec<Judged> = current.judged.clone();
    let mut pending = 0;
    for watched in current.watched.values() {
        let seen = watched.seen();
        one(&mut out, &watched.target.name, &seen, current.plan.interval);
        findings.extend(seen.findings.iter().cloned());
        pending += usize::from(seen.at.is_none());
    }
    findings.extend(hub.compared(&current).iter().cloned());
    checks(&mut out, &findings, pending);
    if let Some(status) = hub.status() {
        out.extend(&status.metrics);
        out.add(f::STATUS_AGE, &[], status.at.elapsed().as_secs_f64());
    }
    own(&mut out, hub, &current, reload);
    out
}

/// One target.
pub fn single(watched: &Arc<Watched>, interval: Duration) -> Exposition {
    let mut out = Exposition::default();
    let seen = watched.seen();
    one(&mut out, &watched.target.name, &seen, interval);
    checks(&mut out, &seen.findings, usize::from(seen.at.is_none()));
    out
}

fn one(out: &mut Exposition, name: &str, seen: &Seen, interval: Duration) {
    let rows: Vec<&TargetData> = seen.rows.iter().map(|row| &**row).collect();
    let good: Vec<&TargetData> = seen.good.iter().map(|row| &**row).collect();
    let label = [("target", name)];
    target(out, name, &rows);
    for row in &good {
        chain(out, row);
    }
    earliest(out, name, &good);
    if let Some(on) = &seen.good_on {
        out.instant(f::PROBE_LAST_SUCCESS, &label, on);
    }
    if let Some(at) = seen.at {
        out.add(f::PROBE_AGE, &label, at.elapsed().as_secs_f64());
    }
    if let Some(at) = seen.good_at {
        out.add(f::PROBE_LAST_SUCCESS_AGE, &label, at.elapsed().as_secs_f64());
    }
    out.add(f::PROBE_INTERVAL, &label, interval.as_secs_f64());
    out.add(f::PROBES, &label, seen.probes);
    out.add(f::TARGET_CHANGES, &label, seen.changes);
}

/// The checks. A target that was not probed yet is unknown.
fn checks(out: &mut Exposition, findings: &[Judged], pending: usize) {
    let judged = findings
        .iter()
        .map(|(check, subject, severity)| (*check, subject.as_str(), *severity));
    severities(out, judged.clone());
    let unknown = std::iter::repeat_n(Severity::Unknown, pending);
    out.verdict("exporter", judged.map(|(.., severity)| severity).chain(unknown));
}

/// The exporter itself.
fn own(out: &mut Exposition, hub: &Hub, current: &Current, reload: Reload) {
    let version = [("command", "exporter"), ("version", env!("CARGO_PKG_VERSION"))];
    out.add(f::BUILD_INFO, &version, 1);
    let targets = u32::try_from(current.watched.len()).unwrap_or(u32::MAX);
    out.add(f::EXPORTER_TARGETS, &[], targets);
    out.add(f::RELOAD_SUCCESSFUL, &[], u8::from(reload.successful));
    out.add(f::RELOAD_SUCCESS, &[], seconds(reload.success_at));
    out.add(f::FILES_READABLE, &[], u8::from(reload.files_readable));
    for ((path, code), count) in hub.requests() {
        let code = code.to_string();
        out.add(f::HTTP_REQUESTS, &[("path", path), ("code", &code)], count);
    }
    let step = hub.clock_step();
    let (whole, rest) = (step / 1000, step % 1000);
    let whole = i32::try_from(whole).unwrap_or(if whole < 0 { i32::MIN } else { i32::MAX });
    let rest = i32::try_from(rest).unwrap_or_default();
    out.add(f::CLOCK_STEP, &[], f64::from(whole) + f64::from(rest) / 1000.0);
    out.add(f::PROCESS_START, &[], seconds(hub.began()));
    if let Some(bytes) = resident_bytes() {
        out.add(f::PROCESS_MEMORY, &[], bytes);
    }
}

/// Memory in use, where the system says it in `/proc`.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(f64::from(kibibytes) * 1024.0)
}
