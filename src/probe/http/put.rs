//! Sending one file with PUT: streamed from disk, its length said in advance, one deadline, and a watch over peers
//! that take nothing any more.

use std::fs::File;
use std::io::{self, Read as _};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use url::Url;

use super::explain::explain;
use super::{Cause, Client, Problem, without_credentials};
use crate::deadline::Deadline;
use crate::interrupt::Interrupt;

/// Bytes handed to the connection at once.
const CHUNK: u64 = 64 * 1024;
/// So long may nothing be taken before the attempt is given up.
const STALL: Duration = Duration::from_mins(1);

/// What is sent, and as whom.
pub struct Put<'a> {
    /// Where to.
    pub url: Url,
    /// The user name.
    pub user: &'a str,
    /// The password; it is sent and never shown.
    pub password: &'a str,
    /// The file, at its first byte.
    pub file: File,
    /// Its length in bytes.
    pub length: u64,
}

/// How the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The status code.
    pub status: u16,
    /// Who answered, after redirects, without credentials.
    pub url: Url,
}

impl Client {
    /// Sends a file; `sent` counts its bytes as they are taken. One attempt.
    ///
    /// # Errors
    /// When there is no answer. An answer that refuses is none.
    pub fn put(
        &self,
        put: Put<'_>,
        sent: &Arc<AtomicU64>,
        deadline: Deadline,
        interrupt: &Interrupt,
    ) -> Result<Receipt, Problem> {
        let Some(runtime) = &self.runtime else {
            return Err(Problem::new(Cause::Internal, "no runtime"));
        };
        runtime.block_on(async {
            tokio::select! {
                answer = self.send(put, sent) => answer,
                () = interrupt.wait() => Err(Problem::new(Cause::Interrupted, "interrupted")),
                () = stalled(sent) => Err(Problem::new(Cause::Timeout, "nothing was taken for a minute")),
                () = tokio::time::sleep_until(deadline.instant().into()) => {
                    Err(Problem::new(Cause::Timeout, "not finished within the deadline"))
                }
            }
        })
    }

    async fn send(&self, put: Put<'_>, sent: &Arc<AtomicU64>) -> Result<Receipt, Problem> {
        let proxy = self.proxy_for(&put.url);
        let body = FileBody {
            file: put.file,
            left: put.length,
            sent: Arc::clone(sent),
        };
        let answer = self
            .http
            .put(put.url)
            .basic_auth(put.user, Some(put.password))
            .header("content-type", "application/zip")
            .body(reqwest::Body::wrap(body))
            .send()
            .await
            .map_err(|error| explain(&error, proxy.as_deref()))?;
        Ok(Receipt {
            status: answer.status().as_u16(),
            url: without_credentials(answer.url()),
        })
    }
}

/// Completes once nothing was taken for [`STALL`].
async fn stalled(sent: &AtomicU64) {
    let mut before = None;
    loop {
        let now = sent.load(Ordering::Relaxed);
        if before == Some(now) {
            return;
        }
        before = Some(now);
        tokio::time::sleep(STALL).await;
    }
}

/// A file as the body of a request.
struct FileBody {
    file: File,
    left: u64,
    sent: Arc<AtomicU64>,
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        // From the local disk, on a runtime that does nothing else: reading may block.
        let mut piece = vec![0; usize::try_from(self.left.min(CHUNK)).unwrap_or_default()];
        Poll::Ready(Some(match self.file.read(&mut piece) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                piece.truncate(count);
                self.left -= count as u64;
                self.sent.fetch_add(count as u64, Ordering::Relaxed);
                Ok(Frame::data(Bytes::from(piece)))
            }
            Err(error) => Err(error),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
