//! A project: its database, its sealed media, and every way to read and change them.
//!
//! Promises:
//! - Everything that changes a label is one signed, chained Change, durable when the call returns.
//!   The tables of items, labels and annotations are derived from the changes; [`Project::check`]
//!   derives them again and names what differs.
//! - Undo is a new Change. The stack of undo and redo is read off the chain, so it survives
//!   restarts, and what somebody changed since is refused with the reason.
//! - Blobs are bound to project and blob, padded, written whole or not at all, and authenticated to
//!   their end when they are opened.
//! - Readers see one snapshot each and never wait for the writer. There is one writer; whoever
//!   holds a [`Batch`] or a [`Receiver`] holds it.

mod annotations;
mod batch;
mod check;
mod commit;
mod draft;
mod erase;
mod history;
mod items;
mod keys;
mod known;
mod labels;
mod leaves;
mod links;
mod media;
mod packs;
mod provenance;
mod readers;
mod receive;
mod replay;
mod rules;
mod schema;
mod settings;
mod staging;
mod state;
#[cfg(test)]
mod tests;
mod undo;
mod withheld;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use vaultmark_crypto::{Key, SigningKey, expand};
use vaultmark_model::change::Heads;
use vaultmark_model::{Marking, PersonId, ProjectId, ReplicaId, Timestamp};

use crate::blob::{Blobs, Names};
use crate::{Ambient, StoreError, atomic, sqlite};

pub use crate::blob::{BlobReader, Swept};
pub use batch::Batch;
pub use check::CheckReport;
pub use commit::Committed;
pub use history::HistoryEntry;
pub use items::{Counts, Folder, Folders, ItemQuery, ItemRow, ItemState, Page, Sort};
pub use labels::Numbers;
pub use media::{MediaBatch, MediaGroup, NewMedia};
pub use packs::Evicted;
pub use provenance::{Disclosure, EachChange, LeafStream};
pub use receive::{Received, Receiver};
pub use settings::ReceivedFrom;
pub use undo::{Exception, Step, UndoState, Undone};

use readers::Readers;
use schema::{Db, SCHEMA};
use writer::Writing;

/// The database's file name in the project's folder.
pub const DATABASE: &str = "project.db";
/// The folder of sealed files beside it.
pub const BLOBS: &str = "blobs";

/// What a project is in this vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectIdentity {
    /// The project, in whichever vault it is.
    pub id: ProjectId,
    /// This vault's copy of it.
    pub replica: ReplicaId,
    /// Its name.
    pub name: String,
    /// Its marking.
    pub marking: Marking,
    /// The epoch of its key.
    pub epoch: u32,
}

/// What a project's own key is expanded into.
pub struct ProjectKeys {
    /// Opens the database.
    pub database: Key,
}

impl ProjectKeys {
    /// Expands the project key of one epoch.
    ///
    /// # Errors
    /// [`StoreError::Crypto`] where no protected memory is left.
    pub fn expand(key: &Key, project: &ProjectId) -> Result<Self, StoreError> {
        Ok(Self { database: expand(key, "vaultmark/project/database/v1", project.as_bytes())? })
    }
}

/// Who makes changes, and with what.
#[derive(Clone)]
pub struct Author {
    /// The person's signing key.
    pub signer: Arc<SigningKey>,
    /// The person.
    pub person: PersonId,
    /// Program and version: `vaultmark 0.1.0`.
    pub program: String,
}

/// What is told of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectInfo {
    /// What it is.
    pub identity: ProjectIdentity,
    /// When it was made in this vault.
    pub created: Timestamp,
    /// Where it came from, if it was received.
    pub received_from: Option<ReceivedFrom>,
}

/// An open project.
pub struct Project {
    identity: ProjectIdentity,
    created: Timestamp,
    author: Author,
    ambient: Arc<Ambient>,
    folder: PathBuf,
    blobs: Blobs,
    writing: Writing,
    readers: Readers,
}

impl Project {
    /// Makes a project in `folder`, which does not exist yet.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where there is a database already, [`StoreError::Io`] and its kin.
    pub(crate) fn create(
        folder: &Path,
        identity: ProjectIdentity,
        keys: ProjectKeys,
        author: Author,
        ambient: Arc<Ambient>,
    ) -> Result<Self, StoreError> {
        vaultmark_model::text::check_name("project name", &identity.name)?;
        let make = |path: &Path| {
            atomic::create_private_folder(path).map_err(|e| StoreError::io("making", path, e))
        };
        make(folder)?;
        make(&folder.join(BLOBS))?;
        let db = sqlite::create(&folder.join(DATABASE), &keys.database, &SCHEMA)?;
        let created = ambient.now();
        let facts = [
            ("project", identity.id.to_string()),
            ("replica", identity.replica.to_string()),
            ("name", identity.name.clone()),
            ("marking", identity.marking.text().to_owned()),
            ("epoch", identity.epoch.to_string()),
            ("created", created.millis().to_string()),
        ];
        let write = || {
            db.execute_batch("BEGIN IMMEDIATE")?;
            for (name, value) in &facts {
                db.execute(
                    "INSERT INTO meta (name, value) VALUES (?1, ?2)",
                    [*name, value.as_str()],
                )?;
            }
            db.execute_batch("COMMIT")
        };
        write().db("making a project")?;
        for path in [folder, folder.parent().unwrap_or(folder)] {
            atomic::sync_folder(path).map_err(|e| StoreError::io("making", path, e))?;
        }
        Self::with(folder, identity, created, keys, author, ambient, db)
    }

