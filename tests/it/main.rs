//! Drives the real executable. One binary, so that it links once.

mod config;
mod help;
mod support;
