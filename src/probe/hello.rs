//! A ClientHello made by hand and the server's plain-text answer to it, for what rustls does not speak: SSLv3 to
//! TLS 1.1, static RSA, CBC and finite-field Diffie-Hellman suites.
//!
//! Up to TLS 1.2 everything up to ServerHelloDone is in the clear: version, cipher suite, certificates, OCSP staple
//! and the accepted CA names are read without any cryptography. Nothing here does I/O.

use std::sync::LazyLock;

use rustls::CipherSuite;

/// SSLv3 (RFC 6101).
pub const SSL_3: u16 = 0x0300;
/// TLS 1.0 (RFC 2246).
pub const TLS_1_0: u16 = 0x0301;
/// TLS 1.1 (RFC 4346).
pub const TLS_1_1: u16 = 0x0302;
/// TLS 1.2 (RFC 5246).
pub const TLS_1_2: u16 = 0x0303;
/// TLS 1.3 (RFC 8446).
pub const TLS_1_3: u16 = 0x0304;

/// The base point of P-256, uncompressed (SEC 2 section 2.4.2).
const P256_BASE: [u8; 65] = [
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f,
    0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
    0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];

/// Record type of ChangeCipherSpec (RFC 5246 section 6.2.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
/// Record type of an alert (RFC 5246 section 6.2.1).
const ALERT: u8 = 21;
/// Record type of the handshake.
const HANDSHAKE: u8 = 22;
/// Most bytes in one record: 2^14 and the expansion of RFC 5246 section 6.2.3.
const MAX_RECORD: usize = 16_384 + 2_048;
/// Most bytes of handshake that are read. A chain with a hundred CA names has about 20 kB.
const MAX_HANDSHAKE: usize = 1024 * 1024;
/// Most certificates taken from one message.
const MAX_CERTIFICATES: usize = 100;
/// Most CA names taken from one message.
const MAX_NAMES: usize = 20_000;

/// Every suite that a server of the last twenty years may insist on, strong ones first. Numbers: the IANA registry
/// "TLS Cipher Suites". Offering weak ones is harmless: nothing is ever sent under them.
const SUITES: &[u16] = &[
    // ECDHE with AEAD, then DHE with AEAD.
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f, 0xccaa, 0x00a2, 0x00a3,
    // ECDHE and DHE with CBC.
    0xc023, 0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014, 0x0067, 0x006b, 0x0033, 0x0039, 0x0040,
    0x006a, 0x0032, 0x0038, 0xc008, 0xc012, 0x0016, 0x0013, 0x0045, 0x0088,
    // Static ECDH, which BroadWorks' own list names.
    0xc02d, 0xc031, 0xc025, 0xc029, 0xc004, 0xc00e, 0xc005, 0xc00f, // Static RSA.
    0x009c, 0x009d, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0x003c, 0x003d, 0x002f, 0x0035, 0x0041, 0x0084, 0x0096,
    0x000a, // Broken ones: a server that offers nothing else must be seen, not missed.
    0xc007, 0xc011, 0x0005, 0x0004, 0x0007, 0x0009, 0x0015, 0x0003, 0x0006, 0x0008, 0x0014, 0x0062, 0x0064,
    // No fallback here: TLS_EMPTY_RENEGOTIATION_INFO_SCSV, which old but careful servers want (RFC 5746).
    0x00ff,
];

/// All suites of TLS 1.3 (RFC 8446 appendix B.4).
const SUITES_OF_1_3: [u8; 10] = [0x13, 1, 0x13, 2, 0x13, 3, 0x13, 4, 0x13, 5];

/// The same as they stand in a hello.
static SUITE_BYTES: LazyLock<Vec<u8>> =
    LazyLock::new(|| SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect());

/// Groups for key exchange: x25519, P-256, P-384, P-521, x448, and the ffdhe groups (RFC 7919).
const GROUPS: &[u16] = &[0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102];

/// Signature algorithms of TLS 1.2, SHA-1 and DSA included, or an old server would not talk.
const SIGNATURES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501,
    0x0601, 0x0301, 0x0303, 0x0203, 0x0201, 0x0402, 0x0202,
];

/// The usual name: `TLSv1.2`.
pub fn version_name(version: u16) -> String {
    match version {
        SSL_3 => "SSLv3".to_owned(),
        TLS_1_0 => "TLSv1.0".to_owned(),
        TLS_1_1 => "TLSv1.1".to_owned(),
        TLS_1_2 => "TLSv1.2".to_owned(),
        TLS_1_3 => "TLSv1.3".to_owned(),
        other => format!("0x{other:04x}"),
    }
}

