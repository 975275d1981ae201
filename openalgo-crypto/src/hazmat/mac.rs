//! HMAC-SHA256.

use super::key_bytes::KeyBytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Starts an HMAC-SHA256.
pub(crate) fn start(key: &KeyBytes) -> Hmac<Sha256> {
    // HMAC pads a short key with zeros to one block itself; with a whole block there is no length
    // that could be wrong.
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key.expose()) {
        *to = *from;
    }
    Hmac::new((&*block).into())
}

/// Adds a field whose end cannot be mistaken: its length comes first.
pub(crate) fn add_field(mac: &mut Hmac<Sha256>, field: &[u8]) {
    // `usize` is at most 64 bits wide wherever this runs.
    let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
    mac.update(&length.to_be_bytes());
    mac.update(field);
}

/// The authentication code.
pub(crate) fn finish(mac: Hmac<Sha256>) -> [u8; 32] {
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::{KeyBytes, finish, start};
    use crate::hazmat::hex::decode_key;
    use hmac::Mac;

    /// RFC 4231, cases 1 to 3; a key shorter than ours is the same key with zeros behind it.
    #[test]
    fn codes_are_those_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &[u8]); 3] = [
            (
                &[0x0b; 20],
                b"Hi There",
                b"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                b"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
        ];
        for (key, text, code) in cases {
            let mut padded = [0; 32];
            padded[..key.len()].copy_from_slice(key);
            let mut mac = start(&KeyBytes::copy_of(&padded).unwrap());
            mac.update(text);
            assert_eq!(finish(mac), *decode_key(code).unwrap());
        }
    }
}
