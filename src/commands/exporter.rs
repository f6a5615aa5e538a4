//! `exporter`: watches the configured targets and answers Prometheus, until it is told to stop.

mod plan;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{Context, Failure, Outcome};
use crate::cli::args::Format;
use crate::cli::args::exporter::Args;
use crate::cli::{config_file, formats};
use crate::clock::SystemClock;
use crate::i18n::{Catalog, Localize, Message};
use crate::interrupt::Interrupted;
use crate::monitor::hub::Hub;
use crate::monitor::routes::{Reload, Reloads};
use crate::monitor::status::Page;
use crate::monitor::{schedule, serve};

/// Where it listens when nothing else is said: on this machine only.
const DEFAULT_LISTEN: &str = "127.0.0.1:9812";
/// Certificate files and keys are read again once an interval, and at least this often.
const REREAD: Duration = Duration::from_mins(5);
/// How often signals are looked for.
const POLL: Duration = Duration::from_millis(100);
/// Threads for what blocks: more than name resolution may hold when it hangs, so that the status page has one too.
const BLOCKING_THREADS: usize = 160;

/// Why the exporter cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    /// Not `ADDRESS:PORT`.
    #[error("not an address and a port: {0}")]
    Listen(String),
    /// The port is taken, or may not be had.
    #[error("cannot listen on {address}: {reason}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's words.
        reason: std::io::Error,
    },
    /// Nothing is configured.
    #[error("nothing to watch")]
    NoTarget,
    /// Only one of certificate and key.
    #[error("tls_certificate and tls_key belong together")]
    HalfTls,
    /// Certificate and key cannot be used for HTTPS.
    #[error("cannot serve HTTPS: {0}")]
    Tls(String),
    /// A name twice, or an empty one.
    #[error("user name '{0}' twice or empty")]
    User(String),
}

