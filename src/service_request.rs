//! The text of the service request; always English.
