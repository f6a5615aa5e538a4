//! What is to be judged: endpoints are probed, files are read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CertsError;
use super::discover;
use super::saved::{self, Saved};
use crate::cli::args::certs::Args;
use crate::commands::{Context, Failure, targets};
use crate::i18n::Message;
use crate::probe::TlsObservation;
use crate::probe::target::{Endpoint, Target, parse};
use crate::probe::tls;
use crate::rules::certs::installed::{Expected, Place};
use crate::rules::certs::{Settings, Thresholds};
use crate::x509::crl::Lists;
use crate::x509::files::{self, CertFile};
use crate::x509::{Certificate, Store};

/// Facts, ready for the rules.
#[derive(Debug, Default)]
pub struct Gathered {
    /// One row for each address of each endpoint.
    pub observations: Vec<TlsObservation>,
    /// Certificate files.
    pub files: Vec<CertFile>,
    /// Files with trust anchors for client certificates.
    pub trust: Vec<CertFile>,
}

/// Probes and reads everything that was named; without targets, what the configuration names.
///
/// # Errors
/// When a target is none, a named file cannot be read, or the user asked to stop.
pub fn gather(args: &Args, context: &mut Context) -> Result<Gathered, Failure> {
    let mut endpoints = Vec::new();
    let mut paths = Vec::new();
    let mut saved = Saved::default();
    if args.targets.is_empty() && args.discover.is_empty() {
        endpoints = targets::configured(&context.config)?;
        paths.extend(
            context
                .config
                .xsp
                .iter()
                .filter_map(|xsp| xsp.certificate.clone()),
        );
    } else {
        for target in &args.targets {
            match parse(target)? {
                Target::Endpoint(endpoint) => endpoints.push(endpoint),
                Target::File(path) => match saved::read(&path)? {
                    Some(found) => saved.extend(found),
                    None => paths.push(path),
                },
            }
        }
    }
    endpoints.extend(discover::discover(&args.discover, context)?);
    if !args.discover.is_empty() {
        discover::unique(&mut endpoints);
    }
    let trust_paths = trust_paths(&args.trust, context);
    if endpoints.is_empty() && paths.is_empty() && trust_paths.is_empty() && saved.is_empty() {
        return Err(CertsError::NoTarget.into());
    }
    let mut gathered = Gathered {
        observations: Vec::new(),
        files: read_files(&paths, context)?,
        trust: read_files(&trust_paths, context)?,
    };
    gathered.observations = observe(&endpoints, context)?;
    gathered.observations.extend(saved.observations);
    gathered.files.extend(saved.files);
    // What is installed now counts more than what was when the bundle was made.
    if gathered.trust.is_empty() {
        gathered.trust = saved.trust;
    }
    Ok(gathered)
}

/// The trust files: those of the flag, else those of the configuration.
pub fn trust_paths(flag: &[PathBuf], context: &Context) -> Vec<PathBuf> {
    if flag.is_empty() {
        context.config.trust.webex_ca.clone()
    } else {
        flag.to_vec()
    }
}

/// Reads certificate files, directories and patterns. A file that was only found beside others and holds nothing is
/// passed over.
///
/// # Errors
/// When a file that was named cannot be read or holds nothing.
pub fn read_files(paths: &[PathBuf], context: &mut Context) -> Result<Vec<CertFile>, Failure> {
    let password = files::password_from_environment()?;
    let mut read = Vec::new();
    for found in files::discover(paths) {
        context.interrupt.check()?;
        let found = found?;
        match files::read(&found.path, password.as_deref().map(String::as_str)) {
            Ok(file) => {
                for problem in &file.problems {
                    context.printer.note(
                        &context.catalog,
                        &problem.message().arg("path", file.path.display().to_string()),
                    );
                }
                read.push(file);
            }
            Err(error) if found.named => return Err(error.into()),
            Err(_) => {}
        }
    }
    Ok(read)
}

fn observe(endpoints: &[Endpoint], context: &mut Context) -> Result<Vec<TlsObservation>, Failure> {
    if endpoints.is_empty() {
        return Ok(Vec::new());
    }
    let mut options = tls::Options {
        threads: context.global.threads,
        ..tls::Options::default()
    };
    if let Some(timeout) = context.global.timeout {
        options.timeout = timeout;
    }
    let bar = context.printer.progress(
        endpoints.len() as u64,
        &context.catalog,
        &Message::new("certs-progress"),
    );
    let observations = tls::observe_all(
        endpoints,
        &options,
        context.clock.as_ref(),
        &context.interrupt,
        &|done, _| bar.set_position(done as u64),
    );
    bar.finish_and_clear();
    Ok(observations?)
}

