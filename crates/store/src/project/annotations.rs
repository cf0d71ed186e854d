//! Reading annotations: an item's, and all of them in the order of an export.

mod parcel;

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use rusqlite::{CachedStatement, Connection, Row};
use vaultmark_model::{Annotation, AnnotationId, ItemId, LabelId};

use self::parcel::{OfItem, Own, Parcel, Sources};
use super::Project;
use super::items::text;
use super::schema::{Db, Id, malformed};
use crate::StoreError;

/// Parcels under way; with what one holds, the bound on memory.
const UNDER_WAY: usize = 8;

/// The page cache of a walk over everything, in SQLite's terms: so many KiB below zero.
const SCAN_CACHE: i64 = -2048;

/// The most annotations of one item that are opened: what the window can show and let edit.
const OPENED_ROWS: usize = 100_000;
/// The most bytes of their shapes, notes and sources.
const OPENED_BYTES: usize = 20 << 20;

const READ: &str = "SELECT number, id, label, z_order, flags, note, shape, source FROM annotation";

impl Project {
    /// The annotations of an item, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where it has more than 100,000, or more than 20 MiB of them; where the
    /// database fails.
    pub fn annotations(&self, item: ItemId) -> Result<Vec<Annotation>, StoreError> {
        let db = self.readers.snapshot()?;
        let mut found = Vec::new();
        let Some(row) = item_row(&db, &item)? else { return Ok(found) };
        let of = OfItem { id: item, row, number: 0 };
        let mut parcel = Parcel::default();
        Reader::new(&db)?.read(&mut of_item(&db)?, &of, &mut parcel, &mut |parcel| {
            if parcel.rows() <= OPENED_ROWS && parcel.cost() <= OPENED_BYTES {
                return Ok(());
            }
            Err(StoreError::refused(
                "opening the item",
                "it has more than 100,000 annotations, or more than 20 MiB of them, which is more \
                 than can be shown; they are safe: export them, or undo the import that brought them",
            ))
        })?;
        parcel.open(&mut Sources::default(), &mut |_, _, annotation| {
            found.push(annotation);
            Ok::<(), StoreError>(())
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
        let of = OfItem { id: item, row: known.item, number: 0 };
        let (reader, mut parcel) = (Reader::new(&db)?, Parcel::default());
        let sql = format!("{READ} WHERE item = ?1 AND number = ?2");
        db.prepare_cached(&sql)
            .and_then(|mut s| {
                s.query_row([known.item, known.number], |row| {
                    Ok(reader.take(&of, row, &mut parcel))
                })
            })
            .db("reading an annotation")??;
        let mut found = None;
        parcel.open(&mut Sources::default(), &mut |_, _, annotation| {
            found = Some(annotation);
            Ok::<(), StoreError>(())
        })?;
        Ok(found)
    }

    /// Calls `f` with the number of the item, the number of the annotation and the annotation, for
    /// all of them, by item number, then annotation number. Reading and decrypting go on in a thread
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
            // Empty ones go back: a parcel's memory serves for many.
            let (give_back, emptied) = channel();
            let reading = scope.spawn(move || self.read_all(&sender, &emptied));
            deliver(&parcels, &give_back, f)?;
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
    fn read_all(
        &self,
        parcels: &SyncSender<Parcel>,
        emptied: &Receiver<Parcel>,
    ) -> Result<(), StoreError> {
        let db = self.readers.snapshot()?;
        // Each page is needed once: a larger cache would only be filled.
        let kept = cache_size(&db)?;
        set_cache_size(&db, SCAN_CACHE)?;
        let sent = send_all(&db, parcels, emptied);
        set_cache_size(&db, kept)?;
        match sent {
            Err(StoreError::Cancelled) => Ok(()),
            ended => ended,
        }
    }
}

fn send_all(
    db: &Connection,
    parcels: &SyncSender<Parcel>,
    emptied: &Receiver<Parcel>,
) -> Result<(), StoreError> {
    const WHAT: &str = "reading the annotations";
    let reader = Reader::new(db)?;
    let mut items = db
        .prepare_cached(
            "SELECT row, id, number FROM item WHERE present = 1 AND annotations > 0
             ORDER BY number, row",
        )
        .db(WHAT)?;
    let mut items = items.query([]).db(WHAT)?;
    let mut statement = of_item(db)?;
    let mut parcel = Parcel::default();
    let send = |parcel| parcels.send(parcel).map_err(|_| StoreError::Cancelled);
    while let Some(item) = items.next().db(WHAT)? {
        let facts = || Ok((item.get(0)?, item.get::<_, Id>(1)?, item.get(2)?));
        let (row, id, number) = facts().db(WHAT)?;
        let of = OfItem { id: ItemId::from_bytes(id.0), row, number };
        reader.read(&mut statement, &of, &mut parcel, &mut |parcel| {
            if !parcel.is_full() {
                return Ok(());
            }
            send(std::mem::replace(parcel, emptied.try_recv().unwrap_or_default()))
        })?;
    }
    send(parcel)
}

fn cache_size(db: &Connection) -> Result<i64, StoreError> {
    db.pragma_query_value(None, "cache_size", |row| row.get(0)).db("reading the annotations")
}

fn set_cache_size(db: &Connection, size: i64) -> Result<(), StoreError> {
    db.pragma_update(None, "cache_size", size).db("reading the annotations")
}

/// Opens parcels as they come and sends them back.
fn deliver<E: From<StoreError>>(
    parcels: &Receiver<Parcel>,
    give_back: &Sender<Parcel>,
    f: &mut dyn FnMut(u32, u64, Annotation) -> Result<(), E>,
) -> Result<(), E> {
    let mut sources = Sources::default();
    for mut parcel in parcels {
        parcel.open(&mut sources, f)?;
        if parcel.is_ordinary() {
            // The reader may have ended already, and needs none.
            let _ = give_back.send(parcel);
        }
    }
    Ok(())
}

fn item_row(db: &Connection, id: &ItemId) -> Result<Option<i64>, StoreError> {
    use rusqlite::OptionalExtension;
    db.prepare_cached("SELECT row FROM item WHERE id = ?1 AND present = 1")
        .and_then(|mut s| s.query_row([id.as_bytes()], |r| r.get(0)).optional())
        .db("looking up an item")
}

/// The statement that gives the present annotations of one item.
fn of_item(db: &Connection) -> Result<CachedStatement<'_>, StoreError> {
    db.prepare_cached(&format!("{READ} WHERE item = ?1 AND present = 1 ORDER BY number"))
        .db("reading the annotations")
}

/// Reads rows of [`READ`].
struct Reader<'a> {
    db: &'a Connection,
    /// By row.
    labels: Vec<(i64, LabelId)>,
}

