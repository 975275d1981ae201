//! Thirty-two secret bytes.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key's bytes: on the heap, so that moving the key leaves no copy behind, and wiped at the end.
#[derive(Clone)]
pub(crate) struct KeyBytes(Box<Zeroizing<[u8; 32]>>);

impl KeyBytes {
    /// The length in bytes.
    pub(crate) const LEN: usize = 32;

    /// Makes a key in the place where it stays.
    pub(crate) fn try_fill<E>(
        fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut bytes = Box::new(Zeroizing::new([0; Self::LEN]));
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Copies a key; `None` when it has another length.
    pub(crate) fn copy_of(bytes: &[u8]) -> Option<Self> {
        let bytes = <&[u8; Self::LEN]>::try_from(bytes).ok()?;
        let mut copy = Box::new(Zeroizing::new([0; Self::LEN]));
        copy.copy_from_slice(bytes);
        Some(Self(copy))
    }

    /// The bytes themselves.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl fmt::Debug for KeyBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}
