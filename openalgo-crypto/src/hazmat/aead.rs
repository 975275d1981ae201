//! AES-256-GCM.

use super::key_bytes::KeyBytes;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 12;

/// Encrypts `text` and binds it to `place`: the ciphertext with the tag behind it.
///
/// A nonce must never serve twice with the same key.
pub(crate) fn seal(
    key: &KeyBytes,
    nonce: &[u8; NONCE_LEN],
    place: &[u8],
    text: &[u8],
) -> Option<Vec<u8>> {
    let payload = Payload {
        msg: text,
        aad: place,
    };
    cipher(key).encrypt(nonce.into(), payload).ok()
}

/// Decrypts what [`seal`] made; `None` unless key, nonce, place and every bit are the same.
pub(crate) fn open(
    key: &KeyBytes,
    nonce: &[u8; NONCE_LEN],
    place: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload {
        msg: sealed,
        aad: place,
    };
    let text = cipher(key).decrypt(nonce.into(), payload).ok()?;
    Some(Zeroizing::new(text))
}

fn cipher(key: &KeyBytes) -> Aes256Gcm {
    Aes256Gcm::new(key.expose().into())
}

#[cfg(test)]
mod tests {
    use super::{KeyBytes, open, seal};

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks_exact(2);
        pairs
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    struct Vector {
        key: &'static str,
        nonce: &'static str,
        place: &'static str,
        text: &'static str,
        sealed: &'static str,
    }

    /// Cases 13, 14 and 16 of the GCM specification that NIST adopted as SP 800-38D.
    const VECTORS: [Vector; 3] = [
        Vector {
            key: "0000000000000000000000000000000000000000000000000000000000000000",
            nonce: "000000000000000000000000",
            place: "",
            text: "",
            sealed: "530f8afbc74536b9a963b4f1c4cb738b",
        },
        Vector {
            key: "0000000000000000000000000000000000000000000000000000000000000000",
            nonce: "000000000000000000000000",
            place: "",
            text: "00000000000000000000000000000000",
            sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        },
        Vector {
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            place: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            text: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                   1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                     8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
                     76fc6ece0f4e1768cddf8853bb2d551b",
        },
    ];

    #[test]
    fn ciphertexts_are_those_of_the_specification() {
        for vector in VECTORS {
            let key = KeyBytes::copy_of(&bytes(vector.key)).unwrap();
            let nonce = bytes(vector.nonce).try_into().unwrap();
            let (place, text) = (bytes(vector.place), bytes(vector.text));
            let sealed = seal(&key, &nonce, &place, &text).unwrap();
            assert_eq!(sealed, bytes(vector.sealed));
            assert_eq!(*open(&key, &nonce, &place, &sealed).unwrap(), text);
        }
    }
}
