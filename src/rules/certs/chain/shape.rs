//! Whether a chain is complete, in order and without strays, and whether its leaf bears the right name.

use super::Case;
use crate::report::Severity;
use crate::rules::{Finding, registry};
use crate::x509::Certificate;
use crate::x509::chain::{self, End};

/// More names than this are not listed in a sentence.
const NAMES_SHOWN: usize = 10;

impl Case<'_> {
    pub(super) fn completeness(&self) -> Finding {
        let Some(End::Missing(missing)) = &self.analysis.end else {
            return self.ok(&registry::CHAIN_INCOMPLETE);
        };
        if !missing.intermediate {
            return self.ok(&registry::CHAIN_INCOMPLETE);
        }
        let known = match (&missing.key_id, missing.urls.is_empty()) {
            (Some(_), false) => "both",
            (Some(_), true) => "key",
            (None, false) => "place",
            (None, true) => "none",
        };
        let finding = self
            .finding(&registry::CHAIN_INCOMPLETE)
            .arg("known", known)
            .arg("missing", missing.subject.as_str())
            .arg("keyid", missing.key_id.as_deref().unwrap_or("-"))
            .arg("url", missing.urls.first().map_or("-", String::as_str))
            .data("missing_subject", missing.subject.as_str())
            .data("missing_key_id", missing.key_id.clone())
            .data("urls", missing.urls.clone());
        if let Some(found) = &missing.found {
            return self.completed_by(finding, found);
        }
        let tried = self
            .settings
            .aia
            .iter()
            .find(|fetch| missing.urls.contains(&fetch.url));
        match tried {
            Some(fetch) => finding
                .variant("not-fetched")
                .arg("url", fetch.url.as_str())
                .arg("cause", fetch.word())
                .arg(
                    "status",
                    fetch.status.map_or_else(String::new, |status| status.to_string()),
                )
                .data("fetch", serde_json::json!(fetch)),
            None => finding,
        }
    }

    /// Not served, but at hand or fetched: names every certificate that completes the chain.
    fn completed_by(&self, finding: Finding, found: &Certificate) -> Finding {
        let completed = chain::complete(
            self.served.certificates,
            &self.settings.store,
            self.served.further,
        );
        let still = completed.missing.clone();
        let added: Vec<Certificate> = completed
            .without_root()
            .into_iter()
            .filter(|certificate| {
                !self
                    .served
                    .certificates
                    .iter()
                    .any(|own| own.der() == certificate.der())
            })
            .collect();
        let names: Vec<&str> = added.iter().map(Certificate::display_name).collect();
        let hashes: Vec<&str> = added
            .iter()
            .map(|certificate| certificate.facts().sha256.as_str())
            .collect();
        let fetched = self
            .settings
            .fetched
            .iter()
            .find(|(_, certificate)| certificate.der() == found.der());
        finding
            .variant(if fetched.is_some() { "fetched" } else { "at-hand" })
            .arg("found", names.join(" → "))
            .arg("count", added.len())
            .arg("url", fetched.map_or("-", |(url, _)| url.as_str()))
            .arg("whole", if still.is_some() { "no" } else { "yes" })
            .arg("still", still.map_or_else(String::new, |missing| missing.subject))
            .data("found_sha256", found.facts().sha256.as_str())
            .data("completed_by", hashes)
    }

    pub(super) fn name(&self) -> Finding {
        let Some(host) = self.served.host else {
            // Nobody asked for it: a note, so that a sound file is sound.
            return self.about(
                Finding::unknown(&registry::CERT_HOST_NAME, self.served.subject).severity(Severity::Info),
                self.leaf,
            );
        };
        let names = &self.leaf.facts().sans;
        let mut shown = names
            .iter()
            .take(NAMES_SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if names.len() > NAMES_SHOWN {
            shown.push_str(", …");
        }
        let mismatch = self
            .verified
            .path_reasons()
            .iter()
            .any(|reason| reason.check == "cert.host-name");
        let finding = if !mismatch {
            self.ok(&registry::CERT_HOST_NAME)
        } else if names.is_empty()
            && self
                .leaf
                .common_name()
                .is_some_and(|name| name.eq_ignore_ascii_case(host))
        {
            self.finding(&registry::CERT_HOST_NAME).variant("cn-only")
        } else if names.is_empty() {
            self.finding(&registry::CERT_HOST_NAME).variant("no-names")
        } else {
            self.finding(&registry::CERT_HOST_NAME)
        };
        finding
            .arg("host", host)
            .arg("names", shown)
            .data("host", host)
            .data("names", names.clone())
    }

    pub(super) fn order(&self) -> Finding {
        if self.analysis.in_order {
            return self.ok(&registry::CHAIN_ORDER);
        }
        let names: Vec<&str> = self
            .analysis
            .path
            .iter()
            .filter_map(|&index| self.served.certificates.get(index))
            .map(Certificate::display_name)
            .collect();
        let served: Vec<&str> = self
            .served
            .certificates
            .iter()
            .map(Certificate::display_name)
            .collect();
        self.finding(&registry::CHAIN_ORDER)
            .arg("served", served.join(" → "))
            .arg("right", names.join(" → "))
            .data("right_order", self.analysis.path.clone())
    }

    /// Certificates that do not belong, belong twice, or need not be there.
    pub(super) fn strays(&self) -> Vec<Finding> {
        let named = |indices: &[usize]| {
            let certificates = indices
                .iter()
                .filter_map(|&index| self.served.certificates.get(index));
            certificates
                .map(Certificate::display_name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut findings = Vec::new();
        let (same_name, unrelated): (Vec<usize>, Vec<usize>) = self
            .analysis
            .unrelated
            .iter()
            .partition(|index| self.analysis.same_name_other_key.contains(index));
        for (indices, variant) in [
            (unrelated, None),
            (same_name, Some("other-key")),
            (self.analysis.duplicates.clone(), Some("duplicate")),
        ] {
            if indices.is_empty() {
                continue;
            }
            let finding = self
                .finding(&registry::CHAIN_UNRELATED)
                .arg("certificates", named(&indices))
                .arg("count", indices.len())
                .data("positions", indices);
            findings.push(match variant {
                Some(variant) => finding.variant(variant),
                None => finding,
            });
        }
        if findings.is_empty() {
            findings.push(self.ok(&registry::CHAIN_UNRELATED));
        }
        if let Some(root) = self.analysis.needless_root {
            findings.push(
                self.finding(&registry::CHAIN_UNRELATED)
                    .severity(Severity::Info)
                    .variant("needless-root")
                    .arg("certificates", named(&[root]))
                    .data("positions", vec![root]),
            );
        }
        findings
    }
}
