//! Bytes that have to be read more than once or at any place, and come only once: standard input, archives inside
//! archives. A few stay in memory; more go to a temporary file, encrypted with a key that only this process ever
//! has, so that nothing readable is left on the disk whatever happens to the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, Nonce, UnboundKey};

/// Up to so many bytes stay in memory.
const IN_MEMORY: usize = 8 << 20;
/// Bytes that are encrypted together; what a reader holds.
const BLOCK: usize = 64 * 1024;

/// What was read, ready to be read again.
pub(super) struct Sealed {
    store: Store,
    length: u64,
    at: u64,
}

enum Store {
    Memory(Vec<u8>),
    Disk {
        file: File,
        key: Box<LessSafeKey>,
        /// The decrypted block, and its number.
        block: Vec<u8>,
        number: Option<u64>,
    },
}

impl Sealed {
    /// Reads `reader` to its end.
    ///
    /// # Errors
    /// When it cannot be read, or the temporary directory is full.
    pub(super) fn fill(reader: impl Read) -> io::Result<Self> {
        Self::fill_from(reader, IN_MEMORY)
    }

    fn fill_from(mut reader: impl Read, in_memory: usize) -> io::Result<Self> {
        let mut head = Vec::new();
        (&mut reader).take(in_memory as u64 + 1).read_to_end(&mut head)?;
        if head.len() <= in_memory {
            return Ok(Self {
                length: head.len() as u64,
                store: Store::Memory(head),
                at: 0,
            });
        }
        let key = fresh_key()?;
        let mut file = tempfile::tempfile()?;
        let mut reader = head.as_slice().chain(reader);
        let (mut length, mut block) = (0, Vec::with_capacity(BLOCK + MAX_TAG_LEN));
        for number in 0_u64.. {
            block.clear();
            let count = (&mut reader).take(BLOCK as u64).read_to_end(&mut block)?;
            if count == 0 {
                break;
            }
            length += count as u64;
            key.seal_in_place_append_tag(nonce(number), Aad::empty(), &mut block)
                .map_err(|_| io::Error::other("cannot encrypt"))?;
            file.write_all(&block)?;
        }
        Ok(Self {
            store: Store::Disk {
                file,
                key: Box::new(key),
                block: Vec::new(),
                number: None,
            },
            length,
            at: 0,
        })
    }
}

/// A key for one file; never written anywhere.
fn fresh_key() -> io::Result<LessSafeKey> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| io::Error::other(error.to_string()))?;
    UnboundKey::new(&CHACHA20_POLY1305, bytes.as_ref())
        .map(LessSafeKey::new)
        .map_err(|_| io::Error::other("cannot encrypt"))
}

/// The number of the block: used once, since a file is written once and has a key of its own.
fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Nonce::assume_unique_for_key(bytes)
}

impl Store {
    /// The bytes from `at` on: to the end of a block, or of all.
    fn part(&mut self, at: u64) -> io::Result<&[u8]> {
        let (file, key, block, number) = match self {
            Self::Memory(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                return Ok(bytes.get(at..).unwrap_or_default());
            }
            Self::Disk {
                file,
                key,
                block,
                number,
            } => (file, key, block, number),
        };
        let wanted = at / BLOCK as u64;
        if *number != Some(wanted) {
            *number = None;
            let place = wanted * (BLOCK + MAX_TAG_LEN) as u64;
            file.seek(SeekFrom::Start(place))?;
            block.clear();
            file.take((BLOCK + MAX_TAG_LEN) as u64).read_to_end(block)?;
            let plain = key
                .open_in_place(nonce(wanted), Aad::empty(), block)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the temporary file was changed"))?
                .len();
            block.truncate(plain);
            *number = Some(wanted);
        }
        let inside = usize::try_from(at % BLOCK as u64).unwrap_or(usize::MAX);
        Ok(block.get(inside..).unwrap_or_default())
    }
}

impl Read for Sealed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || out.is_empty() {
            return Ok(0);
        }
        let part = self.store.part(self.at)?;
        let count = part.len().min(out.len());
        if let (Some(target), Some(source)) = (out.get_mut(..count), part.get(..count)) {
            target.copy_from_slice(source);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Sealed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, SeekFrom};

    use super::{BLOCK, Sealed, Store};

    #[test]
    fn read_again_at_any_place_and_unreadable_on_the_disk() {
        let bytes: Vec<u8> = b"password=Gr4nite-Moss\n".repeat(3 * BLOCK / 22 + 5);
        for in_memory in [0, bytes.len() - 1, bytes.len()] {
            let mut sealed = Sealed::fill_from(bytes.as_slice(), in_memory).unwrap();
            assert_eq!(matches!(sealed.store, Store::Memory(_)), in_memory == bytes.len());
            for from in [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 7, bytes.len()] {
                sealed.seek(SeekFrom::Start(from as u64)).unwrap();
                let mut out = Vec::new();
                sealed.read_to_end(&mut out).unwrap();
                assert!(out == bytes[from..], "{from}");
            }
            if let Store::Disk { file, .. } = &mut sealed.store {
                let mut raw = Vec::new();
                file.seek(SeekFrom::Start(0)).unwrap();
                file.read_to_end(&mut raw).unwrap();
                assert!(raw.len() > bytes.len());
                assert!(memchr::memmem::find(&raw, b"Gr4nite").is_none());
            }
        }
    }
}
