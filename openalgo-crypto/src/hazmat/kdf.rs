//! Keys from keys (HKDF-SHA256), and hashes and keys from passwords (Argon2id).

use super::key_bytes::KeyBytes;
use crate::safe::Argon2Cost;
use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use openalgo_core::port::CryptoError;
use sha2::Sha256;

/// Length of every salt in bytes, as RFC 9106 recommends.
pub(crate) const SALT_LEN: usize = 16;

/// The most that parameters read from outside may cost: a hash or a key file that somebody
/// altered must not take all memory or run for hours.
const HIGHEST: Argon2Cost = Argon2Cost {
    memory_kib: 1024 * 1024,
    passes: 16,
    lanes: 16,
};

/// Derives one of several keys from a master secret that is itself uniformly random.
pub(crate) fn derive(master: &[u8], label: &[u8]) -> Result<KeyBytes, CryptoError> {
    KeyBytes::try_fill(|key| {
        Hkdf::<Sha256>::new(None, master)
            .expand(label, key)
            .map_err(|_too_long| CryptoError::Failed {
                operation: "deriving a key",
            })
    })
}

/// Whether parameters read from outside are acceptable.
pub(crate) fn is_bounded(cost: Argon2Cost) -> bool {
    cost.memory_kib <= HIGHEST.memory_kib
        && cost.passes <= HIGHEST.passes
        && cost.lanes <= HIGHEST.lanes
}

/// Argon2id, version 1.3, without pepper, with 32 bytes of output.
pub(crate) fn argon2id(cost: Argon2Cost) -> Result<Argon2<'static>, argon2::Error> {
    let Argon2Cost {
        memory_kib,
        passes,
        lanes,
    } = cost;
    let params = Params::new(memory_kib, passes, lanes, Some(KeyBytes::LEN))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Derives a key from a passphrase.
pub(crate) fn stretch(
    passphrase: &[u8],
    salt: &[u8],
    cost: Argon2Cost,
) -> Result<KeyBytes, CryptoError> {
    let stretched = argon2id(cost).and_then(|argon2| {
        KeyBytes::try_fill(|key| argon2.hash_password_into(passphrase, salt, key))
    });
    stretched.map_err(|_reason| CryptoError::Failed {
        operation: "deriving a key from a passphrase",
    })
}

#[cfg(test)]
mod tests {
    use super::derive;
    use crate::hazmat::hex::decode_key;

    /// RFC 5869, A.3: neither salt nor info. A shorter output is the beginning of a longer one.
    #[test]
    fn keys_are_those_of_rfc_5869() {
        let expected = b"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d";
        let key = derive(&[0x0b; 22], b"").unwrap();
        assert_eq!(*key.expose(), *decode_key(expected).unwrap());
    }

    /// RFC 9106, 5.3, of the library itself: ours uses neither its secret nor its associated data.
    #[test]
    fn argon2id_is_that_of_rfc_9106() {
        use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};

        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let argon2 =
            Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        argon2
            .hash_password_into(&[1; 32], &[2; 16], &mut tag)
            .unwrap();
        let expected = b"0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
        assert_eq!(tag, *decode_key(expected).unwrap());
    }
}
