//! Standard input that Ctrl-C can stop: a read of a terminal or a pipe may block for ever, so a thread does it.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::interrupt::Interrupt;

/// How long the interrupt is not looked at.
const POLL: Duration = Duration::from_millis(50);
const BLOCK: usize = 64 * 1024;
/// Blocks that are read ahead.
const AHEAD: usize = 4;

pub(super) struct Pump {
    receiver: Receiver<io::Result<Vec<u8>>>,
    interrupt: Interrupt,
    block: Vec<u8>,
    at: usize,
}

impl Pump {
    /// Reads `reader` in a thread of its own, which ends with the process if it is blocked.
    pub(super) fn new(mut reader: impl Read + Send + 'static, interrupt: Interrupt) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        thread::spawn(move || {
            loop {
                let mut block = vec![0; BLOCK];
                let message = match reader.read(&mut block) {
                    Ok(count) => {
                        block.truncate(count);
                        Ok(block)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let last = !matches!(&message, Ok(block) if !block.is_empty());
                if sender.send(message).is_err() || last {
                    return;
                }
            }
        });
        Self {
            receiver,
            interrupt,
            block: Vec::new(),
            at: 0,
        }
    }
}

impl Read for Pump {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.block.len() {
            if self.interrupt.is_set() {
                return Err(io::Error::other(crate::interrupt::Interrupted));
            }
            match self.receiver.recv_timeout(POLL) {
                Ok(Ok(block)) if block.is_empty() => return Ok(0),
                Ok(Ok(block)) => {
                    self.block = block;
                    self.at = 0;
                }
                Ok(Err(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(target), Some(source)) = (out.get_mut(..count), rest.get(..count)) {
            target.copy_from_slice(source);
        }
        self.at += count;
        Ok(count)
    }
}
