//! Every fast verifier against its twin: a regular expression that says the same slowly.

use proptest::prop_assert_eq;
use regex::Regex;

use super::of;
use crate::scan::{Kind, Options, Scanner};

/// What the twin finds in `text`, when it fits from end to end.
fn twin(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(&format!("^(?:{pattern})$")).expect("a pattern");
    if pattern.is_match(text) {
        vec![text.to_owned()]
    } else {
        Vec::new()
    }
}

/// An IPv6 address as RFC 4291 section 2.2 writes it, without the form that ends in an IPv4 address.
fn v6() -> String {
    let group = "[0-9a-f]{1,4}";
    let mut forms = vec![
        format!("(?:{group}:){{7}}{group}"),
        format!("(?:{group}:){{1,7}}:"),
    ];
    for behind in 1..=6 {
        forms.push(format!(
            "(?:{group}:){{1,{}}}(?::{group}){{{behind}}}",
            7 - behind
        ));
    }
    forms.push(format!(":(?::{group}){{1,7}}"));
    forms.join("|")
}

proptest::proptest! {
    #[test]
    fn tracking_ids(id in "(CLIENT|ATLAS|NOSUCHNAME)_[0-9a-fA-F]{7,9}-[0-9a-f]{3,5}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,13}(_[0-9]{1,3}){0,2}") {
        let expected = twin("(CLIENT|ATLAS)_[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(_[0-9]{1,3})*", &id);
        prop_assert_eq!(of(Kind::TrackingId, &format!("a {id} b")), expected);
    }

    #[test]
    fn organisations_behind_a_label(id in "[0-9a-fA-F]{31,33}|[0-9a-f]{8}-[0-9a-g]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}") {
        let expected = twin("[0-9a-fA-F]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", &id);
        prop_assert_eq!(of(Kind::Org, &format!("{{\"orgId\":\"{id}\"}}")), expected);
    }

    #[test]
    fn emails(text in "[a-z][a-z0-9_+-]{0,7}@[a-z-]{1,6}(\\.[a-z-]{0,5}){0,3}") {
        let trimmed = text.trim_end_matches(['.', '-']);
        let file = Regex::new(r"\.(png|jpg|jpeg|gif|svg|webp|js|css|html|json|map|ts|tgz)$").expect("a pattern");
        let expected = if file.is_match(trimmed) || trimmed.starts_with("git@") {
            Vec::new()
        } else {
            twin(r"[a-z][a-z0-9_+-]*@[a-z-]+(\.[a-z-]+)*\.([a-z]{2,24}|xn--[a-z-]{1,20})", trimmed)
        };
        prop_assert_eq!(of(Kind::Email, &format!("a {text} b")), expected);
    }

    #[test]
    fn web_tokens(text in "eyJ[A-Za-z0-9_-]{0,30}(\\.[A-Za-z0-9_-]{1,12}){0,4}") {
        let mut expected = twin(r"eyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+){1,4}", &text);
        expected.retain(|token| token.len() >= 24);
        prop_assert_eq!(of(Kind::Jwt, &format!("a {text} b")), expected);
    }

    #[test]
    fn mac_addresses(text in "[0-9a-fA-F]{1,3}(:[0-9a-fA-F]{1,3}){4,6}|[0-9a-f]{2}(:[0-9a-f]{2}){4,6}") {
        // What is no pair behind it is another value's.
        let address = match text.rsplit_once(':') {
            Some((address, last)) if last.len() != 2 => address,
            _ => &text,
        };
        let expected = twin("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", address);
        prop_assert_eq!(of(Kind::MacAddress, &format!("a {text} b")), expected);
    }

    #[test]
    fn v6_addresses(text in "([0-9a-f]{3,4})?(:([0-9a-f]{3,4})?){2,8}") {
        // A single colon at an end belongs to the sentence.
        let whole = (!text.starts_with(':') || text.starts_with("::")) && (!text.ends_with(':') || text.ends_with("::"));
        let mut expected = twin(&v6(), &text);
        // A port behind it, without brackets.
        if expected.is_empty() && let Some((address, port)) = text.rsplit_once(':') && !port.is_empty() && !address.ends_with(':') {
            expected = twin(&v6(), address);
        }
        expected.retain(|address| address.bytes().any(|byte| byte.is_ascii_digit()));
        if whole {
            prop_assert_eq!(of(Kind::IpAddress, &format!("a {text} b")), expected);
        }
    }

    #[test]
    fn phones(text in "\\+[0-9]{5,17}") {
        let expected = twin(r"\+(?:[1-9][0-9]{6,14}|0[0-9]{8,14})", &text);
        prop_assert_eq!(of(Kind::Phone, &format!("a {text} b")), expected);
    }

    #[test]
    fn client_versions(text in "[3-6][0-9]\\.[1-9][0-9]?\\.[1-9][0-9]{0,2}\\.[1-9][0-9]{0,6}") {
        let expected = twin(
            r"(?:39|[45][0-9]|60)\.(?:[1-9]|1[0-2])\.[1-9][0-9]?\.(?:25[6-9]|2[6-9][0-9]|[3-9][0-9]{2}|[1-9][0-9]{3,5})",
            &text,
        );
        prop_assert_eq!(of(Kind::ClientVersion, &format!("a {text} b")), expected);
    }

    #[test]
    fn time_stamps(text in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-5][0-9](\\.[0-9]{3})?") {
        let expected = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
            .iter()
            .find_map(|form| chrono::NaiveDateTime::parse_from_str(&text, form).ok());
        let line = format!("{text} a");
        let scan = Scanner::new(Options::default()).scan(line.as_bytes());
        let found: Vec<_> = scan.instants.iter().map(|(_, instant)| instant.naive_utc()).collect();
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn bearer_tokens(token in "[A-Za-z0-9_~-]{4,30}") {
        let telling = token.len() >= 24 || token.bytes().any(|byte| byte.is_ascii_digit());
        let expected = if token.len() >= 8 && telling { vec![token.clone()] } else { Vec::new() };
        prop_assert_eq!(of(Kind::Token, &format!("with Bearer {token} b")), expected);
    }

    #[test]
    fn control_hub_builds(text in "20[0-9]{2}[01][0-9][0-3][0-9]-[0-9a-g]{6,8}") {
        let expected = twin("20(1[4-9]|[2-9][0-9])(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])-[0-9a-f]{7}", &text);
        prop_assert_eq!(of(Kind::ControlHubBuild, &format!("a {text} b")), expected);
    }

    #[test]
    fn patches(text in "(AP|aAP|PA)\\.[a-z]{2,4}(\\.[0-9]{1,4}){0,4}\\.(ap|bp)[0-9]{2,7}") {
        let expected = twin(r"AP\.[a-z]+(\.[0-9]+)*\.ap[0-9]{3,}", &text);
        prop_assert_eq!(of(Kind::BroadworksRelease, &format!("a {text} b")), expected);
    }

    #[test]
    fn v4_addresses(text in "([0-9]{1,2}|1[0-9]{2}|2[4-6][0-9])(\\.([0-9]{1,2}|1[0-9]{2}|2[4-6][0-9])){2,4}") {
        let octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[0-9]{1,2})";
        let expected = twin(&format!(r"{octet}(\.{octet}){{3}}"), &text);
        prop_assert_eq!(of(Kind::IpAddress, &format!("peer {text} b")), expected);
    }

    #[test]
    fn dashed_error_codes(text in "(BATCH|ATLAS|WXC|CPAPI|WXY)-[0-9]{1,10}(-[0-9])?") {
        let expected = twin("(BATCH|ATLAS|WXC|CPAPI)-[0-9]{1,8}", &text);
        prop_assert_eq!(of(Kind::ErrorCode, &format!("a {text} b")), expected);
    }

    #[test]
    fn numbered_errors(word in "Error|error:|Fehler|Errore|Feil|Pogreška:", text in "[0-9]{3,9}", unit in "| ms| bytes| occurred|s") {
        let code = Regex::new("^([0-9]{5,8}|1[0-8][0-9]{2}|2[1-9][0-9]{2}|[03-9][0-9]{3})( occurred)?$").expect("a pattern");
        let expected = if code.is_match(&format!("{text}{unit}")) { vec![text.clone()] } else { Vec::new() };
        prop_assert_eq!(of(Kind::ErrorCode, &format!("a {word} {text}{unit}")), expected);
    }

    #[test]
    fn passwords_behind_a_label(value in "[A-Za-z0-9!%^~][A-Za-z0-9#$!*-]{3,20}", label in "password|Passwort|lozinka|passord|client_secret|--pwd") {
        let hidden = Regex::new("^[*xX.#_-]+$").expect("a pattern").is_match(&value);
        let expected = if hidden { Vec::new() } else { vec![value.clone()] };
        prop_assert_eq!(of(Kind::Password, &format!("a {label}={value} b")), expected);
    }
}
