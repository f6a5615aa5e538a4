//! Overlapping candidates to spans that do not overlap.

use super::bytes::{at, is_alnum, part};
use super::{Evidence, Kind, Span};

/// Whether a kind is a secret: masked outright, never kept and never given a pseudonym.
pub(super) const fn is_secret(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Token
            | Kind::Jwt
            | Kind::Password
            | Kind::Cookie
            | Kind::SipDigest
            | Kind::SignedUrl
            | Kind::PrivateKey
    )
}

/// Whether a kind is about a person or a machine and not a secret.
const fn is_personal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Email
            | Kind::BroadworksUserId
            | Kind::CallId
            | Kind::Phone
            | Kind::PersonName
            | Kind::IpAddress
            | Kind::MacAddress
            | Kind::Custom
    )
}

/// Which of two overlapping spans stays: the higher. A secret swallows what is inside it; evidence stands before
/// personal data; what a label says stands before what a shape says.
const fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::PrivateKey => 40,
        Kind::Password => 38,
        Kind::Jwt => 37,
        Kind::Token => 36,
        Kind::Cookie => 35,
        Kind::SignedUrl => 34,
        Kind::SipDigest => 33,
        Kind::TrackingId => 30,
        Kind::CustomerOrg | Kind::PartnerOrg => 29,
        Kind::Org => 28,
        Kind::Fingerprint => 27,
        Kind::ControlHubBuild | Kind::BroadworksRelease | Kind::ClientVersion => 26,
        Kind::Custom => 25,
        Kind::CallId => 24,
        Kind::UserId | Kind::DeviceId => 23,
        Kind::BroadworksUserId => 22,
        Kind::Email => 21,
        Kind::ErrorCode => 20,
        Kind::Timestamp => 19,
        Kind::Phone => 18,
        Kind::MacAddress => 17,
        Kind::IpAddress => 16,
        Kind::HostName => 15,
        Kind::PersonName => 14,
    }
}

/// Sorts, and lets the higher of overlapping spans stand. Secrets that overlap become one, so that no part shows.
pub(super) fn resolve(mut spans: Vec<Span>, text: &[u8]) -> Vec<Span> {
    spans.retain(|span| span.start < span.end && span.end <= text.len());
    spans.sort_by(|a, b| {
        a.start
            .cmp(&b.start)
            .then(b.end.cmp(&a.end))
            .then(rank(b.kind).cmp(&rank(a.kind)))
            .then(b.evidence.cmp(&a.evidence))
    });
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    'next: for mut span in spans {
        let mut uncovered: Option<Span> = None;
        while let Some(last) = kept.last_mut() {
            if last.end <= span.start {
                break;
            }
            if is_secret(last.kind) && is_secret(span.kind) {
                // Both are hidden: as one.
                last.end = last.end.max(span.end);
                if rank(span.kind) > rank(last.kind) {
                    last.kind = span.kind;
                }
                let end = last.end;
                kept.extend(uncovered.filter(|rest| rest.end > end).map(|rest| Span {
                    start: rest.start.max(end),
                    ..rest
                }));
                continue 'next;
            }
            if beats(&span, last, text) {
                // What a secret uncovers on either side stays personal data: `token` + `ana@example.com` without a
                // word boundary between them looked like one address.
                // So does what evidence or an address leaves of a name or a number that ran into it.
                if let Some(beaten) = kept.pop()
                    && is_personal(beaten.kind)
                {
                    let tail = || Span {
                        start: span.end,
                        ..beaten.clone()
                    };
                    let head = || Span {
                        end: span.start,
                        ..beaten.clone()
                    };
                    if is_secret(span.kind) {
                        uncovered = (beaten.end > span.end).then(tail);
                        kept.extend((beaten.start < span.start).then(head));
                    } else {
                        uncovered = (beaten.end > span.end)
                            .then(tail)
                            .and_then(|rest| own(rest, text));
                        let head = (beaten.start < span.start).then(head);
                        kept.extend(head.and_then(|rest| own(rest, text)));
                    }
                }
                continue;
            }
            // A span that loses only its head keeps its tail when that is personal data.
            let keeps_tail = match span.kind {
                Kind::Custom | Kind::PersonName => true,
                kind => is_personal(kind),
            };
            if span.end <= last.end || !keeps_tail {
                continue 'next;
            }
            span.start = last.end;
            if !is_secret(last.kind) && !is_personal(last.kind) {
                match own(span, text) {
                    Some(rest) => span = rest,
                    None => continue 'next,
                }
            }
            break;
        }
        if span.start < span.end {
            kept.push(span);
        }
        kept.extend(uncovered);
    }
    kept
}

/// What is left of personal data beside evidence, without the separators between them, if it is still that.
fn own(mut rest: Span, text: &[u8]) -> Option<Span> {
    /// Fewest digits of what is left of a number that only its shape tells.
    const LEAST: usize = 5;
    let whole = part(text, rest.start, rest.end);
    // The sign of an address without its user names nobody.
    if matches!(rest.kind, Kind::Email | Kind::BroadworksUserId)
        && (!whole
            .iter()
            .skip(1)
            .any(|byte| matches!(byte, b'@' | b'%' | b'\\'))
            || matches!(whole, [b'@' | b'%' | b'\\', ..]))
    {
        return None;
    }
    let is_sign = |byte: &u8| !is_alnum(*byte);
    let opens = |byte: &u8| rest.kind == Kind::Phone && matches!(byte, b'+' | b'(');
    rest.start += whole
        .iter()
        .take_while(|byte| is_sign(byte) && !opens(byte))
        .count();
    if rest.start < rest.end {
        rest.end -= whole.iter().rev().take_while(|byte| is_sign(byte)).count();
    }
    // What stands between a Call-ID and the evidence that ran into it is not of either.
    if rest.kind == Kind::CallId {
        let runs_in = |byte: &u8| matches!(byte, b'/' | b'(' | b'[' | b'=' | b':' | b'#' | b'&' | b'|');
        let end = part(text, rest.start, rest.end).iter().position(runs_in);
        rest.end = end.map_or(rest.end, |end| rest.start + end);
    }
    let digits = whole.iter().filter(|byte| byte.is_ascii_digit()).count();
    let enough = match rest.kind {
        Kind::Phone => digits >= LEAST || rest.evidence == Evidence::Label,
        Kind::IpAddress | Kind::MacAddress => false,
        _ => true,
    };
    (enough && rest.start < rest.end).then_some(rest)
}

fn beats(new: &Span, old: &Span, text: &[u8]) -> bool {
    // `8001'ana@example.com`: these signs may be in an address, and seldom are.
    let ends_apart = |span: &Span, other: &Span| {
        matches!(span.kind, Kind::ErrorCode | Kind::Timestamp | Kind::IpAddress)
            && matches!(other.kind, Kind::Email | Kind::BroadworksUserId)
            && matches!(at(text, span.end), b'\'' | b'#' | b'*' | b'~' | b'!')
    };
    if ends_apart(new, old) || ends_apart(old, new) {
        return ends_apart(new, old);
    }
    let by_label = |span: &Span| span.evidence == Evidence::Label;
    if is_secret(new.kind) != is_secret(old.kind) {
        return is_secret(new.kind);
    }
    (rank(new.kind), by_label(new)) > (rank(old.kind), by_label(old))
}
