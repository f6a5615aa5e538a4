//! Partner Hub's user-status export and bulk-user CSV files.

pub mod decode;
