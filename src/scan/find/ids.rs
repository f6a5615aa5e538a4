//! Tracking IDs, organisation IDs, user, device and call IDs, fingerprints.
//!
//! A label decides first, a known prefix second, the bare shape never.

use crate::scan::bytes::{
    at, before, is_alnum, is_blank, is_word, part, run, run_back, skip_escape, starts_with_ignore_case,
};
use crate::scan::engine::Found;
use crate::scan::label::Label;
use crate::scan::meaning::{Meaning, OrgRole};
use crate::scan::{Evidence, Kind, Side};

use super::{net, secret, version};

/// Services that put their name before a UUID, as seen in error texts, logs and API answers. Compared without case.
const PREFIXES: &[&str] = &[
    "ROUTERGW",
    "ROUTER",
    "ATLAS",
    "CLIENT",
    "ITCLIENT",
    "ADMINCLIENT",
    "NA",
    "SIMPLE",
    "GTWY",
    "NOTIFS",
    "CPAPI",
    "EXP",
    "FOS",
    "CCC",
    "WEBEXCONNECT",
    "CCCONFIG",
    "ADMINBATCHCLIENT",
    "BATCHCLIENT",
    "MOBIUS",
    "WEBEX-JS-SDK",
    "WEBEX-WEB-CLIENT",
    "WEBEX-DEV-PORTAL",
    "WEBEX-TEAMS",
    "SPARK",
    "LOCUS",
    "HECATE",
    "CONV",
    "CONVERSATION",
    "WDM",
    "MERCURY",
    "IDBROKER",
    "IDENTITY",
    "CALLIOPE",
    "KMS",
    "JANUS",
    "U2C",
    "AVALON",
    "SQUARED",
    "PARTNERHUB",
    "WXCAPI",
    "BWPROV",
    "HYDRA",
    "REDSKY",
    "TERMINUS",
    "BROADCLOUD",
];

/// What a UUID, dashed or not, looks like at a place.
pub(super) struct Uuid {
    pub(super) end: usize,
    pub(super) dashed: bool,
}

/// A UUID that begins at `start`; version and variant are not looked at.
pub(super) fn uuid(text: &[u8], start: usize) -> Option<Uuid> {
    // Nearly every candidate fails at its ninth character.
    if at(text, start + 8) != b'-' {
        let end = run(text, start, 33, |byte| byte.is_ascii_hexdigit());
        return (end - start == 32).then_some(Uuid { end, dashed: false });
    }
    // The last group may run into a following word: exactly twelve digits are its own.
    let digits: &[u8; 36] = text.get(start..start + 36)?.try_into().ok()?;
    let mut digits = *digits;
    let mut fits = true;
    for dash in [8, 13, 18, 23] {
        if let Some(place) = digits.get_mut(dash) {
            fits &= *place == b'-';
            *place = b'0';
        }
    }
    // Without branches, so that it becomes a few vector instructions.
    fits &= digits.iter().fold(true, |fits, byte| {
        fits & ((byte.wrapping_sub(b'0') < 10) | ((byte | 0x20).wrapping_sub(b'a') < 6))
    });
    fits.then_some(Uuid {
        end: start + 36,
        dashed: true,
    })
}

/// The first digit of a run of at least eight hexadecimal digits.
pub(in crate::scan) fn hex_run(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let Some(start) = token_start(text, start) else {
        return net::phone_name(found, start);
    };
    if version::build(found, start) {
        return;
    }
    let Some(id) = uuid(text, start) else { return };
    // Its other groups are looked at with it.
    found.skip = found.skip.max(id.end);
    if secret::webex_token(found, start, id.end) {
        return;
    }
    let (prefix_start, prefix) = prefix(text, start);
    if prefix.is_empty() {
        bare(found, start, &id);
    } else {
        prefixed(found, prefix_start, prefix, id.end);
    }
}

/// Where a token really begins whose first hexadecimal digit is at `start`: behind an escape, never inside a word.
fn token_start(text: &[u8], start: usize) -> Option<usize> {
    let inside = skip_escape(text, start);
    if inside != start {
        return Some(inside);
    }
    if !is_alnum(before(text, start)) {
        return Some(start);
    }
    let behind = skip_escape(text, start - 1);
    (behind >= start).then_some(behind)
}

