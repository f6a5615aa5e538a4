//! Patch levels of BroadWorks servers: against the patches that Webex needs, and of the servers against each other.
//!
//! A patch is installed for itself, not instead of the ones before it; so a higher number alone does not prove that a
//! lower one is there. Only what follows from what was seen is said.

use std::collections::{BTreeMap, BTreeSet};

use super::release::{Parsed, parse, role};
use super::{Finding, registry as checks};
use crate::case::Fact;
use crate::catalogue::releases::{Patch, Releases};
use crate::report::Severity;

/// So many patches of one server are a list of all that are installed. Our own choice.
const WHOLE_LIST: usize = 5;

/// What is known of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Server {
    majors: BTreeSet<u16>,
    independent: BTreeSet<(u16, u8)>,
    patches: BTreeSet<u32>,
    names: BTreeSet<String>,
    is_said: bool,
}

impl Server {
    /// The highest patch, else the newest release, as people write them.
    fn level(&self) -> Option<String> {
        let major = self.majors.last().map(|major| format!("R{major}"));
        let patch = self.patches.last().map(|patch| format!("ap{patch}"));
        let independent = self
            .independent
            .last()
            .map(|(year, month)| format!("{year}.{month:02}"));
        let parts: Vec<String> = [major, patch, independent].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// The server in a name: `AP.as.24.0.944.ap384177`, `AS-25_Rel_2022.12`, `MS_Rel_2022.11_1.273`.
pub(super) fn server(name: &str) -> Option<String> {
    let lower = name.trim().to_ascii_lowercase();
    let found = match lower.strip_prefix("ap.") {
        Some(rest) => rest.split('.').next(),
        None => lower.split_once(['-', '_']).map(|(first, _)| first),
    }?;
    let is_name = (2..=8).contains(&found.len()) && found.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_name && found != "rel" && found != "release").then(|| found.to_owned())
}

/// `ap384177` at the end.
fn patch_number(name: &str) -> Option<u32> {
    let lower = name.trim().to_ascii_lowercase();
    let digits = lower.rsplit('.').next()?.strip_prefix("ap")?;
    digits.parse().ok()
}

/// Nothing when no patch and at most one server is known.
pub(super) fn judge(releases: &[Fact], table: &Releases) -> Vec<Finding> {
    let mut servers: BTreeMap<String, Server> = BTreeMap::new();
    for fact in releases {
        let known = servers.entry(role(fact)).or_default();
        match parse(&fact.value) {
            Parsed::Major(major) => {
                known.majors.insert(major);
            }
            Parsed::Independent(year, month) => {
                known.independent.insert((year, month));
            }
            Parsed::Unreadable => {}
        }
        known.patches.extend(patch_number(&fact.value));
        known.names.insert(fact.value.trim().to_ascii_lowercase());
        known.is_said |= fact.is_said();
    }
    let mut findings: Vec<Finding> = servers
        .iter()
        .flat_map(|(name, server)| needed(name, server, table))
        .collect();
    findings.extend(compared(&servers));
    findings
}

/// The patches that Webex needs on this server.
fn needed(name: &str, server: &Server, table: &Releases) -> Vec<Finding> {
    let fits = |patch: &&Patch| patch.server == name && server.majors.contains(&patch.major);
    let judge = |patch: &Patch| {
        let number = patch_number(&patch.name)?;
        let highest = *server.patches.last()?;
        let finding = Finding::new(&checks::RELEASE_PATCH, name)
            .arg("patch", patch.name.as_str())
            .arg("purpose", patch.purpose.as_str())
            .arg("highest", format!("ap{highest}"))
            .data("patch", patch.name.as_str())
            .data("highest", highest)
            .reference(patch.source.clone());
        let is_whole = server.is_said || server.patches.len() >= WHOLE_LIST;
        Some(if server.names.contains(&patch.name.to_ascii_lowercase()) {
            finding.severity(Severity::Ok).variant("ok")
        } else if highest < number {
            // What was seen by chance is no proof; a list, or what a person said, is.
            let severity = if is_whole {
                Severity::Warning
            } else {
                Severity::Info
            };
            finding.severity(severity).variant("older")
        } else {
            finding.severity(Severity::Info).variant("unseen")
        })
    };
    table.patch.iter().filter(fits).filter_map(judge).collect()
}

/// The servers against each other.
fn compared(servers: &BTreeMap<String, Server>) -> Option<Finding> {
    let levels: BTreeMap<&str, String> = servers
        .iter()
        .filter_map(|(name, server)| Some((name.as_str(), server.level()?)))
        .collect();
    if levels.len() < 2 {
        return None;
    }
    let shown: Vec<String> = levels
        .iter()
        .map(|(name, level)| format!("{name} {level}"))
        .collect();
    let distinct: BTreeSet<&String> = levels.values().collect();
    let finding = Finding::new(&checks::RELEASE_PATCH, "BroadWorks")
        .arg("levels", shown.join(", "))
        .data("levels", serde_json::to_value(&levels).unwrap_or_default());
    Some(if distinct.len() == 1 {
        finding.severity(Severity::Ok).variant("same")
    } else {
        finding.variant("differs")
    })
}

#[cfg(test)]
mod tests {
    use super::{judge, patch_number, server};
    use crate::case::Fact;
    use crate::catalogue::releases::Releases;
    use crate::i18n::{Catalog, Lang};