impl Localize for ExporterError {
    fn message(&self) -> Message {
        match self {
            Self::Listen(text) => Message::new("exporter-error-listen").arg("text", text),
            Self::Bind { address, reason } => Message::new("exporter-error-bind")
                .arg("address", address.to_string())
                .arg(
                    "kind",
                    match reason.kind() {
                        std::io::ErrorKind::AddrInUse => "in-use",
                        std::io::ErrorKind::PermissionDenied => "denied",
                        std::io::ErrorKind::AddrNotAvailable => "not-available",
                        _ => "other",
                    },
                )
                .arg("reason", reason.to_string()),
            Self::NoTarget => Message::new("exporter-error-no-target"),
            Self::HalfTls => Message::new("exporter-error-half-tls"),
            Self::Tls(reason) => Message::new("exporter-error-tls").arg("reason", reason),
            Self::User(name) => Message::new("exporter-error-user").arg("name", name),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the configuration cannot be used or the port cannot be had; later, only Ctrl-C ends it.
pub fn run(args: &Args, context: &mut Context) -> Outcome {
    formats::require(context, &[Format::Text])?;
    let plan = plan::build(args, context)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(context.global.threads.clamp(2, 8))
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()?;
    let listener = listen(args, context)?;
    let hub = Arc::new(Hub::new(plan, Arc::new(SystemClock), context.interrupt.clone()));
    let outcome = runtime.block_on(watch(args, context, listener, &hub));
    // A resolver that does not answer must not hold the program back.
    runtime.shutdown_background();
    outcome
}

fn listen(args: &Args, context: &Context) -> Result<std::net::TcpListener, Failure> {
    let configured = context.config.exporter.listen.as_deref();
    let text = args.listen.as_deref().or(configured).unwrap_or(DEFAULT_LISTEN);
    let wrong = || ExporterError::Listen(text.to_owned());
    // `:9812` means every address, as other exporters have it.
    let full = if text.starts_with(':') {
        format!("[::]{text}")
    } else {
        text.to_owned()
    };
    let address = full
        .to_socket_addrs()
        .map_err(|_| wrong())?
        .next()
        .ok_or_else(wrong)?;
    let bound = std::net::TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound.map_err(|reason| ExporterError::Bind { address, reason }.into())
}

/// Everything at once, and on this thread the reloads: only here is the configuration at hand.
async fn watch(
    args: &Args,
    context: &mut Context,
    listener: std::net::TcpListener,
    hub: &Arc<Hub>,
) -> Outcome {
    let (sender, mut requests) = mpsc::channel::<Reload>(1);
    let reloads = Reloads {
        sender,
        catalog: Arc::new(Catalog::new(context.global.lang)),
    };
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let began = Message::new("exporter-listening")
        .arg("address", listener.local_addr()?.to_string())
        .arg("count", hub.current().watched.len());
    context.printer.note(&context.catalog, &began);
    let limits = serve::Limits::default();
    let mut server = tokio::spawn(serve::run(listener, Arc::clone(hub), reloads, limits));
    tokio::spawn(schedule::run(Arc::clone(hub)));
    tokio::spawn(ask_status(Arc::clone(hub)));
    let hang_up = hang_ups();
    let mut reread = Instant::now();
    loop {
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            Some(reply) = requests.recv() => {
                // Whoever asked may have left.
                let _ = reply.send(reload(args, context, hub));
            }
            _ = &mut server => return Err(Interrupted.into()),
        }
        if hang_up.swap(false, Ordering::SeqCst) {
            // Said on standard error.
            let _ = reload(args, context, hub);
        }
        if reread.elapsed() >= REREAD.min(hub.plan().interval) {
            reread = Instant::now();
            read_again(args, context, hub);
        }
    }
}

/// SIGHUP, where there is one.
fn hang_ups() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    {
        // Without it the reload by HTTP is left.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGHUP, Arc::clone(&flag));
    }
    flag
}

/// Reads the configuration again. One that cannot be used changes nothing.
fn reload(args: &Args, context: &mut Context, hub: &Hub) -> Result<(), String> {
    let path = context.global.config_path.clone();
    let outcome = config_file::load(path.as_deref())
        .map_err(Failure::from)
        .and_then(|loaded| {
            let before = std::mem::replace(&mut context.config, loaded.config);
            plan::build(args, context).inspect_err(|_| context.config = before)
        });
    match outcome {
        Ok(plan) => {
            hub.install(plan, true);
            context
                .printer
                .note(&context.catalog, &Message::new("exporter-reloaded"));
            Ok(())
        }
        Err(failure) => {
            hub.note_refused();
            let reason = reason(&failure, context);
            let message = Message::new("exporter-not-reloaded").arg("reason", reason.as_str());
            context.printer.warn(&context.catalog, &message);
            Err(reason)
        }
    }
}

/// Reads the files that the configuration names again: they are renewed without anybody telling us.
fn read_again(args: &Args, context: &mut Context, hub: &Hub) {
    match plan::build(args, context) {
        Ok(plan) => hub.install(plan, false),
        Err(failure) => {
            if hub.note_unreadable() {
                let reason = reason(&failure, context);
                let message = Message::new("exporter-not-read-again").arg("reason", reason);
                context.printer.warn(&context.catalog, &message);
            }
        }
    }
}

fn reason(failure: &Failure, context: &Context) -> String {
    match failure {
        Failure::Said(message) => context.catalog.text(message),
        Failure::Output(error) => error.to_string(),
        Failure::Interrupted | Failure::ClosedPipe => String::new(),
    }
}

/// Asks the status page now and then, in a thread of its own.
async fn ask_status(hub: Arc<Hub>) {
    let mut epoch = hub.epoch();
    let mut asked: Option<(Instant, Arc<Page>)> = None;
    loop {
        let plan = hub.plan();
        let wait = match (&plan.status, &asked) {
            // Nothing to ask until the plan changes.
            (None, _) => {
                hub.set_status(None);
                REREAD
            }
            (Some(page), Some((at, last))) if page.source == last.source => {
                page.interval(plan.interval).saturating_sub(at.elapsed())
            }
            (Some(_), _) => Duration::ZERO,
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = epoch.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        }
        let Some(page) = plan.status.clone() else { continue };
        asked = Some((Instant::now(), Arc::clone(&page)));
        let (clock, interrupt) = (hub.shared_clock(), hub.interrupt().clone());
        let answer = tokio::task::spawn_blocking(move || page.ask(clock.as_ref(), &interrupt)).await;
        // Proxy and CA file were tried when the plan was made; a page that does not answer is an answer here.
        if let Ok(Ok(seen)) = answer {
            hub.set_status(Some(seen));
        }
    }
}
