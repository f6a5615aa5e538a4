//! A file for the node exporter's textfile collector: each run replaces it, and what a run cannot know any more (the
//! dates of a server that fell silent) it keeps from the run before.

use chrono::{DateTime, Utc};

use crate::render::prometheus::families as f;
use crate::render::prometheus::{Exposition, seconds};
use crate::report::Verdict;
use crate::rules::certs::data::TargetData;

/// Larger files are not ours: 64 MiB are half a million series.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What the file said after the run before; nothing when there is none, or none of ours.
pub fn read(path: &std::path::Path) -> Exposition {
    let is_ours = std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= MAX_BYTES);
    let text = is_ours.then(|| std::fs::read_to_string(path).ok()).flatten();
    text.map_or_else(Exposition::default, |text| Exposition::parse(&text))
}

/// Adds when this was, and when the verdict was last another than unknown.
pub fn stamp(
    out: &mut Exposition,
    command: &str,
    verdict: Verdict,
    now: DateTime<Utc>,
    before: Option<&Exposition>,
) {
    let labels = [("command", command)];
    out.add(
        f::BUILD_INFO,
        &[("command", command), ("version", env!("CARGO_PKG_VERSION"))],
        1,
    );
    out.add(f::LAST_RUN, &labels, seconds(now));
    if verdict != Verdict::Unknown {
        out.add(f::LAST_SUCCESS, &labels, seconds(now));
    } else if let Some(last) = before.and_then(|before| before.value(f::LAST_SUCCESS, &labels)) {
        out.add(f::LAST_SUCCESS, &labels, last);
    }
}

/// Keeps what silent addresses showed when they last answered.
pub fn keep(out: &mut Exposition, rows: &[TargetData], before: &Exposition) {
    for row in rows.iter().filter(|row| !row.reachable) {
        let target = ("target", row.target.as_str());
        match row.address {
            Some(address) => {
                let address = address.to_string();
                out.extend(&before.only(f::KEPT, &[target, ("address", &address)]));
            }
            // The name does not resolve: nothing is known of any of its addresses.
            None => out.extend(&before.only(f::KEPT, &[target])),
        }
        // What an address that did answer says stands.
        out.extend(&before.only(&[f::EARLIEST_EXPIRY, f::PROBE_LAST_SUCCESS], &[target]));
    }
}

#[cfg(test)]
mod tests {
    use super::{Exposition, f, stamp};
    use crate::report::Verdict;

    #[test]
    fn the_last_success_is_remembered() {
        let at = |second| chrono::DateTime::from_timestamp(second, 0).expect("in range");
        let labels = [("command", "certs")];
        let mut first = Exposition::default();
        stamp(&mut first, "certs", Verdict::Critical, at(100), None);
        let mut second = Exposition::default();
        stamp(&mut second, "certs", Verdict::Unknown, at(200), Some(&first));
        assert_eq!(second.value(f::LAST_RUN, &labels), Some(200.0));
        assert_eq!(second.value(f::LAST_SUCCESS, &labels), Some(100.0));
    }
}
