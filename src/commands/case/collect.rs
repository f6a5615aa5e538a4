//! Brings the observations of a case in: the status page, the endpoints, the files. Everything that waits has a
//! deadline and runs beside the rest; whatever fails, fails alone and is said.

use std::collections::HashSet;
use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::input::CaseInput;
use super::source::{Archives, Kind, Source};
use chrono::{DateTime, Utc};

use crate::commands::status::{self, Asked};
use crate::commands::{Context, Failure, targets};
use crate::i18n::{Localize, Message};
use crate::input::decode::Decoder;
use crate::input::{self, Fault, InputError, Limits};
use crate::probe::status::{self as page, StatusObservation};
use crate::probe::target::{self, Endpoint, Target};
use crate::probe::{TlsObservation, tls};
use crate::redact::Lesson;
use crate::report::rfc3339;
use crate::scan::inventory::Collector;
use crate::scan::{Inventory, Options, Scanner};
use crate::users::{self, UserTable};
use crate::x509::files::{self, CertFile};

/// Largest text that is taken from standard input: it is kept in memory, because it is read twice.
const MAX_STANDARD_INPUT: u64 = 64 * 1024 * 1024;
/// Largest table of users: about a million rows.
const MAX_TABLE: u64 = 256 * 1024 * 1024;

/// What was brought in.
#[derive(Debug, Default)]
pub struct Collected {
    /// What the status page answered; `None`: it was not asked, see `problems`.
    pub status: Option<StatusObservation>,
    /// What the endpoints answered.
    pub endpoints: Vec<TlsObservation>,
    /// Installed certificates.
    pub certificates: Vec<CertFile>,
    /// Trust-anchor files.
    pub trust: Vec<CertFile>,
    /// What the scan found in texts and logs.
    pub inventory: Inventory,
    /// User-status exports and bulk-user files.
    pub users: Vec<Users>,
    /// The host names of the servers that the case is about.
    pub hosts: Vec<String>,
    /// The texts and logs that were scanned.
    pub sources: Vec<Source>,
    /// Pictures.
    pub attachments: Vec<PathBuf>,
    /// Questions and answers of guided dialogues.
    pub dialogue: Option<String>,
    /// What could not be brought in.
    pub problems: Vec<Problem>,
    /// What a redactor is to learn from texts and logs; `None`: nothing will be redacted.
    pub lesson: Option<Lesson>,
}

impl Collected {
    /// Every time becomes `at` and every duration nothing: a bundle that is made with `--as-of` has the same bytes
    /// each time.
    pub fn pin(&mut self, at: DateTime<Utc>) {
        if let Some(status) = &mut self.status {
            status.fetched_at = at;
            for answer in &mut status.answers {
                answer.received_at = at;
            }
        }
        for observation in &mut self.endpoints {
            observation.observed_at = rfc3339(at);
            observation.elapsed_ms = 0;
        }
    }
}

/// A table of users.
#[derive(Debug)]
pub struct Users {
    /// The file.
    pub path: PathBuf,
    /// As read.
    pub bytes: Vec<u8>,
    /// Its rows; `None`: it cannot be understood, which is said in `problems`.
    pub table: Option<UserTable>,
}

/// Something that could not be brought in, or not whole.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The file, the target.
    pub subject: String,
    /// Why, with a hint.
    pub cause: Message,
    /// The directory of the bundle where it would be; `None`: it is there, but not whole.
    pub part: Option<&'static str>,
}

impl Problem {
    fn new(part: &'static str, subject: impl Into<String>, cause: Message) -> Self {
        Self {
            subject: subject.into(),
            cause,
            part: Some(part),
        }
    }

    fn internal(part: &'static str) -> Self {
        Self::new(
            part,
            part,
            Message::new("error-collect-internal").arg("part", part),
        )
    }
}

/// What the input names, parsed before anything waits.
struct Wanted {
    endpoints: Vec<Endpoint>,
    /// Certificate files.
    certificates: Vec<PathBuf>,
}

impl Wanted {
    fn of(input: &CaseInput, context: &Context) -> Result<Self, Failure> {
        let mut wanted = Self {
            endpoints: Vec::new(),
            certificates: input.certificates.clone(),
        };
        if input.xsps.is_empty() {
            wanted.endpoints = targets::configured(&context.config)?;
            wanted.certificates.extend(
                context
                    .config
                    .xsp
                    .iter()
                    .filter_map(|xsp| xsp.certificate.clone()),
            );
        }
        for xsp in &input.xsps {
            match target::parse(xsp)? {
                Target::Endpoint(endpoint) => wanted.endpoints.push(endpoint),
                Target::File(path) => wanted.certificates.push(path),
            }
        }
        Ok(wanted)
    }
}

