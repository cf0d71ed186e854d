//! A session: an open vault with the person who opened it, and the door that every operation passes.
//!
//! [`Session::enter`] and [`Session::permit`] are where the policy is asked, once per operation;
//! nothing else in the program hands out a [`Project`]. Refusals are recorded; so are the operations
//! whose row in [`crate::policy::Operation`] says so, before they happen: an operation that can't be
//! recorded does not take place.

mod fresh;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use vaultmark_contain as contain;
use vaultmark_crypto::{Passphrase, fingerprint};
use vaultmark_media::worker::confine::Confinement;
use vaultmark_media::{OpenImage, Pool};
use vaultmark_model::policy::{Containment, Policy};
use vaultmark_model::{ItemId, Marking, Permission, ProjectId, Role, Timestamp};
use vaultmark_store::Ambient;
use vaultmark_store::audit::{Event, Outcome};
use vaultmark_store::project::{Project, ReceivedFrom};
use vaultmark_store::vault::{LockedVault, NewVault, RecoverySheet, Vault};

use crate::AppError;
use crate::policy::{self, Decision, Operation};
pub use fresh::FreshSignIn;

/// Tells the sessions of this process apart.
static SERIAL: AtomicU64 = AtomicU64::new(1);

/// Decoders kept at once: the item on screen, its neighbours, and the one before.
const OPEN_IMAGES: usize = 4;

/// An open vault and the person who opened it.
pub struct Session {
    vault: Vault,
    serial: u64,
    /// The sign-in that opened the session, until something takes it.
    signed_in: Mutex<Option<FreshSignIn>>,
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

/// Decoder workers. What a hostile file may have done to its worker goes no further than its import, or
/// its project.
struct Decoder {
    settings: DecoderProgram,
    /// Of the plans since the last import.
    strangers: Mutex<Option<Pool>>,
    /// Of the project that was asked for last.
    kept: Mutex<Option<(ProjectId, Pool)>>,
}

impl Decoder {
    /// A pool; each worker starts with the first file that it is given.
    fn pool(&self) -> Pool {
        let DecoderProgram { program, workers } = self.settings.clone();
        let words = vec![crate::DECODE_WORKER.into()];
        Pool::new(program, words, workers, Confinement::default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is missing of the walls that a vault's policy asks for; nothing where all stand.
///
/// # Errors
/// [`AppError::NotContained`] where the policy insists.
fn contained(policy: Containment) -> Result<Option<Gap>, AppError> {
    let gap = match contain::standing() {
        // Not one of the two programs: both try first of all (`startup`).
        contain::Standing::Untried => return Ok(None),
        contain::Standing::Open(why) => Gap::Network(why),
        contain::Standing::Sealed => match contain::file_wall() {
            contain::FileWall::Landlock(_) => return Ok(None),
            contain::FileWall::Missing => Gap::Files,
        },
    };
    match policy {
        Containment::Full => Err(AppError::NotContained { gap }),
        Containment::Partial => Ok(Some(gap)),
    }
}

/// A wall that does not stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// The network is not sealed.
    #[error("the network can't be sealed off: {0}")]
    Network(contain::Unavailable),
    /// Decoders are not kept from files by Landlock.
    #[error(
        "this kernel has no Landlock, which keeps decoders from files (Linux 5.13 or newer, with `landlock` among its `lsm`)"
    )]
    Files,
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
        let gap = contained(new.policy.containment)?;
        let (vault, sheet) = LockedVault::create(folder, new, Arc::clone(&ambient))?;
        let session = Self::new(vault, ambient, decoder);
        match session.record_gap(gap) {
            Ok(()) => Ok((session, sheet)),
            Err(error) => {
                // The reason is the one to tell.
                let _ = session.unmake();
                Err(error)
            }
        }
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
        let began = Instant::now();
        let vault = match locked.unlock(name, passphrase) {
            Ok(vault) => vault,
            Err((locked, error)) => return Err((Box::new(locked), error.into())),
        };
        let milliseconds = began.elapsed().as_millis();
        tracing::debug!(milliseconds, "vault unlocked");
        let session = Self::new(vault, ambient, decoder);
        match session.policy().and_then(|policy| contained(policy.containment)) {
            Ok(gap) => match session.record_gap(gap) {
                Ok(()) => Ok(session),
                Err(error) => Err((Box::new(session.vault.into_locked()), error)),
            },
            Err(error) => {
                // Where even this can't be written, the vault stays shut all the same.
                let _ = session.record(
                    "containment",
                    Outcome::Refused,
                    None,
                    [("why", error.to_string())],
                );
                Err((Box::new(session.vault.into_locked()), error))
            }
        }
    }

