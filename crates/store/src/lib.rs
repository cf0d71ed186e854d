//! What lies on disk, all of it encrypted: the vault folder with its key slots, directory and audit
//! log, and one database with its sealed blobs for each project.
//!
//! Promises: a locked vault and an open one are different types ([`LockedVault`], [`Vault`]); there
//! is no way to reach a project without the keys that an open vault holds. The crate prints
//! nothing, reads no environment variable, and takes the clock and randomness through [`Ambient`].
//! It is the only one that names the database library.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod ambient;
pub mod atomic;
pub mod audit;
pub mod blob;
pub mod error;
pub mod finding;
pub mod project;
pub mod regular;
pub mod sqlite;
pub mod vault;

#[cfg(test)]
pub use ambient::SystemClock;
pub use ambient::{Ambient, Clock};
pub use error::StoreError;
pub use finding::{Finding, Findings};
pub use vault::{
    Front, LockedVault, NewVault, Person, RecoverySheet, SignIn, SignedStatement, TrustedSigner,
    Vault,
};
