//! Asks the page: which documents in which order, retries inside the deadline, and what each answer is.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::cache::Entry;
use super::json::{self, Hint};
use super::model::StatusPage;
use super::{Answer, Body, Gap, Options, Origin, Outcome, SCHEMA, Source, StatusObservation, rss};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::interrupt::Interrupt;
use crate::probe::http::{Cause, MAX_BODY, Problem, Request, Response, Transport, without_credentials};

/// The documents that may say how everything is, best first. [status API guide; Statuspage v2; RSS as last resort]
const SUMMARIES: [&str; 3] = ["index.json", "api/v2/summary.json", "history.rss"];
/// The first wait before a request is repeated; it doubles.
const BACKOFF: Duration = Duration::from_millis(250);
/// The headers that are kept: enough to judge freshness, caches between us and the page, and its clock.
const KEPT_HEADERS: [&str; 12] = [
    "age",
    "cache-control",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
    "server",
    "via",
    "x-cache",
];

/// Asks the status page, or reads the saved document. Never fails: what went wrong is part of the observation.
pub fn observe(
    source: &Source,
    options: &Options,
    transport: &dyn Transport,
    clock: &dyn Clock,
    deadline: Deadline,
    interrupt: &Interrupt,
) -> StatusObservation {
    let mut asking = Asking {
        options,
        transport,
        clock,
        deadline,
        interrupt,
        answers: Vec::new(),
        gaps: Vec::new(),
        clock_offset: None,
    };
    let asked_at = clock.now();
    let outcome = match source {
        Source::File(path) => asking.file(path),
        Source::Url(url) if is_document(url) => asking.document(url, &file_name(url)),
        Source::Url(url) => asking.base(&base_of(url)),
    };
    let (outcome, page) = match outcome {
        Ok(Found::Page(page)) => (Outcome::Answered, Some(page)),
        Ok(Found::Saved(saved)) => return *saved,
        Err(problem) => (Outcome::Unreachable(problem), None),
    };
    StatusObservation {
        schema: SCHEMA.to_owned(),
        source: source.shown(),
        fetched_at: asking
            .answers
            .first()
            .map_or(asked_at, |answer| answer.received_at),
        clock_offset_seconds: asking.clock_offset,
        outcome,
        page,
        gaps: asking.gaps,
        answers: asking.answers,
    }
}

/// What a document turned out to be.
enum Found {
    Page(StatusPage),
    /// A saved observation: judged again as it was.
    Saved(Box<StatusObservation>),
}

struct Asking<'a> {
    options: &'a Options,
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
    deadline: Deadline,
    interrupt: &'a Interrupt,
    answers: Vec<Answer>,
    gaps: Vec<Gap>,
    clock_offset: Option<i64>,
}

