//! Identifiers, addresses, versions, codes.

use super::{U, V, found, of, only};
use crate::scan::{Collector, Kind};

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
    for text in [
        "chat_ana@example.de_bob@example.com",
        "ana@example.de+bob@example.com",
        "ana@example.de'bob@example.com'",
    ] {
        let ana = if text.starts_with("chat") {
            "chat_ana@example.de"
        } else {
            "ana@example.de"
        };
        only(Kind::Email, text, &[ana, "bob@example.com"]);
    }
    // Nothing of an address that runs into another stays.
    only(
        Kind::Email,
        "x ana@example.de-bob@example.com",
        &["ana@example.de-bob@example.com"],
    );
    only(Kind::Email, "hello @bob@example.com", &["bob@example.com"]);
    only(
        Kind::CallId,
        "Call-ID: ana@192.0.2.5+a@b x",
        &["ana@192.0.2.5+a@b"],
    );
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
        ("Fehlernummer 9009", "9009"),
        ("the error code is 7007.", "7007"),
        ("der Fehlercode lautet 200016", "200016"),
        ("il codice di errore è 200016", "200016"),
        ("Error Code - 3003", "3003"),
        ("Error 8001 occurred", "8001"),
        ("Error: 4000 - Bad request", "4000"),
        ("Fehler 8001 bei der Anmeldung", "8001"),
        ("Errore 8001", "8001"),
        ("Pogreška 8001", "8001"),
        ("Feil 8001 oppsto", "8001"),
    ] {
        only(Kind::ErrorCode, text, &[value]);
    }
    for text in [
        "\"code\": \"404\"",
        "exitCode: 1",
        "country-code=1",
        "statusCode: 500",
        "code: null",
        "Error 404",
        "last error 2026-01-02",
        "Error 2026",
        "no error: 5000 ms",
        "error 1500ms",
        "error: 10.20.30.40",
    ] {
        only(Kind::ErrorCode, text, &[]);
    }
}

#[test]
fn a_label_is_told_without_what_stands_before_it() {
    for (text, label) in [
        (
            format!("2026-01-02T00:00:00Z error trackingId: {V}"),
            "trackingId",
        ),
        (format!("please look at the Tracking ID: {V}"), "Tracking ID"),
        (format!("View Org ID: {U}"), "View Org ID"),
        (format!("{{\"customerOrgId\": \"{U}\"}}"), "customerOrgId"),
    ] {
        let mut collector = Collector::default();
        collector.add("x", "utf-8", text.as_bytes()).expect("read");
        let facts = collector.finish();
        let told = facts.tracking_ids.iter().chain(&facts.org_ids);
        let labels: Vec<_> = told.filter_map(|entry| entry.label.as_deref()).collect();
        assert_eq!(labels, [label], "{text}");
    }
}
