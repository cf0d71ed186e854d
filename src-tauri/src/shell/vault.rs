//! Choosing, making, unlocking and locking the vault.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vaultmark::Session;
use vaultmark::crypto::{KdfParameters, Passphrase};
use vaultmark::journeys::posture;
use vaultmark::model::policy::Policy;
use vaultmark::store::StoreError;
use vaultmark::store::vault::{LockedVault, NewVault};

use super::{Open, Shell, Vault};
use crate::events::{Closed, Event};
use crate::idle::Moment;
use crate::media::Nonce;
use crate::views::{Answer, AppError, CreatedVault, SessionView, VaultFront};

/// How often the audit log is asked whether a checkpoint is due.
pub(super) const TICK: Duration = Duration::from_secs(60);
/// How long deriving a key from a passphrase should take on this machine.
const DERIVATION: Duration = Duration::from_secs(1);
/// How long locking waits for work under way. Whoever is slower drops the keys when it ends.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(5);

/// What a new vault is made with.
pub(crate) struct Wish {
    pub path: PathBuf,
    pub officer: String,
    pub passphrase: Passphrase,
    pub policy: Policy,
}

/// What a window is given when its session begins.
struct Welcome {
    nonce: Nonce,
    /// The time without input after which it locks.
    idle: Duration,
    view: SessionView,
}

