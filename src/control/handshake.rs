//! The proofs: each side shows that it holds the key, without giving it away.
//!
//! Both make up a challenge of 32 random bytes. A proof is made over everything that was said
//! before it, and says which side speaks, so none is good for another side or another time.

use super::PROGRAM;
use super::frame::{self, GREETING, Kind};
use openalgo_core::port::{CryptoError, RandomSource};
use openalgo_crypto::{ControlKey, SystemRandom};
use serde::{Deserialize, Serialize};
use std::io;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};

const CALLER: &[u8] = b"openalgo/v1/control caller";
const OWNER: &[u8] = b"openalgo/v1/control owner";

/// With what a caller proves that it may speak.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The control key of the folder.
    Key(ControlKey),
    /// The pass that an owner handed out for as long as the folder is unlocked.
    Pass(ControlKey),
}

impl Credential {
    fn key(&self) -> &ControlKey {
        match self {
            Self::Key(key) | Self::Pass(key) => key,
        }
    }
}

/// What an owner accepts.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) key: ControlKey,
    pub(super) pass: Option<ControlKey>,
}

/// Why two processes do not speak.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The connection failed, or the other side does not follow the protocol.
    #[error(transparent)]
    Connection(#[from] io::Error),
    /// What the other side said is no text of the protocol.
    #[error("the other side does not follow the protocol: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The other side does not hold the key.
    #[error("the other side does not hold the key of this data folder")]
    NotProven,
    /// There are no random bytes for a challenge.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Hello {
    program: String,
    with: Means,
    challenge: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Means {
    Key,
    Pass,
}

#[derive(Debug, Serialize, Deserialize)]
struct Welcome {
    program: String,
    proof: [u8; 32],
}

/// The caller's side; gives the version of the owner's program.
pub(super) async fn introduce<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    credential: &Credential,
) -> Result<String, HandshakeError> {
    let with = match credential {
        Credential::Key(_) => Means::Key,
        Credential::Pass(_) => Means::Pass,
    };
    let hello = serde_json::to_vec(&Hello {
        program: PROGRAM.to_owned(),
        with,
        challenge: make_challenge()?,
    })?;
    frame::write(stream, Kind::Hello, &hello).await?;
    let challenge = frame::read(stream, GREETING).await?;
    let challenge = challenge.expect(Kind::Challenge)?;
    let key = credential.key();
    let proof = key.prove(&[CALLER, &hello, &challenge]);
    frame::write(stream, Kind::Proof, &proof).await?;
    let welcome = frame::read(stream, GREETING).await?.expect(Kind::Welcome)?;
    let Welcome { program, proof } = serde_json::from_slice(&welcome)?;
    let said: [&[u8]; 4] = [OWNER, &hello, &challenge, program.as_bytes()];
    if key.verify(&said, &proof) {
        Ok(program)
    } else {
        Err(HandshakeError::NotProven)
    }
}

/// The owner's side. A caller that proves nothing is told nothing. Gives the version of the
/// caller's program.
pub(super) async fn admit<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    accepted: &Accepted,
) -> Result<String, HandshakeError> {
    let hello = frame::read(stream, GREETING).await?.expect(Kind::Hello)?;
    let Hello { program, with, .. } = serde_json::from_slice(&hello)?;
    let challenge = make_challenge()?;
    frame::write(stream, Kind::Challenge, &challenge).await?;
    let proof = frame::read(stream, GREETING).await?.expect(Kind::Proof)?;
    let key = match with {
        Means::Key => Some(&accepted.key),
        Means::Pass => accepted.pass.as_ref(),
    };
    let proof =
        <&[u8; 32]>::try_from(proof.as_slice()).map_err(|_length| HandshakeError::NotProven)?;
    let key = key.filter(|key| key.verify(&[CALLER, &hello, &challenge], proof));
    let key = key.ok_or(HandshakeError::NotProven)?;
    let proof = key.prove(&[OWNER, &hello, &challenge, PROGRAM.as_bytes()]);
    let welcome = serde_json::to_vec(&Welcome {
        program: PROGRAM.to_owned(),
        proof,
    })?;
    frame::write(stream, Kind::Welcome, &welcome).await?;
    Ok(program)
}

fn make_challenge() -> Result<[u8; 32], CryptoError> {
    let mut challenge = [0; 32];
    SystemRandom.fill(&mut challenge)?;
    Ok(challenge)
}

#[cfg(test)]
mod tests;
