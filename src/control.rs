//! How a process that does not own a data folder has its commands run by the one that does.
//!
//! The owner listens at a local address, which `instance.lock` tells (on Windows `instance.json`
//! beside it). Both sides prove that they hold the key of the folder before either says anything;
//! then the caller sends one request and gets one answer. What is in them is no matter of this
//! module.
//!
//! | file | what is in it |
//! |---|---|
//! | `address` | where an owner can be reached |
//! | `private` | a folder that only this user can look into |
//! | `frame` | the pieces that travel |
//! | `handshake` | the proofs |
//! | `endpoint` | the owner's side |
//! | `call` | the caller's side |
//! | `pass` | the right to speak while a folder is unlocked, without its key |

mod address;
mod call;
mod endpoint;
mod frame;
mod handshake;
mod pass;
mod private;

pub use call::{AskError, Call, ConnectError};
pub use endpoint::{Answers, Door, Endpoint, ProgressSender};
pub use handshake::{Credential, HandshakeError};
pub use pass::PassError;

/// The version that both sides must have: a command means the same to them.
pub(crate) const PROGRAM: &str = env!("CARGO_PKG_VERSION");
