//! The zip: only redacted or withheld content can get in.

mod archive;
pub mod manifest;
pub mod paths;

pub use manifest::{FileEntry, Manifest, Platform, Skipped, Status};
