//! Attempts with a ClientHello made by hand: old versions, and servers that rustls cannot talk to.

use std::net::SocketAddr;

use super::capture::Capture;
use super::link::{Failure, Link};
use crate::deadline::Deadline;
use crate::probe::hello::{self, Flight, FlightReader, Progress};
use crate::probe::observation::{Offered, Reason};

/// How much of the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// ServerHello is enough.
    Hello,
    /// Everything up to ServerHelloDone.
    Flight,
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
) -> Result<Flight, Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
    let mut link = Link::connect(address, deadline).await?;
    link.write(&hello::client_hello(version, server_name, random))
        .await?;
    let mut reader = FlightReader::default();
    let mut buffer = [0; 8192];
    loop {
        let count = match link.read(&mut buffer).await {
            Ok(count) => count,
            // What came before the end is worth keeping.
            Err(_) if reader.flight().version.is_some() => break,
            Err(failure) => return Err(failure),
        };
        link.check_head()?;
        match reader.push(buffer.get(..count).unwrap_or_default()) {
            Progress::More if depth == Depth::Hello && reader.flight().version.is_some() => break,
            Progress::More => {}
            Progress::End => break,
            Progress::NotTls if reader.flight().version.is_some() => break,
            Progress::NotTls => {
                return Err(Failure::new(Reason::NotTls, "the answer breaks the rules of TLS"));
            }
        }
    }
    let flight = reader.into_flight();
    if flight.alert.is_none() {
        // Courtesy: the server's log then shows no fault. It may have gone already.
        let _ = link.write(&GOODBYE).await;
    }
    Ok(flight)
}

/// What the answer to a hello of `version` says about that version.
pub(super) fn offered(version: u16, answer: &Result<Flight, Failure>) -> Offered {
    match answer {
        Ok(flight) if flight.version == Some(version) => Offered::Offered,
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
