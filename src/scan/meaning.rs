//! What a label means, in five languages. A label is compared squashed: lower case, no diacritics, no blanks.

use std::cell::RefCell;
use std::sync::LazyLock;

use super::label::Label;

/// Whose organisation a label speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrgRole {
    /// The label names the customer.
    Customer,
    /// The label names the partner.
    Partner,
    /// The organisation on view (`View Org ID`, `targetCustomerId`): the customer.
    Viewed,
    /// The organisation of who is logged in (`Logged-in User Org ID`, `sourceCustomerId`): the partner when it is
    /// another than the one on view.
    Acting,
    /// The label does not say.
    Unknown,
}

/// What the value behind a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Tracking,
    Org(OrgRole),
    User,
    BroadworksUser,
    UserName,
    Email,
    Version,
    Release,
    Build,
    ErrorCode,
    /// `code`: only values that look like an error code of Webex or BroadWorks.
    Code,
    CallId,
    Device,
    Fingerprint,
    Password,
    Token,
    Authorization,
    Cookie,
    SetCookie,
    SessionId,
    SipDigest,
    Signed,
    Phone,
    Extension,
    Person,
    Mac,
    Ip,
    SipUri,
    TelUri,
}

use Meaning as M;

/// Endings of squashed labels. The longest ending that fits decides.
const ENDINGS: &[(Meaning, &[&str])] = &[
    (
        M::User,
        &[
            "userid",
            "useruuid",
            "userguid",
            "personid",
            "personuuid",
            "benutzerid",
            "benutzerkennung",
            "benutzeruuid",
            "idkorisnika",
            "korisnickiid",
            "brukerid",
            "brukeruuid",
            "idutente",
            "idutenti",
            "iddellutente",
            "idbenutzer",
        ],
    ),
    (
        M::BroadworksUser,
        &[
            "broadworksid",
            "broadworksuserid",
            "bwuserid",
            "bwid",
            "pilotuserid",
            "lineport",
            "subscriberid",
            "broadworksbenutzerid",
            "broadworksbrukerid",
            "idutentebroadworks",
            "idkorisnikabroadworks",
            "broadworkskorisnik",
            "idbroadworks",
            "broadworksuser",
        ],
    ),
    (
        M::UserName,
        &[
            "username",
            "loginname",
            "loginid",
            "benutzername",
            "anmeldename",
            "korisnickoime",
            "brukernavn",
            "nomeutente",
            "authuser",
            "authenticationname",
        ],
    ),
    (
        M::Email,
        &[
            "email",
            "emailaddress",
            "mailaddress",
            "emailadresse",
            "mailadresse",
            "epost",
            "epostadresse",
            "emailadresa",
            "eposta",
            "adresaeposte",
            "adresaelektronickeposte",
            "indirizzoemail",
            "indirizzodiposta",
            "userprincipalname",
            "emailid",
            "emailtilbruker",
        ],
    ),
    (
        M::Version,
        &[
            "clientversion",
            "clientversions",
            "appversion",
            "applicationversion",
            "webexversion",
            "sdkversion",
            "clientver",
            "webexappversion",
            "kundenversion",
            "kundenversionen",
            "anwendungsversion",
            "verzijaaplikacije",
            "verzijaklijenta",
            "inacicaaplikacije",
            "inacicaklijenta",
            "verzijaklijentskeaplikacije",
            "appversjon",
            "klientversjon",
            "klientversjonen",
            "versjonavappen",
            "versioneapp",
            "versionedellapp",
            "versioneclient",
            "versionedelclient",
            "versionedellapplicazione",
            "versioneapplicazione",
        ],
    ),
    (
        M::Release,
        &[
            "broadworksrelease",
            "broadworksversion",
            "asrelease",
            "xsprelease",
            "adprelease",
            "broadworksversjon",
            "versionebroadworks",
            "verzijabroadworks",
            "broadworksutgave",
            "releasebroadworks",
            "izdanjebroadworks",
        ],
    ),
    (
        M::Build,
        &["controlhubbuild", "controlhubversion", "buildcontrolhub"],
    ),
    (
        M::ErrorCode,
        &[
            "errorcode",
            "errcode",
            "errorcodes",
            "errornumber",
            "errorno",
            "fehlercode",
            "fehlernummer",
            "fehlercodes",
            "sifrapogreske",
            "sifragreske",
            "kodpogreske",
            "kodgreske",
            "brojpogreske",
            "oznakapogreske",
            "feilkode",
            "feilkoden",
            "feilnummer",
            "codiceerrore",
            "codicedierrore",
            "codicedellerrore",
            "numeroerrore",
            "codicidierrore",
        ],
    ),
    (
        M::CallId,
        &[
            "callid",
            "anrufid",
            "idpoziva",
            "samtaleid",
            "anropsid",
            "idchiamata",
            "calluuid",
        ],
    ),
    (
        M::Device,
        &[
            "deviceid",
            "deviceuuid",
            "gerateid",
            "iduredaja",
            "enhetsid",
            "iddispositivo",
            "iddeldispositivo",
            "machineid",
            "geratekennung",
        ],
    ),
    (
        M::Fingerprint,
        &[
            "fingerprint",
            "thumbprint",
            "fingerabdruck",
            "otisak",
            "otisakprsta",
            "fingeravtrykk",
            "improntadigitale",
            "impronta",
            "serialnumber",
            "serial",
            "seriennummer",
            "serijskibroj",
            "serienummer",
            "numerodiserie",
            "numeroseriale",
            "sha256fingerprint",
            "sha1fingerprint",
            "certsha256",
            "keyidentifier",
        ],
    ),
    (
        M::Password,
        &[
            "password",
            "passwd",
            "passwort",
            "kennwort",
            "kodeord",
            "passord",
            "passordet",
            "lozinka",
            "lozinku",
            "zaporka",
            "zaporku",
            "passphrase",
            "passcode",
            "secret",
            "secretkey",
            "privatekey",
            "apikey",
            "accesskey",
            "accesskeyid",
            "secretaccesskey",
            "geheimnis",
            "clientgeheimnis",
            "tajna",
            "hemmelighet",
            "segreto",
            "parolachiave",
            "paroladordine",
            "credential",
            "credentials",
            "pwd",
            "psk",
            "encryptionkey",
            "sharedsecret",
            "chiavesegreta",
        ],
    ),
    (
        M::Token,
        &[
            "token",
            "accesstoken",
            "refreshtoken",
            "idtoken",
            "bearer",
            "jwt",
            "clientassertion",
            "samlresponse",
            "samlassertion",
            "codeverifier",
            "authorizationcode",
            "uploadtoken",
            "apitoken",
            "zugriffstoken",
            "tilgangstoken",
            "pristupnitoken",
            "tokendiaccesso",
            "tokenvalue",
        ],
    ),
    (M::Authorization, &["authorization", "proxyauthorization"]),
    (M::Cookie, &["cookie", "cookies"]),
    (M::SetCookie, &["setcookie", "setcookie2"]),
    (
        M::SessionId,
        &[
            "sessionid",
            "jsessionid",
            "phpsessid",
            "sessid",
            "sessionkey",
            "sitzungsid",
            "aspxauth",
        ],
    ),
    (M::SipDigest, &["nonce", "cnonce", "nextnonce", "rspauth"]),
    (
        M::Signed,
        &[
            "signature",
            "xamzcredential",
            "xamzsecuritytoken",
            "keypairid",
            "googleaccessid",
        ],
    ),
    (
        M::Phone,
        &[
            "phone",
            "phonenumber",
            "phonenumbers",
            "telephone",
            "telephonenumber",
            "telefon",
            "telefonnummer",
            "telefonnummeret",
            "rufnummer",
            "telefonska",
            "mobil",
            "mobile",
            "mobilenumber",
            "mobilnummer",
            "handynummer",
            "handy",
            "faxnumber",
            "faxnummer",
            "telefax",
            "brojtelefona",
            "telefonskibroj",
            "brojmobitela",
            "mobitel",
            "telefono",
            "numeroditelefono",
            "numerotelefono",
            "cellulare",
            "callernumber",
            "callingnumber",
            "callednumber",
            "callingparty",
            "calledparty",
            "callingpartynumber",
            "calledpartynumber",
            "remotenumber",
            "dialednumber",
            "dialednumbers",
            "directorynumber",
            "msisdn",
            "e164",
            "userdn",
            "calleridnumber",
            "rufnummern",
            "mobiltelefon",
            "primaryphonenumber",
            "remotepartynumber",
            "callbacknumber",
            "linenumber",
        ],
    ),
    (
        M::Extension,
        &[
            "extension",
            "nebenstelle",
            "durchwahl",
            "kucnibroj",
            "lokalnibroj",
            "interntnummer",
            "internnummer",
            "linjenummer",
            "interno",
            "numerointerno",
            "estensione",
            "oldextension",
            "newextension",
        ],
    ),
    (
        M::Person,
        &[
            "firstname",
            "lastname",
            "displayname",
            "fullname",
            "givenname",
            "familyname",
            "surname",
            "middlename",
            "nickname",
            "vorname",
            "nachname",
            "familienname",
            "anzeigename",
            "vollername",
            "vollstandigername",
            "prezime",
            "imeiprezime",
            "imezaprikaz",
            "prikaznoime",
            "punoime",
            "fornavn",
            "etternavn",
            "mellomnavn",
            "visningsnavn",
            "fulltnavn",
            "cognome",
            "nomevisualizzato",
            "nomecompleto",
            "nomecognome",
            "nomeecognome",
            "cognomeenome",
            "nomedibattesimo",
            "actorname",
            "callername",
            "callingname",
            "calledname",
            "contactname",
            "ansprechpartner",
            "kontaktperson",
            "webexusername",
            "personname",
            "ownername",
            "organizername",
            "attendeename",
            "participantname",
            "hostdisplayname",
            "calleridname",
            "remotepartyname",
            "remotename",
            "displaynavn",
            "osobazakontakt",
            "personadicontatto",
            "callingpartyname",
            "calledpartyname",
            "callerdisplayname",
        ],
    ),
    (M::Mac, &["macaddress", "macadresse", "macadresa", "indirizzomac"]),
    (
        M::Ip,
        &[
            "ipaddress",
            "ipadresse",
            "ipadresa",
            "indirizzoip",
            "clientip",
            "localip",
            "publicip",
            "remoteip",
            "sourceip",
            "actorip",
            "clientaddress",
            "remoteaddr",
            "srcip",
            "dstip",
            "hostaddr",
        ],
    ),
];

