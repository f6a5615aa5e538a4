//! Attempts with a ClientHello made by hand: old versions, and servers that rustls cannot talk to.

use std::net::SocketAddr;
use std::time::Instant;

use super::capture::Capture;
use super::complete::GRACE;
use super::link::{Failure, Link};
use crate::deadline::Deadline;
use crate::probe::hello::{self, Flight, FlightReader, Progress};
use crate::probe::observation::{Offered, Reason};

/// How much of the answer is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Depth {
    /// ServerHello is enough.
    Hello,
    /// Everything up to ServerHelloDone, and then, until this deadline, whether a client certificate is required.
    Flight(Deadline),
}

/// What a hello made by hand brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) flight: Flight,
    /// Whether the server gives up when it gets no client certificate; `None`: not asked, or not decidable.
    pub(super) required: Option<bool>,
}

/// user_canceled as a warning, then close_notify (RFC 8446 section 6.1): we go, and nothing is wrong.
const GOODBYE: [u8; 14] = [21, 3, 1, 0, 2, 1, 90, 21, 3, 1, 0, 2, 1, 0];

/// Says hello in this version and reads the answer. A fatal alert is an answer, not a failure.
pub(super) async fn attempt(
    address: SocketAddr,
    version: u16,
    server_name: Option<&str>,
    depth: Depth,
    deadline: Deadline,
) -> Result<Answer, Failure> {
    let started = Instant::now();
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
    let mut link = Link::connect(address, deadline).await?;
    link.write(&hello::client_hello(version, server_name, random))
        .await?;
    let mut reader = FlightReader::default();
    loop {
        let progress = match link.read(|bytes| reader.push(bytes)).await {
            Ok(progress) => progress,
            // What came before the end is worth keeping.
            Err(_) if reader.flight().version.is_some() => break,
            Err(failure) => return Err(failure),
        };
        link.check_head()?;
        match progress {
            Progress::More if matches!(depth, Depth::Hello) && reader.flight().version.is_some() => break,
            Progress::More => {}
            Progress::End => break,
            Progress::NotTls if reader.flight().version.is_some() => break,
            Progress::NotTls => {
                return Err(unexpected());
            }
        }
    }
    let flight = reader.into_flight();
    let mut required = None;
    if let Depth::Flight(rest) = depth
        && flight.complete
        && flight.accepted_names.is_some()
    {
        link.hurry(rest);
        let grace = rest.at_most(GRACE.max(started.elapsed() * 2));
        required = insists(&mut link, &flight, grace, rest).await;
    } else if flight.complete {
        // Courtesy: the server's log then shows no fault.
        link.part(&GOODBYE);
    } else if flight.alert.is_none() {
        // There is more to come. Bytes that nobody has read when the connection ends would take the last word with
        // them, so it goes ahead.
        let _ = link.write(&GOODBYE).await;
    }
    Ok(Answer { flight, required })
}

/// Whether the server gives up when the client has no certificate. Up to TLS 1.2 the answer needs no cryptography:
/// our Certificate message is empty and in the clear, and a server that insists refuses it at once. One that does not
/// waits for the rest of the handshake, gets nonsense, and complains about that instead.
async fn insists(link: &mut Link, flight: &Flight, grace: Deadline, deadline: Deadline) -> Option<bool> {
    let version = flight.version.filter(|version| *version > hello::SSL_3)?;
    link.write(&hello::empty_certificate(version)).await.ok()?;
    link.hurry(grace);
    match alert(link).await {
        Ok(0) => return None,
        Ok(_) => return Some(true),
        Err(failure) if failure.reason == Reason::Reset => return None,
        // Silence.
        Err(_) => {}
    }
    link.hurry(deadline);
    link.write(&hello::nonsense(version, flight.suite?)).await.ok()?;
    match alert(link).await {
        // bad_certificate, certificate_unknown, certificate_required: late, but about the certificate.
        Ok(42 | 46 | 116) => Some(true),
        // handshake_failure may mean either.
        Ok(0 | 40) => None,
        Ok(_) => Some(false),
        // Closed without a word about what is nonsense: the certificate was not the reason.
        Err(failure) if failure.reason == Reason::Reset => Some(false),
        Err(_) => None,
    }
}

/// The next alert.
async fn alert(link: &mut Link) -> Result<u8, Failure> {
    let mut reader = FlightReader::default();
    loop {
        match link.read(|bytes| reader.push(bytes)).await? {
            Progress::More => {}
            Progress::End => return reader.flight().alert.ok_or_else(unexpected),
            Progress::NotTls => return Err(unexpected()),
        }
    }
}

fn unexpected() -> Failure {
    Failure::new(Reason::NotTls, "the answer breaks the rules of TLS")
}

/// What the answer to a hello of `version` says about that version.
pub(super) fn offered(version: u16, answer: &Result<Answer, Failure>) -> Offered {
    match answer {
        Ok(answer) if answer.flight.version == Some(version) => Offered::Offered,
        // An alert, or a ServerHello of another version.
        Ok(_) => Offered::Refused,
        Err(failure) if failure.reason == Reason::Reset => Offered::Refused,
        Err(_) => Offered::Unknown,
    }
}

/// The same facts as a [`Capture`] by rustls, if ServerHello came.
pub(super) fn into_capture(flight: Flight) -> Option<Capture> {
    let version = flight.version?;
    let requested = match (flight.accepted_names.is_some(), flight.complete) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    Some(Capture {
        protocol: Some(hello::version_name(version)),
        cipher: flight.suite.map(hello::suite_name),
        chain: flight.certificates,
        ocsp_staple: flight.ocsp_staple,
        requested,
        accepted_names: flight.accepted_names.unwrap_or_default(),
    })
}
