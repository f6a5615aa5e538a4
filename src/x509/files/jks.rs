//! Java key stores (JKS and JCEKS): the certificates and the number of keys.
//!
//! The layout is that of `sun.security.provider.JavaKeyStore`: big-endian numbers, Java's modified UTF-8 for names.
//! The password guards the keys and the store's integrity; the certificates are readable without it.

use super::{Contents, ContentsError};

/// First bytes of a JKS file.
const JKS: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
/// First bytes of a JCEKS file, which may also hold secret keys.
const JCEKS: [u8; 4] = [0xce, 0xce, 0xce, 0xce];

/// Entries looked at; Java's own `cacerts` has about 150.
const MAX_ENTRIES: u32 = 100_000;
/// Certificates of one key entry.
const MAX_CHAIN: u32 = 1000;

/// Whether these are the first bytes of such a store.
pub(super) fn is_store(bytes: &[u8]) -> bool {
    bytes.starts_with(&JKS) || bytes.starts_with(&JCEKS)
}

/// Reads the certificates, in the order of the store.
pub(super) fn parse(bytes: &[u8]) -> Result<Contents, ContentsError> {
    let mut contents = Contents::default();
    read(bytes, &mut contents).ok_or(ContentsError::Damaged)?;
    Ok(contents)
}

fn read(bytes: &[u8], contents: &mut Contents) -> Option<()> {
    let mut input = Input(bytes);
    input.take(4)?;
    let version = input.number()?;
    let entries = input.number()?;
    if !(1..=2).contains(&version) || entries > MAX_ENTRIES {
        return None;
    }
    for _ in 0..entries {
        let kind = input.number()?;
        input.text()?;
        // Milliseconds since 1970: when the entry was made.
        input.take(8)?;
        match kind {
            1 => {
                contents.private_keys += 1;
                input.block()?;
                let chain = input.number()?;
                if chain > MAX_CHAIN {
                    return None;
                }
                for _ in 0..chain {
                    contents.certificates.push(input.certificate(version)?);
                }
            }
            2 => contents.certificates.push(input.certificate(version)?),
            // A sealed secret key is a serialised Java object without a length: what follows cannot be found.
            3 => {
                contents.private_keys += 1;
                contents.problems.push(super::Problem::SecretKeyEntry);
                return Some(());
            }
            _ => return None,
        }
    }
    Some(())
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        self.take(usize::from(length))
    }

    fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn certificate(&mut self, version: u32) -> Option<Vec<u8>> {
        // Version 1 has no type name: everything is X.509.
        if version == 2 {
            self.text()?;
        }
        self.block().map(<[u8]>::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn store(entries: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2];
        bytes.extend(entries.to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn trusted(certificate: &[u8]) -> Vec<u8> {
        let mut entry = vec![0, 0, 0, 2, 0, 1, b'a'];
        entry.extend([0; 8]);
        entry.extend([0, 5]);
        entry.extend(b"X.509");
        entry.extend(u32::try_from(certificate.len()).unwrap().to_be_bytes());
        entry.extend(certificate);
        entry
    }

    #[test]
    fn trusted_entries() {
        let mut body = trusted(b"one");
        body.extend(trusted(b"two"));
        let contents = parse(&store(2, &body)).unwrap();
        assert_eq!(contents.certificates, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(contents.private_keys, 0);
    }

    #[test]
    fn cut_short_or_overstated() {
        let body = trusted(b"one");
        assert!(parse(&store(2, &body)).is_err());
        assert!(parse(&store(u32::MAX, &body)).is_err());
        assert!(parse(&store(1, &body[..body.len() - 1])).is_err());
    }
}
