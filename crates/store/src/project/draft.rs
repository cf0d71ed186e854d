//! A change under construction: fields go in one after the other, each checked, applied to the
//! state and hashed; at the end the header is signed and everything becomes durable at once.
//! Dropped unfinished it leaves nothing.

use std::collections::BTreeMap;

use minicbor::Encoder;
use rusqlite::params;
use vaultmark_crypto::chain::{header_hash, sign_header};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{
    Content, Edit, Header, Intent, LISTED_PARTS, Part, PartRef, Parts, RevisionId, Subject, Tool,
    Value,
};
use vaultmark_model::{ChangeId, Digest, ItemId};

use super::known;
use super::leaves::Leaves;
use super::links::{Link, author_row, insert_change, is_in_whole, newest_revision, own_row};
use super::schema::{Db, Id};
use super::state::State;
use super::writer::Locked;
use super::{Committed, Project};
use crate::StoreError;

/// Leaves of a change from which on its pages are given back.
const LARGE: u32 = 10_000;

pub(super) struct Draft<'p> {
    project: &'p Project,
    pub(super) locked: Locked<'p>,
    pub(super) state: State,
    leaves: Leaves,
    id: ChangeId,
    /// Rows that the change and its first leaf will have.
    change: i64,
    first: i64,
    buffer: Vec<u8>,
    /// What the header lists; none once there is too much of it.
    parts: Option<Vec<PartRef>>,
    content: Option<BTreeMap<ItemId, Digest>>,
    subjects: Vec<Subject>,
    items: Vec<ItemId>,
    /// Highest integers given, this change's included.
    pub(super) item_number: u32,
    pub(super) label_number: u32,
    /// The row and identifier of the item met last.
    last_item: Option<(i64, ItemId)>,
    /// The change met last: the row of its first leaf, their number, its identifier.
    last_change: Option<(i64, i64, ChangeId)>,
    /// It takes back or brings back what this person did.
    pub(super) reversing: bool,
    /// The database failed half-way through a field: the change can't be finished.
    broken: bool,
    open: bool,
}

impl<'p> Draft<'p> {
    pub(super) fn begin(project: &'p Project) -> Result<Self, StoreError> {
        let id = ChangeId::from_bytes(project.ambient.random()?);
        let locked = project.writing.lock()?;
        locked.begin()?;
        let tail = &locked.tail;
        Ok(Self {
            project,
            state: State::default(),
            leaves: Leaves::new(),
            id,
            change: tail.change + 1,
            first: tail.revision + 1,
            buffer: Vec::new(),
            parts: Some(Vec::new()),
            content: Some(BTreeMap::new()),
            subjects: Vec::new(),
            items: Vec::new(),
            item_number: tail.item_number,
            label_number: tail.label_number,
            last_item: None,
            last_change: None,
            reversing: false,
            broken: false,
            open: true,
            locked,
        })
    }

    /// How many fields there are.
    pub(super) fn len(&self) -> u64 {
        self.leaves.len()
    }

