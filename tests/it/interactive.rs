//! Questions on a terminal, through a pseudo-terminal of Python; and what happens where nobody can be asked.

#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::process::Command;

use crate::support::Home;

const CUSTOMER: &str = "c0de1111-2222-4333-8444-555566667777";
const PARTNER: &str = "9a47aaaa-2222-4333-8444-bbbbccccdddd";

/// Answers one line each time the program has asked, then prints all that was on the screen and the exit code.
const TYPIST: &str = r#"
import os, pty, re, select, sys
answers = sys.stdin.read().split("\n")
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, since = b"", b""
while True:
    ready, _, _ = select.select([terminal], [], [], 20)
    if not ready:
        os.write(1, b"\n[nothing more came]\n")
        os.kill(pid, 9)
        break
    try:
        got = os.read(terminal, 4096)
    except OSError:
        break
    if not got:
        break
    seen, since = seen + got, since + got
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", since)
    if plain.endswith((b": ", b"> ")):
        since = b""
        os.write(terminal, (answers.pop(0) if answers else "").encode() + b"\n")
_, status = os.waitpid(pid, 0)
os.write(1, re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen).replace(b"\r\n", b"\n"))
os.write(1, b"[exit %d]\n" % os.waitstatus_to_exitcode(status))
"#;

/// What was on the screen; `None` where there is no Python.
fn typed(home: &Home, arguments: &[&str], answers: &[&str]) -> Option<String> {
    use std::io::Write as _;
    let mut python = Command::new("python3")
        .args(["-c", TYPIST, env!("CARGO_BIN_EXE_w4b-diag")])
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm")
        .current_dir(home.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::inherit())
        .spawn()
        .inspect_err(|_| eprintln!("skipped: python3 is missing"))
        .ok()?;
    let mut stdin = python.stdin.take().expect("piped");
    stdin.write_all(answers.join("\n").as_bytes()).expect("written");
    drop(stdin);
    let output = python.wait_with_output().expect("it ends");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn what_is_missing_is_asked_checked_and_used() {
    let home = Home::new();
    let text = "View Org ID: c0de1111-2222-4333-8444-555566667777\nThe space does not open.\n";
    home.write("error.txt", text);
    let arguments = [
        "check",
        "--interactive",
        "--no-network",
        "--as-of",
        "2026-11-22T00:00:00Z",
        "error.txt",
    ];
    let answers = [
        "not-an-id", // partner organisation: refused, then given
        PARTNER,
        "", // no tracking ID
        "ada at example.com",
        "ada@customer.example.com",
        "46.13.0.1", // there is no 13th month
        "46.10.0.33788",
        "tomorrow",
        "2027-01-01 10:00",
        "2026-11-20 10:00",
        "", // half an hour by default
        "25.0",
        "R25",
    ];
    let Some(screen) = typed(&home, &arguments, &answers) else {
        return;
    };
    for said in [
        "is not an organisation ID",
        "is not an e-mail address",
        "There is no client version “46.13.0.1”",
        "“tomorrow” is not a time",
        "lies in the future",
        "Ready for a service request\n",
        "2026-11-20T10:00:00Z to 2026-11-20T10:30:00Z",
        "ada@customer.example.com (--interactive)",
        "(error.txt:1)",
    ] {
        assert!(screen.contains(said), "{said} is missing:\n{screen}");
    }
}

#[test]
fn with_nothing_named_the_error_text_is_pasted_and_defaults_come_from_it() {
    let home = Home::new();
    let arguments = [
        "check",
        "--interactive",
        "--no-network",
        "--as-of",
        "2026-11-22T00:00:00Z",
    ];
    let first = format!("Organization ID: {CUSTOMER}");
    let answers = [
        "[Error 18215] Provisioning error with messaging server",
        first.as_str(),
        "", // end of the text
        "", // customer organisation: what was found
        PARTNER,
        "",
        "ada@customer.example.com",
        "",
        "2026-11-20 10:00",
        "2026-11-20 10:10",
        "",
        "",
    ];
    let Some(screen) = typed(&home, &arguments, &answers) else {
        return;
    };
    assert!(screen.contains("Fix this first"), "{screen}");
    assert!(
        screen.contains("(pasted-1:2)") || screen.contains(CUSTOMER),
        "{screen}"
    );
    assert!(screen.contains("[exit 1]"), "{screen}");
}

#[test]
fn the_order_dialogue_is_asked_saved_and_packed() {
    let home = Home::new();
    home.write("shot.png", b"\x89PNG\r\n\x1a\n");
    let answers = [
        "no",
        "20.11.2026",
        "2026-11-10",
        "2",
        "1",
        "no",
        "The page says: provisioning is still pending",
        "",
        "shot.png",
        "",
    ];
    let arguments = [
        "explain",
        "order",
        "--save",
        "order.toml",
        "--as-of",
        "2026-11-22T00:00:00Z",
    ];
    let Some(screen) = typed(&home, &arguments, &answers) else {
        return;
    };
    assert!(screen.contains("“20.11.2026” is not a date"), "{screen}");
    assert!(screen.contains("The order line is closed"), "{screen}");
    let outcome = home
        .command(&[
            "bundle",
            "-o",
            "case.zip",
            "--no-network",
            "--answers",
            "order.toml",
            "--as-of",
            "2026-11-22T00:00:00Z",
        ])
        .run();
    assert!(outcome.code <= 1, "{outcome}");
    assert!(outcome.stdout().contains("The order line is closed"), "{outcome}");
    let inspected = home.command(&["inspect", "case.zip"]).run();
    let listed = inspected.stdout();
    for part in ["text/dialogue.txt", "text/pasted-1.txt", "attachments/shot.png"] {
        assert!(listed.contains(part), "{part}:\n{listed}");
    }
}

#[test]
fn the_activation_dialogue_speaks_the_language() {
    let home = Home::new();
    let arguments = ["explain", "activation", "--lang", "de"];
    let Some(screen) = typed(&home, &arguments, &["ja", "nein", "ja", "3"]) else {
        return;
    };
    assert!(screen.contains("Benutzerverifizierung"), "{screen}");
    assert!(screen.contains("„Link teilen“"), "{screen}");
    assert!(screen.contains("[exit 0]"), "{screen}");
}

#[test]
fn where_nobody_can_be_asked_that_is_said() {
    let home = Home::new();
    home.write("error.txt", "Error code: 10022\n");
    for command in ["check", "bundle"] {
        let outcome = home
            .command(
                &[
                    command,
                    "--interactive",
                    "--no-network",
                    "error.txt",
                    "-o",
                    "x.zip",
                ][..4 + 2 * usize::from(command == "bundle")],
            )
            .run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(
            outcome.stderr().contains("--interactive needs a terminal"),
            "{outcome}"
        );
    }
    // Without a terminal `explain order` explains and does not ask.
    let outcome = home.command(&["explain", "order"]).run();
    assert_eq!(outcome.code, 0, "{outcome}");
}

#[test]
fn a_file_of_answers_that_is_none() {
    let home = Home::new();
    home.write("answers.toml", "# w4b-diag answers 1\n[order]\nline = \"open\"\n");
    let outcome = home.command(&["check", "--no-network", "answers.toml"]).run();
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr().contains("answers.toml"), "{outcome}");
    assert!(outcome.stderr().contains("line 3"), "{outcome}");
}

/// Presses Ctrl-C once the question is there.
const STOPPER: &str = r#"
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, stopped = b"", False
while True:
    ready, _, _ = select.select([terminal], [], [], 20)
    if not ready:
        os.kill(pid, 9)
        break
    try:
        got = os.read(terminal, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    if b"[y/N]" in seen and not stopped:
        stopped = True
        os.write(terminal, b"\x03")
_, status = os.waitpid(pid, 0)
os.write(1, b"stopped %d, exit %d\n" % (stopped, os.waitstatus_to_exitcode(status)))
"#;

#[test]
fn ctrl_c_at_the_question_needs_no_enter() {
    let home = Home::new();
    home.write("a.log", "2026-11-20T08:00:00Z an ordinary line\n");
    let output = Command::new("python3")
        .args(["-c", STOPPER, env!("CARGO_BIN_EXE_w4b-diag")])
        .args(["bundle", "--no-network", "-o", "case.zip", "a.log"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm")
        .current_dir(home.path())
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: python3 is missing");
        return;
    };
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "stopped 1, exit 130\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!home.join("case.zip").exists());
}
