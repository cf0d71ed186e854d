//! The state behind the commands: a vault that is absent, locked or open; the tray; the pictures.
//!
//! Locked and open are different types here as everywhere: a command that needs the vault open
//! takes its session from [`Shell::session`], and there is none while it is locked. Locking first
//! takes the session out of reach, together with its tray and its media addresses, then waits for
//! what still uses it, then drops the keys.

mod plans;
mod vault;

pub(crate) use vault::Wish;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vaultmark::jobs::Jobs;
use vaultmark::model::work::Work;
use vaultmark::store::Ambient;
use vaultmark::store::vault::LockedVault;
use vaultmark::{DecoderProgram, Session};

use crate::events::{Event, Tell};
use crate::idle::Moment;
use crate::media::{Nonce, Pictures};
use crate::start::Start;
use crate::views::{Answer, AppError, JobView, Look};
use plans::Plans;

/// The state of the window's program. Clones share it.
#[derive(Clone)]
pub struct Shell(Arc<Inner>);

struct Inner {
    vault: Mutex<Vault>,
    settled: Condvar,
    plans: Plans,
    pictures: Pictures,
    decoder: DecoderProgram,
    named: Option<PathBuf>,
    ambient: Arc<Ambient>,
    sessions: AtomicU64,
    /// Pages that have ended.
    pages: AtomicU64,
    /// Why the vault was locked last, where it was not the person's wish: a new page asks.
    locked_because: Mutex<Option<String>>,
    /// How the window looks, once a page has said so.
    look: Mutex<Option<Look>>,
    /// When somebody last did something. Apart from the vault's lock, which signing in holds for long:
    /// the toolkit's thread says it.
    touched: Mutex<Moment>,
    /// When a key or click came that nothing was handed to other programs for yet.
    gesture: Mutex<Option<Moment>>,
    tell: Tell,
}

/// What a key or click asks for comes within this time.
const GESTURE: Duration = Duration::from_secs(5);

/// Where the vault stands.
enum Vault {
    /// No vault has been chosen.
    Absent,
    /// Chosen, held by this process, and locked.
    Locked { path: PathBuf, vault: Box<LockedVault> },
    /// Signed in to.
    Open(Open),
    /// On its way from open to locked: out of reach, not yet closed.
    Closing,
}

/// An open vault and what lives and dies with its session.
struct Open {
    path: PathBuf,
    session: Arc<Session>,
    jobs: Jobs,
    /// The session's number in this process, part of its jobs' identifiers.
    number: u64,
    nonce: Nonce,
    /// The time without input after which it locks.
    idle: Duration,
    ticked: Moment,
    /// False once the session is over: its jobs then tell nothing more.
    alive: Arc<AtomicBool>,
}

/// What media requests are answered from.
pub(crate) struct Viewing {
    pub session: Arc<Session>,
    pub nonce: Nonce,
}

impl Shell {
    /// A shell without a vault, which tells its news to `tell`.
    #[must_use]
    pub fn new(start: Start, tell: Tell) -> Self {
        Self(Arc::new(Inner {
            vault: Mutex::new(Vault::Absent),
            settled: Condvar::new(),
            plans: Plans::default(),
            pictures: Pictures::default(),
            decoder: start.decoder,
            named: start.vault,
            ambient: vaultmark::ambient::system(),
            sessions: AtomicU64::new(1),
            pages: AtomicU64::new(0),
            locked_because: Mutex::new(start.locked_because),
            look: Mutex::new(start.look),
            touched: Mutex::new(Moment::now()),
            gesture: Mutex::new(None),
            tell,
        }))
    }

