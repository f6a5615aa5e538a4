//! A TCP connection under one deadline, and what can go wrong with it in words of the closed list.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use rustls::{ClientConnection, PeerIncompatible};
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use super::descriptors;
use crate::deadline::Deadline;
use crate::probe::hello;
use crate::probe::observation::Reason;

/// Between two attempts to open a socket when there are too many.
const PAUSE: Duration = Duration::from_millis(20);
/// Bytes of an answer that is no TLS, quoted in the details.
const QUOTED: usize = 60;

/// Why an attempt gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: Reason,
    /// The operating system's or the library's own words.
    pub(super) detail: String,
}

impl Failure {
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }

    /// An alert in words of its own.
    pub(super) fn alert(number: u8) -> Self {
        let name = rustls::AlertDescription::from(number);
        Self::new(Reason::Alert(number), format!("alert {number}: {name:?}"))
    }

    /// What a TLS library's error means.
    fn of_rustls(error: &rustls::Error) -> Self {
        let reason = match error {
            rustls::Error::AlertReceived(alert) => return Self::alert(u8::from(*alert)),
            rustls::Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ) => Reason::ProtocolVersion,
            rustls::Error::InvalidMessage(_)
            | rustls::Error::InappropriateMessage { .. }
            | rustls::Error::InappropriateHandshakeMessage { .. }
            | rustls::Error::PeerMisbehaved(_) => Reason::NotTls,
            _ => Reason::Internal,
        };
        Self::new(reason, error.to_string())
    }
}

/// A connection with its deadline.
pub(super) struct Link {
    stream: TcpStream,
    deadline: Deadline,
    /// The first bytes that came, to tell TLS from something else.
    head: Vec<u8>,
    received: u64,
    /// The peer has said close_notify.
    peer_is_gone: bool,
}

