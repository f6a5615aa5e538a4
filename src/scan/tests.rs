//! Samples written for these tests: labels in five languages, shapes that look alike, secrets in every wrapping.

use super::{Kind, Span, spans};

const U: &str = "0a1b2c3d-1111-2222-3333-444455556666";
const V: &str = "fedcba98-aaaa-bbbb-cccc-0123456789ab";

fn found(text: &str) -> Vec<(Kind, String)> {
    let spans = spans(text.as_bytes());
    check(text.as_bytes(), &spans);
    spans
        .iter()
        .map(|span| (span.kind, text[span.start..span.end].to_owned()))
        .collect()
}

pub(super) fn check(text: &[u8], spans: &[Span]) {
    let mut last = 0;
    for span in spans {
        assert!(
            span.start >= last && span.start < span.end && span.end <= text.len(),
            "{span:?}"
        );
        last = span.end;
    }
}

/// All values of one kind.
fn of(kind: Kind, text: &str) -> Vec<String> {
    found(text)
        .into_iter()
        .filter(|(found, _)| *found == kind)
        .map(|(_, value)| value)
        .collect()
}

#[track_caller]
fn only(kind: Kind, text: &str, values: &[&str]) {
    assert_eq!(
        of(kind, text),
        values,
        "{kind:?} in: {text}\nall: {:?}",
        found(text)
    );
}

#[test]
fn tracking_ids_behind_labels_in_five_languages() {
    for label in [
        "Tracking ID: ",
        "TrackingID=",
        "trackingId\": \"",
        "\\\"trackingId\\\":\\\"",
        "trackingid ",
        "TRACKING ID:::::::",
        "WEBEX_TRACKING_ID:",
        "Tracking-ID: ",
        "Die Tracking-ID lautet ",
        "Verfolgungs-ID: ",
        "Nachverfolgungs-ID: ",
        "Tracking-Nummer: ",
        "ID praćenja: ",
        "ID za praćenje: ",
        "Identifikator praćenja = ",
        "ID praćenja je ",
        "Sporings-ID: ",
        "SporingsID: ",
        "Sporings-ID-en er ",
        "ID di tracciamento: ",
        "L'ID di tracciamento è ",
        "ID tracciamento: ",
        "ID di monitoraggio: ",
        "The tracking ID is ",
        "Tracking ID (Verfolgungs-ID): ",
        "x-amz-meta-tracking-id=",
        "**Tracking ID:** ",
        "| Tracking ID | ",
        "<trackingId>",
        "<td>Tracking ID</td><td>",
        "\"key\": \"trackingid\",\n  \"value\": \"",
        "Tracking ID\n",
        "lastSyncTrackingId\": \"",
        "Error. TrackingID: ",
        "Fehler beim Speichern. Tracking-ID: ",
        "tracking-id:\t",
        "TrackingID : ",
    ] {
        only(
            Kind::TrackingId,
            &format!("{label}NEWSERVICE_{U}_3\"</td> |"),
            &[&format!("NEWSERVICE_{U}_3")],
        );
        only(Kind::TrackingId, &format!("{label}{U}"), &[U]);
        only(
            Kind::TrackingId,
            &format!("{label}ATLAS_{}", U.to_uppercase()),
            &[&format!("ATLAS_{}", U.to_uppercase())],
        );
    }
}

