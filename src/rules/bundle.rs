//! A finished bundle: is it what was packed, is it clean, is it complete?

use serde_json::{Map, Value, json};

use super::Finding;
use super::registry as checks;
use crate::bundle::signature::Checked;
use crate::bundle::{Examination, FaultKind, Leak, Manifest, Status, kind_word};
use crate::report::Severity;

/// The core of a bundle; without one of these something went wrong when it was made.
const CORE: [&str; 4] = ["README.txt", "service-request.txt", "report.html", "report.json"];

/// Judges what [`crate::bundle::verify`] saw. `subject` is the bundle's file name.
pub fn judge(examination: &Examination, subject: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = examination
        .faults
        .iter()
        .map(|fault| tampered(&fault.path, &fault.kind))
        .collect();
    findings.extend(examination.leaks.iter().map(secret_left));
    findings.extend(
        examination
            .unscanned
            .iter()
            .map(|path| Finding::unknown(&checks::BUNDLE_SECRET_LEFT, path)),
    );
    let Some(manifest) = &examination.manifest else {
        return findings;
    };
    let files = manifest.files.len();
    if examination.faults.is_empty() {
        findings.push(Finding::ok(&checks::BUNDLE_TAMPERED, subject).arg("count", files));
    }
    if examination.leaks.is_empty() && examination.unscanned.is_empty() {
        findings.push(Finding::ok(&checks::BUNDLE_SECRET_LEFT, subject).arg("count", files));
    }
    findings.extend(complete(manifest, subject));
    findings.push(redacted(manifest, subject));
    findings
}

/// Judges what a signature beside the bundle is worth. Whoever asks for a signature does not trust a bundle without:
/// whatever is not a valid one is critical.
pub fn signature(checked: &Checked, subject: &str) -> Finding {
    let check = &checks::BUNDLE_SIGNATURE;
    let fault = |word: &'static str| Finding::new(check, subject).variant(word).data("fault", word);
    match checked {
        Checked::Valid { signer, key } => Finding::ok(check, subject)
            .arg("signer", signer.as_str())
            .data("signer", signer.as_str())
            .arg("key", key.as_str())
            .data("key", key.as_str()),
        Checked::Stranger { key } => Finding::new(check, subject)
            .arg("key", key.as_str())
            .data("fault", "stranger")
            .data("key", key.as_str()),
        Checked::OutOfTime { signer, key } => fault("out-of-time")
            .arg("signer", signer.as_str())
            .data("signer", signer.as_str())
            .arg("key", key.as_str())
            .data("key", key.as_str()),
        Checked::Changed { key } => fault("changed")
            .arg("key", key.as_str())
            .data("key", key.as_str()),
        Checked::Missing => fault("missing"),
        Checked::Unreadable => fault("unreadable"),
        Checked::Purpose { namespace } => fault("purpose")
            .arg("purpose", namespace.as_str())
            .data("purpose", namespace.as_str()),
    }
}

fn tampered(path: &str, kind: &FaultKind) -> Finding {
    let finding = Finding::new(&checks::BUNDLE_TAMPERED, path).data("file", path);
    let (variant, word) = match kind {
        FaultKind::Changed => return finding.data("fault", "changed"),
        FaultKind::Missing => ("missing", None),
        FaultKind::Extra => ("extra", None),
        FaultKind::Duplicate => ("duplicate", None),
        FaultKind::Name => ("name", None),
        FaultKind::Manifest(fault) => ("manifest", Some(fault.as_str())),
        FaultKind::Container(words) => ("container", Some(words.as_str())),
    };
    let finding = finding.variant(variant).data("fault", variant);
    match word {
        Some(word) => finding.arg("reason", word).data("reason", word),
        None => finding,
    }
}

fn secret_left(leak: &Leak) -> Finding {
    let count: u64 = leak.secrets.values().sum();
    let kinds: Map<String, Value> = leak
        .secrets
        .iter()
        .map(|(kind, count)| (kind_word(*kind), json!(count)))
        .collect();
    let words: Vec<&str> = kinds.keys().map(String::as_str).collect();
    Finding::new(&checks::BUNDLE_SECRET_LEFT, leak.path.as_str())
        .arg("count", count)
        .arg("kinds", words.join(", "))
        .data("kinds", kinds)
}

/// A bundle that says what it lacks is honest, which is worth a note and not a warning.
fn complete(manifest: &Manifest, subject: &str) -> Vec<Finding> {
    let check = &checks::BUNDLE_INCOMPLETE;
    let mut findings: Vec<Finding> = manifest
        .gaps()
        .map(|(path, status, reason)| {
            let severity = if status == Status::Interrupted {
                Severity::Warning
            } else {
                Severity::Info
            };
            Finding::new(check, path)
                .severity(severity)
                .arg("status", status.as_str())
                .arg("reason", reason)
                .data("status", status.as_str())
        })
        .collect();
    for path in CORE {
        if manifest.file(path).is_none() {
            findings.push(Finding::new(check, path).variant("core"));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(check, subject));
    }
    findings
}

