//! The scanner on any bytes: spans sorted, inside the text and apart; windows of any size find the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use w4b_diag::scan::stream::{Sizes, windows};
use w4b_diag::scan::{Options, Scanner};

fuzz_target!(|input: &[u8]| {
    // The first two bytes say how long a window is.
    let Some((&window, text)) = input.split_first_chunk() else { return };
    let scanner = Scanner::new(Options::default());
    let spans = scanner.spans(text);
    let mut last = 0;
    for span in &spans {
        assert!(span.start >= last && span.start < span.end && span.end <= text.len());
        last = span.end;
    }
    let sizes = Sizes {
        window: usize::from(u16::from_le_bytes(window)) + 1,
        ..Sizes::default()
    };
    let mut count = 0;
    let read = windows::<std::io::Error>(text, &scanner, sizes, |window| {
        count += window.scan.spans.len();
        Ok(())
    });
    assert!(read.is_ok());
    assert_eq!(count, spans.len());
});
