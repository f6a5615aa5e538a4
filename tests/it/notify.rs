//! `--notify`: one message for each threshold and certificate, whatever happens in between.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::farm::Ca;
use crate::notify_hook::Sink;
use crate::support::{Home, Outcome};

pub(crate) fn pki(name: &str) -> String {
    format!("{}/tests/pki/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A file of the test PKI judged as of a day, with what the configuration says about telling.
pub(crate) fn run(home: &Home, day: &str, more: &[&str]) -> Outcome {
    let anchors = pki("public-root.pem");
    let mut arguments = vec![
        "certs",
        "--config",
        "c.toml",
        "--anchors",
        &anchors,
        "--host",
        "xsp1.example.net",
        "--as-of",
        day,
        "--state",
        "state.json",
        "--notify",
        "xsp1.pem",
    ];
    arguments.extend(more);
    home.command(&arguments).run()
}

pub(crate) fn prepare(home: &Home, config: &str) {
    home.write("xsp1.pem", std::fs::read(pki("complete.pem")).expect("there"));
    home.write("c.toml", config);
}

pub(crate) fn hook(sink: &Sink) -> String {
    format!(
        "[[notify]]\nkind = \"webhook\"\nname = \"ops\"\nurl = \"{}\"\n",
        sink.url()
    )
}

#[test]
fn one_message_a_threshold_reminders_and_the_end() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    // complete.pem ends on 2027-04-01; 30 days before it is a warning, 7 days before it is critical.
    for (day, code, kinds) in [
        ("2026-11-22T12:00:00Z", 0, &[][..]),
        ("2027-03-05T12:00:00Z", 1, &["raised"][..]),
        ("2027-03-05T13:00:00Z", 1, &[]),
        ("2027-03-11T12:00:00Z", 1, &[]),
        // A week later.
        ("2027-03-12T12:00:00Z", 1, &["reminder"]),
        // A clock that jumps back says nothing.
        ("2027-03-04T12:00:00Z", 1, &[]),
        ("2027-03-26T12:00:00Z", 2, &["raised"]),
        ("2027-03-26T20:00:00Z", 2, &[]),
        // Daily in the last days.
        ("2027-03-27T12:00:00Z", 2, &["reminder"]),
        ("2027-04-01T12:00:00Z", 2, &["raised"]),
    ] {
        let before = sink.kinds().len();
        let outcome = run(&home, day, &[]);
        assert_eq!(outcome.code, code, "{day}: {outcome}");
        assert_eq!(&sink.kinds()[before..], kinds, "{day}");
    }
    let levels: Vec<Value> = sink
        .taken()
        .iter()
        .map(|taken| taken.body["level"].clone())
        .collect();
    assert_eq!(
        levels,
        ["warning", "warning", "critical", "critical", "expired"].map(Value::from)
    );
    let first = &sink.taken()[0];
    assert_eq!(first.path, "/hook");
    assert_eq!(first.body["schema"], "w4b-diag/notification/1");
    assert_eq!(first.key, first.body["id"].as_str().expect("an id"));
    assert_eq!(first.body["subjects"], json!(["xsp1.pem"]));
    // The certificate was replaced: two good runs end it, and only once.
    let before = sink.kinds().len();
    for day in [
        "2026-12-01T12:00:00Z",
        "2026-12-01T13:00:00Z",
        "2026-12-01T14:00:00Z",
    ] {
        run(&home, day, &[]);
    }
    assert_eq!(&sink.kinds()[before..], ["recovered"]);
}

#[test]
fn nothing_is_over_because_a_server_is_silent_and_flapping_is_one_problem() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    let bad = std::fs::read(pki("expired.pem")).expect("there");
    let good = std::fs::read(pki("complete.pem")).expect("there");
    for round in 0..6 {
        home.write("xsp1.pem", if round % 2 == 0 { &bad } else { &good });
        run(&home, "2026-11-22T12:00:00Z", &[]);
    }
    let raised: Vec<String> = sink.kinds();
    assert!(raised.iter().all(|kind| kind == "raised"), "{raised:?}");
    let mut ids: Vec<String> = sink.taken().iter().map(|taken| taken.key.clone()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "no message twice");
    // Each problem of expired.pem was said in the first round, and never again.
    assert!(all > 0 && all < 5, "{raised:?}");
}

#[test]
fn a_receiver_that_refuses_gets_it_later_and_the_result_is_not_hidden() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    sink.status.store(403, Ordering::SeqCst);
    let outcome = run(&home, "2027-03-05T12:00:00Z", &[]);
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(outcome.stdout().contains("xsp1.pem"), "{outcome}");
    assert!(
        outcome
            .stderr()
            .contains("ops: the message did not reach 127.0.0.1: it refuses (HTTP 403)"),
        "{outcome}"
    );
    let plugin = run(&home, "2027-03-05T12:00:00Z", &["--format", "nagios"]);
    assert!(plugin.stdout().starts_with("CERTS WARNING - "), "{plugin}");
    assert!(plugin.stdout().contains("[UNKNOWN] ops: "), "{plugin}");
    sink.status.store(200, Ordering::SeqCst);
    run(&home, "2027-03-05T13:00:00Z", &[]);
    assert_eq!(sink.kinds(), ["raised"]);
}

