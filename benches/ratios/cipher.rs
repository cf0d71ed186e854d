//! A bare SQLCipher database with the settings of the store's own.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::desk::Outcome;

/// The project's own tables and indexes.
pub const TABLES: &str = include_str!("../../crates/store/src/project/migrations/0001.sql");

/// Makes one.
pub fn create(path: &Path) -> Outcome<Connection> {
    let db = Connection::open(path)?;
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "5a".repeat(32)))?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_prepared_statement_cache_capacity(64);
    for pragma in [
        "auto_vacuum = INCREMENTAL",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "secure_delete = ON",
        "recursive_triggers = OFF",
        "cache_size = -163840",
        "journal_size_limit = 8388608",
    ] {
        // Some of them answer with a row.
        let mut statement = db.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(db)
}
