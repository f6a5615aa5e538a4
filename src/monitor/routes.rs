//! What is asked of the exporter, and what it answers.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{mpsc, oneshot};

use super::hub::Hub;
use super::watched::Watched;
use super::{metrics, page, sd};
use crate::i18n::{Catalog, Message};
use crate::probe::target::{self, Endpoint};
use crate::render::prometheus::{self, Exposition};

/// Asks for a reload; the answer is the reason why not.
pub type Reload = oneshot::Sender<Result<(), String>>;

/// What requests are answered with besides the hub.
#[derive(Clone)]
pub struct Reloads {
    /// To whoever reloads.
    pub sender: mpsc::Sender<Reload>,
    /// The sentences.
    pub catalog: Arc<Catalog>,
}

/// Longest query: a target and a module.
const MAX_QUERY: usize = 2048;
/// Kept back of the scrape's timeout, so that the answer still arrives; as blackbox_exporter does.
const OFFSET: Duration = Duration::from_millis(500);
/// The least time for an answer, however short the scrape's timeout.
const LEAST: Duration = Duration::from_millis(100);
/// How long a scrape waits that does not say.
const PATIENCE: Duration = Duration::from_secs(10);
/// Smaller answers are not worth compressing.
const WORTH_COMPRESSING: usize = 4 * 1024;

type Answer = Response<Full<Bytes>>;

/// Answers one request, and counts it.
pub async fn answer(request: &Request<Incoming>, hub: &Arc<Hub>, reloads: &Reloads) -> Answer {
    let path = known(request.uri().path());
    let answer = route(request, path, hub, reloads).await;
    hub.count_request(path, answer.status().as_u16());
    answer
}

/// The path, from a closed list.
fn known(path: &str) -> &'static str {
    const PATHS: [&str; 7] = [
        "/",
        "/metrics",
        "/probe",
        "/sd",
        "/-/healthy",
        "/-/ready",
        "/-/reload",
    ];
    PATHS.into_iter().find(|known| *known == path).unwrap_or("other")
}

async fn route(request: &Request<Incoming>, path: &'static str, hub: &Arc<Hub>, reloads: &Reloads) -> Answer {
    let words = Words(&reloads.catalog);
    // The health of the process is nobody's secret, and what asks for it cannot sign in.
    let is_open = matches!(path, "/-/healthy" | "/-/ready");
    let authorization = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if !is_open && !hub.plan().access.allows(authorization) {
        let mut refused = words.say(
            StatusCode::UNAUTHORIZED,
            Message::new("exporter-http-unauthorized"),
        );
        let realm = HeaderValue::from_static("Basic realm=\"w4b-diag\", charset=\"UTF-8\"");
        refused.headers_mut().insert(WWW_AUTHENTICATE, realm);
        return refused;
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match path {
        "/-/reload" if *request.method() == Method::POST => reload(reloads, words).await,
        "/-/reload" => words.wrong_method("POST"),
        "other" => words.say(StatusCode::NOT_FOUND, Message::new("exporter-http-not-found")),
        _ if !is_read => words.wrong_method("GET, HEAD"),
        "/metrics" => exposition(&metrics::all(hub), request.headers()),
        "/probe" => probe(request, hub, words).await,
        "/sd" => plain(StatusCode::OK, "application/json", sd::json(&hub.plan().targets)),
        "/-/healthy" => words.say(StatusCode::OK, Message::new("exporter-http-healthy")),
        "/-/ready" if hub.current().is_complete() => {
            words.say(StatusCode::OK, Message::new("exporter-http-ready"))
        }
        "/-/ready" => words.say(
            StatusCode::SERVICE_UNAVAILABLE,
            Message::new("exporter-http-not-ready"),
        ),
        _ => {
            let mut answer = plain(
                StatusCode::OK,
                "text/html; charset=utf-8",
                page::html(hub, &reloads.catalog),
            );
            let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
            answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            answer
        }
    }
}

async fn reload(reloads: &Reloads, words: Words<'_>) -> Answer {
    let (sender, receiver) = oneshot::channel();
    // One may wait while another is under way; more are turned away.
    if reloads.sender.try_send(sender).is_err() {
        return words.say(
            StatusCode::SERVICE_UNAVAILABLE,
            Message::new("exporter-http-reload-busy"),
        );
    }
    match receiver.await {
        Ok(Ok(())) => words.say(StatusCode::OK, Message::new("exporter-reloaded")),
        Ok(Err(reason)) => words.say(
            StatusCode::INTERNAL_SERVER_ERROR,
            Message::new("exporter-not-reloaded").arg("reason", reason),
        ),
        Err(_) => words.say(
            StatusCode::SERVICE_UNAVAILABLE,
            Message::new("exporter-http-reload-busy"),
        ),
    }
}

async fn probe(request: &Request<Incoming>, hub: &Arc<Hub>, words: Words<'_>) -> Answer {
    let deadline = Instant::now() + patience(request.headers());
    let watched = match wanted(request.uri().query().unwrap_or_default(), hub) {
        Ok(watched) => watched,
        Err((status, message)) => return words.say(status, message),
    };
    let current = hub.current();
    let timeout = if current.watched.contains_key(&watched.target.name) {
        // The result is everybody's: an impatient scrape does not make a slow server a silent one.
        current.plan.timeout
    } else {
        let left = deadline.saturating_duration_since(Instant::now());
        current.plan.timeout.min(left)
    };
    let max_age = current.max_age();
    watched.refresh(hub, max_age, timeout, deadline).await;
    exposition(
        &metrics::single(&watched, current.plan.interval),
        request.headers(),
    )
}

/// How long the scrape waits for us.
fn patience(headers: &HeaderMap) -> Duration {
    let given = headers
        .get("x-prometheus-scrape-timeout-seconds")
        .and_then(|value| value.to_str().ok()?.parse::<f64>().ok())
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0 && *seconds <= 3600.0)
        .map(Duration::from_secs_f64);
    given.map_or(PATIENCE, |given| given.saturating_sub(OFFSET).max(LEAST))
}

