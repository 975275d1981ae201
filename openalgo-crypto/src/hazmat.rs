//! Algorithms as thin calls into their libraries, easy to misuse and therefore not public.

pub(crate) mod aead;
pub(crate) mod hex;
pub(crate) mod kdf;
pub(crate) mod key_bytes;
pub(crate) mod mac;