/// The IANA name of a cipher suite, or its number when it has none here.
pub fn suite_name(suite: u16) -> String {
    match CipherSuite::from(suite).as_str() {
        // rustls marks the suites of TLS 1.3; IANA does not.
        Some(name) => name.replacen("TLS13_", "TLS_", 1),
        None => format!("0x{suite:04x}"),
    }
}

/// A ClientHello of this version in one record. Up to TLS 1.2 it names the newest version that is offered. That of
/// TLS 1.3 offers nothing else and holds no key: a server that speaks it asks for one (HelloRetryRequest, RFC 8446
/// section 4.2.8), which costs neither side any cryptography.
pub fn client_hello(version: u16, server_name: Option<&str>, random: [u8; 32]) -> Vec<u8> {
    let mut body = Vec::with_capacity(512);
    body.extend(version.min(TLS_1_2).to_be_bytes());
    body.extend(random);
    // No session to resume.
    body.push(0);
    with_length(&mut body, |body| {
        if version >= TLS_1_3 {
            body.extend(SUITES_OF_1_3);
        } else {
            body.extend_from_slice(&SUITE_BYTES);
        }
    });
    // One compression method: none.
    body.extend([1, 0]);
    // SSLv3 has no extensions, and its servers may choke on them.
    if version > SSL_3 {
        with_length(&mut body, |body| extensions(body, version, server_name));
    }
    let mut message = vec![HANDSHAKE];
    // The record's version stays at TLS 1.0, as RFC 5246 appendix E.1 advises.
    message.extend(version.min(TLS_1_0).to_be_bytes());
    with_length(&mut message, |message| {
        // Type 1 and a length of three bytes, of which the first is zero at this size.
        message.extend([1, 0]);
        with_length(message, |message| message.extend(&body));
    });
    message
}

/// A Certificate message without a certificate (RFC 5246 section 7.4.6), in a record of the version chosen.
pub fn empty_certificate(version: u16) -> Vec<u8> {
    let mut record = vec![HANDSHAKE];
    record.extend(version.to_be_bytes());
    record.extend([0, 7, 11, 0, 0, 3, 0, 0, 0]);
    record
}

/// The rest of a client's part, well formed and meaningless: ClientKeyExchange, ChangeCipherSpec and what should be
/// an encrypted Finished. No server can accept it.
pub fn nonsense(version: u16, suite: u16) -> Vec<u8> {
    let key = match suite {
        // ECDH of all kinds: the base point of P-256 (SEC 2 section 2.4.2), which every such server can read.
        0xc001..=0xc032 | 0xcca8 | 0xcca9 => {
            let mut point = vec![P256_BASE.len().to_le_bytes()[0]];
            point.extend(P256_BASE);
            point
        }
        // DHE: the public value 2.
        0x0011..=0x0016
        | 0x0032
        | 0x0033
        | 0x0038..=0x0040
        | 0x0045
        | 0x0067..=0x006b
        | 0x0088
        | 0x009e
        | 0x009f
        | 0x00a2
        | 0x00a3
        | 0xccaa => vec![0, 1, 2],
        // RSA: an encrypted secret for a key of 2048 bits. A wrong length or value is no secret's length or value.
        _ => {
            let mut secret = vec![1, 0];
            secret.extend([0x5a; 256]);
            secret
        }
    };
    let mut records = vec![HANDSHAKE];
    records.extend(version.to_be_bytes());
    with_length(&mut records, |body| {
        body.extend([16, 0]);
        with_length(body, |body| body.extend(&key));
    });
    records.push(CHANGE_CIPHER_SPEC);
    records.extend(version.to_be_bytes());
    records.extend([0, 1, 1]);
    records.push(HANDSHAKE);
    records.extend(version.to_be_bytes());
    with_length(&mut records, |body| body.extend([0x5a; 64]));
    records
}

fn extensions(body: &mut Vec<u8>, version: u16, server_name: Option<&str>) {
    if let Some(name) = server_name {
        extension(body, 0, |body| {
            with_length(body, |body| {
                body.push(0);
                with_length(body, |body| body.extend(name.as_bytes()));
            });
        });
    }
    // supported_groups, ec_point_formats (uncompressed).
    extension(body, 10, |body| numbers(body, GROUPS));
    extension(body, 11, |body| body.extend([1, 0]));
    if version >= TLS_1_2 {
        extension(body, 13, |body| numbers(body, SIGNATURES));
    }
    if version >= TLS_1_3 {
        // supported_versions, and key_share without a share.
        extension(body, 43, |body| body.extend([2, 3, 4]));
        extension(body, 51, |body| body.extend([0, 0]));
    }
    // status_request: OCSP, no responders, no extensions (RFC 6066 section 8).
    extension(body, 5, |body| body.extend([1, 0, 0, 0, 0]));
}

