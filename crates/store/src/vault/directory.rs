//! `directory.db`: what every member of the vault may know. Names of people with their public keys
//! (inside signed statements), officers' decisions, opaque project ids, and wrapped project keys.
//!
//! Nothing in it is believed because it is there: statements, decisions and wrap records are signed,
//! the first two are chained, and the slots remember how far the chains had come.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use vaultmark_crypto::{Key, expand};
use vaultmark_model::{ProjectId, VaultId};

use super::membership::SignedStatement;
use super::wrap_record::WrapRecord;
use crate::StoreError;
use crate::sqlite::{self, Migration, Schema};

const ROLE: &str = "vault directory";

const SCHEMA: Schema = Schema {
    role: ROLE,
    migrations: &[Migration { version: 1, sql: include_str!("directory_1.sql") }],
};

/// The open directory.
#[derive(Debug)]
pub(crate) struct Directory(Connection);

impl Directory {
    /// Makes the directory of a new vault.
    pub fn create(path: &Path, vault_key: &Key, vault: VaultId) -> Result<Self, StoreError> {
        sqlite::create(path, &key(vault_key, vault)?, &SCHEMA).map(Self)
    }

    /// Opens a vault's directory.
    pub fn open(path: &Path, vault_key: &Key, vault: VaultId) -> Result<Self, StoreError> {
        sqlite::open(path, &key(vault_key, vault)?, &SCHEMA).map(Self)
    }

    /// The vault's membership statements, from the genesis on.
    pub fn statements(&self) -> Result<Vec<SignedStatement>, StoreError> {
        self.links("SELECT seq, bytes, signature FROM statement ORDER BY seq")
    }

    /// The officers' decisions, from the first on.
    pub fn decisions(&self) -> Result<Vec<SignedStatement>, StoreError> {
        self.links("SELECT seq, bytes, signature FROM decision ORDER BY seq")
    }

    /// Adds the statement that comes next.
    pub fn add_statement(&self, statement: &SignedStatement) -> Result<(), StoreError> {
        self.add("INSERT INTO statement SELECT count(*), ?1, ?2 FROM statement", statement)
    }

    /// Adds the decision that comes next.
    pub fn add_decision(&self, decision: &SignedStatement) -> Result<(), StoreError> {
        self.add("INSERT INTO decision SELECT count(*), ?1, ?2 FROM decision", decision)
    }

