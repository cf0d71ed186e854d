//! All of a bundle's provenance in one pass: who made how many Changes, and that they hold.

use std::collections::BTreeMap;

use vaultmark_model::PublicKey;
use vaultmark_model::change::Heads;
use vaultmark_model::work::{Progress, Work};

use super::{CHANGES, ChangeReader, MEMBERS, Members};
use crate::error::BundleError;
use crate::read::Verified;

/// Somebody who signed Changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The key.
    pub key: PublicKey,
    /// The name in the membership statements; none where they do not know the key.
    pub name: Option<String>,
    /// Changes signed with it.
    pub changes: u64,
}

/// What was found; all of it verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProvenanceReport {
    /// Changes.
    pub changes: u64,
    /// Leaves that are shown.
    pub shown: u64,
    /// Leaves that are withheld.
    pub withheld: u64,
    /// The last (seq, hash) of each replica's chain.
    pub heads: Heads,
    /// Who signed, by key.
    pub authors: Vec<Author>,
}

/// Verifies the provenance of a bundle, or of the volume that carries it; none where there is none.
///
/// # Errors
/// [`BundleError::Refused`] names the file, the record and what is wrong; [`BundleError::Cancelled`].
pub fn check(bundle: &Verified, work: Work<'_>) -> Result<Option<ProvenanceReport>, BundleError> {
    if bundle.entry(CHANGES).is_none() {
        return Ok(None);
    }
    let project = bundle.info().project;
    let members = match bundle.entry(MEMBERS) {
        Some(_) => Members::read(bundle.read(MEMBERS)?, project)?,
        None => Members::default(),
    };
    let mut reader = ChangeReader::new(bundle.read(CHANGES)?, project);
    let mut report = ProvenanceReport::default();
    let mut authors: BTreeMap<PublicKey, u64> = BTreeMap::new();
    while let Some(change) = reader.next_change()? {
        if work.cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        report.changes += 1;
        *authors.entry(change.header.author).or_default() += 1;
        while let Some(leaf) = reader.next_leaf()? {
            let count = if leaf.field.is_some() { &mut report.shown } else { &mut report.withheld };
            *count += 1;
        }
        (work.report)(Progress { done: report.changes, ..Progress::default() });
    }
    report.heads = reader.heads();
    let named = |(key, changes): (PublicKey, u64)| {
        let name = members.holder(&key).map(|member| member.name.clone());
        Author { key, name, changes }
    };
    report.authors = authors.into_iter().map(named).collect();
    Ok(Some(report))
}
