//! Pyramids: one sealed pack an item, derived, evictable, outside backups.

use std::io::Read;

use rusqlite::{OptionalExtension, params};
use vaultmark_model::ItemId;

use super::Project;
use super::items::name_of;
use super::media::{blob_of, demand_item};
use super::schema::Db;
use super::staging::insert_blob;
use crate::StoreError;
use crate::blob::BlobReader;

/// What an eviction took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evicted {
    /// Packs.
    pub packs: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

impl Project {
    /// Seals an item's pack, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::DiskFull`], [`StoreError::Io`] and its kin.
    pub fn put_pack(&self, item: ItemId, plaintext: &mut dyn Read) -> Result<(), StoreError> {
        demand_item(&*self.readers.snapshot()?, &item)?;
        let mut sealed = [self.blobs.seal("the pyramid", plaintext, &mut |_| Ok(()))?];
        self.blobs.place(&mut sealed)?;
        let [sealed] = sealed;
        let now = self.ambient.now().millis();
        let earlier = self.writing.lock()?.transaction(|db| {
            let replace = || {
                let earlier: Option<(i64, String)> = db
                    .query_row(
                        "SELECT b.row, b.name FROM pack p JOIN blob b ON b.row = p.blob WHERE p.item = ?1",
                        [item.as_bytes()],
                        |r| Ok((r.get(0)?, r.get(1)?)),
                    )
                    .optional()?;
                if let Some((row, _)) = &earlier {
                    db.execute("DELETE FROM pack WHERE item = ?1", [item.as_bytes()])?;
                    db.execute("DELETE FROM blob WHERE row = ?1", [row])?;
                }
                Ok(earlier)
            };
            let earlier = replace().db("keeping a pyramid")?;
            let blob = insert_blob(db, &sealed)?;
            db.execute(
                "INSERT INTO pack (item, blob, used) VALUES (?1, ?2, ?3)",
                params![item.as_bytes(), blob, now],
            )
            .db("keeping a pyramid")?;
            Ok(earlier)
        })?;
        sealed.keep();
        match earlier {
            Some((_, name)) => self.blobs.remove(&name),
            None => Ok(()),
        }
    }

    /// Opens an item's pack, if there is one. A pack that is missing or damaged is given up and
    /// counts as none: it can be derived again.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn open_pack(&self, item: ItemId) -> Result<Option<BlobReader>, StoreError> {
        let db = self.readers.snapshot()?;
        let Some(facts) = blob_of(&db, "pack", &item)? else { return Ok(None) };
        let name = name_of(&db, &item)?;
        drop(db);
        match self.blobs.open(&facts, &format!("pyramid of item `{name}`")) {
            Ok(reader) => Ok(Some(reader)),
            Err(StoreError::Damaged { .. }) => self.forget_pack(item).map(|()| None),
            Err(other) => Err(other),
        }
    }

    /// Says that packs were used just now, so that they are evicted last. One durable write for
    /// all: call it now and then, not for each view.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn touch_packs(&self, items: &[ItemId]) -> Result<(), StoreError> {
        let now = self.ambient.now().millis();
        self.writing.lock()?.transaction(|db| {
            for item in items {
                db.execute(
                    "UPDATE pack SET used = ?2 WHERE item = ?1",
                    params![item.as_bytes(), now],
                )
                .db("noting the use of a pyramid")?;
            }
            Ok(())
        })
    }

    /// Gives up an item's pack.
    ///
    /// # Errors
    /// Where the database or the disk fails.
    pub fn forget_pack(&self, item: ItemId) -> Result<(), StoreError> {
        self.forget(&[item])
    }

    /// Removes packs, longest unused first, until their files take at most `quota` bytes.
    ///
    /// # Errors
    /// Where the database or the disk fails.
    pub fn evict_packs(&self, quota: u64) -> Result<Evicted, StoreError> {
        let packs: Vec<([u8; 16], i64)> = self
            .readers
            .snapshot()?
            .prepare(
                "SELECT p.item, b.sealed FROM pack p JOIN blob b ON b.row = p.blob
                 ORDER BY p.used DESC, p.item",
            )
            .and_then(|mut s| s.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect())
            .db("listing the pyramids")?;
        let (mut kept, mut evicted, mut gone) = (0, Evicted::default(), Vec::new());
        for (item, sealed) in packs {
            let bytes = u64::try_from(sealed).unwrap_or(0);
            if kept + bytes <= quota {
                kept += bytes;
            } else {
                gone.push(ItemId::from_bytes(item));
                evicted.packs += 1;
                evicted.bytes += bytes;
            }
        }
        self.forget(&gone)?;
        Ok(evicted)
    }

    fn forget(&self, items: &[ItemId]) -> Result<(), StoreError> {
        if items.is_empty() {
            return Ok(());
        }
        let names = self.writing.lock()?.transaction(|db| {
            let mut names = Vec::new();
            for item in items {
                let Some(facts) = blob_of(db, "pack", item)? else { continue };
                let delete = || {
                    db.execute("DELETE FROM pack WHERE item = ?1", [item.as_bytes()])?;
                    db.execute("DELETE FROM blob WHERE id = ?1", [facts.id.as_bytes()])
                };
                delete().db("giving up a pyramid")?;
                names.push(facts.name);
            }
            Ok(names)
        })?;
        names.iter().try_for_each(|name| self.blobs.remove(name))
    }
}
