//! Undo and redo: new Changes that set parts back.
//!
//! The stack is the chain: a person's changes on this replica, read from the newest. An undo X is
//! passed over together with what it took back, so the next to undo is the one before that; a redo
//! stands for what it brought back. Nothing else is remembered, so it survives restarts.
//!
//! Whether somebody changed a part since is asked of revisions: one that an undo made counts as the
//! one it restored (`origin`), so that a part moved and moved back is where it was.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{
    Edit, Header, Intent, LISTED_PARTS, Matter, Part, RevisionId, Subject, Value,
};
use vaultmark_model::label::LabelBody;
use vaultmark_model::{ChangeId, ItemId};

use super::draft::Draft;
use super::links::{change_row, newest_revision};
use super::provenance::{COLUMNS, Revision};
use super::schema::{Db, Id, canonical, malformed};
use super::{Committed, Project};
use crate::StoreError;

/// Leaves read at once.
const PARCEL: i64 = 1024;

/// A change that can be taken back or brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The change.
    pub change: ChangeId,
    /// The gesture that made it first.
    pub gesture: String,
    /// The items that it touches; none listed for more than 256.
    pub items: Vec<ItemId>,
}

/// What undo and redo would do now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UndoState {
    /// What undo would take back.
    pub undo: Option<Step>,
    /// What redo would bring back.
    pub redo: Option<Step>,
}

/// A part that could not be set back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Whose part.
    pub subject: Subject,
    /// Which part.
    pub part: Part,
    /// Why.
    pub reason: String,
}

/// What an undo or redo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The new change.
    pub committed: Committed,
    /// Parts of a batch that stay as they are, with the reason; the first 256.
    pub exceptions: Vec<Exception>,
    /// How many there are.
    pub exception_count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Undo,
    Redo,
}

/// A change as the stack sees it.
struct Entry {
    row: i64,
    id: ChangeId,
    intent: u8,
    reverses: Option<i64>,
    prior: Option<i64>,
    first: i64,
    leaves: i64,
}

impl Project {
    /// Takes back this person's last change that is not taken back, as a new Change.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where there is none, or with the reason where a part was changed
    /// since. A batch is taken back as one, and its parts that were changed since are named.
    pub fn undo(&self) -> Result<Undone, StoreError> {
        self.reverse(Direction::Undo, None)
    }

    /// As [`Project::undo`], if it is still this change that it takes back.
    ///
    /// # Errors
    /// As [`Project::undo`]; [`StoreError::Refused`] where another change came in between.
    pub fn undo_of(&self, change: ChangeId) -> Result<Undone, StoreError> {
        self.reverse(Direction::Undo, Some(change))
    }

    /// Brings back what the last undo took back, as a new Change. Any other change of this person
    /// in between leaves nothing to bring back.
    ///
    /// # Errors
    /// As [`Project::undo`].
    pub fn redo(&self) -> Result<Undone, StoreError> {
        self.reverse(Direction::Redo, None)
    }

    /// As [`Project::redo`], if it is still this undo that it takes back.
    ///
    /// # Errors
    /// As [`Project::undo_of`].
    pub fn redo_of(&self, change: ChangeId) -> Result<Undone, StoreError> {
        self.reverse(Direction::Redo, Some(change))
    }

    /// What a change touches, and whether it is a batch or goes back to one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; where the database fails.
    pub fn matters(&self, change: ChangeId) -> Result<(BTreeSet<Matter>, bool), StoreError> {
        let db = self.readers.snapshot()?;
        let row =
            change_row(&db, &change)?.ok_or_else(|| StoreError::not_found("change", change))?;
        let of = entry(&db, row)?;
        // Of which subject it is does not matter, and would be a row of memory for each.
        let found: Vec<(u8, u8)> = db
            .prepare_cached("SELECT DISTINCT kind, part FROM revision WHERE row >= ?1 AND row < ?2")
            .and_then(|mut s| {
                s.query_map([of.first, of.first + of.leaves], |r| Ok((r.get(0)?, r.get(1)?)))?
                    .collect()
            })
            .db("reading the history")?;
        let mut matters = BTreeSet::new();
        for (kind, code) in found {
            let (any, part) = (super::schema::subject(kind, [0; 16])?, super::schema::part(code)?);
            matters.insert(Matter::of(&any, part));
        }
        Ok((matters, original(&db, &of)?.intent == BATCH))
    }