/// What judging depends on, from flags and configuration.
///
/// # Errors
/// When a threshold cannot be understood or a named file cannot be read.
pub fn settings(args: &Args, context: &mut Context) -> Result<Settings, Failure> {
    let mut settings = Settings::new(context.as_of());
    settings.thresholds = Thresholds::from_config(&context.config.thresholds)?;
    let roots = args.anchors.clone().or_else(|| {
        let configured = context.config.trust.public_roots.as_ref()?;
        Some(PathBuf::from(configured))
    });
    if let Some(roots) = roots {
        settings.store = store(&roots, context)?;
    }
    for file in read_files(&args.intermediates, context)? {
        settings
            .intermediates
            .extend(file.certificates.iter().map(|der| Certificate::parse(der)));
    }
    let lists = read_files(&args.crl, context)?;
    let ders = lists.iter().flat_map(|file| &file.crls);
    settings.crls = Arc::new(Lists::parse(ders.map(Vec::as_slice)));
    settings.host.clone_from(&args.host);
    settings.hosts = context
        .config
        .xsp
        .iter()
        .filter_map(|xsp| Some((xsp.certificate.clone()?, xsp.host.clone())))
        .collect();
    settings.max_depth = args.max_depth;
    settings.expected = expected(args, context)?;
    Ok(settings)
}

/// What should be served: the files of `--match`, what a bundle says was served, and the installed files of the
/// configuration.
fn expected(args: &Args, context: &mut Context) -> Result<Vec<Expected>, Failure> {
    let mut expected = Vec::new();
    for path in &args.r#match {
        let before = expected.len();
        if let Some(saved) = saved::read(path)? {
            for observation in saved.observations {
                let Some(leaf) = observation.chain.first() else {
                    continue;
                };
                expected.push(Expected {
                    path: path.display().to_string(),
                    certificate: Certificate::parse(&leaf.0),
                    place: Place::Before {
                        host: observation.host,
                        port: observation.port,
                    },
                });
            }
        } else {
            for file in read_files(std::slice::from_ref(path), context)? {
                expected.extend(server_certificate(&file, Place::Anywhere));
            }
        }
        if expected.len() == before {
            return Err(CertsError::NoMatch(path.display().to_string()).into());
        }
    }
    let configured: Vec<(PathBuf, String)> = context
        .config
        .xsp
        .iter()
        .filter_map(|xsp| Some((xsp.certificate.clone()?, xsp.host.clone())))
        .collect();
    let password = files::password_from_environment()?;
    for (path, host) in configured {
        // One that cannot be read is said where it is judged as a file.
        if let Ok(file) = files::read(&path, password.as_deref().map(String::as_str)) {
            expected.extend(server_certificate(&file, Place::Host(host)));
        }
    }
    Ok(expected)
}

/// The server certificate of a file: the first that is no CA, else the first.
fn server_certificate(file: &CertFile, place: Place) -> Option<Expected> {
    let certificates: Vec<Certificate> = file
        .certificates
        .iter()
        .map(|der| Certificate::parse(der))
        .collect();
    let leaf = certificates.iter().find(|certificate| !certificate.facts().is_ca);
    Some(Expected {
        path: file.path.display().to_string(),
        certificate: leaf.or(certificates.first())?.clone(),
        place,
    })
}

/// `mozilla`, `system`, or a file.
fn store(roots: &Path, context: &mut Context) -> Result<Store, Failure> {
    match roots.to_str() {
        Some("mozilla") => Ok(Store::mozilla()),
        Some("system") => {
            let (store, errors) = Store::system();
            if let Some(error) = errors.first() {
                let message = Message::new("certs-system-roots").arg("reason", error);
                context.printer.warn(&context.catalog, &message);
            }
            Ok(store)
        }
        _ => {
            let label = roots.display().to_string();
            let files = read_files(&[roots.to_owned()], context)?;
            let ders = files
                .iter()
                .flat_map(|file| &file.certificates)
                .map(Vec::as_slice);
            let store = Store::from_ders(&label, ders);
            if store.is_empty() {
                return Err(CertsError::NoAnchors(label).into());
            }
            Ok(store)
        }
    }
}
