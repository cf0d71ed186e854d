//! What is known of items, labels and annotations while changes are made.

use rusqlite::{Connection, OptionalExtension};
use vaultmark_model::change::{Part, Subject};
use vaultmark_model::{AnnotationId, Digest, ItemId};

use super::keys::{self, Place};
use super::schema::{Db, Id};
use crate::StoreError;

/// Bits of an annotation's flags column.
pub(super) const FLAGGED: u8 = 1;
pub(super) const OCCLUDED: u8 = 2;
pub(super) const TRUNCATED: u8 = 4;
pub(super) const LOCKED: u8 = 8;
pub(super) const HIDDEN: u8 = 16;

/// What is known of an item while changes are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownItem {
    pub row: i64,
    pub present: bool,
    pub content: Digest,
}

/// What is known of a label.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownLabel {
    pub row: i64,
    pub present: bool,
}

/// What is known of an annotation.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownAnnotation {
    pub item: i64,
    pub number: i64,
    pub present: bool,
    pub label: Option<i64>,
    pub flags: u8,
}

/// An annotation's state by its identifier.
pub(super) fn annotation(
    db: &Connection,
    id: &AnnotationId,
) -> Result<Option<KnownAnnotation>, StoreError> {
    keys::find(db, id)?.map(|place| annotation_at(db, place)).transpose()
}

/// An annotation's state by its place.
pub(super) fn annotation_at(db: &Connection, place: Place) -> Result<KnownAnnotation, StoreError> {
    let (item, number) = place;
    db.prepare_cached(
        "SELECT present, label, flags FROM annotation WHERE item = ?1 AND number = ?2",
    )
    .and_then(|mut s| {
        s.query_row([item, number], |r| {
            Ok(KnownAnnotation {
                item,
                number,
                present: r.get(0)?,
                label: r.get(1)?,
                flags: r.get(2)?,
            })
        })
    })
    .db("looking up an annotation")
}

/// An item's identifier by its row.
pub(super) fn item_id(db: &Connection, row: i64) -> Result<ItemId, StoreError> {
    db.prepare_cached("SELECT id FROM item WHERE row = ?1")
        .and_then(|mut s| s.query_row([row], |r| r.get::<_, Id>(0)))
        .map(|id| ItemId::from_bytes(id.0))
        .db("looking up an item")
}

/// The bit of a part in the flags column; zero for parts that are none.
pub(super) const fn flag_bit(part: Part) -> u8 {
    match part {
        Part::Flagged => FLAGGED,
        Part::Occluded => OCCLUDED,
        Part::Truncated => TRUNCATED,
        Part::Locked => LOCKED,
        Part::Hidden => HIDDEN,
        _ => 0,
    }
}

/// Whether a subject is there; none where it is not known.
pub(super) fn is_present(db: &Connection, subject: &Subject) -> Result<Option<bool>, StoreError> {
    let sql = match subject {
        Subject::Annotation(id) => return Ok(annotation(db, id)?.map(|known| known.present)),
        Subject::Item(_) => "SELECT present FROM item WHERE id = ?1",
        Subject::Label(_) => "SELECT present FROM label WHERE id = ?1",
    };
    db.prepare_cached(sql)
        .and_then(|mut s| s.query_row([subject.id_bytes()], |r| r.get(0)).optional())
        .db("looking up a subject")
}