    /// What undo and redo would do now.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn undo_state(&self) -> Result<UndoState, StoreError> {
        let db = self.readers.snapshot()?;
        let mine: Option<i64> = db
            .query_row(
                "SELECT c.row FROM change c
                 WHERE c.replica = (SELECT row FROM replica WHERE id = ?1)
                   AND c.author = (SELECT row FROM author WHERE key = ?2)
                 ORDER BY c.seq DESC LIMIT 1",
                params![self.identity.replica.as_bytes(), self.author.signer.public().to_bytes()],
                |r| r.get(0),
            )
            .optional()
            .db("reading the undo stack")?;
        let step = |entry: Option<Entry>| entry.map(|entry| step(&db, entry)).transpose();
        Ok(UndoState { undo: step(to_undo(&db, mine)?)?, redo: step(to_redo(&db, mine)?)? })
    }

    fn reverse(
        &self,
        direction: Direction,
        expected: Option<ChangeId>,
    ) -> Result<Undone, StoreError> {
        let mut draft = Draft::begin(self)?;
        draft.reversing = true;
        let (what, target) = match direction {
            Direction::Undo => ("undoing", to_undo(&draft.locked.db, draft.locked.tail.mine)?),
            Direction::Redo => ("redoing", to_redo(&draft.locked.db, draft.locked.tail.mine)?),
        };
        let target = target
            .ok_or_else(|| StoreError::refused(what, "there is nothing of yours to take back"))?;
        if expected.is_some_and(|expected| expected != target.id) {
            return Err(StoreError::refused(what, "another change came in between; look again"));
        }
        let is_batch = original(&draft.locked.db, &target)?.intent == BATCH;
        let (mut exceptions, mut count) = (Vec::new(), 0);
        // Backwards: what came last is set back first.
        let mut before = target.first + target.leaves;
        while before > target.first {
            let from = target.first.max(before - PARCEL);
            for leaf in leaves(&draft.locked.db, from, before)?.into_iter().rev() {
                let (subject, part) = (leaf.subject, leaf.part);
                match set_back(&mut draft, &target, &leaf) {
                    Ok(()) => {}
                    Err(StoreError::Refused { why, .. }) if !is_batch => {
                        return Err(StoreError::refused(what, why));
                    }
                    Err(error @ (StoreError::Refused { .. } | StoreError::NotFound { .. }))
                        if is_batch =>
                    {
                        count += 1;
                        if exceptions.len() < LISTED_PARTS {
                            let reason = match error {
                                StoreError::Refused { why, .. } => why,
                                _ => "it was deleted since".into(),
                            };
                            exceptions.push(Exception { subject, part, reason });
                        }
                    }
                    Err(StoreError::NotFound { .. }) => {
                        return Err(StoreError::refused(what, "it was deleted since"));
                    }
                    Err(error) => return Err(error),
                }
            }
            before = from;
        }
        if let (0, Some(first)) = (draft.len(), exceptions.first()) {
            return Err(StoreError::refused(
                what,
                format!("nothing of it can be set back: {}", first.reason),
            ));
        }
        let (intent, gesture) = match direction {
            Direction::Undo => (Intent::Undo(target.id), "undo"),
            Direction::Redo => (Intent::Redo(target.id), "redo"),
        };
        let committed = draft.finish(intent, gesture, Some(target.row))?;
        Ok(Undone { committed, exceptions, exception_count: count })
    }
}

const UNDO: u8 = 1;
const REDO: u8 = 2;
const BATCH: u8 = 3;
const MERGE: u8 = 4;

/// The change that undo takes back, seen from the person's change `at`.
fn to_undo(db: &Connection, mut at: Option<i64>) -> Result<Option<Entry>, StoreError> {
    while let Some(row) = at {
        let one = entry(db, row)?;
        at = match (one.intent, one.reverses) {
            (UNDO, Some(undone)) => entry(db, undone)?.prior,
            (MERGE, _) => one.prior,
            _ => return Ok(Some(one)),
        };
    }
    Ok(None)
}

