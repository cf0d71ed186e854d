//! Rows of the chain and of revisions that several kinds of work look up or write.

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Chained, Header, Intent, Part, Subject};
use vaultmark_model::{ChangeId, PublicKey, ReplicaId};

use super::schema::Db;
use crate::StoreError;

/// Parts that a subject is created with.
pub(super) const fn is_in_whole(part: Part) -> bool {
    matches!(
        part,
        Part::Presence
            | Part::Geometry
            | Part::Label
            | Part::ZOrder
            | Part::Name
            | Part::Color
            | Part::Key
    )
}

/// The newest revision row of a part, the whole apart.
pub(super) fn newest_revision(
    db: &Connection,
    subject: &Subject,
    part: Part,
) -> Result<Option<i64>, StoreError> {
    db.prepare_cached(
        "SELECT row FROM revision WHERE subject = ?1 AND part = ?2 AND part > 0 AND kind = ?3
         ORDER BY row DESC LIMIT 1",
    )
    .and_then(|mut s| {
        s.query_row(params![subject.id_bytes(), part.code(), subject.code()], |r| r.get(0))
            .optional()
    })
    .db("looking up a revision")
}

/// The revision row of a subject's whole.
pub(super) fn whole_row(db: &Connection, subject: &Subject) -> Result<Option<i64>, StoreError> {
    let sql = match subject {
        Subject::Item(_) => "SELECT row FROM item WHERE id = ?1",
        Subject::Label(_) => "SELECT row FROM label WHERE id = ?1",
        Subject::Annotation(_) => "SELECT number FROM annotation_key WHERE id = ?1",
    };
    db.prepare_cached(sql)
        .and_then(|mut s| s.query_row([subject.id_bytes()], |r| r.get(0)).optional())
        .db("looking up a revision")
}

/// A change with the rows it belongs to.
pub(super) struct Link<'a> {
    pub header: &'a Header,
    pub link: &'a Chained,
    pub row: i64,
    pub replica: i64,
    pub author: i64,
}

/// Writes a change's row.
pub(super) fn insert_change(
    db: &Connection,
    change: &Link<'_>,
    first: i64,
    reverses: Option<i64>,
    prior: Option<i64>,
) -> Result<(), StoreError> {
    let Link { header, link, .. } = change;
    db.prepare_cached(
        "INSERT INTO change (row, id, replica, seq, author, intent, reverses, prior, time, gesture,
                             first, leaves, header, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )
    .and_then(|mut s| {
        s.execute(params![
            change.row,
            header.id.as_bytes(),
            change.replica,
            i64::try_from(header.seq).unwrap_or(i64::MAX),
            change.author,
            intent_code(&header.intent),
            reverses,
            prior,
            header.time.millis(),
            header.tool.gesture,
            first,
            header.leaves,
            link.header,
            link.signature,
        ])
    })
    .map(|_| ())
    .db("writing a change")
}

/// The number of an intent in the table.
pub(super) const fn intent_code(intent: &Intent) -> u8 {
    match intent {
        Intent::Edit => 0,
        Intent::Undo(_) => 1,
        Intent::Redo(_) => 2,
        Intent::Batch => 3,
        Intent::Merge(_) => 4,
    }
}

/// The row of a replica, made where it is new.
pub(super) fn own_row(
    db: &Connection,
    known: Option<i64>,
    replica: &ReplicaId,
) -> Result<i64, StoreError> {
    row_of(db, known, "replica (id)", "SELECT row FROM replica WHERE id = ?1", replica.as_bytes())
}

/// The row of an author, made where it is new.
pub(super) fn author_row(
    db: &Connection,
    known: Option<i64>,
    author: &PublicKey,
) -> Result<i64, StoreError> {
    row_of(db, known, "author (key)", "SELECT row FROM author WHERE key = ?1", &author.to_bytes())
}

fn row_of(
    db: &Connection,
    known: Option<i64>,
    target: &'static str,
    find: &'static str,
    bytes: &[u8],
) -> Result<i64, StoreError> {
    if let Some(row) = known {
        return Ok(row);
    }
    let find_or_make = || {
        if let Some(row) = db.query_row(find, [bytes], |r| r.get(0)).optional()? {
            return Ok(row);
        }
        db.execute(&format!("INSERT INTO {target} VALUES (?1)"), [bytes])?;
        Ok(db.last_insert_rowid())
    };
    find_or_make().db("writing a change")
}

/// A change's row by its identifier.
pub(super) fn change_row(db: &Connection, id: &ChangeId) -> Result<Option<i64>, StoreError> {
    db.prepare_cached("SELECT row FROM change WHERE id = ?1")
        .and_then(|mut s| s.query_row([id.as_bytes()], |r| r.get(0)).optional())
        .db("looking up a change")
}
