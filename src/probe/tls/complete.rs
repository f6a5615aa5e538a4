//! One connection by rustls: the certificates, whether a client certificate is required or ours is accepted, and the
//! HTTP date. A second handshake for the latter would cost the server a second signature, and us most of our time.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ProtocolVersion};

use super::Began;
use super::LEAST_SHARE;
use super::capture::{Capture, Notes, connection};
use super::link::{Failure, Link};
use crate::deadline::Deadline;
use crate::probe::identity::ClientIdentity;
use crate::probe::observation::Reason;

/// Most bytes of an HTTP answer that are read: the head, and the beginning of an error page.
const MAX_HTTP: usize = 16 * 1024;

/// Shortest time given to a server to object to a missing certificate.
pub(super) const GRACE: Duration = Duration::from_millis(100);

/// What nginx writes when `ssl_verify_client on` meets no certificate: the handshake succeeds, the page is refused.
const NGINX_NO_CERTIFICATE: &[u8] = b"No required SSL certificate was sent";

/// How a handshake ended that was meant to be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// Both sides are content.
    Accepted,
    /// The server refused, in its own words.
    Refused(Failure),
    /// Cut off or out of time: no telling.
    Unclear(Failure),
}

/// What one connection showed.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) capture: Capture,
    /// `None`: we hung up, because there was nothing more to learn.
    pub(super) end: Option<End>,
    /// The server's HTTP `Date` minus our clock, in seconds.
    pub(super) clock_offset_seconds: Option<i64>,
}

/// What is wanted besides the certificates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// The `Host` header; `None`: no HTTP is spoken there.
    pub(super) http_host: Option<&'a str>,
    /// Presented when the server asks.
    pub(super) identity: Option<&'a ClientIdentity>,
}

/// Connects, writes down what the server shows, goes on as far as there is something to learn, and hangs up in good
/// order. What happens once the certificates have come is no failure any more, and gets half of the time that is left.
pub(super) async fn visit(
    provider: &Arc<CryptoProvider>,
    address: SocketAddr,
    name: &ServerName<'static>,
    ask: Ask<'_>,
    began: Began,
    deadline: Deadline,
) -> Result<Visit, Failure> {
    let notes = Arc::new(Notes::new(
        ask.identity.map(ClientIdentity::certified_key),
        ask.http_host.is_some(),
    ));
    let started = Instant::now();
    let mut connection = connection(provider, &notes, name)?;
    let mut link = Link::connect(address, deadline).await?;
    let mut handshake = link.flush(&mut connection).await;
    while handshake.is_ok() && connection.is_handshaking() && !notes.has_chain() {
        handshake = link.pump(&mut connection).await;
    }
    let rest = deadline.at_most((deadline.remaining() / 2).max(LEAST_SHARE));
    link.hurry(rest);
    if handshake.is_ok() {
        handshake = link.handshake(&mut connection).await;
    }
    let Some(capture) = notes.capture(&connection) else {
        return Err(handshake
            .err()
            .unwrap_or_else(|| Failure::new(Reason::Internal, "handshake without a certificate")));
    };
    let requested = capture.requested == Some(true);
    let mut visit = Visit {
        capture,
        end: None,
        clock_offset_seconds: None,
    };
    match handshake {
        // The verifier's own no.
        Err(_) if !(requested || ask.http_host.is_some()) => {}
        Err(failure) => visit.end = Some(sort(failure)),
        Ok(()) => {
            let end = if let Some(host) = ask.http_host {
                let page = http(&mut connection, &mut link, host, requested).await;
                link.close(&mut connection);
                visit.clock_offset_seconds = page.date.map(|date| (date - began.now()).num_seconds());
                page.end
            } else if connection.protocol_version() == Some(ProtocolVersion::TLSv1_3) {
                // As long as a round trip and a bit, for the objection to arrive.
                let grace = rest.at_most(GRACE.max(started.elapsed() * 2));
                objection(&mut connection, &mut link, grace, rest).await
            } else {
                goodbye(&mut connection, &mut link).await;
                End::Accepted
            };
            visit.end = Some(end);
        }
    }
    Ok(visit)
}

