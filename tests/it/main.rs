//! Drives the real executable. One binary, so that it links once.

mod config;
mod corpus;
mod help;
mod support;
