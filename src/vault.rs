//! Where bytes lie that must be on the disk and must not be readable there: a temporary file without a name, encrypted
//! block by block with a key that only this process ever has, so that nothing is left whatever happens to it. It can be
//! written at any place, as a zip's container needs it, and is then read back by several threads, each at its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, Nonce, UnboundKey};

/// Bytes that are encrypted together.
const BLOCK: usize = 64 * 1024;
/// The same on the disk.
const SEALED: usize = BLOCK + MAX_TAG_LEN;

/// A vault being filled.
pub(crate) struct Vault {
    store: Store,
    length: u64,
    at: u64,
    block: Block,
    changed: bool,
}

/// The file and what it takes to read it.
struct Store {
    file: Mutex<File>,
    key: LessSafeKey,
    /// How often each block was written. It never goes down, so that no nonce is used twice.
    written: Vec<u32>,
}

/// A block in clear text; always [`BLOCK`] bytes.
#[derive(Clone)]
struct Block {
    number: u64,
    bytes: Vec<u8>,
}

impl Vault {
    /// An empty one on the disk of `directory`.
    pub(crate) fn create_in(directory: &Path) -> io::Result<Self> {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|error| io::Error::other(error.to_string()))?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).map_err(|_| unusable())?;
        Ok(Self {
            store: Store {
                file: Mutex::new(tempfile::tempfile_in(directory)?),
                key: LessSafeKey::new(key),
                written: Vec::new(),
            },
            length: 0,
            at: 0,
            block: Block {
                number: 0,
                bytes: vec![0; BLOCK],
            },
            changed: false,
        })
    }

    /// Shorter from now on. What lies beyond is written over before it can be read.
    pub(crate) fn cut(&mut self, length: u64) {
        self.length = self.length.min(length);
    }

    /// Ends the writing.
    pub(crate) fn close(mut self) -> io::Result<Closed> {
        self.flush()?;
        Ok(Closed {
            store: Arc::new(self.store),
            length: self.length,
            at: 0,
            block: None,
        })
    }

    /// Makes the block of this number the current one.
    fn turn_to(&mut self, number: u64) -> io::Result<()> {
        if self.block.number != number {
            self.flush()?;
            self.store.load(number, &mut self.block.bytes)?;
            self.block.number = number;
        }
        Ok(())
    }
}

fn unusable() -> io::Error {
    io::Error::other("cannot encrypt")
}

/// The number of the block and how often it was written before: used once with the key of this file.
fn nonce(number: u64, written: u32) -> Nonce {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8..].copy_from_slice(&written.to_le_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn index(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

impl Store {
    /// Reads a block; one that was never written is empty.
    fn load(&self, number: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        let written = self.written.get(index(number)?).copied().unwrap_or(0);
        bytes.clear();
        if written > 0 {
            {
                let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(number * SEALED as u64))?;
                Read::by_ref(&mut *file).take(SEALED as u64).read_to_end(bytes)?;
            }
            self.key
                .open_in_place(nonce(number, written), Aad::empty(), bytes)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the temporary file was changed"))?;
        }
        bytes.resize(BLOCK, 0);
        Ok(())
    }

    fn save(&mut self, block: &Block) -> io::Result<()> {
        let place = index(block.number)?;
        if self.written.len() <= place {
            self.written.resize(place + 1, 0);
        }
        let written = self.written.get_mut(place).ok_or_else(unusable)?;
        *written = written.checked_add(1).ok_or_else(unusable)?;
        let mut sealed = Vec::with_capacity(SEALED);
        sealed.extend_from_slice(&block.bytes);
        self.key
            .seal_in_place_append_tag(nonce(block.number, *written), Aad::empty(), &mut sealed)
            .map_err(|_| unusable())?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(block.number * SEALED as u64))?;
        file.write_all(&sealed)
    }
}

impl Write for Vault {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.turn_to(self.at / BLOCK as u64)?;
        let inside = usize::try_from(self.at % BLOCK as u64).unwrap_or(0);
        let count = buffer.len().min(BLOCK - inside);
        self.block.bytes[inside..inside + count].copy_from_slice(&buffer[..count]);
        self.changed = true;
        self.at += count as u64;
        self.length = self.length.max(self.at);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.changed {
            self.store.save(&self.block)?;
            self.changed = false;
        }
        Ok(())
    }
}

impl Seek for Vault {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = target(to, self.at, self.length)?;
        Ok(self.at)
    }
}

/// A vault that was filled. Each clone reads at its own place.
#[derive(Clone)]
pub(crate) struct Closed {
    store: Arc<Store>,
    length: u64,
    at: u64,
    block: Option<Block>,
}

