//! What is there already, told apart by 128 bits of a SHA-512: a project may have a million items.

use vaultmark_crypto::sha512;
use vaultmark_model::Digest;

/// Tells contents, and paths, apart. Who makes two of one mark, at the cost of 2^64 hashes, has one of
/// them passed over as a duplicate.
pub(super) type Mark = [u8; 16];

/// The mark of a content.
pub(super) fn content(sha512: &Digest) -> Mark {
    let mut mark = Mark::default();
    mark.copy_from_slice(&sha512.as_bytes()[..16]);
    mark
}

/// The mark of a path in the project.
pub(super) fn path(bytes: &[u8]) -> Mark {
    content(&sha512(bytes))
}
