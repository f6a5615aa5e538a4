//! Deflate on many threads, inside one file and over many, with the same bytes whatever their number.
//!
//! A file is cut into blocks of a fixed size. Each is compressed by itself, but with the end of the block before as its
//! dictionary, so that hardly anything is lost, and is ended on a byte boundary: put one behind the other they are one
//! deflate stream (RFC 1951, section 3.2.4 for the empty stored block that does this).

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

use flate2::Crc;

use super::container::Method;
use super::encoder::{Encoder, WINDOW};

/// Bytes that are compressed as one. Measured with 32 KiB of dictionary: 0.1 % larger than whole files.
pub(super) const BLOCK: usize = 256 * 1024;

/// A block of a file.
struct Block {
    /// The end of the block before, and from `from` on the block.
    text: Vec<u8>,
    from: usize,
    /// The last of its file.
    last: bool,
    /// Not to be compressed.
    stored: bool,
}

/// A block, and who waits for it.
struct Job {
    block: Block,
    reply: SyncSender<Packed>,
}

/// What became of a block.
pub(super) struct Packed {
    text: Vec<u8>,
    from: usize,
    /// The block compressed; `None`: stored as it is.
    compressed: Option<Vec<u8>>,
    /// Check sum of the block.
    pub(super) crc: Crc,
}

impl Packed {
    /// The block.
    pub(super) fn data(&self) -> &[u8] {
        self.text.get(self.from..).unwrap_or_default()
    }

    /// What goes into the zip.
    pub(super) fn piece(&self) -> &[u8] {
        self.compressed.as_deref().unwrap_or(self.data())
    }

    /// How it is stored there.
    pub(super) fn method(&self) -> Method {
        match self.compressed {
            Some(_) => Method::Deflated,
            None => Method::Stored,
        }
    }
}

/// A block on its way; [`Receiver::recv`] fails only when a thread of the pool died.
pub(super) type Pending = Receiver<Packed>;

/// The compressing threads.
pub(super) struct Pool {
    jobs: SyncSender<Job>,
}

impl Pool {
    /// Starts `threads` of them in a scope. They end when the pool is dropped.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, threads: usize) -> Self {
        let threads = threads.max(1);
        let (jobs, queue) = sync_channel::<Job>(threads * 2);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            scope.spawn(move || {
                let mut encoder = Encoder::new();
                while let Some(Job { block, reply }) = next(&queue) {
                    // Fails when nobody waits for it any more: the packing ended elsewhere.
                    let _ = reply.send(pack(block, &mut encoder));
                }
            });
        }
        Self { jobs }
    }

    /// A file that is handed over piece by piece.
    pub(super) fn file(&self, stored: bool) -> Blocks<'_> {
        Blocks {
            pool: self,
            stored,
            dictionary: Vec::new(),
        }
    }
}

fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The blocks of one file, in order.
pub(super) struct Blocks<'a> {
    pool: &'a Pool,
    stored: bool,
    dictionary: Vec<u8>,
}

impl Blocks<'_> {
    /// Hands a block over; `None` when the pool is gone. Each but the last has [`BLOCK`] bytes.
    pub(super) fn send(&mut self, data: &[u8], last: bool) -> Option<Pending> {
        let (reply, pending) = sync_channel(1);
        let tail = data.get(data.len().saturating_sub(WINDOW)..).unwrap_or_default();
        let mut text = std::mem::replace(&mut self.dictionary, tail.to_vec());
        let from = text.len();
        text.extend_from_slice(data);
        let block = Block {
            text,
            from,
            last,
            stored: self.stored,
        };
        self.pool.jobs.send(Job { block, reply }).ok().map(|()| pending)
    }
}

/// Small contents, compressed on this thread.
pub(super) fn whole(data: &[u8]) -> Packed {
    let block = Block {
        text: data.to_vec(),
        from: 0,
        last: true,
        stored: false,
    };
    pack(block, &mut Encoder::new())
}

/// Compresses on this thread what is written to it, block by block.
pub(super) struct Serial<F> {
    sink: F,
    encoder: Encoder,
    /// The end of the block before, and from `from` on the block that is being filled.
    text: Vec<u8>,
    from: usize,
    crc: Crc,
    size: u64,
}

impl<F: FnMut(&[u8]) -> io::Result<()>> Serial<F> {
    /// `sink` gets what goes into the zip.
    pub(super) fn new(sink: F) -> Self {
        Self {
            sink,
            encoder: Encoder::new(),
            text: Vec::new(),
            from: 0,
            crc: Crc::new(),
            size: 0,
        }
    }

