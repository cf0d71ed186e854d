//! Taking in a history that was made elsewhere. Foreign links are kept as they are; what is made
//! here afterwards goes into this replica's own chain.

use std::io::Read;

use rusqlite::{OptionalExtension, params};
use vaultmark_crypto::chain::{
    ChainError, ChainVerifier, LeafVerifier, OwnedLeaf, Seen, leaf_digest,
};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Chained, Header, Heads, Intent};
use vaultmark_model::id::to_hex;
use vaultmark_model::work::Cancel;
use vaultmark_model::{ChangeId, ItemId};

use super::Project;
use super::items::read_item;
use super::links::{Link, author_row, change_row, insert_change, own_row};
use super::media::insert_media;
use super::provenance::LeafStream;
use super::schema::Db;
use super::state::State;
use super::withheld;
use super::writer::{Locked, Tail};
use crate::StoreError;
use crate::blob::{Placed, Sealed};

/// Files that are written out together.
const GROUP: usize = 64;

/// A history under way into an empty project. All or nothing: dropped unfinished it leaves the
/// project empty.
pub struct Receiver<'p> {
    project: &'p Project,
    locked: Locked<'p>,
    verifier: ChainVerifier,
    state: State,
    /// The last rows written.
    change: i64,
    revision: i64,
    changes: u64,
    /// Files to be written out.
    waiting: Vec<Sealed>,
    /// Files that are, until their rows are durable.
    placed: Placed<'p>,
    open: bool,
}

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Links.
    pub changes: u64,
    /// Leaves, those included that are withheld.
    pub leaves: u64,
    /// Files.
    pub media: u64,
    /// The last link of each chain.
    pub heads: Heads,
}

impl Project {
    /// Begins to take in a history. The project must have none: bringing a history to another one
    /// is merging.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the project has changes already.
    pub fn receive(&self) -> Result<Receiver<'_>, StoreError> {
        let locked = self.writing.lock()?;
        if locked.tail.change != 0 {
            return Err(StoreError::refused(
                "receiving a project",
                "it has a history already; receive it into another vault, or wait for merging",
            ));
        }
        locked.begin()?;
        Ok(Receiver {
            project: self,
            verifier: ChainVerifier::new(self.identity.id),
            state: State::default(),
            change: locked.tail.change,
            revision: locked.tail.revision,
            changes: 0,
            waiting: Vec::new(),
            placed: Placed::new(&self.blobs),
            open: true,
            locked,
        })
    }
}

