//! `--aia`: fetches the issuers that a server forgot, from where the certificates themselves say they can be had.

use std::collections::HashSet;
use std::time::Duration;

use super::Gathered;
use crate::commands::{Context, Failure};
use crate::deadline::Deadline;
use crate::interrupt::Interrupt;
use crate::probe::aia::{AiaFetch, Outcome, fetch};
use crate::probe::http::{Client, ClientOptions, Transport};
use crate::rules::certs::Settings;
use crate::x509::{Certificate, chain};

/// Most intermediates that are fetched for one chain: real chains lack one or two.
const MAX_STEPS: usize = 5;
/// Most requests of one run.
const MAX_REQUESTS: usize = 32;
/// Most addresses that are tried for one certificate.
const MAX_URLS: usize = 3;
/// One deadline for all requests together, when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Fetches what is missing; what came is in `settings.fetched` and `settings.aia` afterwards.
///
/// # Errors
/// When the HTTP client cannot be set up, or the user asked to stop.
pub(super) fn run(gathered: &Gathered, settings: &mut Settings, context: &Context) -> Result<(), Failure> {
    let client = Client::new(&ClientOptions {
        proxy: context.config.status.proxy.clone(),
        http_only: true,
        ..ClientOptions::default()
    })?;
    let mut errand = Errand {
        transport: &client,
        deadline: Deadline::after(context.global.timeout.unwrap_or(TIMEOUT)),
        interrupt: &context.interrupt,
        asked: HashSet::new(),
        fetches: Vec::new(),
        found: Vec::new(),
    };
    let mut seen = HashSet::new();
    let observed = gathered
        .observations
        .iter()
        .map(|observation| observation.chain.iter().map(|der| der.0.as_slice()).collect());
    let filed = gathered
        .files
        .iter()
        .map(|file| file.certificates.iter().map(Vec::as_slice).collect());
    let chains: Vec<Vec<&[u8]>> = observed.chain(filed).collect();
    for ders in chains {
        if seen.insert(ders.clone()) {
            let certificates: Vec<Certificate> = ders.iter().map(|der| Certificate::parse(der)).collect();
            errand.complete(&certificates, gathered, settings);
            context.interrupt.check()?;
        }
    }
    settings.fetched = errand.found;
    settings.aia = errand.fetches;
    Ok(())
}

struct Errand<'a> {
    transport: &'a dyn Transport,
    deadline: Deadline,
    interrupt: &'a Interrupt,
    asked: HashSet<String>,
    fetches: Vec<AiaFetch>,
    found: Vec<(String, Certificate)>,
}

impl Errand<'_> {
    fn complete(&mut self, certificates: &[Certificate], gathered: &Gathered, settings: &Settings) {
        let mut at_hand = settings.intermediates.clone();
        let trust = gathered.trust.iter().flat_map(|file| &file.certificates);
        at_hand.extend(trust.map(|der| Certificate::parse(der)));
        for _ in 0..MAX_STEPS {
            let mut further = at_hand.clone();
            further.extend(self.found.iter().map(|(_, certificate)| certificate.clone()));
            let completed = chain::complete(certificates, &settings.store, &further);
            let Some(missing) = completed.missing else { return };
            let before = self.found.len();
            for url in missing.urls.iter().take(MAX_URLS) {
                self.ask(url);
            }
            // The same address once more, or nothing of use: it leads nowhere.
            if self.found.len() == before {
                return;
            }
        }
    }

    fn ask(&mut self, url: &str) {
        if !self.asked.insert(url.to_owned()) {
            return;
        }
        if self.fetches.len() >= MAX_REQUESTS {
            self.fetches.push(AiaFetch::failed(url, Outcome::Limit));
            return;
        }
        let (fetch, ders) = fetch(url, self.transport, self.deadline, self.interrupt);
        for der in ders {
            let certificate = Certificate::parse(&der);
            let known = self
                .found
                .iter()
                .any(|(_, known)| known.der() == certificate.der());
            if certificate.is_readable() && !known {
                self.found.push((url.to_owned(), certificate));
            }
        }
        self.fetches.push(fetch);
    }
}
