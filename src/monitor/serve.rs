//! The HTTP server: plain or TLS, with limits on connections, on heads, and on slow clients.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::hub::Hub;
use super::routes::{self, Reloads};

/// How much of the server one client can hold, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at a time; more wait in the queue of the system.
    pub connections: usize,
    /// The head of a request, the TLS handshake before it, and the pause between two requests may take this long.
    pub head: Duration,
    /// A connection is closed after this long at the next pause.
    pub lifetime: Duration,
    /// And so much later in any case: no client holds one of the places for ever by reading slowly.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 128,
            head: Duration::from_secs(20),
            lifetime: Duration::from_mins(4),
            grace: Duration::from_mins(1),
        }
    }
}

/// Bytes of a head; a scrape needs less than one kilobyte.
const MAX_HEAD: usize = 16 * 1024;
/// Header lines.
const MAX_HEADERS: usize = 64;
/// The pause when nothing can be accepted (too many open files).
const BACK_OFF: Duration = Duration::from_millis(200);
/// How long answers under way get when the program ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// Serves until the program is interrupted.
pub async fn run(listener: TcpListener, hub: Arc<Hub>, reloads: Reloads, limits: Limits) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let (stop, stopped) = watch::channel(false);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        // Also while slow clients hold all the places.
        let next = tokio::select! {
            next = next => next,
            () = hub.interrupt().wait() => break,
        };
        // The places are never closed.
        let (Ok(place), Ok((stream, _))) = next else {
            tokio::time::sleep(BACK_OFF).await;
            continue;
        };
        let (hub, reloads, stopped) = (Arc::clone(&hub), reloads.clone(), stopped.clone());
        tokio::spawn(async move {
            let talk = welcome(stream, hub, reloads, stopped, limits);
            // What a client did wrong is its own affair.
            let _ = tokio::time::timeout(limits.lifetime + limits.grace, talk).await;
            drop(place);
        });
    }
    let _ = stop.send(true);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FAREWELL, places.acquire_many(all)).await;
}

async fn welcome(
    stream: TcpStream,
    hub: Arc<Hub>,
    reloads: Reloads,
    stopped: watch::Receiver<bool>,
    limits: Limits,
) {
    // An answer that waits for company would only cost time.
    let _ = stream.set_nodelay(true);
    let Some(tls) = hub.plan().tls.clone() else {
        return talk(stream, hub, reloads, stopped, limits).await;
    };
    let handshake = tokio_rustls::TlsAcceptor::from(tls).accept(stream);
    if let Ok(Ok(stream)) = tokio::time::timeout(limits.head, handshake).await {
        talk(stream, hub, reloads, stopped, limits).await;
    }
}

async fn talk<S>(
    stream: S,
    hub: Arc<Hub>,
    reloads: Reloads,
    mut stopped: watch::Receiver<bool>,
    limits: Limits,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let answer = service_fn(|request| {
        let (hub, reloads) = (Arc::clone(&hub), reloads.clone());
        async move { Ok::<_, Infallible>(routes::answer(&request, &hub, &reloads).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(limits.lifetime) => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