/// Collects everything that the input names. With a `lesson` the scan also notes what a redactor is to learn.
///
/// # Errors
/// When the input itself is wrong (a target that is none), or the user interrupts.
pub fn collect(input: &CaseInput, lesson: Option<Lesson>, context: &Context) -> Result<Collected, Failure> {
    let wanted = Wanted::of(input, context)?;
    if input.is_empty() && wanted.endpoints.is_empty() && wanted.certificates.is_empty() {
        return Err(Failure::Said(Message::new("error-case-nothing")));
    }
    let progress = context
        .printer
        .progress(0, &context.catalog, &Message::new("progress-collect"));
    progress.enable_steady_tick(Duration::from_millis(100));
    let outcome = std::thread::scope(|scope| {
        let answer = scope.spawn(|| ask_status(input, context));
        let endpoints = scope.spawn(|| probe(&wanted.endpoints, input, context));
        let mut collected = read_files(input, &wanted, lesson, context)?;
        match answer.join() {
            Ok(Ok(answer)) => match answer {
                Ok(observation) => collected.status = Some(observation),
                Err(problem) => collected.problems.push(problem),
            },
            Ok(Err(failure)) => return Err(failure),
            Err(_) => collected.problems.push(Problem::internal("status")),
        }
        match endpoints.join() {
            Ok((observations, problems)) => {
                collected.endpoints = observations;
                collected.problems.extend(problems);
            }
            Err(_) => collected.problems.push(Problem::internal("tls")),
        }
        let probed = wanted.endpoints.iter().map(|endpoint| endpoint.host.clone());
        let configured = context.config.xsp.iter().map(|xsp| xsp.host.clone());
        collected.hosts = probed.chain(configured).collect();
        Ok(collected)
    });
    progress.finish_and_clear();
    context.interrupt.check()?;
    outcome
}

/// Asks the status page, unless that needs the network and the network is switched off.
fn ask_status(input: &CaseInput, context: &Context) -> Result<Result<StatusObservation, Problem>, Failure> {
    let asked = Asked {
        url: input.status.as_deref(),
        history: true,
        cache: true,
    };
    let source = status::source(context, &asked)?;
    if input.no_network && matches!(source, page::Source::Url(_)) {
        return Ok(Err(Problem::new(
            "status",
            source.shown(),
            Message::new("error-no-network"),
        )));
    }
    status::observe(context, &asked).map(Ok)
}

fn probe(
    endpoints: &[Endpoint],
    input: &CaseInput,
    context: &Context,
) -> (Vec<TlsObservation>, Vec<Problem>) {
    if endpoints.is_empty() {
        return (Vec::new(), Vec::new());
    }
    if input.no_network {
        let not_asked =
            |endpoint: &Endpoint| Problem::new("tls", endpoint.subject(), Message::new("error-no-network"));
        return (Vec::new(), endpoints.iter().map(not_asked).collect());
    }
    let defaults = tls::Options::default();
    let options = tls::Options {
        timeout: context.global.timeout.unwrap_or(defaults.timeout),
        threads: context.global.threads,
        ..defaults
    };
    // An interrupt is noticed by the caller, which throws everything away.
    let observations = tls::observe_all(
        endpoints,
        &options,
        context.clock.as_ref(),
        &context.interrupt,
        &|_, _| (),
    );
    (observations.unwrap_or_default(), Vec::new())
}

fn read_files(
    input: &CaseInput,
    wanted: &Wanted,
    lesson: Option<Lesson>,
    context: &Context,
) -> Result<Collected, Failure> {
    let mut collected = Collected {
        lesson,
        attachments: input.attachments.clone(),
        ..Collected::default()
    };
    certificate_files(input, wanted, &mut collected);
    for path in &input.users {
        context.interrupt.check()?;
        let name = path.display().to_string();
        match read_table(path) {
            Err(cause) => collected.problems.push(Problem::new("users", name, cause)),
            Ok(bytes) => {
                let table = users::read(&bytes);
                if let Err(error) = &table {
                    let cause = error.message().arg("path", name.as_str());
                    collected.problems.push(Problem {
                        subject: name,
                        cause,
                        part: None,
                    });
                }
                collected.users.push(Users {
                    path: path.clone(),
                    table: table.ok(),
                    bytes,
                });
            }
        }
    }
    scan(input, &mut collected, context)?;
    Ok(collected)
}

