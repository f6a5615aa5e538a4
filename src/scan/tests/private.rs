//! Secrets, people and machines.

use super::{U, found, of, only};
use crate::scan::Kind;

#[test]
fn secrets_in_every_wrapping() {
    const S: &str = "hunter2Secret!9";
    for text in [
        format!("password={S}"),
        format!("password: {S}\n"),
        format!("\"password\":\"{S}\""),
        format!("{{\\\"password\\\":\\\"{S}\\\"}}"),
        format!("<password>{S}</password>"),
        format!("<ns:Password type=\"x\">{S}</ns:Password>"),
        format!("&lt;password&gt;{S}&lt;/password&gt;"),
        format!("https://h.example/?password={S}&x=1"),
        format!("tool --password {S} --host h"),
        format!("tool --password={S}"),
        format!("PASSWORD = {S}"),
        format!("Passwort: {S}"),
        format!("Kennwort: {S}"),
        format!("lozinka: {S}"),
        format!("zaporka={S}"),
        format!("Passord: {S}"),
        format!("user_pass={S}"),
        format!("clientSecret: '{S}'"),
        format!("client_secret={S}"),
        format!("\"name\":\"password\",\"value\":\"{S}\""),
        format!("curl -u ana:{S} https://x"),
        format!("keytool -list -keystore k.jks -storepass {S} -v"),
        format!("keytool -importkeystore -srcstorepass '{S}' -deststoretype JKS"),
        format!("-keypass {S}"),
        format!("db.pwd={S}"),
        format!("apiKey=\"{S}\""),
        format!("<![CDATA[x]]><secret><![CDATA[{S}]]></secret>"),
        format!("userPass={S}"),
    ] {
        only(Kind::Password, &text, &[S]);
    }
    let token = format!("bmljZSB0cnkgYnV0IG5vdGhpbmc_PF84_{U}");
    for text in [
        token.clone(),
        format!("Authorization: Bearer {token}"),
        format!("access_token={token}&x=1"),
        format!("\"refresh_token\": \"{token}\""),
    ] {
        only(Kind::Token, &text, &[&token]);
    }
    only(
        Kind::Token,
        "Authorization: Basic YW5hOmh1bnRlcjI=",
        &["YW5hOmh1bnRlcjI="],
    );
    only(Kind::Token, "Basic Messaging and Basic Space Meetings", &[]);
    only(
        Kind::Jwt,
        "x eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl y",
        &["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"],
    );
    only(
        Kind::Cookie,
        "Cookie: a=1x; JSESSIONID=ABCDEF\r\nHost: h",
        &["a=1x; JSESSIONID=ABCDEF"],
    );
    only(Kind::Cookie, "Set-Cookie: sid=abcdef123; Path=/", &["abcdef123"]);
    only(Kind::Cookie, ";jsessionid=0123ABCD?x", &["0123ABCD?x"]);
    let digest = "Authorization: Digest username=\"5008\", realm=\"r\", nonce=\"dcd98b7102dd\", response=\"6629fae49393a05397450978507c4ef1\"";
    only(
        Kind::SipDigest,
        digest,
        &["dcd98b7102dd", "6629fae49393a05397450978507c4ef1"],
    );
    only(
        Kind::SignedUrl,
        "https://f.example/x?X-Amz-Credential=AKID%2F2026&X-Amz-Signature=0123456789abcdef",
        &["AKID%2F2026", "0123456789abcdef"],
    );
    for text in [
        "Meeting password validation failed.",
        "password: null",
        "\"password\": \"***\"",
        "token: expired",
        "hasPassword=true",
        "password=<redacted>",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn private_keys_over_lines_and_in_one() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n0123456789abcdef+/0123456789==\n";
    let key = format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----");
    only(Kind::PrivateKey, &format!("a\n{key}\nb"), &[&key]);
    let one = key.replace('\n', "\\n");
    only(Kind::PrivateKey, &format!("{{\"key\":\"{one}\\n\"}}"), &[&one]);
    only(
        Kind::PrivateKey,
        &format!("-----BEGIN RSA PRIVATE KEY-----\n{body}!"),
        &[&format!("-----BEGIN RSA PRIVATE KEY-----\n{body}")],
    );
    only(
        Kind::PrivateKey,
        &format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----"),
        &[],
    );
}

#[test]
fn phones_names_and_machines() {
    for (text, value) in [
        ("call to +49 30 1234567 failed", "+49 30 1234567"),
        ("| +15555550123 |", "+15555550123"),
        ("tel:+15555550123;ext=1", "+15555550123"),
        ("tel=%2B15555550123&", "%2B15555550123"),
        ("\"primaryPhoneNumber\": \"+1-555-555-0123\"", "+1-555-555-0123"),
        ("Telefon: 030 1234567", "030 1234567"),
        ("Rufnummer: (030) 1234567", "(030) 1234567"),
        ("broj telefona: 01 2345 678", "01 2345 678"),
        ("telefonnummer: 22 33 44 55", "22 33 44 55"),
        ("numero di telefono: 06 1234 5678", "06 1234 5678"),
        ("sip:5008@192.0.2.1;user=phone", "5008"),
        ("<sip:+15555550123@example.com>", "+15555550123"),
        ("\"extension\": \"1212\"", "1212"),
    ] {
        only(Kind::Phone, text, &[value]);
    }
    for text in [
        "+0200",
        "2026-01-02T10:00:00+02:00",
        "abc+12345678",
        "a+2",
        "id +2",
        "x.c:+123",
    ] {
        only(Kind::Phone, text, &[]);
    }
    for (text, value) in [
        ("\"firstName\": \"Zoë\"", "Zoë"),
        ("Vorname: Jürgen", "Jürgen"),
        ("Prezime: Žižić", "Žižić"),
        ("Fornavn: Åse Marie", "Åse Marie"),
        ("Cognome: D'Angelo", "D'Angelo"),
        ("displayName=Ana Horvat, x", "Ana Horvat"),
        ("From: \"Bob Marley\" <sip:5008@192.0.2.1>", "Bob Marley"),
        ("<lastName>Andersen</lastName>", "Andersen"),
        ("Ime i prezime: Ana Horvat\n", "Ana Horvat"),
        ("\\\"displayName\\\":\\\"Ana Horvat\\\"", "Ana Horvat"),
    ] {
        only(Kind::PersonName, text, &[value]);
    }
    for text in [
        "To: Ana Horvat <ana@example.com>",
        "Cc: x@example.net, Ana Horvat <ana@example.com>",
        "\"Ana Horvat\" <ana@example.com>",
        "Caller name: Ana Horvat: no answer",
        "displayName: Ana Horvat Nov 22 07:24:25",
        "Kontakt osoba: Ana Horvat, x",
    ] {
        only(Kind::PersonName, text, &["Ana Horvat"]);
    }
    only(
        Kind::IpAddress,
        "Nov 22 07:24:25:203.0.113.250",
        &["203.0.113.250"],
    );
    only(Kind::PersonName, "failed: user <ana@example.com>", &[]);
    only(Kind::PersonName, "username: adahl. Then", &["adahl"]);
    only(Kind::PersonName, "username=EXAMPLE\\adahl", &["EXAMPLE\\adahl"]);
    only(
        Kind::MacAddress,
        "IN=eth0 MAC=02:00:5e:10:00:0a:02:00:5e:10:00:0b:08:00 SRC=x",
        &["02:00:5e:10:00:0a:02:00:5e:10:00:0b:08:00"],
    );
    only(
        Kind::MacAddress,
        "02:00:5e:10:00:0d: timeout, host:02:00:5e:10:00:0e:called",
        &["02:00:5e:10:00:0d", "02:00:5e:10:00:0e"],
    );
    only(
        Kind::IpAddress,
        "branch=z9hG4bKBroadWorks.1abc-192.0.2.10V5060-0-12",
        &["192.0.2.10"],
    );
    only(Kind::Password, "USER=root ; PWD=/home/bwadmin ; x", &[]);
    for text in [
        "Password for bwadmin: Kx7-vault-99",
        "Passwort zum Testen: Kx7-vault-99 (bitte)",
    ] {
        only(Kind::Password, text, &["Kx7-vault-99"]);
    }
    only(
        Kind::MacAddress,
        "aa:bb:cc:dd:ee:0f and mac=aabb.ccdd.ee0f",
        &["aa:bb:cc:dd:ee:0f", "aabb.ccdd.ee0f"],
    );
    let sha1 = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD";
    only(Kind::Fingerprint, &format!("SHA1 Fingerprint={sha1}"), &[sha1]);
    only(
        Kind::Fingerprint,
        "Serial Number: 0a1b2c3d4e5f",
        &["0a1b2c3d4e5f"],
    );
    only(Kind::DeviceId, &format!("deviceId: '{U}'"), &[U]);
}

#[test]
fn hardware_addresses_in_every_form() {
    for text in [
        "MAC 02-00-5E-10-00-0d up",
        "Physical Address. . . . : 02-00-5E-10-00-0d",
        " 10    0200.5e10.000d    DYNAMIC",
        "arp: 0200.5e10.000d,",
        "urn:uuid:00000000-0000-0000-0000-02005e10000d>",
        "SEP02005E10000D",
    ] {
        assert_eq!(of(Kind::MacAddress, text).len(), 1, "{text}");
    }
    for text in [
        "26-11-22-07-24-25 done",
        "2026-11-22-07-24-25",
        "01-23-45-67-89",
        "02-00-5e-10-00-01-02-03",
        "1234.5678.9012",
        "a0b1c2d3-0001-0002-0003-000102030405",
        "00000000-0000-0000-0000-000000000000",
        "x02-00-5E-10-00-0d",
    ] {
        only(Kind::MacAddress, text, &[]);
    }
}

#[test]
fn own_hosts_and_patterns() {
    let scanner = crate::scan::Scanner::new(crate::scan::Options {
        today: None,
        domains: vec!["provider.example".to_owned()],
        patterns: vec![(
            "ticket".to_owned(),
            regex::bytes::Regex::new(r"TCK-\d+").expect("a pattern"),
        )],
    });
    let text = b"xsp1.provider.example:443 notprovider.example ana@provider.example TCK-42";
    let found: Vec<(Kind, &[u8])> = scanner
        .spans(text)
        .iter()
        .map(|span| (span.kind, &text[span.start..span.end]))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::HostName, &b"xsp1.provider.example"[..]),
            (Kind::Email, b"ana@provider.example"),
            (Kind::Custom, b"TCK-42")
        ]
    );
}

