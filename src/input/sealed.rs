//! Bytes that have to be read more than once or at any place, and come only once: standard input, archives inside
//! archives. A few stay in memory; more go to a vault, so that nothing readable is left on the disk whatever happens to
//! the process.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use crate::vault::{Closed, Vault};

/// Up to so many bytes stay in memory.
const IN_MEMORY: usize = 8 << 20;

/// What was read, ready to be read again.
pub(super) enum Sealed {
    Memory(Cursor<Vec<u8>>),
    Disk(Closed),
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
            return Ok(Self::Memory(Cursor::new(head)));
        }
        let mut vault = Vault::create_in(&std::env::temp_dir())?;
        io::copy(&mut head.as_slice().chain(reader), &mut vault)?;
        vault.close().map(Self::Disk)
    }
}

impl Read for Sealed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(out),
            Self::Disk(vault) => vault.read(out),
        }
    }
}

impl Seek for Sealed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(to),
            Self::Disk(vault) => vault.seek(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, SeekFrom};

    use super::Sealed;

    #[test]
    fn read_again_at_any_place_from_memory_and_from_the_disk() {
        let bytes: Vec<u8> = b"password=Gr4nite-Moss\n".repeat(9_000);
        for in_memory in [0, bytes.len() - 1, bytes.len()] {
            let mut sealed = Sealed::fill_from(bytes.as_slice(), in_memory).unwrap();
            assert_eq!(matches!(sealed, Sealed::Memory(_)), in_memory == bytes.len());
            for from in [0, 1, 65_535, 65_536, 131_079, bytes.len()] {
                sealed.seek(SeekFrom::Start(from as u64)).unwrap();
                let mut out = Vec::new();
                sealed.read_to_end(&mut out).unwrap();
                assert!(out == bytes[from..], "{from}");
            }
        }
    }
}
