//! Drives the real executable. One binary, so that it links once.

mod bundles;
mod case;
mod cert_evidence;
mod cert_files;
mod certs;
mod config;
mod corpus;
mod extract;
mod farm;
mod help;
mod html_report;
mod http_server;
mod interactive;
mod limbo;
mod procedures;
mod procedures_page;
mod redact;
mod redact_ledger;
mod schema;
mod status;
mod status_network;
mod status_proxy;
mod status_watch;
mod support;
mod tls;
mod users;