/// The undo that redo takes back.
fn to_redo(db: &Connection, mut at: Option<i64>) -> Result<Option<Entry>, StoreError> {
    while let Some(row) = at {
        let one = entry(db, row)?;
        at = match (one.intent, one.reverses) {
            (UNDO, _) => return Ok(Some(one)),
            (REDO, Some(redone)) => entry(db, redone)?.prior,
            (MERGE, _) => one.prior,
            _ => return Ok(None),
        };
    }
    Ok(None)
}

/// The change that an undo or redo goes back to in the end.
fn original(db: &Connection, of: &Entry) -> Result<Entry, StoreError> {
    let mut one = entry(db, of.row)?;
    while let (UNDO | REDO, Some(reverses)) = (one.intent, one.reverses) {
        one = entry(db, reverses)?;
    }
    Ok(one)
}

fn entry(db: &Connection, row: i64) -> Result<Entry, StoreError> {
    db.prepare_cached(
        "SELECT id, intent, reverses, prior, first, leaves FROM change WHERE row = ?1",
    )
    .and_then(|mut s| {
        s.query_row([row], |r| {
            Ok(Entry {
                row,
                id: ChangeId::from_bytes(r.get::<_, Id>(0)?.0),
                intent: r.get(1)?,
                reverses: r.get(2)?,
                prior: r.get(3)?,
                first: r.get(4)?,
                leaves: r.get(5)?,
            })
        })
    })
    .db("reading the undo stack")
}

fn step(db: &Connection, entry: Entry) -> Result<Step, StoreError> {
    let first = original(db, &entry)?;
    let header: Vec<u8> = db
        .query_row("SELECT header FROM change WHERE row = ?1", [first.row], |r| r.get(0))
        .db("reading the undo stack")?;
    let header = Header::from_bytes(&header)?;
    let items = header.content.iter().map(|content| content.item).collect();
    Ok(Step { change: entry.id, gesture: header.tool.gesture, items })
}

/// What a leaf set, without the value: that of a shape may have megabytes.
struct Touched {
    row: i64,
    subject: Subject,
    part: Part,
    base: Option<Vec<u8>>,
}

fn leaves(db: &Connection, from: i64, before: i64) -> Result<Vec<Touched>, StoreError> {
    const WHAT: &str = "reading the history";
    let mut statement = db
        .prepare_cached(
            "SELECT row, kind, subject, part, base FROM revision
             WHERE row >= ?1 AND row < ?2 ORDER BY row",
        )
        .db(WHAT)?;
    let mut rows = statement.query([from, before]).db(WHAT)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().db(WHAT)? {
        let columns = || {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Id>(2)?, row.get::<_, u8>(3)?, row.get(4)?))
        };
        let (row, kind, id, code, base) = columns().db(WHAT)?;
        let (subject, part) = (super::schema::subject(kind, id.0)?, super::schema::part(code)?);
        found.push(Touched { row, subject, part, base });
    }
    Ok(found)
}

/// Sets one part back to what the leaf's change found.
fn set_back(draft: &mut Draft<'_>, target: &Entry, leaf: &Touched) -> Result<(), StoreError> {
    let (subject, part) = (&leaf.subject, leaf.part);
    let db = &draft.locked.db;
    let after = target.first + target.leaves;
    if part == Part::Whole {
        check_untouched(db, subject, after)?;
        let present = match subject {
            Subject::Annotation(id) => {
                draft.state.annotation(&draft.locked.db, id)?.map(|known| known.present)
            }
            other => super::known::is_present(db, other)?,
        };
        if !present.ok_or_else(gone)? {
            // The same change took it away again.
            return Ok(());
        }
        let edit = Edit { subject: *subject, part: Part::Presence, value: Value::Flag(false) };
        return draft.push(edit, Some(0));
    }
    let whole = draft.state.whole_row(&draft.locked.db, subject)?.ok_or_else(gone)?;
    if (target.first..after).contains(&whole) {
        // It goes away as a whole.
        return Ok(());
    }
    let now = draft.current(subject, part)?.ok_or_else(gone)?;
    let db = &draft.locked.db;
    if origin(db, now)? != origin(db, leaf.row)? {
        return Err(changed(part));
    }
    let base = leaf.base.as_deref().map(|bytes| base_row(db, bytes)).transpose()?;
    let (value, origin) = match base {
        Some(row) => (value_at(db, row, subject, part)?, origin(db, row)?),
        None => (default(part).ok_or_else(|| malformed("a revision's base"))?, 0),
    };
    draft.push(Edit { subject: *subject, part, value }, Some(origin))
}