fn extension(body: &mut Vec<u8>, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    body.extend(kind.to_be_bytes());
    with_length(body, fill);
}

fn numbers(body: &mut Vec<u8>, numbers: &[u16]) {
    with_length(body, |body| {
        for number in numbers {
            body.extend(number.to_be_bytes());
        }
    });
}

/// Two bytes of length before what `fill` writes.
fn with_length(body: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    fill(&mut inner);
    // Everything written here is made of constants and a name of at most 254 bytes.
    let length = u16::try_from(inner.len()).unwrap_or(u16::MAX);
    body.extend(length.to_be_bytes());
    body.extend(inner);
}

/// What a server said before encryption begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flight {
    /// The version that ServerHello chose.
    pub version: Option<u16>,
    /// The cipher suite that ServerHello chose.
    pub suite: Option<u16>,
    /// The chain as served, DER.
    pub certificates: Vec<Vec<u8>>,
    /// The stapled OCSP response.
    pub ocsp_staple: Option<Vec<u8>>,
    /// The accepted CA names, DER; `None` when no client certificate was asked for.
    pub accepted_names: Option<Vec<Vec<u8>>>,
    /// ServerHelloDone came: nothing is missing.
    pub complete: bool,
    /// A fatal alert, or close_notify.
    pub alert: Option<u8>,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More is needed.
    More,
    /// Nothing more can be read.
    End,
    /// The answer is not TLS, or breaks its rules.
    NotTls,
}

/// Takes the answer in as it arrives.
#[derive(Debug, Default)]
pub struct FlightReader {
    /// Bytes of an unfinished record.
    record: Vec<u8>,
    /// Bytes of an unfinished handshake message.
    message: Vec<u8>,
    total: usize,
    flight: Flight,
}

impl FlightReader {
    /// What was read so far.
    pub fn flight(&self) -> &Flight {
        &self.flight
    }

    /// What was read.
    pub fn into_flight(self) -> Flight {
        self.flight
    }

    /// Takes in the next bytes of the connection.
    pub fn push(&mut self, bytes: &[u8]) -> Progress {
        self.record.extend_from_slice(bytes);
        self.total += bytes.len();
        if self.total > MAX_HANDSHAKE {
            return Progress::NotTls;
        }
        let record = std::mem::take(&mut self.record);
        let mut rest = record.as_slice();
        loop {
            match take_record(rest) {
                Ok(Some((kind, body, after))) => {
                    rest = after;
                    match self.take(kind, body) {
                        Progress::More => {}
                        end => return end,
                    }
                }
                Ok(None) => {
                    self.record = rest.to_vec();
                    return Progress::More;
                }
                Err(Malformed) => return Progress::NotTls,
            }
        }
    }

    fn take(&mut self, kind: u8, body: &[u8]) -> Progress {
        match (kind, body) {
            (HANDSHAKE, _) => {
                self.message.extend_from_slice(body);
                self.take_messages().unwrap_or(Progress::NotTls)
            }
            // Level 1 is a warning; old servers send "unrecognized name" that way and go on.
            (ALERT, [1, description]) if *description != 0 => Progress::More,
            (ALERT, [_, description]) => {
                self.flight.alert = Some(*description);
                Progress::End
            }
            (ALERT, _) => Progress::NotTls,
            // ChangeCipherSpec or application data: what follows is encrypted.
            _ => Progress::End,
        }
    }

    fn take_messages(&mut self) -> Result<Progress, Malformed> {
        let buffer = std::mem::take(&mut self.message);
        let mut rest = buffer.as_slice();
        while let Some((kind, body, after)) = take_message(rest) {
            rest = after;
            if self.take_message(kind, body)? == Progress::End {
                return Ok(Progress::End);
            }
        }
        self.message = rest.to_vec();
        Ok(Progress::More)
    }

