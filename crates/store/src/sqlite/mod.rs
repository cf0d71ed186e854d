//! Opening SQLCipher databases: keyed with 32 raw bytes, durable, bounded, silent, and migrated
//! forwards only.
//!
//! Promises: a missing or empty file is never taken for a new database ([`open`] and [`create`] are
//! different calls); temporary storage is memory, compiled in and checked at every open; a commit is
//! on the disk when it returns (WAL, `synchronous=FULL`); a newer version is refused by name. There
//! is no VACUUM: it would hold the database in memory. Freed pages go back by [`release_pages`].

mod fault;
mod raw;

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use vaultmark_crypto::Key;
use vaultmark_model::id::to_hex;

use crate::{Ambient, StoreError, atomic};

pub use fault::{fault, is_full};

/// One step of a schema: a file of SQL that is frozen once released.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The version that the database has afterwards, from 1, without gaps.
    pub version: u32,
    /// The statements.
    pub sql: &'static str,
}

/// What kind of database a file is.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Its name in errors, in the words of the manual: `project database`. Never a person's data.
    pub role: &'static str,
    /// All versions, oldest first.
    pub migrations: &'static [Migration],
}

/// Kibibytes of page cache of a connection that writes: an import's index pages stay in it.
const WRITER_CACHE_KIB: u32 = 160 * 1024;
/// Kibibytes of page cache of a connection that only reads.
const READER_CACHE_KIB: u32 = 24 * 1024;
/// Bytes that all caches of this process have together; beyond it each takes its own pages again
/// instead of growing. An import in one project and its readers fit.
const ALL_CACHES: u32 = 320 * 1024 * 1024;
/// Bytes to which the write-ahead log is cut after a checkpoint.
const LOG_BYTES: u32 = 8 * 1024 * 1024;
/// The most problems of a kind that a check of a database tells.
const PROBLEMS: usize = 1000;
/// How long a connection waits for another of this process.
const BUSY: Duration = Duration::from_secs(30);

/// Makes a new database and brings it to the newest version.
///
/// # Errors
/// [`StoreError::Refused`] where the file exists; else as [`open`].
pub fn create(path: &Path, key: &Key, schema: &Schema) -> Result<Connection, StoreError> {
    if path.exists() {
        return Err(StoreError::refused(
            "making a database",
            "a file of that name is already there",
        ));
    }
    // Made before SQLite opens it, so that nobody else can read even the sealed bytes; its log and
    // index take the file's mode.
    atomic::create_private(path).map_err(|e| StoreError::io("making", path, e))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = connect(path, key, schema, flags)?;
    let fail = |e| fault(schema.role, "making a database", path, e);
    // Before the first table: it settles the file's layout.
    connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL").map_err(fail)?;
    configure(&connection, path, schema, WRITER_CACHE_KIB)?;
    migrate(&connection, path, schema)?;
    Ok(connection)
}

