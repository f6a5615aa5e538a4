//! From a text to the entries that fit, each with the reason why.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;

use super::codes::{Code, codes_in, whole_code};
use super::entry::{Catalogue, Entry};
use super::fold::fold;

/// A text is looked at up to here, in bytes; an error message is shorter than this.
pub(super) const MAX_TEXT: usize = 256 * 1024;

/// At most so many matches are worth reading.
const MAX_MATCHES: usize = 5;

/// `*` in a pattern skips at most so many bytes.
const MAX_GAP: usize = 200;

/// How sure a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Words of the topic only.
    Possible,
    /// A code without its text, or a text without its code.
    Likely,
    /// It was asked for by id or code, or code and text agree.
    Certain,
}

impl Confidence {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// Why an entry was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its id was asked for.
    Id(String),
    /// This code.
    Code(String),
    /// This phrase, as the catalogue has it.
    Phrase(String),
    /// These word beginnings.
    Keywords(Vec<String>),
}

impl Reason {
    /// `id`, `code`, `phrase`, `keywords`: the word in JSON and in the sentence's selector.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::Code(_) => "code",
            Self::Phrase(_) => "phrase",
            Self::Keywords(_) => "keywords",
        }
    }

    /// What was found.
    pub fn value(&self) -> String {
        match self {
            Self::Id(value) | Self::Code(value) | Self::Phrase(value) => value.clone(),
            Self::Keywords(words) => words.join(", "),
        }
    }
}

/// One entry that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// How sure.
    pub confidence: Confidence,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Bytes of the phrases that were found: longer is more specific.
    weight: usize,
}

/// The first parts of all phrases as one automaton: most texts have none of them.
#[derive(Debug)]
pub(super) struct Finder {
    /// `None`: it could not be built, and every phrase is looked for by itself.
    automaton: Option<AhoCorasick>,
    /// The entry of each part.
    entries: Vec<usize>,
}

impl Finder {
    fn new(entries: &[Entry]) -> Self {
        let parts = entries.iter().enumerate().flat_map(|(index, entry)| {
            let first = |parts: &Vec<String>| parts.first().cloned();
            entry
                .folded
                .iter()
                .filter_map(first)
                .map(move |part| (part, index))
        });
        let (parts, entries): (Vec<String>, Vec<usize>) = parts.unzip();
        Self {
            automaton: AhoCorasick::new(&parts).ok(),
            entries,
        }
    }

    /// The entries of which a phrase begins somewhere in the text; `None`: it may be any.
    fn find(&self, text: &str) -> Option<HashSet<usize>> {
        let automaton = self.automaton.as_ref()?;
        let found = automaton.find_overlapping_iter(text);
        Some(
            found
                .filter_map(|found| self.entries.get(found.pattern().as_usize()).copied())
                .collect(),
        )
    }
}

impl Catalogue {
    /// The entries that fit a code, an id or a pasted text, best first.
    pub fn explain(&self, text: &str) -> Vec<Match<'_>> {
        let text = limited(text);
        let asked = text.trim();
        if let Some(entry) = self.by_id(&asked.to_ascii_lowercase()) {
            return vec![Match {
                entry,
                confidence: Confidence::Certain,
                reasons: vec![Reason::Id(entry.id.clone())],
                weight: 0,
            }];
        }
        let whole = whole_code(asked);
        let codes = codes_in(text);
        let folded = fold(text);
        let possible_phrases = self
            .finder
            .get_or_init(|| Finder::new(self.entries()))
            .find(&folded);
        let mut matches: Vec<Match<'_>> = self
            .entries()
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| {
                let phrases = possible_phrases
                    .as_ref()
                    .is_none_or(|found| found.contains(&index));
                judge(
                    entry,
                    whole.as_deref(),
                    &codes,
                    if phrases { &folded } else { "" },
                )
            })
            .collect();
        if matches.is_empty() && whole.is_none() {
            let words: Vec<&str> = folded
                .split(|c: char| !(c.is_alphanumeric() || c == '&' || c == '-'))
                .filter(|word| !word.is_empty())
                .collect();
            matches = self
                .entries()
                .iter()
                .filter_map(|entry| possible(entry, &words))
                .collect();
        }
        // Stable: of equal matches a provider's own entry stays first.
        matches.sort_by_key(|found| std::cmp::Reverse((found.confidence, found.weight)));
        matches.truncate(MAX_MATCHES);
        matches
    }

    /// Codes of a text that no entry knows. Plain HTTP statuses are not counted: they say nothing of their own.
    pub fn unknown_codes(&self, text: &str) -> Vec<String> {
        let text = limited(text);
        let whole = whole_code(text);
        let is_asked = |code: &str| whole.as_deref() == Some(code);
        let mut codes: Vec<String> = codes_in(text).into_iter().map(|code| code.value).collect();
        if let Some(code) = &whole
            && !codes.contains(code)
        {
            codes.push(code.clone());
        }
        codes.retain(|code| {
            let is_http = code.len() == 3
                && code
                    .as_bytes()
                    .first()
                    .is_some_and(|digit| (b'1'..=b'5').contains(digit));
            (is_asked(code) || !is_http)
                && !self
                    .entries()
                    .iter()
                    .any(|entry| entry.codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
        });
        codes
    }
}

