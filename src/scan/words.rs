//! Words that are looked for as they stand, in one pass: the first four bytes of a place tell nearly all other text apart.

#![expect(
    clippy::inline_always,
    reason = "the instruction set of `dispatch!` holds only for what is inlined into it"
)]

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x16, u8x64};

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
    Snmp,
    SecureString,
    NetUse,
    Redis,
    Htpasswd,
    Sqlplus,
    RouterKey,
    Title,
    Role,
    Closing,
    Opening,
    Named,
    /// One of these says that something went wrong, and perhaps a code follows.
    Prose,
}

/// Groups of words: what shares a group is told apart only when a place looks like one of them.
const GROUPS: usize = 16;

/// Words by group, of a group the longer before the shorter when both may begin at a place. The groups are chosen so that few
/// other places of logs and prose pass for one of their words (see [`Tables`]): less than two in a hundred, the words themselves
/// among them.
/// Those from [`SHORT`] on have fewer than [`NEAR`] bytes.
const WORDS: [&[(&str, Word)]; GROUPS] = [
    &[
        ("razie", Word::Closing),
        ("reundlich", Word::Closing),
        ("rešk", Word::Prose),
        ("rror", Word::Prose),
        ("tente", Word::Role),
        ("tzer", Word::Role),
        ("xception", Word::Fault),
    ],
    &[
        ("Dear ", Word::Opening),
        ("Frau ", Word::Title),
        ("Rel_", Word::Release),
        ("euspje", Word::Fault),
        ("ghp_", Word::VendorToken),
        ("orepass ", Word::KeytoolPass),
        ("oštovan", Word::Opening),
    ],
    &[
        ("hanks", Word::Closing),
        ("ignora ", Word::Title),
        ("ignor ", Word::Title),
        ("mpossibile", Word::Fault),
        ("tpassw", Word::Htpasswd),
        ("u0040", Word::At),
    ],
    &[
        ("\nHei ", Word::Opening),
        ("\nHi ", Word::Opening),
        ("\nMfG", Word::Closing),
        ("\nMr ", Word::Title),
        ("\nMs ", Word::Title),
        (" -pw ", Word::PlinkPass),
        (" -u ", Word::CurlUser),
        (" -w ", Word::LdapPass),
        (" Mr ", Word::Title),
        (" Ms ", Word::Title),
        (" PW ", Word::Secret),
        (" key", Word::RouterKey),
        (" pw ", Word::Secret),
        ("y name is ", Word::Named),
    ],
    &[
        ("oleg", Word::Role),
        ("ontakt", Word::Role),
        ("ontact", Word::Role),
        ("ospo", Word::Title),
        ("riadb", Word::SqlClient),
        ("rivate-Lines: ", Word::Putty),
        ("roadworks", Word::Broadworks),
        ("roadWorks", Word::Broadworks),
        ("xoxa", Word::VendorToken),
    ],
    &[
        ("aller", Word::Role),
        ("olleag", Word::Role),
        ("olleg", Word::Role),
        ("orisni", Word::Role),
        ("ozink", Word::Secret),
        ("qlplus", Word::Sqlplus),
        ("xoxb", Word::VendorToken),
        ("xoxe", Word::VendorToken),
        ("xoxp", Word::VendorToken),
        ("xoxr", Word::VendorToken),
        ("xoxs", Word::VendorToken),
        ("zovem se ", Word::Named),
    ],
    &[
        ("BEARER ", Word::Bearer),
        ("Hallo", Word::Opening),
        ("Hello", Word::Opening),
        ("Hvala", Word::Closing),
        ("RROR", Word::Fault),
        ("Y2lzY29zcGFyazov", Word::ApiId),
        ("ailed", Word::Fault),
        ("ailure", Word::Fault),
        ("apork", Word::Secret),
        ("i chiamo ", Word::Named),
    ],
    &[
        ("\nBest", Word::Closing),
        ("&gt;", Word::EscapedTag),
        (".bwar", Word::Bwar),
        ("ATLAS-", Word::Dashed),
        ("FATAL", Word::Fault),
        ("Fatal", Word::Fault),
        ("Gruß", Word::Closing),
        ("Liebe", Word::Opening),
        ("[Informational ", Word::Bracket),
        ("ufer", Word::Role),
    ],
    &[
        ("CPAPI-", Word::Dashed),
        ("Kjære", Word::Opening),
        ("ROADWORKS", Word::Broadworks),
        ("WXC-", Word::Dashed),
        ("ciscospark://", Word::PlainApiId),
        ("gđa ", Word::Title),
        ("gđe ", Word::Title),
        ("gđi ", Word::Title),
        ("gđu ", Word::Title),
        ("ilsen", Word::Closing),
    ],
    &[
        ("Sig.", Word::Title),
        ("ch heiße ", Word::Named),
        ("ed by ", Word::DoneBy),
        ("eg heter ", Word::Named),
        ("egards", Word::Closing),
        ("on riuscit", Word::Fault),
        ("ovanjem", Word::Closing),
        ("ozdrav", Word::Closing),
    ],
    &[
        ("\nMvh", Word::Closing),
        ("AILED", Word::Fault),
        ("AKIA", Word::VendorToken),
        ("asic ", Word::Basic),
        ("cureString", Word::SecureString),
        ("eypass ", Word::KeytoolPass),
        ("islykke", Word::Fault),
        ("ruker", Word::Role),
        ("rüß", Word::Closing),
        ("ysql", Word::SqlClient),
    ],
    &[
        ("-----BEGIN ", Word::Pem),
        ("Feil", Word::Prose),
        ("Herr", Word::Title),
        ("feil", Word::Prose),
        ("herr ", Word::Title),
        ("ncerely", Word::Closing),
    ],
    &[
        ("earer%20", Word::Bearer),
        ("earer ", Word::Bearer),
        ("ecret", Word::Secret),
        ("edis-cli", Word::Redis),
        ("ehler", Word::Prose),
        ("ehlgeschlagen", Word::Fault),
        ("ein Name ist ", Word::Named),
        ("enied", Word::Fault),
        ("ennwort", Word::Secret),
        ("ser ", Word::Role),
        ("shpass ", Word::SshPass),
        ("snmp", Word::Snmp),
    ],
    &[
        ("ASSWORD", Word::Secret),
        ("BATCH-", Word::Dashed),
        ("Mr. ", Word::Title),
        ("Mrs ", Word::Title),
        ("Mrs. ", Word::Title),
        ("Ms. ", Word::Title),
        ("aluti", Word::Closing),
        ("asscode", Word::Secret),
        ("assord", Word::Secret),
        ("asswor", Word::Secret),
        ("nauthorized", Word::Fault),
        ("net u", Word::NetUse),
    ],
    &[("eyJ", Word::Jwt), ("AP.", Word::Patch)],
    &[("--", Word::Option)],
];

