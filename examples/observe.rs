//! Probes TLS endpoints and prints one JSON object a row: `observe [--fast] TARGET...`. No judgement; the same facts that
//! `certs` judges. `--fast` looks at the chain and the accepted CA names only.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example")]

use w4b_diag::clock::SystemClock;
use w4b_diag::interrupt::Interrupt;
use w4b_diag::probe::target::{Target, parse};
use w4b_diag::probe::tls::{Options, observe_all};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let mut targets = Vec::new();
    for argument in std::env::args().skip(1) {
        if argument == "--fast" {
            options.protocols = false;
            options.http_date = false;
            continue;
        }
        match parse(&argument)? {
            Target::Endpoint(endpoint) => targets.push(endpoint),
            Target::File(path) => eprintln!("{}: a file, left out", path.display()),
        }
    }
    for row in observe_all(
        &targets,
        &options,
        &SystemClock,
        &Interrupt::install()?,
        &|_, _| {},
    )? {
        println!("{}", serde_json::to_string(&row)?);
    }
    Ok(())
}
