//! Bytes from files, standard input and archives, with limits; no judgement.
