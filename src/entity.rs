//! Newtypes that parse what a case is made of.
