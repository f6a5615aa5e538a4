//! Certificates, chains, trust stores and the files they come in; facts only, judged in [`crate::rules`].

pub mod cert;
pub mod chain;
pub mod crl;
pub mod distrust;
pub mod files;
pub mod lint;
pub mod name;
pub mod ocsp;
pub mod seen;
pub mod signature;
pub mod store;
pub mod verify;

pub use cert::{CertFacts, Certificate};
pub use seen::Seen;
pub use store::Store;
pub use verify::{Reason, Verification};
