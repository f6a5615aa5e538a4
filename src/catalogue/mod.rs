//! Known errors, symptoms, procedures and releases: data files under `data/`, embedded; a provider can add its own.
//!
//! An entry is found by its id, by a code, or by a phrase of the message in any language. Every match says why it
//! was found and how sure that is; what the catalogue does not know it does not guess.

mod codes;
mod entry;
pub(crate) mod fold;
mod lint;
mod lookup;
pub mod releases;

pub use codes::{Code, codes_in};
pub use entry::{Catalogue, CatalogueError, Entry, File, Kind, Part, Sentence};
pub use lint::{Fault, FaultKind};
pub use lookup::{Confidence, Match, Reason};
