//! Names inside the zip. What goes in opens on every system; what comes in is never trusted.

use std::collections::HashSet;

/// Longest component that is written, in bytes; ext4, NTFS and APFS allow 255, and `.withheld.txt` may follow.
const MAX_COMPONENT: usize = 120;
/// Longest whole path that is written, in bytes; Explorer's limit of 260 characters less room for its directory.
const MAX_PATH: usize = 200;

/// A name for one path component that every system accepts: no separators, no control characters, none of the
/// characters or device names that Windows refuses. Never empty.
pub fn component(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() || is_invisible(c) => '_',
            c => c,
        })
        .collect();
    if out.len() > MAX_COMPONENT {
        out = shortened(&out);
    }
    // Windows drops trailing dots and blanks; `.` and `..` are directories; a leading `-` looks like an option.
    // Together, so that nothing of it is left at the end of what the other left.
    let trimmed = out
        .trim_start_matches(|c: char| c == '-' || c.is_whitespace())
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let mut out = trimmed.to_owned();
    if out.is_empty() || is_device(&out) {
        out.insert(0, '_');
    }
    out
}

/// Cuts the middle out, so that the extension stays.
fn shortened(name: &str) -> String {
    let tail = name
        .rfind('.')
        .filter(|dot| name.len() - dot <= 16)
        .unwrap_or(name.len());
    let mut keep = MAX_COMPONENT - (name.len() - tail) - 1;
    while !name.is_char_boundary(keep) {
        keep -= 1;
    }
    format!("{}~{}", &name[..keep], &name[tail..])
}

/// Characters that reorder or hide text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether Windows takes the name for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()))
}

/// A relative path with `/`, every component made safe by [`component`]; `..`, `.` and empty components vanish.
pub fn relative(path: &str) -> String {
    let parts: Vec<String> = path
        .split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .map(component)
        .collect();
    let mut joined = parts.join("/");
    if joined.len() > MAX_PATH {
        // Directories say where it is from, which the manifest's source says as well; the file name matters.
        let last = parts.last().cloned().unwrap_or_default();
        let first = parts.first().filter(|_| parts.len() > 1);
        joined = first.map_or_else(|| last.clone(), |first| format!("{first}/{last}"));
    }
    if joined.is_empty() { "_".to_owned() } else { joined }
}

/// Whether a name found in a zip is one that a bundle can have.
pub fn is_safe(path: &str) -> bool {
    !path.is_empty() && relative(path) == path
}

/// Hands out paths that differ even where letter case does not count (Windows, macOS).
#[derive(Debug, Default)]
pub struct Taken(HashSet<String>);

impl Taken {
    /// `path`, or `path` with `-2`, `-3` … before its extension.
    pub fn claim(&mut self, path: &str) -> String {
        let mut candidate = path.to_owned();
        let mut number = 2_u32;
        while !self.0.insert(candidate.to_lowercase()) {
            let name = path.rfind('/').map_or(0, |slash| slash + 1);
            let dot = path[name..]
                .find('.')
                .filter(|dot| *dot > 0)
                .map_or(path.len(), |dot| name + dot);
            candidate = format!("{}-{number}{}", &path[..dot], &path[dot..]);
            number += 1;
        }
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::{Taken, component, is_safe, relative};
    use proptest::prelude::*;

    #[test]
    fn hostile_names_become_harmless() {
        assert_eq!(relative("../../etc/passwd"), "etc/passwd");
        assert_eq!(relative("logs/..\\..\\x"), "logs/x");
        assert_eq!(relative("/"), "_");
        assert_eq!(component("a\nb\u{1b}[2J\u{202e}c"), "a_b_[2J_c");
        assert_eq!(component("C:\\boot.ini"), "C__boot.ini");
        assert_eq!(component("nul.txt"), "_nul.txt");
        assert_eq!(component("-rf"), "rf");
        assert_eq!(component("trailing. "), "trailing");
        assert_eq!(component("no-break space\u{a0}."), "no-break space");
        assert_eq!(component("- -x"), "x");
        assert_eq!(component(".."), "_");
        assert!(component(&format!("{}.log", "ž".repeat(300))).ends_with("~.log"));
    }

    #[test]
    fn same_names_get_numbers() {
        let mut taken = Taken::default();
        assert_eq!(taken.claim("logs/a.log"), "logs/a.log");
        assert_eq!(taken.claim("logs/A.log"), "logs/A-2.log");
        assert_eq!(taken.claim("logs/a.log"), "logs/a-3.log");
        assert_eq!(taken.claim("logs/x"), "logs/x");
        assert_eq!(taken.claim("logs/x"), "logs/x-2");
    }

    proptest! {
        #[test]
        fn what_is_written_is_safe(path in "\\PC{0,300}|(\\.\\.|[a-z\\\\/:\\x00-\\x1f ]){0,40}") {
            let path = relative(&path);
            prop_assert!(is_safe(&path), "{path:?} -> {:?}", relative(&path));
            prop_assert!(path.len() <= 256);
        }
    }
}
