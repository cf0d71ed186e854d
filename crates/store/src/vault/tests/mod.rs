//! Vaults made, used, broken and put back.

mod damage;
mod membership;
mod processes;
mod projects;
mod recovery;
mod rollback;
mod signing_in;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use vaultmark_crypto::{KdfParameters, Passphrase, SystemEntropy};
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::{Marking, Timestamp};

use super::{LockedVault, NewVault, RecoverySheet, Vault};
use crate::{Ambient, Clock, StoreError};

pub(super) const OFFICER: &str = "Ada Lovelace";
pub(super) const PASSPHRASE: &str = "correct horse battery staple";
pub(super) const MINUTE: i64 = 60_000;

/// A clock that only the test moves.
pub(super) struct TestClock(AtomicI64);

impl TestClock {
    /// Goes on, or back, by minutes.
    pub fn pass(&self, minutes: i64) {
        self.0.fetch_add(minutes * MINUTE, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A folder for a vault, with a clock of its own.
pub(super) struct Place {
    folder: TempDir,
    pub clock: Arc<TestClock>,
    pub ambient: Arc<Ambient>,
}

impl Place {
    pub fn new() -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(1_767_225_600_000)));
        let entropy = Arc::new(SystemEntropy);
        let ambient = Arc::new(Ambient { clock: Arc::clone(&clock) as Arc<dyn Clock>, entropy });
        Self { folder: tempfile::tempdir().unwrap(), clock, ambient }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub fn create(&self) -> (Vault, RecoverySheet) {
        LockedVault::create(&self.path(), new_vault(), Arc::clone(&self.ambient)).unwrap()
    }

    pub fn open(&self) -> Result<LockedVault, StoreError> {
        LockedVault::open(&self.path(), Arc::clone(&self.ambient))
    }

    pub fn unlock(&self) -> Result<Vault, StoreError> {
        self.open()?.unlock(OFFICER, &passphrase(PASSPHRASE)).map_err(|(_, error)| error)
    }

    /// A vault that was made and closed.
    pub fn made(self) -> Self {
        let (vault, _) = self.create();
        vault.lock().unwrap();
        self
    }

    /// The only slot's file.
    pub fn slot(&self) -> PathBuf {
        let mut found = std::fs::read_dir(self.path().join("slots")).unwrap();
        found.next().unwrap().unwrap().path()
    }
}

pub(super) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.into())
}

/// As little work as Argon2id takes: these tests are about what happens around it.
pub(super) fn cheap() -> KdfParameters {
    KdfParameters::Argon2id { memory_kib: 16, passes: 1, lanes: 1 }
}

pub(super) fn new_vault() -> NewVault {
    NewVault {
        officer: OFFICER.into(),
        passphrase: passphrase(PASSPHRASE),
        policy: Policy::new(Marking::new("RESTRICTED").unwrap(), ExportPolicy::Single),
        kdf: cheap(),
    }
}

/// Every file under a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}