/// The target that a query names, if it may be probed.
fn wanted(query: &str, hub: &Hub) -> Result<Arc<Watched>, (StatusCode, Message)> {
    let refuse = |status, message| Err((status, message));
    let mut target = None;
    let mut module = None;
    if query.len() > MAX_QUERY {
        return refuse(StatusCode::URI_TOO_LONG, Message::new("exporter-http-no-target"));
    }
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "target" => target = Some(value.into_owned()),
            "module" => module = Some(value.into_owned()),
            _ => {}
        }
    }
    let Some(target) = target.filter(|target| !target.trim().is_empty()) else {
        return refuse(StatusCode::BAD_REQUEST, Message::new("exporter-http-no-target"));
    };
    if let Some(module) = module.as_deref().filter(|module| !is_module(module)) {
        let message = Message::new("exporter-http-module").arg("module", module);
        return refuse(StatusCode::BAD_REQUEST, message);
    }
    let Some(endpoint) = endpoint(&target, module.as_deref()) else {
        let message = Message::new("exporter-http-bad-target").arg("target", target);
        return refuse(StatusCode::BAD_REQUEST, message);
    };
    let current = hub.current();
    let mut found = super::plan::Target::single(endpoint);
    if let Some(watched) = current.watched.get(&found.name) {
        return Ok(Arc::clone(watched));
    }
    if !current.plan.any_target {
        let message = Message::new("exporter-http-not-configured").arg("target", found.name);
        return refuse(StatusCode::FORBIDDEN, message);
    }
    found.name.truncate(MAX_QUERY);
    match hub.guest(found) {
        Some(watched) => Ok(watched),
        None => refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            Message::new("exporter-http-too-many"),
        ),
    }
}

fn is_module(word: &str) -> bool {
    matches!(word, "https" | "cti" | "auth")
}

/// `host`, `host:port` or `scheme://host:port`, never a file; the module decides what is expected there.
fn endpoint(text: &str, module: Option<&str>) -> Option<Endpoint> {
    let text = text.trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        // A path without a scheme is no address but the name of a file.
        None if text.contains('/') => return None,
        None => (module.unwrap_or("https"), text),
    };
    // What the target says and what the module says must not differ.
    if !is_module(scheme) || module.is_some_and(|module| module != scheme) {
        return None;
    }
    match target::parse(&format!("{scheme}://{rest}")) {
        Ok(target::Target::Endpoint(typed)) => {
            let mut endpoint = Endpoint::new(typed.scheme, &typed.host, typed.port, typed.pinned).ok()?;
            if let Some(address) = endpoint.pinned {
                // A target of its own beside the one that DNS leads to.
                endpoint.given = format!("{}#ip={address}", endpoint.given);
            }
            Some(endpoint)
        }
        _ => None,
    }
}

