//! HKDF-Expand with SHA-512 (RFC 5869 section 2.3), without the extract step: every input key of
//! this program is uniformly random already.

use ring::hkdf::{HKDF_SHA512, KeyType, Prk};

use crate::secret::scrub_stack_after;
use crate::{CryptoError, Key, Secret};

/// First part of the info string of every key that [`expand`] makes.
const DOMAIN: &[u8] = b"vaultmark/expand/v1";

/// A key for one purpose, made from `key`.
///
/// `HKDF-Expand-SHA-512(PRK = key, info = "vaultmark/expand/v1" ‖ 0x00 ‖ label ‖ 0x00 ‖ context)`,
/// 32 bytes. The label names the purpose, the context the thing it is for (it may be empty).
///
/// # Errors
/// [`CryptoError::Label`] where the label is empty or holds a NUL, [`CryptoError::Memory`].
pub fn expand(key: &Key, label: &str, context: &[u8]) -> Result<Key, CryptoError> {
    check_label(label)?;
    expand_raw(key.expose(), &[DOMAIN, &[0], label.as_bytes(), &[0], context])
}

/// A label must end where the NUL after it says, or two purposes could share a key.
pub(crate) fn check_label(label: &str) -> Result<(), CryptoError> {
    if label.is_empty() || label.contains('\0') {
        return Err(CryptoError::Label { label: label.into() });
    }
    Ok(())
}

/// HKDF-Expand of any `N` up to 16,320 bytes, written straight into the arena.
pub(crate) fn expand_raw<const N: usize>(
    prk: &[u8],
    info: &[&[u8]],
) -> Result<Secret<N>, CryptoError> {
    let mut out = Secret::<N>::zeroed()?;
    let target = out.expose_mut();
    scrub_stack_after(|| {
        let prk = Prk::new_less_safe(HKDF_SHA512, prk);
        prk.expand(info, Length(N)).and_then(|okm| okm.fill(target))
    })
    // The one cause is an N beyond 255 hashes, which no caller asks for.
    .map_err(|_| CryptoError::TooLarge { what: "a derived key", limit: 255 * 64 })?;
    Ok(out)
}

#[derive(Clone, Copy)]
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    fn key(byte: u8) -> Key {
        Key::from_slice(&[byte; 32]).unwrap()
    }

    #[test]
    fn vectors_from_another_implementation() {
        for v in vectors("hkdf_expand_sha512.json") {
            let (prk, info) = (v.bytes("key"), v.bytes("info"));
            let okm = match v.number("len") {
                32 => expand_raw::<32>(&prk, &[&info]).unwrap().expose().to_vec(),
                76 => expand_raw::<76>(&prk, &[&info]).unwrap().expose().to_vec(),
                200 => expand_raw::<200>(&prk, &[&info]).unwrap().expose().to_vec(),
                other => panic!("no length {other} here"),
            };
            assert_eq!(okm, v.bytes("okm"));
        }
        for v in vectors("expand.json") {
            let key = Key::from_slice(&v.bytes("key")).unwrap();
            let derived = expand(&key, v.text("label"), &v.bytes("context")).unwrap();
            assert_eq!(derived.expose().to_vec(), v.bytes("derived"));
        }
    }

    #[test]
    fn every_part_separates() {
        let base = expand(&key(1), "a", b"c").unwrap();
        assert!(base.same_as(&expand(&key(1), "a", b"c").unwrap()));
        for other in [
            expand(&key(2), "a", b"c"),
            expand(&key(1), "b", b"c"),
            expand(&key(1), "a", b"d"),
            expand(&key(1), "ac", b""),
            expand(&key(1), "a", b""),
        ] {
            assert!(!base.same_as(&other.unwrap()));
        }
    }

    #[test]
    fn labels_that_could_be_mistaken_are_refused() {
        for label in ["", "a\0b"] {
            assert!(matches!(expand(&key(1), label, b""), Err(CryptoError::Label { .. })));
        }
    }
}
