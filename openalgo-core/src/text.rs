//! What may stand in a text that people write and read.

/// Whether a text can be shown in one line, and reads as it is stored.
pub(crate) fn is_line(text: &str) -> bool {
    !text
        .chars()
        .any(|char| char.is_control() || is_invisible(char))
}

/// Characters that end a line, change the direction of what follows, or show nothing: with them,
/// two texts look like one, and a text like another one (<https://trojansource.codes>). The
/// joiners U+200C and U+200D are none of these: scripts of India are written with them.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_a_text_around_or_shows_nothing_is_refused() {
        for char in [
            '\n', '\u{7}', '\u{2028}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}',
        ] {
            assert!(!is_line(&format!("sell{char}all")), "{char:?}");
        }
        for char in ['\u{200b}', '\u{200e}', '\u{feff}', '\u{ad}', '\u{e0041}'] {
            assert!(!is_line(&format!("sell{char}all")), "{char:?}");
        }
    }

    #[test]
    fn every_script_is_taken() {
        for text in [
            "",
            "morning run",
            "दिन का व्यापार",
            "നല്\u{200d}",
            "क्\u{200d}ष",
            "بيع",
            "⏸ 📉",
        ] {
            assert!(is_line(text), "{text}");
        }
    }
}