#[test]
fn tracking_ids_by_prefix_and_not_by_shape() {
    only(
        Kind::TrackingId,
        &format!("failed (ROUTERGW_{U}_0_3) again"),
        &[&format!("ROUTERGW_{U}_0_3")],
    );
    only(
        Kind::TrackingId,
        &format!("a\\nCLIENT-libx_{U}+2\\n"),
        &[&format!("CLIENT-libx_{U}+2")],
    );
    only(
        Kind::TrackingId,
        &format!("trackingid: ODD_{U}, ODD_{V}"),
        &[&format!("ODD_{U}"), &format!("ODD_{V}")],
    );
    only(
        Kind::TrackingId,
        &format!("ATLAS_{U}_t:b2efac54_82 and NA_{U}."),
        &[&format!("ATLAS_{U}_t:b2efac54_82"), &format!("NA_{U}")],
    );
    only(
        Kind::TrackingId,
        "trackingId: 0A1B2C3D111122223333444455556666_1572666592909",
        &["0A1B2C3D111122223333444455556666_1572666592909"],
    );
    for text in [
        format!("BCSTD_{U}"),
        format!("HD_{U}"),
        format!("licenseID: ['ODD_{U}']"),
        format!("client-request-id: {U}"),
        format!("extTrackingId: {U}"),
        format!("id: {U}"),
        U.to_owned(),
        format!("recording_{U}_{V}_1.raw"),
        "TrackingID=\"\" next=\"x\"".to_owned(),
        "TrackingId: fxxxxxxx-1111-2222-3333-444455556666".to_owned(),
        "tracking ID: not available".to_owned(),
        "Tracking code ID '10001' is invalid".to_owned(),
        format!("Call-ID: {U}"),
        "commit 0a1b2c3d111122223333444455556666aaaabbbb".to_owned(),
        format!("correlationId={U}"),
    ] {
        only(Kind::TrackingId, &text, &[]);
    }
}

#[test]
fn organisations_and_their_roles() {
    let cases: &[(&str, Kind)] = &[
        ("orgId\":\"", Kind::Org),
        ("organizationID: '", Kind::Org),
        ("Organisations-ID: ", Kind::Org),
        ("ID organizacije: ", Kind::Org),
        ("Organisasjons-ID: ", Kind::Org),
        ("ID organizzazione: ", Kind::Org),
        ("ID dell'organizzazione: ", Kind::Org),
        ("Org ID ", Kind::Org),
        ("?orgId=", Kind::Org),
        ("/orgs/", Kind::Org),
        ("/organizations/", Kind::Org),
        ("organization UUID: ", Kind::Org),
        ("<orgId>", Kind::Org),
        ("View Org ID: ", Kind::CustomerOrg),
        ("customerOrgId=", Kind::CustomerOrg),
        ("targetCustomerId: ", Kind::CustomerOrg),
        ("Kundenorganisations-ID: ", Kind::CustomerOrg),
        ("ID der Kundenorganisation: ", Kind::CustomerOrg),
        ("/customers/", Kind::CustomerOrg),
        ("ID organizacije kupca: ", Kind::CustomerOrg),
        ("ID korisničke organizacije: ", Kind::CustomerOrg),
        ("ID klijentske organizacije: ", Kind::CustomerOrg),
        ("Kundeorganisasjons-ID: ", Kind::CustomerOrg),
        ("ID for kundeorganisasjonen: ", Kind::CustomerOrg),
        ("ID organizzazione cliente: ", Kind::CustomerOrg),
        ("ID dell'organizzazione del cliente: ", Kind::CustomerOrg),
        ("Customer Organization ID: ", Kind::CustomerOrg),
        ("Customer Org: ", Kind::CustomerOrg),
        ("partnerOrgId: ", Kind::PartnerOrg),
        ("Logged-in User Org ID: ", Kind::PartnerOrg),
        ("sourceCustomerId: ", Kind::PartnerOrg),
        ("Partnerorganisations-ID: ", Kind::PartnerOrg),
        ("ID partnerske organizacije: ", Kind::PartnerOrg),
        ("Partnerorganisasjons-ID: ", Kind::PartnerOrg),
        ("ID organizzazione partner: ", Kind::PartnerOrg),
        ("ID dell'organizzazione del partner: ", Kind::PartnerOrg),
        ("Partner organization ID is ", Kind::PartnerOrg),
        ("ID der Partnerorganisation lautet ", Kind::PartnerOrg),
        ("Die Organisations-ID des Kunden: ", Kind::CustomerOrg),
    ];
    for (label, kind) in cases {
        for value in [U.to_owned(), U.to_uppercase()] {
            only(*kind, &format!("x; {label}{value}"), &[&value]);
        }
        if !label.starts_with('/') {
            only(
                *kind,
                &format!("{label}{}", U.replace('-', "")),
                &[&U.replace('-', "")],
            );
        }
    }
    for text in [
        format!("userId: {U}"),
        format!("Organization Location ID: {U}"),
        format!("/orgs/x/machines/{U}"),
        format!("locationid: {U}"),
        format!("Logged-in User ID: {U}"),
        "orgId: <org-id>".to_owned(),
        format!("tenantId={U}"),
        format!("morgen: {U}"),
    ] {
        for kind in [Kind::Org, Kind::CustomerOrg, Kind::PartnerOrg] {
            only(kind, &text, &[]);
        }
    }
}

