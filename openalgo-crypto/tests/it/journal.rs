//! The journal's chain.

use crate::key_of;

#[test]
fn a_link_depends_on_key_predecessor_and_every_field() {
    let key = key_of(7).journal_key();
    let start = [0; 32];
    let link = key.link(&start, &[b"ab", b"c"]);
    assert_eq!(link, key.clone().link(&start, &[b"ab", b"c"]));
    let others = [
        key_of(8).journal_key().link(&start, &[b"ab", b"c"]),
        key.link(&link, &[b"ab", b"c"]),
        key.link(&start, &[b"a", b"bc"]),
        key.link(&start, &[b"abc"]),
        key.link(&start, &[b"c", b"ab"]),
        key.link(&start, &[b"ab", b"c", b""]),
        key.link(&start, &[b"", b"ab", b"c"]),
        key.link(&start, &[]),
    ];
    for (at, other) in others.iter().enumerate() {
        assert_ne!(link, *other, "{at}");
        assert!(!others[..at].contains(other), "{at}");
    }
}

/// A field that imitates the length and text of another one.
#[test]
fn a_field_cannot_pretend_to_be_two() {
    let key = key_of(7).journal_key();
    let mut forged = b"a".to_vec();
    forged.extend_from_slice(&1_u64.to_be_bytes());
    forged.extend_from_slice(b"b");
    let honest = key.link(&[0; 32], &[b"a", b"b"]);
    assert_ne!(honest, key.link(&[0; 32], &[&forged]));
}

/// Made by Python's `hmac`: another implementation can verify a journal.
#[test]
fn a_link_is_the_hmac_that_is_documented() {
    let link = key_of(7).journal_key().link(&[1; 32], &[b"planned", b"42"]);
    let documented = "81e3e23a2c588ea18a76acd4d51e04b5c3ca27893c9ad46982540e2c90f0afc6";
    let pairs = documented.as_bytes().chunks_exact(2);
    assert_eq!(pairs.len(), link.len());
    for (byte, pair) in link.iter().zip(pairs) {
        let pair = str::from_utf8(pair).unwrap();
        assert_eq!(*byte, u8::from_str_radix(pair, 16).unwrap());
    }
}
