//! What a column means, by its name in one of five languages. The exact header of Partner Hub's export is not
//! documented; names are matched by their words.

use crate::catalogue::fold::fold;

/// A package of the wholesale offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offer {
    /// Webex Calling.
    Calling,
    /// Webex Calling Standard.
    CallingStandard,
    /// Webex Suite.
    Suite,
    /// Webex Voice.
    Voice,
    /// Webex Meetings.
    Meetings,
}

impl Offer {
    /// Webex Calling, Webex Calling Standard and Webex Suite need a number and a location.
    pub const fn needs_number(self) -> bool {
        matches!(self, Self::Calling | Self::CallingStandard | Self::Suite)
    }

    /// All but Webex Voice need a meeting site.
    pub const fn needs_site(self) -> bool {
        !matches!(self, Self::Voice)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calling => "Webex Calling",
            Self::CallingStandard => "Webex Calling Standard",
            Self::Suite => "Webex Suite",
            Self::Voice => "Webex Voice",
            Self::Meetings => "Webex Meetings",
        }
    }
}

/// The meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The BroadWorks user ID.
    BroadworksId,
    /// The e-mail address.
    Email,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Display name.
    DisplayName,
    /// The package of a status export.
    Package,
    /// The status of a status export.
    Status,
    /// The error text.
    Error,
    /// When the user was created.
    Created,
    /// When the status changed last.
    Changed,
    /// The phone number.
    Phone,
    /// The extension.
    Extension,
    /// The location.
    Location,
    /// The preferred Webex site.
    Site,
    /// Jabber Calling.
    JabberCalling,
    /// Jabber with Webex Teams.
    JabberTeams,
    /// A base licence: Basic Messaging, Basic Space Meetings, Call on Webex.
    BaseLicence(u8),
    /// A package column of the wholesale offer.
    Offer(Offer),
}

impl Field {
    /// The stable name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BroadworksId => "broadworks_id",
            Self::Email => "email",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::DisplayName => "display_name",
            Self::Package => "package",
            Self::Status => "status",
            Self::Error => "error",
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Phone => "phone",
            Self::Extension => "extension",
            Self::Location => "location",
            Self::Site => "site",
            Self::JabberCalling => "jabber_calling",
            Self::JabberTeams => "jabber_teams",
            Self::BaseLicence(_) => "base_licence",
            Self::Offer(_) => "offer",
        }
    }

    /// TRUE or FALSE is expected.
    pub const fn is_boolean(self) -> bool {
        matches!(
            self,
            Self::Offer(_) | Self::BaseLicence(_) | Self::JabberCalling | Self::JabberTeams
        )
    }
}