    fn take_message(&mut self, kind: u8, body: &[u8]) -> Result<Progress, Malformed> {
        let mut input = Input(body);
        match kind {
            2 => {
                let (version, suite) = server_hello(&mut input)?;
                self.flight.version = Some(version);
                self.flight.suite = Some(suite);
                // All that follows is encrypted.
                if version >= TLS_1_3 {
                    return Ok(Progress::End);
                }
            }
            11 => self.flight.certificates = certificates(&mut input)?,
            13 => {
                let version = self.flight.version.ok_or(Malformed)?;
                self.flight.accepted_names = Some(certificate_request(&mut input, version)?);
            }
            14 => {
                self.flight.complete = true;
                return Ok(Progress::End);
            }
            // CertificateStatus: type 1 is OCSP.
            22 if input.number(1)? == 1 => {
                let length = input.number(3)?;
                self.flight.ocsp_staple = Some(input.take(length)?.to_vec());
            }
            _ => {}
        }
        Ok(Progress::More)
    }
}

/// Whether these may be the first bytes of a TLS record.
pub fn looks_like_tls(bytes: &[u8]) -> bool {
    match bytes {
        [] => true,
        [kind] => (20..=24).contains(kind),
        [kind, major, ..] => (20..=24).contains(kind) && *major == 3,
    }
}

/// Breaks the rules of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed;

/// A record or a message: type, body, and what follows it.
type Piece<'a> = (u8, &'a [u8], &'a [u8]);

/// The first record; `None` while it is not complete.
fn take_record(bytes: &[u8]) -> Result<Option<Piece<'_>>, Malformed> {
    if !looks_like_tls(bytes) {
        return Err(Malformed);
    }
    let [kind, _, _, high, low, rest @ ..] = bytes else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length > MAX_RECORD {
        return Err(Malformed);
    }
    Ok(rest
        .split_at_checked(length)
        .map(|(body, after)| (*kind, body, after)))
}

fn take_message(bytes: &[u8]) -> Option<Piece<'_>> {
    let mut input = Input(bytes);
    let kind = input.number(1).ok()?;
    let length = input.number(3).ok()?;
    let body = input.take(length).ok()?;
    Some((u8::try_from(kind).ok()?, body, input.0))
}

fn server_hello(input: &mut Input<'_>) -> Result<(u16, u16), Malformed> {
    let mut version = input.short()?;
    input.take(32)?;
    let session = input.number(1)?;
    input.take(session)?;
    let suite = input.short()?;
    input.take(1)?;
    if !input.0.is_empty() {
        let length = input.number(2)?;
        let mut extensions = Input(input.take(length)?);
        while !extensions.0.is_empty() {
            let kind = extensions.short()?;
            let length = extensions.number(2)?;
            let mut body = Input(extensions.take(length)?);
            // supported_versions (RFC 8446 section 4.2.1) is where TLS 1.3 says its name.
            if kind == 43 {
                version = body.short()?;
            }
        }
    }
    Ok((version, suite))
}

fn certificates(input: &mut Input<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let length = input.number(3)?;
    let mut list = Input(input.take(length)?);
    let mut found = Vec::new();
    while !list.0.is_empty() && found.len() < MAX_CERTIFICATES {
        let length = list.number(3)?;
        found.push(list.take(length)?.to_vec());
    }
    Ok(found)
}

/// RFC 5246 section 7.4.4; before TLS 1.2 without the signature algorithms.
fn certificate_request(input: &mut Input<'_>, version: u16) -> Result<Vec<Vec<u8>>, Malformed> {
    let types = input.number(1)?;
    input.take(types)?;
    if version >= TLS_1_2 {
        let algorithms = input.number(2)?;
        input.take(algorithms)?;
    }
    let mut found = Vec::new();
    // SSLv3 servers may leave the list out.
    if input.0.is_empty() {
        return Ok(found);
    }
    let length = input.number(2)?;
    let mut list = Input(input.take(length)?);
    while !list.0.is_empty() && found.len() < MAX_NAMES {
        let length = list.number(2)?;
        found.push(list.take(length)?.to_vec());
    }
    Ok(found)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A big-endian number of one to three bytes.
    fn number(&mut self, bytes: usize) -> Result<usize, Malformed> {
        Ok(self
            .take(bytes)?
            .iter()
            .fold(0, |value, byte| value << 8 | usize::from(*byte)))
    }

    fn short(&mut self) -> Result<u16, Malformed> {
        let bytes: [u8; 2] = self.take(2)?.try_into().map_err(|_| Malformed)?;
        Ok(u16::from_be_bytes(bytes))
    }
}

#[cfg(test)]
mod tests;
