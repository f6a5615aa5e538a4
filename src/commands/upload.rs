//! `upload`: a verified bundle to the service request, by HTTPS PUT with the case's upload token.

mod receipt;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Map;
use url::Url;

use super::verify::{file_name, json};
use super::{Context, Failure, Outcome};
use crate::bundle;
use crate::cli::args::Format;
use crate::cli::args::upload::{Args, UploadArgs};
use crate::cli::exit::Exit;
use crate::cli::formats;
use crate::deadline::Deadline;
use crate::i18n::{Localize, Message};
use crate::interrupt::Interrupt;
use crate::probe::http::{Cause, Client, ClientOptions, Problem, Put};
use crate::redact::map::Identities;
use crate::report::{Report, SCHEMA, Severity, Tool, Verdict, rfc3339};
use crate::rules;

pub use receipt::Receipt;

/// Cisco's Customer eXperience Drive; the file's name is appended ("Customer File Uploads to Cisco TAC").
const CXD: &str = "https://cxd.cisco.com/home/";
/// For everything, without `--timeout`: a gigabyte at 5 Mbit/s.
const DEADLINE: Duration = Duration::from_mins(30);
/// Before the second attempt; doubled before each further one.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// Digits of a service request's number.
const SR_DIGITS: usize = 9;
/// A token is one short line.
const MAX_TOKEN: usize = 4096;
/// Names the token when there is no file of it.
const TOKEN_VARIABLE: &str = "W4B_UPLOAD_TOKEN";

/// Why nothing was uploaded.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Not digits.
    #[error("'{0}' is not the number of a service request")]
    Sr(String),
    /// Neither file nor variable.
    #[error("no upload token")]
    NoToken,
    /// The token's file.
    #[error("cannot read the token from {path}: {reason}")]
    TokenFile {
        /// The file.
        path: String,
        /// The operating system's words.
        reason: String,
    },
    /// Not a URL, or not HTTPS.
    #[error("'{0}' is not an HTTPS address")]
    Url(String),
    /// The zip is not clean or not as it was packed.
    #[error("{0} is not a clean bundle")]
    NotClean(String),
    /// The file.
    #[error("cannot read {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// The operating system's words.
        reason: String,
    },
    /// No answer.
    #[error("no answer from {host}: {}", problem.detail)]
    NoAnswer {
        /// Who was asked.
        host: String,
        /// Why.
        problem: Problem,
    },
    /// An answer that refuses.
    #[error("{host} answered {status}")]
    Refused {
        /// Who answered.
        host: String,
        /// The HTTP status.
        status: u16,
        /// Which of number and token is likely wrong: `sr`, `token`.
        likely: &'static str,
    },
}

