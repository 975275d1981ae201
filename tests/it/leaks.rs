//! Looking for secrets in bytes, in every form in which they may lie there.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::fmt::Write;

/// Patterns with the name of what each gives away.
pub(crate) struct Leaks {
    patterns: Vec<(String, Vec<u8>)>,
    /// The patterns that begin with two given bytes.
    begin: Vec<Vec<usize>>,
}

impl Leaks {
    /// Looks for each of these in plain, as UTF-16, in hex and in base64.
    pub(crate) fn of(secrets: &[(String, Vec<u8>)]) -> Self {
        let mut patterns = Vec::new();
        for (name, secret) in secrets {
            let forms = forms(secret).into_iter();
            patterns.extend(forms.map(|(form, bytes)| (format!("{name}, {form}"), bytes)));
        }
        let mut begin = vec![Vec::new(); 1 << 16];
        for (number, (_, pattern)) in patterns.iter().enumerate() {
            begin[pair(pattern[0], pattern[1])].push(number);
        }
        Self { patterns, begin }
    }

    /// How many patterns are looked for.
    pub(crate) fn forms(&self) -> usize {
        self.patterns.len()
    }

    /// What is in these bytes, with where it is and what lies around it.
    pub(crate) fn found(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (place, two) in bytes.windows(2).enumerate() {
            for number in &self.begin[pair(two[0], two[1])] {
                let (name, pattern) = &self.patterns[*number];
                if bytes[place..].starts_with(pattern) {
                    let end = bytes.len().min(place + pattern.len() + 40);
                    let around = bytes[place.saturating_sub(40)..end].escape_ascii();
                    found.push(format!("{name} at {place:#x}: {around}"));
                }
            }
        }
        found
    }
}

fn pair(one: u8, other: u8) -> usize {
    usize::from(one) << 8 | usize::from(other)
}

fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = secret.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let mut forms = vec![
        ("plain", secret.to_vec()),
        (
            "UTF-16",
            secret.iter().flat_map(|byte| [*byte, 0]).collect(),
        ),
        ("hex", hex.to_uppercase().into_bytes()),
        ("hex", hex.into_bytes()),
    ];
    for before in 0..3 {
        forms.push(("base64", inner_base64(&STANDARD, before, secret)));
        forms.push(("base64", inner_base64(&URL_SAFE, before, secret)));
    }
    // Where the two kinds of base64 have the same letters, they are one form.
    forms.sort_by(|(_, one), (_, other)| one.cmp(other));
    forms.dedup_by(|(_, one), (_, other)| one == other);
    forms
}

/// The part of the base64 of `secret` that does not depend on what stands around it, when so many
/// bytes stand before it.
fn inner_base64(engine: &impl Engine, before: usize, secret: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret);
    let whole = bytes.len() / 3 * 4;
    let text = engine.encode(&bytes);
    text.as_bytes()[[0, 2, 3][before]..whole].to_vec()
}

#[test]
fn every_form_is_found() {
    let leaks = Leaks::of(&[("it".into(), b"Canary-Pass1!".to_vec())]);
    assert!(leaks.found(b"Canary-Pass1").is_empty());
    assert_eq!(leaks.found(b"xCanary-Pass1!x").len(), 1);
    for before in 0..3 {
        let mut text = "x".repeat(before);
        text.push_str("Canary-Pass1! and more");
        assert!(!leaks.found(STANDARD.encode(text).as_bytes()).is_empty());
    }
}