/// Whole last words, for labels too short or too common as endings.
const WORDS: &[(Meaning, &[&str])] = &[
    (M::Password, &["pass", "pin", "pw"]),
    (M::Signed, &["sig"]),
    (M::SipDigest, &["response", "opaque"]),
    (M::Phone, &["tel", "fax", "ani", "dnis", "tn", "dn"]),
    (M::TelUri, &["tel"]),
    (M::SipUri, &["sip", "sips"]),
    (M::Extension, &["ext", "durchwahl"]),
    (M::Email, &["mail", "mailto", "epost", "upn", "mel", "pec"]),
    (M::UserName, &["login", "uid", "username"]),
    (M::Mac, &["mac"]),
    (M::Ip, &["ip", "vip"]),
    (M::Fingerprint, &["sha1", "sha256", "md5", "sn"]),
    (M::Release, &["release"]),
    (
        M::Version,
        &["version", "versjon", "versione", "verzija", "inacica", "ver"],
    ),
];

/// Whole labels.
const LABELS: &[(Meaning, &[&str])] = &[
    (M::Code, &["code", "kod", "kode", "codice"]),
    (M::Person, &["ime", "nome", "navn"]),
    (M::CallId, &["i"]),
    (M::Token, &["auth"]),
];

/// The tables by last byte of the ending, longest first.
struct Index {
    endings: Vec<Vec<(&'static [u8], Meaning)>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut endings: Vec<Vec<(&'static [u8], Meaning)>> = vec![Vec::new(); 256];
    for (meaning, list) in ENDINGS {
        for ending in *list {
            if let Some(bucket) = ending
                .bytes()
                .last()
                .and_then(|last| endings.get_mut(usize::from(last)))
            {
                bucket.push((ending.as_bytes(), *meaning));
            }
        }
    }
    for bucket in &mut endings {
        bucket.sort_by_key(|(ending, _)| std::cmp::Reverse(ending.len()));
    }
    Index { endings }
});

