//! Password hashes.

use crate::{Empty, random, secret};
use openalgo_core::account::PasswordHash;
use openalgo_core::port::{CryptoError, PasswordHasher, PasswordVerdict};
use openalgo_crypto::{Argon2Cost, Argon2Hasher};
use std::sync::Arc;

/// The hash of "password" with salt "somesalt" from the tests of the reference implementation.
const REFERENCE: [&str; 2] = [
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
];

fn hasher(cost: Argon2Cost) -> Argon2Hasher {
    Argon2Hasher::new(random(), cost)
}

#[test]
fn a_password_is_right_and_every_other_is_wrong() {
    let hasher = hasher(Argon2Cost::TEST);
    let hash = hasher.hash(&secret("Correct-Horse-1")).unwrap();
    let verify = |password: &str| hasher.verify(&secret(password), &hash).unwrap();
    assert_eq!(verify("Correct-Horse-1"), PasswordVerdict::Right);
    for wrong in ["", "correct-horse-1", "Correct-Horse-1 ", "Correct-Horse-"] {
        assert_eq!(verify(wrong), PasswordVerdict::Wrong, "{wrong}");
    }
}

#[test]
fn each_hash_has_its_own_salt() {
    let hasher = hasher(Argon2Cost::TEST);
    let hash = || hasher.hash(&secret("Correct-Horse-1")).unwrap();
    assert_ne!(hash(), hash());
}

#[test]
fn hashes_of_the_reference_implementation_verify() {
    let cost = Argon2Cost {
        memory_kib: 256,
        passes: 2,
        lanes: 2,
    };
    for hash in REFERENCE.map(PasswordHash::new) {
        let verdict = hasher(cost).verify(&secret("password"), &hash).unwrap();
        assert_ne!(verdict, PasswordVerdict::Wrong);
        let verdict = hasher(cost).verify(&secret("passwore"), &hash).unwrap();
        assert_eq!(verdict, PasswordVerdict::Wrong);
    }
}

#[test]
fn a_hash_of_another_cost_is_outdated() {
    let password = secret("Correct-Horse-1");
    let old = hasher(Argon2Cost::TEST).hash(&password).unwrap();
    let costs = [(16, 1, 1), (8, 2, 1), (16, 1, 2)];
    for (memory_kib, passes, lanes) in costs {
        let hasher = hasher(Argon2Cost {
            memory_kib,
            passes,
            lanes,
        });
        assert_eq!(
            hasher.verify(&password, &old),
            Ok(PasswordVerdict::RightButOutdated)
        );
        assert_eq!(
            hasher.verify(&secret("wrong"), &old),
            Ok(PasswordVerdict::Wrong)
        );
        let new = hasher.hash(&password).unwrap();
        assert_eq!(hasher.verify(&password, &new), Ok(PasswordVerdict::Right));
    }
}

#[test]
fn what_is_no_hash_of_argon2id_or_costs_too_much_is_refused() {
    let [good, _] = REFERENCE;
    let bad = [
        String::new(),
        "plain".to_owned(),
        good.replace("argon2id", "argon2i"),
        good.replace("$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", ""),
        good.replace("m=256", "m=4294967295"),
        good.replace("t=2", "t=4294967295"),
        good.replace("p=1", "p=17").replace("m=256", "m=1024"),
        good.replace("m=256", "m=1"),
    ];
    let hasher = hasher(Argon2Cost::TEST);
    for text in bad {
        let hash = PasswordHash::new(&text);
        assert_eq!(
            hasher.verify(&secret("password"), &hash),
            Err(CryptoError::Malformed {
                what: "a password hash"
            }),
            "{text}"
        );
    }
}

#[test]
fn a_cost_that_argon2_does_not_know_and_a_broken_source_are_errors() {
    let impossible = Argon2Cost {
        memory_kib: 8,
        passes: 1,
        lanes: 4,
    };
    assert!(matches!(
        hasher(impossible).hash(&secret("x")),
        Err(CryptoError::Failed { .. })
    ));
    let without = Argon2Hasher::new(Arc::new(Empty), Argon2Cost::TEST);
    assert_eq!(without.hash(&secret("x")), Err(CryptoError::NoRandomness));
}
