//! What opening promises.

use super::*;
use vaultmark_crypto::testing::FixedEntropy;

const ONE: Migration = Migration {
    version: 1,
    sql: "CREATE TABLE note (row INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
};
const TWO: Migration = Migration { version: 2, sql: "ALTER TABLE note ADD COLUMN mark TEXT;" };
const FIRST: Schema = Schema { role: "test database", migrations: &[ONE] };
const SECOND: Schema = Schema { role: "test database", migrations: &[ONE, TWO] };

fn key(seed: u64) -> Key {
    Key::random(&FixedEntropy::new(seed)).unwrap()
}

#[test]
fn durable_settings_hold_and_nothing_is_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let connection = create(&path, &key(1), &FIRST).unwrap();
    connection.execute("INSERT INTO note (text) VALUES ('a-marker-to-look-for')", []).unwrap();
    for (pragma, expected) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA trusted_schema", "0"),
        ("PRAGMA cell_size_check", "1"),
        ("PRAGMA auto_vacuum", "2"),
        ("PRAGMA user_version", "1"),
    ] {
        assert_eq!(text(&connection, pragma).unwrap(), expected, "{pragma}");
    }
    drop(connection);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|w| w == b"a-marker" || w == b"SQLite f"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_scratch_database_has_no_name_and_is_not_readable() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, entropy) = (crate::ambient::SystemClock, FixedEntropy::new(1));
    let ambient =
        Ambient { clock: std::sync::Arc::new(clock), entropy: std::sync::Arc::new(entropy) };
    let connection = scratch(folder.path(), &ambient, &SECOND).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let rows = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000)
                INSERT INTO note (text) SELECT 'a-marker-to-look-for' || n FROM n";
    for begin in ["BEGIN", "BEGIN"] {
        connection.execute_batch(begin).unwrap();
        connection.execute(rows, []).unwrap();
        connection.execute_batch("COMMIT").unwrap();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a journal");
    let held = std::fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().path());
    let here = |link: &std::path::PathBuf| {
        std::fs::read_link(link).is_ok_and(|target| target.starts_with(folder.path()))
    };
    let file = held.into_iter().find(here).unwrap();
    let bytes = std::fs::read(file).unwrap();
    assert!(bytes.len() > 1_000_000, "{}", bytes.len());
    assert!(!bytes.windows(8).any(|w| w == b"a-marker" || w == b"SQLite f"));
    let count: i64 = connection.query_row("SELECT count(*) FROM note", [], |r| r.get(0)).unwrap();
    assert_eq!(count, 100_000);
}

#[test]
fn versions_go_forward_and_a_newer_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(create(&path, &key(1), &FIRST).unwrap());
    let connection = open(&path, &key(1), &SECOND).unwrap();
    connection.execute("INSERT INTO note (text, mark) VALUES ('a', 'b')", []).unwrap();
    drop(connection);
    let refused = open(&path, &key(1), &FIRST).unwrap_err();
    assert!(matches!(
        refused,
        StoreError::NewerVersion { what: "test database", found: 2, known: 1 }
    ));
}

#[test]
fn another_key_a_missing_an_empty_and_a_foreign_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let damaged = |path: &Path, key: &Key| match open(path, key, &FIRST) {
        Err(StoreError::Damaged { what, why }) => {
            assert_eq!(what, "test database");
            why
        }
        other => panic!("{other:?}"),
    };
    assert!(damaged(&path, &key(1)).contains("missing"));
    drop(create(&path, &key(1), &FIRST).unwrap());
    assert!(damaged(&path, &key(2)).contains("key"));
    std::fs::write(&path, b"").unwrap();
    assert!(damaged(&path, &key(1)).contains("empty"));
    std::fs::write(&path, vec![7; 8192]).unwrap();
    assert!(damaged(&path, &key(1)).contains("key"));
}

#[test]
fn a_flip_in_any_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let connection = create(&path, &key(1), &FIRST).unwrap();
    for i in 0..400 {
        connection.execute("INSERT INTO note (text) VALUES (?1)", [format!("{i:0100}")]).unwrap();
    }
    drop(connection);
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() > 5 * 4096);
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 2000] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let problems = open(&path, &key(1), &FIRST).and_then(|c| integrity(&c, "test database"));
        assert!(problems.map_or(true, |lines| !lines.is_empty()), "page {page}");
    }
    std::fs::write(&path, &whole).unwrap();
    let connection = open(&path, &key(1), &FIRST).unwrap();
    assert_eq!(integrity(&connection, "test database").unwrap(), Vec::<String>::new());
}

#[test]
fn readers_see_commits_and_can_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let writer = create(&path, &key(1), &FIRST).unwrap();
    let reader = open_reader(&path, &key(1), &FIRST).unwrap();
    writer.execute("INSERT INTO note (text) VALUES ('a')", []).unwrap();
    let seen: u32 = reader.query_row("SELECT count(*) FROM note", [], |row| row.get(0)).unwrap();
    assert_eq!(seen, 1);
    assert!(reader.execute("DELETE FROM note", []).is_err());
}
