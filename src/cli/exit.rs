//! Exit codes of the contract.

use crate::report::Verdict;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(u8);

impl Exit {
    /// Done; also a closed pipe on standard output.
    pub const DONE: Self = Self(0);
    /// Done, but something was left out (said on standard error).
    pub const LEFT_OUT: Self = Self(1);
    /// Not done: bad usage, bad configuration, output that cannot be written, could not be checked.
    pub const NOT_DONE: Self = Self(3);
    /// Stopped by Ctrl-C or SIGTERM.
    pub const INTERRUPTED: Self = Self(130);

    /// The number for the operating system.
    pub const fn code(self) -> u8 {
        self.0
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        Self(verdict.exit_code())
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}
