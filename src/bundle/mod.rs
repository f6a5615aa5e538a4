//! The zip: only redacted or withheld content can get in.
