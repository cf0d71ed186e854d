//! The stream of Changes.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufReader, Read, Write};

use vaultmark_crypto::chain::{ChainVerifier, Leaf, LeafVerifier, OwnedLeaf, header_hash};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Chained, Field, Header, Heads, Intent, PartRef};
use vaultmark_model::{Digest, ProjectId, ReplicaId};

use super::CHANGES;
use super::cbor::{ARRAY, Items, UINT, write_bytes, write_head};
use crate::error::BundleError;

/// The most bytes of a header: 4096 heads and 256 parts stay far below.
const HEADER_BYTES: u64 = 1 << 20;
/// The most bytes of a signature, with room for the reserved suites.
const SIGNATURE_BYTES: u64 = 16 * 1024;
/// The most bytes of a field: a polygon of as many vertices as there may be has 18 MB.
const FIELD_BYTES: u64 = 24 << 20;
/// The most bytes of a reference to a part; the longest have 47.
const PART_BYTES: u64 = 64;
/// The most links that merges have named and that have not come yet.
const AWAITED: usize = 65_536;

/// Writes Changes one after the other.
pub struct ChangeWriter<W> {
    out: W,
    /// Leaves of the present Change that are still to come.
    due: u32,
}

impl<W: Write> ChangeWriter<W> {
    /// Writes to `out`; nothing stands before the first Change.
    pub fn new(out: W) -> Self {
        Self { out, due: 0 }
    }

    /// Begins a Change of `leaves` leaves, as its header says.
    ///
    /// # Errors
    /// [`BundleError::ProvenanceOrder`] where leaves of the Change before are missing; what `out`
    /// says.
    pub fn change(&mut self, link: &Chained, leaves: u32) -> Result<(), BundleError> {
        self.nothing_due()?;
        self.due = leaves;
        write_head(&mut self.out, ARRAY, 3)
            .and_then(|()| write_bytes(&mut self.out, &link.header))
            .and_then(|()| write_bytes(&mut self.out, &link.signature))
            .and_then(|()| write_head(&mut self.out, ARRAY, leaves.into()))
            .map_err(failed)
    }

    /// Writes the next leaf of the Change.
    ///
    /// # Errors
    /// [`BundleError::ProvenanceOrder`] where the Change has no more leaves; what `out` says.
    pub fn leaf(&mut self, leaf: &Leaf<'_>) -> Result<(), BundleError> {
        self.due = self.due.checked_sub(1).ok_or_else(|| BundleError::ProvenanceOrder {
            why: "a change has more leaves than its header says".into(),
        })?;
        match leaf {
            Leaf::Withheld { part, digest } => write_head(&mut self.out, ARRAY, 3)
                .and_then(|()| write_head(&mut self.out, UINT, 0))
                .and_then(|()| write_bytes(&mut self.out, digest.as_bytes()))
                .and_then(|()| write_bytes(&mut self.out, &part.to_bytes())),
            Leaf::Disclosed { salt, field } => write_head(&mut self.out, ARRAY, 3)
                .and_then(|()| write_head(&mut self.out, UINT, 1))
                .and_then(|()| write_bytes(&mut self.out, salt))
                .and_then(|()| write_bytes(&mut self.out, field)),
        }
        .map_err(failed)
    }

    /// Ends the sequence.
    ///
    /// # Errors
    /// [`BundleError::ProvenanceOrder`] where leaves are missing; what `out` says.
    pub fn finish(mut self) -> Result<W, BundleError> {
        self.nothing_due()?;
        self.out.flush().map_err(failed)?;
        Ok(self.out)
    }

    fn nothing_due(&self) -> Result<(), BundleError> {
        if self.due == 0 {
            return Ok(());
        }
        let why = format!("{} leaves of the last change are missing", self.due);
        Err(BundleError::ProvenanceOrder { why })
    }
}

fn failed(error: std::io::Error) -> BundleError {
    BundleError::from_io(format!("writing `{CHANGES}`"), error)
}

/// A Change whose header is verified: form, signature, project, place in its chain.
#[derive(Debug, Clone)]
pub struct ProvenChange {
    /// The header's bytes and signature.
    pub link: Chained,
    /// The header.
    pub header: Header,
}

/// A leaf of the present Change. Trust it only when [`ChangeReader::next_leaf`] has given `None`:
/// only then is the Merkle root verified.
#[derive(Debug, Clone)]
pub struct ProvenLeaf {
    /// As it stands in the file.
    pub leaf: OwnedLeaf,
    /// What it is about.
    pub part: PartRef,
    /// What it says, where it is shown.
    pub field: Option<Field>,
}

/// Reads and verifies Changes one after the other.
pub struct ChangeReader<R> {
    items: Items<BufReader<R>>,
    chain: ChainVerifier,
    links: Links,
    leaves: Option<LeafVerifier>,
    due: u32,
}

impl<R: Read> ChangeReader<R> {
    /// Reads the Changes of a project.
    pub fn new(input: R, project: ProjectId) -> Self {
        Self {
            items: Items::new(BufReader::with_capacity(64 * 1024, input), CHANGES),
            chain: ChainVerifier::new(project),
            links: Links::default(),
            leaves: None,
            due: 0,
        }
    }

