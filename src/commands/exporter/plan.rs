//! From the configuration to what is watched.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Args, ExporterError};
use crate::cli::args::certs::Args as CertsArgs;
use crate::cli::values;
use crate::commands::{Context, Failure, certs, status, targets};
use crate::monitor::access::Access;
use crate::monitor::plan::{DEFAULT_CONCURRENCY, DEFAULT_INTERVAL, DEFAULT_TIMEOUT, Plan, Target};
use crate::monitor::status::Page;
use crate::probe::http::{Client, ClientOptions};
use crate::probe::status::{DEFAULT_TIMEOUT as STATUS_TIMEOUT, Source};

/// Reads everything that the configuration names.
///
/// # Errors
/// When something of it cannot be used, or nothing is configured.
pub(super) fn build(args: &Args, context: &mut Context) -> Result<Plan, Failure> {
    let targets = Target::deduplicated(targets::configured(&context.config)?);
    let settings = certs::settings(&CertsArgs::default(), context)?;
    let installed: Vec<_> = context
        .config
        .xsp
        .iter()
        .filter_map(|xsp| xsp.certificate.clone())
        .collect();
    let files = certs::read_files(&installed, context)?;
    let anchors = certs::trust_paths(&[], context);
    let trust = certs::read_files(&anchors, context)?;
    let any_target = args.any_target || context.config.exporter.any_target;
    if targets.is_empty() && files.is_empty() && trust.is_empty() && !any_target {
        return Err(ExporterError::NoTarget.into());
    }
    let status = page(context)?;
    let exporter = &context.config.exporter;
    Ok(Plan {
        targets,
        settings,
        trust,
        files,
        status,
        interval: duration(exporter.interval.as_deref(), DEFAULT_INTERVAL),
        timeout: context
            .global
            .timeout
            .unwrap_or_else(|| duration(exporter.timeout.as_deref(), DEFAULT_TIMEOUT)),
        concurrency: exporter.concurrency.map_or(DEFAULT_CONCURRENCY, usize::from),
        any_target,
        access: access(context)?,
        tls: tls(context)?,
    })
}

/// Its form was checked when the configuration was read.
fn duration(text: Option<&str>, default: Duration) -> Duration {
    text.and_then(|text| values::duration(text).ok())
        .unwrap_or(default)
}

fn page(context: &Context) -> Result<Option<Arc<Page>>, Failure> {
    if context.config.exporter.status == Some(false) {
        return Ok(None);
    }
    let asked = status::Asked {
        url: None,
        history: false,
        cache: false,
    };
    let settings = &context.config.status;
    let page = Page {
        source: status::source(context, &asked)?,
        client: ClientOptions {
            proxy: settings.proxy.clone(),
            ca_file: settings.ca_file.clone(),
            ..ClientOptions::default()
        },
        question: status::question(context, &[], None),
        timeout: context.global.timeout.unwrap_or(STATUS_TIMEOUT),
    };
    if matches!(page.source, Source::Url(_)) {
        // A proxy or CA file that cannot be used is said now, not in silence later.
        Client::new(&page.client)?;
    }
    Ok(Some(Arc::new(page)))
}

fn access(context: &Context) -> Result<Access, ExporterError> {
    let users = &context.config.exporter.user;
    let mut names = BTreeSet::new();
    for user in users {
        // A colon would end the name in the header.
        let is_usable = !user.name.is_empty() && !user.name.contains(':');
        if !is_usable || !names.insert(user.name.as_str()) {
            return Err(ExporterError::User(user.name.clone()));
        }
    }
    Ok(Access::new(users))
}

fn tls(context: &Context) -> Result<Option<Arc<rustls::ServerConfig>>, ExporterError> {
    let exporter = &context.config.exporter;
    match (&exporter.tls_certificate, &exporter.tls_key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => server(certificate, key).map(Some),
        _ => Err(ExporterError::HalfTls),
    }
}

fn server(certificate: &Path, key: &Path) -> Result<Arc<rustls::ServerConfig>, ExporterError> {
    let failed = |path: &Path, reason: String| ExporterError::Tls(format!("{}: {reason}", path.display()));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failed(certificate, error.to_string()))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(certificate, error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| failed(certificate, error.to_string()))?;
    Ok(Arc::new(config))
}