impl Receiver<'_> {
    /// Takes in the next link with its leaves. Everything is verified: form, signature, place in
    /// its chain, payload against what was signed. Whether the author may is the caller's question.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] says what does not hold. The receiver must then be dropped.
    pub fn change(
        &mut self,
        link: &Chained,
        leaves: &mut LeafStream<'_>,
    ) -> Result<(), StoreError> {
        let header = self.verifier.accept(link).map_err(broken)?;
        if header.replica == self.project.identity.replica {
            return Err(StoreError::refused(
                "receiving a project",
                "it holds changes that claim to be of this very copy",
            ));
        }
        let reverses = match &header.intent {
            Intent::Undo(of) | Intent::Redo(of) => Some(self.known(of)?),
            Intent::Edit | Intent::Batch | Intent::Merge(_) => None,
        };
        self.change += 1;
        let first = self.revision + 1;
        let mut verifier = LeafVerifier::new(&header);
        for leaf in leaves {
            let leaf = leaf?;
            let seen = verifier.push(&leaf.as_leaf()).map_err(broken)?;
            self.revision += 1;
            self.keep(&leaf, &seen)?;
            if let Some(field) = &seen.field {
                let (subject, part) = (&field.subject, field.part);
                self.state.apply(&self.locked.db, self.revision, subject, part, &field.value)?;
            }
        }
        verifier.finish().map_err(broken)?;
        self.keep_link(&header, link, first, reverses)?;
        self.changes += 1;
        Ok(())
    }

    /// Takes in the file of an item whose change was taken in. Its content must be the item's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Refused`] where the content is another one,
    /// [`StoreError::Io`] and its kin.
    pub fn media(&mut self, item: ItemId, plaintext: &mut dyn Read) -> Result<(), StoreError> {
        let known = read_item(&self.locked.db, &item)?
            .ok_or_else(|| StoreError::not_found("item", item))?;
        let sealed = self.project.seal_for(&known.body, plaintext)?;
        insert_media(&self.locked.db, &item, &sealed)?;
        self.waiting.push(sealed);
        if self.waiting.len() >= GROUP { self.place() } else { Ok(()) }
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where what was shown does not hang together;
    /// [`StoreError::DiskFull`] and its kin: nothing was received.
    pub fn finish(mut self) -> Result<Received, StoreError> {
        self.place()?;
        self.state.flush(&self.locked.db)?;
        self.check_whole()?;
        self.locked.commit()?;
        self.open = false;
        self.locked.shrink();
        let project = self.project;
        let media = std::mem::replace(&mut self.placed, Placed::new(&project.blobs)).keep();
        let tail = Tail::read(
            &self.locked.db,
            &project.identity.replica,
            &project.author.signer.public(),
        )?;
        let leaves = u64::try_from(tail.revision).unwrap_or(0);
        self.locked.tail = tail;
        Ok(Received { changes: self.changes, leaves, media, heads: self.verifier.heads() })
    }

    /// The last link of each chain taken in so far.
    #[must_use]
    pub fn heads(&self) -> Heads {
        self.verifier.heads()
    }

    fn place(&mut self) -> Result<(), StoreError> {
        self.project.blobs.place(&mut self.waiting)?;
        self.placed.take(self.waiting.drain(..));
        Ok(())
    }

    fn known(&self, id: &ChangeId) -> Result<i64, StoreError> {
        change_row(&self.locked.db, id)?.ok_or_else(|| {
            StoreError::damaged("history", "a change takes back one that is not in it")
        })
    }

    fn keep(&self, leaf: &OwnedLeaf, seen: &Seen) -> Result<(), StoreError> {
        let (salt, value, digest) = match (leaf, &seen.field) {
            (OwnedLeaf::Disclosed { salt, .. }, Some(field)) => {
                let mut e = minicbor::Encoder::new(Vec::new());
                // Writing into memory: the error type has no values.
                let _ = field.value.encode(&mut e);
                (Some(salt), Some(e.into_writer()), None)
            }
            (leaf, _) => (None, None, Some(leaf_digest(&leaf.as_leaf()))),
        };
        let of = &seen.part;
        self.locked
            .db
            .prepare_cached(
                "INSERT INTO revision (row, change, kind, subject, part, base, salt, value, digest)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .and_then(|mut s| {
                s.execute(params![
                    self.revision,
                    self.change,
                    of.subject.code(),
                    of.subject.id_bytes(),
                    of.part.code(),
                    of.base.map(|base| base.to_bytes()),
                    salt,
                    value,
                    digest.as_ref().map(|digest| digest.as_bytes()),
                ])
            })
            .map(|_| ())
            .db("writing a revision")
    }

    fn keep_link(
        &self,
        header: &Header,
        link: &Chained,
        first: i64,
        reverses: Option<i64>,
    ) -> Result<(), StoreError> {
        let db = &self.locked.db;
        if change_row(db, &header.id)?.is_some() {
            return Err(StoreError::damaged(
                "history",
                "two changes of it have the same identifier",
            ));
        }
        let replica = own_row(db, None, &header.replica)?;
        let author = author_row(db, None, &header.author)?;
        insert_change(
            db,
            &Link { header, link, row: self.change, replica, author },
            first,
            reverses,
            None,
        )
    }

    /// What holds the present state is shown, and what is there refers to what is there.
    fn check_whole(&self) -> Result<(), StoreError> {
        let hidden = withheld::find(&self.locked.db, &Cancel::default())?;
        if let Some((place, why)) = hidden.into_iter().next() {
            return Err(StoreError::damaged(place, why));
        }
        let dangling: Option<Vec<u8>> = self
            .locked
            .db
            .query_row(
                "SELECT a.id FROM annotation a
                   LEFT JOIN item i ON i.row = a.item LEFT JOIN label l ON l.row = a.label
                  WHERE a.present = 1 AND (ifnull(i.present, 0) = 0 OR ifnull(l.present, 0) = 0)
                  LIMIT 1",
                [],
                |r| r.get(0),
            )
            .optional()
            .db("checking what was received")?;
        match dangling {
            None => Ok(()),
            Some(id) => Err(StoreError::damaged(
                format!("annotation {}", to_hex(&id)),
                "its item or its label was not sent along",
            )),
        }
    }
}

impl Drop for Receiver<'_> {
    fn drop(&mut self) {
        if self.open {
            self.locked.roll_back();
        }
    }
}

fn broken(error: ChainError) -> StoreError {
    StoreError::damaged("history", error)
}
