//! Annotations by their identifiers.
//!
//! Identifiers are random, so each one that is written alone touches another page of the index.
//! New ones are kept aside and written sorted, in large groups: a batch is two or three times
//! faster for it. Until then they are found here.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_model::AnnotationId;

use super::schema::Db;
use crate::StoreError;

/// New identifiers kept aside; the bound on memory.
const ASIDE: usize = 64 * 1024;
/// Bits of the filter, as a power of two: 8 MiB, for batches that write more than one group.
const FILTER_BITS: u32 = 26;

/// Where an annotation lies: the row of its item, and its number.
pub(super) type Place = (i64, i64);

#[derive(Debug, Default)]
pub(super) struct Keys {
    aside: HashMap<[u8; 16], Place>,
    /// Whether there were annotations before this transaction; asked for at the first new one.
    others: Option<bool>,
    /// What this transaction has written: no bit, not written.
    written: Option<Box<[u64]>>,
}

impl Keys {
    /// Where an annotation lies, if there is one.
    pub(super) fn find(
        &self,
        db: &Connection,
        id: &AnnotationId,
    ) -> Result<Option<Place>, StoreError> {
        match self.aside.get(id.as_bytes()) {
            Some(place) => Ok(Some(*place)),
            None => find(db, id),
        }
    }

    /// Whether an identifier was used before. New ones are rarely looked for in the table: only
    /// where there were annotations before, or the filter can't rule it out.
    pub(super) fn is_taken(
        &mut self,
        db: &Connection,
        id: &AnnotationId,
    ) -> Result<bool, StoreError> {
        if self.aside.contains_key(id.as_bytes()) {
            return Ok(true);
        }
        let others = match self.others {
            Some(others) => others,
            None => {
                let others = db
                    .query_row("SELECT EXISTS (SELECT 1 FROM annotation_key)", [], |r| r.get(0))
                    .db("looking up an annotation")?;
                *self.others.insert(others)
            }
        };
        let may_be_mine = self.written.as_ref().is_some_and(|filter| {
            bits(id).into_iter().all(|bit| filter[bit / 64] >> (bit % 64) & 1 == 1)
        });
        Ok((others || may_be_mine) && find(db, id)?.is_some())
    }

    /// Adds a new annotation.
    pub(super) fn add(
        &mut self,
        db: &Connection,
        id: &AnnotationId,
        place: Place,
    ) -> Result<(), StoreError> {
        self.aside.insert(*id.as_bytes(), place);
        if self.aside.len() < ASIDE {
            return Ok(());
        }
        let filter = self.written.get_or_insert_with(|| vec![0; 1 << (FILTER_BITS - 6)].into());
        for bit in self.aside.keys().flat_map(|id| bits(&AnnotationId::from_bytes(*id))) {
            filter[bit / 64] |= 1 << (bit % 64);
        }
        self.flush(db)
    }

    /// Writes what is kept aside.
    pub(super) fn flush(&mut self, db: &Connection) -> Result<(), StoreError> {
        let mut sorted: Vec<_> = self.aside.drain().collect();
        sorted.sort_unstable();
        let write = || {
            let mut insert = db.prepare_cached(
                "INSERT INTO annotation_key (id, item, number) VALUES (?1, ?2, ?3)",
            )?;
            for (id, (item, number)) in sorted {
                insert.execute(params![id, item, number])?;
            }
            Ok(())
        };
        write().db("writing the identifiers of annotations")
    }
}

/// Where an annotation lies, as the table says.
pub(super) fn find(db: &Connection, id: &AnnotationId) -> Result<Option<Place>, StoreError> {
    db.prepare_cached("SELECT item, number FROM annotation_key WHERE id = ?1")
        .and_then(|mut s| s.query_row([id.as_bytes()], |r| Ok((r.get(0)?, r.get(1)?))).optional())
        .db("looking up an annotation")
}

/// An identifier's four bits in the filter: it is random already.
fn bits(id: &AnnotationId) -> [usize; 4] {
    let (words, _) = id.as_bytes().as_chunks::<4>();
    let bit = |at: usize| u32::from_le_bytes(words[at]) >> (32 - FILTER_BITS);
    [bit(0), bit(1), bit(2), bit(3)].map(|bit| bit as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::schema::SCHEMA;

    fn id(n: u32) -> AnnotationId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&vaultmark_crypto::sha512(&n.to_le_bytes()).as_bytes()[..16]);
        AnnotationId::from_bytes(bytes)
    }

    #[test]
    fn found_aside_and_written_and_never_twice() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(SCHEMA.migrations[0].sql).unwrap();
        let count = u32::try_from(ASIDE).unwrap() + 10;
        let mut keys = Keys::default();
        for n in 0..count {
            assert!(!keys.is_taken(&db, &id(n)).unwrap());
            keys.add(&db, &id(n), (1, n.into())).unwrap();
        }
        assert_eq!(keys.aside.len(), 10);
        for n in [0, 1, count - 11, count - 10, count - 1] {
            assert!(keys.is_taken(&db, &id(n)).unwrap(), "{n}");
            assert_eq!(keys.find(&db, &id(n)).unwrap(), Some((1, n.into())));
        }
        assert!(!keys.is_taken(&db, &id(count)).unwrap());
        keys.flush(&db).unwrap();
        let mut later = Keys::default();
        assert!(later.is_taken(&db, &id(3)).unwrap() && !later.is_taken(&db, &id(count)).unwrap());
    }
}
