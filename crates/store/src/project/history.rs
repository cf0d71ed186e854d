//! What happened to an item, newest first.

use std::collections::BTreeMap;

use rusqlite::params;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Header, Intent, Part, Subject};
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
    /// What it set, of the item and its annotations.
    pub parts: Vec<(Subject, Part)>,
}

impl Project {
    /// The last `limit` changes that touched an item or its annotations, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn history(&self, item: ItemId, limit: usize) -> Result<Vec<HistoryEntry>, StoreError> {
        const WHAT: &str = "reading the history";
        let db = self.readers.snapshot()?;
        // Wholes have the row of their subject; the other parts have an index.
        let mut statement = db
            .prepare_cached(
                "WITH mine (row) AS (SELECT row FROM item WHERE id = ?1)
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
                  WHERE a.item IN mine",
            )
            .db(WHAT)?;
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
            by_change.entry(change).or_default().insert(leaf, (subject(kind, id.0)?, part(code)?));
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
}
