//! Files with certificates, told apart by content and never by extension: PEM, DER, PKCS#7, PKCS#12, JKS.
//!
//! Private keys are counted, never decoded and never kept: the file's bytes are wiped when they are dropped.

mod ber;
mod discover;
mod error;
mod jks;
mod mac;
mod pbe;
mod pem;
mod pkcs12;
mod pkcs7;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use discover::{Discovered, discover};
pub use error::{FileError, Problem};

/// Largest file that is read. The system's list of all public roots has about 220 kB.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Environment variable with the password of PKCS#12 files.
pub const PASSWORD_VARIABLE: &str = "W4B_DIAG_P12_PASSWORD";

/// Environment variable that names a file with the password of PKCS#12 files; its first line counts.
pub const PASSWORD_FILE_VARIABLE: &str = "W4B_DIAG_P12_PASSWORD_FILE";

/// The password of PKCS#12 files, if the environment has one or names a file with it.
///
/// # Errors
/// When the file that is named cannot be read.
pub fn password_from_environment() -> Result<Option<Zeroizing<String>>, FileError> {
    match std::env::var_os(PASSWORD_FILE_VARIABLE) {
        Some(path) if !path.is_empty() => password_of(Path::new(&path)).map(Some),
        _ => Ok(std::env::var(PASSWORD_VARIABLE).ok().map(Zeroizing::new)),
    }
}

fn password_of(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let bytes = read_limited(path).map_err(|error| error.into_file_error(path))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| FileError::Read {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    let line = text.lines().next().unwrap_or_default();
    Ok(Zeroizing::new(line.to_owned()))
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertFile {
    /// The file, as named by the user.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
    /// DER, in the order of the file. A block of PEM that says `CERTIFICATE` is here also when it does not parse.
    pub certificates: Vec<Vec<u8>>,
    /// Certificate revocation lists, DER.
    pub crls: Vec<Vec<u8>>,
    /// How many private keys are in it. The keys themselves are not kept.
    pub private_keys: usize,
    /// What is wrong with it, although it could be read.
    pub problems: Vec<Problem>,
}

/// How the certificates are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with `-----BEGIN …-----` blocks (RFC 7468), or bare base64.
    Pem,
    /// One certificate, or several one after another, in binary.
    Der,
    /// PKCS#7 / CMS SignedData (`.p7b`, `.p7c`), binary or PEM.
    Pkcs7,
    /// PKCS#12 (`.p12`, `.pfx`).
    Pkcs12,
    /// Java key store (JKS, JCEKS).
    Jks,
}

impl Format {
    /// The word on the wire, also for selectors in messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Der => "der",
            Self::Pkcs7 => "pkcs7",
            Self::Pkcs12 => "pkcs12",
            Self::Jks => "jks",
        }
    }
}

/// What a parser of one format found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Contents {
    certificates: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    private_keys: usize,
    problems: Vec<Problem>,
}

/// Why a parser of one format gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ContentsError {
    /// Cut short or not following the format.
    Damaged,
    /// PKCS#7, but encrypted or signed data of another kind.
    NotABundle,
    /// Encrypted and no password was given.
    PasswordNeeded,
    /// The password does not fit.
    PasswordWrong,
    /// An algorithm that this program does not know, as a name or a dotted OID.
    Unsupported(String),
}

/// Reads a file. The password is for PKCS#12 only; it comes from the environment or a file, never from a flag.
///
/// # Errors
/// When it cannot be read, or holds neither a certificate nor a key nor a CRL.
pub fn read(path: &Path, password: Option<&str>) -> Result<CertFile, FileError> {
    let bytes = read_limited(path).map_err(|error| error.into_file_error(path))?;
    parse(path, &bytes, password)
}

/// Reads the content of a file; `path` is only named in the result.
///
/// # Errors
/// When it holds neither a certificate nor a key nor a CRL.
pub fn parse(path: &Path, bytes: &[u8], password: Option<&str>) -> Result<CertFile, FileError> {
    let path = || path.to_owned();
    let (format, contents) = if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileError::Empty { path: path() });
    } else if jks::is_store(bytes) {
        (Format::Jks, jks::parse(bytes))
    } else if let Ok(outer) = ber::whole(bytes) {
        if pkcs12::is_store(&outer) {
            (Format::Pkcs12, pkcs12::parse(bytes, password))
        } else if pkcs7::is_bundle(&outer) {
            (Format::Pkcs7, pkcs7::parse(bytes))
        } else {
            (Format::Der, der(bytes).ok_or(ContentsError::Damaged))
        }
    } else if let Some(contents) = der(bytes) {
        (Format::Der, Ok(contents))
    } else {
        return text(path(), bytes);
    };
    match contents {
        Ok(contents) => contents.into_file(path(), format),
        Err(error) => Err(FileError::from_contents(path(), format, error)),
    }
}

