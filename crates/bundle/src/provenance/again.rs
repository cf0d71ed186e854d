//! Going over Changes again that were verified before.

use std::io::BufReader;

use vaultmark_crypto::chain::OwnedLeaf;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Field, Header, PartRef};
use vaultmark_model::work::Work;

use super::cbor::{ARRAY, Items};
use super::changes::{read_leaf, read_link};
use super::{CHANGES, EachLeaf, ProvenLeaf};
use crate::error::BundleError;
use crate::read::Verified;

/// Shows every leaf of a bundle of which [`super::walk`] said before that it holds. No signature is
/// verified again; that these are the same bytes is, and so nothing that is shown may be trusted
/// before this returns.
///
/// # Errors
/// [`BundleError::Refused`] where the file is no longer what it was, [`BundleError::Cancelled`], and
/// what `each` says.
pub fn walk_again(
    bundle: &Verified,
    work: Work<'_>,
    each: &mut EachLeaf<'_>,
) -> Result<(), BundleError> {
    let input = BufReader::with_capacity(64 * 1024, bundle.read(CHANGES)?);
    let mut items = Items::new(input, CHANGES);
    while items.next_record(3)? {
        if work.cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        let link = read_link(&mut items)?;
        let header =
            Header::from_bytes(&link.header).map_err(|error| items.refuse(error.to_string()))?;
        items.head(ARRAY)?;
        for _ in 0..header.leaves {
            let leaf = read_leaf(&mut items)?;
            let (part, field) = match &leaf {
                OwnedLeaf::Withheld { part, .. } => (*part, None),
                OwnedLeaf::Disclosed { field, .. } => {
                    let field = Field::from_bytes(field)
                        .map_err(|error| items.refuse(error.to_string()))?;
                    let of = PartRef { subject: field.subject, part: field.part, base: field.base };
                    (of, Some(field))
                }
            };
            each(items.record, &header, &ProvenLeaf { leaf, part, field })?;
        }
    }
    Ok(())
}
