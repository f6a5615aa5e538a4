//! `--format nagios`: a strict reading of what schedulers parse, and an answer whatever happens.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::farm::{Ca, Clients, closed_port, rustls_server, tcp};
use crate::support::{Home, Outcome, sample};

/// The day as of which the test PKI is judged.
const DAY: &str = "2026-11-22T12:00:00Z";

/// Plug-in output, taken apart by the Monitoring Plugins Development Guidelines.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) service: String,
    pub(crate) state: String,
    pub(crate) headline: String,
    pub(crate) values: Vec<Value>,
    pub(crate) lines: Vec<String>,
}

/// `'label'=value[UOM];[warn];[crit];[min];[max]`
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) label: String,
    number: f64,
    unit: String,
    warn: Option<(f64, f64)>,
    critical: Option<(f64, f64)>,
}

impl Value {
    /// Whether the value is outside the range, which is what alerts.
    fn alerts(&self, range: Option<(f64, f64)>) -> bool {
        range.is_some_and(|(from, to)| self.number < from || self.number > to)
    }
}

impl Parsed {
    pub(crate) fn value(&self, label: &str) -> &Value {
        let found = self.values.iter().find(|value| value.label == label);
        found.unwrap_or_else(|| panic!("no {label:?} in {self:#?}"))
    }
}

/// Parses strictly; panics with what is wrong.
pub(crate) fn parse(text: &str) -> Parsed {
    assert!(text.ends_with('\n'), "{text}");
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "control characters: {text:?}"
    );
    let (first, rest) = text.split_once('\n').expect("a line");
    assert!(!rest.contains('|'), "a bar in the long output: {rest}");
    let (head, data) = first.split_once(" | ").unwrap_or((first, ""));
    assert!(!head.contains('|') && !data.contains('|'), "{first}");
    let (name, headline) = head.split_once(" - ").expect("SERVICE STATE - text");
    let (service, state) = name.split_once(' ').expect("SERVICE STATE");
    assert!(!headline.trim().is_empty());
    let mut values = Vec::new();
    let mut left = data;
    while !left.is_empty() {
        let (value, next) = one(left);
        values.push(value);
        left = next.strip_prefix(' ').unwrap_or_else(|| {
            assert!(next.is_empty(), "one blank between values: {next:?}");
            next
        });
    }
    let mut labels: Vec<&str> = values.iter().map(|value| value.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), values.len(), "labels must be unique: {data}");
    Parsed {
        service: service.to_owned(),
        state: state.to_owned(),
        headline: headline.to_owned(),
        values,
        lines: rest.lines().map(str::to_owned).collect(),
    }
}

fn one(text: &str) -> (Value, &str) {
    let mut rest = text
        .strip_prefix('\'')
        .unwrap_or_else(|| panic!("no quote: {text:?}"));
    let mut label = String::new();
    loop {
        let end = rest.find('\'').unwrap_or_else(|| panic!("open quote: {text:?}"));
        label.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                label.push('\'');
                rest = after;
            }
            None => break,
        }
    }
    assert!(!label.contains('=') && !label.is_empty(), "{label:?}");
    let rest = rest
        .strip_prefix('=')
        .unwrap_or_else(|| panic!("no equals sign: {text:?}"));
    let end = rest.find(' ').unwrap_or(rest.len());
    let (data, next) = rest.split_at(end);
    let fields: Vec<&str> = data.split(';').collect();
    assert!((1..=5).contains(&fields.len()), "{data}");
    let digits = fields[0]
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-')
        .unwrap_or(fields[0].len());
    let (value, unit) = fields[0].split_at(digits);
    let number = |text: &str| {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
        assert!(plain, "not a plain number: {text:?} in {data}");
        text.parse::<f64>()
            .unwrap_or_else(|_| panic!("{text:?} in {data}"))
    };
    let value = number(value);
    assert!(
        ["", "s", "us", "ms", "%", "B", "KB", "MB", "GB", "TB", "c"].contains(&unit),
        "unit {unit:?}"
    );
    let range = |field: Option<&&str>| {
        let text = field.copied().filter(|text| !text.is_empty())?;
        let (from, to) = text.split_once(':').unwrap_or(("0", text));
        let from = if from == "~" {
            f64::NEG_INFINITY
        } else {
            number(from)
        };
        let to = if to.is_empty() { f64::INFINITY } else { number(to) };
        assert!(from <= to, "{text}");
        Some((from, to))
    };
    let limit = |field: Option<&&str>| field.filter(|text| !text.is_empty()).map(|text| number(text));
    let (min, max) = (limit(fields.get(3)), limit(fields.get(4)));
    assert!(min.is_none_or(|min| min <= value), "below min: {text}");
    assert!(max.is_none_or(|max| max >= value), "above max: {text}");
    let value = Value {
        number: value,
        label,
        unit: unit.to_owned(),
        warn: range(fields.get(1)),
        critical: range(fields.get(2)),
    };
    (value, next)
}

