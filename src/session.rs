//! A session: an open vault with the person who opened it, and the door that every operation passes.
//!
//! [`Session::enter`] and [`Session::permit`] are where the policy is asked, once per operation;
//! nothing else in the program hands out a [`Project`]. Refusals are recorded; so are the operations
//! whose row in [`crate::policy::Operation`] says so, before they happen: an operation that can't be
//! recorded does not take place.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vaultmark_crypto::{Passphrase, fingerprint};
use vaultmark_media::worker::confine::Confinement;
use vaultmark_media::{OpenImage, Pool};
use vaultmark_model::policy::Policy;
use vaultmark_model::{ItemId, Permission, ProjectId, Role, Timestamp};
use vaultmark_store::Ambient;
use vaultmark_store::audit::{Event, Outcome};
use vaultmark_store::project::Project;
use vaultmark_store::vault::{LockedVault, NewVault, RecoverySheet, Vault};

use crate::AppError;
use crate::policy::{self, Decision, Operation};

/// Decoders kept at once: the item on screen, its neighbours, and the one before.
const OPEN_IMAGES: usize = 4;

/// An open vault and the person who opened it.
pub struct Session {
    vault: Vault,
    projects: Mutex<HashMap<ProjectId, Arc<Project>>>,
    opened: Mutex<HashSet<(ProjectId, ItemId)>>,
    images: Mutex<Vec<(ProjectId, ItemId, Arc<OpenImage>)>>,
    decoder: Decoder,
    ambient: Arc<Ambient>,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The person's name.
    pub person: String,
    /// The roles held in the vault.
    pub roles: Vec<Role>,
    /// The sign-in before this one.
    pub last_sign_in: Option<Timestamp>,
    /// Failed attempts since then.
    pub failures_since: u32,
    /// The vault's folder.
    pub vault: PathBuf,
    /// The signing key's fingerprint as `ssh-keygen -l` prints it.
    pub fingerprint: String,
}

/// How the decoder's worker processes are started.
#[derive(Debug, Clone)]
pub struct DecoderProgram {
    /// The command-line program.
    pub program: PathBuf,
    /// How many workers at most.
    pub workers: usize,
}

/// The pool of decoder workers, started at the first file.
struct Decoder {
    settings: DecoderProgram,
    pool: Mutex<Option<Pool>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// Makes a vault with its first officer.
    ///
    /// # Errors
    /// The store's: the folder is not empty, can't be written, the passphrase is too short.
    pub fn create(
        folder: &Path,
        new: NewVault,
        ambient: Arc<Ambient>,
        decoder: DecoderProgram,
    ) -> Result<(Self, RecoverySheet), AppError> {
        let (vault, sheet) = LockedVault::create(folder, new, Arc::clone(&ambient))?;
        Ok((Self::new(vault, ambient, decoder), sheet))
    }

    /// Opens a locked vault. On failure the locked vault comes back.
    ///
    /// # Errors
    /// The store's: wrong credential, account locked, damage.
    pub fn unlock(
        locked: LockedVault,
        name: &str,
        passphrase: &Passphrase,
        ambient: Arc<Ambient>,
        decoder: DecoderProgram,
    ) -> Result<Self, (Box<LockedVault>, AppError)> {
        match locked.unlock(name, passphrase) {
            Ok(vault) => Ok(Self::new(vault, ambient, decoder)),
            Err((locked, error)) => Err((Box::new(locked), error.into())),
        }
    }

    fn new(vault: Vault, ambient: Arc<Ambient>, settings: DecoderProgram) -> Self {
        Self {
            vault,
            projects: Mutex::default(),
            opened: Mutex::default(),
            images: Mutex::default(),
            decoder: Decoder { settings, pool: Mutex::new(None) },
            ambient,
        }
    }

    /// Closes every project, drops the keys, and gives the locked vault back.
    ///
    /// # Errors
    /// Where the closing checkpoint can't be written; the keys are gone all the same.
    pub fn lock(self) -> Result<LockedVault, AppError> {
        lock(&self.images).clear();
        lock(&self.projects).clear();
        Ok(self.vault.lock()?)
    }

    /// The open vault, for what belongs to the vault itself.
    #[must_use]
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The clock and random source.
    #[must_use]
    pub fn ambient(&self) -> &Arc<Ambient> {
        &self.ambient
    }

    /// The vault's policy.
    ///
    /// # Errors
    /// The store's where the signed decisions do not hold.
    pub fn policy(&self) -> Result<Policy, AppError> {
        Ok(self.vault.policy()?)
    }

