//! The sealed record: a small authenticated envelope for key slots, wrap plaintexts and the like,
//! held in memory whole.
//!
//! ```text
//! record     = 0x01 ‖ salt (24, random) ‖ commitment (32) ‖ AES-256-GCM ciphertext ‖ tag (16)
//! key (32) ‖ nonce (12) ‖ commitment (32) =
//!     HKDF-Expand-SHA-512(PRK = key, info = "vaultmark/record/v1" ‖ 0x00 ‖ label ‖ 0x00 ‖ salt ‖ context)
//! AAD        = label
//! ```
//! The salt makes key and nonce fresh for each record, so a key seals as many as one likes.

use crate::aead::{COMMITMENT, MessageKey, TAG};
use crate::hkdf::check_label;
use crate::{CryptoError, Entropy, Key, SecretBytes};

const DOMAIN: &[u8] = b"vaultmark/record/v1";
const FORMAT: u8 = 1;
const SALT: usize = 24;
const HEADER: usize = 1 + SALT + COMMITMENT;
const WHAT: &str = "the sealed record";

/// Bytes that sealing a record adds.
pub const RECORD_OVERHEAD: usize = HEADER + TAG;

/// Seals `plaintext` for the purpose `label` and the thing `context` names.
///
/// # Errors
/// [`CryptoError::Label`], [`CryptoError::Randomness`], [`CryptoError::Memory`].
pub fn seal_record(
    key: &Key,
    label: &str,
    context: &[u8],
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, CryptoError> {
    check_label(label)?;
    let mut salt = [0; SALT];
    entropy.fill(&mut salt)?;
    let message = derive(key, label, &salt, context)?;
    // Room for everything at once: growing would leave copies of the plaintext behind.
    let mut record = Vec::with_capacity(plaintext.len() + RECORD_OVERHEAD);
    record.push(FORMAT);
    record.extend_from_slice(&salt);
    record.extend_from_slice(message.commitment());
    record.extend_from_slice(plaintext);
    let tag = message.seal(0, label.as_bytes(), &mut record[HEADER..])?;
    record.extend_from_slice(&tag);
    Ok(record)
}

/// Opens a record that was sealed with the same key, label and context.
///
/// # Errors
/// [`CryptoError::Truncated`], [`CryptoError::Malformed`] for another format number,
/// [`CryptoError::WrongKey`] where key, label or context is another one,
/// [`CryptoError::Damaged`] where the ciphertext was altered.
pub fn open_record(
    key: &Key,
    label: &str,
    context: &[u8],
    sealed: &[u8],
) -> Result<SecretBytes, CryptoError> {
    check_label(label)?;
    match sealed.first() {
        None => return Err(CryptoError::Truncated { what: WHAT, length: 0 }),
        Some(&FORMAT) => {}
        Some(other) => {
            let why = format!("its format number is {other}");
            return Err(CryptoError::Malformed { what: WHAT, why });
        }
    }
    let short = || CryptoError::Truncated { what: WHAT, length: sealed.len() as u64 };
    let (header, rest) = sealed.split_at_checked(HEADER).ok_or_else(short)?;
    let (body, tag) = rest.split_last_chunk::<TAG>().ok_or_else(short)?;
    let message = derive(key, label, &header[1..=SALT], context)?;
    if !message.is_committed_to(&header[1 + SALT..]) {
        return Err(CryptoError::WrongKey { what: WHAT });
    }
    let mut plaintext = body.to_vec();
    if !message.open(0, label.as_bytes(), &mut plaintext, *tag) {
        return Err(CryptoError::Damaged { what: WHAT, position: None });
    }
    Ok(SecretBytes::new(plaintext))
}

fn derive(key: &Key, label: &str, salt: &[u8], context: &[u8]) -> Result<MessageKey, CryptoError> {
    MessageKey::derive(key, &[DOMAIN, &[0], label.as_bytes(), &[0], salt, context])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{FixedEntropy, vectors};

    fn key(byte: u8) -> Key {
        Key::from_slice(&[byte; 32]).unwrap()
    }

    proptest! {
        #[test]
        fn opens_to_what_was_sealed(
            plaintext in prop::collection::vec(any::<u8>(), 0..300),
            context in prop::collection::vec(any::<u8>(), 0..40),
            label in "[a-z/]{1,20}",
            seed: u64,
        ) {
            let sealed =
                seal_record(&key(1), &label, &context, &plaintext, &FixedEntropy::new(seed)).unwrap();
            prop_assert_eq!(sealed.len(), plaintext.len() + RECORD_OVERHEAD);
            let opened = open_record(&key(1), &label, &context, &sealed).unwrap();
            prop_assert_eq!(&*opened, &plaintext[..]);
        }
    }

    #[test]
    fn vectors_from_another_implementation() {
        for v in vectors("record.json") {
            let key = Key::from_slice(&v.bytes("key")).unwrap();
            let opened =
                open_record(&key, v.text("label"), &v.bytes("context"), &v.bytes("sealed"));
            assert_eq!(opened.unwrap().to_vec(), v.bytes("plain"));
        }
    }

    #[test]
    fn key_label_and_context_are_bound() {
        let sealed =
            seal_record(&key(1), "slot", b"login", b"text", &FixedEntropy::new(1)).unwrap();
        for wrong in [
            open_record(&key(2), "slot", b"login", &sealed),
            open_record(&key(1), "wrap", b"login", &sealed),
            open_record(&key(1), "slot", b"logi", &sealed),
            open_record(&key(1), "slot", b"", &sealed),
        ] {
            assert!(matches!(wrong, Err(CryptoError::WrongKey { .. })), "{wrong:?}");
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_an_error() {
        let sealed =
            seal_record(&key(1), "slot", b"x", b"some text", &FixedEntropy::new(1)).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open_record(&key(1), "slot", b"x", &altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open_record(&key(1), "slot", b"x", &sealed[..length]).is_err(), "{length}");
        }
        let longer = [&sealed[..], &[0]].concat();
        assert!(open_record(&key(1), "slot", b"x", &longer).is_err());
    }

    #[test]
    fn two_records_of_the_same_text_differ() {
        let entropy = FixedEntropy::new(1);
        let a = seal_record(&key(1), "slot", b"", b"text", &entropy).unwrap();
        let b = seal_record(&key(1), "slot", b"", b"text", &entropy).unwrap();
        assert_ne!(a, b);
    }
}