/// The word before `_` in front of the UUID at `start`, and where it begins.
fn prefix(text: &[u8], start: usize) -> (usize, &[u8]) {
    if before(text, start) != b'_' {
        return (start, &[]);
    }
    let end = start - 1;
    let from = run_back(text, end, 40, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    let from = skip_escape(text, from);
    let from = from
        + part(text, from, end)
            .iter()
            .take_while(|byte| !byte.is_ascii_alphanumeric())
            .count();
    (from, part(text, from, end))
}

fn is_known_prefix(prefix: &[u8]) -> bool {
    let head = prefix.split(|&byte| byte == b'-').next().unwrap_or_default();
    PREFIXES.iter().any(|known| prefix.eq_ignore_ascii_case(known.as_bytes()))
        // `CLIENT-libwx2`, `ROUTER-eu`
        || (head.len() < prefix.len() && ["CLIENT", "ROUTER", "ATLAS", "ROUTERGW"].iter().any(|known| head == known.as_bytes()))
}

/// `PREFIX_uuid` and its suffixes.
fn prefixed(found: &mut Found<'_>, start: usize, prefix: &[u8], uuid_end: usize) {
    let text = found.text;
    let end = tracking_suffix(text, uuid_end);
    if is_word(at(text, end)) {
        return;
    }
    let (label, meaning) = found.label_before(start);
    match meaning {
        Some(Meaning::Tracking) => return found.add(start, end, Kind::TrackingId, Evidence::Label),
        Some(Meaning::CallId) => return found.add(start, end, Kind::CallId, Evidence::Label),
        Some(Meaning::Device) => return found.add(start, end, Kind::DeviceId, Evidence::Label),
        _ => {}
    }
    if label
        .as_ref()
        .is_some_and(|label| label.delimited && is_foreign(label))
    {
        return;
    }
    if is_known_prefix(prefix) {
        found.add(start, end, Kind::TrackingId, Evidence::Prefix);
    } else if continues_list(found, start) {
        found.add(start, end, Kind::TrackingId, Evidence::Label);
    }
}

/// Whether a label names something else that has the same shape.
fn is_foreign(label: &Label<'_>) -> bool {
    let squashed = label.squashed();
    let name = squashed.name();
    [
        &b"licenseid"[..],
        b"licenceid",
        b"lizenzid",
        b"exttrackingid",
        b"alias",
        b"profile",
        b"profilename",
        b"filename",
        b"licenseids",
    ]
    .iter()
    .any(|other| name.ends_with(other))
}

/// `id1, id2`: the second has the label of the first.
fn continues_list(found: &Found<'_>, start: usize) -> bool {
    let gap = run_back(found.text, start, 4, |byte| {
        is_blank(byte) || matches!(byte, b',' | b';' | b'"')
    });
    gap < start
        && found
            .spans
            .iter()
            .rev()
            .take(4)
            .any(|span| span.kind == Kind::TrackingId && span.end == gap)
        && part(found.text, gap, start)
            .iter()
            .any(|byte| matches!(byte, b',' | b';'))
}

/// `_13`, `_0_3`, `_t:b2efac54_82`, `+2` belong to the tracking ID.
pub(super) fn tracking_suffix(text: &[u8], mut end: usize) -> usize {
    for _ in 0..6 {
        let next = match at(text, end) {
            b'_' if at(text, end + 1) == b't' && at(text, end + 2) == b':' => {
                run(text, end + 3, 32, |byte| byte.is_ascii_alphanumeric())
            }
            b'_' => run(text, end + 1, 24, |byte| byte.is_ascii_alphanumeric()),
            b'+' => run(text, end + 1, 6, |byte| byte.is_ascii_digit()),
            b':' if at(text, end + 1).is_ascii_digit() && is_suffix_end(text, end + 1) => {
                run(text, end + 1, 6, |byte| byte.is_ascii_digit())
            }
            _ => return end,
        };
        if next <= end + 1 {
            return end;
        }
        end = next;
    }
    end
}

fn is_suffix_end(text: &[u8], digits: usize) -> bool {
    let end = run(text, digits, 6, |byte| byte.is_ascii_digit());
    end > digits && !is_alnum(at(text, end)) && !matches!(at(text, end), b':' | b'.')
}

/// A UUID without prefix: only a label or its place in a URL says what it is.
fn bare(found: &mut Found<'_>, start: usize, id: &Uuid) {
    let text = found.text;
    if let Some(kind) = in_path(text, start, id) {
        return found.add(start, id.end, kind, Evidence::Label);
    }
    match found.label_before(start).1 {
        Some(meaning) => unlabelled_uuid(found, meaning, start, id),
        None => hardware(found, start, id),
    }
}

/// `urn:uuid:00000000-0000-0000-0000-0004f2abcdef`: a phone that has nothing else to tell itself by.
fn hardware(found: &mut Found<'_>, start: usize, id: &Uuid) {
    const NODE: &[u8] = b"00000000-0000-0000-0000-";
    let address = start + NODE.len();
    let is_nil = part(found.text, address, id.end).iter().all(|&byte| byte == b'0');
    if part(found.text, start, address) == NODE && !is_nil && !is_word(at(found.text, id.end)) {
        found.add(address, id.end, Kind::MacAddress, Evidence::Prefix);
    }
}

fn unlabelled_uuid(found: &mut Found<'_>, meaning: Meaning, start: usize, id: &Uuid) {
    let text = found.text;
    let kind = match meaning {
        Meaning::Tracking => {
            let end = tracking_suffix(text, id.end);
            if !is_word(at(text, end)) {
                found.add(start, end, Kind::TrackingId, Evidence::Label);
            }
            return;
        }
        Meaning::Org(role) => org_kind(role),
        Meaning::User => Kind::UserId,
        Meaning::Device => Kind::DeviceId,
        Meaning::CallId => Kind::CallId,
        Meaning::Fingerprint => Kind::Fingerprint,
        _ => return,
    };
    if !is_word(at(text, id.end)) {
        found.add(start, id.end, kind, Evidence::Label);
        if let Meaning::Org(role) = meaning {
            note_side(found, role, start);
        }
    }
}

/// The kind of an organisation ID behind a label with this role.
pub(in crate::scan) const fn org_kind(role: OrgRole) -> Kind {
    match role {
        OrgRole::Customer | OrgRole::Viewed => Kind::CustomerOrg,
        OrgRole::Partner | OrgRole::Acting => Kind::PartnerOrg,
        OrgRole::Unknown => Kind::Org,
    }
}

/// `/orgs/<uuid>/`, `/customers/<uuid>`, `/users/<uuid>`, `/devices/<uuid>`: the segment before says what it is.
fn in_path(text: &[u8], start: usize, id: &Uuid) -> Option<Kind> {
    let slash = if before(text, start) == b'/' {
        start - 1
    } else if start >= 3 && starts_with_ignore_case(text, start - 3, b"%2f") {
        start - 3
    } else {
        return None;
    };
    if is_word(at(text, id.end)) || (!id.dashed && at(text, id.end) == b'-') {
        return None;
    }
    let is_segment = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut from = run_back(text, slash, 40, is_segment);
    let mut segment = part(text, from, slash);
    // `/scim/v2/<organisation>`
    if matches!(segment, b"v1" | b"v2") && from > 0 {
        let end = from - 1;
        from = run_back(text, end, 40, is_segment);
        segment = part(text, from, end);
        if !segment.eq_ignore_ascii_case(b"scim") {
            return None;
        }
    }
    let is = |names: &[&str]| {
        names
            .iter()
            .any(|name| segment.eq_ignore_ascii_case(name.as_bytes()))
    };
    if is(&[
        "orgs",
        "org",
        "organizations",
        "organization",
        "scim",
        "azuread",
        "organisations",
    ]) {
        Some(Kind::Org)
    } else if is(&["customers", "customer"]) {
        Some(Kind::CustomerOrg)
    } else if is(&["partners", "partner", "partnerorgs"]) {
        Some(Kind::PartnerOrg)
    } else if is(&["users", "people", "user", "person", "persons"]) {
        Some(Kind::UserId)
    } else if is(&["devices", "device", "machines", "registrations"]) {
        Some(Kind::DeviceId)
    } else {
        None
    }
}

pub(super) fn note_side(found: &mut Found<'_>, role: OrgRole, start: usize) {
    match role {
        OrgRole::Viewed => found.sides.push((start, Side::Viewed)),
        OrgRole::Acting => found.sides.push((start, Side::Acting)),
        _ => {}
    }
}
