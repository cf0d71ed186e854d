//! What is not history: how a person left the screens, and where a project came from.

use rusqlite::{OptionalExtension, params};
use vaultmark_model::{BundleId, Timestamp};

use super::schema::{Db, malformed};
use super::{Project, meta};
use crate::StoreError;

/// The most bytes of a setting.
const MOST: usize = 64 * 1024;

/// Where a received project came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReceivedFrom {
    /// The bundle.
    pub bundle: BundleId,
    /// The fingerprint of the key that signed it.
    pub signer: String,
    /// When it was received.
    pub time: Timestamp,
}

impl Project {
    /// A setting of this person in this project.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.readers
            .snapshot()?
            .query_row(
                "SELECT value FROM setting WHERE person = ?1 AND name = ?2",
                params![self.author.person.as_bytes(), name],
                |r| r.get(0),
            )
            .optional()
            .db("reading a setting")
    }

    /// Keeps a setting of this person in this project. Not a Change.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for more than 64 KiB; where the database fails.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        if value.len() > MOST {
            return Err(StoreError::refused("keeping a setting", "it has more than 64 KiB"));
        }
        let person = self.author.person;
        self.writing.lock()?.transaction(|db| {
            db.execute(
                "INSERT INTO setting (person, name, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
                params![person.as_bytes(), name, value],
            )
            .map(|_| ())
            .db("keeping a setting")
        })
    }

    /// Where the project came from, if it was received.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn received_from(&self) -> Result<Option<ReceivedFrom>, StoreError> {
        meta(&*self.readers.snapshot()?, "received")?
            .map(|text| {
                serde_json::from_str(&text).map_err(|_| malformed("where the project came from"))
            })
            .transpose()
    }

    /// Records where the project came from.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn set_received_from(&self, from: &ReceivedFrom) -> Result<(), StoreError> {
        let text =
            serde_json::to_string(from).map_err(|_| malformed("where the project came from"))?;
        self.writing.lock()?.transaction(|db| {
            db.execute(
                "INSERT INTO meta (name, value) VALUES ('received', ?1)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
                [text],
            )
            .map(|_| ())
            .db("recording where the project came from")
        })
    }
}
