//! The scanner on any bytes: spans sorted, inside the text and apart; windows of any size find the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use w4b_diag::scan::stream::{Sizes, windows};
use w4b_diag::scan::{Options, Scanner};

fuzz_target!(|input: (u16, Vec<u8>)| {
    let (window, text) = input;
    let scanner = Scanner::new(Options::default());
    let spans = scanner.spans(&text);
    let mut last = 0;
    for span in &spans {
        assert!(span.start >= last && span.start < span.end && span.end <= text.len());
        last = span.end;
    }
    let sizes = Sizes {
        window: usize::from(window) + 1,
        ..Sizes::default()
    };
    let mut count = 0;
    let read = windows::<std::io::Error>(text.as_slice(), &scanner, sizes, |window| {
        count += window.scan.spans.len();
        Ok(())
    });
    assert!(read.is_ok());
    assert_eq!(count, spans.len());
});
