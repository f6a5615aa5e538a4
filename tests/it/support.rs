//! Running the executable in isolation, and showing what it did in one text to compare with.
//!
//! ```text
//! let home = Home::new();
//! home.write("error.txt", "…");
//! let outcome = home.command(&["extract", "error.txt"]).run();
//! assert_eq!(outcome.code, 0, "{outcome}");
//! insta::assert_snapshot!(outcome);
//! ```

#![allow(dead_code, reason = "not every area needs every helper")]

use std::ffi::OsString;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A temporary directory that is home, working directory and place of every XDG directory.
pub(crate) struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, with the directories on the way, and gives its path.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("directories");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.join(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The program with these arguments, in English, with nothing of the machine's environment but `PATH`.
    pub(crate) fn command<A: Into<OsString> + Clone>(&self, arguments: &[A]) -> Run<'_> {
        Run {
            home: self,
            arguments: arguments.iter().cloned().map(Into::into).collect(),
            environment: vec![("LC_ALL".into(), "C.UTF-8".into())],
            stdin: Vec::new(),
            directory: self.path().to_owned(),
        }
    }
}

/// A run that is about to happen.
pub(crate) struct Run<'a> {
    home: &'a Home,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    directory: PathBuf,
}

impl Run<'_> {
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// The working directory; else the home directory.
    pub(crate) fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// The prepared command, for tests that need the process itself (signals, closed pipes).
    pub(crate) fn prepare(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_w4b-diag"));
        let path = |name: &str| self.home.join(name);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", path(".config"))
            .env("XDG_STATE_HOME", path(".local/state"))
            .env("XDG_DATA_HOME", path(".local/share"))
            .env("XDG_CACHE_HOME", path(".cache"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(self) -> Outcome {
        let mut child = self.prepare().spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("piped");
        let bytes = self.stdin.clone();
        // On its own thread: the program may write before it has read everything, or not read at all.
        let feeder = std::thread::spawn(move || {
            let _ = stdin.write_all(&bytes);
        });
        let output = child.wait_with_output().expect("the program ends");
        feeder.join().expect("the feeder ends");
        Outcome {
            // A signal's number plus 128, as a shell shows it, cannot be had portably: -1 stands for "killed".
            code: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: output.stderr,
            home: self.home.path().to_string_lossy().into_owned(),
        }
    }
}

/// How a run ended. Its `Display` is the snapshot: exit code, standard output and standard error together, with
/// the temporary directory as `[HOME]` and the program's version as `[VERSION]`.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    home: String,
}

impl Outcome {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}):\n{self}"))
    }

    fn tidy(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes)
            .replace(&self.home, "[HOME]")
            .replace(
                concat!("w4b-diag ", env!("CARGO_PKG_VERSION")),
                "w4b-diag [VERSION]",
            )
            .replace(
                concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""),
                "version=\"[VERSION]\"",
            )
            .replace(
                concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\""),
                "\"version\": \"[VERSION]\"",
            )
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit code: {}", self.code)?;
        writeln!(f, "----- stdout -----\n{}", self.tidy(&self.stdout))?;
        write!(f, "----- stderr -----\n{}", self.tidy(&self.stderr))
    }
}

/// A file of `samples/`.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}
