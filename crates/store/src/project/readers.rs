//! Connections that only read: taken from a pool, given back when dropped.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use vaultmark_crypto::Key;

use super::schema::{Db, SCHEMA};
use crate::{StoreError, sqlite};

/// Connections kept for the next reader; each has a page cache.
const IDLE: usize = 3;

pub(super) struct Readers {
    path: PathBuf,
    key: Key,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, key: Key) -> Self {
        Self { path, key, idle: Mutex::new(Vec::new()) }
    }

    /// A connection with one snapshot of the project: what is committed later is not seen by it.
    pub(super) fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => sqlite::open_reader(&self.path, &self.key, &SCHEMA)?,
        };
        connection.execute_batch("BEGIN").db("starting to read")?;
        Ok(Snapshot { readers: self, connection: Some(connection) })
    }
}

/// A reader's snapshot; ends when dropped.
pub(super) struct Snapshot<'r> {
    readers: &'r Readers,
    connection: Option<Connection>,
}

impl Deref for Snapshot<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        // Taken out in `drop` alone.
        #[allow(clippy::expect_used)]
        self.connection.as_ref().expect("a snapshot has its connection")
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if connection.execute_batch("COMMIT").is_ok() {
            let mut idle = self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(connection);
            }
        }
    }
}
