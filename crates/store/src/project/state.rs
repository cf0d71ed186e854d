//! The present state, derived from revisions: the one place that turns a field into rows. Used when
//! changes are made, when they are received, and when `check` replays them.
//!
//! It follows fields and judges none: whether a change is allowed is settled before (see
//! [`super::rules`]), and what was received from elsewhere is judged when all of it is in.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Part, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::{AnnotationId, ItemId, LabelId};

use super::keys::Keys;
use super::known::{KnownAnnotation, KnownItem, KnownLabel, annotation_at, flag_bit};
use super::schema::{Db, Sha};
use crate::StoreError;

/// The most lookups and counters that are kept at once.
const KEPT: usize = 200_000;

/// The state as one transaction sees it: lookups are remembered, counters are kept aside until
/// [`State::flush`], in bounded memory.
#[derive(Debug, Default)]
pub(super) struct State {
    items: HashMap<ItemId, Option<KnownItem>>,
    labels: HashMap<LabelId, Option<KnownLabel>>,
    keys: Keys,
    /// The annotation looked up last: one field asks for it several times.
    last: Option<(AnnotationId, KnownAnnotation)>,
    /// Present annotations gained or lost by (label, item).
    gained: HashMap<(Option<i64>, i64), i64>,
}

impl State {
    pub(super) fn item(
        &mut self,
        db: &Connection,
        id: &ItemId,
    ) -> Result<Option<KnownItem>, StoreError> {
        if let Some(known) = self.items.get(id) {
            return Ok(*known);
        }
        let known = db
            .prepare_cached("SELECT row, present, content FROM item WHERE id = ?1")
            .and_then(|mut s| {
                s.query_row([id.as_bytes()], |r| {
                    let content = r.get::<_, Sha>(2)?.0;
                    Ok(KnownItem { row: r.get(0)?, present: r.get(1)?, content })
                })
                .optional()
            })
            .db("looking up an item")?;
        self.items.insert(*id, known);
        Ok(known)
    }

    pub(super) fn label(
        &mut self,
        db: &Connection,
        id: &LabelId,
    ) -> Result<Option<KnownLabel>, StoreError> {
        if let Some(known) = self.labels.get(id) {
            return Ok(*known);
        }
        let known = db
            .prepare_cached("SELECT row, present FROM label WHERE id = ?1")
            .and_then(|mut s| {
                s.query_row([id.as_bytes()], |r| {
                    Ok(KnownLabel { row: r.get(0)?, present: r.get(1)? })
                })
                .optional()
            })
            .db("looking up a label")?;
        self.labels.insert(*id, known);
        Ok(known)
    }

    pub(super) fn annotation(
        &mut self,
        db: &Connection,
        id: &AnnotationId,
    ) -> Result<Option<KnownAnnotation>, StoreError> {
        if let Some((last, known)) = &self.last
            && last == id
        {
            return Ok(Some(*known));
        }
        let Some(place) = self.keys.find(db, id)? else { return Ok(None) };
        let known = annotation_at(db, place)?;
        self.last = Some((*id, known));
        Ok(Some(known))
    }

    /// The revision row of a subject's whole.
    pub(super) fn whole_row(
        &mut self,
        db: &Connection,
        subject: &Subject,
    ) -> Result<Option<i64>, StoreError> {
        Ok(match subject {
            Subject::Item(id) => self.item(db, id)?.map(|item| item.row),
            Subject::Label(id) => self.label(db, id)?.map(|label| label.row),
            Subject::Annotation(id) => self.annotation(db, id)?.map(|known| known.number),
        })
    }

