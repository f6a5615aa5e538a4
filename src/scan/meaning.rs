//! What a label means, in five languages. A label is compared squashed: lower case, no diacritics, no blanks.

use std::cell::RefCell;
use std::sync::LazyLock;

use super::label::Label;

mod words;

use words::{ENDINGS, LABELS, WORDS};

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
    /// A person's full name, a number, or anything else.
    Somebody,
    /// The same, of a call.
    Party,
    /// Who wrote what follows is in the label.
    Wrote,
    /// Anything that has a number.
    Number,
    /// `state` of OAuth, in a URL.
    State,
    /// A private part of a key.
    KeyPart,
    Mac,
    Ip,
    SipUri,
    TelUri,
}

impl Meaning {
    /// Values of these meanings are found by their shape, and look at their label themselves: a label alone says nothing
    /// of what stands behind it.
    pub(super) const fn is_known_by_shape(self) -> bool {
        matches!(
            self,
            Self::Email | Self::Version | Self::Ip | Self::Org(_) | Self::Build
        )
    }
}

impl Meaning {
    /// Whether the label is an ordinary word, and says little of what stands behind it.
    pub(super) const fn is_vague(self) -> bool {
        matches!(
            self,
            Self::Somebody | Self::Party | Self::Wrote | Self::Number | Self::State | Self::KeyPart
        )
    }
}

