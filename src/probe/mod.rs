//! Probes bring observations in. One shape: target in, observation out, one deadline for the whole, one attempt;
//! a failure is an observation, not an `Err`, and nothing here judges.

pub mod aia;
pub mod hello;
pub mod http;
pub mod identity;
pub mod observation;
pub mod status;
pub mod target;
pub mod tls;

pub use observation::{ClientAuth, Handshake, Offered, ProtocolOffer, Reason, TlsObservation};
