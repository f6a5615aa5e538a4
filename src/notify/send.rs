//! One message to one destination: a few attempts within one deadline.

use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use lettre::Transport as _;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, SmtpTransport};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use url::Url;

use super::destination::{Destination, Mail};
use super::text::Letter;
use crate::config::NotifyKind;
use crate::deadline::Deadline;
use crate::i18n::{Localize, Message};
use crate::interrupt::Interrupt;
use crate::probe::http::{Cause, Client, ClientError, ClientOptions, Post, Problem, tls_fault};

/// Before the second attempt; doubled before each further one.
const PAUSE: Duration = Duration::from_secs(1);
/// Attempts in one run; the next run tries again.
const MAX_ATTEMPTS: u32 = 3;
/// Submission with STARTTLS. (RFC 6409)
const SUBMISSION_PORT: u16 = 587;
/// Submission with TLS at once. (RFC 8314)
const SUBMISSIONS_PORT: u16 = 465;

/// A message did not arrive, or nobody knows whether it did.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {}", problem.detail)]
pub struct SendError {
    /// The destination.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Why.
    pub problem: Problem,
}

impl SendError {
    /// Whether the receiver may have taken it all the same.
    pub fn is_open(&self) -> bool {
        matches!(
            self.problem.cause,
            Cause::Timeout | Cause::Reset | Cause::Interrupted | Cause::Broken | Cause::NotHttp
        )
    }

    /// Whether the same may succeed a moment later.
    fn is_passing(&self) -> bool {
        self.problem.cause.is_passing()
            || matches!(self.problem.status, Some(408 | 429 | 500..))
            || self.problem.cause == Cause::HttpStatus && self.problem.status.is_none()
    }
}

impl Localize for SendError {
    fn message(&self) -> Message {
        Message::new("notify-error-send")
            .arg("name", self.name.as_str())
            .arg("host", self.host.as_str())
            .arg("cause", self.problem.cause.as_str())
            .arg("reason", self.problem.detail.as_str())
    }
}

/// A destination that is ready to be talked to.
pub struct Sender<'a> {
    destination: &'a Destination,
    client: Option<Client>,
    roots: Vec<Certificate>,
}

impl<'a> Sender<'a> {
    /// Reads the CA file and sets TLS up.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub fn new(destination: &'a Destination, proxy: Option<String>) -> Result<Self, ClientError> {
        if destination.mail.is_some() {
            return Ok(Self {
                roots: roots(destination.ca_file.as_deref())?,
                client: None,
                destination,
            });
        }
        let client = Client::new(&ClientOptions {
            proxy,
            ca_file: destination.ca_file.clone(),
            ..ClientOptions::default()
        })?;
        Ok(Self {
            destination,
            client: Some(client),
            roots: Vec::new(),
        })
    }

    /// Sends until it arrived, was refused, or the deadline is over. Every attempt carries the same identifier.
    ///
    /// # Errors
    /// Why the last attempt failed.
    pub fn send(&self, letter: &Letter, deadline: Deadline, interrupt: &Interrupt) -> Result<(), SendError> {
        let mut pause = PAUSE;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = match &self.destination.mail {
                Some(mail) => self.mail(mail, letter, deadline),
                None => self.post(letter, deadline, interrupt),
            };
            let error = match outcome {
                Ok(()) => return Ok(()),
                Err(problem) => SendError {
                    name: self.destination.rules.name.clone(),
                    host: self.destination.host(),
                    problem,
                },
            };
            // What may have arrived is not repeated blindly where nobody would notice.
            let again = error.is_passing() && (self.destination.rules.knows_ids || !error.is_open());
            if !again
                || attempts == MAX_ATTEMPTS
                || deadline.remaining() <= pause
                || interrupt.sleep(pause).is_err()
            {
                return Err(error);
            }
            pause *= 2;
        }
    }

    fn post(&self, letter: &Letter, deadline: Deadline, interrupt: &Interrupt) -> Result<(), Problem> {
        let Some(client) = &self.client else {
            return Err(Problem::new(Cause::Internal, "no client"));
        };
        let mut url = self.destination.url.clone();
        let body = match self.destination.kind {
            NotifyKind::Webex => letter.markdown(),
            NotifyKind::Alertmanager => {
                alerts_path(&mut url);
                // It lasts until it would be said again, and as long as a run may be late.
                let rules = &self.destination.rules;
                letter.alerts(letter.at + rules.remind.max(rules.remind_last) + TimeDelta::days(2))
            }
            NotifyKind::Webhook | NotifyKind::Smtp => json!(letter.notification()),
        };
        let mut headers = vec![("idempotency-key", letter.id.clone())];
        if let Some(token) = &self.destination.token {
            headers.push(("authorization", format!("Bearer {}", token.as_str())));
        }
        let post = Post {
            url,
            headers,
            body: body.to_string().into_bytes(),
        };
        let receipt = client.post(post, deadline, interrupt)?;
        if (200..300).contains(&receipt.status) {
            return Ok(());
        }
        Err(Problem {
            cause: Cause::HttpStatus,
            detail: format!("HTTP {}", receipt.status),
            status: Some(receipt.status),
        })
    }

    /// On a thread of its own: the library limits each read, this limits the whole.
    fn mail(&self, mail: &Mail, letter: &Letter, deadline: Deadline) -> Result<(), Problem> {
        let transport = self.transport(mail, deadline)?;
        let invalid = |_| Problem::new(Cause::Internal, "invalid address");
        let from: Address = mail.from.parse().map_err(invalid)?;
        let to: Result<Vec<Address>, Problem> = mail
            .to
            .iter()
            .map(|address| address.parse().map_err(invalid))
            .collect();
        let envelope = lettre::address::Envelope::new(Some(from), to?)
            .map_err(|error| Problem::new(Cause::Internal, error.to_string()))?;
        let bytes = letter.mail(&mail.from, &mail.to);
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = send.send(transport.send_raw(&envelope, &bytes).map(|_| ()));
        });
        match receive.recv_timeout(deadline.remaining()) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(explain(&error)),
            Err(_) => Err(Problem::new(
                Cause::Timeout,
                "no complete answer within the deadline",
            )),
        }
    }

    fn transport(&self, mail: &Mail, deadline: Deadline) -> Result<SmtpTransport, Problem> {
        let host = self.destination.host();
        let host = host.trim_matches(['[', ']']).to_owned();
        let mut tls = TlsParameters::builder(host.clone()).certificate_store(CertificateStore::None);
        for root in &self.roots {
            tls = tls.add_root_certificate(root.clone());
        }
        let tls = tls
            .build_rustls()
            .map_err(|error| Problem::new(Cause::Tls, error.to_string()))?;
        let (tls, port) = if self.destination.url.scheme() == "smtps" {
            (Tls::Wrapper(tls), SUBMISSIONS_PORT)
        } else {
            (Tls::Required(tls), SUBMISSION_PORT)
        };
        let mut builder = SmtpTransport::builder_dangerous(host)
            .port(self.destination.url.port().unwrap_or(port))
            .tls(tls)
            .hello_name(ClientId::Domain(super::host()))
            .timeout(Some(deadline.remaining().max(Duration::from_millis(1))));
        if let Some((user, password)) = &mail.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(builder.build())
    }
}