/// Opens an existing database for writing and brings it to the newest version.
///
/// # Errors
/// [`StoreError::Damaged`] where the file is missing, empty, cut short or doesn't open with this
/// key, [`StoreError::NewerVersion`], [`StoreError::ReadOnly`], [`StoreError::DiskFull`].
pub fn open(path: &Path, key: &Key, schema: &Schema) -> Result<Connection, StoreError> {
    let connection = connect(path, key, schema, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    first_page(&connection, path, schema)?;
    configure(&connection, path, schema, WRITER_CACHE_KIB)?;
    migrate(&connection, path, schema)?;
    Ok(connection)
}

/// Opens a further connection that can't write, to a database that [`open`] has brought up to date.
///
/// # Errors
/// As [`open`].
pub fn open_reader(path: &Path, key: &Key, schema: &Schema) -> Result<Connection, StoreError> {
    // Read-write, so that it can take part in the write-ahead log; `query_only` forbids the rest.
    let connection = connect(path, key, schema, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    first_page(&connection, path, schema)?;
    configure(&connection, path, schema, READER_CACHE_KIB)?;
    connection
        .execute_batch("PRAGMA query_only = ON")
        .map_err(|e| fault(schema.role, "opening it", path, e))?;
    Ok(connection)
}

/// Makes a database for work that does not fit memory: in a file without a name in `folder`, sealed
/// under a key that this connection alone has, and gone with it. Nothing of it is durable.
///
/// # Errors
/// As [`create`].
pub fn scratch(
    folder: &Path,
    ambient: &Ambient,
    schema: &Schema,
) -> Result<Connection, StoreError> {
    let name = to_hex(&ambient.random::<16>()?);
    let path = folder.join(format!("{name}{}", atomic::TEMPORARY));
    let key = Key::random(&*ambient.entropy)?;
    atomic::create_private(&path).map_err(|e| StoreError::io("making", &path, e))?;
    let made = fill_scratch(&path, &key, schema);
    // Its connection holds it from here on.
    std::fs::remove_file(&path).map_err(|e| StoreError::io("removing", &path, e))?;
    made
}

fn fill_scratch(path: &Path, key: &Key, schema: &Schema) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = connect(path, key, schema, flags)?;
    let fail = |e| fault(schema.role, "making a database", path, e);
    for pragma in [
        // No other file is made beside it.
        "PRAGMA journal_mode = OFF",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA synchronous = OFF",
        &format!("PRAGMA cache_size = -{READER_CACHE_KIB}"),
    ] {
        silent(&connection, pragma).map_err(fail)?;
    }
    assert_compiled(&connection, path, schema)?;
    for migration in schema.migrations {
        connection.execute_batch(migration.sql).map_err(fail)?;
    }
    Ok(connection)
}

/// Gives freed pages back to the file system, then empties the write-ahead log, so that nothing
/// that was erased stays in either.
///
/// # Errors
/// Where the disk fails.
pub fn release_pages(connection: &Connection, role: &'static str) -> Result<(), StoreError> {
    let fail = |e| fault(role, "giving back free pages", Path::new("the vault"), e);
    let mut statement = connection.prepare("PRAGMA incremental_vacuum").map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    while rows.next().map_err(fail)?.is_some() {}
    checkpoint(connection, role)
}

/// Moves the write-ahead log into the database and empties it.
///
/// # Errors
/// [`StoreError::Refused`] where a reader does not end in time; where the disk fails.
pub fn checkpoint(connection: &Connection, role: &'static str) -> Result<(), StoreError> {
    const WHAT: &str = "emptying the write-ahead log";
    let is_busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(|e| fault(role, WHAT, Path::new("the vault"), e))?;
    if is_busy {
        let why = "somebody is still reading; it is emptied when the project is closed";
        return Err(StoreError::refused(WHAT, why));
    }
    Ok(())
}

/// Re-authenticates every page (SQLCipher's HMAC) and checks the structure of all trees; one line
/// for each problem, the first 1,000 of either, none where all is well.
///
/// # Errors
/// Where the check itself can't run.
pub fn integrity(connection: &Connection, role: &'static str) -> Result<Vec<String>, StoreError> {
    let mut problems = Vec::new();
    for (pragma, fine) in
        [("PRAGMA cipher_integrity_check", None), ("PRAGMA integrity_check", Some("ok"))]
    {
        let lines = connection.prepare(pragma).and_then(|mut statement| {
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            lines.take(PROBLEMS).collect::<Result<Vec<_>, _>>()
        });
        match lines {
            Ok(lines) => {
                problems.extend(lines.into_iter().filter(|line| Some(line.as_str()) != fine))
            }
            // A page that can't be read ends the check, and is itself what was looked for.
            Err(e) => match fault(role, "checking it", Path::new("the vault"), e) {
                StoreError::Damaged { why, .. } => problems.push(why),
                other => return Err(other),
            },
        }
    }
    Ok(problems)
}

fn connect(
    path: &Path,
    key: &Key,
    schema: &Schema,
    flags: OpenFlags,
) -> Result<Connection, StoreError> {
    let fail = |e| fault(schema.role, "opening it", path, e);
    if !flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
        // SQLite takes a missing or empty file for a new database: that would be an empty project.
        match std::fs::metadata(path) {
            Ok(facts) if facts.len() > 0 => {}
            Ok(_) => return Err(StoreError::damaged(schema.role, "the file is empty")),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::damaged(schema.role, "the file is missing"));
            }
            Err(e) => return Err(StoreError::io("opening", path, e)),
        }
    }
    // Each connection is used by one thread at a time: its owner holds it behind a mutex.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    raw::overwrite_freed_memory();
    let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
    // Its own log goes to standard error and names files.
    silent(&connection, "PRAGMA cipher_log_level = NONE").map_err(fail)?;
    raw::apply_key(&connection, key).map_err(fail)?;
    Ok(connection)
}

