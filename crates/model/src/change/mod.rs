//! Changes: small signed headers, and the payload that they commit to.
//!
//! A [`Header`] is signed and chained; the payload lies apart as [`Field`]s, one Merkle leaf each
//! (SHA-512 over a salt and the field's canonical bytes, computed by the crypto crate). Erasing a
//! field and its salt leaves the chain verifiable. The unit of revision and of conflict is
//! (subject, part): two people can touch different parts of one annotation.

mod field;
mod header;
mod matter;
mod newest;
mod part;
mod share;
mod value;

pub use field::{Edit, Field, RevisionId};
pub use header::{Chained, Content, FORMAT, Header, Heads, Intent, Parts, SUITE, Tool};
pub use matter::Matter;
pub use newest::{Hidden, Newest};
pub use part::{Part, PartRef, Subject};
pub use share::Share;
pub use value::Value;

/// The most parts that a header lists one by one; of a larger change it holds a digest of the list.
pub const LISTED_PARTS: usize = 256;
