//! The verifiers: each looks at one candidate and its surroundings, at a bounded distance.

pub(super) mod api;
pub(super) mod code;
pub(super) mod command;
pub(super) mod device;
pub(super) mod ids;
pub(super) mod key;
pub(super) mod labelled;
pub(super) mod loose;
pub(super) mod mail;
pub(super) mod net;
pub(super) mod people;
pub(super) mod phone;
pub(super) mod prose;
pub(super) mod secret;
pub(super) mod spoken;
pub(super) mod talk;
pub(super) mod time;
pub(super) mod version;