/// Demands that nothing of a subject was set since row `after` and left so.
fn check_untouched(db: &Connection, subject: &Subject, after: i64) -> Result<(), StoreError> {
    let parts: Vec<u8> = db
        .prepare_cached(
            "SELECT DISTINCT part FROM revision WHERE subject = ?1 AND part > 0 AND row >= ?2",
        )
        .and_then(|mut s| s.query_map(params![subject.id_bytes(), after], |r| r.get(0))?.collect())
        .db("reading the history")?;
    for code in parts {
        let part = super::schema::part(code)?;
        if let Some(now) = newest_revision(db, subject, part)?
            && origin(db, now)? >= after
        {
            return Err(changed(part));
        }
    }
    Ok(())
}

/// The revision that a row counts as: itself, or the one it restored; zero for the state before any.
fn origin(db: &Connection, row: i64) -> Result<i64, StoreError> {
    db.prepare_cached("SELECT ifnull(origin, row) FROM revision WHERE row = ?1")
        .and_then(|mut s| s.query_row([row], |r| r.get(0)))
        .db("reading the history")
}

fn base_row(db: &Connection, bytes: &[u8]) -> Result<i64, StoreError> {
    let id = RevisionId::from_bytes(bytes)?;
    let change = change_row(db, &id.change)?.ok_or_else(|| malformed("a revision's base"))?;
    Ok(entry(db, change)?.first + i64::from(id.leaf))
}

/// The value of a part as the revision at `row` has it.
fn value_at(db: &Connection, row: i64, subject: &Subject, part: Part) -> Result<Value, StoreError> {
    let revision = db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM revision WHERE row = ?1"))
        .and_then(|mut s| s.query_row([row], |r| Ok(Revision::read(r))))
        .db("reading the history")??;
    let bytes = revision.value.ok_or_else(|| {
        StoreError::refused("restoring", "its former value was erased or never received")
    })?;
    if revision.part != Part::Whole {
        let mut decoder = minicbor::Decoder::new(&bytes);
        return Value::decode(&mut decoder, subject, part).map_err(|_| malformed("a revision"));
    }
    let unfit = || malformed("a revision's base");
    Ok(match (subject, part) {
        (_, Part::Presence) => Value::Flag(true),
        (Subject::Annotation(_), part) => {
            let body: AnnotationBody = canonical(&bytes)?;
            match part {
                Part::Geometry => Value::Shape(body.shape),
                Part::Label => Value::LabelRef(body.label),
                Part::ZOrder => Value::Order(body.z_order),
                _ => return Err(unfit()),
            }
        }
        (Subject::Label(_), part) => {
            let body: LabelBody = canonical(&bytes)?;
            match part {
                Part::Name => Value::Text(body.name),
                Part::Color => Value::Color(body.color),
                Part::Key => Value::Key(body.key),
                _ => return Err(unfit()),
            }
        }
        (Subject::Item(_), _) => return Err(unfit()),
    })
}

/// What a part is before anybody set it, where a whole does not say it.
fn default(part: Part) -> Option<Value> {
    match part {
        Part::Note => Some(Value::Text(String::new())),
        Part::Flagged
        | Part::Occluded
        | Part::Truncated
        | Part::Locked
        | Part::Hidden
        | Part::Done => Some(Value::Flag(false)),
        _ => None,
    }
}

fn gone() -> StoreError {
    StoreError::refused("restoring", "it is not there any more")
}

fn changed(part: Part) -> StoreError {
    let word = match part {
        Part::Presence => "it was deleted or restored since",
        Part::Geometry => "its shape was changed since",
        Part::Label => "its label was changed since",
        Part::Note => "its note was changed since",
        Part::Name => "its name was changed since",
        _ => "it was changed since",
    };
    StoreError::refused("restoring", word)
}
