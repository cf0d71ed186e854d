//! The vault folder, locked and open: who may open it, with which keys, under which policy.
//!
//! [`LockedVault::open`] takes a folder into this process's hands, [`LockedVault::unlock`] gives a
//! [`Vault`] for the person who signed in, [`Vault::lock`] gives the locked one back. Roles come
//! from signed statements alone; what an account has seen before is pinned in its slot, so that an
//! older vault that is put back is noticed.

mod ages;
mod check;
mod create;
mod decision;
mod directory;
mod filesystem;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod header;
mod layout;
mod lock;
mod locked;
mod membership;
mod open;
mod pins;
mod projects;
mod slot;
#[cfg(test)]
mod tests;
mod unfinished;
mod wrap_record;

pub use ages::ProjectKeyAge;
pub use create::{NewVault, RecoverySheet};
pub use decision::TrustedSigner;
pub use header::Front;
pub use locked::LockedVault;
pub use membership::SignedStatement;
pub use open::{Person, SignIn, Vault};
