//! `status --watch` against a page that changes, goes away and comes back.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::http_server::{Answer, Script, Server};
use crate::support::Home;

/// Longer than anything here takes, even on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);

fn page(state: &str, incident: bool) -> Answer {
    let incidents = if incident {
        r#"{"id":"i1","name":"Sign-in fails (sample)","status":"investigating","impact":"minor","publicationId":"PUB0000031",
            "components":["Webex App"],"start_at":"2026-03-10T08:00:00Z","incident_updates":[]}"#
    } else {
        ""
    };
    let text = format!(
        r#"{{"status":{{"indicator":"green"}},"components":[{{"id":"a","name":"Webex App","status":"{state}"}}],
            "incidents":[{incidents}],"scheduled_maintenances":[]}}"#
    );
    Answer {
        text,
        ..Answer::default()
    }
}

fn away() -> Answer {
    Answer {
        status: 404,
        ..Answer::default()
    }
}

/// The lines of the child's standard output as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let stdout = child.stdout.take().expect("piped");
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

/// Lines up to the one that contains `word`.
fn until(lines: &Receiver<String>, word: &str) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                let is_it = line.contains(word);
                seen.push(line);
                if is_it {
                    return seen;
                }
            }
            Err(error) => panic!("no line with {word:?} ({error}):\n{}", seen.join("\n")),
        }
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(sent.success());
}

#[cfg(unix)]
#[test]
fn changes_are_printed_once_and_an_outage_of_the_page_ends_nothing() {
    let ok = || page("operational", false);
    // Each round asks until something answers as a page; a page that is away is asked for its three summaries.
    let answers = vec![
        ok(),
        ok(),
        page("operational", true),
        page("operational", true),
        away(),
        away(),
        page("operational", true),
        ok(),
        page("major_outage", false),
    ];
    let script = Script {
        routes: [("/index.json".to_owned(), answers)].into(),
        ..Script::default()
    };
    let server = Server::start(script, Path::new("."));
    let home = Home::new();
    let url = server.base();
    let arguments = [
        "status",
        "--url",
        &url,
        "--component",
        "Webex App",
        "--watch",
        "--interval",
        "100ms",
    ];
    let mut child = home.command(&arguments).prepare().spawn().expect("it starts");
    let lines = lines(&mut child);
    until(&lines, "No maintenance");
    let news: Vec<String> = until(&lines, "major outage")
        .into_iter()
        .filter(|line| line.starts_with("20"))
        .collect();
    let titles: Vec<&str> = news
        .iter()
        .map(|line| line.split_once("  ").expect("a time").1)
        .collect();
    let expected = [
        "! warning  Open incident (Webex): Sign-in fails (sample)",
        "? not checked  The status page answers with an error (HTTP 404)",
        "✓ ok  The status page was read",
        "✓ ok  over: Open incident (Webex): Sign-in fails (sample)",
        "✗ critical  Webex App: major outage",
    ];
    let mut rest = titles.iter();
    for title in expected {
        assert!(
            rest.any(|line| line.starts_with(title)),
            "{title:?} is missing or out of order:\n{}",
            news.join("\n")
        );
        let times = titles.iter().filter(|line| line.starts_with(title)).count();
        assert_eq!(times, 1, "{title:?}:\n{}", news.join("\n"));
    }
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[cfg(unix)]
#[test]
fn a_page_that_is_away_from_the_start_is_said_when_it_comes() {
    let script = Script {
        routes: [(
            "/index.json".to_owned(),
            vec![away(), away(), page("operational", false)],
        )]
        .into(),
        ..Script::default()
    };
    let server = Server::start(script, Path::new("."));
    let home = Home::new();
    let url = server.base();
    let arguments = ["status", "--url", &url, "--watch", "--interval", "100ms"];
    let mut child = home.command(&arguments).prepare().spawn().expect("it starts");
    let lines = lines(&mut child);
    until(&lines, "HTTP 404");
    let news = until(&lines, "The status page was read");
    let repeated = news
        .iter()
        .filter(|line| line.starts_with("20") && line.contains("HTTP 404"));
    assert_eq!(repeated.count(), 0, "{}", news.join("\n"));
    interrupt(&child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
