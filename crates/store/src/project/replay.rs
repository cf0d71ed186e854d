//! Deriving the state again from the changes, and comparing it with the one that is stored.

use std::path::Path;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, Rows};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Part, Subject, Value};
use vaultmark_model::id::to_hex;
use vaultmark_model::work::{Progress, Work};

use super::provenance::{COLUMNS, Revision};
use super::schema::{Db, SCHEMA, malformed};
use super::state::State;
use crate::{Ambient, StoreError, sqlite};

/// A table of the state: what a row of it is called, its key, the other columns.
struct Table {
    name: &'static str,
    what: &'static str,
    key: &'static [&'static str],
    columns: &'static [&'static str],
}

const TABLES: [Table; 5] = [
    Table {
        name: "item",
        what: "item",
        key: &["row"],
        columns: &[
            "id",
            "present",
            "number",
            "path",
            "name",
            "folder",
            "search",
            "content",
            "size",
            "flagged",
            "done",
            "note",
            "annotations",
        ],
    },
    Table {
        name: "label",
        what: "label",
        key: &["row"],
        columns: &["id", "present", "number", "name", "color", "key", "annotations"],
    },
    Table {
        name: "annotation",
        what: "annotation",
        key: &["item", "number"],
        columns: &["id", "present", "label", "z_order", "flags", "note", "shape", "source"],
    },
    Table {
        name: "annotation_key",
        what: "annotation's identifier",
        key: &["id"],
        columns: &["item", "number"],
    },
    Table {
        name: "item_label",
        what: "count of annotations",
        key: &["label", "item"],
        columns: &["annotations"],
    },
];

/// A row that differs: what kind of thing it is, which one, and how it differs.
pub(super) struct Difference {
    pub what: &'static str,
    pub place: String,
    pub problem: String,
}

/// An empty database to replay into: in memory, or in a sealed file without a name in `folder`.
pub(super) fn empty(
    in_memory: bool,
    folder: &Path,
    ambient: &Ambient,
) -> Result<Connection, StoreError> {
    const WHAT: &str = "replaying the history";
    if !in_memory {
        return sqlite::scratch(folder, ambient, &SCHEMA);
    }
    // In memory alone, as temporary storage is anyway; never a file.
    let derived = Connection::open_in_memory().db(WHAT)?;
    for migration in SCHEMA.migrations {
        derived.execute_batch(migration.sql).db(WHAT)?;
    }
    Ok(derived)
}

/// Replays every change into an empty database, in the order in which they came. A field that can't be
/// applied is reported and passed over.
pub(super) fn replay(
    db: &Connection,
    derived: &Connection,
    work: Work<'_>,
    report: &mut dyn FnMut(String, StoreError),
) -> Result<(), StoreError> {
    const WHAT: &str = "replaying the history";
    derived.execute_batch("BEGIN").db(WHAT)?;
    let total = db
        .query_row("SELECT ifnull(max(row), 0) FROM revision", [], |r| r.get::<_, i64>(0))
        .db(WHAT)?;
    let mut state = State::default();
    let mut statement =
        db.prepare(&format!("SELECT {COLUMNS} FROM revision ORDER BY row")).db(WHAT)?;
    let mut rows = statement.query([]).db(WHAT)?;
    while let Some(row) = rows.next().db(WHAT)? {
        let revision = Revision::read(row)?;
        if let Some(bytes) = &revision.value {
            let (subject, part) = (&revision.subject, revision.part);
            let applied = decode(subject, part, bytes)
                .and_then(|value| state.apply(derived, revision.row, subject, part, &value));
            if let Err(error) = applied {
                report(format!("{} {}", kind(subject), to_hex(subject.id_bytes())), error);
            }
        }
        if revision.row % 4096 == 0 {
            if work.cancel.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
            (work.report)(Progress {
                done: u64::try_from(revision.row).unwrap_or(0),
                total: u64::try_from(total).unwrap_or(0),
                ..Progress::default()
            });
        }
    }
    state.flush(derived)?;
    derived.execute_batch("COMMIT").db(WHAT)
}

