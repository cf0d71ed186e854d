//! All of a bundle's provenance in one pass: who made how many Changes, that they hold, were made by
//! right, and show the present state.

use std::collections::BTreeMap;

use vaultmark_crypto::chain::header_hash;
use vaultmark_crypto::membership::MembershipError;
use vaultmark_model::PublicKey;
use vaultmark_model::change::{Header, Heads, Hidden, Matter, Newest, Share};
use vaultmark_model::id::to_hex;
use vaultmark_model::membership::ListHeads;
use vaultmark_model::work::{Progress, Work};

use super::{CHANGES, ChangeReader, Members, ProvenLeaf, walk_again};
use crate::error::BundleError;
use crate::read::Verified;
use crate::refusal::Refusal;

/// Somebody who signed Changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The key.
    pub key: PublicKey,
    /// The name in the membership statements.
    pub name: String,
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
    /// The newest statement of each list about the project.
    pub lists: ListHeads,
}

/// What is called with each leaf and its Change, of which it is told the record, from 1. Nothing that
/// it is given is verified to its end before [`walk`] returns.
pub type EachLeaf<'f> = dyn FnMut(u64, &Header, &ProvenLeaf) -> Result<(), BundleError> + 'f;

/// Verifies the provenance of a bundle, or of the volume that carries it; none where there is none.
///
/// # Errors
/// [`BundleError::Refused`] names the file, the record and what is wrong; [`BundleError::Cancelled`].
pub fn check(bundle: &Verified, work: Work<'_>) -> Result<Option<ProvenanceReport>, BundleError> {
    walk(bundle, work, &mut |_, _, _| Ok(()))
}

/// As [`check`], and shows every leaf on the way.
///
/// # Errors
/// As [`check`], and what `each` says.
pub fn walk(
    bundle: &Verified,
    work: Work<'_>,
    each: &mut EachLeaf<'_>,
) -> Result<Option<ProvenanceReport>, BundleError> {
    if bundle.entry(CHANGES).is_none() {
        return Ok(None);
    }
    let project = bundle.info().project;
    let members = Members::of(bundle)?;
    let mut reader = ChangeReader::new(bundle.read(CHANGES)?, project);
    let mut report = ProvenanceReport { lists: members.heads(), ..ProvenanceReport::default() };
    let mut authors: BTreeMap<PublicKey, u64> = BTreeMap::new();
    let mut rights = members.rights(bundle.info().vault)?;
    let mut newest = Newest::of(Share::all());
    while let Some(change) = reader.next_change()? {
        if work.cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        report.changes += 1;
        let record = report.changes;
        let wrong = |error: MembershipError| refuse(record, error.to_string());
        let hash = header_hash(&change.link.header);
        let permitted = rights.change(&change.header, &hash).map_err(wrong)?;
        *authors.entry(change.header.author.clone()).or_default() += 1;
        while let Some(leaf) = reader.next_leaf()? {
            permitted.check(Matter::of(&leaf.part.subject, leaf.part.part)).map_err(wrong)?;
            newest.push(record, &leaf.part, leaf.field.as_ref());
            each(record, &change.header, &leaf)?;
            let count = if leaf.field.is_some() { &mut report.shown } else { &mut report.withheld };
            *count += 1;
        }
        (work.report)(Progress { done: report.changes, ..Progress::default() });
    }
    rights.finish().map_err(|error| refuse(report.changes, error.to_string()))?;
    nothing_newest_hidden(bundle, newest, work)?;
    report.heads = reader.heads();
    let named = |(key, changes): (PublicKey, u64)| {
        let name = members.holder(&key).map(|member| member.name.clone()).unwrap_or_default();
        Author { key, name, changes }
    };
    report.authors = authors.into_iter().map(named).collect();
    Ok(Some(report))
}

/// Nothing newest is withheld, of none of the subjects: of those that did not fit memory the Changes
/// are gone over again.
fn nothing_newest_hidden(
    bundle: &Verified,
    newest: Newest,
    work: Work<'_>,
) -> Result<(), BundleError> {
    let (mut hidden, mut shares) = newest.finish();
    loop {
        if let Some(Hidden { subject, part, change }) = hidden.first() {
            let id = to_hex(subject.id_bytes());
            let why =
                format!("the newest {} of {id}, which is not deleted, is withheld", part.word());
            return Err(refuse(*change, why));
        }
        let Some(share) = shares.pop() else { return Ok(()) };
        let mut newest = Newest::of(share);
        walk_again(bundle, work, &mut |record, _, leaf| {
            newest.push(record, &leaf.part, leaf.field.as_ref());
            Ok(())
        })?;
        let others;
        (hidden, others) = newest.finish();
        shares.extend(others);
    }
}

fn refuse(record: u64, why: String) -> BundleError {
    Refusal::Provenance { file: CHANGES, record, why }.into()
}
