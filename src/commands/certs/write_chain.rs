//! `--write-chain`: the chain as it should be served, ready to install.

use std::path::Path;

use base64::Engine as _;

use super::{CertsError, Gathered};
use crate::cli::write_file;
use crate::commands::{Context, Failure};
use crate::i18n::Message;
use crate::rules::certs::{Settings, install_command};
use crate::x509::Certificate;
use crate::x509::chain;

/// Writes leaf and intermediates in order, without the root, as PEM.
pub(super) fn write(
    path: &Path,
    gathered: &Gathered,
    settings: &Settings,
    context: &mut Context,
) -> Result<(), Failure> {
    let label = path.display().to_string();
    let no_chain = || Failure::from(CertsError::NoChain(label.clone()));
    let (certificates, scheme) = one_chain(gathered).ok_or_else(no_chain)?;
    let mut further = settings.intermediates.clone();
    let trust = gathered.trust.iter().flat_map(|file| &file.certificates);
    further.extend(trust.map(|der| Certificate::parse(der)));
    further.extend(
        settings
            .fetched
            .iter()
            .map(|(_, certificate)| certificate.clone()),
    );
    let mut completed = chain::complete(&certificates, &settings.store, &further);
    let missing = completed.missing.take().map(|missing| missing.subject);
    let chain = completed.without_root();
    if chain.is_empty() {
        return Err(no_chain());
    }
    let mut pem = String::new();
    for certificate in &chain {
        pem.push_str(&block(certificate.der()));
    }
    write_file::write(path, pem.as_bytes())?;
    let written = Message::new("certs-chain-written")
        .arg("count", chain.len())
        .arg("path", label.as_str())
        .arg("cli", install_command(scheme));
    context.printer.note(&context.catalog, &written);
    if let Some(missing) = missing {
        let message = Message::new("certs-chain-still-incomplete")
            .arg("path", label.as_str())
            .arg("missing", missing);
        context.printer.warn(&context.catalog, &message);
    }
    Ok(())
}

/// The certificates of the one target or file; several addresses count as one when they serve the same.
fn one_chain(gathered: &Gathered) -> Option<(Vec<Certificate>, Option<crate::probe::observation::Scheme>)> {
    let mut chains: Vec<(Vec<&[u8]>, _)> = Vec::new();
    for observation in &gathered.observations {
        let ders: Vec<&[u8]> = observation.chain.iter().map(|der| der.0.as_slice()).collect();
        if !ders.is_empty() && !chains.iter().any(|(known, _)| *known == ders) {
            chains.push((ders, Some(observation.scheme)));
        }
    }
    for file in &gathered.files {
        chains.push((file.certificates.iter().map(Vec::as_slice).collect(), None));
    }
    match chains.as_slice() {
        [(ders, scheme)] => Some((ders.iter().map(|der| Certificate::parse(der)).collect(), *scheme)),
        _ => None,
    }
}

/// One PEM block (RFC 7468).
fn block(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}
