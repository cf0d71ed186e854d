//! Reading labels.

use std::collections::HashMap;

use rusqlite::Row;
use vaultmark_model::{Color, Label, LabelId};

use super::Project;
use super::schema::{Db, Id};
use crate::StoreError;

/// The next integers that a project gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// For an item.
    pub item: u32,
    /// For a label.
    pub label: u32,
}

impl Project {
    /// The labels, in the order of their numbers.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn labels(&self) -> Result<Vec<Label>, StoreError> {
        self.readers
            .snapshot()?
            .prepare_cached("SELECT id, name, color, key, number FROM label WHERE present = 1 ORDER BY number, row")
            .and_then(|mut s| s.query_map([], read_label)?.collect())
            .db("reading the labels")
    }

    /// How many annotations have each label.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn label_counts(&self) -> Result<HashMap<LabelId, u64>, StoreError> {
        self.readers
            .snapshot()?
            .prepare_cached("SELECT id, annotations FROM label WHERE present = 1")
            .and_then(|mut s| {
                s.query_map([], |r| {
                    let count = u64::try_from(r.get::<_, i64>(1)?).unwrap_or(0);
                    Ok((LabelId::from_bytes(r.get::<_, Id>(0)?.0), count))
                })?
                .collect()
            })
            .db("counting annotations")
    }

    /// The number of items with annotations of each label; labels without any are left out.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn label_items(&self) -> Result<HashMap<LabelId, u64>, StoreError> {
        self.readers
            .snapshot()?
            .prepare_cached(
                "SELECT l.id, (SELECT count(*) FROM item_label n JOIN item i ON i.row = n.item
                               WHERE n.label = l.row AND i.present = 1)
                 FROM label l",
            )
            .and_then(|mut s| {
                s.query_map([], |r| {
                    let count = u64::try_from(r.get::<_, i64>(1)?).unwrap_or(0);
                    Ok((LabelId::from_bytes(r.get::<_, Id>(0)?.0), count))
                })?
                .filter(|one| !matches!(one, Ok((_, 0))))
                .collect()
            })
            .db("counting items")
    }

    /// The integers that the next item and label get. A number of zero in a new item or label asks
    /// for them without a race.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where this thread has a change open.
    pub fn next_numbers(&self) -> Result<Numbers, StoreError> {
        let locked = self.writing.lock()?;
        let tail = &locked.tail;
        Ok(Numbers {
            item: tail.item_number.saturating_add(1),
            label: tail.label_number.saturating_add(1),
        })
    }
}

fn read_label(row: &Row<'_>) -> rusqlite::Result<Label> {
    Ok(Label {
        id: LabelId::from_bytes(row.get::<_, Id>(0)?.0),
        name: row.get(1)?,
        color: Color(row.get(2)?),
        key: row.get(3)?,
        number: row.get(4)?,
    })
}