    /// Runs `work` away from the window's thread.
    ///
    /// # Errors
    /// What `work` refuses; a mistake in the program, said as such.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let shell = self.clone();
        match tauri::async_runtime::spawn_blocking(move || work(&shell)).await {
            Ok(answer) => answer,
            Err(_) => Err(AppError::mistake()),
        }
    }

    /// Runs `work` with the open session, away from the window's thread.
    ///
    /// # Errors
    /// Where the vault is locked, and what `work` refuses.
    pub(crate) async fn with_session<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Session) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let session = self.session()?;
        self.blocking(move |_| work(&session)).await
    }

    /// The open session.
    ///
    /// # Errors
    /// Where the vault is locked.
    pub(crate) fn session(&self) -> Answer<Arc<Session>> {
        match &*self.vault() {
            Vault::Open(open) => Ok(Arc::clone(&open.session)),
            _ => Err(AppError::locked()),
        }
    }

    /// The open session, and what says whether it still is.
    ///
    /// # Errors
    /// Where the vault is locked.
    pub(crate) fn session_and_life(&self) -> Answer<(Arc<Session>, Arc<AtomicBool>)> {
        match &*self.vault() {
            Vault::Open(open) => Ok((Arc::clone(&open.session), Arc::clone(&open.alive))),
            _ => Err(AppError::locked()),
        }
    }

    /// Which page asks, counted from the first. Taken when a sign-in arrives.
    pub(crate) fn page(&self) -> u64 {
        self.0.pages.load(Ordering::Acquire)
    }

    /// The page has ended and another one comes: whatever the ended one has under way opens nothing for
    /// it. Whether a vault is open, by the ended page.
    pub(crate) fn page_gone(&self) -> bool {
        self.0.pages.fetch_add(1, Ordering::AcqRel);
        matches!(&*self.vault(), Vault::Open(_))
    }

    /// What a media request is answered from, while a vault is open.
    pub(crate) fn viewing(&self) -> Option<Viewing> {
        match &*self.vault() {
            Vault::Open(open) => {
                Some(Viewing { session: Arc::clone(&open.session), nonce: open.nonce.clone() })
            }
            _ => None,
        }
    }

    /// Starts long work on the open session; its report becomes the job's result. `what` is the
    /// job's word ([`JobView::what`]).
    ///
    /// # Errors
    /// Where the vault is locked.
    pub(crate) fn start<T: serde::Serialize>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Self, &Session, Work<'_>) -> Result<T, vaultmark::AppError> + Send + 'static,
    ) -> Answer<JobView> {
        let shell = self.clone();
        let vault = self.vault();
        let Vault::Open(open) = &*vault else { return Err(AppError::locked()) };
        let session = Arc::clone(&open.session);
        let number = open.number;
        let job = open.jobs.start(what, move |progress| {
            let report = work(&shell, &session, progress)?;
            // A view of our own making always serialises.
            Ok(serde_json::to_value(report).unwrap_or_default())
        });
        Ok(JobView::of(number, &job))
    }

    /// The tray, oldest first; empty while the vault is locked.
    pub(crate) fn jobs(&self) -> Vec<JobView> {
        match &*self.vault() {
            Vault::Open(open) => {
                open.jobs.list().iter().map(|job| JobView::of(open.number, job)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Asks a job to stop. One that is not there, or of an earlier session, is passed over.
    pub(crate) fn cancel(&self, id: &str) {
        if let Vault::Open(open) = &*self.vault()
            && let Some(job) = JobView::number(open.number, id)
        {
            open.jobs.cancel(job);
        }
    }

    /// Somebody is there.
    pub(crate) fn touch(&self) {
        *self.touched() = Moment::now();
    }

    /// The window system told of a key or a click.
    pub(crate) fn heard(&self) {
        self.touch();
        *self.gesture() = Some(Moment::now());
    }

    /// Whether somebody has just pressed something, and nothing was asked for by it yet: a page may ask
    /// for one thing by one key or click. Always, on systems where nothing is heard.
    pub(crate) fn take_gesture(&self) -> bool {
        let taken = self.gesture().take();
        !cfg!(target_os = "linux")
            || taken.is_some_and(|gesture| Moment::now().since(&gesture) <= GESTURE)
    }

    /// Looks at the clocks: locks a vault that nobody touched for the policy's time, and lets the
    /// audit log make the checkpoints that are due.
    pub(crate) fn tick(&self, now: &Moment) {
        let due = match &mut *self.vault() {
            Vault::Open(open) => {
                if now.since(&self.touched()) >= open.idle {
                    None
                } else if now.since(&open.ticked) >= vault::TICK {
                    open.ticked = *now;
                    Some(Arc::clone(&open.session))
                } else {
                    return;
                }
            }
            _ => return,
        };
        match due {
            None => {
                self.lock_because("idle");
            }
            // A checkpoint that can't be written is told by the operation that needs the record.
            Some(session) => drop(session.tick()),
        }
    }

    /// Plans between being looked at and being carried out.
    pub(crate) fn plans(&self) -> &Plans {
        &self.0.plans
    }

    /// The threads that answer media requests.
    pub(crate) fn pictures(&self) -> &Pictures {
        &self.0.pictures
    }

    /// The command-line program, which decodes and tries what would end this one.
    pub(crate) fn decoder(&self) -> &Path {
        &self.0.decoder.program
    }

    /// Tells the window.
    pub(crate) fn tell(&self, event: Event) {
        (self.0.tell)(event);
    }

    /// A tray whose news carry the session's number and end with the session.
    fn tray(&self, number: u64, alive: &Arc<AtomicBool>) -> Jobs {
        let (tell, alive) = (Arc::clone(&self.0.tell), Arc::clone(alive));
        Jobs::new(Box::new(move |job| {
            if alive.load(Ordering::Acquire) {
                tell(Event::Job(JobView::of(number, job)));
            }
        }))
    }

    /// Remembers how the window looks.
    pub(crate) fn looks(&self, look: Look) {
        *self.0.look.lock().unwrap_or_else(PoisonError::into_inner) = Some(look);
    }

    /// How it looked last.
    pub(crate) fn look(&self) -> Option<Look> {
        *self.0.look.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touched(&self) -> MutexGuard<'_, Moment> {
        self.0.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gesture(&self) -> MutexGuard<'_, Option<Moment>> {
        self.0.gesture.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn locked_because(&self) -> MutexGuard<'_, Option<String>> {
        self.0.locked_because.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vault(&self) -> MutexGuard<'_, Vault> {
        self.0.vault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