#[test]
fn without_a_memory_nothing_is_sent() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    home.write("file", "");
    let more = ["--state", "file/state.json"];
    let arguments = [
        "certs",
        "--config",
        "c.toml",
        "xsp1.pem",
        "--as-of",
        "2027-03-05T12:00:00Z",
        "--notify",
    ];
    let outcome = home.command(&[&arguments[..], &more].concat()).run();
    assert!(outcome.stderr().contains("Nothing was sent"), "{outcome}");
    home.write("broken.json", "{");
    let more = ["--state", "broken.json"];
    let outcome = home.command(&[&arguments[..], &more].concat()).run();
    assert!(outcome.stderr().contains("Nothing was sent"), "{outcome}");
    assert!(sink.taken().is_empty());
}

#[test]
fn no_secret_is_printed_or_kept() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(
        &home,
        "[[notify]]\nkind = \"webhook\"\nurl_env = \"HOOK\"\ntoken_file = \"token\"\n",
    );
    home.write("token", "hunter2-token\n");
    let arguments = [
        "certs",
        "--config",
        "c.toml",
        "xsp1.pem",
        "--as-of",
        "2027-03-05T12:00:00Z",
        "--notify",
        "--state",
        "state.json",
        "--verbose",
    ];
    let secret = format!("{}/hunter2-path", sink.url());
    let outcome = home.command(&arguments).env("HOOK", &secret).run();
    assert_eq!(sink.taken().len(), sink.kinds().len());
    assert!(!sink.taken().is_empty(), "{outcome}");
    sink.status.store(500, Ordering::SeqCst);
    let later = ["--as-of", "2027-03-30T12:00:00Z", "--timeout", "1s"];
    let mut again: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|word| !word.starts_with("2027"))
        .collect();
    again.retain(|word| *word != "--as-of");
    again.extend(later);
    let failed = home
        .command(&again)
        .env("HOOK", "http://127.0.0.1:1/hunter2-path")
        .run();
    let state = String::from_utf8(home.read("state.json")).expect("text");
    for text in [
        outcome.stdout(),
        outcome.stderr(),
        failed.stdout(),
        failed.stderr(),
        state,
    ] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_test_message_goes_everywhere_in_the_chosen_language() {
    let (home, sink) = (Home::new(), Sink::start());
    let url = sink.url();
    home.write(
        "c.toml",
        format!(
            "[[notify]]\nkind = \"webhook\"\nurl = \"{url}\"\n[[notify]]\nkind = \"webex\"\nurl = \"{url}\"\n\
             [[notify]]\nkind = \"alertmanager\"\nurl = \"{url}\"\n"
        ),
    );
    let outcome = home
        .command(&["status", "--config", "c.toml", "--notify-test", "--lang", "de"])
        .run();
    assert_eq!(outcome.code, 0, "{outcome}");
    let taken = sink.taken();
    assert_eq!(taken.len(), 3);
    assert_eq!(taken[0].body["title"], "Testnachricht von w4b-diag");
    let markdown = taken[1].body["markdown"].as_str().expect("markdown");
    assert!(markdown.contains("**Testnachricht von w4b-diag**"), "{markdown}");
    assert_eq!(taken[2].path, "/hook/api/v2/alerts");
    assert_eq!(taken[2].body[0]["labels"]["alertname"], "W4bDiag");
    let none = home.command(&["status", "--notify-test"]).run();
    assert_eq!(none.code, 3, "{none}");
}

/// Runs the program and kills it after a while that grows from round to round.
fn kill_after(home: &Home, arguments: &[&str], after: Duration) -> bool {
    let mut child: Child = home
        .command(arguments)
        .prepare()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    std::thread::sleep(after);
    let ended = child.try_wait().expect("a child").is_some();
    let _ = child.kill();
    let _ = child.wait();
    ended
}

