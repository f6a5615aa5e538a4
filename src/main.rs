//! The `w4b-diag` program; everything lives in the library.

fn main() -> std::process::ExitCode {
    w4b_diag::cli::main()
}
