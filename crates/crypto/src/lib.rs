//! The only user of cryptographic libraries: keys and where they live, key derivation, sealed
//! records and streams, signatures with their namespaces, key wrapping, commitments and the audit
//! log's evolving MAC.
//!
//! Promises: nothing here touches a file, the environment or a clock of its own. Randomness comes
//! through [`Entropy`], with the one exception that [`wrap`] documents (the `age` library draws
//! its ephemeral keys from the operating system itself). Keys live in one locked [`arena`] and are
//! overwritten when dropped. Every secret, signature and hash has a label of its own, so no value
//! made for one purpose is ever valid for another. Nothing panics on foreign bytes.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod aead;
pub mod allowed_signers;
pub mod arena;
mod bech32;
pub mod chain;
pub mod commitment;
mod compare;
pub mod digest;
pub mod entropy;
pub mod envelope;
pub mod error;
pub mod evolve;
pub mod harden;
pub mod hkdf;
pub mod kdf;
pub mod membership;
pub mod secret;
pub mod sign;
pub mod sshsig;
pub mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod weak_key;
pub mod wrap;

pub use allowed_signers::{AllowedSigner, allowed_signers_line, parse_allowed_signers};
pub use arena::{ArenaStatus, arena_status, reserve_arena};
pub use digest::{Sha512Hasher, keyed_name, sha512};
pub use entropy::{Entropy, SystemEntropy};
pub use envelope::{open_record, seal_record};
pub use error::CryptoError;
pub use evolve::{EvolvingMac, verify_sequence};
pub use harden::{Hardening, harden_process};
pub use hkdf::expand;
pub use kdf::{KdfParameters, derive_key};
pub use secret::{Key, Passphrase, Secret, SecretBytes, SecretText};
pub use sign::{Namespace, SigningKey, verify};
pub use sshsig::{
    BundleRole, PROGRAM_NAMESPACE, fingerprint, openssh_public, sign_bundle, verify_bundle,
    verify_program,
};
pub use stream::{OpenReader, ReadAt, Reader, SealWriter, padme, plain_len, sealed_len};
pub use wrap::{AgeReader, AgeWriter, Identity, Recipient};
