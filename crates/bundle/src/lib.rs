//! The bag: what leaves a vault and what arrives.
//!
//! A bundle is a BagIt 1.0 bag (RFC 8493) in a stored, sorted ZIP with one byte form. This crate
//! writes it as a stream, splits it into volumes, and reads it back strictly: quarantine,
//! signatures, tag manifest, manifest, content, each a type of its own.
//!
//! Promises: the same frozen draft and signatures give the same bytes. Nothing is accepted that the
//! writer would not have written. Nothing panics on foreign bytes, and nothing is allocated for a
//! size that was only claimed. This crate knows neither stores nor projects; it writes to and reads
//! from what it is given, prints nothing, and takes times as arguments.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod datasheet;
pub mod draft;
pub mod entry;
pub mod error;
pub mod folder;
pub mod frame;
pub mod info;
pub mod name;
pub mod provenance;
pub mod read;
pub mod refusal;
pub mod volumes;
pub mod write;
mod zip;

pub use datasheet::Datasheet;
pub use draft::{Draft, Frozen, Signatures};
pub use entry::Entry;
pub use error::BundleError;
pub use info::{BagInfo, Oxum, Volume};
pub use read::{
    EntryFacts, EntryOpener, EntryReader, Limits, Quarantined, Signed, SignerFacts, Tagged, Trust,
    Verified,
};
pub use refusal::Refusal;
pub use volumes::VOLUME_BYTES;
pub use write::Written;