    /// The next Change, or none at the end. Leaves of the one before that were not asked for are
    /// verified first.
    ///
    /// # Errors
    /// [`BundleError::Refused`] names the record and what is wrong with it.
    pub fn next_change(&mut self) -> Result<Option<ProvenChange>, BundleError> {
        while self.next_leaf()?.is_some() {}
        if !self.items.next_record(3)? {
            return match self.links.awaited.first_key_value() {
                None => Ok(None),
                Some(((replica, seq), _)) => Err(self.items.refuse(format!(
                    "a merge before it names change {seq} of {replica}, which is not there"
                ))),
            };
        }
        let link = read_link(&mut self.items)?;
        let header =
            self.chain.accept(&link).map_err(|error| self.items.refuse(error.to_string()))?;
        if self.items.head(ARRAY)? != u64::from(header.leaves) {
            return Err(self.items.refuse("it has another number of leaves than its header says"));
        }
        self.links
            .accept(&header, header_hash(&link.header))
            .map_err(|why| self.items.refuse(why))?;
        self.due = header.leaves;
        self.leaves = Some(LeafVerifier::new(&header));
        Ok(Some(ProvenChange { link, header }))
    }

    /// The next leaf of the present Change, or none when all are read and their root is verified.
    ///
    /// # Errors
    /// [`BundleError::Refused`] names the record and what is wrong with it.
    pub fn next_leaf(&mut self) -> Result<Option<ProvenLeaf>, BundleError> {
        let Some(verifier) = &mut self.leaves else { return Ok(None) };
        if self.due == 0 {
            if let Some(verifier) = self.leaves.take() {
                verifier.finish().map_err(|error| self.items.refuse(error.to_string()))?;
            }
            return Ok(None);
        }
        self.due -= 1;
        let leaf = read_leaf(&mut self.items)?;
        let seen =
            verifier.push(&leaf.as_leaf()).map_err(|error| self.items.refuse(error.to_string()))?;
        Ok(Some(ProvenLeaf { leaf, part: seen.part, field: seen.field }))
    }

    /// The last link of each chain read so far.
    #[must_use]
    pub fn heads(&self) -> Heads {
        self.chain.heads()
    }
}

/// Every link read so far, so that the heads that a merge names can be looked up: of each 64 bits of
/// a hash by a secret of this run, which whoever made the links can't aim at.
#[derive(Default)]
struct Links {
    secret: RandomState,
    chains: BTreeMap<ReplicaId, Vec<u64>>,
    /// Links that a merge names and that were not yet read.
    awaited: BTreeMap<(ReplicaId, u64), u64>,
}

impl Links {
    /// Takes a link that the chain accepted; says why where a merge and a link contradict each other.
    fn accept(&mut self, header: &Header, hash: Digest) -> Result<(), String> {
        let other = || "a merge names another change than the one in the chain".to_owned();
        let (replica, mark) = (header.replica, self.mark(&hash));
        self.chains.entry(replica).or_default().push(mark);
        if self.awaited.remove(&(replica, header.seq)).is_some_and(|awaited| awaited != mark) {
            return Err(other());
        }
        let Intent::Merge(heads) = &header.intent else { return Ok(()) };
        for (replica, seq, digest) in heads {
            let named = self.mark(digest);
            let at = seq.checked_sub(1).and_then(|at| usize::try_from(at).ok());
            let known = at.and_then(|at| self.chains.get(replica)?.get(at));
            let known =
                known.unwrap_or_else(|| self.awaited.entry((*replica, *seq)).or_insert(named));
            if *known != named {
                return Err(other());
            }
        }
        if self.awaited.len() > AWAITED {
            return Err(format!("merges name more than {AWAITED} changes that come after them"));
        }
        Ok(())
    }

    fn mark(&self, hash: &Digest) -> u64 {
        self.secret.hash_one(hash.as_bytes())
    }
}

pub(super) fn read_link<R: Read>(items: &mut Items<R>) -> Result<Chained, BundleError> {
    Ok(Chained { header: items.bytes(HEADER_BYTES)?, signature: items.bytes(SIGNATURE_BYTES)? })
}

pub(super) fn read_leaf<R: Read>(items: &mut Items<R>) -> Result<OwnedLeaf, BundleError> {
    match (items.head(ARRAY)?, items.head(UINT)?) {
        (3, 0) => {
            let digest = Digest::from_bytes(items.exactly()?);
            let part = items.bytes(PART_BYTES)?;
            let part = PartRef::from_bytes(&part).map_err(|e| items.refuse(e.to_string()))?;
            Ok(OwnedLeaf::Withheld { part, digest })
        }
        (3, 1) => {
            Ok(OwnedLeaf::Disclosed { salt: items.exactly()?, field: items.bytes(FIELD_BYTES)? })
        }
        _ => Err(items.refuse("a leaf is neither shown nor withheld")),
    }
}