impl Asking<'_> {
    fn file(&mut self, path: &Path) -> Result<Found, Problem> {
        let unreadable = |error: std::io::Error| Problem::new(Cause::File, error.to_string());
        let bytes = read_limited(path).map_err(unreadable)?;
        if bytes.len() > MAX_BODY {
            return Err(Problem::new(
                Cause::TooLarge,
                format!("more than {MAX_BODY} bytes"),
            ));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "status.json".to_owned());
        let found = recognise(&bytes, Hint::of_name(&name));
        self.answers.push(Answer {
            name,
            url: path.display().to_string(),
            status: None,
            headers: Vec::new(),
            received_at: self.clock.now(),
            origin: Origin::Source,
            body: Body(bytes),
        });
        found
    }

    /// One document and nothing else, out of the cache when it is fresh or unchanged.
    fn document(&mut self, url: &Url, name: &str) -> Result<Found, Problem> {
        let cache = self.options.cache.as_ref();
        let stored = cache.and_then(|cache| cache.load(url));
        if let Some(entry) = stored.as_ref().filter(|entry| entry.is_fresh(self.clock.now())) {
            self.clock_offset = self.clock_offset.or(entry.clock_offset);
            let response = entry.response(url);
            self.keep(name, &response, entry.stored_at, Origin::Cache);
            return read(url, &response, name);
        }
        let answer = self.ask(url, stored.as_ref().map(Entry::conditions).unwrap_or_default())?;
        let now = self.clock.now();
        let (response, origin) = match &stored {
            Some(entry) if answer.status == 304 => (entry.response(url), Origin::Confirmed),
            _ => (answer, Origin::Source),
        };
        self.keep(name, &response, now, origin);
        let found = read(url, &response, name)?;
        if let Some(cache) = cache {
            cache.store(url, &Entry::new(&response, now, self.clock_offset));
        }
        Ok(found)
    }

    /// The page behind a base URL: the best summary there is, then the lists that it lacks.
    fn base(&mut self, base: &Url) -> Result<Found, Problem> {
        let mut first_problem = None;
        for name in SUMMARIES {
            let Ok(url) = base.join(name) else { continue };
            match self.document(&url, name) {
                Ok(Found::Page(mut page)) => {
                    self.complete(base, &mut page);
                    return Ok(Found::Page(page));
                }
                Ok(saved @ Found::Saved(_)) => return Ok(saved),
                Err(problem) => {
                    let goes_on = is_about_this_document(problem.cause);
                    first_problem.get_or_insert(problem);
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        Err(first_problem.unwrap_or_else(|| Problem::new(Cause::Internal, "nothing to ask")))
    }

    /// Fetches what the summary left open. What does not come is a gap.
    fn complete(&mut self, base: &Url, page: &mut StatusPage) {
        use super::model::PageFormat;
        let history = self.options.history;
        let mut wanted: Vec<(&str, bool)> = Vec::new();
        match page.format {
            PageFormat::Webex => {
                wanted.push(("components.json", page.components.is_none()));
                wanted.push(("unresolved-incidents.json", page.incidents.is_none() && !history));
                wanted.push(("all-incidents.json", history));
                wanted.push((
                    "active-scheduled-maintenances.json",
                    page.maintenances.is_none() && !history,
                ));
                wanted.push((
                    "upcoming-scheduled-maintenances.json",
                    page.maintenances.is_none() && !history,
                ));
                wanted.push(("all-scheduled-maintenances.json", history));
            }
            PageFormat::Statuspage => {
                wanted.push(("api/v2/incidents.json", history));
                wanted.push(("api/v2/scheduled-maintenances.json", history));
            }
            PageFormat::Rss => wanted.push(("maintenance.rss", page.maintenances.is_none())),
        }
        for (name, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
            let Ok(url) = base.join(name) else { continue };
            match self.document(&url, name) {
                Ok(Found::Page(more)) => page.merge(more),
                Ok(Found::Saved(_)) => {}
                Err(problem) => self.gaps.push(Gap {
                    document: name.to_owned(),
                    problem,
                }),
            }
        }
    }

    /// One request with retries inside the deadline.
    fn ask(&mut self, url: &Url, conditions: Vec<(&'static str, String)>) -> Result<Response, Problem> {
        let mut request = Request::get(url.clone());
        let accept = "application/json, application/rss+xml;q=0.5, */*;q=0.1";
        request.headers.push(("accept", accept.to_owned()));
        request.headers.extend(conditions);
        let mut wait = BACKOFF;
        for attempt in 1.. {
            let answer = self.transport.get(&request, self.deadline, self.interrupt);
            let pause = match &answer {
                Ok(response) => {
                    self.note_clock(response);
                    match response.status {
                        429 | 502 | 503 | 504 => {
                            Some(retry_after(response, self.clock.now()).unwrap_or(wait))
                        }
                        500 => Some(wait),
                        _ => None,
                    }
                }
                Err(problem) => problem.cause.is_passing().then_some(wait),
            };
            match pause {
                Some(pause) if attempt < self.options.attempts && pause < self.deadline.remaining() => {
                    self.sleep(pause);
                    wait *= 2;
                }
                _ => return answer,
            }
        }
        unreachable_attempts()
    }

    fn sleep(&self, pause: Duration) {
        let until = self.deadline.at_most(pause);
        while !until.is_over() && !self.interrupt.is_set() {
            std::thread::sleep(until.remaining().min(Duration::from_millis(50)));
        }
    }

    /// Compares the page's clock with ours. The first answer decides: the later ones add nothing. An answer out of a
    /// shared cache carries the time when it was stored, unless `Age` says how long ago.
    fn note_clock(&mut self, response: &Response) {
        let Some(date) = response.header("date") else {
            return;
        };
        let Ok(date) = DateTime::parse_from_rfc2822(date) else {
            return;
        };
        let age = response
            .header("age")
            .and_then(|age| age.trim().parse::<i64>().ok())
            .unwrap_or(0)
            .clamp(0, 366 * 86_400);
        let offset = (date.to_utc() - self.clock.now()).num_seconds() + age;
        self.clock_offset.get_or_insert(offset);
    }

    fn keep(&mut self, name: &str, response: &Response, received_at: DateTime<Utc>, origin: Origin) {
        let flat = name.replace('/', "-");
        let headers = response
            .headers
            .iter()
            .filter(|(name, _)| KEPT_HEADERS.contains(&name.as_str()))
            .cloned()
            .collect();
        self.answers.push(Answer {
            name: flat,
            url: response.url.to_string(),
            status: Some(response.status),
            headers,
            received_at,
            origin,
            body: Body(response.body.clone()),
        });
    }
}

/// A web page from another host than the one that was asked is a sign-in page of the network.
fn suspect_portal(asked: &Url, response: &Response, problem: Problem) -> Problem {
    if problem.cause == Cause::NotTheApi && response.url.host() != asked.host() {
        return Problem {
            cause: Cause::CaptivePortal,
            detail: format!("answered by {}", without_credentials(&response.url)),
            status: Some(response.status),
        };
    }
    Problem {
        status: Some(response.status),
        ..problem
    }
}

/// What an answer is.
fn read(url: &Url, response: &Response, name: &str) -> Result<Found, Problem> {
    usable(url, response)?;
    recognise(&response.body, Hint::of_name(name)).map_err(|problem| suspect_portal(url, response, problem))
}

/// The loop that leads here has no end of its own.
fn unreachable_attempts() -> Result<Response, Problem> {
    Err(Problem::new(Cause::Internal, "no attempt was made"))
}

/// Whether the problem is about this one document, so that another may still answer.
fn is_about_this_document(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::HttpStatus | Cause::NotTheApi | Cause::Broken | Cause::TooLarge | Cause::RedirectLoop
    )
}

/// Whether a body can be looked at: the status, and the content type.
fn usable(asked: &Url, response: &Response) -> Result<(), Problem> {
    let problem = |cause, detail: String| {
        Err(Problem {
            cause,
            detail,
            status: Some(response.status),
        })
    };
    match response.status {
        200..=299 => Ok(()),
        511 => problem(Cause::CaptivePortal, "HTTP 511".to_owned()),
        407 => problem(Cause::ProxyAuth, "HTTP 407".to_owned()),
        status if response.url.host() != asked.host() && is_html(&response.body) => problem(
            Cause::CaptivePortal,
            format!("HTTP {status} from {}", without_credentials(&response.url)),
        ),
        status => problem(Cause::HttpStatus, format!("HTTP {status}")),
    }
}

/// What a body is. The content type is not asked: some servers say `text/plain` of JSON, and an unknown path of the
/// Webex page answers 200 with a web page; the body itself decides both.
fn recognise(body: &[u8], hint: Hint) -> Result<Found, Problem> {
    let not_the_api = |detail: &str| Err(Problem::new(Cause::NotTheApi, detail));
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let start = body.trim_ascii_start();
    match start.first() {
        None => not_the_api("empty"),
        Some(b'{' | b'[') => match serde_json::from_slice::<Value>(body) {
            Err(error) => Err(Problem::new(Cause::Broken, error.to_string())),
            Ok(document) => {
                if document.get("schema").and_then(Value::as_str) == Some(SCHEMA) {
                    return serde_json::from_value(document)
                        .map(|saved| Found::Saved(Box::new(saved)))
                        .map_err(|error| Problem::new(Cause::Broken, error.to_string()));
                }
                match json::page(&document, hint) {
                    Some(page) => Ok(Found::Page(page)),
                    None => not_the_api("JSON, but not of a status page"),
                }
            }
        },
        Some(b'<') if is_html(start) => not_the_api("HTML"),
        Some(b'<') => match rss::page(start, hint) {
            Ok(Some(page)) => Ok(Found::Page(page)),
            Ok(None) => not_the_api("XML, but not RSS"),
            Err(reason) => Err(Problem::new(Cause::Broken, reason)),
        },
        Some(_) => not_the_api("neither JSON nor XML"),
    }
}

fn is_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body.iter().take(1024).map(u8::to_ascii_lowercase).collect();
    let start = String::from_utf8_lossy(&start);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    start.starts_with("<!doctype html") || start.starts_with("<html") || start.contains("<html")
}

/// `Retry-After`: seconds, or a date. [RFC 9110, section 10.2.3]
fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    (date.to_utc() - now).to_std().ok()
}

/// Whether the URL names one document, by a file extension in its last segment.
fn is_document(url: &Url) -> bool {
    let last = file_name(url).to_ascii_lowercase();
    [".json", ".rss", ".xml", ".atom"]
        .iter()
        .any(|extension| last.ends_with(extension))
}

fn file_name(url: &Url) -> String {
    url.path_segments()
        .and_then(|mut segments| segments.next_back().map(str::to_owned))
        .unwrap_or_default()
}

/// A base whose path ends in a slash, so that names are appended; query and fragment do not belong to it.
fn base_of(url: &Url) -> Url {
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    base
}

/// Reads at most one byte more than is accepted, so that a device or a huge file does not fill the memory.
fn read_limited(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_BODY as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