/// Reads the first page, which is where a wrong key shows.
fn first_page(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), StoreError> {
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|e| fault(schema.role, "opening it", path, e))
}

fn configure(
    connection: &Connection,
    path: &Path,
    schema: &Schema,
    cache_kib: u32,
) -> Result<(), StoreError> {
    let fail = |e| fault(schema.role, "opening it", path, e);
    connection.busy_timeout(BUSY).map_err(fail)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(fail)?;
    for pragma in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA cell_size_check = ON",
        "PRAGMA secure_delete = ON",
        "PRAGMA recursive_triggers = OFF",
        &format!("PRAGMA cache_size = -{cache_kib}"),
        &format!("PRAGMA soft_heap_limit = {ALL_CACHES}"),
        &format!("PRAGMA journal_size_limit = {LOG_BYTES}"),
    ] {
        silent(connection, pragma).map_err(fail)?;
    }
    for (pragma, wanted) in [("PRAGMA journal_mode", "wal"), ("PRAGMA synchronous", "2")] {
        if text(connection, pragma).map_err(fail)? != wanted {
            return Err(StoreError::refused(
                "opening a database",
                "this disk can't keep a write-ahead log; move the vault to a local disk",
            ));
        }
    }
    assert_compiled(connection, path, schema)
}

/// Sorts and journals must never reach a temporary file in plain.
fn assert_compiled(
    connection: &Connection,
    path: &Path,
    schema: &Schema,
) -> Result<(), StoreError> {
    let fail = |e| fault(schema.role, "opening it", path, e);
    let mut statement = connection.prepare("PRAGMA compile_options").map_err(fail)?;
    let options = statement.query_map([], |row| row.get::<_, String>(0)).map_err(fail)?;
    for option in options {
        if option.map_err(fail)? == "TEMP_STORE=3" {
            return Ok(());
        }
    }
    Err(StoreError::refused(
        "opening a database",
        "this program was built without memory-only temporary storage (TEMP_STORE=3); \
         build it with the repository's own .cargo/config.toml",
    ))
}

fn migrate(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), StoreError> {
    let fail = |e| fault(schema.role, "bringing it to this version", path, e);
    let found: u32 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
    let known = schema.migrations.last().map_or(0, |last| last.version);
    if found > known {
        return Err(StoreError::NewerVersion { what: schema.role, found, known });
    }
    for migration in schema.migrations.iter().filter(|m| m.version > found) {
        let version = migration.version;
        connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE;\n{}\n;PRAGMA user_version = {version};\nCOMMIT;",
                migration.sql
            ))
            .map_err(fail)?;
    }
    Ok(())
}

/// Runs a pragma that may or may not answer with a row.
fn silent(connection: &Connection, pragma: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(pragma)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// The first answer of a pragma, as text.
fn text(connection: &Connection, pragma: &str) -> rusqlite::Result<String> {
    connection.query_row(pragma, [], |row| {
        Ok(match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        })
    })
}

#[cfg(test)]
mod tests;
