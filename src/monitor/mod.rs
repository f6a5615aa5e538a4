//! Monitoring: what operations run on a schedule.
//!
//! ```text
//! configuration ─> plan ─> hub ─> watched targets <─ schedule (each once an interval)
//!                           └───> routes (/metrics, /probe, /sd …) <─ serve (HTTP, TLS, limits)
//! ```

pub mod access;
pub mod hub;
pub mod metrics;
mod page;
pub mod plan;
pub mod routes;
pub mod schedule;
mod sd;
pub mod serve;
pub mod status;
pub mod textfile;
pub mod watched;