/// Labels repeat: what the last few hundred different ones mean is remembered, so that the tables are not asked for
/// every line of a log. A slot is found by a hash of the label and overwritten by the next label of that hash.
const SLOTS: usize = 1024;

struct Slot {
    name: Vec<u8>,
    word: usize,
    meaning: Option<Meaning>,
}

thread_local! {
    static SEEN: RefCell<Vec<Option<Slot>>> = RefCell::new((0..SLOTS).map(|_| None).collect());
}

/// What a label means, if it is one that matters.
pub(super) fn of(label: &Label) -> Option<Meaning> {
    let name = label.squashed();
    if name.is_empty() {
        return None;
    }
    let word = label.last_word().len();
    // FNV-1a: short, and good enough to spread a few hundred words.
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let index = usize::try_from(hash >> 40).unwrap_or(0) % SLOTS;
    SEEN.with_borrow_mut(|slots| {
        let Some(slot) = slots.get_mut(index) else {
            return look_up(name, label.last_word());
        };
        if let Some(seen) = slot
            .as_ref()
            .filter(|seen| seen.name == name && seen.word == word)
        {
            return seen.meaning;
        }
        let meaning = look_up(name, label.last_word());
        *slot = Some(Slot {
            name: name.to_vec(),
            word,
            meaning,
        });
        meaning
    })
}

