//! Drives the real executable. One binary, so that it links once.

mod config;
mod corpus;
mod farm;
mod help;
mod support;
mod tls;
