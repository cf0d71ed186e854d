//! Signing in again for what leaves: asked by the toolkit in a window of its own, which says what
//! leaves and where to. No page can write into it, read what is typed there or cover what it says, so
//! an export that was put in another's place shows, and the passphrase is of no use to a page. What
//! leaves is the project as it was when that was said.
//!
//! On systems other than Linux there is no such window, and the window exports nothing.

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
use vaultmark::{FreshSignIn, Session};

use crate::events::Event;
use crate::shell::Shell;
use crate::views::{Answer, AppError};

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
/// Where the person declines, the vault locks meanwhile or another question stands (`cancelled`), where
/// nobody can be asked on this system, and where the account is locked.
pub(crate) fn sign_in(
    shell: &Shell,
    session: &Session,
    alive: &Arc<AtomicBool>,
    facts: &Facts,
) -> Answer<FreshSignIn> {
    if !cfg!(target_os = "linux") {
        return Err(AppError::no_window_to_ask_in());
    }
    let mut complaint = None;
    loop {
        let (answer, answers) = channel();
        let (facts, alive) = (facts.clone(), Arc::clone(alive));
        shell.tell(Event::SignInAgain(Question { facts, complaint, alive, answer }));
        // A question that nobody can be asked is dropped, and so declined.
        let Ok(Some(passphrase)) = answers.recv() else {
            return Err(vaultmark::AppError::Cancelled.into());
        };
        match session.confirm(&passphrase) {
            Err(vaultmark::AppError::Store(StoreError::WrongCredential)) => {
                complaint = Some("The passphrase is not right. Nothing was written.".to_owned());
            }
            other => return Ok(other?),
        }
    }
}