impl Localize for UploadError {
    fn message(&self) -> Message {
        match self {
            Self::Sr(sr) => Message::new("upload-error-sr").arg("sr", sr),
            Self::NoToken => Message::new("upload-error-no-token").arg("variable", TOKEN_VARIABLE),
            Self::TokenFile { path, reason } => Message::new("upload-error-token-file")
                .arg("path", path)
                .arg("reason", reason),
            Self::Url(url) => Message::new("upload-error-url").arg("url", url),
            Self::NotClean(name) => Message::new("upload-error-not-clean").arg("name", name),
            Self::File { path, reason } => Message::new("upload-error-file")
                .arg("path", path)
                .arg("reason", reason),
            Self::NoAnswer { host, problem } => Message::new("upload-error-no-answer")
                .arg("host", host)
                .arg("cause", problem.cause.as_str())
                .arg("reason", problem.detail.as_str()),
            Self::Refused { host, status, likely } => Message::new("upload-error-refused")
                .arg("host", host)
                .arg("status", i64::from(*status))
                .arg("likely", *likely),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the bundle was not uploaded.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    let format = formats::require(context, &[Format::Text, Format::Json])?;
    let upload = Upload::prepare(&args.sr, &args.to, context)?;
    let identities = Identities::read(&args.identity)?;
    let (receipt, exit) = upload.send(&args.zip, Proof::Verify(&identities), context)?;
    if format == Format::Json {
        let data = match serde_json::to_value(&receipt) {
            Ok(serde_json::Value::Object(data)) => data,
            _ => Map::new(),
        };
        let report = Report {
            schema: SCHEMA.to_owned(),
            tool: Tool::default(),
            command: "upload".to_owned(),
            generated_at: rfc3339(context.clock.now()),
            as_of: rfc3339(context.as_of()),
            verdict: Verdict::Ok,
            findings: Vec::new(),
            data,
        };
        json(&report, context)?;
    }
    Ok(exit)
}

/// What says that a file may leave.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// It is verified now, decrypted with one of these if it is encrypted. An encrypted file that nobody here can
    /// open may be anything, the private map included: it does not leave.
    Verify(&'a Identities),
    /// It was verified before it was encrypted, and has this SHA-256.
    Digest(&'a str),
}

/// Where to and with what: everything that can be wrong is found before the first byte is read.
pub struct Upload {
    sr: String,
    token: String,
    base: Url,
    client: Client,
    again: bool,
}

impl Upload {
    /// Number, token, address, and the way there.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn prepare(sr: &str, args: &UploadArgs, context: &Context) -> Result<Self, Failure> {
        let sr = sr.trim();
        if sr.is_empty() || !sr.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(UploadError::Sr(sr.to_owned()).into());
        }
        let options = ClientOptions {
            proxy: context.config.status.proxy.clone(),
            ca_file: args
                .ca_file
                .clone()
                .or_else(|| context.config.status.ca_file.clone()),
            ..ClientOptions::default()
        };
        Ok(Self {
            sr: sr.to_owned(),
            token: token(args.token_file.as_deref(), &context.interrupt)?,
            base: base(args.url.as_deref().unwrap_or(CXD))?,
            client: Client::new(&options)?,
            again: args.again,
        })
    }

    /// Verifies and sends a bundle, and writes its receipt.
    ///
    /// # Errors
    /// When it was not uploaded.
    pub fn send(
        &self,
        zip: &Path,
        proof: Proof<'_>,
        context: &mut Context,
    ) -> Result<(Receipt, Exit), Failure> {
        let name = file_name(zip);
        if let Proof::Verify(identities) = proof {
            let examination = bundle::verify(zip, identities, context.global.threads, &context.interrupt)?;
            let clean = rules::bundle::judge(&examination, &name)
                .iter()
                .all(|finding| finding.severity < Severity::Unknown);
            if !clean {
                return Err(UploadError::NotClean(name).into());
            }
        }
        let unreadable = |error: std::io::Error| UploadError::File {
            path: zip.display().to_string(),
            reason: error.to_string(),
        };
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(&name);
        }
        let mut receipt = Receipt::draft(zip, &self.sr, url.as_str()).map_err(unreadable)?;
        if matches!(proof, Proof::Digest(digest) if digest != receipt.sha256) {
            return Err(UploadError::NotClean(name).into());
        }
        if let Some(earlier) = receipt.earlier(zip).filter(|_| !self.again) {
            let message = Message::new("upload-already")
                .arg("name", name.as_str())
                .arg("sr", earlier.sr.as_str())
                .arg("at", earlier.uploaded_at.as_str());
            context.printer.note(&context.catalog, &message);
            return Ok((earlier, Exit::DONE));
        }
        receipt.status = self.attempts(zip, &url, receipt.bytes, context)?;
        receipt.uploaded_at = rfc3339(context.clock.now());
        let message = Message::new("upload-done")
            .arg("name", name.as_str())
            .arg("sr", self.sr.as_str())
            .arg("sha", receipt.sha256.as_str())
            .arg("replaced", if receipt.status == 201 { "no" } else { "yes" });
        context.printer.note(&context.catalog, &message);
        // It is there, whatever becomes of the receipt.
        if let Err(error) = receipt.write(zip) {
            context.printer.warn(&context.catalog, &error.message());
            return Ok((receipt, Exit::LEFT_OUT));
        }
        Ok((receipt, Exit::DONE))
    }

