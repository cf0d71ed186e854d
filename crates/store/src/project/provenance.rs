//! The history as it leaves: links with their payload, of which only what is asked for is shown.

use std::collections::HashSet;

use minicbor::Encoder;
use rusqlite::{Connection, Row, Rows, params};
use vaultmark_crypto::chain::{OwnedLeaf, header_hash, leaf_digest};
use vaultmark_crypto::sha512;
use vaultmark_model::canonical::{Canonical, EncodeResult};
use vaultmark_model::change::{Chained, Heads, Part, PartRef, RevisionId, Subject};
use vaultmark_model::{Digest, PublicKey, ReplicaId};

use super::Project;
use super::links::newest_revision;
use super::schema::{Db, Id, Sha, malformed, part, subject};
use crate::{SignedStatement, StoreError};

/// The most deleted things that are remembered while a history leaves, some 130 MB; beyond it each leaf
/// is asked for. Tests see both ways.
const REMEMBERED: usize = if cfg!(test) { 1 } else { 4_000_000 };

/// How much of the payload is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// What holds the present state: of subjects that are there, the whole and the newest revision
    /// of each part; of deleted ones, that they were deleted. Nothing else of what was deleted, and
    /// nothing that was replaced.
    Current,
    /// Everything that was not erased.
    History,
}

/// The leaves of one link, read as they are asked for.
pub type LeafStream<'l> = dyn Iterator<Item = Result<OwnedLeaf, StoreError>> + 'l;

/// What is called with each link and its leaves.
pub type EachChange<'f, E> = dyn FnMut(&Chained, &mut LeafStream<'_>) -> Result<(), E> + 'f;

/// One row of `revision`.
pub(super) struct Revision {
    pub row: i64,
    pub subject: Subject,
    pub part: Part,
    pub base: Option<Vec<u8>>,
    pub salt: Option<[u8; 16]>,
    pub value: Option<Vec<u8>>,
    pub digest: Option<Digest>,
}

/// The columns that [`Revision::read`] expects.
pub(super) const COLUMNS: &str = "row, kind, subject, part, base, salt, value, digest";

impl Project {
    /// Calls `f` with every link and its leaves, in the order in which they came here: the link
    /// before comes before, and so does what a leaf is based on. One snapshot; bounded memory.
    ///
    /// # Errors
    /// Where the database fails, and what `f` says.
    pub fn each_change<E: From<StoreError>>(
        &self,
        disclose: Disclosure,
        f: &mut EachChange<'_, E>,
    ) -> Result<(), E> {
        const WHAT: &str = "reading the history";
        let db = self.readers.snapshot()?;
        let shown = match disclose {
            Disclosure::Current => Some(Shown { db: &db, absent: absent(&db, REMEMBERED)? }),
            Disclosure::History => None,
        };
        let mut changes = db
            .prepare("SELECT header, signature, first, leaves FROM change ORDER BY row")
            .db(WHAT)?;
        let mut changes = changes.query([]).db(WHAT)?;
        while let Some(change) = changes.next().db(WHAT)? {
            let columns = || Ok((change.get(0)?, change.get(1)?, change.get(2)?, change.get(3)?));
            let (header, signature, first, leaves): (_, _, i64, i64) = columns().db(WHAT)?;
            let mut statement = leaves_of(&db)?;
            let rows = statement.query([first, first + leaves]).db(WHAT)?;
            let mut leaves = LeafRows { rows, first, shown: shown.as_ref() };
            f(&Chained { header, signature }, &mut leaves)?;
        }
        Ok(())
    }

