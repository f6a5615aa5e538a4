//! Newtypes that parse what a case is made of.

use std::fmt;

use base64::Engine as _;

/// A Webex organisation ID: a UUID, shown in lower case with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(String);

impl OrgId {
    /// Reads the dashed and undashed UUID, the base64 API id and its clear text (`ciscospark://us/ORGANIZATION/…`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(uuid) = uuid(text) {
            return Some(Self(uuid));
        }
        let id = ApiId::decode(text).or_else(|| ApiId::parse(text))?;
        if !id.kind.eq_ignore_ascii_case("ORGANIZATION") {
            return None;
        }
        uuid(&id.id).map(Self)
    }

    /// Lower case with hyphens.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lower-case dashed form of a dashed or undashed UUID; version and variant are not looked at.
pub fn uuid(text: &str) -> Option<String> {
    let dashed = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| {
            if matches!(index, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        });
    if dashed {
        return Some(text.to_ascii_lowercase());
    }
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let group = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    Some(format!(
        "{}-{}-{}-{}-{}",
        group(0, 8),
        group(8, 12),
        group(12, 16),
        group(16, 20),
        group(20, 32)
    ))
}

/// A decoded Webex API id: `ciscospark://us/PEOPLE/<id>`, `ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/<id>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiId {
    /// `us`, or `urn:TEAM:…`.
    pub cluster: String,
    /// The type, as written (`ORGANIZATION`, `Organization`).
    pub kind: String,
    /// The id proper.
    pub id: String,
}

impl ApiId {
    /// Reads the clear text.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("ciscospark://")?;
        let mut parts = rest.splitn(3, '/');
        let (cluster, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        (plain(kind) && plain(id)).then(|| Self {
            cluster: cluster.to_owned(),
            kind: kind.to_owned(),
            id: id.to_owned(),
        })
    }

    /// Reads the base64 form, with or without padding.
    pub fn decode(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('=');
        let lenient = base64::engine::GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
        let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, lenient);
        Self::parse(std::str::from_utf8(&engine.decode(text).ok()?).ok()?)
    }
}

/// A Webex tracking ID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackingId {
    /// As written, suffix and all.
    pub raw: String,
    /// The name of the service in front (`ATLAS`), if there is one.
    pub prefix: Option<String>,
    /// The 32 lower-case digits, if it has them.
    pub hex: Option<String>,
}

impl TrackingId {
    /// Takes what a label says is a tracking ID apart.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_labelled(text.as_bytes())
    }

    /// The shapes that are accepted behind a label: a UUID or at least sixteen hexadecimal digits behind an optional
    /// prefix, a UUID whose last group is short or long by a few digits, or groups of digits (`WXC-12345-67897`).
    /// A masked UUID (`fxxxxxxx-…`) is none.
    pub fn parse_labelled(text: &[u8]) -> Option<Self> {
        let raw = std::str::from_utf8(text).ok()?;
        if raw.len() < 8 || raw.len() > 120 {
            return None;
        }
        let behind_prefixes = memchr::memchr_iter(b'_', text).map(|index| index + 1);
        for start in std::iter::once(0).chain(behind_prefixes) {
            let core = raw.get(start..)?;
            let Some(digits) = core_digits(core) else { continue };
            let prefix = raw
                .get(..start.saturating_sub(1))
                .filter(|prefix| !prefix.is_empty());
            if prefix.is_some_and(|prefix| {
                !prefix
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            }) {
                return None;
            }
            return Some(Self {
                raw: raw.to_owned(),
                prefix: prefix.map(str::to_owned),
                hex: (digits.len() == 32).then_some(digits),
            });
        }
        let mut groups = raw.split('-');
        let name = groups.next()?;
        let numbers: Vec<&str> = groups.collect();
        let numbered = name.len() >= 2
            && name.bytes().all(|byte| byte.is_ascii_uppercase())
            && numbers.len() >= 2
            && numbers
                .iter()
                .all(|group| group.len() >= 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
        numbered.then(|| Self {
            raw: raw.to_owned(),
            prefix: Some(name.to_owned()),
            hex: None,
        })
    }
}

/// The hexadecimal digits at the start of `core`, when there are enough and a suffix or nothing follows.
fn core_digits(core: &str) -> Option<String> {
    let end = core
        .bytes()
        .position(|byte| !byte.is_ascii_hexdigit() && byte != b'-')
        .unwrap_or(core.len());
    let (id, suffix) = core.split_at(end);
    if !(suffix.is_empty() || suffix.starts_with(['_', '+', ':'])) {
        return None;
    }
    let groups = id.as_bytes().split(|&byte| byte == b'-').map(<[u8]>::len);
    let fits = match groups.take(6).collect::<Vec<_>>().as_slice() {
        [8, 4, 4, 4, last] => (8..=16).contains(last),
        [one] => (16..=64).contains(one) && id.bytes().any(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    let digits = id.bytes().filter(|byte| *byte != b'-');
    fits.then(|| digits.map(|byte| char::from(byte.to_ascii_lowercase())).collect())
}

/// An e-mail address, compared without case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Reads `user@example.com`, also with the sign as `%40` or `\u0040`. Lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text
            .trim()
            .replace("%40", "@")
            .replace("\\u0040", "@")
            .replace("%2B", "+")
            .replace("%2b", "+")
            .to_lowercase();
        let (local, domain) = text.split_once('@')?;
        let valid = !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
            && !local.contains(|c: char| c.is_whitespace() || c.is_control());
        valid.then_some(Self(text))
    }

    /// Lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Two to four numbers with dots: `44.3.0.28993`, `44.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientVersion {
    parts: [u32; 4],
    count: usize,
}

