//! Redaction: policy, pseudonyms, and the only types that may enter a bundle.
//!
//! | module | what it does |
//! |---|---|
//! | [`policy`] | what happens to each kind of value; which values are evidence |
//! | [`key`] | the site key |
//! | [`content`] | [`Redacted`], [`Withheld`], [`Content`]: what may leave |
//! | [`map`] | the private map, and the way back |
//! | [`preview`] | what would change, line by line |
//! | [`leak`] | a second look at what leaves |
//!
//! It fails closed, by type: nothing but the redactor makes a [`Redacted`], and when it cannot, there is only
//! [`Withheld`].
//!
//! ```compile_fail
//! // Bytes that nobody looked at cannot be packed.
//! let raw = w4b_diag::redact::Redacted { bytes: b"password=hunter2".to_vec() };
//! ```
//!
//! ```compile_fail
//! let content: w4b_diag::redact::Content = b"password=hunter2".to_vec().into();
//! ```
//!
//! ```
//! use w4b_diag::redact::{Content, Policy, Protected, Redactor, SiteKey};
//!
//! let redactor = Redactor::new(Policy::default(), SiteKey::fresh()?, Protected::none());
//! let redacted = redactor.redact_bytes(b"From: ana@example.com\n").expect("it is text");
//! assert!(!redacted.bytes().windows(3).any(|three| three == b"ana"));
//! let content = Content::Redacted(redacted);
//! # let _ = content;
//! # Ok::<(), w4b_diag::redact::KeyError>(())
//! ```

mod broken;
mod codec;
pub mod content;
mod engine;
mod envelope;
mod escaped;
mod finds;
mod followed;
mod foreign;
pub mod key;
pub mod leak;
mod learn;
mod lesson;
pub mod map;
mod parts;
mod pem;
pub mod policy;
pub mod preview;
mod pseudonym;
mod redactor;
mod sample;
mod seek;
pub mod self_test;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod trace;
mod window;

pub use content::{Assurance, Content, Counts, RedactError, Redacted, RedactedStream, Sample, Withheld};
pub use key::{KeyError, SiteKey};
pub use lesson::Lesson;
pub use map::{MapError, PrivateMap};
pub use policy::{Policy, PolicyError, Protected};
pub use redactor::Redactor;
pub use trace::Trace;
