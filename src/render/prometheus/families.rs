//! Every metric there is: name, kind, and what it means. Names follow the conventions of Prometheus (base units,
//! `_total` for counters); where blackbox_exporter measures the same, the name is its name.
//!
//! The texts are English whatever the language: Prometheus and the node exporter complain when one metric is described
//! in two ways.

/// Gauge or counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up while the process lives.
    Counter,
}

impl Kind {
    /// The word of a `# TYPE` line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}

/// One metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// The name.
    pub name: &'static str,
    /// Gauge or counter.
    pub kind: Kind,
    /// One line.
    pub help: &'static str,
}

impl Family {
    /// Finds a metric by its name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|family| family.name == name)
    }
}

macro_rules! families {
    ($($constant:ident $kind:ident $name:literal $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $constant: &Family = &Family { name: $name, kind: Kind::$kind, help: $help };
        )*

        /// All of them.
        pub const ALL: &[&Family] = &[$($constant),*];
    };
}

families! {
    BUILD_INFO Gauge "w4b_build_info" "The version of w4b-diag; always 1.";
    LAST_RUN Gauge "w4b_last_run_timestamp_seconds" "When the command last ran to its end.";
    LAST_SUCCESS Gauge "w4b_last_success_timestamp_seconds" "When the command last ran with a verdict other than unknown.";
    VERDICT Gauge "w4b_verdict" "The sum of all checks: 0 ok, 1 warning, 2 critical, 3 unknown.";
    FINDINGS Gauge "w4b_findings" "Number of findings by severity.";
    CHECK_SEVERITY Gauge "w4b_check_severity" "The worst finding of a check: 0 ok, 1 warning, 2 critical, 3 unknown.";

    PROBE_SUCCESS Gauge "w4b_probe_success" "Whether at least one address of the target spoke TLS.";
    BLACKBOX_SUCCESS Gauge "probe_success" "Displays whether or not the probe was a success; the same as w4b_probe_success.";
    PROBE_FAILURE Gauge "w4b_probe_failure" "Addresses of the target that failed, by reason; the reasons are a closed list.";
    PROBE_ADDRESS_SUCCESS Gauge "w4b_probe_address_success" "Whether TLS was spoken with this address of the target.";
    PROBE_DURATION Gauge "probe_duration_seconds" "How long the probe took to complete, all addresses at once.";
    PROBE_TIMESTAMP Gauge "w4b_probe_timestamp_seconds" "When the target was last probed.";
    PROBE_LAST_SUCCESS Gauge "w4b_probe_last_success_timestamp_seconds" "When the target last spoke TLS.";
    PROBE_AGE Gauge "w4b_probe_age_seconds" "How long ago the target was last probed, by a clock that never jumps.";
    PROBE_LAST_SUCCESS_AGE Gauge "w4b_probe_last_success_age_seconds" "How long ago the target last spoke TLS, by a clock that never jumps.";
    PROBE_INTERVAL Gauge "w4b_probe_interval_seconds" "The target is probed once in this time.";
    PROBES Counter "w4b_probes_total" "Probes of the target.";
    TARGET_CHANGES Counter "w4b_target_changes_total" "Probes that saw another certificate or another failure than the one before.";

    EARLIEST_EXPIRY Gauge "probe_ssl_earliest_cert_expiry" "Returns earliest SSL cert expiry in unixtime, of all certificates served by all addresses.";
    TLS_VERSION Gauge "probe_tls_version_info" "Returns the TLS version used.";
    TLS_CIPHER Gauge "probe_tls_cipher_info" "Returns the TLS cipher negotiated during handshake.";
    CLOCK_OFFSET Gauge "w4b_target_clock_offset_seconds" "Seconds that the HTTP date of the server is ahead.";

    CERT_NOT_AFTER Gauge "w4b_cert_not_after_timestamp_seconds" "End of validity of a served certificate; position 0 is the server certificate.";
    CERT_NOT_BEFORE Gauge "w4b_cert_not_before_timestamp_seconds" "Begin of validity of a served certificate.";
    CERT_INFO Gauge "w4b_cert_info" "Who the certificate at a position is; always 1.";
    CHAIN_TRUSTED Gauge "w4b_chain_trusted" "Whether path validation succeeded: signatures, dates, name, constraints, usage.";
    CHAIN_CONFORMING Gauge "w4b_chain_conforming" "Whether the certificates keep to the profile.";
    WEBEX_ACCEPTS Gauge "w4b_webex_accepts" "Whether Webex would accept what is served.";
    CLIENT_AUTH_REQUESTED Gauge "w4b_mtls_client_auth_requested" "Whether a client certificate is asked for.";
    CLIENT_AUTH_REQUIRED Gauge "w4b_mtls_client_auth_required" "Whether the handshake fails without a client certificate.";
    ACCEPTED_CAS Gauge "w4b_mtls_accepted_ca_names" "Number of CA names that the server sends when it asks for a client certificate.";

    TRUST_NOT_AFTER Gauge "w4b_trust_not_after_timestamp_seconds" "End of validity of a trust anchor file's certificate.";
    TRUST_NOT_BEFORE Gauge "w4b_trust_not_before_timestamp_seconds" "Begin of validity of a trust anchor file's certificate.";

    STATUS_UP Gauge "w4b_webex_status_up" "Whether a status page answered.";
    STATUS_FETCHED Gauge "w4b_webex_status_fetched_timestamp_seconds" "When the status page was asked.";
    STATUS_CLOCK_OFFSET Gauge "w4b_webex_status_clock_offset_seconds" "Seconds that the clock of the status page is ahead of ours.";
    COMPONENT_STATUS Gauge "w4b_webex_component_status" "0 operational, 1 maintenance, 2 degraded, 3 partial outage, 4 major outage, -1 not known.";
    INCIDENTS_OPEN Gauge "w4b_webex_incidents_open" "Open incidents that name components that matter.";
    STATUS_AGE Gauge "w4b_webex_status_age_seconds" "How long ago the status page was asked, by a clock that never jumps.";
    MAINTENANCES_RUNNING Gauge "w4b_webex_maintenances_running" "Maintenances under way that name components that matter.";

    EXPORTER_TARGETS Gauge "w4b_exporter_targets" "Number of configured targets.";
    RELOAD_SUCCESSFUL Gauge "w4b_config_last_reload_successful" "Whether the last configuration reload could be used.";
    RELOAD_SUCCESS Gauge "w4b_config_last_reload_success_timestamp_seconds" "When a configuration reload could last be used.";
    FILES_READABLE Gauge "w4b_files_last_read_successful" "Whether the certificate files of the configuration could be read again.";
    HTTP_REQUESTS Counter "w4b_exporter_http_requests_total" "Requests to the exporter, by path and status.";
    CLOCK_STEP Gauge "w4b_exporter_clock_step_seconds" "How far the wall clock was set forward (or back) since the start.";
    PROCESS_START Gauge "process_start_time_seconds" "Start time of the process since unix epoch in seconds.";
    PROCESS_MEMORY Gauge "process_resident_memory_bytes" "Resident memory size in bytes.";
}

/// What is known of an address from the last time that it answered. These stay when it falls silent, so that an
/// expiry date does not vanish together with the server; their first two labels are always target and address.
pub const KEPT: &[&Family] = &[
    TLS_VERSION,
    TLS_CIPHER,
    CLOCK_OFFSET,
    CERT_NOT_AFTER,
    CERT_NOT_BEFORE,
    CERT_INFO,
    CHAIN_TRUSTED,
    CHAIN_CONFORMING,
    WEBEX_ACCEPTS,
    CLIENT_AUTH_REQUESTED,
    CLIENT_AUTH_REQUIRED,
    ACCEPTED_CAS,
];

#[cfg(test)]
mod tests {
    use super::{ALL, Kind};

    #[test]
    fn names_follow_the_conventions() {
        let mut names: Vec<_> = ALL.iter().map(|family| family.name).collect();
        for family in ALL {
            assert_eq!(family.name.ends_with("_total"), family.kind == Kind::Counter);
            assert!(family.help.ends_with('.'), "{}", family.name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
