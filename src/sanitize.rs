//! Foreign text on its way to a terminal: control characters must not reach it.

use std::borrow::Cow;

/// Replaces control characters (C0, C1, DEL), bidirectional overrides and line separators with visible
/// escapes (`\u{1b}`), keeping line feeds and tabs only when `keep_layout`.
pub fn terminal(text: &str, keep_layout: bool) -> Cow<'_, str> {
    let harmless = |c: char| !is_dangerous(c) || (keep_layout && matches!(c, '\n' | '\t'));
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harmless(c) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    Cow::Owned(out)
}

/// Control characters, and the bidirectional controls of Unicode TR 36 that reorder what a person sees.
fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::terminal;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(
            terminal("a\u{1b}[31mb\u{9b}\u{202e}", false),
            "a\\u{1b}[31mb\\u{9b}\\u{202e}"
        );
    }

    #[test]
    fn layout_is_kept_only_on_request() {
        assert_eq!(terminal("a\n\tb", true), "a\n\tb");
        assert_eq!(terminal("a\nb", false), "a\\u{a}b");
    }

    #[test]
    fn letters_of_the_five_languages_pass() {
        assert_eq!(
            terminal("Übergröße čćžšđ æøå perché", false),
            "Übergröße čćžšđ æøå perché"
        );
    }
}