impl Shell {
    /// What may be shown of a vault before signing in: of the one at `path`, of the one already
    /// chosen, or of the one that the program was started with.
    pub(crate) fn front(&self, path: Option<PathBuf>) -> Answer<VaultFront> {
        let mut vault = self.settled();
        let chosen = match &*vault {
            Vault::Locked { path, .. } | Vault::Open(Open { path, .. }) => Some(path.clone()),
            Vault::Absent | Vault::Closing => None,
        };
        let suggested = self.suggested();
        let path = path.or(chosen).unwrap_or_else(|| suggested.clone());
        let bare = VaultFront {
            locked_because: self.locked_because().clone(),
            look: self.look(),
            ..VaultFront::absent(&path, &suggested)
        };
        match &*vault {
            Vault::Open(open) if open.path == path => {
                let policy = open.session.policy()?;
                return Ok(bare.found(policy.marking.text(), &policy.consent_banner));
            }
            // Another vault is looked at only when this one is locked.
            Vault::Open(_) => return Ok(bare),
            Vault::Locked { path: held, vault } if *held == path => {
                let front = vault.front();
                return Ok(bare.found(front.marking.text(), &front.consent_banner));
            }
            _ => {}
        }
        match LockedVault::open(&path, Arc::clone(&self.0.ambient)) {
            Ok(locked) => {
                let front = locked.front();
                let view = bare.found(front.marking.text(), &front.consent_banner);
                *vault = Vault::Locked { path, vault: Box::new(locked) };
                Ok(view)
            }
            Err(StoreError::NotAVault { .. }) => Ok(bare),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a vault and signs its officer in.
    pub(crate) fn create(&self, wish: Wish, page: u64) -> Answer<CreatedVault> {
        let mut vault = self.settled();
        if matches!(&*vault, Vault::Open(_)) {
            return Err(AppError::already_open());
        }
        let start = Instant::now();
        let new = NewVault {
            officer: wish.officer,
            passphrase: wish.passphrase,
            policy: wish.policy,
            kdf: KdfParameters::calibrated(DERIVATION, &|| start.elapsed()),
        };
        // A vault that was looked at before is let go.
        *vault = Vault::Absent;
        let (ambient, decoder) = (Arc::clone(&self.0.ambient), self.0.decoder.clone());
        let (session, sheet) = Session::create(&wish.path, new, ambient, decoder)?;
        match self.welcome(&session, &wish.path, page) {
            Ok(welcome) => Ok(CreatedVault {
                session: self.open(&mut vault, wish.path, session, welcome),
                recovery_sheet: sheet.expose().to_owned(),
                recovery_fingerprint: sheet.recipient.clone(),
            }),
            // The sheet exists nowhere else: a vault whose sheet nobody can be shown is none.
            Err(error) => {
                session.unmake()?;
                Err(error)
            }
        }
    }

    /// Signs in.
    pub(crate) fn unlock(
        &self,
        path: PathBuf,
        name: &str,
        passphrase: &Passphrase,
        page: u64,
    ) -> Answer<SessionView> {
        let mut vault = self.settled();
        let ambient = Arc::clone(&self.0.ambient);
        let locked = match std::mem::replace(&mut *vault, Vault::Absent) {
            Vault::Locked { path: held, vault } if held == path => vault,
            Vault::Open(open) => {
                *vault = Vault::Open(open);
                return Err(AppError::already_open());
            }
            // Another vault that was looked at is let go.
            other => {
                drop(other);
                Box::new(LockedVault::open(&path, Arc::clone(&ambient))?)
            }
        };
        match Session::unlock(*locked, name, passphrase, ambient, self.0.decoder.clone()) {
            Ok(session) => match self.welcome(&session, &path, page) {
                Ok(welcome) => Ok(self.open(&mut vault, path, session, welcome)),
                Err(error) => {
                    if let Ok(locked) = session.lock() {
                        *vault = Vault::Locked { path, vault: Box::new(locked) };
                    }
                    Err(error)
                }
            },
            Err((locked, error)) => {
                *vault = Vault::Locked { path, vault: locked };
                Err(error.into())
            }
        }
    }

    /// What the window needs of a session, if the page that signed in is still there.
    fn welcome(&self, session: &Session, path: &Path, page: u64) -> Answer<Welcome> {
        // The page that came after it has no business here.
        if page != self.page() {
            return Err(AppError::locked());
        }
        posture::record_web_engine(session)?;
        let nonce = Nonce::random(session.ambient())?;
        let idle = Duration::from_secs(u64::from(session.policy()?.idle_lock_minutes) * 60);
        Ok(Welcome { view: SessionView::of(session, path, &nonce)?, nonce, idle })
    }

    fn open(
        &self,
        vault: &mut Vault,
        path: PathBuf,
        session: Session,
        Welcome { nonce, idle, view }: Welcome,
    ) -> SessionView {
        let number = self.0.sessions.fetch_add(1, Ordering::Relaxed);
        let alive = Arc::new(AtomicBool::new(true));
        *self.locked_because() = None;
        self.touch();
        *vault = Vault::Open(Open {
            jobs: self.tray(number, &alive),
            session: Arc::new(session),
            path,
            number,
            nonce,
            idle,
            ticked: Moment::now(),
            alive,
        });
        view
    }

    /// Who is signed in, if somebody is.
    ///
    /// # Errors
    /// Where the vault's policy can't be read.
    pub(crate) fn signed_in(&self) -> Answer<Option<SessionView>> {
        match &*self.settled() {
            Vault::Open(open) => view(open).map(Some),
            _ => Ok(None),
        }
    }

    /// The open vault's folder.
    pub(crate) fn vault_path(&self) -> Option<PathBuf> {
        match &*self.vault() {
            Vault::Open(open) => Some(open.path.clone()),
            _ => None,
        }
    }

    /// Drops the keys as the program ends: nothing is in reach when this returns, and as a rule nothing
    /// is left.
    pub(crate) fn lock(&self) {
        if let Some(open) = self.out_of_reach() {
            self.close(open);
        }
    }

    /// Locks, and tells the window before it waits for anything. False where no vault was open.
    pub(crate) fn lock_because(&self, reason: &str) -> bool {
        self.lock_telling(Some(reason))
    }

    /// Locks because the person asked for it. The screen is torn down all the same.
    pub(crate) fn lock_by_hand(&self) {
        self.lock_telling(None);
    }

    fn lock_telling(&self, reason: Option<&str>) -> bool {
        let Some(open) = self.out_of_reach() else { return false };
        *self.locked_because() = reason.map(str::to_owned);
        self.tell(Event::Locked);
        let vault = open.path.clone();
        self.close(open);
        self.tell(Event::Closed(Closed { vault, reason: reason.map(str::to_owned) }));
        true
    }

    /// Takes the open vault out of everybody's reach; its jobs tell nothing more.
    fn out_of_reach(&self) -> Option<Open> {
        let mut vault = self.settled();
        match std::mem::replace(&mut *vault, Vault::Closing) {
            Vault::Open(open) => {
                open.alive.store(false, Ordering::Release);
                Some(open)
            }
            other => {
                *vault = other;
                None
            }
        }
    }

    fn close(&self, open: Open) {
        let Open { path, session, jobs, .. } = open;
        jobs.cancel_all();
        self.0.plans.forget();
        let settled = match alone(session).map(Session::lock) {
            Some(Ok(locked)) => Vault::Locked { path, vault: Box::new(locked) },
            // Its keys are gone all the same; it is opened anew from its folder.
            Some(Err(_)) | None => Vault::Absent,
        };
        *self.vault() = settled;
        self.0.settled.notify_all();
    }

    /// The state, once it is not on its way from open to locked.
    fn settled(&self) -> MutexGuard<'_, Vault> {
        let mut vault = self.vault();
        while matches!(&*vault, Vault::Closing) {
            vault = self.0.settled.wait(vault).unwrap_or_else(PoisonError::into_inner);
        }
        vault
    }

    /// The vault that the program was started with, or a folder in the person's home.
    fn suggested(&self) -> PathBuf {
        let home = || crate::browse::home().unwrap_or_else(|| PathBuf::from("/"));
        self.0.named.clone().unwrap_or_else(|| home().join("Vaultmark"))
    }
}

/// The session, once nobody else holds it; none where somebody does not let go.
fn alone(mut session: Arc<Session>) -> Option<Session> {
    let start = Instant::now();
    loop {
        session = match Arc::try_unwrap(session) {
            Ok(session) => return Some(session),
            Err(shared) => shared,
        };
        if start.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

fn view(open: &Open) -> Answer<SessionView> {
    SessionView::of(&open.session, &open.path, &open.nonce)
}

impl Wish {
    /// A folder for a vault that is to be made: its parent must be there, so that a slip of the
    /// finger makes no tree of folders.
    pub(crate) fn check(path: &Path) -> Answer<()> {
        Self::missing_parent(path).map_or(Ok(()), |folder| Err(AppError::no_parent(folder)))
    }

    /// That parent, where it is not there.
    pub(crate) fn missing_parent(path: &Path) -> Option<&Path> {
        match path.parent() {
            Some(parent) if parent.is_dir() => None,
            parent => Some(parent.unwrap_or(path)),
        }
    }
}
