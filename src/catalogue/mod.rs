//! Known errors, procedures and releases: data files under `data/`, embedded; a provider can add its own.

pub mod releases;