fn certificate_files(input: &CaseInput, wanted: &Wanted, collected: &mut Collected) {
    let password = match files::password_from_environment() {
        Ok(password) => password,
        Err(error) => {
            let name = files::PASSWORD_FILE_VARIABLE.to_owned();
            collected
                .problems
                .push(Problem::new("tls/installed", name, error.message()));
            None
        }
    };
    let password = password.as_deref().map(String::as_str);
    for path in &wanted.certificates {
        match files::read(path, password) {
            Ok(file) => collected.certificates.push(file),
            Err(error) => collected.problems.push(Problem::new(
                "tls/installed",
                path.display().to_string(),
                error.message(),
            )),
        }
    }
    for path in &input.trust {
        match files::read(path, password) {
            Ok(file) => collected.trust.push(file),
            Err(error) => {
                collected
                    .problems
                    .push(Problem::new("trust", path.display().to_string(), error.message()));
            }
        }
    }
}

fn read_table(path: &Path) -> Result<Vec<u8>, Message> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_TABLE).read_to_end(&mut bytes))
        .map_err(|error| InputError::reading(&path.to_string_lossy(), error).message())?;
    Ok(bytes)
}

/// One scan over texts and logs. Tables of users are not scanned for facts: the e-mails and IDs of every other user
/// would drown those of the case.
fn scan(input: &CaseInput, collected: &mut Collected, context: &Context) -> Result<(), Failure> {
    let options = Options {
        domains: context.config.redact.domains.clone(),
        ..Options::default()
    };
    let mut collector = Collector::new(Scanner::new(options)).threads(context.global.threads);
    let texts = input.texts.iter().map(|path| (path, Kind::Text));
    let logs = input.logs.iter().map(|path| (path, Kind::Log));
    for (number, text) in input.pasted.iter().enumerate() {
        let mut source = Source::pasted(text, number + 1);
        let reader = source.reader();
        add(&mut collector, &mut source, reader, collected, context)?;
        collected.sources.push(source);
    }
    let (mut seen, mut archives) = (HashSet::new(), Archives::default());
    for (root, kind) in texts.chain(logs).filter(|(path, _)| seen.insert((*path).clone())) {
        if root.as_os_str() == "-" {
            let mut source = Source::standard_input(read_standard_input(context)?, kind);
            let reader = source.reader();
            add(&mut collector, &mut source, reader, collected, context)?;
            collected.sources.push(source);
            continue;
        }
        for item in input::open(std::slice::from_ref(root), Limits::default()).interrupt(&context.interrupt) {
            context.interrupt.check()?;
            let place = item.as_ref().ok().and_then(|item| archives.place(item));
            let fault = match item {
                Ok(item) if item.binary => InputError {
                    name: item.name,
                    fault: Fault::Binary,
                },
                Ok(item) => {
                    let Some(mut source) = Source::found(&item, place, root, kind) else {
                        continue;
                    };
                    add(&mut collector, &mut source, item.reader, collected, context)?;
                    collected.sources.push(source);
                    continue;
                }
                Err(error) => error,
            };
            collected
                .problems
                .push(Problem::new(kind.part(), fault.name.clone(), fault.message()));
        }
    }
    collected.inventory = collector.finish();
    collected.sources.shrink_to_fit();
    Ok(())
}

fn read_standard_input(context: &Context) -> Result<Vec<u8>, Failure> {
    if std::io::stdin().is_terminal() {
        return Err(Failure::Said(Message::new("error-case-terminal")));
    }
    let mut bytes = Vec::new();
    for item in input::open(&[PathBuf::from("-")], Limits::default()).interrupt(&context.interrupt) {
        let item = item?;
        let read = item.reader.take(MAX_STANDARD_INPUT).read_to_end(&mut bytes);
        context.interrupt.check()?;
        read.map_err(|error| Failure::Said(InputError::reading("-", error).message()))?;
    }
    Ok(bytes)
}

/// Scans one source. What was read before a fault stays.
fn add(
    collector: &mut Collector,
    source: &mut Source,
    reader: impl std::io::Read,
    collected: &mut Collected,
    context: &Context,
) -> Result<(), Failure> {
    let interrupted = || std::io::Error::from(std::io::ErrorKind::Interrupted);
    let outcome = Decoder::new(reader).and_then(|decoder| {
        let encoding = decoder.encoding().name();
        let mut reading = Lesson::begin(encoding);
        collector.add_with(&source.name, encoding, decoder, |window, _| {
            if let Some(lesson) = &mut collected.lesson {
                lesson.note(window, &mut reading);
            }
            context.interrupt.check().map_err(|_| interrupted())
        })?;
        source.trace = (collected.lesson.as_ref()).and_then(|lesson| lesson.end(reading));
        Ok(())
    });
    context.interrupt.check()?;
    if let Err(error) = outcome {
        let cause = InputError::reading(&source.name, error).message();
        collected.problems.push(Problem {
            subject: source.name.clone(),
            cause,
            part: None,
        });
    }
    Ok(())
}
