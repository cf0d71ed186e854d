//! Erasing payload for good: the words and shapes go, the chain stays verifiable.

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_crypto::chain::leaf_digest;
use vaultmark_model::ChangeId;
use vaultmark_model::change::{Part, Subject};

use super::known;
use super::links::{change_row, newest_revision};
use super::provenance::{COLUMNS, Revision};
use super::schema::{Db, ROLE};
use super::state::State;
use super::{Project, replay};
use crate::{StoreError, sqlite};

const WHAT: &str = "erasing";

impl Project {
    /// Erases the payload and the salt of one leaf; its digest stays, and the chain verifies as
    /// before. Only what no longer holds the present state can be erased: delete or replace it
    /// first. Undo can't bring it back afterwards. Freed pages are overwritten and the write-ahead
    /// log is emptied before this returns. An item's whole takes its file, thumbnail and pyramid
    /// along.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a leaf that is not here, [`StoreError::Refused`] with the
    /// reason.
    pub fn erase(&self, change: ChangeId, leaf: u32) -> Result<(), StoreError> {
        let mut locked = self.writing.lock()?;
        let names = locked.transaction(|db| {
            let missing = || StoreError::not_found("leaf", format!("{leaf} of change {change}"));
            let row = change_row(db, &change)?.ok_or_else(missing)?;
            let revision = db
                .query_row(
                    &format!(
                        "SELECT {COLUMNS} FROM revision WHERE change = ?1
                         AND row = (SELECT first + ?2 FROM change WHERE row = ?1)"
                    ),
                    params![row, leaf],
                    |r| Ok(Revision::read(r)),
                )
                .optional()
                .db(WHAT)?
                .ok_or_else(missing)??;
            if revision.value.is_none() {
                // It was withheld or erased before.
                return Ok(Vec::new());
            }
            let (subject, part) = (revision.subject, revision.part);
            admit(db, &revision, &subject, part)?;
            let digest = leaf_digest(&revision.leaf(leaf)?.as_leaf());
            db.execute(
                "UPDATE revision SET salt = NULL, value = NULL, digest = ?2 WHERE row = ?1",
                params![revision.row, digest.as_bytes()],
            )
            .db(WHAT)?;
            derive_again(db, &subject)?;
            if let (Subject::Label(_), Part::Whole) = (&subject, part) {
                // Deleted annotations that had it have none that is known.
                db.execute("UPDATE annotation SET label = NULL WHERE label = ?1", [revision.row])
                    .db(WHAT)?;
            }
            if part == Part::Whole { take_files(db, &subject) } else { Ok(Vec::new()) }
        })?;
        sqlite::release_pages(&locked.db, ROLE)?;
        drop(locked);
        names.iter().try_for_each(|name| self.blobs.remove(name))
    }
}

fn admit(
    db: &Connection,
    revision: &Revision,
    subject: &Subject,
    part: Part,
) -> Result<(), StoreError> {
    let present = known::is_present(db, subject)?.unwrap_or(false);
    let holds = part == Part::Whole || newest_revision(db, subject, part)? == Some(revision.row);
    if part == Part::Presence {
        return Err(StoreError::refused(WHAT, "it holds nothing but a yes or no"));
    }
    if present && holds {
        return Err(StoreError::refused(
            WHAT,
            "it holds the present state; delete or replace it first",
        ));
    }
    if matches!(subject, Subject::Item(_)) && part == Part::Whole {
        let left: Option<i64> = db
            .query_row("SELECT 1 FROM annotation WHERE item = ?1 LIMIT 1", [revision.row], |r| {
                r.get(0)
            })
            .optional()
            .db(WHAT)?;
        if left.is_some() {
            return Err(StoreError::refused(
                WHAT,
                "erase the annotations that lay on the item first",
            ));
        }
    }
    Ok(())
}

/// Derives the state of one deleted subject from the payload that is left.
fn derive_again(db: &Connection, subject: &Subject) -> Result<(), StoreError> {
    let whole = super::links::whole_row(db, subject)?;
    let delete = match subject {
        Subject::Annotation(id) => match known::annotation(db, id)? {
            Some(known) if known.present => return Ok(()),
            Some(known) => {
                const SQL: &str = "DELETE FROM annotation WHERE item = ?1 AND number = ?2";
                db.execute(SQL, [known.item, known.number]).db(WHAT)?;
                "DELETE FROM annotation_key WHERE id = ?1"
            }
            None => return Ok(()),
        },
        Subject::Item(_) => "DELETE FROM item WHERE id = ?1 AND present = 0",
        Subject::Label(_) => "DELETE FROM label WHERE id = ?1 AND present = 0",
    };
    if db.execute(delete, [subject.id_bytes()]).db(WHAT)? == 0 {
        return Ok(());
    }
    let mut statement = db
        .prepare(&format!(
            "SELECT {COLUMNS} FROM revision WHERE row = ?1
             UNION SELECT {COLUMNS} FROM revision WHERE subject = ?2 AND part > 0
             ORDER BY row"
        ))
        .db(WHAT)?;
    let mut rows = statement.query(params![whole, subject.id_bytes()]).db(WHAT)?;
    let mut state = State::default();
    while let Some(row) = rows.next().db(WHAT)? {
        let revision = Revision::read(row)?;
        if let Some(bytes) = &revision.value {
            let part = revision.part;
            let value = replay::decode(subject, part, bytes)?;
            state.apply(db, revision.row, subject, part, &value)?;
        }
    }
    state.flush(db)
}

/// Forgets an item's files; gives the names of the sealed ones, to be removed once this is durable.
fn take_files(db: &Connection, subject: &Subject) -> Result<Vec<String>, StoreError> {
    let Subject::Item(item) = subject else { return Ok(Vec::new()) };
    let take = || {
        let mut names = Vec::new();
        for table in ["media", "pack"] {
            let blob: Option<(i64, String)> = db
                .query_row(
                    &format!(
                        "SELECT b.row, b.name FROM {table} m JOIN blob b ON b.row = m.blob WHERE m.item = ?1"
                    ),
                    [item.as_bytes()],
                    |r| Ok((r.get(0)?, r.get(1)?)),
                )
                .optional()?;
            if let Some((row, name)) = blob {
                db.execute(&format!("DELETE FROM {table} WHERE item = ?1"), [item.as_bytes()])?;
                db.execute("DELETE FROM blob WHERE row = ?1", [row])?;
                names.push(name);
            }
        }
        db.execute("DELETE FROM thumbnail WHERE item = ?1", [item.as_bytes()])?;
        Ok(names)
    };
    take().db("erasing an item's files")
}
