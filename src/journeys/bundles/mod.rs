//! Bundles that arrive: verified without a vault, received into one as a new project.

pub(super) mod lists;
mod receive;
mod source;
mod trace;
mod verify;

use vaultmark_bundle::frame::MEDIA;
use vaultmark_model::ItemId;

use crate::AppError;

pub use receive::{Received, Reception, inspect, receive};
pub use verify::{Approver, Verification, signers_from, verify};

/// The most items of a bundle: as many as it can hold media of. They are kept account of in memory.
pub(super) const ITEMS: u64 = 1_000_000;
/// The most labels of a bundle. They are kept in memory whole.
pub(super) const LABELS: u64 = 50_000;

/// The item whose identifier is the stem of a medium's name.
fn item_of(path: &str) -> Result<ItemId, AppError> {
    let name = path.strip_prefix(MEDIA).unwrap_or(path);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    stem.parse().map_err(|_| AppError::Invalid {
        what: "the bundle",
        why: format!("`{path}` does not name an item"),
    })
}