    /// This vault's membership statements, in their order. Whether they hold is the caller's to
    /// settle.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn statements(&self) -> Result<Vec<SignedStatement>, StoreError> {
        self.read_statements(false)
    }

    /// The membership statements that came along with a received project, in their order.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn received_statements(&self) -> Result<Vec<SignedStatement>, StoreError> {
        self.read_statements(true)
    }

    /// Keeps this vault's membership statement `seq`, counted from zero.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where there is one at that place already.
    pub fn put_statement(&self, seq: u64, one: &SignedStatement) -> Result<(), StoreError> {
        self.keep_statement(false, seq, one)
    }

    /// Keeps membership statement `seq` of those that came along, counted from zero over all lists.
    ///
    /// # Errors
    /// As [`Project::put_statement`].
    pub fn put_received_statement(
        &self,
        seq: u64,
        one: &SignedStatement,
    ) -> Result<(), StoreError> {
        self.keep_statement(true, seq, one)
    }

    fn read_statements(&self, received: bool) -> Result<Vec<SignedStatement>, StoreError> {
        self.readers
            .snapshot()?
            .prepare("SELECT bytes, signature FROM statement WHERE received = ?1 ORDER BY seq")
            .and_then(|mut s| {
                s.query_map([received], |r| {
                    Ok(SignedStatement { bytes: r.get(0)?, signature: r.get(1)? })
                })?
                .collect()
            })
            .db("reading the membership")
    }

    fn keep_statement(
        &self,
        received: bool,
        seq: u64,
        one: &SignedStatement,
    ) -> Result<(), StoreError> {
        const WHAT: &str = "keeping a membership statement";
        let mut locked = self.writing.lock()?;
        locked.transaction(|db| {
            let seq = i64::try_from(seq).unwrap_or(i64::MAX);
            let kept = db
                .execute(
                    "INSERT OR IGNORE INTO statement (received, seq, bytes, signature)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![received, seq, one.bytes, one.signature],
                )
                .db(WHAT)?;
            if kept == 1 {
                Ok(())
            } else {
                Err(StoreError::refused(WHAT, "there is one at its place"))
            }
        })?;
        if !received {
            locked.tail.membership = Some(sha512(&one.bytes));
        }
        Ok(())
    }

    /// The keys of everybody who made a change that is here.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn authors(&self) -> Result<Vec<PublicKey>, StoreError> {
        let keys: Vec<Vec<u8>> = self
            .readers
            .snapshot()?
            .prepare("SELECT key FROM author ORDER BY row")
            .and_then(|mut s| s.query_map([], |r| r.get(0))?.collect())
            .db("reading the authors")?;
        keys.iter().map(|bytes| Ok(PublicKey::from_bytes(bytes)?)).collect()
    }
}

/// The last link of every chain.
pub(super) fn heads(db: &Connection) -> Result<Heads, StoreError> {
    db.prepare(
        "SELECT r.id, c.seq, c.header FROM replica r JOIN change c ON c.replica = r.row
         WHERE c.seq = (SELECT max(seq) FROM change WHERE replica = r.row) ORDER BY r.id",
    )
    .and_then(|mut s| {
        s.query_map([], |r| {
            let replica = ReplicaId::from_bytes(r.get::<_, Id>(0)?.0);
            let seq = u64::try_from(r.get::<_, i64>(1)?).unwrap_or(0);
            Ok((replica, seq, header_hash(r.get_ref(2)?.as_blob()?)))
        })?
        .collect()
    })
    .db("reading the heads")
}

/// The statement that gives the leaves from one row to before another.
pub(super) fn leaves_of(db: &Connection) -> Result<rusqlite::CachedStatement<'_>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM revision WHERE row >= ?1 AND row < ?2 ORDER BY row"
    ))
    .db("reading the history")
}

impl Revision {
    /// Reads [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let columns = || -> rusqlite::Result<_> {
            Ok((
                row.get(0)?,
                row.get::<_, u8>(1)?,
                row.get::<_, Id>(2)?,
                row.get::<_, u8>(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
                row.get::<_, Option<Sha>>(7)?,
            ))
        };
        let (row, kind, id, code, base, salt, value, digest) =
            columns().db("reading a revision")?;
        Ok(Self {
            row,
            subject: subject(kind, id.0)?,
            part: part(code)?,
            base,
            salt,
            value,
            digest: digest.map(|digest| digest.0),
        })
    }

    /// The leaf as it was signed; withheld where the payload is gone.
    pub(super) fn leaf(&self, index: u32) -> Result<OwnedLeaf, StoreError> {
        if let (Some(salt), Some(value)) = (self.salt, &self.value) {
            let mut e = Encoder::new(Vec::with_capacity(value.len() + 64));
            encode_field_head(&mut e, index, &self.subject, self.part, self.base.as_deref());
            let mut field = e.into_writer();
            field.extend_from_slice(value);
            return Ok(OwnedLeaf::Disclosed { salt, field });
        }
        let digest = self.digest.ok_or_else(|| malformed("a revision"))?;
        Ok(OwnedLeaf::Withheld { part: self.part_ref()?, digest })
    }

    /// What the leaf is about.
    fn part_ref(&self) -> Result<PartRef, StoreError> {
        let base = self.base.as_deref().map(RevisionId::from_bytes).transpose()?;
        Ok(PartRef { subject: self.subject, part: self.part, base })
    }
}

