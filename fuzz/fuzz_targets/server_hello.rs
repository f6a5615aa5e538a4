//! A server's plain-text answer, whole and in pieces: both must read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use w4b_diag::probe::hello::{Flight, FlightReader, Progress};

fuzz_target!(|bytes: &[u8]| {
    let [cut, bytes @ ..] = bytes else { return };
    let whole = read(bytes, bytes.len().max(1));
    let pieces = read(bytes, usize::from(*cut).max(1));
    assert_eq!(whole, pieces);
});

fn read(bytes: &[u8], piece: usize) -> (Flight, Progress) {
    let mut reader = FlightReader::default();
    let mut progress = Progress::More;
    for piece in bytes.chunks(piece) {
        progress = reader.push(piece);
        if progress != Progress::More {
            break;
        }
    }
    (reader.into_flight(), progress)
}
