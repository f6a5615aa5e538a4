//! Certificates, chains, trust stores and the files they come in; facts only, judged in [`crate::rules`].

pub mod files;