#[test]
fn killed_at_any_moment_it_loses_nothing_and_repeats_nothing() {
    let (home, sink, room) = (Home::new(), Sink::start(), Sink::start());
    prepare(
        &home,
        &format!(
            "{}[[notify]]\nkind = \"webex\"\nurl = \"{}\"\n",
            hook(&sink),
            room.url()
        ),
    );
    let ca = Ca::new("Kill Test CA");
    let names: Vec<String> = (0..12)
        .map(|number| format!("xsp{number}.example.net.pem"))
        .collect();
    for name in &names {
        let issued = ca.issue(name.trim_end_matches(".pem"));
        home.write(name, issued.pem);
    }
    home.write("ca.pem", &ca.pem);
    // The test certificates end in the year 4096; a month before, each is a problem of its own, and so is the CA.
    let mut arguments = vec![
        "certs",
        "--config",
        "c.toml",
        "--anchors",
        "ca.pem",
        "--as-of",
        "4095-12-20T00:00:00Z",
        "--state",
        "state.json",
        "--notify",
    ];
    arguments.extend(names.iter().map(String::as_str));
    let mut after = Duration::from_millis(40);
    for _ in 0..60 {
        let ended = kill_after(&home, &arguments, after);
        after = if ended {
            Duration::from_millis(45)
        } else {
            after + Duration::from_millis(9)
        };
        let state = home.join("state.json");
        if state.exists() {
            let whole = serde_json::from_slice::<Value>(&std::fs::read(&state).expect("readable"));
            assert!(whole.is_ok(), "the state is always whole");
        }
    }
    // Left alone it comes to an end.
    let outcome = home.command(&arguments).run();
    assert!(outcome.stderr.is_empty(), "{outcome}");
    let state: Value = serde_json::from_slice(&home.read("state.json")).expect("JSON");
    let problems: Vec<&Value> = state["problems"]
        .as_object()
        .expect("problems")
        .values()
        .filter(|problem| problem["level"] != "unknown")
        .collect();
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for taken in sink.taken() {
        let what = taken.body["title"].as_str().expect("a title").to_owned();
        if keys.insert(taken.key.clone(), what.clone()).is_none() {
            *said.entry(what).or_default() += 1;
        }
    }
    // Known by its identifier, each problem arrived, and once.
    assert_eq!(keys.len(), problems.len(), "{said:#?}");
    // Where nobody knows identifiers, nothing comes twice either.
    let mut texts: Vec<String> = room
        .taken()
        .iter()
        .map(|taken| taken.body["markdown"].as_str().unwrap_or_default().to_owned())
        .collect();
    let all = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), all);
    assert!(all <= problems.len());
    // And nothing more is said.
    let before = (sink.taken().len(), room.taken().len());
    home.command(&arguments).run();
    assert_eq!((sink.taken().len(), room.taken().len()), before);
}

#[test]
fn two_runs_at_once_say_it_once() {
    let (home, sink) = (Home::new(), Sink::start());
    prepare(&home, &hook(&sink));
    let arguments = [
        "certs",
        "--config",
        "c.toml",
        "xsp1.pem",
        "--as-of",
        "2027-03-05T12:00:00Z",
        "--notify",
        "--state",
        "state.json",
    ];
    let mut children: Vec<Child> = (0..4)
        .map(|_| {
            let mut command = home.command(&arguments).prepare();
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .expect("it starts")
        })
        .collect();
    for child in &mut children {
        child.wait().expect("it ends");
    }
    let mut ids: Vec<String> = sink.taken().iter().map(|taken| taken.key.clone()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert!(all > 0);
    assert_eq!(ids.len(), all);
}

#[test]
fn alertmanager_lists_the_alert_and_resolves_it() {
    let program = Path::new("/usr/bin/prometheus-alertmanager");
    if !program.exists() {
        eprintln!("SKIPPED: prometheus-alertmanager is not installed");
        return;
    }
    let home = Home::new();
    home.write("am.yml", "route:\n  receiver: none\nreceivers:\n  - name: none\n");
    let port = crate::farm::closed_port();
    let mut daemon = Command::new(program)
        .arg(format!("--config.file={}", home.join("am.yml").display()))
        .arg(format!("--storage.path={}", home.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let begin = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
        && begin.elapsed() < Duration::from_mins(1)
    {
        std::thread::sleep(Duration::from_millis(100));
    }
    prepare(
        &home,
        &format!("[[notify]]\nkind = \"alertmanager\"\nurl = \"http://127.0.0.1:{port}\"\n"),
    );
    // As of now, because Alertmanager goes by its own clock: expired.pem has expired for good.
    let ca = Ca::new("Alert Test CA");
    home.write("ca.pem", &ca.pem);
    home.write("xsp1.pem", std::fs::read(pki("expired.pem")).expect("there"));
    let arguments = [
        "certs",
        "--config",
        "c.toml",
        "--anchors",
        "ca.pem",
        "--host",
        "xsp1.example.net",
        "--state",
        "state.json",
        "--notify",
        "xsp1.pem",
    ];
    let outcome = home.command(&arguments).run();
    let listed = |what: &str| -> Vec<Value> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        write!(stream, "GET /api/v2/alerts HTTP/1.0\r\n\r\n").expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let body = text.split_once("\r\n\r\n").expect(what).1;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{what}: {error}: {body}"))
    };
    let alerts = listed("after the first run");
    home.write("xsp1.pem", ca.issue("xsp1.example.net").pem);
    home.command(&arguments).run();
    home.command(&arguments).run();
    let about_the_end = |alert: &Value| alert["annotations"]["check"] == "cert.expired";
    let begin = Instant::now();
    let mut left = listed("after the last run");
    while left.iter().any(about_the_end) && begin.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(200));
        left = listed("at the end");
    }
    let _ = daemon.kill();
    let _ = daemon.wait();
    let expired = alerts
        .iter()
        .find(|alert| alert["annotations"]["check"] == "cert.expired");
    let expired = expired.unwrap_or_else(|| panic!("{alerts:#?}\n{outcome}"));
    assert_eq!(expired["labels"]["severity"], "critical");
    assert_eq!(expired["labels"]["instance"], "xsp1.pem");
    assert!(!left.iter().any(about_the_end), "{left:#?}");
}
