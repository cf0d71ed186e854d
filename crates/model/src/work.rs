//! Long work: progress, and the wish to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a piece of long work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Progress {
    /// Things done (files, annotations, blobs).
    pub done: u64,
    /// Things in all; zero where not known.
    pub total: u64,
    /// Bytes done.
    pub bytes_done: u64,
    /// Bytes in all; zero where not known.
    pub bytes_total: u64,
}

/// A wish to stop, shared between the one who wishes and the one who works.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to stop at the next safe place.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work should stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl From<Arc<AtomicBool>> for Cancel {
    /// A wish that others make by setting it.
    fn from(wish: Arc<AtomicBool>) -> Self {
        Self(wish)
    }
}

/// What long work is given: where to report and when to stop. `report` may be called from several
/// threads and often; whoever shows it decides how often to draw.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Where progress goes.
    pub report: &'a (dyn Fn(Progress) + Sync),
    /// The wish to stop.
    pub cancel: &'a Cancel,
}

impl Work<'_> {
    /// Runs `f` with work that reports nowhere and is never cancelled.
    pub fn quiet<T>(f: impl FnOnce(Work<'_>) -> T) -> T {
        f(Work { report: &|_| {}, cancel: &Cancel::default() })
    }
}
