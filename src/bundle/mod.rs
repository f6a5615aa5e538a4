//! The zip: only redacted or withheld content can get in.

pub mod manifest;
pub mod paths;

pub use manifest::{FileEntry, Manifest, Platform, Skipped, Status};
