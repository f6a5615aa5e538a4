//! Words that are looked for as they stand, in one pass: a packed search over those of at least four bytes, whose first
//! four bytes tell nearly all other text apart, and a search of its own for each shorter one.

use aho_corasick::packed;
use memchr::memmem;

use super::bytes::{before, part};

/// What a word may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Pem,
    Jwt,
    Bearer,
    Basic,
    ApiId,
    PlainApiId,
    At,
    Release,
    Patch,
    Bwar,
    Broadworks,
    Bracket,
    Dashed,
    Option,
    Secret,
    Putty,
    CurlUser,
    SqlClient,
    SshPass,
    LdapPass,
    PlinkPass,
    DoneBy,
    KeytoolPass,
    EscapedTag,
    VendorToken,
    Fault,
    /// One of these says that something went wrong, and perhaps a code follows.
    Prose,
}

/// At most 64 (the limit of the packed search), the longer before the shorter, none shorter than four bytes.
const PACKED: &[(&str, Word)] = &[
    ("-----BEGIN ", Word::Pem),
    ("earer ", Word::Bearer),
    ("earer%20", Word::Bearer),
    ("BEARER ", Word::Bearer),
    ("asic ", Word::Basic),
    ("Y2lzY29zcGFyazov", Word::ApiId),
    ("ciscospark://", Word::PlainApiId),
    ("u0040", Word::At),
    ("Rel_", Word::Release),
    (".bwar", Word::Bwar),
    ("roadWorks", Word::Broadworks),
    ("roadworks", Word::Broadworks),
    ("ROADWORKS", Word::Broadworks),
    ("[Informational ", Word::Bracket),
    ("BATCH-", Word::Dashed),
    ("ATLAS-", Word::Dashed),
    ("WXC-", Word::Dashed),
    ("CPAPI-", Word::Dashed),
    ("asswor", Word::Secret),
    ("asscode", Word::Secret),
    ("ecret", Word::Secret),
    ("ennwort", Word::Secret),
    ("ozink", Word::Secret),
    ("apork", Word::Secret),
    ("assord", Word::Secret),
    ("ASSWORD", Word::Secret),
    ("rivate-Lines: ", Word::Putty),
    (" -u ", Word::CurlUser),
    ("ysql", Word::SqlClient),
    ("riadb", Word::SqlClient),
    ("shpass ", Word::SshPass),
    (" -w ", Word::LdapPass),
    (" -pw ", Word::PlinkPass),
    ("ed by ", Word::DoneBy),
    ("orepass ", Word::KeytoolPass),
    ("eypass ", Word::KeytoolPass),
    ("&gt;", Word::EscapedTag),
    ("ghp_", Word::VendorToken),
    // The kinds of tokens that Slack documents.
    ("xoxa", Word::VendorToken),
    ("xoxb", Word::VendorToken),
    ("xoxe", Word::VendorToken),
    ("xoxp", Word::VendorToken),
    ("xoxr", Word::VendorToken),
    ("xoxs", Word::VendorToken),
    ("AKIA", Word::VendorToken),
    ("rror", Word::Prose),
    ("RROR", Word::Fault),
    ("ailed", Word::Fault),
    ("AILED", Word::Fault),
    ("ailure", Word::Fault),
    ("xception", Word::Fault),
    ("ehler", Word::Prose),
    ("ehlgeschlagen", Word::Fault),
    ("rešk", Word::Prose),
    ("euspje", Word::Fault),
    ("feil", Word::Prose),
    ("Feil", Word::Prose),
    ("islykke", Word::Fault),
    ("mpossibile", Word::Fault),
    ("on riuscit", Word::Fault),
    ("enied", Word::Fault),
    ("nauthorized", Word::Fault),
    ("FATAL", Word::Fault),
    ("Fatal", Word::Fault),
];

/// The shorter ones.
const SHORT: [(&str, Word); 3] = [("eyJ", Word::Jwt), ("AP.", Word::Patch), ("--", Word::Option)];

/// The searchers, made once.
#[derive(Debug, Clone)]
pub(super) struct Words {
    packed: Option<packed::Searcher>,
    short: [memmem::Finder<'static>; SHORT.len()],
}

impl Words {
    pub(super) fn new() -> Self {
        let mut builder = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostFirst)
            .builder();
        builder.extend(PACKED.iter().map(|(word, _)| word.as_bytes()));
        Self {
            packed: builder.build(),
            short: SHORT.map(|(word, _)| memmem::Finder::new(word)),
        }
    }

    /// Calls `visit` with every word, its first byte and the byte behind it, in the order of the text.
    pub(super) fn each(&self, text: &[u8], mut visit: impl FnMut(Word, usize, usize)) {
        let Some(packed) = &self.packed else { return };
        let mut short = self.short.each_ref().map(|finder| {
            let mut found = finder.find_iter(text);
            (found.next().unwrap_or(usize::MAX), found)
        });
        let mut until = |limit: usize, visit: &mut dyn FnMut(Word, usize, usize)| {
            loop {
                let (mut first, mut which) = (limit, None);
                for (index, (next, _)) in short.iter().enumerate() {
                    if *next < first {
                        (first, which) = (*next, Some(index));
                    }
                }
                let Some(index) = which else { return };
                let (Some((next, found)), Some((name, word))) = (short.get_mut(index), SHORT.get(index))
                else {
                    return;
                };
                *next = found.next().unwrap_or(usize::MAX);
                if *word != Word::Option || matches!(before(text, first), b' ' | b'\n') {
                    visit(*word, first, first + name.len());
                }
            }
        };
        for hit in packed.find_iter(text) {
            if let Some((_, word)) = PACKED.get(hit.pattern().as_usize()) {
                until(hit.start(), &mut visit);
                visit(*word, hit.start(), hit.end());
            }
        }
        until(usize::MAX, &mut visit);
    }
}

/// Where a code may follow the word at `start..end` that says that something went wrong: "error code", "Fehlercode",
/// "kod pogreške", "feilkode", "codice di errore".
pub(super) fn code_behind(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let follows = |word: &[u8]| (part(text, end, end + word.len()) == word).then_some(end + word.len());
    let leads = |word: &[u8]| part(text, start.saturating_sub(word.len()), start) == word;
    match part(text, start, end) {
        b"rror" => follows(b" code")
            .or_else(|| follows(b" Code"))
            .or_else(|| follows(b"e").filter(|_| leads(b"dice e") || leads(b"di e"))),
        b"ehler" => follows(b"code").or_else(|| follows(b"nummer")),
        b"feil" | b"Feil" => follows(b"kode"),
        // "greške"
        _ => follows(b"e").filter(|_| leads(b"g")),
    }
}

/// Whether the word at `start..end` is that of `[Error NNNN]`; then what stands before the number ends here.
pub(super) fn bracket(text: &[u8], start: usize, end: usize) -> Option<usize> {
    (part(text, start.saturating_sub(2), start) == b"[E" && part(text, end, end + 1) == b" ")
        .then_some(end + 1)
}