#[test]
fn parts_of_private_keys() {
    const D: &str = "BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY";
    const N: &str = "CzBVep_E6Q4zWH2ix-wRNluApcrvFDleg6jN8hc8YYar0PUaP2SJrtP4HUJnjLHW";
    let only_key = |text: &str, values: &[&str]| only(Kind::PrivateKey, text, values);
    for text in [
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{N}","y":"{N}","d":"{D}"}}"#),
        format!(
            r#"{{ "kty": "RSA", "n": "{N}", "e": "AQAB",
  "d": "{D}" }}"#
        ),
        format!(r#"{{\"d\":\"{D}\",\"kty\":\"OKP\"}}"#),
        format!("{{'dp': '{D}'}}"),
        format!("<RSAKeyValue><Modulus>{N}</Modulus><Exponent>AQAB</Exponent><D>{D}=</D></RSAKeyValue>")
            .replace(&format!("{D}="), D),
        format!("&lt;RSAKeyValue&gt;&lt;InverseQ&gt;{D}&lt;/InverseQ&gt;&lt;/RSAKeyValue&gt;"),
    ] {
        only_key(&text, &[D]);
    }
    only_key(
        r#"{"kty":"oct","k":"BWC7FnHMJ4LdOJPuSaT_Wg"}"#,
        &["BWC7FnHMJ4LdOJPuSaT_Wg"],
    );
    let lines = format!("{N}\r\n    {D}==");
    only_key(
        &format!("<RSAKeyValue>\n  <P>\n    {lines}\n  </P>\n</RSAKeyValue>"),
        &[&lines],
    );
    for text in [
        format!("<p>{N}</p>"),
        format!("d: {D}"),
        format!("/?d={D}"),
        r#"{"d":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}"#.to_owned(),
        r#"{"k":"Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xMjM0NTY3OA"}"#.to_owned(),
        r#"{"p":"/var/log/Tomcat9/access","q":"a"}"#.to_owned(),
    ] {
        only_key(&text, &[]);
    }
}

#[test]
fn an_argument_is_read_to_its_end_and_past_masks() {
    let long = "Gr4nite-Moss-".repeat(400);
    for text in [
        format!("curl -u ana:{long} x"),
        format!("tool --password {long} x"),
    ] {
        only(Kind::Password, &text, &[&long]);
    }
    only(Kind::Password, "curl -u a%3a[redacted:password]uu x", &[]);
}
