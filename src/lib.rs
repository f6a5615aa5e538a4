//! Diagnostics and support bundles for Webex for BroadWorks.
//!
//! Data flows one way:
//!
//! ```text
//! input ─┐                                              ┌─ render (text, json, markdown, html, …)
//!        ├─> observation ─> scan/entities ─> rules ─> report ─┤
//! probe ─┘        (facts)       (spans)     (findings)        └─ bundle (redacted streams + report -> zip)
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`cli`] | arguments, settings, printer, exit codes; clap lives only here |
//! | [`commands`] | one file a command: settings to collaborators to report to exit code |
//! | [`input`] | bytes from files, standard input and archives, with limits |
//! | [`probe`] | observations of the status page and of TLS endpoints; never a judgement |
//! | [`x509`] | certificates, chains, trust stores and their files; facts only |
//! | [`scan`] | text to typed spans, once |
//! | [`entity`] | newtypes that parse: organisation IDs, tracking IDs, versions … |
//! | [`redact`] | policy, pseudonyms, and the only types that may enter a bundle |
//! | [`case`] | the facts of one case |
//! | [`catalogue`] | known errors, procedures and releases |
//! | [`users`] | user-status exports and bulk-user CSV files |
//! | [`rules`] | facts to findings; no I/O and no clock but the one handed in |
//! | [`report`] | the one serialisable result |
//! | [`render`], [`bundle`], [`service_request`] | consumers of a report |
//! | [`monitor`] | what operations run on a schedule: metrics |
//! | [`notify`] | one message for each threshold and certificate, and the state that keeps it to one |
//! | [`i18n`] | every sentence a person reads, from `locales/*.ftl` |

pub mod bundle;
pub mod case;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod deadline;
pub mod entity;
pub mod i18n;
pub mod input;
pub mod interrupt;
pub mod monitor;
pub mod notify;
pub mod probe;
pub mod redact;
pub mod render;
pub mod report;
pub mod rules;
pub mod sanitize;
pub mod scan;
pub mod service_request;
pub mod users;
mod vault;
pub mod x509;
