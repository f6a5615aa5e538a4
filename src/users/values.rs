//! What the cells of a user file say: states, packages, TRUE and FALSE, e-mail addresses, numbers, times.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::catalogue::fold::fold;

/// The state of a user. Source of the API's words: webex-openapi-specs, BroadWorks subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    /// Everything is done.
    Provisioned,
    /// The user must enter an e-mail address.
    PendingEmailInput,
    /// The user must confirm an e-mail address.
    PendingEmailValidation,
    /// Webex moves an existing user.
    PendingMigration,
    /// Something is pending; what, is not said.
    Pending,
    /// Webex is at work.
    Provisioning,
    /// It failed.
    Error,
    /// Not one of the known words; as written.
    Other(String),
}

impl State {
    /// Reads the status cell.
    pub fn of(cell: &str) -> Self {
        if cell.len() > 200 {
            return Self::Other(cell.chars().take(200).collect());
        }
        let text = fold(cell).replace(['_', '-'], " ");
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
        let is_pending = begins(&["pending", "awaiting", "waiting"])
            || has(&[
                "ausstehend",
                "wartet",
                "steht aus",
                "na cekanju",
                "ceka",
                "ventend",
                "venter",
                "avventer",
                "in sospeso",
                "in attesa",
            ]);
        if begins(&["not ", "nicht ", "nije ", "ikke ", "non "]) && !has(&["riuscit"]) {
            return Self::Other(cell.to_owned());
        }
        if has(&[
            "error",
            "fehler",
            "fehlgeschlagen",
            "failed",
            "pogresk",
            "neuspje",
            "feil",
            "mislykk",
            "errore",
            "non riuscit",
            "fallit",
        ]) {
            Self::Error
        } else if is_pending && has(&["migration", "migrering", "migrazione", "migracij"]) {
            Self::PendingMigration
        } else if is_pending
            && has(&[
                "validation",
                "validier",
                "bestatig",
                "potvrd",
                "provjer",
                "bekreft",
                "conferma",
                "convalida",
            ])
        {
            Self::PendingEmailValidation
        } else if is_pending && has(&["mail", "e post", "e post", "epost"]) {
            Self::PendingEmailInput
        } else if is_pending {
            Self::Pending
        } else if begins(&[
            "provisioned",
            "bereitgestellt",
            "dodijeljen",
            "klargjort",
            "provisioning completat",
            "con provisioning",
            "fornito",
            "aktiviert",
            "activated",
        ]) {
            Self::Provisioned
        } else if begins(&[
            "provisioning",
            "updating",
            "bereitstellung",
            "wird ",
            "aktualisier",
            "dodjela",
            "dodjeljivanje",
            "azuriranje",
            "klargjor",
            "oppdater",
            "aggiornament",
            "in corso",
        ]) {
            Self::Provisioning
        } else {
            Self::Other(cell.to_owned())
        }
    }

    /// The word in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Provisioned => "provisioned",
            Self::PendingEmailInput => "pending-email-input",
            Self::PendingEmailValidation => "pending-email-validation",
            Self::PendingMigration => "pending-migration",
            Self::Pending => "pending",
            Self::Provisioning => "provisioning",
            Self::Error => "error",
            Self::Other(_) => "unknown",
        }
    }

    /// The user, not Webex, must do something.
    pub const fn waits_for_user(&self) -> bool {
        matches!(self, Self::PendingEmailInput | Self::PendingEmailValidation)
    }
}

/// Whether this is a package of Webex for BroadWorks.
pub fn is_package(cell: &str) -> bool {
    matches!(
        cell.to_ascii_lowercase().as_str(),
        "softphone" | "basic" | "standard" | "premium"
    )
}

/// TRUE or FALSE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// TRUE
    True,
    /// FALSE
    False,
    /// Nothing.
    Blank,
    /// TRUE or FALSE as a spreadsheet program writes it in another language, or yes/no: Control Hub does not read it.
    Foreign(bool),
    /// Something else.
    Invalid,
}

impl Truth {
    /// Reads a cell.
    pub fn of(cell: &str) -> Self {
        let cell = cell.trim();
        if cell.is_empty() {
            return Self::Blank;
        }
        if cell.eq_ignore_ascii_case("true") {
            return Self::True;
        }
        if cell.eq_ignore_ascii_case("false") {
            return Self::False;
        }
        match fold(cell).as_str() {
            "wahr" | "istina" | "tocno" | "sann" | "vero" | "yes" | "ja" | "da" | "si" | "1" | "x" => {
                Self::Foreign(true)
            }
            "falsch" | "laz" | "netocno" | "usann" | "falso" | "no" | "nein" | "ne" | "nei" | "0" => {
                Self::Foreign(false)
            }
            _ => Self::Invalid,
        }
    }

    /// What is meant, if that is clear.
    pub const fn meant(self) -> Option<bool> {
        match self {
            Self::True | Self::Foreign(true) => Some(true),
            Self::False | Self::Foreign(false) => Some(false),
            Self::Blank | Self::Invalid => None,
        }
    }
}

/// The longest user part of an address. Source: Webex error WXC-4900.
const MAX_LOCAL: usize = 161;

/// Whether an address can be one for Webex: one @, a domain with a dot, ASCII without blanks.
pub fn is_email(cell: &str) -> bool {
    let Some((local, domain)) = cell.split_once('@') else {
        return false;
    };
    let in_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    !local.is_empty()
        && local.len() <= MAX_LOCAL
        && local.bytes().all(in_local)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A "+" before the @: it breaks starting a meeting.
pub fn has_plus(email: &str) -> bool {
    email.split('@').next().is_some_and(|local| local.contains('+'))
}

/// What is wrong with a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// E.164, dashes allowed.
    Good,
    /// A spreadsheet program made `4,93012E+11` of it.
    Scientific,
    /// No + and country code.
    NoPlus,
    /// Other characters, or too short or long.
    Bad,
}

/// Judges a phone number: `+` and 7 to 15 digits (ITU-T E.164), `-` between them.
pub fn number(cell: &str) -> Number {
    let upper = cell.to_ascii_uppercase();
    if upper.contains("E+")
        && upper
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"E+.,".contains(&byte))
    {
        return Number::Scientific;
    }
    let digits = cell.strip_prefix('+').unwrap_or(cell);
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let is_clean = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match (is_clean && (7..=15).contains(&count), cell.starts_with('+')) {
        (true, true) => Number::Good,
        (true, false) => Number::NoPlus,
        _ => Number::Bad,
    }
}

/// Digits only, at most ten.
pub fn is_extension(cell: &str) -> bool {
    (1..=10).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit())
}

/// An instant as exports write it: RFC 3339, else a date and time taken as UTC. Ambiguous forms such as 03/04/2026
/// are not read.
pub fn instant(cell: &str) -> Option<DateTime<Utc>> {
    let cell = cell.trim();
    if cell.is_empty() || cell.len() > 40 {
        return None;
    }
    if let Ok(found) = DateTime::parse_from_rfc3339(cell) {
        return Some(found.to_utc());
    }
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%d.%m.%Y. %H:%M",
        "%d.%m.%Y., %H:%M",
    ]
    .into_iter()
    .find_map(|format| NaiveDateTime::parse_from_str(cell, format).ok())
    .map(|found| found.and_utc())
}
