//! Provenance: the signed Changes that a project is made of, and the statements that say whose
//! keys signed them, as two CBOR sequences (RFC 8742) of deterministic items (RFC 8949 4.2.1).
//!
//! ```text
//! changes.cborseq   [header bstr, signature bstr, [leaf, …]]      one item for each Change
//!                   leaf = [0, digest bstr, part reference bstr]   withheld
//!                        | [1, salt bstr, field bstr]              shown
//! members.cborseq   [statement bstr, signature bstr]              one item for each statement
//! ```
//!
//! Both are written and read as streams in bounded memory. Reading verifies: canonical form,
//! signatures, chains, Merkle roots, and the rules of membership. [`check`] verifies besides that
//! every Change was made by somebody who had the right to, and that nothing newest is withheld.

mod again;
mod cbor;
mod changes;
mod members;
mod report;

pub use again::walk_again;
pub use changes::{ChangeReader, ChangeWriter, ProvenChange, ProvenLeaf};
pub use members::{Member, Members, write_statement};
pub use report::{Author, EachLeaf, ProvenanceReport, check, walk};

/// Where the Changes lie in a bundle.
pub const CHANGES: &str = "data/provenance/changes.cborseq";
/// Where the membership statements lie in a bundle.
pub const MEMBERS: &str = "data/provenance/members.cborseq";