fn redacted(manifest: &Manifest, subject: &str) -> Finding {
    let masked: u64 = manifest.redactions.values().sum();
    let kept: u64 = manifest.protected.values().sum();
    Finding::ok(&checks::BUNDLE_REDACTED, subject)
        .arg("masked", masked)
        .arg("kept", kept)
        .data("redactions", json!(manifest.redactions))
        .data("protected", json!(manifest.protected))
}

#[cfg(test)]
mod tests {
    use super::{judge, signature};
    use crate::bundle::signature::Checked;
    use crate::bundle::{Examination, Fault, FaultKind, ManifestFault, Skipped, Status};
    use crate::i18n::{Catalog, Lang};
    use crate::report::{Severity, Verdict};

    fn examination() -> Examination {
        Examination {
            manifest: None,
            faults: Vec::new(),
            leaks: Vec::new(),
            unscanned: Vec::new(),
        }
    }

    #[test]
    fn every_fault_is_critical_and_has_sentences_in_every_language() {
        let kinds = [
            FaultKind::Changed,
            FaultKind::Missing,
            FaultKind::Extra,
            FaultKind::Duplicate,
            FaultKind::Name,
            FaultKind::Manifest(ManifestFault::Changed),
            FaultKind::Container("overlapping entries".to_owned()),
        ];
        for kind in kinds {
            let mut examination = examination();
            examination.faults.push(Fault {
                path: "logs/a.log".to_owned(),
                kind,
            });
            let findings = judge(&examination, "case.zip");
            assert_eq!(Verdict::of(&findings), Verdict::Critical);
            for lang in Lang::ALL {
                let said = findings[0].localize(&Catalog::new(lang));
                assert!(said.title.contains("logs/a.log"), "{lang}: {}", said.title);
                assert!(!said.detail.is_empty() && !said.remedy.is_empty(), "{lang}");
            }
        }
    }

    #[test]
    fn only_a_valid_signature_is_ok_and_every_case_has_sentences_in_every_language() {
        let key = || "SHA256:abc".to_owned();
        let signer = || "support@example.net".to_owned();
        let cases = [
            Checked::Valid {
                signer: signer(),
                key: key(),
            },
            Checked::Stranger { key: key() },
            Checked::OutOfTime {
                signer: signer(),
                key: key(),
            },
            Checked::Changed { key: key() },
            Checked::Missing,
            Checked::Unreadable,
            Checked::Purpose {
                namespace: "git".to_owned(),
            },
        ];
        for checked in cases {
            let finding = signature(&checked, "case.zip");
            let valid = matches!(checked, Checked::Valid { .. });
            assert_eq!(
                finding.severity,
                if valid { Severity::Ok } else { Severity::Critical }
            );
            for lang in Lang::ALL {
                let said = finding.localize(&Catalog::new(lang));
                assert!(said.title.contains("case.zip"), "{lang}: {}", said.title);
                assert!(!said.detail.is_empty(), "{lang}: {checked:?}");
                assert!(valid || !said.remedy.is_empty(), "{lang}: {checked:?}");
            }
        }
    }

    #[test]
    fn what_an_honest_manifest_lacks_is_a_note() {
        let mut manifest = crate::bundle::manifest::tests::manifest();
        manifest.skipped.push(Skipped {
            path: "tls/xsp1".to_owned(),
            source: "xsp1.example.net".to_owned(),
            status: Status::Skipped,
            reason: "no network".to_owned(),
        });
        let examination = Examination {
            manifest: Some(manifest),
            ..examination()
        };
        let findings = judge(&examination, "case.zip");
        let gap = findings
            .iter()
            .find(|finding| finding.subject == "tls/xsp1")
            .expect("named");
        assert_eq!(gap.severity, Severity::Info);
    }

    #[test]
    fn what_could_not_be_scanned_is_not_ok() {
        let examination = Examination {
            manifest: Some(crate::bundle::manifest::tests::manifest()),
            unscanned: vec!["logs/a.bin".to_owned()],
            ..examination()
        };
        let findings = judge(&examination, "case.zip");
        assert!(
            findings
                .iter()
                .any(|finding| finding.severity == Severity::Unknown)
        );
        assert!(
            !findings
                .iter()
                .any(|finding| finding.check.id == "bundle.secret-left" && finding.severity == Severity::Ok)
        );
    }
}
