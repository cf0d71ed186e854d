//! Reading annotations: an item's, and all of them in the order of an export.

use std::collections::HashMap;
use std::sync::mpsc::{SyncSender, sync_channel};

use rusqlite::{CachedStatement, Connection, Row};
use vaultmark_model::{Annotation, AnnotationId, ItemId, LabelId};

use super::Project;
use super::items::text;
use super::known::{FLAGGED, HIDDEN, LOCKED, OCCLUDED, TRUNCATED};
use super::schema::{Db, Id, canonical, malformed};
use crate::StoreError;

/// Annotations decoded ahead of the caller, handed over this many at once.
const PARCEL: usize = 512;
/// Parcels under way; the bound on memory.
const UNDER_WAY: usize = 8;

const READ: &str = "SELECT number, id, label, z_order, flags, note, shape, source FROM annotation";

/// An annotation with the integers of its item and itself.
type Numbered = (u32, u64, Annotation);

impl Project {
    /// The annotations of an item, in the order of their numbers.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn annotations(&self, item: ItemId) -> Result<Vec<Annotation>, StoreError> {
        let db = self.readers.snapshot()?;
        let mut found = Vec::new();
        let Some(row) = item_row(&db, &item)? else { return Ok(found) };
        let labels = labels(&db)?;
        read(&db, &mut of_item(&db)?, item, row, &labels, &mut |_, annotation| {
            found.push(annotation);
            Ok(())
        })?;
        Ok(found)
    }

    /// One annotation, if it is there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn annotation(&self, id: AnnotationId) -> Result<Option<Annotation>, StoreError> {
        let db = self.readers.snapshot()?;
        let Some(known) = super::known::annotation(&db, &id)?.filter(|known| known.present) else {
            return Ok(None);
        };
        let item = super::known::item_id(&db, known.item)?;
        let labels = labels(&db)?;
        let sql = format!("{READ} WHERE item = ?1 AND number = ?2");
        db.prepare_cached(&sql)
            .and_then(|mut s| {
                s.query_row([known.item, known.number], |r| Ok(parse(&db, item, r, &labels)))
            })
            .db("reading an annotation")?
            .map(|(_, annotation)| Some(annotation))
    }

    /// Calls `f` with the number of the item, the number of the annotation and the annotation, for
    /// all of them, by item number, then annotation number. Reading and decoding go on in a thread
    /// beside the caller's; memory does not grow with the project.
    ///
    /// # Errors
    /// Where the database fails, and what `f` says.
    pub fn each_annotation<E: From<StoreError>>(
        &self,
        f: &mut dyn FnMut(u32, u64, Annotation) -> Result<(), E>,
    ) -> Result<(), E> {
        std::thread::scope(|scope| {
            let (sender, parcels) = sync_channel(UNDER_WAY);
            let reading = scope.spawn(move || self.read_all(&sender));
            for parcel in &parcels {
                for (item, number, annotation) in parcel {
                    f(item, number, annotation)?;
                }
            }
            // Ended by itself: it may have ended with an error.
            let ended = reading.join().map_err(|_| {
                StoreError::refused(
                    "reading the annotations",
                    "the reading thread stopped; try again",
                )
            });
            Ok(ended??)
        })
    }

    /// Sends everything in parcels; ends without an error where nobody listens any more.
    fn read_all(&self, parcels: &SyncSender<Vec<Numbered>>) -> Result<(), StoreError> {
        match self.send_all(parcels) {
            Err(StoreError::Cancelled) => Ok(()),
            ended => ended,
        }
    }

    fn send_all(&self, parcels: &SyncSender<Vec<Numbered>>) -> Result<(), StoreError> {
        const WHAT: &str = "reading the annotations";
        let db = self.readers.snapshot()?;
        let labels = labels(&db)?;
        let mut items = db
            .prepare_cached(
                "SELECT row, id, number FROM item WHERE present = 1 AND annotations > 0
                 ORDER BY number, row",
            )
            .db(WHAT)?;
        let mut items = items.query([]).db(WHAT)?;
        let mut statement = of_item(&db)?;
        let mut parcel = Vec::with_capacity(PARCEL);
        while let Some(item) = items.next().db(WHAT)? {
            let facts = || Ok((item.get(0)?, item.get::<_, Id>(1)?, item.get(2)?));
            let (row, id, number): (i64, Id, u32) = facts().db(WHAT)?;
            let id = ItemId::from_bytes(id.0);
            read(&db, &mut statement, id, row, &labels, &mut |own, annotation| {
                parcel.push((number, own, annotation));
                if parcel.len() < PARCEL {
                    return Ok(());
                }
                let full = std::mem::replace(&mut parcel, Vec::with_capacity(PARCEL));
                parcels.send(full).map_err(|_| StoreError::Cancelled)
            })?;
        }
        parcels.send(parcel).map_err(|_| StoreError::Cancelled)
    }
}