    fn fact(label: Option<&str>, value: &str, source: &str) -> Fact {
        Fact {
            value: value.to_owned(),
            source: source.to_owned(),
            label: label.map(str::to_owned),
            text: None,
            at: None,
        }
    }

    fn keys(facts: &[Fact]) -> Vec<String> {
        let catalog = Catalog::new(Lang::En);
        judge(facts, Releases::embedded())
            .iter()
            .map(|finding| {
                assert!(!finding.localize(&catalog).detail.is_empty());
                format!(
                    "{} {} {}",
                    finding.subject,
                    finding.message.key,
                    finding.severity.as_str()
                )
            })
            .collect()
    }

    #[test]
    fn servers_and_numbers_are_read_off_names() {
        for (name, expected) in [
            ("AP.as.23.0.1075.ap382717", Some("as")),
            ("AP.platform.22.0.1123.ap381367", Some("platform")),
            ("AS-25_Rel_2022.12", Some("as")),
            ("MS_Rel_2022.11_1.273", Some("ms")),
            ("Rel_24.0_1.944", None),
            ("24.0", None),
            ("2022.11", None),
        ] {
            assert_eq!(server(name).as_deref(), expected, "{name}");
        }
        assert_eq!(patch_number("AP.as.23.0.1075.ap382717"), Some(382_717));
        assert_eq!(patch_number("Rel_24.0_1.944"), None);
    }

    #[test]
    fn the_patch_that_flow_through_needs() {
        let said = |value| [fact(Some("as"), value, "--broadworks-release")];
        assert_eq!(
            keys(&said("AP.as.24.0.944.ap384177")),
            ["as release-patch--ok ok"]
        );
        assert_eq!(
            keys(&said("AP.as.24.0.944.ap376508")),
            ["as release-patch--older warning"]
        );
        assert_eq!(
            keys(&[fact(None, "AP.as.24.0.944.ap376508", "a.log:1")]),
            ["as release-patch--older info"]
        );
        assert_eq!(
            keys(&said("AP.as.23.0.1075.ap382717")),
            ["as release-patch--unseen info"]
        );
        // No patch, or none that the table knows.
        assert!(keys(&said("25.0")).is_empty());
        assert!(keys(&[fact(None, "AP.ps.22.0.1123.ap381367", "a.log:1")]).is_empty());
    }

    #[test]
    fn servers_are_compared() {
        let flag = "--broadworks-release";
        let mixed = [
            fact(Some("as"), "Rel_25.0_1.944", flag),
            fact(Some("xsp"), "24.0", flag),
        ];
        assert_eq!(keys(&mixed), ["BroadWorks release-patch--differs info"]);
        let same = [fact(Some("as"), "25.0", flag), fact(Some("ps"), "R25", flag)];
        assert_eq!(keys(&same), ["BroadWorks release-patch--same ok"]);
        let months = [
            fact(None, "MS_Rel_2022.11_1.273", "a:1"),
            fact(None, "AS-25_Rel_2022.12", "a:2"),
        ];
        assert_eq!(keys(&months), ["BroadWorks release-patch--differs info"]);
    }
}