/// Metrics, compressed when the client takes it.
fn exposition(metrics: &Exposition, headers: &HeaderMap) -> Answer {
    let text = metrics.text();
    let takes_gzip = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(is_gzip);
    if takes_gzip && text.len() >= WORTH_COMPRESSING {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing to memory does not fail.
        if encoder.write_all(text.as_bytes()).is_ok()
            && let Ok(bytes) = encoder.finish()
        {
            let mut answer = plain(StatusCode::OK, prometheus::CONTENT_TYPE, bytes);
            let gzip = HeaderValue::from_static("gzip");
            answer.headers_mut().insert(CONTENT_ENCODING, gzip);
            return answer;
        }
    }
    plain(StatusCode::OK, prometheus::CONTENT_TYPE, text)
}

/// One coding of `Accept-Encoding`, unless its weight is zero.
fn is_gzip(coding: &str) -> bool {
    let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
    let weight = weight.trim().strip_prefix("q=");
    name.trim() == "gzip"
        && weight.is_none_or(|weight| weight.bytes().any(|digit| matches!(digit, b'1'..=b'9')))
}

fn plain(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Sentences as answers.
#[derive(Clone, Copy)]
struct Words<'a>(&'a Catalog);

impl Words<'_> {
    #[allow(
        clippy::needless_pass_by_value,
        reason = "every message is made for the answer"
    )]
    fn say(self, status: StatusCode, message: Message) -> Answer {
        let text = format!("{}\n", self.0.text(&message));
        plain(status, "text/plain; charset=utf-8", text)
    }

    fn wrong_method(self, allowed: &'static str) -> Answer {
        let message = Message::new("exporter-http-method").arg("allowed", allowed);
        let mut answer = self.say(StatusCode::METHOD_NOT_ALLOWED, message);
        let allowed = HeaderValue::from_static(allowed);
        answer.headers_mut().insert(ALLOW, allowed);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::header::{HeaderMap, HeaderValue};

    use super::{endpoint, patience};

    #[test]
    fn targets_of_a_query_are_never_files() {
        for (text, module, name) in [
            ("xsp1.example.net", None, Some("https://xsp1.example.net:443")),
            (
                "xsp1.example.net:8012",
                Some("cti"),
                Some("cti://xsp1.example.net:8012"),
            ),
            (
                "XSP1.example.net",
                Some("cti"),
                Some("cti://xsp1.example.net:8012"),
            ),
            (
                "cti://xsp1.example.net",
                None,
                Some("cti://xsp1.example.net:8012"),
            ),
            ("cti://xsp1.example.net", Some("auth"), None),
            (
                "[2001:db8::1]:443",
                Some("auth"),
                Some("auth://[2001:db8::1]:443"),
            ),
            (
                "xsp1.example.net#ip=192.0.2.1",
                None,
                Some("https://xsp1.example.net:443#ip=192.0.2.1"),
            ),
            ("file:/etc/passwd", None, None),
            ("file:///etc/passwd", None, None),
            ("Cargo.toml", Some("https"), Some("https://cargo.toml:443")),
            ("/etc/passwd", None, None),
            ("user:secret@xsp1.example.net", None, None),
            ("http://xsp1.example.net", None, None),
            ("a b", None, None),
        ] {
            let found = endpoint(text, module).map(|endpoint| endpoint.given);
            assert_eq!(found.as_deref(), name, "{text} {module:?}");
        }
    }

    #[test]
    fn the_timeout_of_the_scrape_is_kept() {
        let given = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                "x-prometheus-scrape-timeout-seconds",
                HeaderValue::from_static(text),
            );
            patience(&headers)
        };
        assert_eq!(given("5"), Duration::from_millis(4500));
        assert_eq!(given("0.2"), Duration::from_millis(100));
        for bad in ["", "x", "-1", "NaN", "inf", "1e99"] {
            assert_eq!(given(bad), Duration::from_secs(10), "{bad}");
        }
    }
}