#[test]
fn api_ids() {
    use base64::Engine as _;
    let encode = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    for (cluster, kind) in [
        ("us", "ORGANIZATION"),
        ("us", "Organization"),
        ("urn:TEAM:eu-central-1_k", "ORGANIZATION"),
    ] {
        let id = encode(format!("ciscospark://{cluster}/{kind}/{U}"));
        only(Kind::Org, &format!("\"orgId\": \"{id}\","), &[&id]);
        only(Kind::CustomerOrg, &format!("targetCustomerId: {id}"), &[&id]);
    }
    let person = encode(format!("ciscospark://us/PEOPLE/{U}"));
    only(Kind::UserId, &format!("orgId: {person}"), &[&person]);
    let location = encode(format!("ciscospark://us/LOCATION/{U}"));
    assert_eq!(found(&format!("orgId: {location}")), []);
}

#[test]
fn emails_and_what_looks_like_them() {
    for (text, value) in [
        ("Error with ana.horvat@example.com.", "ana.horvat@example.com"),
        ("<mailto:ana@example.co.uk>", "ana@example.co.uk"),
        ("?email=ana%40example.com&x=1", "ana%40example.com"),
        ("\"ana\\u0040example.com\"", "ana\\u0040example.com"),
        ("redirect%3Femail%3Dana%40example.com%26", "ana%40example.com"),
        ("x\\nana+tag@example.com\\n", "ana+tag@example.com"),
        ("E-Mail: jürgen@müller.example", "jürgen@müller.example"),
        ("‚ana@example.com‘", "ana@example.com"),
        ("'ana@example.com'", "ana@example.com"),
        ("ana@example.com,", "ana@example.com"),
    ] {
        only(Kind::Email, text, &[value]);
    }
    for text in [
        "Call-ID: BW17301027113051@192.0.2.5",
        "sip:ana@example.com",
        "userId=\"ana@sp.example.com\"",
        "logo@2x.png",
        "Object@4fce863b",
        "git@git.example.com:group/project",
        "https://ana:pw@host.example.com/",
        "webex@2.38.0",
        "a @ b",
        "BroadWorks ID: ana@example.net",
    ] {
        only(Kind::Email, text, &[]);
    }
    only(
        Kind::BroadworksUserId,
        "\"userId\": \"95547321@sp.example.com\"",
        &["95547321@sp.example.com"],
    );
    only(
        Kind::CallId,
        "Call-ID:BW173010271130510705568600@192.0.2.5",
        &["BW173010271130510705568600@192.0.2.5"],
    );
}