fn look_up(name: &[u8], word: &[u8]) -> Option<Meaning> {
    if is_tracking(name) {
        return Some(M::Tracking);
    }
    if let Some(role) = org(name) {
        return Some(M::Org(role));
    }
    plain(name, word)
}

fn plain(name: &[u8], word: &[u8]) -> Option<Meaning> {
    // `password2`, `token1`
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    for candidate in [name, name.get(..name.len() - digits).unwrap_or_default()] {
        let Some(&last) = candidate.last() else { continue };
        let bucket = INDEX
            .endings
            .get(usize::from(last))
            .map(Vec::as_slice)
            .unwrap_or_default();
        if let Some((_, meaning)) = bucket.iter().find(|(ending, _)| candidate.ends_with(ending)) {
            return Some(*meaning);
        }
    }
    let whole = |table: &[(Meaning, &[&str])], name: &[u8]| {
        table
            .iter()
            .find(|(_, list)| list.iter().any(|entry| entry.as_bytes() == name))
            .map(|(meaning, _)| *meaning)
    };
    whole(LABELS, name).or_else(|| whole(WORDS, word))
}

fn contains(name: &[u8], stem: &str) -> bool {
    memchr::memmem::find(name, stem.as_bytes()).is_some()
}

fn contains_any(name: &[u8], stems: &[&str]) -> bool {
    stems.iter().any(|stem| contains(name, stem))
}

/// Words for "identifier" in the five languages.
const ID_WORDS: &[&str] = &[
    "id", "kennung", "nummer", "number", "identif", "broj", "oznaka", "numer", "codice", "uuid",
];

/// Whether the label names a tracking ID: the English words in any spelling, or a stem of the other languages
/// together with a word for "identifier".
fn is_tracking(name: &[u8]) -> bool {
    // `extTrackingId` is the caller's own; a tracking code belongs to a meeting.
    if contains_any(name, &["exttracking", "trackingcode"]) {
        return false;
    }
    if let Some(found) = memchr::memmem::rfind(name, b"tracking") {
        let tail = name.get(found + 8..).unwrap_or_default();
        let head = name.get(..found).unwrap_or_default();
        return tail_is_id(tail)
            || ((tail.is_empty() || is_filler(tail)) && contains_any(head, &["id", "kennung", "broj"]));
    }
    let stems = [
        "verfolgung",
        "pracenj",
        "sporing",
        "tracciament",
        "monitoragg",
        "tracciatur",
    ];
    let Some((stem, found)) = stems
        .iter()
        .find_map(|stem| memchr::memmem::rfind(name, stem.as_bytes()).map(|found| (stem, found)))
    else {
        return false;
    };
    // `ID praćenja` before the stem, `Sporings-ID` after it.
    let head = name.get(..found).unwrap_or_default();
    let tail = name.get(found + stem.len()..).unwrap_or_default();
    let near = head.get(head.len().saturating_sub(24)..).unwrap_or_default();
    (contains_any(near, ID_WORDS) && !other_id(tail))
        || ["s", "", "e", "i"]
            .iter()
            .any(|joint| tail.strip_prefix(joint.as_bytes()).is_some_and(tail_is_id))
}

/// `id`, `ids`, `nummer` … and at most a few words more, none of which names another identifier.
fn tail_is_id(tail: &[u8]) -> bool {
    ["ids", "id", "uuid", "nummer", "number", "kennung", "nr", "broj"]
        .iter()
        .any(|word| {
            tail.strip_prefix(word.as_bytes())
                .is_some_and(|more| !other_id(more) && more.len() <= 40)
        })
}

/// Whether another identifier is named after the one looked for.
fn other_id(more: &[u8]) -> bool {
    [
        "requestid",
        "userid",
        "deviceid",
        "orgid",
        "callid",
        "correlationid",
        "sessionid",
        "locationid",
        "clusterid",
        "uuid",
    ]
    .iter()
    .any(|other| more.ends_with(other.as_bytes()))
}

