//! What the core tells the window without being asked.

use std::sync::Arc;

use crate::views::{JobView, Locked, ProjectChanged};

/// One piece of news.
#[derive(Debug, Clone)]
pub enum Event {
    /// A job went on or ended.
    Job(JobView),
    /// The vault was locked, not by the window.
    Locked(Locked),
    /// Whether the window system draws its own parts dark; as it is set up to without an answer.
    /// Not for the page.
    Appearance(Option<bool>),
    /// Something other than a gesture changed a project: an import, its labels.
    ProjectChanged(ProjectChanged),
}

/// Where news goes.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;