    /// Ends the stream: bytes that were written, and their check sum.
    pub(super) fn finish(mut self) -> io::Result<(u64, u32)> {
        self.block(true)?;
        Ok((self.size, self.crc.sum()))
    }

    fn block(&mut self, last: bool) -> io::Result<()> {
        let data = self.text.get(self.from..).unwrap_or_default();
        self.crc.update(data);
        self.size += data.len() as u64;
        (self.sink)(&self.encoder.compress(&self.text, self.from, last))?;
        self.text.drain(..self.text.len().saturating_sub(WINDOW));
        self.from = self.text.len();
        Ok(())
    }
}

impl<F: FnMut(&[u8]) -> io::Result<()>> io::Write for Serial<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only a full block that has another behind it is ended here.
        if self.text.len() - self.from == BLOCK {
            self.block(false)?;
        }
        let room = BLOCK - (self.text.len() - self.from);
        let some = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.text.extend_from_slice(some);
        Ok(some.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pack(block: Block, encoder: &mut Encoder) -> Packed {
    let Block { text, from, .. } = block;
    let mut crc = Crc::new();
    crc.update(text.get(from..).unwrap_or_default());
    let compressed = (!block.stored).then(|| encoder.compress(&text, from, block.last));
    Packed {
        text,
        from,
        compressed,
        crc,
    }
}

/// Cuts what a reader brings into blocks.
///
/// `sink` gets each block and whether it is the last; it says whether to go on. Returns whether the last one was taken.
///
/// # Errors
/// When the reader fails.
pub(super) fn blocks(
    reader: &mut dyn std::io::Read,
    mut sink: impl FnMut(Vec<u8>, bool) -> bool,
) -> std::io::Result<bool> {
    let mut block = fill(reader)?;
    loop {
        // Only a full block can have another behind it.
        let following = if block.len() == BLOCK {
            fill(reader)?
        } else {
            Vec::new()
        };
        let last = following.is_empty();
        let taken = sink(std::mem::replace(&mut block, following), last);
        if last || !taken {
            return Ok(taken);
        }
    }
}

fn fill(reader: &mut dyn std::io::Read) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut block = Vec::new();
    reader.take(BLOCK as u64).read_to_end(&mut block)?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::{BLOCK, Pool, Serial, blocks};

    fn written(data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut serial = Serial::new(|piece: &[u8]| {
            out.extend_from_slice(piece);
            Ok(())
        });
        for some in data.chunks(70_001) {
            serial.write_all(some).expect("memory");
        }
        let (size, _) = serial.finish().expect("memory");
        assert_eq!(size, data.len() as u64);
        out
    }

    fn packed(data: &[u8], threads: usize) -> Vec<u8> {
        let mut out = Vec::new();
        std::thread::scope(|scope| {
            let pool = Pool::start(scope, threads);
            let mut file = pool.file(false);
            let mut pending = Vec::new();
            let mut reader = data;
            // A queue as long as the file: the pool must not wait for the reader of its answers.
            let whole = blocks(&mut reader, |block, last| {
                pending.extend(file.send(&block, last));
                true
            });
            assert!(whole.expect("memory"));
            for block in pending {
                out.extend_from_slice(block.recv().expect("alive").piece());
            }
        });
        out
    }

    #[test]
    fn every_length_around_a_block_comes_back_the_same_on_any_number_of_threads() {
        let noise = |length: usize| -> Vec<u8> {
            let mut state = 1_u64;
            std::iter::repeat_with(|| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_le_bytes()[7]
            })
            .take(length)
            .collect()
        };
        let text = |length: usize| {
            "2026-11-22 INFO line of a log "
                .bytes()
                .cycle()
                .take(length)
                .collect()
        };
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7] {
            for data in [noise(length), text(length)] {
                let one = packed(&data, 1);
                assert_eq!(one, packed(&data, 3), "{length} bytes");
                assert_eq!(one, written(&data), "{length} bytes");
                let mut back = Vec::new();
                flate2::read::DeflateDecoder::new(&one[..])
                    .read_to_end(&mut back)
                    .expect("deflate");
                assert!(back == data, "{length} bytes come back as {}", back.len());
                assert!(
                    one.len() <= data.len() + data.len() / 500 + 16,
                    "{length} bytes grew"
                );
            }
        }
    }
}
