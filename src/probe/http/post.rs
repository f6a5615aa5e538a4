//! Sending a small JSON document with POST. One attempt; a redirect is an answer like any other, because following it
//! would turn the request into one without a body.

use url::Url;

use super::explain::explain;
use super::{Cause, Client, Problem, Receipt, without_credentials};
use crate::deadline::Deadline;
use crate::interrupt::Interrupt;

/// What is sent.
pub struct Post {
    /// Where to; it is never shown, since it may be a secret.
    pub url: Url,
    /// Additional headers.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

impl Client {
    /// Sends a document. One attempt.
    ///
    /// # Errors
    /// When there is no answer, or somebody else answered. An answer that refuses is none.
    pub fn post(&self, post: Post, deadline: Deadline, interrupt: &Interrupt) -> Result<Receipt, Problem> {
        let Some(runtime) = &self.runtime else {
            return Err(Problem::new(Cause::Internal, "no runtime"));
        };
        runtime.block_on(async {
            tokio::select! {
                answer = self.send_post(post) => answer,
                () = interrupt.wait() => Err(Problem::new(Cause::Interrupted, "interrupted")),
                () = tokio::time::sleep_until(deadline.instant().into()) => {
                    Err(Problem::new(Cause::Timeout, "no complete answer within the deadline"))
                }
            }
        })
    }

    async fn send_post(&self, post: Post) -> Result<Receipt, Problem> {
        let proxy = self.proxy_for(&post.url);
        let asked = without_credentials(&post.url);
        let mut builder = self
            .http
            .post(post.url)
            .header("content-type", "application/json");
        for (name, value) in &post.headers {
            builder = builder.header(*name, value);
        }
        let answer = builder
            .body(post.body)
            .send()
            .await
            .map_err(|error| explain(&error, proxy.as_deref()))?;
        let receipt = Receipt {
            status: answer.status().as_u16(),
            url: without_credentials(answer.url()),
        };
        if receipt.url != asked {
            return Err(Problem {
                cause: Cause::HttpStatus,
                detail: format!("redirected to {}", receipt.url.host_str().unwrap_or_default()),
                status: Some(300),
            });
        }
        Ok(receipt)
    }
}