    /// The policy allows a wall to be missing; the record says that it was.
    fn record_gap(&self, gap: Option<Gap>) -> Result<(), AppError> {
        let Some(gap) = gap else { return Ok(()) };
        self.record("containment", Outcome::Failed, None, [("missing", gap.to_string())])
    }

    fn new(vault: Vault, ambient: Arc<Ambient>, settings: DecoderProgram) -> Self {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        Self {
            vault,
            serial,
            signed_in: Mutex::new(Some(FreshSignIn::now(serial))),
            projects: Mutex::default(),
            opened: Mutex::default(),
            images: Mutex::default(),
            decoder: Decoder { settings, strangers: Mutex::default(), kept: Mutex::default() },
            ambient,
        }
    }

    /// Takes back a vault that was made in this session, because what had to follow failed. The
    /// folder holds no vault then.
    ///
    /// # Errors
    /// The store's where it has a project or a file can't be removed.
    pub fn unmake(self) -> Result<(), AppError> {
        lock(&self.projects).clear();
        Ok(self.vault.unmake()?)
    }

    /// Closes every project, drops the keys, and gives the locked vault back.
    ///
    /// # Errors
    /// Where the closing checkpoint can't be written; the keys are gone all the same.
    pub fn lock(self) -> Result<LockedVault, AppError> {
        lock(&self.images).clear();
        lock(&self.projects).clear();
        tracing::debug!("locking");
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

    /// Signing in again, for what the policy asks it for. The proof is good for one operation that
    /// begins soon.
    ///
    /// # Errors
    /// The store's: wrong credential, account locked; counted and recorded as a failed sign-in.
    pub fn confirm(&self, passphrase: &Passphrase) -> Result<FreshSignIn, AppError> {
        self.vault.confirm(passphrase)?;
        Ok(FreshSignIn::now(self.serial))
    }

    /// The sign-in that opened this session, for a program that does one thing and ends: it need not
    /// ask twice. It can be taken once.
    ///
    /// # Errors
    /// [`AppError::SignInAgain`] where it was taken before.
    pub fn just_signed_in(&self) -> Result<FreshSignIn, AppError> {
        lock(&self.signed_in).take().ok_or(AppError::SignInAgain)
    }

    /// Takes the proof that an operation asks for.
    ///
    /// # Errors
    /// [`AppError::SignInAgain`] where it is too old or another session's.
    pub(crate) fn spend(&self, proof: FreshSignIn) -> Result<(), AppError> {
        if proof.holds(self.serial, Instant::now()) { Ok(()) } else { Err(AppError::SignInAgain) }
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
        self.ask(operation, &[], None, Vec::new())
    }

    /// Asks the policy about an operation in a project, records it, and hands the project out.
    ///
    /// # Errors
    /// [`AppError::Denied`]; the store's where the project can't be opened or the record can't be
    /// written.
    pub fn enter(&self, operation: Operation, id: ProjectId) -> Result<Arc<Project>, AppError> {
        self.enter_stating(operation, id, |_| Vec::new())
    }

    /// The same, with the facts of the request in the record, whether it is allowed or refused.
    ///
    /// # Errors
    /// As [`Session::enter`].
    pub(crate) fn enter_stating(
        &self,
        operation: Operation,
        id: ProjectId,
        facts: impl FnOnce(&Project) -> Vec<(&'static str, String)>,
    ) -> Result<Arc<Project>, AppError> {
        let project = self.open(id)?;
        let roles = self.vault.project_roles(&project);
        self.ask(operation, &roles, Some(id), facts(&project))?;
        Ok(project)
    }

    /// Makes the project that a bundle becomes, and hands it out through the door.
    ///
    /// # Errors
    /// As [`Session::enter`]; the store's where it can't be made.
    pub(crate) fn adopt(
        &self,
        id: ProjectId,
        name: &str,
        marking: Marking,
        from: &ReceivedFrom,
    ) -> Result<Arc<Project>, AppError> {
        drop(self.vault.adopt_project(id, name, marking, from)?);
        self.enter(Operation::ReceiveInto, id).inspect_err(|_| {
            // The reason why it can't be entered is the one to tell.
            let _ = self.discard(id);
        })
    }

    /// Takes back a project that was adopted in this session and did not become whole.
    ///
    /// # Errors
    /// The store's where it is still in use or can't be removed.
    pub(crate) fn discard(&self, id: ProjectId) -> Result<(), AppError> {
        lock(&self.projects).remove(&id);
        Ok(self.vault.discard_project(id)?)
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
    pub(crate) fn record<'a>(
        &self,
        action: &str,
        outcome: Outcome,
        project: Option<ProjectId>,
        detail: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Result<(), AppError> {
        let mut event = Event::new(action).outcome(outcome);
        if let Some(project) = project {
            event = event.project(project);
        }
        let event = detail.into_iter().fold(event, |event, (key, value)| event.detail(key, value));
        Ok(self.vault.record(event)?)
    }

    /// Records how an operation ended whose beginning the door recorded: with facts of what was done, or
    /// with the kind of what stopped it.
    ///
    /// # Errors
    /// What stopped it; the store's where the record can't be written.
    pub(crate) fn conclude<T>(
        &self,
        operation: Operation,
        project: Option<ProjectId>,
        ended: Result<T, AppError>,
        facts: impl FnOnce(&T) -> (Outcome, Vec<(&'static str, String)>),
    ) -> Result<T, AppError> {
        let (outcome, facts) = match &ended {
            Ok(done) => facts(done),
            Err(error) => (Outcome::Failed, vec![("kind", error.kind().to_owned())]),
        };
        self.record(operation.word(), outcome, project, facts)?;
        ended
    }

    /// Decoder workers for plans of an import, which serve nothing else but that import.
    #[must_use]
    pub fn decoder(&self) -> Pool {
        let mut strangers = lock(&self.decoder.strangers);
        strangers.get_or_insert_with(|| self.decoder.pool()).clone()
    }

    /// The same for the import itself: they end with it.
    pub(crate) fn take_decoder(&self) -> Pool {
        lock(&self.decoder.strangers).take().unwrap_or_else(|| self.decoder.pool())
    }

    /// Decoder workers for what is stored in a project, kept while the same one is asked for.
    pub(crate) fn decoder_of(&self, project: ProjectId) -> Pool {
        let mut kept = lock(&self.decoder.kept);
        match &*kept {
            Some((of, pool)) if *of == project => pool.clone(),
            _ => {
                let pool = self.decoder.pool();
                *kept = Some((project, pool.clone()));
                pool
            }
        }
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
        let began = Instant::now();
        let project = self.vault.open_project(id)?;
        let milliseconds = began.elapsed().as_millis();
        tracing::debug!(milliseconds, "project opened");
        projects.insert(id, Arc::clone(&project));
        Ok(project)
    }

    fn ask(
        &self,
        operation: Operation,
        project_roles: &[Role],
        project: Option<ProjectId>,
        mut facts: Vec<(&'static str, String)>,
    ) -> Result<(), AppError> {
        let decision = policy::decide(operation, &self.vault.person().roles, project_roles);
        let (word, allowed) = (operation.word(), matches!(decision, Decision::Allowed));
        tracing::debug!(operation = word, allowed, "policy asked");
        match decision {
            Decision::Denied { missing } => {
                facts.push(("missing", missing.word().to_owned()));
                self.record(operation.word(), Outcome::Refused, project, facts)?;
                Err(AppError::Denied { operation: operation.word(), missing })
            }
            Decision::Allowed if operation.is_recorded() => {
                self.record(operation.word(), Outcome::Started, project, facts)
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
