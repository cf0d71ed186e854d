//! Ctrl+C: the first asks long work to stop at its next safe place, the second ends the program, as it
//! would without long work. Either leaves a whole vault.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use vaultmark_model::work::Cancel;

/// How a shell is told that Ctrl+C ended the program (128 and the signal's number).
const ENDED: i32 = 130;

/// Hears the signals while it lives.
pub(super) struct Interrupt {
    heard: Vec<SigId>,
    /// The wish that they are.
    pub cancel: Cancel,
}

impl Interrupt {
    /// Where the system gives no handler, Ctrl+C ends the program.
    pub fn listen() -> Self {
        let wish = Arc::new(AtomicBool::new(false));
        let heard = [SIGINT, SIGTERM].into_iter().flat_map(|signal| {
            // In this order: the wish of the first is not yet there when it looks.
            let again = flag::register_conditional_shutdown(signal, ENDED, Arc::clone(&wish));
            [again, flag::register(signal, Arc::clone(&wish))]
        });
        Self { heard: heard.filter_map(Result::ok).collect(), cancel: Cancel::from(wish) }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for id in self.heard.drain(..) {
            low_level::unregister(id);
        }
    }
}
