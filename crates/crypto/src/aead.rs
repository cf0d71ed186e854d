//! AES-256-GCM under a key that is made for one message and committed to.
//!
//! `key (32) ‖ base nonce (12) ‖ commitment (32) = HKDF-Expand-SHA-512(input key, info)`. GCM alone
//! lets one ciphertext open under two keys; the commitment, checked first, does not.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};

use crate::arena::ArenaBox;
use crate::hkdf::expand_raw;
use crate::secret::scrub_stack_after;
use crate::{CryptoError, Key, compare, secret};

/// Bytes of a GCM tag.
pub(crate) const TAG: usize = 16;
/// Bytes of a commitment.
pub(crate) const COMMITMENT: usize = 32;

/// The key of one message. Its schedule lies in the arena and is overwritten on drop.
pub(crate) struct MessageKey {
    key: ArenaBox<LessSafeKey>,
    base_nonce: [u8; 12],
    commitment: [u8; COMMITMENT],
}

impl MessageKey {
    /// Derives the key for the message that `info` names. `info` must hold a salt that never
    /// repeats under `input`.
    pub(crate) fn derive(input: &Key, info: &[&[u8]]) -> Result<Self, CryptoError> {
        let material = expand_raw::<76>(input.expose(), info)?;
        let bytes = material.expose();
        let mut base_nonce = [0; 12];
        base_nonce.copy_from_slice(&bytes[32..44]);
        let mut commitment = [0; COMMITMENT];
        commitment.copy_from_slice(&bytes[44..]);
        let key = scrub_stack_after(|| {
            let unbound = UnboundKey::new(&AES_256_GCM, &bytes[..32]).map_err(|_| {
                CryptoError::Malformed {
                    what: "an AES-256 key",
                    why: "it has another length".into(),
                }
            })?;
            ArenaBox::new(LessSafeKey::new(unbound))
        })?;
        Ok(Self { key, base_nonce, commitment })
    }

    /// The value that is stored before the ciphertext.
    pub(crate) fn commitment(&self) -> &[u8; COMMITMENT] {
        &self.commitment
    }

    /// Whether `stored` is this key's commitment.
    pub(crate) fn is_committed_to(&self, stored: &[u8]) -> bool {
        compare::same(&self.commitment, stored)
    }

    /// Encrypts `bytes` in place as number `index` of the message.
    pub(crate) fn seal(
        &self,
        index: u64,
        aad: &[u8],
        bytes: &mut [u8],
    ) -> Result<[u8; TAG], CryptoError> {
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(index), Aad::from(aad), bytes)
            // The one cause is a message beyond AES-GCM's 64 GiB.
            .map_err(|_| CryptoError::TooLarge { what: "a message", limit: (1 << 36) - 32 })?;
        let mut out = [0; TAG];
        out.copy_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Decrypts `bytes` in place as number `index` of the message. `false`, and zeros in `bytes`,
    /// where they are not what was sealed.
    #[must_use]
    pub(crate) fn open(&self, index: u64, aad: &[u8], bytes: &mut [u8], tag: [u8; TAG]) -> bool {
        let opened = self
            .key
            .open_in_place_separate_tag(
                self.nonce(index),
                Aad::from(aad),
                Tag::from(tag),
                bytes,
                0..,
            )
            .is_ok();
        if !opened {
            secret::wipe(bytes);
        }
        opened
    }

    /// The base nonce XOR the index as a big-endian number of its width (as TLS 1.3 does).
    fn nonce(&self, index: u64) -> Nonce {
        let mut nonce = self.base_nonce;
        for (byte, part) in nonce[4..].iter_mut().zip(index.to_be_bytes()) {
            *byte ^= part;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}