impl Contents {
    fn into_file(self, path: PathBuf, format: Format) -> Result<CertFile, FileError> {
        if self.is_empty() {
            return Err(match self.problems.into_iter().next() {
                Some(problem) => FileError::Nothing { path, problem },
                None => FileError::NoCertificate { path },
            });
        }
        Ok(CertFile {
            path,
            format,
            certificates: self.certificates,
            crls: self.crls,
            private_keys: self.private_keys,
            problems: self.problems,
        })
    }

    fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.crls.is_empty() && self.private_keys == 0
    }
}

enum ReadError {
    Directory,
    TooLarge,
    Io(io::Error),
}

impl ReadError {
    fn into_file_error(self, path: &Path) -> FileError {
        let path = path.to_owned();
        match self {
            Self::Directory => FileError::Directory { path },
            Self::TooLarge => FileError::TooLarge { path },
            Self::Io(error) => match error.kind() {
                io::ErrorKind::NotFound => FileError::NotFound { path },
                io::ErrorKind::PermissionDenied => FileError::Permission { path },
                io::ErrorKind::IsADirectory => FileError::Directory { path },
                _ => FileError::Read {
                    path,
                    reason: error.to_string(),
                },
            },
        }
    }
}

fn read_limited(path: &Path) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let file = File::open(path).map_err(ReadError::Io)?;
    let metadata = file.metadata().map_err(ReadError::Io)?;
    if metadata.is_dir() {
        return Err(ReadError::Directory);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge);
    }
    // Room for all at once: a buffer that grows leaves copies of a key behind that nobody wipes.
    let room = usize::try_from(metadata.len()).unwrap_or(0).saturating_add(1024);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge);
    }
    Ok(bytes)
}

/// What one DER element is, by its shape. Nothing is verified here: a malformed certificate is a fact to report.
enum Shape {
    Certificate,
    Crl,
    PrivateKey,
    Request,
    Other,
}

fn shape(element: &ber::Element<'_>) -> Shape {
    let mut fields = element.children();
    let mut tags = [0_u8; 4];
    let mut first = None;
    for tag in &mut tags {
        match fields.next() {
            Ok(Some(field)) => {
                *tag = field.tag;
                first = first.or(Some(field));
            }
            Ok(None) => break,
            Err(ber::Malformed) => return Shape::Other,
        }
    }
    let signed = [ber::SEQUENCE, ber::SEQUENCE, ber::BIT_STRING, 0];
    match (tags, first) {
        // RSA, PKCS#8 and SEC 1 private keys begin with a version; encrypted PKCS#8 is { algorithm, octets }.
        (
            [ber::INTEGER, ber::INTEGER | ber::SEQUENCE | ber::OCTET_STRING, ..]
            | [ber::SEQUENCE, ber::OCTET_STRING, 0, 0],
            _,
        ) => Shape::PrivateKey,
        (tags, Some(first)) if tags == signed => to_be_signed(&first),
        _ => Shape::Other,
    }
}

/// Certificate, CRL or request: each is `SEQUENCE { to-be-signed, algorithm, BIT STRING }`.
fn to_be_signed(tbs: &ber::Element<'_>) -> Shape {
    let mut fields = tbs.children();
    let mut next = || fields.next().ok().flatten();
    let Some(mut first) = next() else {
        return Shape::Other;
    };
    if first.tag == ber::CONTEXT_0 {
        // Only a certificate has an explicit version.
        return Shape::Certificate;
    }
    let versioned = first.tag == ber::INTEGER;
    if versioned && let Some(second) = next() {
        first = second;
    }
    // After [version] a request has a name and then the key; a certificate or CRL an algorithm (begins with an OID).
    let algorithm = first.children().expect(ber::OID).is_ok();
    let has_time = next().is_some() && next().is_some_and(|third| matches!(third.tag, 0x17 | 0x18));
    match (algorithm, has_time) {
        (true, true) => Shape::Crl,
        (true, false) if versioned => Shape::Certificate,
        (false, _) if versioned => Shape::Request,
        _ => Shape::Other,
    }
}

/// One or several DER elements; `None` when the first is not one that belongs here.
fn der(bytes: &[u8]) -> Option<Contents> {
    let mut contents = Contents::default();
    let mut reader = ber::Reader::new(bytes);
    loop {
        let rest = reader.rest();
        if rest.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
            break;
        }
        match reader.next() {
            Ok(Some(element)) if contents.add(&element) => {}
            _ if contents.is_empty() && contents.problems.is_empty() => return None,
            _ => {
                contents
                    .problems
                    .push(Problem::TrailingData { bytes: rest.len() });
                break;
            }
        }
    }
    Some(contents)
}