/// Words of a name that mean a field; every word of one group must be in the name. The first rule that fits decides,
/// so the special stands before the general ("last status change" before "status").
const RULES: &[(Field, &[&[&str]])] = &[
    (Field::JabberTeams, &[&["jabber", "teams"]]),
    (Field::JabberCalling, &[&["jabber"]]),
    (
        Field::BaseLicence(1),
        &[
            &["basic messaging"],
            &["grunnleggende meldinger"],
            &["basis-messaging"],
            &["einfaches messaging"],
            &["osnovne poruke"],
            &["osnovno slanje poruka"],
            &["messaggistica di base"],
        ],
    ),
    (
        Field::BaseLicence(2),
        &[
            &["basic space meeting"],
            &["moter i grunnleggende rom"],
            &["meetings in basis-bereich"],
            &["osnovni sastanci"],
            &["riunioni spazio di base"],
            &["riunioni in spazi di base"],
        ],
    ),
    (
        Field::BaseLicence(3),
        &[
            &["call on webex"],
            &["ring pa webex"],
            &["anruf auf webex"],
            &["anrufen auf webex"],
            &["poziv na webex"],
            &["chiama su webex"],
            &["chiamata su webex"],
        ],
    ),
    (
        Field::Site,
        &[
            &["preferred webex site"],
            &["webex", "site"],
            &["webex", "nettsted"],
            &["webex", "mjesto"],
            &["webex", "sito"],
        ],
    ),
    (
        Field::Offer(Offer::CallingStandard),
        &[&["webex calling standard"]],
    ),
    (Field::Offer(Offer::Calling), &[&["webex calling"]]),
    (Field::Offer(Offer::Suite), &[&["webex suite"]]),
    (Field::Offer(Offer::Voice), &[&["webex voice"]]),
    (Field::Offer(Offer::Meetings), &[&["webex meetings"]]),
    (
        Field::BroadworksId,
        &[&["broadworks"], &["subscriber id"], &["userid"]],
    ),
    (
        Field::Email,
        &[
            &["e-mail"],
            &["email"],
            &["e-post"],
            &["epost"],
            &["posta elettronica"],
        ],
    ),
    (
        Field::Changed,
        &[
            &["change"],
            &["updated"],
            &["modified"],
            &["geandert"],
            &["anderung"],
            &["aktualisier"],
            &["promjen"],
            &["promijenj"],
            &["izmjen"],
            &["azurir"],
            &["endret"],
            &["endring"],
            &["oppdatert"],
            &["modific"],
            &["aggiorn"],
        ],
    ),
    (
        Field::Created,
        &[
            &["created"],
            &["erstellt"],
            &["angelegt"],
            &["stvoren"],
            &["izraden"],
            &["kreiran"],
            &["opprettet"],
            &["creato"],
            &["creazione"],
        ],
    ),
    (
        Field::Error,
        &[
            &["error"],
            &["fehler"],
            &["pogresk"],
            &["feil"],
            &["feiltekst"],
            &["feilmelding"],
            &["errore"],
            &["greska"],
        ],
    ),
    (
        Field::Status,
        &[&["status"], &["stanje"], &["stato"], &["zustand"], &["tilstand"]],
    ),
    (
        Field::Package,
        &[&["package"], &["paket"], &["pakke"], &["pacchett"]],
    ),
    (
        Field::Extension,
        &[
            &["extension"],
            &["durchwahl"],
            &["kucni broj"],
            &["internnummer"],
            &["interno"],
            &["nebenstelle"],
        ],
    ),
    (
        Field::Phone,
        &[
            &["phone"],
            &["telefon"],
            &["rufnummer"],
            &["broj telefona"],
            &["telefono"],
        ],
    ),
    (
        Field::Location,
        &[
            &["location"],
            &["standort"],
            &["lokacija"],
            &["sted"],
            &["sede"],
            &["ubicazione"],
        ],
    ),
    (
        Field::DisplayName,
        &[
            &["display name"],
            &["anzeigename"],
            &["prikazano ime"],
            &["visningsnavn"],
            &["nome visualizzato"],
        ],
    ),
    (
        Field::LastName,
        &[
            &["last name"],
            &["surname"],
            &["nachname"],
            &["prezime"],
            &["etternavn"],
            &["cognome"],
        ],
    ),
    (
        Field::FirstName,
        &[&["first name"], &["vorname"], &["ime"], &["fornavn"], &["nome"]],
    ),
];

/// What a column of this name means.
pub fn meaning(name: &str) -> Option<Field> {
    // No column has a name like this; a text that is no table would take long.
    if name.len() > 200 {
        return None;
    }
    let name = fold(name).replace(['_', '"', '(', ')', ':'], " ");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    RULES
        .iter()
        .find(|(_, groups)| {
            groups
                .iter()
                .any(|words| words.iter().all(|word| has_word(&name, word)))
        })
        .map(|(field, _)| *field)
}

/// Whether a word of the name begins with this.
fn has_word(name: &str, word: &str) -> bool {
    // Three letters ("ime") would begin many other words.
    if word.len() <= 4 && !word.contains(' ') {
        return name.split(' ').any(|part| part == word);
    }
    name.match_indices(word).any(|(at, _)| {
        name.get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|before| !before.is_alphanumeric() || word.len() > 5)
    })
}

/// Two columns with one meaning: the first counts, the others are kept as they are.
pub(super) fn keep_first(fields: &mut [Option<Field>]) {
    let mut seen = std::collections::HashSet::new();
    for field in fields {
        if let Some(found) = *field
            && !seen.insert(found)
        {
            *field = None;
        }
    }
}
