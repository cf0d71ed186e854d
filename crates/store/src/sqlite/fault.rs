//! What the database library's errors mean to a person.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::StoreError;

/// Whether an error means that there is no room left: SQLite says so in one way for its files and in
/// another for the index of its log, which lies in shared memory on the same disk.
#[must_use]
pub fn is_full(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(code, _)
        if code.code == ErrorCode::DiskFull || code.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

/// Turns a library error into one that says what to do. `role` is the database's name in the
/// manual's words, `what` what was being done, `path` the file where it is known.
#[must_use]
pub fn fault(
    role: &'static str,
    what: &'static str,
    path: &Path,
    error: rusqlite::Error,
) -> StoreError {
    let damaged = |why: &str| StoreError::damaged(role, why);
    let rusqlite::Error::SqliteFailure(code, _) = &error else {
        return match error {
            // A column that doesn't hold what every version has written into it.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => {
                damaged("a row holds something that this program never writes")
            }
            source => StoreError::Database { what, source },
        };
    };
    match code.code {
        // The first page carries the first authentication code: it fails for another key as it
        // does for altered bytes, and nothing in the file tells the two apart.
        ErrorCode::NotADatabase => damaged(
            "it does not open with its key: its bytes were altered, or it is another vault's file",
        ),
        ErrorCode::DatabaseCorrupt => damaged("a page of it was altered or is missing"),
        _ if is_full(&error) => StoreError::DiskFull { what: role, path: path.to_path_buf() },
        ErrorCode::ReadOnly => StoreError::ReadOnly { path: path.to_path_buf() },
        // SQLCipher's answer to a page that fails authentication after the first one.
        ErrorCode::SystemIoFailure
            if matches!(
                code.extended_code,
                rusqlite::ffi::SQLITE_IOERR_SHORT_READ | rusqlite::ffi::SQLITE_IOERR_DATA
            ) =>
        {
            damaged("a page of it was altered or is missing")
        }
        _ => StoreError::Database { what, source: error },
    }
}