/// Compares the stored state with a derived one, row by row.
pub(super) fn compare(
    stored: &Connection,
    derived: &Connection,
    differ: &mut dyn FnMut(Difference),
) -> Result<(), StoreError> {
    const WHAT: &str = "comparing the state with the history";
    for table in &TABLES {
        let columns = [table.key, table.columns].concat().join(", ");
        let sql = format!("SELECT {columns} FROM {} ORDER BY {}", table.name, table.key.join(", "));
        let (mut a, mut b) = (stored.prepare(&sql).db(WHAT)?, derived.prepare(&sql).db(WHAT)?);
        let (mut a, mut b) = (a.query([]).db(WHAT)?, b.query([]).db(WHAT)?);
        let width = table.key.len() + table.columns.len();
        let (mut left, mut right) = (next(&mut a, width)?, next(&mut b, width)?);
        loop {
            let order = match (&left, &right) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(l), Some(r)) => key(l, table).cmp(&key(r, table)),
            };
            match order {
                std::cmp::Ordering::Less => {
                    if let Some(row) = &left {
                        let problem = "it is in the table, but no change made it".into();
                        differ(Difference {
                            what: table.what,
                            place: call(table, row, stored)?,
                            problem,
                        });
                    }
                    left = next(&mut a, width)?;
                }
                std::cmp::Ordering::Greater => {
                    if let Some(row) = &right {
                        let problem = "the changes make it, but it is missing in the table".into();
                        differ(Difference {
                            what: table.what,
                            place: call(table, row, stored)?,
                            problem,
                        });
                    }
                    right = next(&mut b, width)?;
                }
                std::cmp::Ordering::Equal => {
                    if let (Some(l), Some(r)) = (&left, &right) {
                        let different: Vec<_> = table
                            .columns
                            .iter()
                            .zip(l.iter().zip(r).skip(table.key.len()))
                            .filter(|(_, (l, r))| l != r)
                            .map(|(column, _)| *column)
                            .collect();
                        if !different.is_empty() {
                            let problem =
                                format!("its {} is not what the changes say", different.join(", "));
                            differ(Difference {
                                what: table.what,
                                place: call(table, l, stored)?,
                                problem,
                            });
                        }
                    }
                    left = next(&mut a, width)?;
                    right = next(&mut b, width)?;
                }
            }
        }
    }
    Ok(())
}

/// The name of an item or label by its row, for findings.
fn name(db: &Connection, row: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT path FROM item WHERE row = ?1
               UNION ALL SELECT CAST(name AS BLOB) FROM label WHERE row = ?1";
    db.prepare_cached(sql)
        .and_then(|mut s| {
            let text =
                |r: &Row<'_>| Ok(String::from_utf8_lossy(r.get_ref(0)?.as_blob()?).into_owned());
            s.query_row([row], text).optional()
        })
        .db("comparing the state with the history")
}

fn next(rows: &mut Rows<'_>, width: usize) -> Result<Option<Vec<Sql>>, StoreError> {
    const WHAT: &str = "comparing the state with the history";
    let Some(row) = rows.next().db(WHAT)? else { return Ok(None) };
    (0..width).map(|at| row.get(at)).collect::<Result<_, _>>().map(Some).db(WHAT)
}

/// A row's key in the table's order: numbers before bytes, as the database sorts them.
fn key(row: &[Sql], table: &Table) -> Vec<(i64, Vec<u8>)> {
    let part = |value: &Sql| match value {
        Sql::Integer(number) => (*number, Vec::new()),
        Sql::Blob(bytes) => (i64::MAX, bytes.clone()),
        _ => (i64::MIN, Vec::new()),
    };
    row.iter().take(table.key.len()).map(part).collect()
}

/// What a row is called.
fn call(table: &Table, row: &[Sql], stored: &Connection) -> Result<String, StoreError> {
    let keys: Vec<i64> = key(row, table).into_iter().map(|(number, _)| number).collect();
    let name = |row: Option<&i64>| -> Result<String, StoreError> {
        let name = row.map_or(Ok(None), |row| name(stored, *row))?;
        Ok(name.map_or_else(|| "unknown".into(), |name| format!("`{name}`")))
    };
    Ok(match table.name {
        "annotation" => format!("{} on {}", hex(row.get(2)), name(keys.first())?),
        "annotation_key" => hex(row.first()),
        "item_label" => format!("{}, {}", name(keys.first())?, name(keys.get(1))?),
        _ => name(keys.first())?,
    })
}

fn hex(value: Option<&Sql>) -> String {
    match value {
        Some(Sql::Blob(bytes)) => to_hex(bytes),
        _ => String::new(),
    }
}

pub(super) fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Item(_) => "item",
        Subject::Annotation(_) => "annotation",
        Subject::Label(_) => "label",
    }
}

/// A stored value.
pub(super) fn decode(subject: &Subject, part: Part, bytes: &[u8]) -> Result<Value, StoreError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    Value::decode(&mut decoder, subject, part)
        .map_err(|_| malformed(<vaultmark_model::change::Field as Canonical>::WHAT))
}
