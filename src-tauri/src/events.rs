//! What the core tells the window without being asked.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::sign_in_again::Question;
use crate::views::{JobView, ProjectChanged};

/// One piece of news.
#[derive(Debug, Clone)]
pub enum Event {
    /// A job went on or ended.
    Job(JobView),
    /// The vault was locked.
    Locked,
    /// What was locked is closed. Not for the page.
    Closed(Closed),
    /// A text is copied, and taken off the clipboard after that time, while the session lives. Not for
    /// the page.
    Copy(Copied, Arc<AtomicBool>),
    /// The person is asked to sign in again. Not for the page.
    SignInAgain(Question),
    /// What the window shows is printed. Not for the page.
    Print(Arc<AtomicBool>),
    /// Whether the window system draws its own parts dark; as it is set up to without an answer.
    /// Not for the page.
    Appearance(Option<bool>),
    /// Something other than a gesture changed a project: an import, its labels.
    ProjectChanged(ProjectChanged),
}

/// A vault that was locked and closed.
#[derive(Debug, Clone)]
pub struct Closed {
    /// Its folder.
    pub vault: PathBuf,
    /// Why, where it was not the person's wish: `idle`, or `screen` where the web engine ended.
    pub reason: Option<String>,
}

/// A text on its way to the clipboard.
#[derive(Clone)]
pub struct Copied {
    /// The text.
    pub text: String,
    /// How long it stays.
    pub stays: Duration,
}

/// The text may be anything: it is not for logs.
impl fmt::Debug for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copied").field("stays", &self.stays).finish_non_exhaustive()
    }
}

/// Where news goes.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;