/// The row of an item that is present.
fn item_row(db: &Connection, id: &ItemId) -> Result<Option<i64>, StoreError> {
    use rusqlite::OptionalExtension;
    db.prepare_cached("SELECT row FROM item WHERE id = ?1 AND present = 1")
        .and_then(|mut s| s.query_row([id.as_bytes()], |r| r.get(0)).optional())
        .db("looking up an item")
}

fn labels(db: &Connection) -> Result<HashMap<i64, LabelId>, StoreError> {
    db.prepare_cached("SELECT row, id FROM label")
        .and_then(|mut s| {
            s.query_map([], |r| Ok((r.get(0)?, LabelId::from_bytes(r.get::<_, Id>(1)?.0))))?
                .collect()
        })
        .db("reading the labels")
}

/// The statement that gives the present annotations of one item.
fn of_item(db: &Connection) -> Result<CachedStatement<'_>, StoreError> {
    db.prepare_cached(&format!("{READ} WHERE item = ?1 AND present = 1 ORDER BY number"))
        .db("reading the annotations")
}

/// Reads the present annotations of one item.
fn read(
    db: &Connection,
    statement: &mut CachedStatement<'_>,
    item: ItemId,
    row: i64,
    labels: &HashMap<i64, LabelId>,
    f: &mut dyn FnMut(u64, Annotation) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    const WHAT: &str = "reading the annotations";
    let mut rows = statement.query([row]).db(WHAT)?;
    while let Some(row) = rows.next().db(WHAT)? {
        let (number, annotation) = parse(db, item, row, labels)?;
        f(number, annotation)?;
    }
    Ok(())
}

fn parse(
    db: &Connection,
    item: ItemId,
    row: &Row<'_>,
    labels: &HashMap<i64, LabelId>,
) -> Result<(u64, Annotation), StoreError> {
    let unreadable = || malformed("an annotation");
    let blob = |at| row.get_ref(at).ok().and_then(|v| v.as_blob().ok()).ok_or_else(unreadable);
    let columns = || {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, Id>(1)?,
            row.get::<_, i64>(2)?,
            row.get(3)?,
            row.get::<_, u8>(4)?,
            row.get::<_, Option<i64>>(5)?,
        ))
    };
    let (number, id, label, z_order, flags, note) = columns().db("reading an annotation")?;
    let annotation = Annotation {
        id: AnnotationId::from_bytes(id.0),
        item,
        label: labels.get(&label).copied().ok_or_else(unreadable)?,
        shape: canonical(blob(6)?)?,
        z_order,
        flagged: flags & FLAGGED != 0,
        occluded: flags & OCCLUDED != 0,
        truncated: flags & TRUNCATED != 0,
        locked: flags & LOCKED != 0,
        hidden: flags & HIDDEN != 0,
        note: note.map(|row| note_text(db, row)).transpose()?.unwrap_or_default(),
        source: canonical(blob(7)?)?,
    };
    Ok((u64::try_from(number).unwrap_or(0), annotation))
}

/// The note that a revision holds.
fn note_text(db: &Connection, row: i64) -> Result<String, StoreError> {
    let value: Vec<u8> = db
        .prepare_cached("SELECT value FROM revision WHERE row = ?1")
        .and_then(|mut s| s.query_row([row], |r| r.get(0)))
        .db("reading a note")?;
    text(&value)
}
