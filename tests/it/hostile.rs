//! A tree of logs that means no good, and ends that come in the middle: no secret in any zip, nothing readable left
//! behind, the right exit code.

#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{Home, Outcome};

/// Begins every planted secret.
const PLANT: &str = "Sekret";
/// Stands only outside the tree.
const OUTSIDE: &str = "outside-the-tree";

fn zip_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default())
        .expect("memory");
    zip.write_all(bytes).expect("memory");
    zip.finish().expect("memory").into_inner()
}

/// A private key whose body could be told apart in any zip.
fn key(label: &str, number: usize) -> String {
    let line = format!("{PLANT}Key{number}{}", "Qz7+".repeat(13));
    format!("-----BEGIN {label}-----\n{line}\n{line}\n-----END {label}-----\n")
}

fn plant(home: &Home) {
    let utf16: Vec<u8> = format!("\u{feff}2026-11-20T08:00:00Z login password={PLANT}-Utf16\r\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    home.write("tree/utf16.log", utf16);
    let long = "x".repeat(4 << 20);
    let long = format!("{long} password={PLANT}-Long1 {}", "y".repeat(4 << 20));
    home.write("tree/long.log", long);
    let mut invalid = b"\xff\xfe\xfd 2026-11-20 \x80\x81 ".to_vec();
    invalid.rotate_left(3);
    invalid.extend_from_slice(format!("client_secret={PLANT}-Invalid1\n\0").as_bytes());
    invalid.push(0x9f);
    home.write("tree/invalid.log", invalid);
    let inner = zip_of(
        "deep/a.log",
        format!("Authorization: Bearer {PLANT}0123456789abcdef\n").as_bytes(),
    );
    home.write("tree/nested.zip", zip_of("inner.zip", &inner));
    let labels = [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
    ];
    for (number, label) in labels.iter().enumerate() {
        let text = format!("started\n{}ended\n", key(label, number));
        home.write(format!("tree/keys/{number}.log"), text);
    }
    home.write(
        "outside/secret.log",
        format!("{OUTSIDE} password={PLANT}-Outside\n"),
    );
    std::os::unix::fs::symlink(home.join("outside/secret.log"), home.join("tree/link.log")).expect("a link");
    std::os::unix::fs::symlink(home.join("outside"), home.join("tree/linked")).expect("a link");
    let fifo = Command::new("mkfifo").arg(home.join("tree/pipe.log")).status();
    assert!(fifo.is_ok_and(|status| status.success()), "a FIFO");
    for name in [
        &b"..\\..\\evil.log"[..],
        b"new\nline.log",
        b"red\x1b[31m.log",
        b"\xff\xff.log",
        b"...log",
        b"password=Sekret-InName.log",
    ] {
        let path = home.join("tree").join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, format!("2026-11-20 pwd={PLANT}-Name1\n")).expect("a file");
    }
}

fn bundle(home: &Home) -> crate::support::Run<'_> {
    bundle_with(home, &[])
}

fn bundle_with<'a>(home: &'a Home, more: &[&str]) -> crate::support::Run<'a> {
    let arguments = [
        "bundle",
        "--no-network",
        "--log",
        "tree",
        "-o",
        "out/case.zip",
        "--threads",
        "2",
    ];
    home.command(&[&arguments[..], more].concat())
        .env("TMPDIR", home.join("tmp"))
}

fn prepared() -> Home {
    let home = Home::new();
    plant(&home);
    std::fs::create_dir_all(home.join("out")).expect("a directory");
    std::fs::create_dir_all(home.join("tmp")).expect("a directory");
    home
}

fn holds(bytes: &[u8], word: &str) -> bool {
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [word.as_bytes(), &wide]
        .iter()
        .any(|needle| memchr::memmem::find(bytes, needle).is_some())
}

/// Nothing that was planted is in any file that the program made, nor in any member of the zip.
fn nothing_readable(home: &Home) {
    for directory in ["out", "tmp", ".local", ".cache"] {
        for path in files(&home.join(directory)) {
            let bytes = std::fs::read(&path).expect("readable");
            assert!(!holds(&bytes, PLANT), "{}", path.display());
        }
    }
    let zip = home.join("out/case.zip");
    if !zip.exists() {
        return;
    }
    let mut zip = zip::ZipArchive::new(std::fs::File::open(zip).expect("a zip")).expect("a whole zip");
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).expect("a member");
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        let climbs = name.split('/').any(|part| part == "..");
        assert!(!climbs && !name.contains(['\n', '\x1b', '\\']), "{name:?}");
        assert!(!name.contains(PLANT), "{name:?}");
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("whole");
        assert!(!holds(&bytes, PLANT), "a secret in {name}");
        assert!(!holds(&bytes, OUTSIDE), "from outside the tree: {name}");
    }
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Half-written zips beside the place of the whole one.
fn leftovers(home: &Home) -> usize {
    files(&home.join("out"))
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "part"))
        .count()
}