    /// Sends from the beginning until the server has all of it, refuses, or the deadline is over. The status.
    fn attempts(&self, zip: &Path, url: &Url, length: u64, context: &mut Context) -> Result<u16, Failure> {
        let deadline = Deadline::after(context.global.timeout.unwrap_or(DEADLINE));
        let mut pause = PAUSE;
        loop {
            let error = match self.attempt(zip, url, length, deadline, context)? {
                Ok(status) => return Ok(status),
                Err(error) => error,
            };
            let again = match &error {
                UploadError::NoAnswer { problem, .. } => {
                    problem.cause.is_passing() || problem.cause == Cause::Timeout
                }
                UploadError::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
                _ => false,
            };
            if !again || deadline.remaining() <= pause {
                return Err(error.into());
            }
            let message = Message::new("upload-again").arg("reason", error.message());
            context.printer.warn(&context.catalog, &message);
            context.interrupt.sleep(pause)?;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    fn attempt(
        &self,
        zip: &Path,
        url: &Url,
        length: u64,
        deadline: Deadline,
        context: &Context,
    ) -> Result<Result<u16, UploadError>, Failure> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let file = std::fs::File::open(zip).map_err(|error| UploadError::File {
            path: zip.display().to_string(),
            reason: error.to_string(),
        })?;
        let put = Put {
            url: url.clone(),
            user: &self.sr,
            password: &self.token,
            file,
            length,
        };
        let sent = Arc::new(AtomicU64::new(0));
        let bar =
            context
                .printer
                .progress_of_bytes(length, &context.catalog, &Message::new("progress-upload"));
        let done = std::sync::atomic::AtomicBool::new(false);
        let answer = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    bar.set_position(sent.load(Ordering::Relaxed));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
            let answer = self.client.put(put, &sent, deadline, &context.interrupt);
            done.store(true, Ordering::Relaxed);
            answer
        });
        bar.finish_and_clear();
        context.interrupt.check()?;
        Ok(match answer {
            // 204: a file of this name was there and was replaced (RFC 9110, section 9.3.4).
            Ok(receipt) if matches!(receipt.status, 201 | 204) && receipt.url == *url => Ok(receipt.status),
            Ok(receipt) => Err(UploadError::Refused {
                host: receipt.url.host_str().unwrap_or_default().to_owned(),
                status: receipt.status,
                likely: if self.sr.len() == SR_DIGITS { "token" } else { "sr" },
            }),
            Err(problem) => Err(UploadError::NoAnswer { host, problem }),
        })
    }
}

/// From the file, else from the environment; never from an argument, which others on the machine can read.
fn token(file: Option<&Path>, interrupt: &Interrupt) -> Result<String, Failure> {
    let text = match file {
        Some(path) => {
            let file = path.to_owned();
            let read = interrupt.wait_for(move || std::fs::read_to_string(file))?;
            read.map_err(|error| UploadError::TokenFile {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?
        }
        None => std::env::var(TOKEN_VARIABLE).unwrap_or_default(),
    };
    let token = text.trim();
    if token.is_empty() || token.len() > MAX_TOKEN || token.contains(char::is_control) {
        return Err(UploadError::NoToken.into());
    }
    Ok(token.to_owned())
}

/// TLS always: the token and the evidence go there.
fn base(text: &str) -> Result<Url, UploadError> {
    let wrong = || UploadError::Url(text.rsplit('@').next().unwrap_or_default().to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let usable = url.scheme() == "https"
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none();
    if usable { Ok(url) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn only_https_without_credentials() {
        assert!(base("https://cxd.example.net/home/").is_ok());
        for bad in [
            "http://cxd.example.net/home/",
            "cxd.example.net",
            "https://",
            "file:///tmp/x",
            "https://699999999:token@cxd.example.net/",
            "https://cxd.example.net/?token=x",
        ] {
            let error = base(bad).expect_err(bad).to_string();
            assert!(!error.contains("token@"), "{error}");
        }
    }
}