    /// Who is signed in, for the screen.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let person = self.vault.person();
        let last = self.vault.last_sign_in();
        Profile {
            person: person.name.clone(),
            roles: person.roles.clone(),
            last_sign_in: last.map(|sign_in| sign_in.time),
            failures_since: last.map_or(0, |sign_in| sign_in.failures_since),
            vault: self.vault.path().to_owned(),
            fingerprint: fingerprint(&self.vault.public_key()),
        }
    }

    /// Signing in again, for what the policy asks it for.
    ///
    /// # Errors
    /// The store's: wrong credential, account locked; counted and recorded as a failed sign-in.
    pub fn confirm(&self, passphrase: &Passphrase) -> Result<(), AppError> {
        Ok(self.vault.confirm(passphrase)?)
    }

    /// To be called about once a minute: signs an audit checkpoint when one is due.
    ///
    /// # Errors
    /// The store's where it can't be written.
    pub fn tick(&self) -> Result<(), AppError> {
        Ok(self.vault.tick()?)
    }

    /// Asks the policy about an operation on the vault, and records it.
    ///
    /// # Errors
    /// [`AppError::Denied`]; the store's where the record can't be written.
    pub fn permit(&self, operation: Operation) -> Result<(), AppError> {
        self.ask(operation, &[], None)
    }

    /// Asks the policy about an operation in a project, records it, and hands the project out.
    ///
    /// # Errors
    /// [`AppError::Denied`]; the store's where the project can't be opened or the record can't be
    /// written.
    pub fn enter(&self, operation: Operation, id: ProjectId) -> Result<Arc<Project>, AppError> {
        let project = self.open(id)?;
        let roles = self.vault.project_roles(&project);
        self.ask(operation, &roles, Some(id))?;
        Ok(project)
    }

    /// What the person may do in a project.
    ///
    /// # Errors
    /// The store's where the project can't be opened.
    pub fn project_roles(&self, id: ProjectId) -> Result<Vec<Role>, AppError> {
        let project = self.open(id)?;
        Ok(self.vault.project_roles(&project))
    }

    /// What the person's roles in the vault permit.
    #[must_use]
    pub fn vault_permissions(&self) -> Vec<Permission> {
        let roles = &self.vault.person().roles;
        let all = Permission::ALL.iter().copied();
        all.filter(|one| roles.iter().any(|role| role.permissions().contains(one))).collect()
    }

    /// Records that an item was opened, once in a session.
    ///
    /// # Errors
    /// The store's where the record can't be written.
    pub(crate) fn record_opened(&self, project: ProjectId, item: ItemId) -> Result<(), AppError> {
        if lock(&self.opened).contains(&(project, item)) {
            return Ok(());
        }
        self.record("item.open", Outcome::Done, Some(project), [("item", item.to_string())])?;
        lock(&self.opened).insert((project, item));
        Ok(())
    }

    /// Writes one entry of the audit log.
    ///
    /// # Errors
    /// The store's where the record can't be written.
    pub(crate) fn record<const N: usize>(
        &self,
        action: &str,
        outcome: Outcome,
        project: Option<ProjectId>,
        detail: [(&str, String); N],
    ) -> Result<(), AppError> {
        let mut event = Event::new(action).outcome(outcome);
        if let Some(project) = project {
            event = event.project(project);
        }
        let event = detail.into_iter().fold(event, |event, (key, value)| event.detail(key, value));
        Ok(self.vault.record(event)?)
    }

    /// The pool of decoder workers; each starts with the first file that it is given.
    #[must_use]
    pub fn decoder(&self) -> Pool {
        let mut pool = lock(&self.decoder.pool);
        let DecoderProgram { program, workers } = self.decoder.settings.clone();
        let words = vec![crate::DECODE_WORKER.into()];
        pool.get_or_insert_with(|| Pool::new(program, words, workers, Confinement::default()))
            .clone()
    }

    /// An item's decoder: the one that is kept, or a new one made by `make`. The last few stay, so
    /// that going back and forth decodes nothing twice.
    ///
    /// # Errors
    /// Those of `make`.
    pub(crate) fn open_image(
        &self,
        project: ProjectId,
        item: ItemId,
        make: impl FnOnce() -> Result<OpenImage, AppError>,
    ) -> Result<Arc<OpenImage>, AppError> {
        let kept = |images: &mut Vec<(ProjectId, ItemId, Arc<OpenImage>)>| {
            let at = images.iter().position(|(p, i, _)| (*p, *i) == (project, item))?;
            let entry = images.remove(at);
            let image = Arc::clone(&entry.2);
            images.push(entry);
            Some(image)
        };
        if let Some(image) = kept(&mut lock(&self.images)) {
            return Ok(image);
        }
        // Decoding happens outside the lock: another item's tiles do not wait for it.
        let image = Arc::new(make()?);
        let mut images = lock(&self.images);
        if let Some(first) = kept(&mut images) {
            return Ok(first);
        }
        images.push((project, item, Arc::clone(&image)));
        if images.len() > OPEN_IMAGES {
            images.remove(0);
        }
        Ok(image)
    }

    /// Signs a checkpoint into the audit log and gives its short code.
    ///
    /// # Errors
    /// The store's where it can't be written.
    pub(crate) fn checkpoint(&self) -> Result<String, AppError> {
        Ok(self.vault.checkpoint()?.code)
    }

    fn open(&self, id: ProjectId) -> Result<Arc<Project>, AppError> {
        let mut projects = lock(&self.projects);
        if let Some(project) = projects.get(&id) {
            return Ok(Arc::clone(project));
        }
        let project = self.vault.open_project(id)?;
        projects.insert(id, Arc::clone(&project));
        Ok(project)
    }

    fn ask(
        &self,
        operation: Operation,
        project_roles: &[Role],
        project: Option<ProjectId>,
    ) -> Result<(), AppError> {
        match policy::decide(operation, &self.vault.person().roles, project_roles) {
            Decision::Denied { missing } => {
                self.record(
                    operation.word(),
                    Outcome::Refused,
                    project,
                    [("missing", missing.word().to_owned())],
                )?;
                Err(AppError::Denied { operation: operation.word(), missing })
            }
            Decision::Allowed if operation.is_recorded() => {
                self.record(operation.word(), Outcome::Started, project, [])
            }
            Decision::Allowed => Ok(()),
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}