/// The first group of short words.
const SHORT: usize = 14;

/// Bytes of a place that are looked at before its group's words are compared with it.
const NEAR: usize = 4;

/// Which groups a byte may belong to at each of the [`NEAR`] places, by its lower and its upper four bits: a bit for each of
/// eight groups, the first eight and the others ("Teddy", by G. Langdale for Hyperscan; `aho_corasick::packed` has it too, for
/// at most 64 words and with groups of its own choice).
struct Tables {
    low: [[[u8; 16]; NEAR]; 2],
    high: [[[u8; 16]; NEAR]; 2],
}

static TABLES: Tables = {
    let mut tables = Tables {
        low: [[[0; 16]; NEAR]; 2],
        high: [[[0; 16]; NEAR]; 2],
    };
    let mut group = 0;
    while group < GROUPS {
        let (half, bit) = (group / 8, 1 << (group % 8));
        let mut index = 0;
        while index < WORDS[group].len() {
            let word = WORDS[group][index].0.as_bytes();
            let mut place = 0;
            while place < NEAR {
                // Any byte may follow a shorter word.
                let any = place >= word.len();
                let mut four = 0;
                while four < 16 {
                    if any || (word[place] & 15) as usize == four {
                        tables.low[half][place][four] |= bit;
                    }
                    if any || (word[place] >> 4) as usize == four {
                        tables.high[half][place][four] |= bit;
                    }
                    four += 1;
                }
                place += 1;
            }
            index += 1;
        }
        group += 1;
    }
    tables
};

/// Most words of a group.
const MOST: usize = 16;

/// The first [`NEAR`] bytes of the words of each group.
static HEADS: [[u32; MOST]; GROUPS] = {
    let mut heads = [[0; MOST]; GROUPS];
    let mut group = 0;
    while group < SHORT {
        let mut index = 0;
        while index < WORDS[group].len() {
            let Some(head) = WORDS[group][index].0.as_bytes().first_chunk() else {
                panic!("a short word among the others");
            };
            heads[group][index] = u32::from_le_bytes(*head);
            index += 1;
        }
        group += 1;
    }
    heads
};

/// Bytes that are looked at at once.
const BLOCK: usize = 64;
/// With those behind it at which a word of the block may end.
const BLOCK_AND_NEAR: usize = BLOCK + NEAR - 1;

/// Calls `visit` with every word, its first byte and the byte behind it, in the order of the text.
pub(super) fn each(text: &[u8], visit: impl FnMut(Word, usize, usize)) {
    each_on(Level::new(), text, visit);
}

fn each_on(level: Level, text: &[u8], mut visit: impl FnMut(Word, usize, usize)) {
    dispatch!(level, simd => each_with(simd, text, &mut visit));
}

