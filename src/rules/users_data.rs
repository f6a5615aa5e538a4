//! Judged users to the wire format: groups by cause, counts, rows.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::users::{Judged, Settings, judge, users};
use super::{Finding, csv, registry as checks};
use crate::catalogue::{Catalogue, Part};
use crate::i18n::Catalog;
use crate::users::columns::Field;
use crate::users::data::{Column, Counts, Group, User, UsersData};
use crate::users::values::State;
use crate::users::{TableKind, UserTable};

/// An error text stands for its group up to here, in characters.
const MAX_TEXT: usize = 160;

/// Everything there is to say about a file of users: the findings, and `data` of `users`.
pub fn analyse(
    table: &UserTable,
    settings: Settings<'_>,
    exclude_provisioned: bool,
    catalogue: &Catalogue,
    catalog: &Catalog,
) -> (Vec<Finding>, UsersData) {
    let mut findings = csv::judge_file(table, settings);
    let mut data = frame(table, settings.file);
    match table.kind {
        TableKind::Status => {
            let judged = users(table, settings, catalogue);
            findings.extend(judge(table, &judged, settings));
            data.counts = Some(counts(&judged));
            data.groups = groups(table, &judged, catalogue, catalog);
            data.users = judged
                .iter()
                .filter(|user| !(exclude_provisioned && user.state == State::Provisioned))
                .map(|user| wire(table, user))
                .collect();
        }
        TableKind::Import => {
            findings.extend(csv::judge_import(table, settings));
            findings.extend(super::users::duplicates(table, settings));
        }
        TableKind::Unknown => {}
    }
    (findings, data)
}

fn frame(table: &UserTable, file: &str) -> UsersData {
    UsersData {
        file: file.to_owned(),
        kind: table.kind.as_str().to_owned(),
        encoding: table.encoding.to_owned(),
        delimiter: table.delimiter.to_string(),
        columns: table
            .header
            .iter()
            .zip(&table.fields)
            .map(|(name, field)| Column {
                name: name.clone(),
                meaning: field.map(|field| match field {
                    Field::Offer(offer) => offer.name().to_owned(),
                    other => other.as_str().to_owned(),
                }),
            })
            .collect(),
        rows: table.rows.len(),
        counts: None,
        groups: Vec::new(),
        users: Vec::new(),
        corrected: None,
    }
}

fn counts(users: &[Judged<'_>]) -> Counts {
    let mut counts = Counts::default();
    for user in users {
        let slot = match (&user.state, user.check) {
            (State::Provisioned, _) => &mut counts.provisioned,
            (State::Error, _) => &mut counts.failed,
            (State::Other(_), _) => &mut counts.unknown,
            (_, Some(check)) if check.id == checks::USER_STUCK.id => &mut counts.stuck,
            _ => &mut counts.pending,
        };
        *slot += 1;
    }
    counts
}

/// Failed first, then stuck, then pending; of these the largest group first.
fn groups(table: &UserTable, users: &[Judged<'_>], catalogue: &Catalogue, catalog: &Catalog) -> Vec<Group> {
    let mut index: HashMap<(&str, String), usize> = HashMap::new();
    let mut groups: Vec<(u8, Group)> = Vec::new();
    for user in users {
        let Some(check) = user.check else { continue };
        let error = table.cell(user.row, Field::Error);
        let key = match &user.state {
            _ if !user.cause.is_empty() => user.cause.clone(),
            State::Error => alike(error),
            State::Other(_) => "?".to_owned(),
            state => state.as_str().to_owned(),
        };
        let slot = *index.entry((check.id, key)).or_insert_with(|| {
            let rank = match (&user.state, check.id == checks::USER_STUCK.id) {
                (State::Error, _) => 0,
                (_, true) => 1,
                (State::Other(_), _) => 2,
                _ => 3,
            };
            groups.push((rank, new_group(user, error, check.id, catalogue, catalog)));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(slot) {
            group.count += 1;
            group.lines.push(user.row.line);
        }
    }
    groups.sort_by_key(|(rank, group)| (*rank, std::cmp::Reverse(group.count)));
    groups.into_iter().map(|(_, group)| group).collect()
}

fn new_group(user: &Judged<'_>, error: &str, check: &str, catalogue: &Catalogue, catalog: &Catalog) -> Group {
    let known = catalogue
        .by_id(&user.cause)
        .map(|entry| entry.text(Part::Meaning, catalog));
    let text = known.unwrap_or_else(|| match &user.state {
        State::Error if !error.is_empty() => error.chars().take(MAX_TEXT).collect(),
        State::Error => catalog.plain("users-cause-none"),
        State::Other(_) => catalog.plain("users-cause-status"),
        _ if check == checks::USER_STUCK.id => catalog.plain("users-cause-stuck"),
        _ => catalog.plain("users-cause-pending"),
    });
    Group {
        check: check.to_owned(),
        cause: (!user.cause.is_empty()).then(|| user.cause.clone()),
        text,
        action: user.action.as_str().to_owned(),
        count: 0,
        lines: Vec::new(),
    }
}

/// Error texts that differ only in addresses, numbers and IDs are alike.
fn alike(error: &str) -> String {
    error
        .split_whitespace()
        .take(30)
        .map(|word| {
            let varies = word.contains('@') || word.bytes().any(|byte| byte.is_ascii_digit());
            if varies { "#" } else { word }
        })
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn wire(table: &UserTable, user: &Judged<'_>) -> User {
    let cell = |field| table.cell(user.row, field).to_owned();
    let mut other = Map::new();
    for (index, name) in table.header.iter().enumerate() {
        let is_unknown = matches!(table.fields.get(index), Some(None));
        if let Some(value) = user
            .row
            .cells
            .get(index)
            .filter(|value| is_unknown && !value.is_empty())
        {
            other.insert(name.clone(), Value::from(value.as_str()));
        }
    }
    // Cells beyond the header are lost to no one.
    for (index, value) in user.row.cells.iter().enumerate().skip(table.header.len()) {
        other.insert(format!("#{}", index + 1), Value::from(value.as_str()));
    }
    User {
        line: user.row.line,
        broadworks_id: cell(Field::BroadworksId),
        email: cell(Field::Email),
        package: cell(Field::Package),
        state: user.state.as_str().to_owned(),
        status: cell(Field::Status),
        error: cell(Field::Error),
        cause: (!user.cause.is_empty()).then(|| user.cause.clone()),
        action: user.action.as_str().to_owned(),
        minutes: user.minutes,
        other,
    }
}