/// The tables by last byte of the ending, longest first.
struct Index {
    endings: Vec<Vec<(&'static [u8], Meaning)>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut endings: Vec<Vec<(&'static [u8], Meaning)>> = vec![Vec::new(); 256];
    for (meaning, list) in ENDINGS {
        for ending in list.split(' ') {
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

/// A label by its bytes: the last thirty-two, those before them, and how many they are together.
#[derive(Clone, Default)]
struct Slot {
    tail: [u128; 2],
    head: Vec<u8>,
    length: usize,
    meaning: Option<Meaning>,
}

thread_local! {
    static SEEN: RefCell<Vec<Slot>> = RefCell::new((0..SLOTS).map(|_| Slot::default()).collect());
}

/// What a label means, if it is one that matters.
pub(super) fn of(label: &Label<'_>) -> Option<Meaning> {
    let phrase = label.phrase();
    // `i:` is a header of SIP (RFC 3261 section 7.3.3); a letter in front of a value says nothing.
    let letter = || phrase.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() < 2;
    if phrase.is_empty() || (!label.delimited && phrase.len() < 4 && letter()) {
        return None;
    }
    let (tail, head) = (label.tail(), label.head());
    let index = slot_of(tail, phrase.len());
    SEEN.with_borrow_mut(|slots| {
        let slot = slots.get_mut(index)?;
        // Most labels are shorter, and have no head to be compared.
        if slot.tail != tail || slot.length != phrase.len() || (!head.is_empty() && slot.head != head) {
            let squashed = label.squashed();
            slot.meaning = look_up(squashed.name(), squashed.last_word());
            (slot.tail, slot.length) = (tail, phrase.len());
            slot.head.clear();
            slot.head.extend_from_slice(head);
        }
        slot.meaning
    })
}

/// The last words of a label with a meaning that have it alone: `Tracking ID` of `error, see Tracking ID`.
pub(super) fn telling<'a>(label: &Label<'a>) -> Option<Label<'a>> {
    let meaning = of(label)?;
    let starts = memchr::memrchr_iter(b' ', label.phrase()).map(|blank| label.start + blank + 1);
    let shorter = starts
        .map(|start| label.from(start))
        .find(|words| of(words) == Some(meaning));
    Some(shorter.unwrap_or(*label))
}

/// A hash that is good enough to spread a few hundred labels.
#[expect(clippy::cast_possible_truncation, reason = "the halves")]
fn slot_of([_, tail]: [u128; 2], length: usize) -> usize {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let (low, high) = (tail as u64, (tail >> 64) as u64);
    let hash = ((low ^ length as u64).wrapping_mul(MULTIPLIER) ^ high).wrapping_mul(MULTIPLIER);
    // The highest bits depend on all others.
    usize::try_from(hash >> (u64::BITS - SLOTS.ilog2())).unwrap_or(0)
}

fn look_up(name: &[u8], word: &[u8]) -> Option<Meaning> {
    if name.is_empty() {
        return None;
    }
    if is_tracking(name) {
        return Some(Meaning::Tracking);
    }
    if let Some(role) = org(name) {
        return Some(Meaning::Org(role));
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
    let whole = |table: &[(Meaning, &str)], name: &[u8]| {
        table
            .iter()
            .find(|(_, list)| list.split(' ').any(|entry| entry.as_bytes() == name))
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

/// Words that say whose organisation it is, behind the stem.
const ROLE_WORDS: &[&str] = &[
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
];

/// Words between a label and its value.
const FILLERS: &[&str] = &[
    "is", "ist", "lautet", "je", "er", "e", "was", "war", "value", "header", "wert",
];

/// Stems of "organisation"; a label that names its ID has one.
const ORG_STEMS: &[&str] = &[
    "organisation",
    "organization",
    "organizaci",
    "organisasj",
    "organizzazion",
    "org",
];
const ORG_INFLECTIONS: &[&str] = &[
    "ons", "onens", "onen", "on", "ens", "s", "en", "je", "ja", "jom", "ji", "i", "e", "er", "",
];
const ORG_ID_WORDS: &[&str] = &["uuid", "id", "kennung", "identifier", "guid", "nummer"];

/// Stems of "tracking" in the languages that do not use the English word.
const TRACKING_STEMS: &[&str] = &[
    "verfolgung",
    "pracenj",
    "sporing",
    "tracciament",
    "monitoragg",
    "tracciatur",
];
const TRACKING_ID_WORDS: &[&str] = &["ids", "id", "uuid", "nummer", "number", "kennung", "nr", "broj"];

/// What every label that matters ends with, but for tracking IDs whose label goes on with words of its own; and whether
/// a delimiter behind it says what the value is, though the value has no shape of its own
/// (see [`Meaning::is_known_by_shape`]).
///
/// The pieces of an ending make one word: there are thousands, and most of them are only read from behind.
pub(super) fn each_ending(mut visit: impl FnMut(&[&str], bool)) {
    for (meaning, list) in ENDINGS.iter().chain(WORDS) {
        for ending in list.split(' ') {
            visit(&[ending], !meaning.is_known_by_shape());
        }
    }
    // Their label is the member before.
    for word in super::label::VALUE_KEYS {
        visit(&[word], true);
    }
    for word in ROLE_WORDS {
        visit(&[word], false);
    }
    let mut filled = |[stem, joint, word]: [&str; 3], tells: bool| {
        visit(&[stem, joint, word], tells);
        for filler in FILLERS {
            visit(&[stem, joint, word, filler], tells);
        }
    };
    for stem in ORG_STEMS {
        for inflection in ORG_INFLECTIONS {
            filled([stem, inflection, ""], false);
        }
    }
    for word in ORG_ID_WORDS {
        filled(["", "", word], false);
    }
    for word in TRACKING_ID_WORDS {
        // As the end of any label: behind a stem stands more than the word.
        filled(["", "", word], false);
        for stem in TRACKING_STEMS.iter().chain(&["tracking"]) {
            for joint in JOINTS {
                filled([stem, joint, word], true);
            }
        }
    }
    filled(["tracking", "", ""], true);
    for stem in TRACKING_STEMS {
        for ending in [
            "", "s", "a", "e", "en", "u", "em", "o", "i", "io", "gio", "ja", "je",
        ] {
            filled([stem, ending, ""], true);
        }
    }
}

/// What stands for itself: whole labels, and whether a delimiter behind them says what the value is.
pub(super) fn each_label(mut visit: impl FnMut(&str, bool)) {
    for (meaning, list) in LABELS {
        for label in list.split(' ') {
            visit(label, !meaning.is_known_by_shape());
        }
    }
}

/// What may stand between a stem and the word for its ID: `Sporings-ID`.
const JOINTS: &[&str] = &["s", "", "e", "i"];

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
    let Some((stem, found)) = TRACKING_STEMS
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
        || JOINTS
            .iter()
            .any(|joint| tail.strip_prefix(joint.as_bytes()).is_some_and(tail_is_id))
}

/// `id`, `ids`, `nummer` … and at most a few words more, none of which names another identifier.
fn tail_is_id(tail: &[u8]) -> bool {
    TRACKING_ID_WORDS.iter().any(|word| {
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
    FILLERS.iter().any(|word| word.as_bytes() == tail)
}

/// The role of the organisation, when the label names an organisation's ID.
fn org(name: &[u8]) -> Option<OrgRole> {
    if name == b"targetcustomerid" {
        return Some(OrgRole::Viewed);
    }
    if name == b"sourcecustomerid" {
        return Some(OrgRole::Acting);
    }
    let (stem, found) = ORG_STEMS
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
    let rest_is = |accept: &dyn Fn(&[u8]) -> bool| {
        ORG_INFLECTIONS
            .iter()
            .any(|ending| tail.strip_prefix(ending.as_bytes()).is_some_and(accept))
    };
    let id_follows = rest_is(&|rest: &[u8]| {
        ORG_ID_WORDS.iter().any(|word| {
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
    ROLE_WORDS.iter().any(|word| word.as_bytes() == rest)
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
