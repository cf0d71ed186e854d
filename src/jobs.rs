//! The tray: long work in threads of its own, with progress, cancel, and its report afterwards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vaultmark_model::work::{Cancel, Progress, Work};

use crate::AppError;

/// How a job is getting on.
#[derive(Debug, Clone)]
pub enum JobState {
    /// Under way.
    Running,
    /// Finished, with its report.
    Done(serde_json::Value),
    /// Stopped by an error.
    Failed(Arc<AppError>),
    /// Stopped by a mistake in the program; what was finished before is kept.
    Broken,
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
                Ok(Err(error)) if error.is_cancelled() => JobState::Cancelled,
                Ok(Err(error)) => JobState::Failed(Arc::new(error)),
                Err(_) => JobState::Broken,
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
    use std::path::Path;
    use std::sync::mpsc;

    use vaultmark_bundle::BundleError;
    use vaultmark_media::MediaError;
    use vaultmark_store::StoreError;

    use super::*;

    fn finished(
        work: impl FnOnce(Work<'_>) -> Result<serde_json::Value, AppError> + Send + 'static,
    ) -> JobState {
        let (send, receive) = mpsc::channel();
        let send = Mutex::new(send);
        let jobs = Jobs::new(Box::new(move |job| {
            if !matches!(job.state, JobState::Running) {
                let _ = lock(&send).send(job.state.clone());
            }
        }));
        jobs.start("test", work);
        receive.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn work_ends_as_done_failed_cancelled_or_as_a_reported_mistake() {
        let done = finished(|_| Ok(serde_json::json!(3)));
        assert!(matches!(done, JobState::Done(report) if report == 3));
        let failed = finished(|_| Err(AppError::StalePlan));
        assert!(matches!(failed, JobState::Failed(error) if error.kind() == "stale_plan"));
        assert!(matches!(finished(|_| panic!("a mistake")), JobState::Broken));
    }

    #[test]
    fn who_is_asked_to_stop_has_not_failed_whoever_heard_it() {
        let heard: [AppError; 4] = [
            AppError::Cancelled,
            StoreError::Cancelled.into(),
            MediaError::Cancelled.into(),
            BundleError::Cancelled.into(),
        ];
        for error in heard {
            assert_eq!(error.kind(), "cancelled");
            assert!(matches!(finished(|_| Err(error)), JobState::Cancelled));
        }
        let named = AppError::from(BundleError::Cancelled).of_bundle(Path::new("a.zip"));
        assert_eq!(named.kind(), "cancelled");
    }
}
