//! Who can open a bundle and who vouches for it: `--encrypt-to`, `--encrypt-map-to`, `--sign`.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Args, Context, Failure};
use crate::bundle::signature::{self, SignError, Signer};
use crate::cli::write_file;
use crate::i18n::{Localize as _, Message};
use crate::interrupt::Interrupt;
use crate::redact::map::Recipients;

/// Holds the passphrase of the signing key when there is no file of it.
const PASSPHRASE_VARIABLE: &str = "W4B_SIGN_PASSPHRASE";

/// Keys that were read before anything is collected.
pub(super) struct Protection {
    /// Whom the zip is encrypted to.
    pub(super) zip: Recipients,
    /// Whom the map is encrypted to.
    pub(super) map: Recipients,
    signer: Option<Signer>,
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        error.message().map_or(Self::Interrupted, Self::Said)
    }
}

impl Protection {
    /// `--encrypt-to` is for zip and map, `--encrypt-map-to` for the map alone.
    ///
    /// # Errors
    /// When a recipient or the signing key cannot be used.
    pub(super) fn parse(args: &Args, interrupt: &Interrupt) -> Result<Self, Failure> {
        let zip = Recipients::parse(&args.encrypt_to)?;
        let map = Recipients::parse(&args.encrypt_map_to)?;
        let signer = match &args.sign {
            Some(key) => {
                let (key, passphrase) = (key.clone(), passphrase(args, interrupt)?);
                Some(
                    interrupt
                        .wait_for(move || Signer::read(&key, passphrase.as_deref().map(String::as_str)))??,
                )
            }
            None => None,
        };
        Ok(Self {
            map: if map.is_empty() { zip.clone() } else { map },
            zip,
            signer,
        })
    }

    /// Signs the finished file, whatever is in it, and says who can open it.
    ///
    /// # Errors
    /// When the signature cannot be made or written; the bundle is there nevertheless.
    pub(super) fn finish(&self, output: &Path, context: &mut Context) -> Result<(), Failure> {
        if let Some(signer) = &self.signer {
            let path = signature::beside(output);
            let text = signer.sign(output, &context.interrupt)?;
            write_file::write(&path, text.as_bytes()).map_err(|error| Failure::Said(error.message()))?;
            let message = Message::new("bundle-signed")
                .arg("path", path.display().to_string())
                .arg("key", signer.fingerprint());
            context.printer.note(&context.catalog, &message);
        }
        if !self.zip.is_empty() {
            let names = self.zip.names();
            let message = Message::new("bundle-encrypted")
                .arg("path", output.display().to_string())
                .arg("zip", output.with_extension("").display().to_string())
                .arg("count", names.len())
                .arg("recipients", names.join(", "));
            context.printer.note(&context.catalog, &message);
        }
        Ok(())
    }
}

/// From the file, else from the environment; never from an argument, which others on the machine can read.
fn passphrase(args: &Args, interrupt: &Interrupt) -> Result<Option<Zeroizing<String>>, Failure> {
    let text = match &args.passphrase_file {
        Some(path) => {
            let file = path.clone();
            let read = interrupt.wait_for(move || std::fs::read_to_string(file))?;
            read.map_err(|source| SignError::Read {
                path: path.clone(),
                source,
            })?
        }
        None => match std::env::var(PASSPHRASE_VARIABLE) {
            Ok(text) => text,
            Err(_) => return Ok(None),
        },
    };
    let text = Zeroizing::new(text);
    // An editor's line end is not part of it.
    Ok(Some(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    )))
}

/// Where the bundle is written: with `.age` at the end when it is encrypted, so that nobody takes it for a zip.
pub(super) fn output_path(args: &Args) -> Option<PathBuf> {
    let output = args.output.clone()?;
    if args.encrypt_to.is_empty() || is_age(&output) {
        return Some(output);
    }
    let mut name = output.into_os_string();
    name.push(".age");
    Some(name.into())
}

/// Whether a file is called `….age`.
pub(super) fn is_age(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("age"))
}