    /// Present annotations of an item, or of a label, this transaction's included.
    pub(super) fn annotations_of(
        &self,
        db: &Connection,
        subject: &Subject,
        row: i64,
    ) -> Result<i64, StoreError> {
        let (sql, is_item) = match subject {
            Subject::Label(_) => ("SELECT annotations FROM label WHERE row = ?1", false),
            _ => ("SELECT annotations FROM item WHERE row = ?1", true),
        };
        let stored: i64 = db
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row([row], |r| r.get(0)))
            .db("counting annotations")?;
        let mine = |(label, item): &(Option<i64>, i64)| {
            if is_item { *item == row } else { *label == Some(row) }
        };
        Ok(stored + self.gained.iter().filter(|(at, _)| mine(at)).map(|(_, n)| n).sum::<i64>())
    }

    /// Applies one field, which revision `row` holds. Gives the item that it touches, where it
    /// touches one that is known.
    pub(super) fn apply(
        &mut self,
        db: &Connection,
        row: i64,
        subject: &Subject,
        part: Part,
        value: &Value,
    ) -> Result<(), StoreError> {
        self.keep_within_bounds(db)?;
        match (subject, value) {
            (Subject::Item(id), Value::Item(body)) => self.new_item(db, row, id, body),
            (Subject::Label(id), Value::Label(body)) => self.new_label(db, row, id, body),
            (Subject::Annotation(id), Value::Annotation(body)) => {
                self.new_annotation(db, row, id, body)
            }
            (Subject::Item(id), _) => self.set_item(db, row, id, part, value),
            (Subject::Label(id), _) => self.set_label(db, id, part, value),
            (Subject::Annotation(id), _) => self.set_annotation(db, row, id, part, value),
        }
    }

    /// Writes what was kept aside: identifiers and counters.
    pub(super) fn flush(&mut self, db: &Connection) -> Result<(), StoreError> {
        self.keys.flush(db)?;
        self.flush_counters(db)
    }

    /// Forgets what the database knows as well.
    fn keep_within_bounds(&mut self, db: &Connection) -> Result<(), StoreError> {
        if self.items.len() + self.labels.len() + self.gained.len() <= KEPT {
            return Ok(());
        }
        self.items.clear();
        self.labels.clear();
        self.flush_counters(db)
    }

    fn flush_counters(&mut self, db: &Connection) -> Result<(), StoreError> {
        let mut gained: Vec<_> = self.gained.drain().filter(|(_, n)| *n != 0).collect();
        gained.sort_unstable();
        let mut items: HashMap<i64, i64> = HashMap::new();
        let mut labels: HashMap<i64, i64> = HashMap::new();
        for ((label, item), n) in &gained {
            *items.entry(*item).or_default() += n;
            if let Some(label) = label {
                *labels.entry(*label).or_default() += n;
            }
        }
        let write = || {
            let mut pair = db.prepare_cached(
                "INSERT INTO item_label (label, item, annotations) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET annotations = annotations + excluded.annotations",
            )?;
            let mut none = db.prepare_cached(
                "DELETE FROM item_label WHERE label = ?1 AND item = ?2 AND annotations = 0",
            )?;
            for ((label, item), n) in &gained {
                pair.execute(params![label.unwrap_or(0), item, n])?;
                if *n < 0 {
                    none.execute(params![label.unwrap_or(0), item])?;
                }
            }
            for (sql, counts) in [
                ("UPDATE item SET annotations = annotations + ?2 WHERE row = ?1", items),
                ("UPDATE label SET annotations = annotations + ?2 WHERE row = ?1", labels),
            ] {
                let mut update = db.prepare_cached(sql)?;
                let mut counts: Vec<_> = counts.into_iter().filter(|(_, n)| *n != 0).collect();
                counts.sort_unstable();
                for (row, n) in counts {
                    update.execute([row, n])?;
                }
            }
            Ok(())
        };
        write().db("counting annotations")
    }

    fn new_item(
        &mut self,
        db: &Connection,
        row: i64,
        id: &ItemId,
        body: &ItemBody,
    ) -> Result<(), StoreError> {
        let path = body.path.as_bytes();
        let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
        db.prepare_cached(
            "INSERT INTO item (row, id, present, number, path, name, folder, search, content, size)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .and_then(|mut s| {
            s.execute(params![
                row,
                id.as_bytes(),
                body.number,
                path,
                name,
                body.path.folder(),
                body.path.display().to_lowercase(),
                body.content.as_bytes(),
                i64::try_from(body.size).unwrap_or(i64::MAX),
            ])
        })
        .map_err(|e| taken(e, "item", id))?;
        self.items.insert(*id, Some(KnownItem { row, present: true, content: body.content }));
        Ok(())
    }

    fn new_label(
        &mut self,
        db: &Connection,
        row: i64,
        id: &LabelId,
        body: &LabelBody,
    ) -> Result<(), StoreError> {
        db.prepare_cached(
            "INSERT INTO label (row, id, present, number, name, color, key)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut s| {
            s.execute(params![row, id.as_bytes(), body.number, body.name, body.color.0, body.key])
        })
        .map_err(|e| taken(e, "label", id))?;
        self.labels.insert(*id, Some(KnownLabel { row, present: true }));
        Ok(())
    }

    fn new_annotation(
        &mut self,
        db: &Connection,
        row: i64,
        id: &AnnotationId,
        body: &AnnotationBody,
    ) -> Result<(), StoreError> {
        // Whoever shows an annotation shows the item it lies on.
        let Some(item) = self.item(db, &body.item)? else {
            return Err(StoreError::damaged(
                format!("annotation {id}"),
                "it lies on an item that no change shows",
            ));
        };
        let label = self.label(db, &body.label)?.map(|label| label.row);
        if self.keys.is_taken(db, id)? {
            return Err(exists("annotation", id));
        }
        db.prepare_cached(
            "INSERT INTO annotation (item, number, id, present, label, z_order, flags, shape, source)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, ?6, ?7)",
        )
        .and_then(|mut s| {
            s.execute(params![
                item.row,
                row,
                id.as_bytes(),
                label,
                body.z_order,
                body.shape.to_bytes(),
                body.source.to_bytes(),
            ])
        })
        .db("writing the state")?;
        self.keys.add(db, id, (item.row, row))?;
        self.count(label, item.row, 1);
        Ok(())
    }

    fn set_item(
        &mut self,
        db: &Connection,
        row: i64,
        id: &ItemId,
        part: Part,
        value: &Value,
    ) -> Result<(), StoreError> {
        let Some(known) = self.item(db, id)? else { return Ok(()) };
        let changed = match (part, value) {
            (Part::Presence, Value::Flag(present)) => {
                self.items.insert(*id, Some(KnownItem { present: *present, ..known }));
                set(db, "UPDATE item SET present = ?2 WHERE row = ?1", params![known.row, present])
            }
            (Part::Flagged, Value::Flag(on)) => {
                set(db, "UPDATE item SET flagged = ?2 WHERE row = ?1", params![known.row, on])
            }
            (Part::Done, Value::Flag(on)) => {
                set(db, "UPDATE item SET done = ?2 WHERE row = ?1", params![known.row, on])
            }
            (Part::Note, Value::Text(text)) => {
                let note = (!text.is_empty()).then_some(row);
                set(db, "UPDATE item SET note = ?2 WHERE row = ?1", params![known.row, note])
            }
            _ => Ok(()),
        };
        changed.db("changing an item")
    }

    fn set_label(
        &mut self,
        db: &Connection,
        id: &LabelId,
        part: Part,
        value: &Value,
    ) -> Result<(), StoreError> {
        let Some(known) = self.label(db, id)? else { return Ok(()) };
        let row = known.row;
        let changed = match (part, value) {
            (Part::Presence, Value::Flag(present)) => {
                self.labels.insert(*id, Some(KnownLabel { present: *present, ..known }));
                set(db, "UPDATE label SET present = ?2 WHERE row = ?1", params![row, present])
            }
            (Part::Name, Value::Text(name)) => {
                set(db, "UPDATE label SET name = ?2 WHERE row = ?1", params![row, name])
            }
            (Part::Color, Value::Color(color)) => {
                set(db, "UPDATE label SET color = ?2 WHERE row = ?1", params![row, color.0])
            }
            (Part::Key, Value::Key(key)) => {
                set(db, "UPDATE label SET key = ?2 WHERE row = ?1", params![row, key])
            }
            _ => Ok(()),
        };
        changed.db("changing a label")
    }

    fn set_annotation(
        &mut self,
        db: &Connection,
        row: i64,
        id: &AnnotationId,
        part: Part,
        value: &Value,
    ) -> Result<(), StoreError> {
        let Some(known) = self.annotation(db, id)? else { return Ok(()) };
        self.last = None;
        let (item, number) = (known.item, known.number);
        let changed = match (part, value) {
            (Part::Presence, Value::Flag(present)) => {
                if *present != known.present {
                    self.count(known.label, item, if *present { 1 } else { -1 });
                }
                const SQL: &str =
                    "UPDATE annotation SET present = ?3 WHERE item = ?1 AND number = ?2";
                set(db, SQL, params![item, number, present])
            }
            (Part::Geometry, Value::Shape(shape)) => {
                const SQL: &str =
                    "UPDATE annotation SET shape = ?3 WHERE item = ?1 AND number = ?2";
                set(db, SQL, params![item, number, shape.to_bytes()])
            }
            (Part::Label, Value::LabelRef(label)) => {
                let label = self.label(db, label)?.map(|label| label.row);
                if known.present {
                    self.count(known.label, item, -1);
                    self.count(label, item, 1);
                }
                const SQL: &str =
                    "UPDATE annotation SET label = ?3 WHERE item = ?1 AND number = ?2";
                set(db, SQL, params![item, number, label])
            }
            (Part::Note, Value::Text(text)) => {
                const SQL: &str = "UPDATE annotation SET note = ?3 WHERE item = ?1 AND number = ?2";
                set(db, SQL, params![item, number, (!text.is_empty()).then_some(row)])
            }
            (Part::ZOrder, Value::Order(order)) => {
                const SQL: &str =
                    "UPDATE annotation SET z_order = ?3 WHERE item = ?1 AND number = ?2";
                set(db, SQL, params![item, number, order])
            }
            (part, Value::Flag(on)) => {
                let bit = flag_bit(part);
                let flags = if *on { known.flags | bit } else { known.flags & !bit };
                const SQL: &str =
                    "UPDATE annotation SET flags = ?3 WHERE item = ?1 AND number = ?2";
                set(db, SQL, params![item, number, flags])
            }
            _ => Ok(()),
        };
        changed.db("changing an annotation")
    }

    fn count(&mut self, label: Option<i64>, item: i64, n: i64) {
        *self.gained.entry((label, item)).or_default() += n;
    }
}

fn set(db: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute(values).map(|_| ())
}

fn exists(what: &'static str, id: &dyn std::fmt::Display) -> StoreError {
    StoreError::refused("making a change", format!("{what} {id} exists already"))
}

/// An identifier that is there already is the caller's mistake, anything else the database's.
fn taken(error: rusqlite::Error, what: &'static str, id: &dyn std::fmt::Display) -> StoreError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) {
        return exists(what, id);
    }
    Err::<(), _>(error)
        .db("writing the state")
        .err()
        .unwrap_or_else(|| StoreError::refused("making a change", "the state could not be written"))
}
