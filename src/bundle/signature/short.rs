//! ECDSA keys whose private number begins with a zero byte, one of 256: OpenSSH leaves the zero out (`mpint`, RFC 4251,
//! section 5), and `ssh-key` 0.6.7 takes such a file for broken. Here the zero is put back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh_key::PrivateKey;
use zeroize::Zeroizing;

/// What a file begins with (`PROTOCOL.key` of OpenSSH).
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// Two equal numbers in front of the key tell whether it was decrypted with the right passphrase.
const CHECKS: usize = 8;
/// The private part is padded with 1, 2, 3 … to a multiple of this.
const PADDED: usize = 8;

/// The key in a file that is not encrypted.
pub(super) fn of_file(text: &[u8]) -> Option<PrivateKey> {
    let text = std::str::from_utf8(text).ok()?;
    let body: Zeroizing<String> =
        Zeroizing::new(text.lines().filter(|line| !line.starts_with('-')).collect());
    let file = Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?);
    let mut rest = file.strip_prefix(MAGIC)?;
    let cipher = string(&mut rest)?;
    let (_kdf, _options) = (string(&mut rest)?, string(&mut rest)?);
    let (count, mut rest) = rest.split_first_chunk::<4>()?;
    let (_public, private) = (string(&mut rest)?, string(&mut rest)?);
    (cipher == b"none" && u32::from_be_bytes(*count) == 1).then_some(())?;
    of_private(private)
}

/// The key in a file that `passphrase` opens, if it is encrypted in the way that is OpenSSH's own choice, without a tag.
pub(super) fn of_encrypted(key: &PrivateKey, passphrase: &str) -> Option<PrivateKey> {
    let cipher = key.cipher();
    let (secret, start) = key.kdf().derive_key_and_iv(cipher, passphrase).ok()?;
    let mut private = Zeroizing::new(key.key_data().encrypted()?.to_vec());
    cipher.decrypt(&secret, &start, &mut private, None).ok()?;
    of_private(&private)
}

/// The key in the private part of a file, if its number is shorter than the curve has bytes.
fn of_private(private: &[u8]) -> Option<PrivateKey> {
    let (checks, mut rest) = private.split_at_checked(CHECKS)?;
    let (first, second) = checks.split_at_checked(CHECKS / 2)?;
    let kind = string(&mut rest)?;
    let size = match kind {
        b"ecdsa-sha2-nistp256" => 32,
        b"ecdsa-sha2-nistp384" => 48,
        _ => return None,
    };
    let (curve, point, number) = (string(&mut rest)?, string(&mut rest)?, string(&mut rest)?);
    (first == second && number.len() < size).then_some(())?;
    let mut whole = Zeroizing::new(vec![0; size - number.len()]);
    whole.extend_from_slice(number);
    let mut public = Vec::new();
    for field in [kind, curve, point] {
        push(&mut public, field);
    }
    let mut padded = Zeroizing::new(checks.to_vec());
    padded.extend_from_slice(&public);
    push(&mut padded, &whole);
    push(&mut padded, b"");
    let missing = padded.len().next_multiple_of(PADDED) - padded.len();
    padded.extend((1..).take(missing));
    let mut file = Zeroizing::new(MAGIC.to_vec());
    for field in [&b"none"[..], b"none", b""] {
        push(&mut file, field);
    }
    file.extend(1_u32.to_be_bytes());
    push(&mut file, &public);
    push(&mut file, &padded);
    PrivateKey::from_bytes(&file).ok()
}

/// The string that `rest` begins with: its length in four bytes, then itself.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let (string, behind) = behind.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = behind;
    Some(string)
}

fn push(out: &mut Vec<u8>, string: &[u8]) {
    out.extend(u32::try_from(string.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(string);
}
