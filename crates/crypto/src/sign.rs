//! Signatures on the program's own records: Ed25519 (RFC 8032), each kind of record with a domain
//! of its own, so that a signature on one is never one on another.
//!
//! The signed bytes are `domain ‖ 0x00 ‖ message`. Bundles are signed in SSH's format instead (see
//! [`crate::sshsig`]), whose signed bytes start with `SSHSIG` and so never with a domain of these.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use vaultmark_model::digest::SUITE_ED25519;
use vaultmark_model::{PublicKey, Signature};

use crate::arena::ArenaBox;
use crate::secret::scrub_stack_after;
use crate::weak_key::has_small_order;
use crate::{CryptoError, Entropy, Secret};

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// The header of a Change.
    Change,
    /// A statement about who belongs to a project.
    Membership,
    /// A checkpoint of the audit log.
    AuditCheckpoint,
    /// A change of the vault's policy.
    Policy,
}

impl Namespace {
    /// Every namespace.
    pub const ALL: [Self; 4] =
        [Self::Change, Self::Membership, Self::AuditCheckpoint, Self::Policy];

    /// The text that begins the signed bytes.
    #[must_use]
    pub const fn domain(self) -> &'static str {
        match self {
            Self::Change => "vaultmark/change/v1",
            Self::Membership => "vaultmark/membership/v1",
            Self::AuditCheckpoint => "vaultmark/audit-checkpoint/v1",
            Self::Policy => "vaultmark/policy/v1",
        }
    }

    /// What errors call the signed thing.
    const fn what(self) -> &'static str {
        match self {
            Self::Change => "the change",
            Self::Membership => "the membership statement",
            Self::AuditCheckpoint => "the audit checkpoint",
            Self::Policy => "the policy",
        }
    }

    fn signed_bytes(self, message: &[u8]) -> Vec<u8> {
        [self.domain().as_bytes(), &[0], message].concat()
    }
}

/// A person's signing key. Seed and key pair lie in the arena.
pub struct SigningKey {
    seed: Secret<32>,
    pair: ArenaBox<Ed25519KeyPair>,
    public: PublicKey,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// [`CryptoError::Randomness`], [`CryptoError::Memory`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        Self::from_seed(Secret::random(entropy)?)
    }

    /// The key of a seed (RFC 8032's private key).
    ///
    /// # Errors
    /// [`CryptoError::Memory`].
    pub fn from_seed(seed: Secret<32>) -> Result<Self, CryptoError> {
        let pair = scrub_stack_after(|| {
            let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| {
                CryptoError::Malformed {
                    what: "a signing seed",
                    why: "it has another length".into(),
                }
            })?;
            ArenaBox::new(pair)
        })?;
        let public = PublicKey::new(SUITE_ED25519, pair.public_key().as_ref().to_vec());
        Ok(Self { seed, pair, public })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// The seed, to be sealed into a slot.
    #[must_use]
    pub fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    /// Signs `message` for the purpose `namespace`. Deterministic.
    #[must_use]
    pub fn sign(&self, namespace: Namespace, message: &[u8]) -> Signature {
        Signature::new(self.sign_raw(&namespace.signed_bytes(message)).to_vec())
    }

    /// Signs bytes that carry their own domain.
    pub(crate) fn sign_raw(&self, signed_bytes: &[u8]) -> [u8; 64] {
        let signature = scrub_stack_after(|| self.pair.sign(signed_bytes));
        let mut bytes = [0; 64];
        bytes.copy_from_slice(signature.as_ref());
        bytes
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Checks that `signature` is `key`'s on `message` for the purpose `namespace`.
///
/// # Errors
/// [`CryptoError::Suite`] for a suite this version does not know, [`CryptoError::Signature`].
pub fn verify(
    key: &PublicKey,
    namespace: Namespace,
    message: &[u8],
    signature: &Signature,
) -> Result<(), CryptoError> {
    verify_raw(key, namespace.what(), &namespace.signed_bytes(message), signature.bytes())
}

/// Checks a signature over bytes that carry their own domain.
pub(crate) fn verify_raw(
    key: &PublicKey,
    what: &'static str,
    signed_bytes: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    if key.suite() != SUITE_ED25519 {
        return Err(CryptoError::Suite { what, suite: key.suite() });
    }
    if has_small_order(key.bytes()) {
        return Err(CryptoError::Signature { what });
    }
    UnparsedPublicKey::new(&ED25519, key.bytes())
        .verify(signed_bytes, signature)
        .map_err(|_| CryptoError::Signature { what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedEntropy, vectors};

    fn key(seed: &[u8]) -> SigningKey {
        SigningKey::from_seed(Secret::from_slice(seed).unwrap()).unwrap()
    }

    #[test]
    fn rfc_8032_vectors() {
        for v in vectors("ed25519.json") {
            let key = key(&v.bytes("seed"));
            assert_eq!(key.public().bytes(), v.bytes("public"));
            assert_eq!(key.sign_raw(&v.bytes("message")).to_vec(), v.bytes("signature"));
            verify_raw(&key.public(), "a vector", &v.bytes("message"), &v.bytes("signature"))
                .unwrap();
        }
    }

    #[test]
    fn domains_match_another_implementation() {
        for (v, namespace) in vectors("namespaces.json").iter().zip(Namespace::ALL) {
            assert!(namespace.domain().contains(v.text("namespace")));
            let signature = key(&v.bytes("seed")).sign(namespace, &v.bytes("message"));
            assert_eq!(signature.bytes(), v.bytes("signature"));
        }
    }

    #[test]
    fn a_signature_holds_for_one_namespace_message_and_key() {
        let key = SigningKey::generate(&FixedEntropy::new(1)).unwrap();
        let other = SigningKey::generate(&FixedEntropy::new(2)).unwrap();
        for made in Namespace::ALL {
            let signature = key.sign(made, b"message");
            for asked in Namespace::ALL {
                let held = verify(&key.public(), asked, b"message", &signature).is_ok();
                assert_eq!(held, made == asked);
            }
            assert!(verify(&key.public(), made, b"massage", &signature).is_err());
            assert!(verify(&other.public(), made, b"message", &signature).is_err());
        }
    }

    #[test]
    fn altered_signatures_and_foreign_keys_are_errors() {
        let key = SigningKey::generate(&FixedEntropy::new(1)).unwrap();
        let signature = key.sign(Namespace::Change, b"m");
        for bit in 0..512 {
            let mut bytes = signature.bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let altered = Signature::new(bytes);
            assert!(verify(&key.public(), Namespace::Change, b"m", &altered).is_err(), "bit {bit}");
        }
        for length in [0, 31, 33, 64] {
            let short = PublicKey::new(SUITE_ED25519, vec![1; length]);
            assert!(verify(&short, Namespace::Change, b"m", &signature).is_err());
        }
        for length in [0, 63, 65] {
            let cut = Signature::new(vec![1; length]);
            assert!(verify(&key.public(), Namespace::Change, b"m", &cut).is_err());
        }
        let unknown = PublicKey::new(2, key.public().bytes().to_vec());
        assert!(matches!(
            verify(&unknown, Namespace::Change, b"m", &signature),
            Err(CryptoError::Suite { suite: 2, .. })
        ));
    }
}
