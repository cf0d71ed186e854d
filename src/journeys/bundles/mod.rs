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

/// The item whose identifier is the stem of a medium's name.
fn item_of(path: &str) -> Result<ItemId, AppError> {
    let name = path.strip_prefix(MEDIA).unwrap_or(path);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    stem.parse().map_err(|_| AppError::Invalid {
        what: "the bundle",
        why: format!("`{path}` does not name an item"),
    })
}