impl<'a> Reader<'a> {
    fn new(db: &'a Connection) -> Result<Self, StoreError> {
        let labels = db
            .prepare_cached("SELECT row, id FROM label ORDER BY row")
            .and_then(|mut s| {
                s.query_map([], |r| Ok((r.get(0)?, LabelId::from_bytes(r.get::<_, Id>(1)?.0))))?
                    .collect()
            })
            .db("reading the labels")?;
        Ok(Self { db, labels })
    }

    /// Reads the present annotations of one item into a parcel; `each` sees it after each.
    fn read(
        &self,
        statement: &mut CachedStatement<'_>,
        of: &OfItem,
        parcel: &mut Parcel,
        each: &mut dyn FnMut(&mut Parcel) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const WHAT: &str = "reading the annotations";
        let mut rows = statement.query([of.row]).db(WHAT)?;
        while let Some(row) = rows.next().db(WHAT)? {
            self.take(of, row, parcel)?;
            each(parcel)?;
        }
        Ok(())
    }

    /// Takes one row over as it is. Its values are looked at where they lie: there are half a million
    /// rows in one export.
    fn take(&self, of: &OfItem, row: &Row<'_>, parcel: &mut Parcel) -> Result<(), StoreError> {
        let unreadable = || malformed("an annotation");
        let value = |at| row.get_ref(at).map_err(|_| unreadable());
        let integer = |at| value(at)?.as_i64().map_err(|_| unreadable());
        let bytes = |at| value(at)?.as_blob().map_err(|_| unreadable());
        let id = bytes(1)?.try_into().map_err(|_| unreadable())?;
        let label = integer(2)?;
        let label = self.labels.binary_search_by_key(&label, |(row, _)| *row);
        let note = value(5)?.as_i64_or_null().map_err(|_| unreadable())?;
        let own = Own {
            number: u64::try_from(integer(0)?).unwrap_or(0),
            id: AnnotationId::from_bytes(id),
            label: self.labels[label.map_err(|_| unreadable())?].1,
            z_order: integer(3)?.try_into().map_err(|_| unreadable())?,
            flags: integer(4)?.try_into().map_err(|_| unreadable())?,
            note: note.map(|row| note_text(self.db, row)).transpose()?.unwrap_or_default(),
        };
        parcel.put(of, own, bytes(6)?, bytes(7)?);
        Ok(())
    }
}

/// The note that a revision holds.
fn note_text(db: &Connection, row: i64) -> Result<String, StoreError> {
    let value: Vec<u8> = db
        .prepare_cached("SELECT value FROM revision WHERE row = ?1")
        .and_then(|mut s| s.query_row([row], |r| r.get(0)))
        .db("reading a note")?;
    text(&value)
}