    /// Takes a field in. `origin` is the revision that an undo restores, zero where it restores the
    /// state before any. What is refused leaves the change as it was.
    pub(super) fn push(&mut self, edit: Edit, origin: Option<i64>) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::refused(
                "making a change",
                "an earlier part of it failed; begin anew",
            ));
        }
        let index = u32::try_from(self.len()).map_err(|_| {
            StoreError::refused("making a change", "it has too many parts; split it")
        })?;
        let edit = self.admit(edit)?;
        let base = match edit.part {
            Part::Whole => None,
            part => self.current(&edit.subject, part)?,
        };
        let base = base.map(|row| self.revision_id(row)).transpose()?;
        let touched = self.item_of(&edit)?;
        let row = self.first + i64::from(index);
        let salt = self.leaves.salt(&*self.project.ambient.entropy)?;

        let Edit { subject, part, value } = edit;
        self.broken = true;
        if let Err(error) = self.state.apply(&self.locked.db, row, &subject, part, &value) {
            // Refused means that nothing was written.
            self.broken = !matches!(error, StoreError::Refused { .. });
            return Err(error);
        }
        let mut e = Encoder::new(std::mem::take(&mut self.buffer));
        e.writer_mut().clear();
        let (part_at, value_at) =
            encode_field(&mut e, index, &subject, part, base.as_ref(), &value)?;
        let field = e.into_writer();
        self.locked
            .db
            .prepare_cached(
                "INSERT INTO revision (row, change, kind, subject, part, base, origin, salt, value)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .and_then(|mut s| {
                s.execute(params![
                    row,
                    self.change,
                    subject.code(),
                    subject.id_bytes(),
                    part.code(),
                    base.map(|base| base.to_bytes()),
                    origin,
                    salt,
                    &field[value_at..],
                ])
            })
            .db("writing a revision")?;
        self.leaves.push(&salt, &field, part_at..value_at);
        self.buffer = field;
        self.broken = false;
        self.list(PartRef { subject, part, base }, touched);
        Ok(())
    }

    /// Signs the header, writes the change and makes all of it durable.
    pub(super) fn finish(
        mut self,
        intent: Intent,
        gesture: &str,
        reverses: Option<i64>,
    ) -> Result<Committed, StoreError> {
        const WHAT: &str = "making a change";
        if self.broken {
            return Err(StoreError::refused(WHAT, "an earlier part of it failed; begin anew"));
        }
        let leaves = u32::try_from(self.len()).unwrap_or(u32::MAX);
        // What a change did and took back itself needs no setting back, but keeps its place on the
        // stack.
        if leaves == 0 && !self.reversing {
            return Err(StoreError::refused(WHAT, "there is nothing to change"));
        }
        vaultmark_model::text::check_name("gesture", gesture)?;
        let tail = self.locked.tail.clone();
        let author = &self.project.author;
        let membership = tail.membership.ok_or_else(|| {
            StoreError::refused(WHAT, "the project has no members yet, so nobody may change it")
        })?;
        let (root, digest) = std::mem::replace(&mut self.leaves, Leaves::new()).finish()?;
        let header = Header {
            id: self.id,
            project: self.project.identity.id,
            replica: self.project.identity.replica,
            seq: tail.seq + 1,
            previous: tail.hash,
            author: author.signer.public(),
            membership,
            time: self.project.ambient.now(),
            tool: Tool {
                program: author.program.clone(),
                gesture: gesture.to_owned(),
                model: None,
            },
            intent,
            content: self
                .content
                .take()
                .unwrap_or_default()
                .into_iter()
                .map(|(item, digest)| Content { item, digest })
                .collect(),
            parts: self.parts.take().map_or(Parts::Digest(digest), Parts::Listed),
            leaves,
            root,
        };
        let link = sign_header(&header, &author.signer);
        let db = &self.locked.db;
        let replica = own_row(db, tail.replica, &header.replica)?;
        let author = author_row(db, tail.author, &header.author)?;
        insert_change(
            db,
            &Link { header: &header, link: &link, row: self.change, replica, author },
            self.first,
            reverses,
            tail.mine,
        )?;
        self.state.flush(db)?;
        self.locked.commit()?;
        self.open = false;
        if leaves > LARGE {
            self.locked.shrink();
        }

        let tail = &mut self.locked.tail;
        tail.change = self.change;
        tail.revision = self.first + i64::from(leaves) - 1;
        tail.seq = header.seq;
        tail.hash = header_hash(&link.header);
        tail.mine = Some(self.change);
        tail.replica = Some(replica);
        tail.author = Some(author);
        tail.item_number = self.item_number;
        tail.label_number = self.label_number;
        Ok(Committed {
            change: self.id,
            seq: header.seq,
            leaves,
            subjects: std::mem::take(&mut self.subjects),
            items: std::mem::take(&mut self.items),
        })
    }

    /// The revision row that holds a part now: its newest, or the whole where that says it; none
    /// where the part still has its default.
    pub(super) fn current(
        &mut self,
        subject: &Subject,
        part: Part,
    ) -> Result<Option<i64>, StoreError> {
        let newest = newest_revision(&self.locked.db, subject, part)?;
        if newest.is_some() || !is_in_whole(part) {
            return Ok(newest);
        }
        self.state.whole_row(&self.locked.db, subject)
    }

    /// Whether a revision is of this person on this replica, this change's included.
    pub(super) fn is_mine(&self, row: i64) -> Result<bool, StoreError> {
        if row >= self.first {
            return Ok(true);
        }
        let (replica, author): (i64, i64) = self
            .locked
            .db
            .prepare_cached(
                "SELECT c.replica, c.author FROM revision r JOIN change c ON c.row = r.change
                 WHERE r.row = ?1",
            )
            .and_then(|mut s| s.query_row([row], |r| Ok((r.get(0)?, r.get(1)?))))
            .db("looking up a revision")?;
        let tail = &self.locked.tail;
        Ok(tail.replica == Some(replica) && tail.author == Some(author))
    }

    fn revision_id(&mut self, row: i64) -> Result<RevisionId, StoreError> {
        let (change, first) = match self.last_change {
            _ if row >= self.first => (self.id, self.first),
            Some((first, leaves, change)) if (first..first + leaves).contains(&row) => {
                (change, first)
            }
            _ => {
                let (first, leaves, change) = self
                    .locked
                    .db
                    .prepare_cached(
                        "SELECT c.first, c.leaves, c.id
                         FROM revision r JOIN change c ON c.row = r.change WHERE r.row = ?1",
                    )
                    .and_then(|mut s| {
                        s.query_row([row], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, Id>(2)?)))
                    })
                    .db("naming a revision")?;
                let change = ChangeId::from_bytes(change.0);
                self.last_change = Some((first, leaves, change));
                (change, first)
            }
        };
        Ok(RevisionId { change, leaf: u32::try_from(row - first).unwrap_or(u32::MAX) })
    }

    /// The item that an edit touches, with its content.
    fn item_of(&mut self, edit: &Edit) -> Result<Option<(ItemId, Digest)>, StoreError> {
        if self.content.is_none() && self.items.len() >= LISTED_PARTS {
            return Ok(None);
        }
        let id = match (&edit.subject, &edit.value) {
            (Subject::Item(id), Value::Item(body)) => return Ok(Some((*id, body.content))),
            (Subject::Item(id), _) => *id,
            (Subject::Label(_), _) => return Ok(None),
            (Subject::Annotation(_), Value::Annotation(body)) => body.item,
            (Subject::Annotation(id), _) => {
                let Some(known) = self.state.annotation(&self.locked.db, id)? else {
                    return Ok(None);
                };
                match self.last_item {
                    Some((row, id)) if row == known.item => id,
                    _ => {
                        let id = known::item_id(&self.locked.db, known.item)?;
                        self.last_item = Some((known.item, id));
                        id
                    }
                }
            }
        };
        Ok(self.state.item(&self.locked.db, &id)?.map(|known| (id, known.content)))
    }

    /// Remembers what the header and the caller are told.
    fn list(&mut self, part: PartRef, touched: Option<(ItemId, Digest)>) {
        if self.subjects.len() < LISTED_PARTS && self.subjects.last() != Some(&part.subject) {
            self.subjects.push(part.subject);
        }
        match &mut self.parts {
            Some(parts) if parts.len() < LISTED_PARTS => parts.push(part),
            parts => *parts = None,
        }
        let Some((item, digest)) = touched else { return };
        match &mut self.content {
            Some(content) if content.contains_key(&item) => {}
            Some(content) if content.len() < LISTED_PARTS => {
                content.insert(item, digest);
                self.items.push(item);
            }
            content => *content = None,
        }
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if self.open {
            self.locked.roll_back();
        }
    }
}

/// Appends a field's canonical bytes and says where its subject and its value begin.
fn encode_field(
    e: &mut Encoder<Vec<u8>>,
    index: u32,
    subject: &Subject,
    part: Part,
    base: Option<&RevisionId>,
    value: &Value,
) -> Result<(usize, usize), StoreError> {
    let base = base.map(Canonical::to_bytes);
    let part_at = super::provenance::encode_field_head(e, index, subject, part, base.as_deref());
    let value_at = e.writer().len();
    value
        .encode(e)
        .map_err(|_| StoreError::refused("making a change", "a value can't be encoded"))?;
    Ok((part_at, value_at))
}