impl Read for Closed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let number = self.at / BLOCK as u64;
        let inside = usize::try_from(self.at % BLOCK as u64).unwrap_or(0);
        let count = buffer.len().min(left).min(BLOCK - inside);
        if count == 0 {
            return Ok(0);
        }
        let mut block = self.block.take().unwrap_or(Block {
            number: u64::MAX,
            bytes: Vec::new(),
        });
        if block.number != number {
            self.store.load(number, &mut block.bytes)?;
            block.number = number;
        }
        buffer[..count].copy_from_slice(&block.bytes[inside..inside + count]);
        self.block = Some(block);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Closed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = target(to, self.at, self.length)?;
        Ok(self.at)
    }
}

/// Where a seek leads.
pub(crate) fn target(to: SeekFrom, at: u64, length: u64) -> io::Result<u64> {
    let place = match to {
        SeekFrom::Start(place) => Some(place),
        SeekFrom::Current(step) => at.checked_add_signed(step),
        SeekFrom::End(step) => length.checked_add_signed(step),
    };
    place.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _, Seek as _, SeekFrom, Write as _};

    use super::{BLOCK, PoisonError, Vault};

    fn vault() -> Vault {
        Vault::create_in(&std::env::temp_dir()).expect("a temporary file")
    }

    #[test]
    fn what_was_written_anywhere_is_read_back_by_every_reader() {
        let (mut vault, mut plain) = (vault(), Cursor::new(Vec::new()));
        // Forward, back over a boundary, cut off, and on again: as the container does with a long entry.
        let steps: [(u64, usize, u8); 6] = [
            (0, 3 * BLOCK + 7, b'a'),
            (0, 50, b'b'),
            (BLOCK as u64 - 3, 9, b'c'),
            (3 * BLOCK as u64, 2 * BLOCK, b'd'),
            (5, 1, b'e'),
            (5 * BLOCK as u64, 11, b'f'),
        ];
        for (at, count, byte) in steps {
            vault.seek(SeekFrom::Start(at)).expect("a place");
            vault.write_all(&vec![byte; count]).expect("written");
            plain.seek(SeekFrom::Start(at)).expect("a place");
            plain.write_all(&vec![byte; count]).expect("written");
        }
        let shorter = 4 * BLOCK + 100;
        vault.cut(shorter as u64);
        vault.seek(SeekFrom::End(0)).expect("the end");
        vault.write_all(b"the end").expect("written");
        plain.get_mut().truncate(shorter);
        plain.seek(SeekFrom::End(0)).expect("the end");
        plain.write_all(b"the end").expect("written");
        let plain = plain.into_inner();
        let closed = vault.close().expect("closed");
        let (mut one, mut other) = (closed.clone(), closed);
        for from in [0, 1, BLOCK - 1, BLOCK, 4 * BLOCK, plain.len() - 1, plain.len()] {
            for reader in [&mut one, &mut other] {
                let mut back = Vec::new();
                reader.seek(SeekFrom::Start(from as u64)).expect("a place");
                reader.read_to_end(&mut back).expect("read");
                assert!(back == plain[from..], "{from}");
            }
        }
    }

    #[test]
    fn nothing_of_it_is_readable_on_the_disk_and_a_change_shows() {
        let mut vault = vault();
        let text = b"token=Gr4nite-Moss\n".repeat(BLOCK / 8);
        vault.write_all(&text).expect("written");
        let mut closed = vault.close().expect("closed");
        {
            let mut file = closed.store.file.lock().unwrap_or_else(PoisonError::into_inner);
            let mut raw = Vec::new();
            file.seek(SeekFrom::Start(0)).expect("the beginning");
            file.read_to_end(&mut raw).expect("read");
            assert!(raw.len() > text.len());
            assert!(memchr::memmem::find(&raw, b"Gr4nite").is_none());
            file.seek(SeekFrom::Start(9)).expect("a place");
            file.write_all(&[raw[9] ^ 1]).expect("changed");
        }
        assert!(closed.read(&mut [0; 10]).is_err());
    }

    #[test]
    fn a_block_that_is_written_again_looks_different() {
        let mut vault = vault();
        let mut raw = Vec::new();
        for _ in 0..2 {
            vault.seek(SeekFrom::Start(0)).expect("the beginning");
            vault.write_all(b"the same").expect("written");
            vault.flush().expect("flushed");
            let mut file = vault.store.file.lock().unwrap_or_else(PoisonError::into_inner);
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(0)).expect("the beginning");
            file.read_to_end(&mut bytes).expect("read");
            raw.push(bytes);
        }
        assert_ne!(raw[0], raw[1], "a nonce was used twice");
    }
}