/// Parses the output of a run, whose exit code must say the same.
fn read(outcome: &Outcome) -> Parsed {
    let parsed = parse(&outcome.stdout());
    let states = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];
    let code = usize::try_from(outcome.code).expect("0 to 3");
    assert_eq!(states.get(code), Some(&parsed.state.as_str()), "{outcome}");
    parsed
}

fn pki(name: &str) -> String {
    format!("{}/tests/pki/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_worst_comes_first_in_every_language_with_thresholds_for_graphs() {
    let home = Home::new();
    for (from, to) in [("expired.pem", "o'neill=a|b.pem"), ("complete.pem", "xsp1.pem")] {
        home.write(to, std::fs::read(pki(from)).expect("there"));
    }
    let anchors = pki("public-root.pem");
    for lang in ["en", "de", "hr", "nb", "it"] {
        let arguments = [
            "certs",
            "xsp1.pem",
            "o'neill=a|b.pem",
            "--host",
            "xsp1.example.net",
            "--anchors",
            &anchors,
            "--as-of",
            DAY,
            "--format",
            "nagios",
            "--lang",
            lang,
        ];
        let parsed = read(&home.command(&arguments).run());
        assert_eq!(
            (parsed.service.as_str(), parsed.state.as_str()),
            ("CERTS", "CRITICAL")
        );
        assert!(parsed.headline.contains("o'neill=a¦b.pem"), "{}", parsed.headline);
        assert!(
            parsed.headline.contains("2025-07-01 00:00 UTC"),
            "{}",
            parsed.headline
        );
        let expired = parsed.value("o'neill_a_b.pem leaf");
        assert!(expired.alerts(expired.critical) && expired.alerts(expired.warn));
        let good = parsed.value("xsp1.pem leaf");
        assert!(!good.alerts(good.critical) && !good.alerts(good.warn));
        assert_eq!(good.unit, "s");
        // 2027-04-01T00:00:00Z is 129.5 days later.
        assert!((good.number - 129.5 * 86_400.0).abs() < 1.0, "{good:?}");
        parsed.value("xsp1.pem intermediate");
        assert!(parsed.lines[0].starts_with("[CRITICAL] "), "{:?}", parsed.lines);
    }
}

#[test]
fn all_is_well_is_one_line() {
    let home = Home::new();
    let (file, anchors) = (pki("complete.pem"), pki("public-root.pem"));
    let arguments = [
        "certs",
        &file,
        "--host",
        "xsp1.example.net",
        "--anchors",
        &anchors,
        "--as-of",
        DAY,
        "--format",
        "nagios",
    ];
    let parsed = read(&home.command(&arguments).run());
    assert_eq!(parsed.state, "OK");
    assert!(
        parsed.headline.contains("129 days (2027-04-01 00:00 UTC)"),
        "{}",
        parsed.headline
    );
    assert!(parsed.lines.is_empty(), "{:?}", parsed.lines);
}

#[test]
fn servers_that_answer_refuse_and_stay_silent() {
    let ca = Ca::new("Plug-in Test CA");
    let issued = ca.issue("localhost");
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let good = rustls_server(&issued, rustls::ALL_VERSIONS, &Clients::Anyone, local, 0);
    let silent = tcp(|stream| {
        std::thread::sleep(Duration::from_mins(10));
        drop(stream);
    });
    let refused = closed_port();
    let home = Home::new();
    home.write("ca.pem", &ca.pem);
    let targets = [
        format!("https://localhost:{}#ip=127.0.0.1", good.port()),
        format!("cti://127.0.0.1:{}", silent.port()),
        format!("127.0.0.1:{refused}"),
    ];
    let mut arguments = vec![
        "certs",
        "--anchors",
        "ca.pem",
        "--format",
        "nagios",
        "--timeout",
        "4s",
    ];
    arguments.extend(targets.iter().map(String::as_str));
    let parsed = read(&home.command(&arguments).run());
    assert_eq!(parsed.state, "CRITICAL");
    let answered = parsed.value("answered");
    assert!((answered.number - 1.0).abs() < 0.1 && answered.alerts(answered.critical));
    let leaf = parsed.value(&format!("localhost:{} leaf", good.port()));
    assert_eq!(leaf.unit, "s");
    assert!(leaf.warn.is_some() && leaf.critical.is_some());
    assert_eq!(parsed.value(&format!("127.0.0.1:{refused} time")).unit, "s");
    // The silent one is said by name: the whole run has a little more time than each target.
    let silent = format!("127.0.0.1:{}", silent.port());
    assert!(
        parsed.lines.iter().any(|line| line.contains(&silent)),
        "{:#?}",
        parsed.lines
    );
}

#[test]
fn eight_kibibytes_unless_asked() {
    let home = Home::new();
    let names: Vec<String> = (0..300).map(|number| format!("xsp{number:03}.pem")).collect();
    for name in &names {
        home.write(name, std::fs::read(pki("expired.pem")).expect("there"));
    }
    for lang in ["en", "de", "hr", "nb", "it"] {
        let mut arguments = vec!["certs", "--as-of", DAY, "--format", "nagios", "--lang", lang];
        arguments.extend(names.iter().map(String::as_str));
        let short = home.command(&arguments).run();
        assert!(short.stdout.len() <= 8192, "{}", short.stdout.len());
        assert!(short.stdout.len() > 6000, "{}", short.stdout.len());
        let parsed = read(&short);
        assert!(
            parsed.lines.last().is_some_and(|line| line.contains("--verbose")),
            "{parsed:#?}"
        );
        arguments.push("--verbose");
        let long = read(&home.command(&arguments).run());
        let leaves = long.values.iter().filter(|value| value.label.ends_with(" leaf"));
        assert_eq!(leaves.count(), names.len());
    }
}

#[test]
fn status_and_check_are_plug_ins_too() {
    let home = Home::new();
    let page = sample("status/index.json").display().to_string();
    let arguments = ["status", "--url", &page, "--as-of", DAY, "--format", "nagios"];
    let parsed = read(&home.command(&arguments).run());
    assert_eq!(
        (parsed.service.as_str(), parsed.state.as_str()),
        ("WEBEX-STATUS", "WARNING")
    );
    let troubled = parsed.value("components_troubled");
    assert!(troubled.alerts(troubled.warn), "{troubled:?}");

    // A page that cannot be read draws no zero.
    let arguments = ["status", "--url", "no-such.json", "--format", "nagios"];
    let parsed = read(&home.command(&arguments).run());
    assert_eq!(parsed.state, "UNKNOWN");
    assert!(parsed.values.is_empty());

    let config = sample("w4b-diag.toml").display().to_string();
    let parsed = read(
        &home
            .command(&["check", "--config", &config, "--format", "nagios"])
            .run(),
    );
    assert_eq!(
        (parsed.service.as_str(), parsed.state.as_str()),
        ("CHECK", "CRITICAL")
    );
    parsed.value("findings_critical");
    parsed.value("components_troubled");
    assert!(parsed.values.iter().any(|value| value.label.ends_with(" leaf")));
}

#[test]
fn facts_that_only_a_service_request_needs_trouble_no_monitor() {
    let home = Home::new();
    let page = r#"{"status":{"indicator":"green"},"components":[{"id":"a","name":"Webex App","status":"operational"}],
        "incidents":[],"scheduled_maintenances":[]}"#;
    home.write("index.json", page);
    home.write(
        "c.toml",
        "[status]\nurl = \"index.json\"\ncomponents = [\"Webex App\"]\n",
    );
    let file = pki("complete.pem");
    let mut arguments = vec![
        "check", "--config", "c.toml", "--xsp", &file, "--as-of", DAY, "--format",
    ];
    let json = home.command(&[&arguments[..], &["json"]].concat()).run();
    assert!(
        json.stdout().contains("case.customer-org"),
        "the report itself is whole: {json}"
    );
    arguments.push("nagios");
    let parsed = read(&home.command(&arguments).run());
    let case = |line: &String| line.contains("organisation ID");
    assert!(!parsed.lines.iter().any(case), "{parsed:#?}");
}