impl Link {
    pub(super) async fn connect(address: SocketAddr, deadline: Deadline) -> Result<Self, Failure> {
        let connected = loop {
            let connected = timeout_at(deadline.instant().into(), TcpStream::connect(address)).await;
            match connected {
                // Others will close theirs.
                Ok(Err(error)) if descriptors::are_exhausted(&error) && !deadline.is_over() => {
                    tokio::time::sleep(deadline.remaining().min(PAUSE)).await;
                }
                connected => break connected,
            }
        };
        let stream = match connected {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Failure::new(connect_reason(&error), error.to_string())),
            Err(_) => {
                return Err(Failure::new(
                    Reason::TimeoutConnect,
                    "no answer to the connection request",
                ));
            }
        };
        // Whatever is sent is the answer to what came before: Nagle's algorithm has nothing to hold back.
        Ok(Self {
            stream,
            deadline,
            head: Vec::new(),
            received: 0,
            peer_is_gone: false,
        })
    }

    /// Waits no longer than this for what follows.
    pub(super) fn hurry(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    /// Waits for bytes, at least one, and hands them over. They stand on the stack for that moment only: a buffer that
    /// lives through the wait would be part of every task, and there are hundreds of them.
    pub(super) async fn read<T>(&mut self, take: impl FnOnce(&[u8]) -> T) -> Result<T, Failure> {
        let mut take = Some(take);
        let (stream, head) = (&mut self.stream, &mut self.head);
        let arrived = poll_fn(|context| {
            let mut room = [MaybeUninit::uninit(); 8192];
            let mut buffer = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
            let bytes = buffer.filled();
            let quoted = QUOTED.saturating_sub(head.len());
            head.extend(bytes.iter().take(quoted));
            // Nothing is the end.
            let taken = if bytes.is_empty() { None } else { take.take() };
            Poll::Ready(io::Result::Ok((bytes.len(), taken.map(|take| take(bytes)))))
        });
        match timeout_at(self.deadline.instant().into(), arrived).await {
            Ok(Ok((count, taken))) => {
                self.received += count as u64;
                taken.ok_or_else(|| self.closed())
            }
            Ok(Err(error)) => Err(Failure::new(Reason::Reset, error.to_string())),
            Err(_) => Err(self.out_of_time()),
        }
    }

    fn closed(&self) -> Failure {
        let words = if self.received == 0 {
            "closed without an answer"
        } else {
            "closed in the middle of the handshake"
        };
        Failure::new(Reason::Reset, words)
    }

    fn out_of_time(&self) -> Failure {
        if self.received == 0 {
            let words = "connected, but no answer to the ClientHello";
            return Failure::new(Reason::TimeoutHandshake, words);
        }
        let words = format!("only {} bytes came before the deadline", self.received);
        Failure::new(Reason::SlowPeer, words)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match timeout_at(self.deadline.instant().into(), self.stream.write_all(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(Reason::Reset, error.to_string())),
            Err(_) => Err(Failure::new(Reason::TimeoutHandshake, "the peer takes no data")),
        }
    }

    /// Sends a last word in one packet with the end of the connection, and hangs up. Whether it arrives matters to
    /// nobody: the peer may have gone already.
    pub(super) fn part(self, bytes: &[u8]) {
        let _ = send_last(&self.stream, bytes);
    }

    /// Fails when the first bytes cannot be TLS.
    pub(super) fn check_head(&self) -> Result<(), Failure> {
        if hello::looks_like_tls(&self.head) {
            return Ok(());
        }
        let line = self
            .head
            .split(|byte| matches!(byte, b'\r' | b'\n'))
            .next()
            .unwrap_or_default();
        Err(Failure::new(
            Reason::NotTls,
            format!("the answer begins with \"{}\"", line.escape_ascii()),
        ))
    }

    /// Says goodbye in TLS and hangs up. One that has said it first is not there any more to hear it.
    pub(super) fn close(self, connection: &mut ClientConnection) {
        if self.peer_is_gone {
            return;
        }
        connection.send_close_notify();
        self.part(&outgoing(connection));
    }

    /// Sends what the connection has to send.
    pub(super) async fn flush(&mut self, connection: &mut ClientConnection) -> Result<(), Failure> {
        let out = outgoing(connection);
        if out.is_empty() {
            Ok(())
        } else {
            self.write(&out).await
        }
    }

    /// Reads once and lets the connection work on it.
    pub(super) async fn pump(&mut self, connection: &mut ClientConnection) -> Result<(), Failure> {
        let worked = self.read(|bytes| work(connection, bytes)).await?;
        self.check_head()?;
        match worked {
            Ok(is_gone) => {
                self.peer_is_gone |= is_gone;
                Ok(())
            }
            Err(failure) => {
                // The alert that ends the handshake in good order; it may not arrive any more.
                let _ = self.flush(connection).await;
                Err(failure)
            }
        }
    }

    /// Drives the handshake to its end. The last message may wait to be sent together with what follows.
    pub(super) async fn handshake(&mut self, connection: &mut ClientConnection) -> Result<(), Failure> {
        while connection.is_handshaking() {
            self.flush(connection).await?;
            self.pump(connection).await?;
        }
        Ok(())
    }
}

/// Linux lets the bytes wait for the end of the connection, which saves a packet.
#[cfg(target_os = "linux")]
fn send_last(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    use rustix::net::{SendFlags, send};
    // As the standard library does it: no signal when the peer has gone.
    Ok(send(stream, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

#[cfg(not(target_os = "linux"))]
fn send_last(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.try_write(bytes)
}

/// What the connection has to send.
fn outgoing(connection: &mut ClientConnection) -> Vec<u8> {
    let mut out = Vec::new();
    while connection.wants_write() {
        // Writing to memory does not fail.
        let _ = connection.write_tls(&mut out);
    }
    out
}

/// Takes bytes in and does what they ask for; whether the peer has said goodbye.
fn work(connection: &mut ClientConnection, mut bytes: &[u8]) -> Result<bool, Failure> {
    let mut is_gone = false;
    while !bytes.is_empty() {
        connection
            .read_tls(&mut bytes)
            .map_err(|error| Failure::new(Reason::NotTls, error.to_string()))?;
        let state = connection
            .process_new_packets()
            .map_err(|error| Failure::of_rustls(&error))?;
        is_gone |= state.peer_has_closed();
    }
    Ok(is_gone)
}

fn connect_reason(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Reason::Refused,
        // "Permission denied" is what a local firewall answers, "address not available" a host without IPv6.
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::InvalidInput => Reason::Unreachable,
        io::ErrorKind::TimedOut => Reason::TimeoutConnect,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Reason::Reset,
        _ => Reason::Internal,
    }
}
