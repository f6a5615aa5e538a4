//! Policy, pseudonyms and the only types that may enter a bundle.
