//! The caller's side: one connection, one request, one answer.

use super::PROGRAM;
use super::address;
use super::frame::{self, ANSWER, Kind, REQUEST};
use super::handshake::{self, Credential, HandshakeError};
use crate::lock::Owner;
use interprocess::local_socket::tokio::Stream;
use std::io;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why there is no connection to the owner. Nothing was sent that it could have done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The owner answers no commands.
    #[error("{0} answers no commands")]
    NoAddress(Box<Owner>),
    /// Nobody is there: it is just starting or ending, or it was killed.
    #[error("{address} cannot be reached: {source}")]
    Unreachable {
        /// Where the owner should be.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever is there is not convinced, or not convincing.
    #[error("{address}: {source}")]
    Handshake {
        /// Where the owner should be.
        address: String,
        /// What went wrong.
        source: HandshakeError,
    },
    /// The owner is of another version, whose commands may mean something else.
    #[error("{owner} is version {theirs} of the program, and this is {PROGRAM}")]
    OtherVersion {
        /// The owner.
        owner: Box<Owner>,
        /// Its version.
        theirs: String,
    },
}

/// Why there is no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AskError {
    /// The owner has not taken the request: nothing was done, and it can be asked again.
    #[error("the owner of the data folder ended before it took the request")]
    NotTaken,
    /// The request is larger than an owner takes.
    #[error("the request is larger than {REQUEST} bytes")]
    TooLarge,
    /// The owner went away with the request: nobody knows whether it was done.
    #[error("the owner of the data folder went away before it answered: {0}")]
    Lost(#[source] io::Error),
}

/// A connection to an owner, in which both sides have proved themselves.
#[derive(Debug)]
pub struct Call {
    stream: Stream,
}

impl Call {
    /// Reaches the owner of a folder. An owner that is still opening the folder is waited for.
    pub async fn connect(owner: &Owner, credential: &Credential) -> Result<Self, ConnectError> {
        let Some(address) = &owner.address else {
            return Err(ConnectError::NoAddress(Box::new(owner.clone())));
        };
        let stream = address::connect(address).await;
        let mut stream = stream.map_err(|source| ConnectError::Unreachable {
            address: address.clone(),
            source,
        })?;
        let theirs = handshake::introduce(&mut stream, credential).await;
        let theirs = theirs.map_err(|source| ConnectError::Handshake {
            address: address.clone(),
            source,
        })?;
        if theirs == PROGRAM {
            return Ok(Self { stream });
        }
        Err(ConnectError::OtherVersion {
            owner: Box::new(owner.clone()),
            theirs,
        })
    }

    /// Sends a request and waits for its answer, for as long as the owner lives; what comes in
    /// between goes to `progress`.
    pub async fn ask(
        mut self,
        request: &[u8],
        mut progress: impl FnMut(&[u8]) + Send,
    ) -> Result<Zeroizing<Vec<u8>>, AskError> {
        if request.len() > REQUEST {
            return Err(AskError::TooLarge);
        }
        // A request that was not written to its end was not taken. Why not, the owner may have
        // said already.
        let sent = frame::write(&mut self.stream, Kind::Request, request).await;
        loop {
            let frame = match (frame::read(&mut self.stream, ANSWER).await, &sent) {
                (Ok(frame), _) => frame,
                (Err(_), Err(_)) => return Err(AskError::NotTaken),
                (Err(error), Ok(())) => return Err(AskError::Lost(error)),
            };
            match frame.kind {
                Kind::Answer => return Ok(frame.payload),
                Kind::Progress => progress(&frame.payload),
                Kind::Closing => return Err(AskError::NotTaken),
                Kind::Hello | Kind::Challenge | Kind::Proof | Kind::Welcome | Kind::Request => {
                    return Err(AskError::Lost(io::ErrorKind::InvalidData.into()));
                }
            }
        }
    }
}