    /// Adds a project with the wraps of its key, all or nothing.
    pub fn add_project(&mut self, wraps: &[SignedStatement]) -> Result<(), StoreError> {
        let transaction = self.0.transaction().map_err(fail("adding a project"))?;
        for signed in wraps {
            let record = WrapRecord::verify(signed)?;
            transaction
                .execute(
                    "INSERT OR IGNORE INTO project VALUES (?1)",
                    params![&record.project.as_bytes()[..]],
                )
                .map_err(fail("adding a project"))?;
            transaction
                .execute(
                    "INSERT INTO wrap VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        &record.project.as_bytes()[..],
                        record.epoch,
                        record.recipient,
                        signed.bytes,
                        signed.signature
                    ],
                )
                .map_err(fail("adding a project's key"))?;
        }
        transaction.commit().map_err(fail("adding a project"))
    }

    /// Takes a project and all wraps of its key out.
    pub fn remove_project(&mut self, project: ProjectId) -> Result<(), StoreError> {
        let id = &project.as_bytes()[..];
        let transaction = self.0.transaction().map_err(fail("removing a project"))?;
        for sql in ["DELETE FROM wrap WHERE project = ?1", "DELETE FROM project WHERE id = ?1"] {
            transaction.execute(sql, params![id]).map_err(fail("removing a project"))?;
        }
        transaction.commit().map_err(fail("removing a project"))
    }

    /// Every project of the vault.
    pub fn projects(&self) -> Result<Vec<ProjectId>, StoreError> {
        self.ids("SELECT id FROM project ORDER BY id", params![])
    }

    /// The projects of which a recipient has a key.
    pub fn projects_of(&self, recipient: &str) -> Result<Vec<ProjectId>, StoreError> {
        let sql = "SELECT DISTINCT project FROM wrap WHERE recipient = ?1 ORDER BY project";
        self.ids(sql, params![recipient])
    }

    /// The newest wrap of a project's key for a recipient.
    pub fn newest_wrap(
        &self,
        project: ProjectId,
        recipient: &str,
    ) -> Result<Option<SignedStatement>, StoreError> {
        self.0
            .query_row(
                "SELECT bytes, signature FROM wrap WHERE project = ?1 AND recipient = ?2
                 ORDER BY epoch DESC LIMIT 1",
                params![&project.as_bytes()[..], recipient],
                |row| Ok(SignedStatement { bytes: row.get(0)?, signature: row.get(1)? }),
            )
            .optional()
            .map_err(fail("reading a project's key"))
    }

    /// Every wrap record.
    pub fn wraps(&self) -> Result<Vec<SignedStatement>, StoreError> {
        let sql = "SELECT bytes, signature FROM wrap ORDER BY project, epoch, recipient";
        let mut statement = self.0.prepare(sql).map_err(fail("reading keys"))?;
        let rows = statement
            .query_map([], |row| Ok(SignedStatement { bytes: row.get(0)?, signature: row.get(1)? }))
            .map_err(fail("reading keys"))?;
        rows.collect::<Result<_, _>>().map_err(fail("reading keys"))
    }

    /// The newest generation of a slot that this directory has seen.
    pub fn slot_generation(&self, name: &str) -> Result<u64, StoreError> {
        let found: Option<i64> = self
            .0
            .query_row("SELECT generation FROM slot WHERE name = ?1", params![name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(fail("reading a slot's number"))?;
        Ok(found.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Remembers a slot's generation.
    pub fn set_slot_generation(&self, name: &str, generation: u64) -> Result<(), StoreError> {
        let generation = i64::try_from(generation).unwrap_or(i64::MAX);
        self.0
            .execute(
                "INSERT INTO slot VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET generation = excluded.generation",
                params![name, generation],
            )
            .map_err(fail("remembering a slot's number"))?;
        Ok(())
    }

    /// Problems of the file itself, one line each.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        sqlite::integrity(&self.0, ROLE)
    }

    fn links(&self, sql: &str) -> Result<Vec<SignedStatement>, StoreError> {
        let mut statement = self.0.prepare(sql).map_err(fail("reading a signed list"))?;
        let rows = statement
            .query_map([], |row| Ok(SignedStatement { bytes: row.get(1)?, signature: row.get(2)? }))
            .map_err(fail("reading a signed list"))?;
        rows.collect::<Result<_, _>>().map_err(fail("reading a signed list"))
    }

    fn add(&self, sql: &str, link: &SignedStatement) -> Result<(), StoreError> {
        self.0
            .execute(sql, params![link.bytes, link.signature])
            .map_err(fail("adding to a signed list"))?;
        Ok(())
    }

    fn ids(
        &self,
        sql: &str,
        params: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<ProjectId>, StoreError> {
        let mut statement = self.0.prepare(sql).map_err(fail("listing projects"))?;
        let rows = statement
            .query_map(params, |row| row.get::<_, [u8; 16]>(0))
            .map_err(fail("listing projects"))?;
        let ids: Result<Vec<_>, _> = rows.map(|id| id.map(ProjectId::from_bytes)).collect();
        ids.map_err(fail("listing projects"))
    }
}

fn key(vault_key: &Key, vault: VaultId) -> Result<Key, StoreError> {
    Ok(expand(vault_key, "vault/directory", vault.as_bytes())?)
}

fn fail(what: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| sqlite::fault(ROLE, what, Path::new("directory.db"), error)
}
