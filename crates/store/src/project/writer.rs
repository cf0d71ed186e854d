//! The one connection that writes, and what it knows of the end of the chain.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_crypto::chain::header_hash;
use vaultmark_crypto::sha512;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::{Digest, PublicKey, ReplicaId};

use super::schema::Db;
use crate::StoreError;

/// The writing connection behind its lock.
pub(super) struct Writing {
    writer: Mutex<Writer>,
    /// Who holds it: a second taking by the same thread would wait for ever.
    holder: Mutex<Option<ThreadId>>,
}

/// The writing connection.
pub(super) struct Writer {
    pub db: Connection,
    pub tail: Tail,
    replica: ReplicaId,
    author: PublicKey,
}

/// The end of the local chain and of the tables.
#[derive(Debug, Clone)]
pub(super) struct Tail {
    /// The last row of `change` and of `revision`.
    pub change: i64,
    pub revision: i64,
    /// The last link of this replica's chain.
    pub seq: u64,
    pub hash: Digest,
    /// SHA-512 of the newest statement of this vault's list; none before there is one.
    pub membership: Option<Digest>,
    /// The last change by this person on this replica.
    pub mine: Option<i64>,
    /// Rows of this replica and this author; none before their first change.
    pub replica: Option<i64>,
    pub author: Option<i64>,
    /// The highest integers given to items and labels.
    pub item_number: u32,
    pub label_number: u32,
}

impl Writing {
    pub(super) fn new(
        db: Connection,
        replica: ReplicaId,
        author: PublicKey,
    ) -> Result<Self, StoreError> {
        let tail = Tail::read(&db, &replica, &author)?;
        let writer = Mutex::new(Writer { db, tail, replica, author });
        Ok(Self { writer, holder: Mutex::new(None) })
    }

    /// Waits for the connection.
    pub(super) fn lock(&self) -> Result<Locked<'_>, StoreError> {
        let me = Some(thread::current().id());
        if *self.holder.lock().unwrap_or_else(PoisonError::into_inner) == me {
            return Err(StoreError::refused(
                "making a change",
                "this thread has another change of the same project open; finish that one first",
            ));
        }
        let (mut writer, unclear) = match self.writer.lock() {
            Ok(writer) => (writer, false),
            // A thread that panicked left the transaction open: nothing of it was acknowledged.
            Err(poisoned) => (poisoned.into_inner(), true),
        };
        if unclear || !writer.db.is_autocommit() {
            self.writer.clear_poison();
            writer.recover()?;
        }
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = me;
        Ok(Locked { writing: self, writer })
    }
}

impl Writer {
    /// Takes back what is open and reads the end of the chain again.
    fn recover(&mut self) -> Result<(), StoreError> {
        if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK").db("taking back a change")?;
        }
        self.tail = Tail::read(&self.db, &self.replica, &self.author)?;
        Ok(())
    }
}

impl Tail {
    /// Reads the end of the chain.
    pub(super) fn read(
        db: &Connection,
        replica: &ReplicaId,
        author: &PublicKey,
    ) -> Result<Self, StoreError> {
        let read = || {
            let one = |sql: &str| db.query_row(sql, [], |r| r.get::<_, Option<i64>>(0));
            let number = |sql: &str| db.query_row(sql, [], |r| r.get::<_, Option<u32>>(0));
            let replica: Option<i64> = db
                .query_row("SELECT row FROM replica WHERE id = ?1", [replica.as_bytes()], |r| {
                    r.get(0)
                })
                .optional()?;
            let author: Option<i64> = db
                .query_row("SELECT row FROM author WHERE key = ?1", [author.to_bytes()], |r| {
                    r.get(0)
                })
                .optional()?;
            let last = db
                .query_row(
                    "SELECT seq, header FROM change WHERE replica = ?1 ORDER BY seq DESC LIMIT 1",
                    [replica],
                    |r| Ok((r.get::<_, i64>(0)?, header_hash(r.get_ref(1)?.as_blob()?))),
                )
                .optional()?;
            let (seq, hash) = last.unwrap_or((0, Digest::ZERO));
            let membership = db
                .query_row(
                    "SELECT bytes FROM statement WHERE received = 0 ORDER BY seq DESC LIMIT 1",
                    [],
                    |r| Ok(sha512(r.get_ref(0)?.as_blob()?)),
                )
                .optional()?;
            let mine = db
                .query_row(
                    "SELECT row FROM change WHERE replica = ?1 AND author = ?2
                     ORDER BY seq DESC LIMIT 1",
                    params![replica, author],
                    |r| r.get(0),
                )
                .optional()?;
            Ok(Self {
                change: one("SELECT max(row) FROM change")?.unwrap_or(0),
                revision: one("SELECT max(row) FROM revision")?.unwrap_or(0),
                seq: u64::try_from(seq).unwrap_or(0),
                hash,
                membership,
                mine,
                replica,
                author,
                item_number: number("SELECT max(number) FROM item")?.unwrap_or(0),
                label_number: number("SELECT max(number) FROM label")?.unwrap_or(0),
            })
        };
        read().db("reading the end of the history")
    }
}

/// The writing connection, held.
pub(super) struct Locked<'w> {
    writing: &'w Writing,
    writer: MutexGuard<'w, Writer>,
}

impl Locked<'_> {
    /// Begins a transaction.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.writer.db.execute_batch("BEGIN IMMEDIATE").db("starting a change")
    }

    /// Makes the transaction durable.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        self.writer.db.execute_batch("COMMIT").db("making a change durable")
    }

    /// Gives back the memory of a large change: the pages that it wrote, which nobody may want again.
    pub(super) fn shrink(&self) {
        // Where it can't be, the pages stay.
        let _ = self.writer.db.execute_batch("PRAGMA shrink_memory");
    }

    /// Takes back an open transaction, and what was remembered of it.
    pub(super) fn roll_back(&mut self) {
        // Where this fails the next one to take the connection meets it and says so.
        let _ = self.writer.recover();
    }

    /// One durable transaction around `work`.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin()?;
        let done = work(&self.writer.db).and_then(|value| self.commit().map(|()| value));
        if done.is_err() {
            self.roll_back();
        }
        done
    }
}

impl Deref for Locked<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        *self.writing.holder.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