/// `…/api/v2/alerts`, whatever of it was configured.
fn alerts_path(url: &mut Url) {
    if !url.path().ends_with("/api/v2/alerts") {
        let path = format!("{}/api/v2/alerts", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
}

/// The system's roots, else Mozilla's, and those of the CA file.
fn roots(ca_file: Option<&std::path::Path>) -> Result<Vec<Certificate>, ClientError> {
    let mut ders: Vec<CertificateDer<'static>> = rustls_native_certs::load_native_certs().certs;
    if ders.is_empty() {
        ders.extend(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    }
    // What does not parse is the system's affair; what is left is used.
    let mut usable = rustls::RootCertStore::empty();
    ders.retain(|der| usable.add(der.clone()).is_ok());
    if let Some(path) = ca_file {
        let unreadable = |reason: String| ClientError::CaFile {
            path: path.to_owned(),
            reason,
        };
        let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let own: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|error| unreadable(error.to_string()))?;
        if own.is_empty() {
            return Err(ClientError::CaFileEmpty {
                path: path.to_owned(),
            });
        }
        ders.extend(own);
    }
    Ok(ders
        .into_iter()
        .filter_map(|der| Certificate::from_der(der.to_vec()).ok())
        .collect())
}

/// Sorts an error of the mail library.
fn explain(error: &lettre::transport::smtp::Error) -> Problem {
    let mut words = vec![error.to_string()];
    let mut source = std::error::Error::source(error);
    let (mut cause, mut tls) = (None, None);
    while let Some(link) = source {
        tls = tls.or_else(|| tls_fault(link));
        if let Some(io) = link.downcast_ref::<std::io::Error>() {
            cause = Some(match io.kind() {
                std::io::ErrorKind::ConnectionRefused => Cause::Refused,
                std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Cause::Timeout,
                std::io::ErrorKind::HostUnreachable | std::io::ErrorKind::NetworkUnreachable => {
                    Cause::Unreachable
                }
                std::io::ErrorKind::InvalidData => Cause::Tls,
                _ => Cause::Reset,
            });
        }
        let text = link.to_string();
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
        source = link.source();
    }
    let cause = if let Some(tls) = tls {
        tls
    } else if error.is_tls() {
        Cause::Tls
    } else if error.is_timeout() {
        Cause::Timeout
    } else if error.is_permanent() || error.is_transient() {
        Cause::HttpStatus
    } else {
        cause.unwrap_or(if error.is_client() {
            Cause::Tls
        } else {
            Cause::Reset
        })
    };
    Problem {
        cause,
        detail: words.join(": "),
        // A server that is busy (4xx in SMTP) may take it a moment later; one that refuses (5xx) will not.
        status: error.is_permanent().then_some(400),
    }
}
