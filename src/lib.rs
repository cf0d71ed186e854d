//! The application layer of Vaultmark: sessions, policy and the journeys that people make, driven
//! alike by the command line and the window.
//!
//! Promises: every operation on a vault takes a [`Session`] and passes its door once
//! ([`policy::Operation`]); one module writes outside the vault ([`outbox`]); long work is planned,
//! reported, cancellable ([`jobs`]).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod ambient;
pub mod cli;
mod error;
pub mod jobs;
pub mod journeys;
pub mod manual;
pub mod outbox;
pub mod policy;
mod session;
pub mod startup;
mod wiping;

pub use error::AppError;
pub use session::{DecoderProgram, FreshSignIn, Gap, Profile, Session};
pub use wiping::WipingAllocator;

// What the window and the tests take from below, so that they need to know this crate alone.
pub use vaultmark_bundle as bundle;
pub use vaultmark_contain as contain;
pub use vaultmark_crypto as crypto;
pub use vaultmark_formats as formats;
pub use vaultmark_media as media;
pub use vaultmark_model as model;
pub use vaultmark_store as store;

/// The hidden argument that makes the command-line program a decoder worker.
pub const DECODE_WORKER: &str = "decode-worker";

/// The program and its version, as changes and bundles name it.
pub const PROGRAM: &str = concat!("vaultmark ", env!("CARGO_PKG_VERSION"));