#[test]
fn versions_and_addresses_by_context() {
    for (text, value) in [
        ("Webex App 45.1.1.255", "45.1.1.255"),
        ("Version: 45.1.1.255", "45.1.1.255"),
        ("clientVersion\":\"45.1.1.255\"", "45.1.1.255"),
        ("User-Agent: sparkwindows/44.3.0.28993 x", "44.3.0.28993"),
        ("'webex/2.38.0 (web)'", "2.38.0"),
        ("45.12.0.33788", "45.12.0.33788"),
        ("Webex-App-Version 44.10", "44.10"),
        ("Webex App für Windows 44.7", "44.7"),
        ("verzija aplikacije Webex: 44.6", "44.6"),
        ("aplikacija Webex, verzija 44.6.0.29928", "44.6.0.29928"),
        ("Webex-appen versjon 45.2", "45.2"),
        ("app Webex versione 45.2.0", "45.2.0"),
        ("Webex App (44.10.0.30906)", "44.10.0.30906"),
        ("Webex_44.10.0.30906.msi", "44.10.0.30906"),
        ("Klientversjon: 44.8.0.30404", "44.8.0.30404"),
        ("appVersion=45.1.1.255", "45.1.1.255"),
        ("Webex v44.3.0.28993", "44.3.0.28993"),
    ] {
        only(Kind::ClientVersion, text, &[value]);
        only(Kind::IpAddress, text, &[]);
    }
    for (text, value) in [
        ("VIP            45.1.1.255", "45.1.1.255"),
        ("localIP\": \"10.24.72.54\"", "10.24.72.54"),
        ("from 192.0.2.1:5060", "192.0.2.1"),
        ("server 45.10.20.30 answered", "45.10.20.30"),
        ("https://192.0.2.7/x", "192.0.2.7"),
        ("(192.0.2.9)", "192.0.2.9"),
        ("[2001:db8::17]:443", "2001:db8::17"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ] {
        only(Kind::IpAddress, text, &[value]);
        only(Kind::ClientVersion, text, &[]);
    }
    for text in [
        "Chrome/71.0.3578.98",
        "python-requests/2.27.1",
        "HTTP/1.1",
        "1.3.6.1.5.5.7.3.1",
        "took 44.3 s",
        "256.1.1.1",
        "13.411Z",
        "CalendarAdapter::onData",
        "Abc::Def",
    ] {
        assert_eq!(
            of(Kind::ClientVersion, text).len() + of(Kind::IpAddress, text).len(),
            0,
            "{text}: {:?}",
            found(text)
        );
    }
}

#[test]
fn broadworks_releases_and_builds() {
    for (text, value) in [
        ("AS Rel_24.0_1.944 is active", "Rel_24.0_1.944"),
        ("MS_Rel_2022.11_1.273", "MS_Rel_2022.11_1.273"),
        ("AS-25_Rel_2022.12.", "AS-25_Rel_2022.12"),
        (
            "/apps/Xsi-Events-24_2021.05_1.251.bwar",
            "Xsi-Events-24_2021.05_1.251.bwar",
        ),
        (
            "patch AP.as.24.0.944.ap384177 installed",
            "AP.as.24.0.944.ap384177",
        ),
        ("BroadWorks Release 24.0", "24.0"),
        ("BroadWorks R25", "R25"),
        ("BroadWorks-Version 24.sp1", "24.sp1"),
        ("BroadWorks release: R26", "R26"),
    ] {
        only(Kind::BroadworksRelease, text, &[value]);
    }
    only(Kind::BroadworksRelease, "BroadWorks users 25 of 30", &[]);
    only(
        Kind::ControlHubBuild,
        "Control Hub Build: 20260102-0a1b2c3",
        &["20260102-0a1b2c3"],
    );
    only(Kind::ControlHubBuild, "file 20261302-0a1b2c3", &[]);
}

#[test]
fn error_codes() {
    for (text, value) in [
        ("[Error 10022] The ID is taken", "10022"),
        ("[Informational 100] ok", "100"),
        ("\"errorCode\":5302,", "5302"),
        ("errorCode = '5302'", "5302"),
        ("code: BATCH-1017017", "BATCH-1017017"),
        ("\"code\": \"ATLAS-600199\"", "ATLAS-600199"),
        ("error code 200016", "200016"),
        ("Fehlercode 200016", "200016"),
        ("Fehlercode: 100006", "100006"),
        ("kod pogreške: 100006", "100006"),
        ("kod pogreške 100006", "100006"),
        ("Feilkode 200054", "200054"),
        ("codice di errore 200016", "200016"),
        ("codice errore: 200016", "200016"),
        ("\"code\": 1001", "1001"),
        ("Error Code: 102000", "102000"),
        ("{\\\"errorCode\\\":4404003}", "4404003"),
        ("<errorCode>5302</errorCode>", "5302"),
    ] {
        only(Kind::ErrorCode, text, &[value]);
    }
    for text in [
        "\"code\": \"404\"",
        "exitCode: 1",
        "country-code=1",
        "statusCode: 500",
        "code: null",
    ] {
        only(Kind::ErrorCode, text, &[]);
    }
}

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
fn own_hosts_and_patterns() {
    let scanner = super::Scanner::new(super::Options {
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

/// Realistic lines and the pieces that break scanners.
const PIECES: &[&str] = &[
    "2026-01-02T03:04:05.678Z <Error> [1:0x2][]Adapter.cpp:3 ",
    "TrackingID: ",
    "ATLAS_0a1b2c3d-1111-2222-3333-444455556666_1",
    "orgId=",
    "0a1b2c3d-1111-2222-3333-444455556666",
    "ana@example.com",
    "\n",
    "\r\n",
    "\"password\":\"s3cret\\\"x\"",
    "-----BEGIN PRIVATE KEY-----\nMIIEv+/\n",
    "-----END PRIVATE KEY-----",
    "{\"key\": \"trackingid\",\n\"value\": \"",
    "\"}",
    " ",
    "45.1.1.255",
    "Webex App ",
    "+49 30 1234567",
    "<password>",
    "x</password>",
    "Cookie: a=b; c=d",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
    "čćžšđ",
    "\\n",
    "::1",
    "aa:bb:cc:dd:ee:ff",
    "Y2lzY29zcGFyazov",
    "==",
    "@",
    ":",
    "=",
    ">",
    "%40",
    "[Error 10022] text",
    "error code ",
    "token=",
    "&x=",
    "\u{feff}",
    "\0",
];

fn text_of_pieces() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    proptest::collection::vec(
        prop_oneof![
            6 => proptest::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..12),
        ],
        0..80,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest::proptest! {
    #[test]
    fn spans_are_sorted_inside_and_apart(text in text_of_pieces()) {
        check(&text, &spans(&text));
    }

    #[test]
    fn windows_of_any_size_find_the_same(text in text_of_pieces(), window in 1_usize..3000, step in 1_usize..500) {
        use super::stream::{Sizes, windows};
        struct Drip<'a>(&'a [u8], usize);
        impl std::io::Read for Drip<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let limit = out.len().min(self.1);
                self.0.read(&mut out[..limit])
            }
        }
        let scanner = super::Scanner::new(super::Options::default());
        let mut found: Vec<Span> = Vec::new();
        let mut seen = 0;
        windows::<std::io::Error>(Drip(&text, step), &scanner, Sizes { window, longest: 1 << 20 }, |window| {
            assert_eq!(window.offset, seen);
            seen += (window.until - window.from) as u64;
            for span in &window.scan.spans {
                let shift = usize::try_from(window.offset).expect("a small text");
                found.push(Span { start: span.start - window.from + shift, end: span.end - window.from + shift, ..span.clone() });
            }
            Ok(())
        }).expect("reads from memory");
        proptest::prop_assert_eq!(seen, text.len() as u64);
        proptest::prop_assert_eq!(found, scanner.spans(&text));
    }

    #[test]
    fn dotted_quads_as_a_plain_reader_sees_them(text in "[0-9. ]{0,60}") {
        let expected: Vec<&str> = text
            .split(' ')
            .map(|word| word.trim_end_matches('.'))
            .filter(|word| {
                let parts: Vec<Option<u32>> = word.split('.').map(|part| if part.len() <= 8 { part.parse().ok() } else { None }).collect();
                let [Some(year), Some(month), Some(patch), Some(build)] = parts[..] else { return false };
                let client = (39..=60).contains(&year) && (1..=12).contains(&month) && patch <= 99 && build > 255;
                !client && [year, month, patch, build].iter().all(|part| *part <= 255)
            })
            .collect();
        let found = of(Kind::IpAddress, &text);
        // Sentences end with one dot; what follows more dots is no sentence.
        if !text.contains("..") {
            proptest::prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn uuids_behind_a_label_as_a_regex_sees_them(text in "[0-9a-fA-F]{7,9}-[0-9a-f]{3,5}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,13}[ ,g_]") {
        let twin = regex::Regex::new(r"^[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[ ,]").expect("a pattern");
        let expected: Vec<String> = twin.find(&text).map(|hit| hit.as_str()[..36].to_owned()).into_iter().collect();
        proptest::prop_assert_eq!(of(Kind::Org, &format!("orgId: {text}")), expected);
    }
}
