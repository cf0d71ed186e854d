//! The tray: long work in threads of its own, with progress, cancel, and its report afterwards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vaultmark_model::work::{Cancel, Progress, Work};

use crate::AppError;

/// How a job is getting on.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// Under way.
    Running,
    /// Finished, with its report.
    Done(serde_json::Value),
    /// Stopped by an error.
    Failed {
        /// A short word for programs.
        kind: String,
        /// A sentence.
        detail: String,
    },
    /// Stopped on request.
    Cancelled,
}

/// A job as it is shown.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number in this session, from 1.
    pub id: u64,
    /// What it does, a word that the screen translates.
    pub title: &'static str,
    /// How far it is.
    pub progress: Progress,
    /// How it is getting on.
    pub state: JobState,
    /// How long it has run.
    pub elapsed: Duration,
}

struct Entry {
    title: &'static str,
    progress: Progress,
    state: JobState,
    started: Instant,
    ended: Option<Instant>,
    cancel: Cancel,
}

/// Told of every change of a job, at most [`STEP`] apart for progress.
pub type Listener = Box<dyn Fn(&Job) + Send + Sync>;

/// The least time between two notices of progress.
const STEP: Duration = Duration::from_millis(150);
/// Finished jobs that are remembered.
const REMEMBERED: usize = 50;

/// All jobs of a session.
#[derive(Clone)]
pub struct Jobs {
    entries: Arc<Mutex<BTreeMap<u64, Entry>>>,
    listener: Arc<Listener>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Entry {
    fn view(&self, id: u64) -> Job {
        Job {
            id,
            title: self.title,
            progress: self.progress,
            state: self.state.clone(),
            elapsed: self.ended.unwrap_or_else(Instant::now) - self.started,
        }
    }
}

impl Jobs {
    /// An empty tray.
    #[must_use]
    pub fn new(listener: Listener) -> Self {
        Self { entries: Arc::default(), listener: Arc::new(listener) }
    }

    /// Starts work in a thread of its own. A panic in it becomes a failed job, never a dead program.
    pub fn start(
        &self,
        title: &'static str,
        work: impl FnOnce(Work<'_>) -> Result<serde_json::Value, AppError> + Send + 'static,
    ) -> Job {
        let cancel = Cancel::default();
        let (id, job) = {
            let mut entries = lock(&self.entries);
            let id = entries.last_key_value().map_or(1, |(last, _)| last + 1);
            let entry = Entry {
                title,
                progress: Progress::default(),
                state: JobState::Running,
                started: Instant::now(),
                ended: None,
                cancel: cancel.clone(),
            };
            let job = entry.view(id);
            entries.insert(id, entry);
            forget_oldest(&mut entries);
            (id, job)
        };
        let jobs = self.clone();
        std::thread::spawn(move || {
            let last = Mutex::new(Instant::now());
            let report = |progress: Progress| {
                let mut last = lock(&last);
                let due = last.elapsed() >= STEP;
                if due {
                    *last = Instant::now();
                }
                jobs.update(id, due, |entry| entry.progress = progress);
            };
            let run =
                std::panic::AssertUnwindSafe(|| work(Work { report: &report, cancel: &cancel }));
            let state = match std::panic::catch_unwind(run) {
                Ok(Ok(result)) => JobState::Done(result),
                Ok(Err(error)) if error.kind() == "cancelled" => JobState::Cancelled,
                Ok(Err(error)) => JobState::Failed { kind: error.kind().into(), detail: error.to_string() },
                Err(_) => JobState::Failed {
                    kind: "internal".into(),
                    detail: "a mistake in the program stopped this work; what was finished before is kept. Please report it".into(),
                },
            };
            jobs.update(id, true, |entry| {
                entry.state = state;
                entry.ended = Some(Instant::now());
            });
        });
        job
    }

    fn update(&self, id: u64, tell: bool, change: impl FnOnce(&mut Entry)) {
        let job = {
            let mut entries = lock(&self.entries);
            let Some(entry) = entries.get_mut(&id) else { return };
            change(entry);
            entry.view(id)
        };
        if tell {
            (self.listener)(&job);
        }
    }

    /// All jobs, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Job> {
        lock(&self.entries).iter().map(|(id, entry)| entry.view(*id)).collect()
    }

    /// Asks a job to stop at its next safe place.
    pub fn cancel(&self, id: u64) {
        if let Some(entry) = lock(&self.entries).get(&id) {
            entry.cancel.cancel();
        }
    }

    /// Asks all jobs to stop and forgets what they reported; used when the vault locks.
    pub fn cancel_all(&self) {
        let mut entries = lock(&self.entries);
        entries.values().for_each(|entry| entry.cancel.cancel());
        entries.retain(|_, entry| entry.ended.is_none());
    }

    /// Whether anything is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        lock(&self.entries).values().any(|entry| entry.ended.is_none())
    }
}

fn forget_oldest(entries: &mut BTreeMap<u64, Entry>) {
    while entries.len() > REMEMBERED {
        let Some(oldest) = entries.iter().find(|(_, e)| e.ended.is_some()).map(|(id, _)| *id)
        else {
            return;
        };
        entries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn finished(
        work: impl FnOnce(Work<'_>) -> Result<serde_json::Value, AppError> + Send + 'static,
    ) -> JobState {
        let (send, receive) = mpsc::channel();
        let send = Mutex::new(send);
        let jobs = Jobs::new(Box::new(move |job| {
            if job.state != JobState::Running {
                let _ = lock(&send).send(job.state.clone());
            }
        }));
        jobs.start("test", work);
        receive.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn work_ends_as_done_failed_cancelled_or_as_a_reported_mistake() {
        assert_eq!(finished(|_| Ok(serde_json::json!(3))), JobState::Done(serde_json::json!(3)));
        assert_eq!(finished(|_| Err(AppError::Cancelled)), JobState::Cancelled);
        assert!(
            matches!(finished(|_| Err(AppError::StalePlan)), JobState::Failed { kind, .. } if kind == "stale_plan")
        );
        assert!(
            matches!(finished(|_| panic!("a mistake")), JobState::Failed { kind, .. } if kind == "internal")
        );
    }
}
