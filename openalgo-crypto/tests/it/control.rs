//! Proofs of the control key.

use crate::key_of;
use openalgo_core::testing::FakeRandom;
use openalgo_crypto::ControlKey;
use secrecy::ExposeSecret;

#[test]
fn a_proof_is_good_for_one_key_and_one_context() {
    let key = key_of(7).control_key();
    let proof = key.prove(&[b"caller", b"challenge"]);
    assert!(key.clone().verify(&[b"caller", b"challenge"], &proof));
    assert!(
        !key_of(8)
            .control_key()
            .verify(&[b"caller", b"challenge"], &proof)
    );
    let others: [&[&[u8]]; 6] = [
        &[b"owner", b"challenge"],
        &[b"callerc", b"hallenge"],
        &[b"callerchallenge"],
        &[b"challenge", b"caller"],
        &[b"caller", b"challenge", b""],
        &[],
    ];
    for (at, context) in others.iter().enumerate() {
        assert!(!key.verify(context, &proof), "{at}");
    }
    let mut flipped = proof;
    flipped[31] ^= 1;
    assert!(!key.verify(&[b"caller", b"challenge"], &flipped));
}

#[test]
fn a_proof_is_no_link_of_the_journal() {
    let key = key_of(7);
    assert_ne!(
        key.control_key().prove(&[b"a"]),
        key.journal_key().link(&[0; 32], &[b"a"])
    );
    assert_ne!(
        key.control_key().prove(&[&[0; 32], b"a"]),
        key.journal_key().link(&[0; 32], &[b"a"])
    );
}

/// Made by Python's `hmac`: programs of other languages can prove themselves, too.
#[test]
fn a_proof_is_the_hmac_that_is_documented() {
    let proof = key_of(7).control_key().prove(&[b"caller", b"42"]);
    let documented = "54157548f4ea24dc3a4f1ee20374f47df6c7dd19eaf38f6924cc0962881b1ca8";
    let pairs = documented.as_bytes().chunks_exact(2);
    assert_eq!(pairs.len(), proof.len());
    for (byte, pair) in proof.iter().zip(pairs) {
        let pair = str::from_utf8(pair).unwrap();
        assert_eq!(*byte, u8::from_str_radix(pair, 16).unwrap());
    }
}

#[test]
fn a_key_of_its_own_comes_back_from_its_digits() {
    let key = ControlKey::make(&FakeRandom::default()).unwrap();
    let read = ControlKey::from_hex(&key.to_hex()).unwrap();
    assert!(read.verify(&[b"caller"], &key.prove(&[b"caller"])));
    assert!(ControlKey::from_hex(&"12".into()).is_err());
    assert!(!format!("{key:?}").contains(key.to_hex().expose_secret()));
}