fn is_filler(tail: &[u8]) -> bool {
    [
        "is", "ist", "lautet", "je", "er", "e", "was", "war", "value", "header", "wert",
    ]
    .iter()
    .any(|word| word.as_bytes() == tail)
}

/// The role of the organisation, when the label names an organisation's ID.
fn org(name: &[u8]) -> Option<OrgRole> {
    if name == b"targetcustomerid" {
        return Some(OrgRole::Viewed);
    }
    if name == b"sourcecustomerid" {
        return Some(OrgRole::Acting);
    }
    let stems = [
        "organisation",
        "organization",
        "organizaci",
        "organisasj",
        "organizzazion",
        "org",
    ];
    let (stem, found) = stems
        .iter()
        .find_map(|stem| memchr::memmem::rfind(name, stem.as_bytes()).map(|found| (*stem, found)))?;
    let head = name.get(..found).unwrap_or_default();
    let tail = name.get(found + stem.len()..).unwrap_or_default();
    if !names_org_id(head, stem, tail) {
        return None;
    }
    Some(role(name, head))
}

/// `orgId`, `Org ID`, `organizationUuid`, `Organisations-ID`, `ID organizacije`, `ID dell'organizzazione del cliente`.
fn names_org_id(head: &[u8], stem: &str, tail: &[u8]) -> bool {
    let inflected = [
        "ons", "onens", "onen", "on", "ens", "s", "en", "je", "ja", "jom", "ji", "i", "e", "er", "",
    ];
    let rest_is = |accept: &dyn Fn(&[u8]) -> bool| {
        inflected
            .iter()
            .any(|ending| tail.strip_prefix(ending.as_bytes()).is_some_and(accept))
    };
    let id_follows = rest_is(&|rest: &[u8]| {
        ["uuid", "id", "kennung", "identifier", "guid", "nummer"]
            .iter()
            .any(|word| {
                rest.strip_prefix(word.as_bytes())
                    .is_some_and(|more| more.is_empty() || is_role(more) || is_filler(more))
            })
    });
    if id_follows {
        return true;
    }
    let near = head.get(head.len().saturating_sub(28)..).unwrap_or_default();
    let bare = rest_is(&|rest: &[u8]| rest.is_empty() || is_role(rest) || is_filler(rest));
    // `organization: <uuid>` needs no further word; the short stem does (`org` ends many words).
    bare && (stem != "org"
        || ["", "target", "customer", "partner", "view", "home", "idof", "id"]
            .iter()
            .any(|word| near == word.as_bytes()))
}

/// Words after the stem that only say whose organisation it is.
fn is_role(rest: &[u8]) -> bool {
    [
        "cliente",
        "delcliente",
        "partner",
        "delpartner",
        "kupca",
        "klijenta",
        "korisnika",
        "partnera",
        "kunde",
        "forkunde",
        "forpartner",
        "kunden",
        "despartners",
        "deskunden",
        "customer",
        "forkunden",
        "tilkunden",
        "tilpartneren",
        "dicliente",
        "clienti",
        "idkunde",
        "idpartner",
    ]
    .iter()
    .any(|word| word.as_bytes() == rest)
}

fn role(name: &[u8], head: &[u8]) -> OrgRole {
    if contains_any(
        head,
        &[
            "loggedin",
            "angemeldet",
            "prijavljen",
            "palogget",
            "connesso",
            "source",
            "actor",
        ],
    ) {
        return OrgRole::Acting;
    }
    if contains_any(
        name,
        &[
            "partner",
            "reseller",
            "serviceprovider",
            "dienstanbieter",
            "pruzatelj",
            "tjenesteleverandor",
        ],
    ) {
        return OrgRole::Partner;
    }
    if contains_any(
        name,
        &[
            "customer", "kund", "kupac", "kupca", "kupce", "klijent", "korisni", "client", "endkunde",
            "krajnj",
        ],
    ) {
        return OrgRole::Customer;
    }
    if head.ends_with(b"view") || head.ends_with(b"target") || head.ends_with(b"viewed") {
        return OrgRole::Viewed;
    }
    OrgRole::Unknown
}

/// Whether the label says that an e-mail address is the affected user's.
pub(super) fn is_users_email(name: &[u8]) -> bool {
    contains_any(name, &["mail", "epost"])
        && !contains_any(
            name,
            &[
                "actor", "admin", "contact", "kontakt", "contatto", "from", "sender", "support",
            ],
        )
}
