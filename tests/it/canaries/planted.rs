//! What is planted: texts that are nowhere else, and secrets that the program makes.

use crate::leaks::Leaks;
use crate::world::World;
use openalgo::core::port::RandomSource;
use openalgo::crypto::SystemRandom;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// The file beside the data folder in which they are written down. It is no part of the program,
/// whose own constants are in its memory too.
pub(super) const LIST: &str = "canaries.json";

/// The letters of an authenticator's secret, and those of a recovery key.
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Everything that was planted so far, with what each would give away. Whatever is added here is
/// looked for everywhere.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Canaries {
    planted: Vec<(String, Vec<u8>)>,
}

impl Canaries {
    /// A text to be planted as `what`, which begins with `start`.
    pub(super) fn text(&mut self, what: &str, start: &str) -> String {
        let mut random = [0; 8];
        SystemRandom.fill(&mut random).unwrap();
        let text = format!("{start}-{:016x}", u64::from_ne_bytes(random));
        self.add(what, text.clone());
        text
    }

    /// The same for what is a secret.
    pub(super) fn secret(&mut self, what: &str, start: &str) -> SecretString {
        self.text(what, start).into()
    }

    /// Something of the program's own making.
    pub(super) fn add(&mut self, what: &str, bytes: impl Into<Vec<u8>>) {
        self.planted.push((what.to_owned(), bytes.into()));
    }

    /// A secret that the program shows as hex digits: these, and the bytes that they are.
    pub(super) fn add_hex(&mut self, what: &str, digits: &str) {
        let pairs = digits.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        self.add(what, digits);
        self.add(what, pairs.map(byte).collect::<Vec<_>>());
    }

    /// The secret of an authenticator: its letters, and the bytes that they are.
    pub(super) fn add_totp(&mut self, what: &str, secret: &SecretString) {
        let letters = secret.expose_secret();
        self.add(what, letters);
        self.add(what, five_bits(letters.chars(), BASE32));
    }

    /// A recovery key: its two lines, and the key without the letters that only check it.
    pub(super) fn add_recovery(&mut self, what: &str, key: &SecretString) {
        let text = key.expose_secret();
        for line in text.lines() {
            self.add(what, line);
        }
        let groups = text.split_whitespace();
        let letters = groups.flat_map(|group| group.chars().take(4));
        let mut bytes = five_bits(letters, CROCKFORD);
        bytes.truncate(32);
        self.add(what, bytes);
    }

    /// The text that was planted as `what`.
    pub(super) fn find(&self, what: &str) -> SecretString {
        let mut planted = self.planted.iter();
        let (_, bytes) = planted.find(|(name, _)| name == what).unwrap();
        String::from_utf8(bytes.clone()).unwrap().into()
    }

    pub(super) fn len(&self) -> usize {
        self.planted.len()
    }

    pub(super) fn leaks(&self) -> Leaks {
        Leaks::of(&self.planted)
    }

    /// Writes them down for the process that looks for them.
    pub(super) fn save(&self, world: &World) {
        fs::write(list(world), serde_json::to_vec(self).unwrap()).unwrap();
    }

    pub(super) fn read(world: &World) -> Self {
        serde_json::from_slice(&fs::read(list(world)).unwrap()).unwrap()
    }
}

fn list(world: &World) -> PathBuf {
    world.root().join(LIST)
}

/// The bytes of letters that stand for five bits each.
fn five_bits(letters: impl Iterator<Item = char>, alphabet: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in letters {
        let value = alphabet.find(letter).unwrap();
        bits = bits << 5 | u32::try_from(value).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