fn judge<'a>(entry: &'a Entry, whole: Option<&str>, codes: &[Code], folded: &str) -> Option<Match<'a>> {
    let phrase = best_phrase(entry, folded);
    let weight = phrase.map_or(0, |(_, weight)| weight);
    let code = entry.codes.iter().find(|known| {
        whole.is_some_and(|asked| known.eq_ignore_ascii_case(asked))
            || codes.iter().any(|code| known.eq_ignore_ascii_case(&code.value))
    });
    let is_asked = code.is_some_and(|code| whole.is_some_and(|asked| asked.eq_ignore_ascii_case(code)));
    let code = code.filter(|_| is_asked || !entry.ambiguous || phrase.is_some());
    let confidence = match (&code, phrase) {
        (None, None) => return None,
        (Some(_), Some(_)) => Confidence::Certain,
        (Some(_), None) if is_asked => Confidence::Certain,
        _ => Confidence::Likely,
    };
    let mut reasons: Vec<Reason> = code.map(|code| Reason::Code(code.clone())).into_iter().collect();
    if let Some((phrase, _)) = phrase {
        reasons.push(Reason::Phrase(phrase.to_owned()));
    }
    Some(Match {
        entry,
        confidence,
        reasons,
        weight,
    })
}

/// The longest pattern that the text has, and its length.
fn best_phrase<'a>(entry: &'a Entry, folded: &str) -> Option<(&'a str, usize)> {
    entry
        .patterns
        .iter()
        .zip(&entry.folded)
        .filter(|(_, parts)| has_parts(folded, parts))
        .map(|(pattern, parts)| (pattern.as_str(), parts.iter().map(String::len).sum()))
        .max_by_key(|(_, weight)| *weight)
}

/// Whether the parts stand in the text in this order, close together, the first at the beginning of a word.
fn has_parts(text: &str, parts: &[String]) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return false;
    };
    memchr::memmem::find_iter(text.as_bytes(), first.as_bytes()).any(|at| {
        let at_word = text
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|before| !before.is_alphanumeric());
        if !at_word {
            return false;
        }
        let mut end = at + first.len();
        rest.iter().all(|part| {
            let limit = text.len().min(end.saturating_add(MAX_GAP + part.len()));
            let window = text.as_bytes().get(end..limit).unwrap_or_default();
            match memchr::memmem::find(window, part.as_bytes()) {
                Some(found) => {
                    end += found + part.len();
                    true
                }
                None => false,
            }
        })
    })
}

fn possible<'a>(entry: &'a Entry, words: &[&str]) -> Option<Match<'a>> {
    if entry.keywords.is_empty() {
        return None;
    }
    let mut used = HashSet::new();
    let mut written = Vec::new();
    let mut weight = 0;
    for (group, folded) in entry.keywords.iter().zip(&entry.folded_keywords) {
        let (place, keyword, length) = word_of_group(group, folded, words, &used)?;
        used.insert(place);
        written.push(keyword.to_owned());
        weight += length;
    }
    Some(Match {
        entry,
        confidence: Confidence::Possible,
        weight,
        reasons: vec![Reason::Keywords(written)],
    })
}

/// The first word of the text, not used yet, that begins like one of a group: its place, the beginning as written, and
/// that one's length. A beginning of up to three letters is a whole word.
fn word_of_group<'a>(
    written: &'a [String],
    folded: &[String],
    words: &[&str],
    used: &HashSet<usize>,
) -> Option<(usize, &'a str, usize)> {
    const WHOLE: usize = 3;
    let begins = |word: &str, keyword: &str| {
        word.starts_with(keyword) && (keyword.len() > WHOLE || keyword.len() == word.len())
    };
    words
        .iter()
        .enumerate()
        .filter(|(place, _)| !used.contains(place))
        .find_map(|(place, word)| {
            let hits = written.iter().zip(folded);
            hits.filter(|(_, keyword)| begins(word, keyword))
                .map(|(written, keyword)| (place, written.as_str(), keyword.len()))
                .max_by_key(|(_, _, length)| *length)
        })
}

/// The beginning of a text, up to [`MAX_TEXT`].
fn limited(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
