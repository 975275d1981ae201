//! The chain that shows what was changed in an append-only journal.

use crate::hazmat::key_bytes::KeyBytes;
use crate::hazmat::mac;
use hmac::Mac;

/// The key of the order journal's chain. Wiped from memory at the end.
#[derive(Debug, Clone)]
pub struct JournalKey(KeyBytes);

impl JournalKey {
    pub(crate) fn new(key: KeyBytes) -> Self {
        Self(key)
    }

    /// Links an entry to the one before it (HMAC-SHA256).
    ///
    /// Each field is preceded by its length, so that moving a letter from one field to the next
    /// changes the link. The first entry's `previous` is whatever its journal agrees on, such as
    /// 32 zeros.
    pub fn link(&self, previous: &[u8; 32], fields: &[&[u8]]) -> [u8; 32] {
        let mut code = mac::start(&self.0);
        code.update(previous);
        for field in fields {
            mac::add_field(&mut code, field);
        }
        mac::finish(code)
    }
}
