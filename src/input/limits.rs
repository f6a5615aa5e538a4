//! Limits against archives that unpack to more than a machine can bear.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Limit, Shrunk};

/// What one run may unpack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Archives inside archives.
    pub depth: u32,
    /// Files, members included.
    pub count: u64,
    /// Bytes that come out of archives and compressed files.
    pub size: u64,
    /// Unpacked bytes for one packed byte, once [`Limits::ratio_from`] bytes came out.
    pub ratio: u64,
    /// From how many bytes on the ratio counts: small files may be very repetitive.
    pub ratio_from: u64,
}

impl Default for Limits {
    /// Logs compress to about a twentieth, repetitive ones to a hundredth; deflate cannot do better than 1032.
    fn default() -> Self {
        Self {
            depth: 4,
            count: 100_000,
            size: 32 << 30,
            ratio: 300,
            ratio_from: 16 << 20,
        }
    }
}

/// What is left of the limits, shared by all readers of a run.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    pub(super) limits: Limits,
    unpacked: Arc<AtomicU64>,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            unpacked: Arc::default(),
        }
    }
}

/// Counts the packed bytes that a decompressor takes.
#[derive(Debug)]
pub(super) struct Packed<R> {
    reader: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Unpacked bytes under a budget.
#[derive(Debug)]
pub(super) struct Unpacked<R> {
    reader: R,
    packed: Arc<AtomicU64>,
    out: u64,
    budget: Budget,
}

impl<R: Read> Unpacked<R> {
    /// `decompress` makes the decompressor on top of the counted packed bytes.
    pub(super) fn new<P: Read>(packed: P, budget: &Budget, decompress: impl FnOnce(Packed<P>) -> R) -> Self {
        let count = Arc::new(AtomicU64::new(0));
        let reader = decompress(Packed {
            reader: packed,
            count: Arc::clone(&count),
        });
        Self {
            reader,
            packed: count,
            out: 0,
            budget: budget.clone(),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.out += count as u64;
        let limits = self.budget.limits;
        let before = self.budget.unpacked.fetch_add(count as u64, Ordering::Relaxed);
        if before + count as u64 > limits.size {
            return Err(io::Error::other(Limit::Size));
        }
        let packed = self.packed.load(Ordering::Relaxed).max(1);
        if self.out > limits.ratio_from && self.out / packed > limits.ratio {
            return Err(io::Error::other(Limit::Ratio));
        }
        Ok(count)
    }
}

/// A file that must not end before the length that it had when it was opened.
#[derive(Debug)]
pub(super) struct Whole<R> {
    reader: R,
    left: u64,
}

impl<R> Whole<R> {
    pub(super) fn new(reader: R, length: u64) -> Self {
        Self { reader, left: length }
    }
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.left = self.left.saturating_sub(count as u64);
        if count == 0 && !out.is_empty() && self.left > 0 {
            self.left = 0;
            return Err(io::Error::other(Shrunk));
        }
        Ok(count)
    }
}