#[inline(always)]
fn each_with<S: Simd>(simd: S, text: &[u8], visit: &mut impl FnMut(Word, usize, usize)) {
    let tables = Vectors::new(simd);
    let mut base = 0;
    while base < text.len() {
        let rest = text.get(base..).unwrap_or_default();
        let (mut places, groups) = match rest.first_chunk() {
            Some(block) => tables.groups(simd, block),
            None => tables.groups(simd, &padded(rest)),
        };
        while places != 0 {
            let place = places.trailing_zeros() as usize;
            places &= places - 1;
            let [first, second] = groups.map(|half| half.as_slice().get(place).copied().unwrap_or(0));
            words_at(text, base + place, u16::from_le_bytes([first, second]), visit);
        }
        base += BLOCK;
    }
}

/// The last bytes of the text, with zeros behind them.
#[cold]
fn padded(rest: &[u8]) -> [u8; BLOCK_AND_NEAR] {
    let mut block = [0; BLOCK_AND_NEAR];
    for (slot, &byte) in block.iter_mut().zip(rest) {
        *slot = byte;
    }
    block
}

/// Visits the words of `groups` that begin at `start`.
fn words_at(text: &[u8], start: usize, mut groups: u16, visit: &mut impl FnMut(Word, usize, usize)) {
    let rest = text.get(start..).unwrap_or_default();
    let near = rest.first_chunk().copied().map(u32::from_le_bytes);
    while groups != 0 {
        let group = groups.trailing_zeros() as usize;
        groups &= groups - 1;
        let words = WORDS.get(group).copied().unwrap_or_default();
        let heads = HEADS.get(group).copied().unwrap_or_default();
        // All at once: most places are none of the group's words.
        let same = |head: u32| group >= SHORT || Some(head) == near;
        if !heads.iter().fold(false, |any, head| any | same(*head)) {
            continue;
        }
        let Some((name, word)) = words.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) else {
            continue;
        };
        if *word != Word::Option || matches!(before(text, start), b' ' | b'\n') {
            visit(*word, start, start + name.len());
        }
    }
}

/// The [`Tables`] as vectors.
struct Vectors<S: Simd> {
    low: [[u8x64<S>; NEAR]; 2],
    high: [[u8x64<S>; NEAR]; 2],
}

impl<S: Simd> Vectors<S> {
    #[inline(always)]
    fn new(simd: S) -> Self {
        let vector = |table: [u8; 16]| u8x64::block_splat(u8x16::simd_from(simd, table));
        Self {
            low: TABLES.low.map(|half| half.map(vector)),
            high: TABLES.high.map(|half| half.map(vector)),
        }
    }

    /// The places of the block where a word may begin, and for each the groups that it may be of.
    #[inline(always)]
    fn groups(&self, simd: S, block: &[u8; BLOCK_AND_NEAR]) -> (u64, [u8x64<S>; 2]) {
        let every = u8x64::splat(simd, u8::MAX);
        let mut groups = [every; 2];
        for (place, window) in block.windows(BLOCK).enumerate() {
            let bytes = u8x64::from_slice(simd, window);
            let (low, high) = (bytes & 15, bytes >> 4);
            for (half, groups) in groups.iter_mut().enumerate() {
                *groups = *groups
                    & self.low[half][place].swizzle_dyn_within_blocks(low)
                    & self.high[half][place].swizzle_dyn_within_blocks(high);
            }
        }
        let none = u8x64::splat(simd, 0);
        let [first, second] = groups;
        ((first | second).simd_gt(none).to_bitmask(), groups)
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

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::{WORDS, Word, each_on};

    /// The words of `text` by comparing every place with every word.
    fn slow(text: &[u8]) -> Vec<(Word, usize, usize)> {
        let mut found = Vec::new();
        for start in 0..text.len() {
            let alone = start == 0 || matches!(text[start - 1], b' ' | b'\n');
            for words in &WORDS {
                let fits = |(name, _): &&(&str, Word)| text[start..].starts_with(name.as_bytes());
                let Some((name, word)) = words.iter().find(fits) else {
                    continue;
                };
                if alone || *word != Word::Option {
                    found.push((*word, start, start + name.len()));
                }
            }
        }
        found
    }

    #[test]
    fn no_word_begins_as_another_of_its_group_before_it() {
        for words in WORDS {
            for (index, (later, _)) in words.iter().enumerate() {
                let hidden = words[..index].iter().any(|(word, _)| later.starts_with(word));
                assert!(!hidden, "{later}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_fast_way_finds_what_the_slow_one_does(
            pieces in proptest::collection::vec((0..WORDS.len(), 0..16_usize, "[ -eroxs\n]{0,70}"), 0..9), cut in 0..80_usize) {
            let mut text = Vec::new();
            for (group, index, rest) in pieces {
                let (word, _) = WORDS[group][index % WORDS[group].len()];
                text.extend_from_slice(word.as_bytes());
                text.extend_from_slice(rest.as_bytes());
            }
            let text = &text[cut.min(text.len())..];
            // Every machine has the second; the first is this one's best.
            for level in [Level::new(), Level::baseline()] {
                let mut fast = Vec::new();
                each_on(level, text, |word, start, end| fast.push((word, start, end)));
                proptest::prop_assert_eq!(&fast, &slow(text));
            }
        }
    }
}
