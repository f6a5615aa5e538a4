//! Known errors, procedures and releases: data files, embedded.
