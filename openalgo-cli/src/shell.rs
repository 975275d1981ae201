//! Words for the shell of whoever reads a suggested command.

use std::path::Path;

/// A path as one word of a command, in quotes if it needs them.
pub(crate) fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_takes_apart_is_quoted() {
        for (path, expected) in [
            ("/srv/data/main.db-wal", "/srv/data/main.db-wal"),
            ("/home/jürgen/data", "/home/jürgen/data"),
            (
                "/Users/me/Application Support",
                "'/Users/me/Application Support'",
            ),
            ("/srv/$(reboot);`x`", "'/srv/$(reboot);`x`'"),
            ("/srv/it's", r"'/srv/it'\''s'"),
            ("~/data", "'~/data'"),
            ("", "''"),
        ] {
            assert_eq!(word(path.as_ref()), expected);
        }
    }
}
