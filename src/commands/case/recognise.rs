//! What a bare path is, by its content and never by its extension.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::users::{self, TableKind, UserTable};
use crate::x509;

/// How much of a file is looked at.
const HEAD: usize = 64 * 1024;

/// No column has a longer name, in characters.
const MAX_NAME: usize = 60;

/// Where a bare path belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// An error text.
    Text,
    /// A log, a directory, an archive.
    Log,
    /// A user-status export or a bulk-user file.
    Users,
    /// A picture.
    Picture,
    /// Certificates.
    Certificates {
        /// Every one of them is a CA: trust anchors.
        only_authorities: bool,
    },
    /// A saved answer of a status page.
    Status,
    /// Answers of a guided dialogue.
    Answers,
}

/// Looks into a file. What cannot be read is taken for a text: reading it later says why it cannot be.
pub fn path(path: &Path) -> Recognised {
    if path.is_dir() {
        return Recognised::Log;
    }
    let mut head = Vec::with_capacity(HEAD);
    let readable = File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    if readable.is_err() {
        return Recognised::Text;
    }
    if is_picture(&head) {
        return Recognised::Picture;
    }
    if is_archive(&head) {
        return Recognised::Log;
    }
    if head.starts_with(super::answers::FIRST_LINE.as_bytes()) {
        return Recognised::Answers;
    }
    if let Some(recognised) = certificates(path, &head) {
        return recognised;
    }
    if users::read(&head).is_ok_and(|table| is_users(&table)) {
        return Recognised::Users;
    }
    text(&crate::input::decode::to_text(&head), head.len() == HEAD)
}

/// A table of users, and not a sentence with a comma that names a package.
fn is_users(table: &UserTable) -> bool {
    let understood = table.fields.iter().flatten().count();
    let is_short = |name: &String| name.chars().count() <= MAX_NAME;
    table.kind != TableKind::Unknown && understood >= 2 && table.header.iter().all(is_short)
}

fn is_picture(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
        || head.starts_with(b"\xff\xd8\xff")
        || head.starts_with(b"GIF8")
        || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
}

fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(&[0x1f, 0x8b]) || head.get(257..262) == Some(b"ustar")
}

/// Certificates, if the file is nothing but them: a log that quotes a PEM block stays a log.
fn certificates(path: &Path, head: &[u8]) -> Option<Recognised> {
    let binary = matches!(head, [0x30, 0x80..=0x84, ..] | [0xfe, 0xed, 0xfe, 0xed, ..]);
    let pem = head.windows(11).take(4096).any(|window| window == b"-----BEGIN ");
    if !binary && !pem {
        return None;
    }
    let file = x509::files::read(path, None).ok()?;
    if file.certificates.is_empty() {
        return None;
    }
    let only_authorities = file
        .certificates
        .iter()
        .all(|der| x509::cert::Certificate::parse(der).facts().is_ca);
    Some(Recognised::Certificates { only_authorities })
}

fn text(text: &str, is_long: bool) -> Recognised {
    let start = text.trim_start();
    if start.starts_with('{')
        && ["\"components\"", "\"incidents\""]
            .iter()
            .any(|key| start.contains(key))
    {
        return Recognised::Status;
    }
    if is_long || looks_like_log(start) {
        return Recognised::Log;
    }
    Recognised::Text
}

/// Most lines of a log begin with a date or an address; a pasted error has at most a line or two of that kind.
fn looks_like_log(text: &str) -> bool {
    let (mut dated, mut lines) = (0_usize, 0_usize);
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(200) {
        lines += 1;
        let digits = line.chars().take(24).filter(char::is_ascii_digit).count();
        if digits >= 8
            && line
                .trim_start_matches(['[', '<', '*'])
                .starts_with(|c: char| c.is_ascii_digit())
        {
            dated += 1;
        }
    }
    lines >= 5 && dated * 2 > lines
}

#[cfg(test)]
mod tests {
    use super::{Recognised, is_picture, text};

    #[test]
    fn a_log_is_told_from_a_pasted_error() {
        let log = "2026-11-20T10:00:00.000Z <Info> [1:0x2][] Call.cpp:1 dialling\n".repeat(6);
        assert_eq!(text(&log, false), Recognised::Log);
        let pasted = "Could not activate.\nTrackingID: ATLAS_00000000-0000-4000-8000-000000000001_13\n";
        assert_eq!(text(pasted, false), Recognised::Text);
    }

    #[test]
    fn a_saved_status_answer() {
        assert_eq!(
            text("{\"status\": {}, \"components\": []}", false),
            Recognised::Status
        );
    }

    #[test]
    fn pictures_by_their_first_bytes() {
        assert!(is_picture(b"\x89PNG\r\n\x1a\n...."));
        assert!(!is_picture(b"PNG"));
    }
}
