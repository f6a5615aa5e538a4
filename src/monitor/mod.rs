//! Monitoring: what operations run on a schedule.

pub mod textfile;