impl Contents {
    /// Sorts one DER element in; `false` when it is none of ours.
    fn add(&mut self, element: &ber::Element<'_>) -> bool {
        if element.tag != ber::SEQUENCE || !element.definite {
            return false;
        }
        match shape(element) {
            Shape::Certificate => self.certificates.push(element.whole.to_vec()),
            Shape::Crl => self.crls.push(element.whole.to_vec()),
            Shape::PrivateKey => self.private_keys += 1,
            Shape::Request => self.problems.push(Problem::OtherBlock {
                label: "CERTIFICATE REQUEST".to_owned(),
            }),
            Shape::Other => return false,
        }
        true
    }
}

/// PEM, base64 without markers, or something that is no certificate file at all.
fn text(path: PathBuf, bytes: &[u8]) -> Result<CertFile, FileError> {
    let decoded;
    let text = if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        // Windows' Notepad and PowerShell save as UTF-16.
        let encoding = if bytes[0] == 0xff {
            encoding_rs::UTF_16LE
        } else {
            encoding_rs::UTF_16BE
        };
        decoded = Zeroizing::new(encoding.decode_with_bom_removal(bytes).0.into_owned());
        decoded.as_bytes()
    } else {
        bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
    };
    let head = text
        .get(..text.len().min(1024))
        .unwrap_or_default()
        .trim_ascii_start();
    if pem::looks_like_pem(text) {
        return armoured(path, text);
    }
    if let Some(der) = pem::bare_base64(text).map(Zeroizing::new) {
        let mut file = parse(&path, &der, None)?;
        file.problems.push(Problem::NoMarkers);
        if file.format == Format::Der {
            file.format = Format::Pem;
        }
        return Ok(file);
    }
    Err(if head.first() == Some(&b'<') {
        FileError::Html { path }
    } else if text.contains(&0) || std::str::from_utf8(text).is_err() {
        FileError::Binary { path }
    } else {
        FileError::NoCertificate { path }
    })
}

fn armoured(path: PathBuf, text: &[u8]) -> Result<CertFile, FileError> {
    let (blocks, problems) = pem::blocks(text);
    let mut contents = Contents {
        problems,
        ..Contents::default()
    };
    let mut only_pkcs7 = !blocks.is_empty();
    for block in &blocks {
        only_pkcs7 &= contents.add_block(block);
    }
    let format = if only_pkcs7 { Format::Pkcs7 } else { Format::Pem };
    contents.into_file(path, format)
}

impl Contents {
    /// Sorts one block in; `true` when it was PKCS#7.
    fn add_block(&mut self, block: &pem::Block<'_>) -> bool {
        let label = block.label;
        if label.ends_with("PRIVATE KEY") {
            self.private_keys += 1;
            return false;
        }
        let known = matches!(
            label,
            "CERTIFICATE"
                | "X509 CERTIFICATE"
                | "TRUSTED CERTIFICATE"
                | "X509 CRL"
                | "PKCS7"
                | "CMS"
                | "PKCS #7 SIGNED DATA"
        );
        if !known {
            // Elliptic-curve parameters stand before the key in files that openssl made.
            if label != "EC PARAMETERS" && label != "DH PARAMETERS" {
                self.problems.push(Problem::OtherBlock {
                    label: label.to_owned(),
                });
            }
            return false;
        }
        let der = match block.decode() {
            Ok(der) => der,
            Err(problem) => {
                self.problems.push(problem);
                return false;
            }
        };
        match label {
            "X509 CRL" => self.crls.push(der),
            "TRUSTED CERTIFICATE" => {
                // openssl puts its own trust settings behind the certificate.
                let first = ber::Reader::new(&der)
                    .next()
                    .ok()
                    .flatten()
                    .map(|first| first.whole.to_vec());
                self.certificates.push(first.unwrap_or(der));
            }
            "CERTIFICATE" | "X509 CERTIFICATE" if !is_pkcs7(&der) => self.certificates.push(der),
            _ => {
                match pkcs7::parse(&der) {
                    Ok(inner) => {
                        self.certificates.extend(inner.certificates);
                        self.crls.extend(inner.crls);
                    }
                    Err(_) => self.problems.push(Problem::DamagedBlock { block: block.number }),
                }
                return true;
            }
        }
        false
    }
}

/// Some tools label a whole chain in PKCS#7 as one CERTIFICATE.
fn is_pkcs7(der: &[u8]) -> bool {
    ber::whole(der).is_ok_and(|outer| pkcs7::is_bundle(&outer))
}

#[cfg(test)]
mod tests;
