//! Ctrl+C: from the first long work on, the first asks it, and what comes after it, to stop at the next
//! safe place; the second ends the program. Either leaves a whole vault.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use vaultmark_model::work::Cancel;

/// How a shell is told that Ctrl+C ended the program (128 and the signal's number).
const ENDED: i32 = 130;

/// The wish that the signals make. Where the system gives no handler, Ctrl+C ends the program.
pub(super) fn listen() -> Cancel {
    let wish = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the wish of the first is not yet there when it looks.
        let _ = flag::register_conditional_shutdown(signal, ENDED, Arc::clone(&wish));
        let _ = flag::register(signal, Arc::clone(&wish));
    }
    Cancel::from(wish)
}
