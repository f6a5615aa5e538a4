//! The zip: only redacted or withheld content can get in.
//!
//! | module | what it does |
//! |---|---|
//! | `item` | what a collector hands over |
//! | [`write()`] | to a temporary file, read back, sealed by its name; encrypted if asked |
//! | `vault` | where a zip lies that must not be readable while it is made |
//! | [`pack()`] | streams in, zip out |
//! | `deflate` | compression on many threads, the same bytes whatever their number |
//! | `encoder` | what deflate does to a block |
//! | `container` | the records of the zip around what is compressed |
//! | [`manifest`] | what is in it, what is not, and why |
//! | [`paths`] | names that open on every system |
//! | `place` | a zip in a file, in an encrypted file, in a vault |
//! | `read`, `verify` | a bundle that someone else may have made or changed |
//! | [`signature`] | a signature beside the bundle, as OpenSSH makes them |
//! | [`diff`] | what changed between two bundles |
//! | `archive` | reading a zip; the one place here that knows the `zip` crate |

mod archive;
mod by_kind;
mod container;
mod deflate;
pub mod diff;
mod document;
mod encoder;
mod item;
mod look;
pub mod manifest;
pub mod pack;
mod packer;
pub mod paths;
mod place;
mod read;
mod readme;
pub mod signature;
mod verify;

pub use by_kind::ByKind;
pub use container::{Nowhere, Output};
pub use item::Item;
pub use manifest::{FileEntry, Manifest, Platform, Skipped, Status};
pub use pack::{Finished, Meta, PackError, kind_word, write};
pub use packer::{pack, rename};
pub use read::{Bundle, ManifestFault, OpenError, open};
pub use verify::{Examination, Fault, FaultKind, Leak, verify};

/// The manifest's place below the top directory.
pub const MANIFEST: &str = "manifest.json";
/// What a person reads first.
pub const README: &str = "README.txt";
/// The report as JSON.
pub const REPORT: &str = "report.json";

#[cfg(test)]
mod tests;
