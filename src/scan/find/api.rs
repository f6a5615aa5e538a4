//! API ids of Webex: base64 of `ciscospark://us/TYPE/id`, or that in clear text.

use base64::Engine as _;

use super::ids::{note_side, org_kind};
use crate::scan::bytes::{before, is_alnum, part, run, skip_escape};
use crate::scan::engine::Found;
use crate::scan::meaning::{self, Meaning};
use crate::scan::{Evidence, Kind, label};

/// `Y2lzY29zcGFyazov…`: base64 of `ciscospark://us/TYPE/id`.
pub(in crate::scan) fn api_id(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let mut end = run(text, start, 400, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    if is_alnum(before(text, start)) && skip_escape(text, start - 1) != start {
        return;
    }
    let Some(decoded) = decode(part(text, start, end)) else {
        return;
    };
    end = run(text, end, 2, |byte| byte == b'=');
    if let Some(kind) = api_kind(&decoded) {
        let (kind, evidence) = with_role(found, start, kind);
        found.add(start, end, kind, evidence);
    }
}

fn decode(encoded: &[u8]) -> Option<Vec<u8>> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(encoded)
        .or_else(|_| {
            // A last character whose unused bits are not zero.
            let lenient = base64::engine::GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
            base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, lenient).decode(encoded)
        })
        .ok()
}

/// `ciscospark://us/ORGANIZATION/<uuid>` in clear text.
pub(in crate::scan) fn plain_api_id(found: &mut Found<'_>, start: usize) {
    let text = found.text;
    let end = run(text, start, 200, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'/' | b'.')
    });
    if let Some(kind) = api_kind(part(text, start, end)) {
        let (kind, evidence) = with_role(found, start, kind);
        found.add(start, end, kind, evidence);
    }
}

fn api_kind(decoded: &[u8]) -> Option<Kind> {
    let parsed = crate::entity::ApiId::parse(std::str::from_utf8(decoded).ok()?)?;
    match parsed.kind.to_ascii_uppercase().as_str() {
        "ORGANIZATION" => Some(Kind::Org),
        "PEOPLE" => Some(Kind::UserId),
        "DEVICE" => Some(Kind::DeviceId),
        _ => None,
    }
}

/// The label may add whose organisation it is.
fn with_role(found: &mut Found<'_>, start: usize, kind: Kind) -> (Kind, Evidence) {
    if kind != Kind::Org {
        return (kind, Evidence::Prefix);
    }
    match label::before_value(found.text, start)
        .as_ref()
        .and_then(meaning::of)
    {
        Some(Meaning::Org(role)) => {
            note_side(found, role, start);
            (org_kind(role), Evidence::Label)
        }
        _ => (Kind::Org, Evidence::Prefix),
    }
}
