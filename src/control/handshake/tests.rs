//! Who is let in, and who is believed.

use super::*;
use openalgo_core::testing::FakeRandom;
use tokio::io::duplex;

fn keys() -> (ControlKey, ControlKey) {
    let random = FakeRandom::default();
    let make = || ControlKey::make(&random).unwrap();
    (make(), make())
}

/// What the caller and the owner make of each other.
async fn meet(
    credential: Credential,
    accepted: Accepted,
) -> (
    Result<String, HandshakeError>,
    Result<String, HandshakeError>,
) {
    let (mut caller, mut owner) = duplex(64);
    let introduced = async {
        let introduced = introduce(&mut caller, &credential).await;
        drop(caller);
        introduced
    };
    let admitted = async {
        let admitted = admit(&mut owner, &accepted).await;
        drop(owner);
        admitted
    };
    tokio::join!(introduced, admitted)
}

#[tokio::test]
async fn who_holds_the_key_or_the_pass_is_let_in() {
    let (key, pass) = keys();
    let accepted = Accepted {
        key: key.clone(),
        pass: Some(pass.clone()),
    };
    for credential in [Credential::Key(key), Credential::Pass(pass)] {
        let (caller, owner) = meet(credential, accepted.clone()).await;
        assert_eq!(
            (caller.unwrap(), owner.unwrap()),
            (PROGRAM.into(), PROGRAM.into())
        );
    }
}

#[tokio::test]
async fn another_key_is_not_let_in_and_told_nothing() {
    let (key, other) = keys();
    let credentials = [
        Credential::Key(other.clone()),
        Credential::Pass(other.clone()),
        Credential::Pass(key.clone()),
    ];
    for credential in credentials {
        let accepted = Accepted {
            key: key.clone(),
            pass: None,
        };
        let (caller, owner) = meet(credential, accepted).await;
        assert!(matches!(owner, Err(HandshakeError::NotProven)), "{owner:?}");
        assert!(
            matches!(caller, Err(HandshakeError::Connection(_))),
            "{caller:?}"
        );
    }
}

/// Somebody who listens in the owner's place and takes every proof.
#[tokio::test]
async fn an_owner_that_proves_nothing_is_not_believed() {
    let (key, other) = keys();
    let (mut caller, mut owner) = duplex(4_096);
    let impostor = async {
        let hello = frame::read(&mut owner, GREETING).await.unwrap();
        let proof = other.prove(&[OWNER, &hello.payload, &[7; 32], PROGRAM.as_bytes()]);
        let welcome = Welcome {
            program: PROGRAM.to_owned(),
            proof,
        };
        let welcome = serde_json::to_vec(&welcome).unwrap();
        frame::write(&mut owner, Kind::Challenge, &[7; 32])
            .await
            .unwrap();
        frame::read(&mut owner, GREETING).await.unwrap();
        frame::write(&mut owner, Kind::Welcome, &welcome)
            .await
            .unwrap();
    };
    let credential = Credential::Key(key);
    let (believed, ()) = tokio::join!(introduce(&mut caller, &credential), impostor);
    assert!(
        matches!(believed, Err(HandshakeError::NotProven)),
        "{believed:?}"
    );
}

/// A proof of the caller sent back is none of the owner, and one that was overheard is none of
/// another caller: the owner's challenge is another.
#[tokio::test]
async fn a_proof_that_was_overheard_is_worth_nothing() {
    let (key, _) = keys();
    let accepted = Accepted {
        key: key.clone(),
        pass: None,
    };
    let hello = serde_json::to_vec(&Hello {
        program: PROGRAM.to_owned(),
        with: Means::Key,
        challenge: [1; 32],
    });
    let hello = hello.unwrap();
    let overheard = key.prove(&[CALLER, &hello, &[2; 32]]);
    let (mut caller, mut owner) = duplex(4_096);
    let replay = async {
        frame::write(&mut caller, Kind::Hello, &hello)
            .await
            .unwrap();
        frame::read(&mut caller, GREETING).await.unwrap();
        frame::write(&mut caller, Kind::Proof, &overheard)
            .await
            .unwrap();
    };
    let (admitted, ()) = tokio::join!(admit(&mut owner, &accepted), replay);
    assert!(
        matches!(admitted, Err(HandshakeError::NotProven)),
        "{admitted:?}"
    );
}

#[tokio::test]
async fn what_is_too_long_or_no_greeting_is_refused_unread() {
    let (key, _) = keys();
    let accepted = Accepted { key, pass: None };
    for said in [
        &b"\xff\xff\xff\x7f\x01"[..],
        b"\x01\x00\x00\x00\x05x",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x02\x00\x00\x00\x01{}",
        b"",
    ] {
        let (mut caller, mut owner) = duplex(4_096);
        tokio::io::AsyncWriteExt::write_all(&mut caller, said)
            .await
            .unwrap();
        if said.is_empty() {
            drop(caller);
        }
        assert!(admit(&mut owner, &accepted).await.is_err(), "{said:?}");
    }
}
