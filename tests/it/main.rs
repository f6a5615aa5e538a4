//! Drives the real executable. One binary, so that it links once.

mod cert_files;
mod config;
mod corpus;
mod farm;
mod help;
mod support;
mod tls;
