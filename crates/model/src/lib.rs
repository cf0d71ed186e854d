//! The vocabulary of Vaultmark: projects, items, labels, shapes, annotations and the signed
//! changes that make them.
//!
//! Promises: this crate is pure. It reads no file, no clock, no environment and no random source;
//! identifiers and times are handed in. Everything that is ever signed has exactly one byte
//! encoding (see [`canonical`]), and every type checks its own bounds when it is decoded.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod annotation;
pub mod canonical;
pub mod change;
pub mod color;
pub mod digest;
pub mod error;
pub mod id;
pub mod item;
pub mod label;
pub mod marking;
pub mod membership;
pub mod policy;
pub mod role;
pub mod shape;
pub mod text;
pub mod time;
pub mod work;

pub use annotation::{Annotation, Source};
pub use color::Color;
pub use digest::{Digest, PublicKey, Signature};
pub use error::ModelError;
pub use id::{
    AnnotationId, BlobId, BundleId, ChangeId, ItemId, LabelId, PersonId, ProjectId, ReplicaId,
    StatementId, VaultId,
};
pub use item::{ImageFacts, Item, ItemPath, MediaFormat, SampleFormat};
pub use label::Label;
pub use marking::Marking;
pub use role::{Permission, Role};
pub use shape::Shape;
pub use time::Timestamp;