impl ClientVersion {
    /// Reads it; a leading `v` is allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let (mut parts, mut count) = ([0; 4], 0);
        for part in text.split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            *parts.get_mut(count)? = part.parse().ok()?;
            count += 1;
        }
        (count >= 2).then_some(Self { parts, count })
    }

    /// Year, month, patch, build; what is not written is 0.
    pub fn parts(&self) -> [u32; 4] {
        self.parts
    }
}

impl fmt::Display for ClientVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().take(self.count).enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

/// The release of a BroadWorks server: its major number, for the N-2 rule, and the text as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BroadworksRelease {
    /// As written.
    pub raw: String,
    /// `24` of `Rel_24.0_1.944`, `AP.as.24.0.944.ap384177`, `R24`; none for a release-independent one (`Rel_2022.11`)
    /// that names no server release.
    pub major: Option<u16>,
}

impl BroadworksRelease {
    /// Reads any of the forms.
    pub fn parse(text: &str) -> Option<Self> {
        let raw = text.trim();
        if raw.is_empty() || raw.len() > 64 {
            return None;
        }
        let mut numbers = raw
            .split(|c: char| !c.is_ascii_digit())
            .filter(|number| !number.is_empty())
            .filter_map(|number| number.parse::<u32>().ok());
        let major = numbers
            .find(|number| (17..=40).contains(number))
            .and_then(|number| u16::try_from(number).ok());
        // `Rel_2022.11_1.273`: 11 and 273 are no releases, but the month must not be taken for one.
        let independent = raw
            .split(|c: char| !c.is_ascii_digit())
            .find(|number| !number.is_empty())
            .is_some_and(|first| first.len() == 4);
        let known = raw.bytes().any(|byte| byte.is_ascii_digit());
        known.then(|| Self {
            raw: raw.to_owned(),
            major: if independent { None } else { major },
        })
    }
}

/// A build of Control Hub: `20230808-be08fd6`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlHubBuild(String);

impl ControlHubBuild {
    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, commit) = text.trim().split_once('-')?;
        let valid = date.len() == 8
            && date.bytes().all(|byte| byte.is_ascii_digit())
            && commit.len() == 7
            && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        valid.then(|| Self(text.trim().to_ascii_lowercase()))
    }

    /// As written, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiId, BroadworksRelease, ClientVersion, Email, OrgId, TrackingId};
    use base64::Engine as _;

    const ORG: &str = "11112222-3333-4444-5555-666677778888";

    #[test]
    fn one_organisation_in_all_its_forms() {
        let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        for form in [
            ORG.to_owned(),
            ORG.to_uppercase(),
            ORG.replace('-', ""),
            encode(&format!("ciscospark://us/ORGANIZATION/{ORG}")),
            encode(&format!("ciscospark://us/Organization/{ORG}")),
            encode(&format!(
                "ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/{ORG}"
            )),
            format!("ciscospark://us/ORGANIZATION/{ORG}"),
        ] {
            assert_eq!(
                OrgId::parse(&form).as_ref().map(OrgId::as_str),
                Some(ORG),
                "{form}"
            );
        }
        assert_eq!(
            OrgId::parse(&encode(&format!("ciscospark://us/PEOPLE/{ORG}"))),
            None
        );
        assert_eq!(OrgId::parse("11112222-3333"), None);
        assert!(ApiId::decode("bm90aGluZw").is_none());
    }

    #[test]
    fn tracking_ids_apart() {
        let parse = |text: &str| TrackingId::parse(text).map(|id| (id.prefix, id.hex));
        let hex = Some("11112222333344445555666677778888".to_owned());
        assert_eq!(
            parse(&format!("ATLAS_{ORG}_13")),
            Some((Some("ATLAS".to_owned()), hex.clone()))
        );
        assert_eq!(
            parse(&format!("webex-js-sdk_{}", ORG.to_uppercase())),
            Some((Some("webex-js-sdk".to_owned()), hex.clone()))
        );
        assert_eq!(
            parse(&format!("ATLAS_{ORG}_t:b2efac54_82")),
            Some((Some("ATLAS".to_owned()), hex.clone()))
        );
        assert_eq!(
            parse("11112222333344445555666677778888_1572666592909"),
            Some((None, hex))
        );
        assert_eq!(parse("ABC-12345-67890"), Some((Some("ABC".to_owned()), None)));
        assert_eq!(parse("fxxxxxxx-3333-4444-5555-666677778888"), None);
        assert_eq!(parse("not-available"), None);
    }

    #[test]
    fn addresses_and_versions() {
        assert_eq!(
            Email::parse("Ana%40Example.com").as_ref().map(Email::as_str),
            Some("ana@example.com")
        );
        assert_eq!(Email::parse("no address"), None);
        assert_eq!(
            ClientVersion::parse("v44.3.0.28993")
                .map(|version| version.to_string())
                .as_deref(),
            Some("44.3.0.28993")
        );
        assert_eq!(ClientVersion::parse("44"), None);
        let major = |text: &str| BroadworksRelease::parse(text).and_then(|release| release.major);
        assert_eq!(major("Rel_24.0_1.944"), Some(24));
        assert_eq!(major("AP.xsp.22.0.1123.ap376508"), Some(22));
        assert_eq!(major("Rel_2022.11_1.273"), None);
        assert_eq!(major("AS-25_Rel_2022.12"), Some(25));
        assert_eq!(major("R26"), Some(26));
    }
}
