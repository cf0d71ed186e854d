//! The project database's versions, and reading its columns.

use std::path::Path;

use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};
use vaultmark_model::Digest;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Part, Subject};

use crate::StoreError;
use crate::sqlite::{Migration, Schema, fault};

/// The database's name in errors.
pub(super) const ROLE: &str = "project database";

/// All versions. A released file is frozen.
pub(super) const SCHEMA: Schema = Schema {
    role: ROLE,
    migrations: &[Migration { version: 1, sql: include_str!("migrations/0001.sql") }],
};

/// Errors of the database library, named.
pub(super) trait Db<T> {
    /// Says what was being done.
    fn db(self, what: &'static str) -> Result<T, StoreError>;
}

impl<T> Db<T> for rusqlite::Result<T> {
    fn db(self, what: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| fault(ROLE, what, Path::new("the vault"), error))
    }
}

/// Something in a row that no version writes.
pub(super) fn malformed(what: &str) -> StoreError {
    StoreError::damaged(ROLE, format!("{what} can't be read"))
}

/// An identifier column.
pub(super) struct Id(pub [u8; 16]);

impl rusqlite::types::FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 16]>::try_from(value.as_blob()?).map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

/// A digest column.
pub(super) struct Sha(pub Digest);

impl rusqlite::types::FromSql for Sha {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Digest::from_slice(value.as_blob()?).map(Self).ok_or(FromSqlError::InvalidType)
    }
}

/// A canonical value in a column. The page was authenticated; this refuses what this version can't
/// read.
pub(super) fn canonical<T: Canonical>(bytes: &[u8]) -> Result<T, StoreError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    T::decode(&mut decoder).map_err(|_| malformed(T::WHAT))
}

/// A subject from its columns.
pub(super) fn subject(kind: u8, id: [u8; 16]) -> Result<Subject, StoreError> {
    Subject::from_code(kind, id).ok_or_else(|| malformed("a revision's subject"))
}

/// A part from its column.
pub(super) fn part(code: u8) -> Result<Part, StoreError> {
    Part::from_code(code).ok_or_else(|| malformed("a revision's part"))
}
