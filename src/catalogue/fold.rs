//! Text folded for comparison: lower case, no accents, plain quotes, single blanks. Support staff type without
//! accents, help pages are machine-translated, and copied text has hard blanks and soft hyphens in it.

/// Folds a text. Letters keep their order, but not their byte positions.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for c in text.chars() {
        if c.is_whitespace() || c == '\u{feff}' {
            if !blank {
                out.push(' ');
            }
            blank = true;
            continue;
        }
        // Soft hyphen and zero-width characters.
        if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}') {
            continue;
        }
        blank = false;
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        match c {
            'ä' | 'Ä' | 'à' | 'À' | 'á' | 'Á' | 'â' | 'å' | 'Å' => out.push('a'),
            'ö' | 'Ö' | 'ò' | 'Ò' | 'ó' | 'ø' | 'Ø' => out.push('o'),
            'ü' | 'Ü' | 'ù' | 'Ù' | 'ú' => out.push('u'),
            'è' | 'È' | 'é' | 'É' | 'ê' => out.push('e'),
            'ì' | 'Ì' | 'í' => out.push('i'),
            'č' | 'Č' | 'ć' | 'Ć' | 'ç' => out.push('c'),
            'š' | 'Š' => out.push('s'),
            'ž' | 'Ž' => out.push('z'),
            'đ' | 'Đ' => out.push('d'),
            'ß' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            '\u{2018}'..='\u{201b}' | '\u{2032}' => out.push('\''),
            '\u{201c}'..='\u{201f}' | '«' | '»' | '\u{2033}' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_accents_blanks_and_quotes_do_not_count() {
        assert_eq!(fold("  Nije\u{a0}moguće\r\n ažurirati "), "nije moguce azurirati");
        assert_eq!(fold("„Größe“ – d’uso"), "\"grosse\" - d'uso");
        assert_eq!(fold("\u{feff}Be\u{ad}nutzer"), "benutzer");
        assert_eq!(fold(""), "");
    }
}
