//! Signing in again for what leaves: asked by the toolkit in a window of its own, which says what
//! leaves and where to. No page can write into it, read what is typed there or cover what it says, so
//! an export that was put in another's place shows, and the passphrase is of no use to a page.
//!
//! On systems other than Linux there is no such window, and nothing leaves through this program's.

#[cfg(target_os = "linux")]
mod dialog;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod facts;

#[cfg(target_os = "linux")]
pub(crate) use dialog::ask;
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::ask;
pub(crate) use facts::Facts;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

use vaultmark::crypto::Passphrase;
use vaultmark::store::StoreError;
use vaultmark::{AppError, FreshSignIn, Session};

use crate::events::Event;
use crate::shell::Shell;

/// What a person is asked, once.
#[derive(Clone)]
pub struct Question {
    /// What leaves.
    pub(crate) facts: Facts,
    /// What was wrong with the answer before.
    pub(crate) complaint: Option<String>,
    /// False once the session that asks is over.
    alive: Arc<AtomicBool>,
    answer: Sender<Option<Passphrase>>,
}

impl Question {
    /// Whether the session that asks is still there.
    pub(crate) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// The person's answer; none where it is declined.
    pub(crate) fn answer(self, passphrase: Option<Passphrase>) {
        // Whoever asked waits for it.
        let _ = self.answer.send(passphrase);
    }
}

/// The facts are the person's: not for logs.
impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").finish_non_exhaustive()
    }
}

/// Has the person sign in again for what `facts` say, as often as it takes or as the account allows.
/// Waits for the person: not for the toolkit's thread.
///
/// # Errors
/// [`AppError::Cancelled`] where the person declines or the vault locks meanwhile; the store's where
/// the account is locked.
pub(crate) fn sign_in(
    shell: &Shell,
    session: &Session,
    alive: &Arc<AtomicBool>,
    facts: &Facts,
) -> Result<FreshSignIn, AppError> {
    let mut complaint = None;
    loop {
        let (answer, answers) = channel();
        let (facts, alive) = (facts.clone(), Arc::clone(alive));
        shell.tell(Event::SignInAgain(Question { facts, complaint, alive, answer }));
        // A question that nobody can be asked is dropped, and so declined.
        let Ok(Some(passphrase)) = answers.recv() else { return Err(AppError::Cancelled) };
        match session.confirm(&passphrase) {
            Err(AppError::Store(StoreError::WrongCredential)) => {
                complaint = Some("The passphrase is not right. Nothing was written.".to_owned());
            }
            other => return other,
        }
    }
}
