//! What happened to an item, newest first.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Header, Intent, LISTED_PARTS, Part, Subject};
use vaultmark_model::{ChangeId, ItemId, PublicKey, ReplicaId, Timestamp};

use super::Project;
use super::schema::{Db, part, subject};
use crate::StoreError;

/// A change, as far as it concerns one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The change.
    pub change: ChangeId,
    /// Its place in its chain.
    pub seq: u64,
    /// Its chain.
    pub replica: ReplicaId,
    /// Claimed time.
    pub time: Timestamp,
    /// The author's key.
    pub author: PublicKey,
    /// The gesture or command.
    pub gesture: String,
    /// Why it was made.
    pub intent: Intent,
    /// What it set, of the item and its annotations; the first 256.
    pub parts: Vec<(Subject, Part)>,
}

/// The revisions of an item and its annotations. Wholes have the row of their subject; the other parts
/// have an index.
const TOUCHED: &str = "WITH mine (row) AS (SELECT row FROM item WHERE id = ?1)
     SELECT r.change, r.row, r.kind, r.subject, r.part FROM revision r
      WHERE r.row IN mine
     UNION ALL
     SELECT r.change, r.row, r.kind, r.subject, r.part FROM revision r
      WHERE r.subject = ?1 AND r.part > 0
     UNION ALL
     SELECT r.change, r.row, r.kind, r.subject, r.part
       FROM annotation a JOIN revision r ON r.row = a.number
      WHERE a.item IN mine
     UNION ALL
     SELECT r.change, r.row, r.kind, r.subject, r.part
       FROM annotation a JOIN revision r ON r.subject = a.id AND r.part > 0
      WHERE a.item IN mine";

impl Project {
    /// The last `limit` changes that touched an item or its annotations, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn history(&self, item: ItemId, limit: usize) -> Result<Vec<HistoryEntry>, StoreError> {
        const WHAT: &str = "reading the history";
        let db = self.readers.snapshot()?;
        let mut statement = db.prepare_cached(TOUCHED).db(WHAT)?;
        let mut rows = statement.query([item.as_bytes()]).db(WHAT)?;
        let mut by_change: BTreeMap<i64, BTreeMap<i64, (Subject, Part)>> = BTreeMap::new();
        while let Some(row) = rows.next().db(WHAT)? {
            let columns = || {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get::<_, super::schema::Id>(3)?,
                    row.get(4)?,
                ))
            };
            let (change, leaf, kind, id, code) = columns().db(WHAT)?;
            let parts = by_change.entry(change).or_default();
            parts.insert(leaf, (subject(kind, id.0)?, part(code)?));
            if parts.len() > LISTED_PARTS {
                parts.pop_last();
            }
            if by_change.len() > limit {
                by_change.pop_first();
            }
        }
        let mut entries = Vec::with_capacity(by_change.len());
        for (row, parts) in by_change.into_iter().rev() {
            let bytes: Vec<u8> = db
                .prepare_cached("SELECT header FROM change WHERE row = ?1")
                .and_then(|mut s| s.query_row(params![row], |r| r.get(0)))
                .db(WHAT)?;
            let header = Header::from_bytes(&bytes)?;
            entries.push(HistoryEntry {
                change: header.id,
                seq: header.seq,
                replica: header.replica,
                time: header.time,
                author: header.author,
                gesture: header.tool.gesture,
                intent: header.intent,
                parts: parts.into_values().collect(),
            });
        }
        Ok(entries)
    }

    /// The place in its chain of the last change that touched an item or its annotations, 0 where there
    /// is none.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn last_touched(&self, item: ItemId) -> Result<u64, StoreError> {
        const WHAT: &str = "reading the history";
        let db = self.readers.snapshot()?;
        let sql =
            format!("SELECT header FROM change WHERE row = (SELECT max(change) FROM ({TOUCHED}))");
        let header: Option<Vec<u8>> = db
            .prepare_cached(&sql)
            .and_then(|mut s| s.query_row([item.as_bytes()], |r| r.get(0)).optional())
            .db(WHAT)?;
        Ok(header.map(|bytes| Header::from_bytes(&bytes)).transpose()?.map_or(0, |one| one.seq))
    }
}
