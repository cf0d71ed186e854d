//! The tray's jobs, and the other news.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::{Number, Unknown};
use vaultmark::jobs::{Job, JobState};

use super::AppError;

/// How a job is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum JobStateWord {
    /// Under way.
    Running,
    /// Finished.
    Done,
    /// Stopped by an error.
    Failed,
    /// Stopped on request.
    Cancelled,
}

/// Long work.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct JobView {
    /// `<session>.<number>`, so that no two jobs of a window share one.
    pub id: String,
    /// What it does, as a word that the window has a name for: `import`, `bundle-create`.
    pub what: String,
    /// How it is getting on.
    pub state: JobStateWord,
    /// Things done.
    pub done: u64,
    /// Things in all; 0 where not known.
    pub total: u64,
    /// Bytes done.
    pub bytes_done: u64,
    /// Bytes in all; 0 where not known.
    pub bytes_total: u64,
    /// How long it has run.
    #[specta(type = Number)]
    pub seconds: f64,
    /// What stopped it.
    pub error: Option<AppError>,
    /// Its report, in the form that the command that started it says.
    #[specta(type = Option<Unknown>)]
    pub result: Option<serde_json::Value>,
}

impl JobView {
    /// The job of that session.
    pub(crate) fn of(session: u64, job: &Job) -> Self {
        let (state, error, result) = match &job.state {
            JobState::Running => (JobStateWord::Running, None, None),
            JobState::Done(report) => (JobStateWord::Done, None, Some(report.clone())),
            JobState::Failed(error) => {
                (JobStateWord::Failed, Some(AppError::from(error.as_ref())), None)
            }
            JobState::Broken => (JobStateWord::Failed, Some(AppError::mistake()), None),
            JobState::Cancelled => (JobStateWord::Cancelled, None, None),
        };
        Self {
            id: format!("{session}.{}", job.id),
            what: job.title.into(),
            state,
            done: job.progress.done,
            total: job.progress.total,
            bytes_done: job.progress.bytes_done,
            bytes_total: job.progress.bytes_total,
            seconds: job.elapsed.as_secs_f64(),
            error,
            result,
        }
    }

    /// The number of a job of this session.
    pub(crate) fn number(session: u64, id: &str) -> Option<u64> {
        let (of, number) = id.split_once('.')?;
        (of.parse() == Ok(session)).then(|| number.parse().ok())?
    }
}

/// Something other than a gesture changed a project.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ProjectChanged {
    /// Which one.
    pub project: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_of_an_earlier_session_is_nobodys() {
        assert_eq!(JobView::number(2, "2.7"), Some(7));
        for other in ["1.7", "2.", "2.x", "7", "", ".", "2.7.1"] {
            assert_eq!(JobView::number(2, other), None, "{other}");
        }
    }
}
