//! Media of an import that is under way: sealed and durable, not yet part of the project.
//!
//! Groups of files become durable together; the items become part of the project in one Change at
//! the end. What was staged before a kill is still there, and the next import of the same files takes
//! it up.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::item::ItemBody;
use vaultmark_model::{Digest, ItemId, ItemPath};

use super::Project;
use super::schema::{Db, Id, canonical};
use crate::StoreError;
use crate::blob::Sealed;

/// A sealed file with what its item will be.
pub(super) struct Staged {
    pub item: ItemId,
    /// Its number is zero: it is given with the Change.
    pub body: ItemBody,
    pub sealed: Sealed,
    pub thumbnail: Option<Vec<u8>>,
}

impl Project {
    /// Makes a group durable: files first, then their rows.
    pub(super) fn stage(&self, group: Vec<Staged>) -> Result<(), StoreError> {
        if group.is_empty() {
            return Ok(());
        }
        let (mut sealed, rest): (Vec<_>, Vec<_>) =
            group.into_iter().map(|one| (one.sealed, (one.item, one.body, one.thumbnail))).unzip();
        self.blobs.place(&mut sealed)?;
        self.writing.lock()?.transaction(|db| {
            for (sealed, (item, body, thumbnail)) in sealed.iter().zip(&rest) {
                let blob = insert_blob(db, sealed)?;
                db.prepare_cached("INSERT INTO media (item, blob) VALUES (?1, ?2)")
                    .and_then(|mut s| s.execute(params![item.as_bytes(), blob]))
                    .db("staging a file")?;
                db.prepare_cached("INSERT INTO staged (item, body) VALUES (?1, ?2)")
                    .and_then(|mut s| s.execute(params![item.as_bytes(), body.to_bytes()]))
                    .db("staging a file")?;
                if let Some(bytes) = thumbnail {
                    insert_thumbnail(db, item, bytes)?;
                }
            }
            Ok(())
        })?;
        sealed.into_iter().for_each(Sealed::keep);
        Ok(())
    }

    /// What earlier, interrupted imports have staged, by content.
    pub(super) fn staged(&self) -> Result<HashMap<Digest, Vec<(ItemPath, ItemId)>>, StoreError> {
        let mut found: HashMap<Digest, Vec<_>> = HashMap::new();
        for (item, body) in all(&*self.readers.snapshot()?)? {
            found.entry(body.content).or_default().push((body.path, item));
        }
        Ok(found)
    }
}

/// Gives up what an interrupted import has staged as this item: its rows. Returns the name of its sealed
/// file, which goes once the rows are gone for good.
pub(super) fn give_up(db: &Connection, item: &ItemId) -> Result<String, StoreError> {
    let give_up = || {
        let (row, name): (i64, String) = db
            .prepare_cached(
                "SELECT b.row, b.name FROM media m JOIN blob b ON b.row = m.blob WHERE m.item = ?1",
            )?
            .query_row([item.as_bytes()], |r| Ok((r.get(0)?, r.get(1)?)))?;
        for table in ["thumbnail", "media", "staged"] {
            let delete = format!("DELETE FROM {table} WHERE item = ?1");
            db.prepare_cached(&delete)?.execute([item.as_bytes()])?;
        }
        db.prepare_cached("DELETE FROM blob WHERE row = ?1")?.execute([row])?;
        Ok(name)
    };
    give_up().db("giving up what an interrupted import has staged")
}

/// Everything staged, in the order in which it came.
pub(super) fn all(db: &Connection) -> Result<Vec<(ItemId, ItemBody)>, StoreError> {
    const WHAT: &str = "reading what an import has staged";
    let mut statement = db.prepare_cached("SELECT item, body FROM staged ORDER BY row").db(WHAT)?;
    let mut rows = statement.query([]).db(WHAT)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().db(WHAT)? {
        let columns = || Ok((row.get::<_, Id>(0)?, row.get_ref(1)?.as_blob()?));
        let (item, body) = columns().db(WHAT)?;
        found.push((ItemId::from_bytes(item.0), canonical(body)?));
    }
    Ok(found)
}

/// The row of a sealed file.
pub(super) fn insert_blob(db: &Connection, sealed: &Sealed) -> Result<i64, StoreError> {
    let facts = sealed.facts()?;
    db.prepare_cached(
        "INSERT INTO blob (id, key, name, length, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .and_then(|mut s| {
        s.insert(params![
            facts.id.as_bytes(),
            facts.key.expose(),
            facts.name,
            i64::try_from(facts.length).unwrap_or(i64::MAX),
            i64::try_from(facts.sealed).unwrap_or(i64::MAX),
        ])
    })
    .db("writing the row of a sealed file")
}

/// Keeps a thumbnail in place of an earlier one.
pub(super) fn insert_thumbnail(
    db: &Connection,
    item: &ItemId,
    bytes: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO thumbnail (item, bytes) VALUES (?1, ?2)")
        .and_then(|mut s| s.execute(params![item.as_bytes(), bytes]))
        .map(|_| ())
        .db("keeping a thumbnail")
}