/// Appends everything of a field but its value (see [`vaultmark_model::change::Field`]) and says where
/// its subject begins; `base` is in canonical form.
pub(super) fn encode_field_head(
    e: &mut Encoder<Vec<u8>>,
    index: u32,
    subject: &Subject,
    part: Part,
    base: Option<&[u8]>,
) -> usize {
    let mut part_at = 0;
    let mut head = || -> EncodeResult {
        e.array(5)?.u32(index)?;
        part_at = e.writer().len();
        subject.encode(e)?;
        part.encode(e)?;
        match base {
            Some(bytes) => e.writer_mut().extend_from_slice(bytes),
            None => {
                e.null()?;
            }
        }
        Ok(())
    };
    // Writing into memory: the error type has no values.
    let _ = head();
    part_at
}

/// What of a project is shown as its present state.
struct Shown<'d> {
    db: &'d Connection,
    /// Everything that was deleted; none where that is more than memory is for.
    absent: Option<HashSet<[u8; 16]>>,
}

impl Shown<'_> {
    fn is_gone(&self, subject: &Subject) -> Result<bool, StoreError> {
        match &self.absent {
            Some(absent) => Ok(absent.contains(subject.id_bytes())),
            None => Ok(super::known::is_present(self.db, subject)? == Some(false)),
        }
    }

    fn shows(&self, revision: &Revision) -> Result<bool, StoreError> {
        let (subject, part) = (&revision.subject, revision.part);
        // The present of what is there, and of everything else that it is not.
        if part != Part::Presence && self.is_gone(subject)? {
            return Ok(false);
        }
        // A whole that is here always has its subject in the state.
        if part == Part::Whole {
            return Ok(true);
        }
        Ok(newest_revision(self.db, subject, part)? == Some(revision.row)
            && (part == Part::Presence || is_known(self.db, subject)?))
    }
}

/// Everything that was deleted, if it is not more than `most`.
fn absent(db: &Connection, most: usize) -> Result<Option<HashSet<[u8; 16]>>, StoreError> {
    let found: HashSet<[u8; 16]> = db
        .prepare(
            "SELECT id FROM annotation WHERE present = 0
             UNION ALL SELECT id FROM item WHERE present = 0
             UNION ALL SELECT id FROM label WHERE present = 0",
        )
        .and_then(|mut s| {
            s.query_map([], |r| r.get::<_, Id>(0).map(|id| id.0))?.take(most + 1).collect()
        })
        .db("reading the history")?;
    Ok((found.len() <= most).then_some(found))
}

fn is_known(db: &Connection, subject: &Subject) -> Result<bool, StoreError> {
    super::links::whole_row(db, subject).map(|row| row.is_some())
}

/// The leaves of one change, read as they are asked for.
struct LeafRows<'s> {
    rows: Rows<'s>,
    first: i64,
    shown: Option<&'s Shown<'s>>,
}

impl LeafRows<'_> {
    fn read(&mut self) -> Result<Option<OwnedLeaf>, StoreError> {
        let Some(row) = self.rows.next().db("reading the history")? else { return Ok(None) };
        let revision = Revision::read(row)?;
        let index = u32::try_from(revision.row - self.first).unwrap_or(u32::MAX);
        let leaf = revision.leaf(index)?;
        match self.shown {
            Some(shown) if !shown.shows(&revision)? => {
                let digest = leaf_digest(&leaf.as_leaf());
                Ok(Some(OwnedLeaf::Withheld { part: revision.part_ref()?, digest }))
            }
            _ => Ok(Some(leaf)),
        }
    }
}

impl Iterator for LeafRows<'_> {
    type Item = Result<OwnedLeaf, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