#[test]
fn a_hostile_tree_gives_up_no_secret() {
    let home = prepared();
    let growing = home.write("tree/growing.log", "2026-11-20 begins\n");
    let done = AtomicBool::new(false);
    let outcome: Outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .open(&growing)
                .expect("a file");
            while !done.load(Ordering::Relaxed) {
                let _ = writeln!(
                    file,
                    "2026-11-20 token={PLANT}-Growing1 password={PLANT}-Growing2"
                );
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let outcome = bundle(&home).run();
        done.store(true, Ordering::Relaxed);
        outcome
    });
    assert!(outcome.code <= 1, "{outcome}");
    assert!(
        !holds(&outcome.stdout, PLANT) && !holds(&outcome.stderr, PLANT),
        "{outcome}"
    );
    assert!(
        !outcome.stdout.contains(&0x1b) && !outcome.stderr.contains(&0x1b),
        "{outcome}"
    );
    nothing_readable(&home);
    assert_eq!(leftovers(&home), 0);
    let verified = home.command(&["verify", "out/case.zip"]).run();
    assert_eq!(verified.code, 0, "{verified}");
    the_request_names_files_that_are_there(&home);
}

/// Each line of the list of attached files is a file of the zip.
fn the_request_names_files_that_are_there(home: &Home) {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(home.join("out/case.zip")).expect("a zip"))
        .expect("a whole zip");
    let entry = zip.by_name("case/service-request.md").expect("the request");
    let request = std::io::read_to_string(entry).expect("text");
    let (_, list) = request.split_once("## Attached files\n").expect("a list");
    let names: Vec<String> = zip
        .file_names()
        .map(|name| name.expect("UTF-8").replace('_', ""))
        .collect();
    let mut count = 0;
    for line in list.lines().filter_map(|line| line.strip_prefix("- ")) {
        let path = line.split_once("  ").map_or(line, |(path, _)| path);
        // As Markdown: without its escapes.
        let path = format!("case/{}", path.replace(['\\', '_', '`'], ""));
        assert!(names.contains(&path), "{path} is not in {names:?}");
        count += 1;
    }
    assert!(count > 10, "{list}");
}

#[test]
fn an_interrupt_at_any_moment_leaves_nothing() {
    let home = prepared();
    for wait in [5, 60, 150, 300, 600, 1000] {
        let mut child = bundle(&home).prepare().spawn().expect("starts");
        drop(child.stdin.take());
        std::thread::sleep(Duration::from_millis(wait));
        let _ = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        let status = child.wait().expect("ends");
        // Before its handlers stand, the signal itself ends it; a fast machine may have finished.
        let signalled = std::os::unix::process::ExitStatusExt::signal(&status) == Some(2);
        assert!(
            signalled || matches!(status.code(), Some(130 | 0 | 1)),
            "{wait} ms: {status}"
        );
        if status.code() == Some(130) {
            assert!(!home.join("out/case.zip").exists(), "{wait} ms");
        }
        assert_eq!(leftovers(&home), 0, "{wait} ms");
        nothing_readable(&home);
        let _ = std::fs::remove_file(home.join("out/case.zip"));
    }
}

#[test]
fn killed_at_any_moment_nothing_readable_is_left() {
    let home = prepared();
    for wait in [60, 200, 500, 900] {
        let mut child = bundle(&home).prepare().spawn().expect("starts");
        drop(child.stdin.take());
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().expect("SIGKILL");
        child.wait().expect("ends");
        nothing_readable(&home);
        let _ = std::fs::remove_file(home.join("out/case.zip"));
    }
}

#[test]
fn stopped_at_any_moment_an_encrypted_bundle_was_never_readable() {
    let home = prepared();
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let mut waits = vec![];
    for wait in [40, 110, 200, 320, 480, 700, 1000] {
        waits.extend([("-INT", wait), ("-KILL", wait + 30)]);
    }
    // And once to its end.
    waits.push(("-INT", 60_000));
    for (signal, wait) in waits {
        let run = bundle_with(&home, &["--encrypt-to", &recipient]);
        let mut child = run.prepare().spawn().expect("starts");
        drop(child.stdin.take());
        let until = std::time::Instant::now() + Duration::from_millis(wait);
        while std::time::Instant::now() < until && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        child.wait().expect("ends");
        let made: Vec<_> = ["out", "tmp"]
            .iter()
            .flat_map(|part| files(&home.join(part)))
            .collect();
        for path in &made {
            let bytes = std::fs::read(path).expect("readable");
            for word in ["PK\u{3}\u{4}", "manifest.json", PLANT] {
                assert!(
                    !holds(&bytes, word),
                    "{signal} after {wait} ms: {}",
                    path.display()
                );
            }
        }
        if signal == "-INT" {
            assert_eq!(leftovers(&home), 0, "{wait} ms");
        }
        let whole = home.join("out/case.zip.age");
        assert!(whole.exists() || wait < 60_000, "it was not made");
        for path in made {
            std::fs::remove_file(path).expect("removed");
        }
    }
}

#[test]
fn a_full_disk_leaves_the_zip_that_was_there() {
    let home = prepared();
    home.write("out/case.zip", zip_of("earlier.txt", b"earlier"));
    let before = home.read("out/case.zip");
    let run = bundle(&home).prepare();
    // As if the disk were full after 4 KiB: the limit's signal is ignored, so that writing fails.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", limited])
        .arg(run.get_program())
        .args(run.get_args());
    command.current_dir(home.path()).env_clear();
    command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().expect("sh");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains("case.zip"), "{words}");
    assert_eq!(home.read("out/case.zip"), before);
    assert_eq!(leftovers(&home), 0);
}
