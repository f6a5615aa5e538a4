//! The facts of a case: what a person said comes first, then what the scan found.

use std::collections::{BTreeMap, HashSet};

use super::input::Said;
use crate::case::{Fact, Facts};
use crate::config::Config;
use crate::report::rfc3339;
use crate::scan::{Entry, Inventory};

/// Merges what was said with what was found. A value said by a person replaces guesses of the same kind: with
/// `--customer-org` the scan's customer organisations do not contradict it unless they differ.
pub fn merge(said: &Said, config: &Config, inventory: &Inventory, window: super::Window) -> Facts {
    let orgs = |role: &str| -> Vec<Fact> {
        inventory
            .org_ids
            .iter()
            .filter(|entry| role_of(entry) == role)
            .map(found)
            .collect()
    };
    let mut facts = Facts {
        provider: config.provider.name.clone(),
        customer_orgs: orgs("customer"),
        partner_orgs: orgs("partner"),
        other_orgs: orgs("unknown"),
        set_aside_orgs: Vec::new(),
        tracking_ids: inventory.tracking_ids.iter().map(found).collect(),
        user_emails: inventory
            .emails
            .iter()
            .filter(|entry| role_of(entry) == "user")
            .map(found)
            .collect(),
        user_ids: inventory.user_ids.iter().map(found).collect(),
        broadworks_user_ids: inventory.broadworks_user_ids.iter().map(found).collect(),
        client_versions: inventory.client_versions.iter().map(found).collect(),
        broadworks_releases: inventory.broadworks_releases.iter().map(found).collect(),
        control_hub_builds: inventory.control_hub_builds.iter().map(found).collect(),
        error_codes: inventory.error_codes.iter().map(found).collect(),
        time_frame: window.or_found(inventory.time_frame),
        left_out: BTreeMap::new(),
    };
    if let Some((org, flag)) = &said.customer_org {
        say(&mut facts.customer_orgs, &org.to_string(), flag, None);
        // The person has decided; what the input says otherwise stays in sight.
        facts.set_aside_orgs = facts.customer_orgs.split_off(1);
    }
    if let Some((org, flag)) = &said.partner_org {
        say(&mut facts.partner_orgs, &org.to_string(), flag, None);
        if is_decision(flag) {
            facts.partner_orgs.truncate(1);
        }
    }
    if let Some((email, flag)) = &said.user_email {
        // The person knows who is affected; the scan's guess at it is then only another address.
        facts.user_emails.clear();
        say(&mut facts.user_emails, email, flag, None);
    }
    for (id, flag) in said.tracking_ids.iter().rev() {
        say(&mut facts.tracking_ids, id, flag, None);
    }
    for (version, flag) in said.client_versions.iter().rev() {
        say(&mut facts.client_versions, version, flag, None);
    }
    for (role, release, flag) in said.releases.iter().rev() {
        say(&mut facts.broadworks_releases, release, flag, Some(role));
    }
    assign_roles(&mut facts);
    facts
}

/// Said for this case; what stands in the configuration for all cases can be contradicted by one of them.
fn is_decision(flag: &str) -> bool {
    !flag.starts_with("[provider]")
}

/// An organisation without a role is settled by what is known of the others: it is the partner's if it equals the
/// partner's, and the customer's if it is the only other one.
fn assign_roles(facts: &mut Facts) {
    let values = |list: &[Fact]| -> HashSet<String> { list.iter().map(|fact| fact.value.clone()).collect() };
    let (partners, customers) = (values(&facts.partner_orgs), values(&facts.customer_orgs));
    facts
        .other_orgs
        .retain(|fact| !partners.contains(&fact.value) && !customers.contains(&fact.value));
    // A log of the provider's own administrators names the partner as the organisation viewed.
    if facts.customer_orgs.len() > 1 {
        facts.customer_orgs.retain(|fact| !partners.contains(&fact.value));
    }
    if facts.customer_orgs.is_empty() && facts.other_orgs.len() == 1 && !facts.partner_orgs.is_empty() {
        facts.customer_orgs.append(&mut facts.other_orgs);
    }
}

fn role_of(entry: &Entry) -> &str {
    entry.role.as_deref().unwrap_or("unknown")
}

fn found(entry: &Entry) -> Fact {
    Fact {
        value: entry.value.clone(),
        source: format!("{}:{}", entry.first.file, entry.first.line),
        label: entry.label.clone(),
        text: entry.text.clone(),
        at: entry.at.map(rfc3339),
    }
}

/// Puts a value that was said first, and takes it out of what was found.
fn say(facts: &mut Vec<Fact>, value: &str, flag: &str, label: Option<&str>) {
    // Two servers can have the same release, and each was said.
    let of_another = |fact: &Fact| {
        label.is_some()
            && fact.label.is_some()
            && fact.label.as_deref() != label
            && fact.source.starts_with(['[', '-'])
    };
    facts.retain(|fact| fact.value != value || of_another(fact));
    let fact = Fact {
        value: value.to_owned(),
        source: flag.to_owned(),
        label: label.map(str::to_owned),
        text: None,
        at: None,
    };
    facts.insert(0, fact);
}

#[cfg(test)]
mod tests {
    use super::{assign_roles, say};
    use crate::case::{Fact, Facts};

    #[test]
    fn servers_of_one_release_are_all_named() {
        let mut facts = vec![fact("Rel_25.0_1.1122")];
        for role in ["xsp", "as"] {
            say(&mut facts, "Rel_25.0_1.1122", "[broadworks] releases", Some(role));
        }
        let labels: Vec<_> = facts.iter().map(|fact| fact.label.as_deref()).collect();
        assert_eq!(labels, [Some("as"), Some("xsp")]);
    }

    fn fact(value: &str) -> Fact {
        Fact {
            value: value.to_owned(),
            source: "a.log:1".to_owned(),
            label: None,
            text: None,
            at: None,
        }
    }

    #[test]
    fn what_was_said_comes_first_and_once() {
        let mut facts = vec![fact("a"), fact("b")];
        say(&mut facts, "b", "--customer-org", None);
        assert_eq!(
            facts.iter().map(|fact| fact.value.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
        assert_eq!(facts[0].source, "--customer-org");
    }

    #[test]
    fn the_only_other_organisation_is_the_customer() {
        let mut facts = Facts {
            partner_orgs: vec![fact("p")],
            other_orgs: vec![fact("p"), fact("c")],
            ..Facts::default()
        };
        assign_roles(&mut facts);
        assert_eq!(facts.customer_orgs, vec![fact("c")]);
        assert!(facts.other_orgs.is_empty());
    }

    #[test]
    fn two_other_organisations_stay_undecided() {
        let mut facts = Facts {
            partner_orgs: vec![fact("p")],
            other_orgs: vec![fact("c"), fact("d")],
            ..Facts::default()
        };
        assign_roles(&mut facts);
        assert!(facts.customer_orgs.is_empty());
        assert_eq!(facts.other_orgs.len(), 2);
    }
}
