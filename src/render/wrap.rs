//! Text to lines of a width, by columns as a terminal shows them.

use unicode_width::UnicodeWidthStr;

/// Breaks `text` into lines of at most `width` columns at blanks. Line feeds stay line feeds; a word longer than a
/// line (an address, a fingerprint) is never cut, because it must be copied whole.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut columns = 0;
        let mut words = paragraph
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .peekable();
        while let Some(word) = words.next() {
            let wide = word.width();
            // A number does not part from its per cent sign.
            let tail = if words.peek() == Some(&"%") { 2 } else { 0 };
            if columns > 0 && word != "%" && columns + 1 + wide + tail > width {
                lines.push(std::mem::take(&mut line));
                columns = 0;
            }
            if columns > 0 {
                line.push(' ');
                columns += 1;
            }
            line.push_str(word);
            columns += wide;
        }
        lines.push(line);
    }
    lines
}

/// Appends `text` wrapped to `width` columns in all: the first line behind `first`, the others behind as many
/// blanks as `first` is wide. Ends with a line feed.
pub fn hanging(out: &mut String, first: &str, text: &str, width: usize) {
    let indent = first.width();
    for (number, line) in lines(text, width.saturating_sub(indent).max(20))
        .iter()
        .enumerate()
    {
        if number == 0 {
            out.push_str(first);
        } else if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str(line);
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{hanging, lines};

    #[test]
    fn breaks_at_blanks_and_never_inside_a_word() {
        assert_eq!(lines("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(lines("abcdefgh ij", 4), ["abcdefgh", "ij"]);
        assert_eq!(lines("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(lines("", 10), Vec::<String>::new());
        assert_eq!(lines("ab 12 % c", 6), ["ab", "12 % c"]);
    }

    #[test]
    fn counts_columns_not_bytes() {
        assert_eq!(lines("čćž šđž", 7), ["čćž šđž"]);
        assert_eq!(lines("表表 表", 5), ["表表", "表"]);
    }

    #[test]
    fn later_lines_hang_under_the_first() {
        let mut out = String::new();
        hanging(&mut out, "- ", "one two three four five six", 22);
        assert_eq!(out, "- one two three four\n  five six\n");
    }
}
