//! The real transport: reqwest on rustls, with a small runtime of its own.

use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::redirect::{Attempt, Policy};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;
use url::Url;

use super::explain::explain;
use super::{Cause, MAX_REDIRECTS, Problem, Request, Response, Transport, without_credentials};
use crate::deadline::Deadline;
use crate::i18n::{Localize, Message};
use crate::interrupt::Interrupt;

/// The words of the redirect policy's own error, by which [`super::explain`] knows it again.
pub(super) const INSECURE_REDIRECT: &str = "redirect from https to http";

/// How the client reaches the world.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// HTTP proxy; else `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    pub proxy: Option<String>,
    /// PEM file with CA certificates that are trusted in addition.
    pub ca_file: Option<PathBuf>,
    /// Only plain HTTP: a redirect to HTTPS is not followed.
    pub http_only: bool,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The CA file cannot be read.
    #[error("cannot read the CA file {path}: {reason}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// The CA file holds no usable certificate.
    #[error("no certificate in the CA file {path}")]
    CaFileEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The proxy is not a URL.
    #[error("not a proxy URL: {0}")]
    Proxy(String),
    /// The HTTP library refused its settings.
    #[error("cannot set up HTTP: {0}")]
    Setup(String),
}

impl Localize for ClientError {
    fn message(&self) -> Message {
        match self {
            Self::CaFile { path, reason } => Message::new("status-error-ca-file")
                .arg("path", path.display().to_string())
                .arg("reason", reason),
            Self::CaFileEmpty { path } => {
                Message::new("status-error-ca-file-empty").arg("path", path.display().to_string())
            }
            Self::Proxy(reason) => Message::new("status-error-proxy").arg("reason", reason),
            Self::Setup(reason) => Message::new("status-error-http").arg("reason", reason),
        }
    }
}

/// The real transport.
pub struct Client {
    pub(super) http: reqwest::Client,
    /// Taken when dropped, so that a hanging name resolution does not hold the program up.
    pub(super) runtime: Option<Runtime>,
    proxies: Matcher,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Sets up TLS, roots and proxies.
    ///
    /// # Errors
    /// When the CA file or the proxy of the configuration cannot be used.
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let setup = |error: &dyn std::fmt::Display| ClientError::Setup(error.to_string());
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_config(options)?)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .gzip(true)
            .redirect(if options.http_only {
                Policy::custom(redirect_plain)
            } else {
                Policy::custom(redirect)
            });
        let proxies = match &options.proxy {
            None => Matcher::from_system(),
            Some(proxy) => {
                // The library's words may repeat the URL with its password.
                let parsed = reqwest::Proxy::all(proxy.as_str())
                    .map_err(|_| ClientError::Proxy(shown_proxy(proxy)))?;
                builder = builder.proxy(parsed.no_proxy(reqwest::NoProxy::from_env()));
                Matcher::builder()
                    .all(proxy.as_str())
                    .no(std::env::var("NO_PROXY")
                        .or_else(|_| std::env::var("no_proxy"))
                        .unwrap_or_default())
                    .build()
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("http")
            .build()
            .map_err(|error| setup(&error))?;
        Ok(Self {
            http: builder.build().map_err(|error| setup(&error))?,
            runtime: Some(runtime),
            proxies,
        })
    }

    /// The proxy that a request to `url` goes through, without credentials.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<String> {
        let uri = url.as_str().parse().ok()?;
        let intercept = self.proxies.intercept(&uri)?;
        let authority = intercept.uri().authority()?;
        Some(format!(
            "{}:{}",
            authority.host(),
            authority.port_u16().unwrap_or(80)
        ))
    }

    async fn ask(&self, request: &Request) -> Result<Response, Problem> {
        let proxy = self.proxy_for(&request.url);
        let sort = |error: reqwest::Error| explain(&error, proxy.as_deref());
        let mut builder = self.http.get(request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut answer = builder.send().await.map_err(sort)?;
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let (status, url) = (answer.status().as_u16(), without_credentials(answer.url()));
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(sort)? {
            if body.len() + chunk.len() > request.max_body {
                return Err(Problem {
                    cause: Cause::TooLarge,
                    detail: format!("more than {} bytes", request.max_body),
                    status: Some(status),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            url,
            headers,
            body,
        })
    }
}

impl Transport for Client {
    fn get(&self, request: &Request, deadline: Deadline, interrupt: &Interrupt) -> Result<Response, Problem> {
        let Some(runtime) = &self.runtime else {
            return Err(Problem::new(Cause::Internal, "no runtime"));
        };
        runtime.block_on(async {
            tokio::select! {
                answer = self.ask(request) => answer,
                () = interrupt.wait() => Err(Problem::new(Cause::Interrupted, "interrupted")),
                () = tokio::time::sleep_until(deadline.instant().into()) => {
                    Err(Problem::new(Cause::Timeout, "no complete answer within the deadline"))
                }
            }
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Follows a few redirects, but never from HTTPS down to HTTP: what answers there could be anybody.
fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let was_secure = attempt
        .previous()
        .last()
        .is_some_and(|url| url.scheme() == "https");
    if was_secure && attempt.url().scheme() != "https" {
        return attempt.error(INSECURE_REDIRECT);
    }
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error("too many redirects");
    }
    attempt.follow()
}

/// Follows a few redirects, but to plain HTTP only.
fn redirect_plain(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.url().scheme() == "http" {
        redirect(attempt)
    } else {
        attempt.stop()
    }
}

fn tls_config(options: &ClientOptions) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    // Certificates of the system that do not parse are the system's affair; what is left is used.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    }
    if let Some(path) = &options.ca_file {
        let unreadable = |reason: String| ClientError::CaFile {
            path: path.clone(),
            reason,
        };
        let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| unreadable(error.to_string()))?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(ClientError::CaFileEmpty { path: path.clone() });
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Setup(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// A proxy setting as it may be shown: what stands before an `@` may be a password.
fn shown_proxy(proxy: &str) -> String {
    proxy.rsplit('@').next().unwrap_or_default().to_owned()
}