    /// Opens the project in `folder`. What it says of itself must be what the caller has from
    /// signed membership.
    ///
    /// Leftovers of interrupted writing stay until [`Project::sweep`], which is called once the
    /// heads are known to be no older than the last recorded ones: a database that was put back
    /// would otherwise take newer media for leftovers.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::NewerVersion`], [`StoreError::Io`] and its kin.
    pub(crate) fn open(
        folder: &Path,
        expected: &ProjectId,
        keys: ProjectKeys,
        author: Author,
        ambient: Arc<Ambient>,
    ) -> Result<Self, StoreError> {
        let db = sqlite::open(&folder.join(DATABASE), &keys.database, &SCHEMA)?;
        let unreadable = || schema::malformed("what the project says of itself");
        let fact = |name: &str| meta(&db, name)?.ok_or_else(unreadable);
        let identity = ProjectIdentity {
            id: fact("project")?.parse().map_err(|_| unreadable())?,
            replica: fact("replica")?.parse().map_err(|_| unreadable())?,
            name: fact("name")?,
            marking: Marking::new(&fact("marking")?)?,
            epoch: fact("epoch")?.parse().map_err(|_| unreadable())?,
        };
        let created = fact("created")?.parse().map_err(|_| unreadable())?;
        if identity.id != *expected {
            return Err(StoreError::damaged(schema::ROLE, "it is another project's"));
        }
        let created = Timestamp::from_millis(created);
        Self::with(folder, identity, created, keys, author, ambient, db)
    }

    fn with(
        folder: &Path,
        identity: ProjectIdentity,
        created: Timestamp,
        keys: ProjectKeys,
        author: Author,
        ambient: Arc<Ambient>,
        db: Connection,
    ) -> Result<Self, StoreError> {
        let writing = Writing::new(db, identity.replica, author.signer.public())?;
        let readers = Readers::new(folder.join(DATABASE), keys.database);
        let blobs = Blobs::new(folder.join(BLOBS), identity.id, Arc::clone(&ambient));
        let folder = folder.to_path_buf();
        Ok(Self { identity, created, author, ambient, folder, blobs, writing, readers })
    }

    /// What the project is.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it can't be read.
    pub fn info(&self) -> Result<ProjectInfo, StoreError> {
        Ok(ProjectInfo {
            identity: self.identity.clone(),
            created: self.created,
            received_from: self.received_from()?,
        })
    }

    /// The project's identifier.
    #[must_use]
    pub fn id(&self) -> ProjectId {
        self.identity.id
    }

    /// This vault's copy of it.
    #[must_use]
    pub fn replica(&self) -> ReplicaId {
        self.identity.replica
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// Its marking.
    #[must_use]
    pub fn marking(&self) -> &Marking {
        &self.identity.marking
    }

    /// The folder it lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The last link of every chain that is here, by replica.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn heads(&self) -> Result<Heads, StoreError> {
        provenance::heads(&*self.readers.snapshot()?)
    }

    /// Whether the project still holds, or has gone on from, every link that `earlier` names. A
    /// database that was put back from an old copy does not.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn descends_from(&self, earlier: &Heads) -> Result<bool, StoreError> {
        let db = self.readers.snapshot()?;
        for (replica, seq, digest) in earlier {
            let header: Option<Vec<u8>> = db
                .query_row(
                    "SELECT c.header FROM change c JOIN replica r ON r.row = c.replica
                     WHERE r.id = ?1 AND c.seq = ?2",
                    rusqlite::params![replica.as_bytes(), i64::try_from(*seq).unwrap_or(i64::MAX)],
                    |r| r.get(0),
                )
                .optional()
                .db("reading the history")?;
            if header.map(|bytes| vaultmark_crypto::chain::header_hash(&bytes)) != Some(*digest) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes what interrupted writing has left among the sealed files: temporaries, and files
    /// that no row names. Nothing that was acknowledged is among them.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the folder can't be read or written.
    pub fn sweep(&self) -> Result<Swept, StoreError> {
        // Held, so that no file is between its rename and its row.
        let locked = self.writing.lock()?;
        self.blobs.sweep(&blob_names(&locked.db)?)
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Project").field("id", &self.identity.id).finish_non_exhaustive()
    }
}

/// The names of all sealed files that are known.
fn blob_names(db: &Connection) -> Result<Names, StoreError> {
    let mut names = Names::default();
    let mut read = || -> rusqlite::Result<()> {
        let mut statement = db.prepare("SELECT name FROM blob")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            names.extend([row.get_ref(0)?.as_str()?]);
        }
        Ok(())
    };
    read().db("listing the sealed files")?;
    Ok(names)
}

/// One fact of the `meta` table.
fn meta(db: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    db.query_row("SELECT value FROM meta WHERE name = ?1", [name], |r| r.get(0))
        .optional()
        .db("reading what the project says of itself")
}
