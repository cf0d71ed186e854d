//! Changes: small signed headers, and the payload that they commit to.
//!
//! A [`Header`] is signed and chained; the payload lies apart as [`Field`]s, one Merkle leaf each
//! (SHA-512 over a salt and the field's canonical bytes, computed by the crypto crate). Erasing a
//! field and its salt leaves the chain verifiable. The unit of revision and of conflict is
//! (subject, part): two people can touch different parts of one annotation.

mod field;
mod header;
mod part;
mod value;

pub use field::{Edit, Field, RevisionId};
pub use header::{Chained, Content, FORMAT, Header, Heads, Intent, SUITE, Tool};
pub use part::{Part, PartRef, Subject};
pub use value::Value;

/// The most parts that a header lists one by one; a larger change is a batch, whose parts stand
/// only in its leaves.
pub const LISTED_PARTS: usize = 256;