#[test]
fn every_failure_is_an_unknown_on_standard_output() {
    let home = Home::new();
    home.write("faulty.toml", "[xspp]\n");
    for lang in ["en", "de", "hr", "nb", "it"] {
        for arguments in [
            &["certs"][..],
            &["certs", "--nonsense"],
            &["certs", "no-such.pem"],
            &["status", "--config", "faulty.toml"],
            &["check", "--config", "missing.toml"],
            &["check"],
        ] {
            let mut arguments = arguments.to_vec();
            arguments.extend(["--format", "nagios", "--lang", lang]);
            let outcome = home.command(&arguments).run();
            let parsed = read(&outcome);
            assert_eq!(parsed.state, "UNKNOWN", "{outcome}");
            assert!(outcome.stderr.is_empty(), "{outcome}");
        }
    }
}

/// A named pipe that nobody writes to: opening it blocks, and nothing in the program can change that.
#[cfg(unix)]
fn pipe(home: &Home) {
    let made = std::process::Command::new("mkfifo")
        .arg(home.join("pipe"))
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
}

#[cfg(unix)]
#[test]
fn what_hangs_is_unknown_before_the_scheduler_kills_it() {
    let home = Home::new();
    pipe(&home);
    let begin = Instant::now();
    let arguments = ["status", "--url", "pipe", "--timeout", "2s", "--format", "nagios"];
    let outcome = home.command(&arguments).run();
    let parsed = read(&outcome);
    assert_eq!(parsed.state, "UNKNOWN", "{outcome}");
    assert!(parsed.headline.contains("2 seconds"), "{}", parsed.headline);
    assert!(begin.elapsed() < Duration::from_secs(40));
}

