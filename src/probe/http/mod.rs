//! A small HTTP client handed in: GET, and PUT of one file; one deadline for everything including the body, a limit on the body and
//! on redirects. What fails is sorted into a closed list of causes by [`Cause`], so that it can be said plainly.

mod client;
mod explain;
mod post;
mod put;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

pub use client::{Client, ClientError, ClientOptions};
pub use explain::tls_fault;
pub use post::Post;
pub use put::{Put, Receipt};

use crate::deadline::Deadline;
use crate::interrupt::Interrupt;

/// The largest body that is read, in bytes after decompression. The status page's largest list (50 incidents with all
/// updates) is well below one megabyte.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// How many redirects are followed.
pub const MAX_REDIRECTS: usize = 5;

/// A GET request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where to.
    pub url: Url,
    /// Additional headers.
    pub headers: Vec<(&'static str, String)>,
    /// The largest body that is read, in bytes.
    pub max_body: usize,
}

impl Request {
    /// A request without additional headers.
    pub fn get(url: Url) -> Self {
        Self {
            url,
            headers: Vec::new(),
            max_body: MAX_BODY,
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Where it came from after redirects, without credentials.
    pub url: Url,
    /// Headers as received, names in lower case. Values that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// The body after decompression.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

/// For a saved file nothing is asked.
#[derive(Debug, Clone, Copy)]
pub struct Offline;

impl Transport for Offline {
    fn get(&self, _: &Request, _: Deadline, _: &Interrupt) -> Result<Response, Problem> {
        Err(Problem::new(Cause::Internal, "a saved file needs no network"))
    }
}

/// Why there is no usable answer: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The name does not resolve.
    Dns,
    /// The port is closed.
    Refused,
    /// No route, network unreachable, prohibited.
    Unreachable,
    /// The HTTP proxy cannot be reached, or refuses.
    Proxy,
    /// The proxy wants credentials (407).
    ProxyAuth,
    /// The certificate is not signed by a CA that is trusted here: often a proxy that inspects TLS.
    TlsUntrusted,
    /// The certificate is expired or not yet valid: often a wrong clock.
    TlsDate,
    /// The certificate is for another name.
    TlsName,
    /// Another failure of TLS.
    Tls,
    /// The deadline passed.
    Timeout,
    /// More than [`MAX_REDIRECTS`] redirects.
    RedirectLoop,
    /// A redirect from HTTPS to HTTP, which is not followed.
    RedirectInsecure,
    /// The body is larger than [`MAX_BODY`].
    TooLarge,
    /// The connection was closed or reset before the answer was complete.
    Reset,
    /// What answered does not speak HTTP.
    NotHttp,
    /// An HTTP status that is not a success.
    HttpStatus,
    /// A sign-in page of the network answered instead (another host, or status 511).
    CaptivePortal,
    /// A web page or another document answered: not the status API.
    NotTheApi,
    /// JSON or XML that ends in the middle or is broken.
    Broken,
    /// The saved file cannot be read.
    File,
    /// Ctrl-C.
    Interrupted,
    /// A fault of this program.
    Internal,
}

impl Cause {
    /// The word of the wire format, also what the sentences select by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Proxy => "proxy",
            Self::ProxyAuth => "proxy-auth",
            Self::TlsUntrusted => "tls-untrusted",
            Self::TlsDate => "tls-date",
            Self::TlsName => "tls-name",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::RedirectLoop => "redirect-loop",
            Self::RedirectInsecure => "redirect-insecure",
            Self::TooLarge => "too-large",
            Self::Reset => "reset",
            Self::NotHttp => "not-http",
            Self::HttpStatus => "http-status",
            Self::CaptivePortal => "captive-portal",
            Self::NotTheApi => "not-the-api",
            Self::Broken => "broken",
            Self::File => "file",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request may succeed a moment later.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Dns | Self::Refused | Self::Unreachable | Self::Reset)
    }
}

/// A request that brought no complete answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Why.
    pub cause: Cause,
    /// The operating system's or the library's own words (English), for second line. Never credentials.
    pub detail: String,
    /// The HTTP status, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl Problem {
    /// A problem without an HTTP status.
    pub fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self {
            cause,
            detail: detail.into(),
            status: None,
        }
    }
}

/// Who brings answers: the real client, or a test's script.
pub trait Transport: Send + Sync {
    /// One request, one attempt. Blocks; must not be called from inside an asynchronous runtime.
    ///
    /// # Errors
    /// When no complete answer came within the deadline.
    fn get(&self, request: &Request, deadline: Deadline, interrupt: &Interrupt) -> Result<Response, Problem>;
}

/// The URL as it may be shown and stored: without user name and password.
pub fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // These fail only for URLs that cannot have credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}
