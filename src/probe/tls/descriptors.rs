//! Open files: how many connections there may be at a time.

/// Files that are open for other reasons: the standard streams, the event queue, logs, what the resolver opens.
const RESERVED: u64 = 24;
/// Connections at a time where the limit is very low.
const LEAST: u64 = 4;

/// At most `wanted`, and no more than the process may have open.
pub(super) fn at_a_time(wanted: usize) -> usize {
    let files = u64::try_from(wanted).unwrap_or(u64::MAX).saturating_add(RESERVED);
    let room = limit(files).map_or(u64::MAX, |limit| limit.saturating_sub(RESERVED).max(LEAST));
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX)).max(1)
}

/// The limit of open files (`ulimit -n`), raised to what is wanted as far as the system lets everybody raise it:
/// macOS starts with 256.
#[cfg(unix)]
fn limit(wanted: u64) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limits = getrlimit(Resource::Nofile);
    let current = limits.current?;
    if current >= wanted {
        return Some(current);
    }
    let raised = limits.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let changed = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(raised),
            maximum: limits.maximum,
        },
    );
    Some(changed.map_or(current, |()| raised))
}

/// Windows has none that matters here.
#[cfg(not(unix))]
fn limit(_wanted: u64) -> Option<u64> {
    None
}

/// Whether there are too many open files, in this process or on the machine: EMFILE, ENFILE, WSAEMFILE.
pub(super) fn are_exhausted(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(24 | 23 | 10_024))
}

#[cfg(test)]
mod tests {
    use super::at_a_time;

    #[test]
    fn at_least_one_and_no_more_than_wanted() {
        assert_eq!(at_a_time(0), 1);
        assert_eq!(at_a_time(2), 2);
        assert!(at_a_time(300) >= 4);
    }
}