/// Only an alert is a refusal.
fn sort(failure: Failure) -> End {
    match failure.reason {
        Reason::Alert(number) if number != 0 => End::Refused(failure),
        _ => End::Unclear(failure),
    }
}

async fn goodbye(connection: &mut ClientConnection, link: &mut Link) {
    connection.send_close_notify();
    // The server may have gone already.
    let _ = link.flush(connection).await;
}

/// In TLS 1.3 the client is done before the server has looked at its (missing) certificate: the objection comes after
/// the handshake. A session ticket or close_notify instead means that the server is content (RFC 8446 section 4.4.2.4
/// lets it go on without a certificate).
async fn objection(
    connection: &mut ClientConnection,
    link: &mut Link,
    grace: Deadline,
    deadline: Deadline,
) -> End {
    link.hurry(grace);
    if let Err(failure) = link.flush(connection).await {
        return sort(failure);
    }
    match link.pump(connection).await {
        Ok(()) => {
            goodbye(connection, link).await;
            return End::Accepted;
        }
        Err(failure) if failure.reason != Reason::SlowPeer => return sort(failure),
        Err(_) => {}
    }
    // Silence. Our close_notify makes a content server answer with its own.
    link.hurry(deadline);
    goodbye(connection, link).await;
    match link.pump(connection).await {
        Ok(()) => End::Accepted,
        Err(failure) => sort(failure),
    }
}

struct Page {
    end: End,
    date: Option<DateTime<Utc>>,
}

/// Asks for the root page. HEAD is enough for the date; when a client certificate was asked for, the page itself may
/// say that it is missing.
async fn http(connection: &mut ClientConnection, link: &mut Link, host: &str, requested: bool) -> Page {
    let method = if requested { "GET" } else { "HEAD" };
    let request = format!(
        "{method} / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}/{}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    );
    // Fits the connection's buffer.
    let _ = connection.writer().write_all(request.as_bytes());
    let mut page = Vec::new();
    let mut end = End::Accepted;
    // A server that refused us may have closed already; its alert still waits to be read.
    let _ = link.flush(connection).await;
    while end == End::Accepted && page.len() < MAX_HTTP && !is_enough(&page, requested) {
        if let Err(failure) = link.pump(connection).await {
            // A server that closes or stays silent after an answer has answered.
            if page.is_empty() {
                end = sort(failure);
            }
            break;
        }
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = connection.reader().read(&mut buffer) {
            page.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
    }
    if memchr::memmem::find(&page, NGINX_NO_CERTIFICATE).is_some() {
        end = End::Refused(Failure::new(
            Reason::Alert(116),
            "HTTP 400: no required certificate was sent",
        ));
    }
    Page {
        end,
        date: date(&page),
    }
}

fn is_enough(page: &[u8], requested: bool) -> bool {
    let Some(head) = memchr::memmem::find(page, b"\r\n\r\n") else {
        return false;
    };
    // Only a refusal's page is of interest, and it is short.
    !requested || !page.starts_with(b"HTTP/1.1 400") || page.len() > head + 200
}

fn date(page: &[u8]) -> Option<DateTime<Utc>> {
    if !page.starts_with(b"HTTP/") {
        return None;
    }
    let head = page.get(..memchr::memmem::find(page, b"\r\n\r\n")?)?;
    let head = std::str::from_utf8(head).ok()?;
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim())
    })?;
    DateTime::parse_from_rfc2822(value).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_of_http() {
        let page = b"HTTP/1.1 200 OK\r\nServer: x\r\nDATE: Sun, 22 Nov 2026 01:00:00 GMT\r\n\r\n";
        assert_eq!(date(page).unwrap().to_rfc3339(), "2026-11-22T01:00:00+00:00");
        assert_eq!(date(b"HTTP/1.1 200 OK\r\nDate: tomorrow\r\n\r\n"), None);
        assert_eq!(date(b"Date: Sun, 22 Nov 2026 01:00:00 GMT\r\n\r\n"), None);
    }
}
