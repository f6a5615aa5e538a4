//! Who may ask: basic authentication against hashes.
//!
//! The configuration holds SHA-256 of a long random password, which every machine can make with a common tool. A plain
//! hash is enough for such a password, and only for such: shorter ones are never accepted, so that nobody is lulled.

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::config::ExporterUser;

/// Shortest password that is accepted, in bytes: `openssl rand -hex 12` has 96 bits in 24.
const SHORTEST: usize = 20;
/// Longest `Authorization` header that is looked at.
const LONGEST: usize = 1024;

/// The users; none: everybody may ask.
#[derive(Debug, Clone, Default)]
pub struct Access {
    users: Vec<(String, [u8; 32])>,
}

impl Access {
    /// From the configuration, whose form was checked when it was read.
    pub fn new(users: &[ExporterUser]) -> Self {
        let users = users
            .iter()
            .map(|user| (user.name.clone(), digest_of(&user.password_sha256)));
        Self {
            users: users.collect(),
        }
    }

    /// Whether a request with this `Authorization` header may be answered.
    pub fn allows(&self, authorization: Option<&[u8]>) -> bool {
        if self.users.is_empty() {
            return true;
        }
        let Some((name, password)) = authorization.and_then(credentials) else {
            return false;
        };
        let given: [u8; 32] = Sha256::digest(&password).into();
        // All are compared, in the same time whatever is equal.
        let mut found = false;
        for (user, hash) in &self.users {
            found |= same(user.as_bytes(), &name) & same(hash, &given);
        }
        found & (password.len() >= SHORTEST)
    }
}

/// 64 hexadecimal digits; anything else fits no password.
fn digest_of(text: &str) -> [u8; 32] {
    let mut digest = [0; 32];
    for (place, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *place = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    digest
}

/// Name and password of `Basic …`.
fn credentials(header: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = std::str::from_utf8(header.get(..header.len().min(LONGEST))?).ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim())
        .ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (name, rest) = decoded.split_at(colon);
    Some((name.to_vec(), rest.get(1..)?.to_vec()))
}

/// Compares in a time that depends on the length only.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one
        .iter()
        .zip(other)
        .fold(0, |sum, (one, other)| sum | (one ^ other));
    one.len() == other.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};

    use super::Access;
    use crate::config::ExporterUser;

    fn user(name: &str, password: &str) -> ExporterUser {
        ExporterUser {
            name: name.to_owned(),
            password_sha256: crate::x509::name::hex(&Sha256::digest(password)),
        }
    }

    fn basic(text: &str) -> Vec<u8> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        format!("Basic {encoded}").into_bytes()
    }

    #[test]
    fn the_right_name_and_a_long_password() {
        let long = "0123456789abcdef01234567";
        let access = Access::new(&[user("prometheus", long), user("short", "hunter2")]);
        for (header, allowed) in [
            (basic(&format!("prometheus:{long}")), true),
            (basic(&format!("short:{long}")), false),
            (basic(&format!("prometheus:{long}x")), false),
            (basic("short:hunter2"), false),
            (basic(long), false),
            (b"Bearer x".to_vec(), false),
            (b"Basic !!!".to_vec(), false),
            (vec![0xff; 5000], false),
        ] {
            assert_eq!(access.allows(Some(&header)), allowed, "{header:?}");
        }
        assert!(!access.allows(None));
        assert!(Access::default().allows(None));
    }
}