#[cfg(unix)]
#[test]
fn a_signal_is_unknown_too() {
    let home = Home::new();
    pipe(&home);
    let silent = tcp(|stream| {
        std::thread::sleep(Duration::from_mins(10));
        drop(stream);
    });
    let target = format!("127.0.0.1:{}", silent.port());
    for arguments in [
        &["certs", &target, "--timeout", "40s"][..],
        &["status", "--url", "pipe", "--timeout", "40s"],
    ] {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--format", "nagios"]);
        let mut command = home.command(&arguments).prepare();
        let mut child = command.stdin(Stdio::null()).spawn().expect("it starts");
        terminate_when_it_listens(&mut child);
        let output = child.wait_with_output().expect("it ends");
        let parsed = parse(&String::from_utf8_lossy(&output.stdout));
        assert_eq!(parsed.state, "UNKNOWN");
        assert_eq!(output.status.code(), Some(3), "{parsed:#?}");
    }
}

/// Once the handler of SIGTERM is installed, as the kernel sees it.
#[cfg(unix)]
fn terminate_when_it_listens(child: &mut Child) {
    let begin = Instant::now();
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or(0);
        // Without /proc there is no telling; then a while must do.
        let waited = status.is_empty() && begin.elapsed() > Duration::from_secs(3);
        if caught & (1 << 14) != 0 || waited {
            break;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "it never listens");
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = std::io::stderr().flush();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(sent.success());
}
