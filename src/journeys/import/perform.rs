//! The work: read and hash, decode in a worker, seal, and make durable in groups. No step waits for
//! another: while a group is made durable, the files of the next are under way.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Instant;

use vaultmark_media::{Limits, Pool};
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{ImageFacts, ProjectId};
use vaultmark_store::StoreError;
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::{MediaBatch, NewMedia, Project};

use super::plan::changed;
use super::source;
use super::{Plan, PlannedFile, Refused, Report};
use crate::journeys::marks::{self, Mark};
use crate::policy::Operation;
use crate::{AppError, Session};

/// Files made durable together: the cost of flushing is shared, and a kill loses at most these and
/// those that are under way. Unless many cores have more under way they are fewer than a batch
/// flushes of its own accord, so that it writes nothing before its turn.
const GROUP: usize = 48;

/// What a group brings in.
#[derive(Default)]
struct Taken {
    files: u64,
    bytes: u64,
}

impl Taken {
    fn add(&mut self, size: u64) {
        self.files += 1;
        self.bytes += size;
    }
}

/// Waits for a group to be durable; only then is it in the report.
fn settled(
    settling: Option<ScopedJoinHandle<'_, Result<Taken, StoreError>>>,
    report: &mut Report,
) -> Result<(), AppError> {
    let Some(settling) = settling else { return Ok(()) };
    // A panic is a mistake of the program, as it would be in this thread.
    let taken = settling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    tracing::debug!(files = taken.files, bytes = taken.bytes, "files durable");
    report.imported += taken.files;
    report.bytes += taken.bytes;
    Ok(())
}

/// How one file went.
enum Went {
    In(u64),
    Duplicate,
    Refused(String),
}

/// Does what a plan says. Files that vanished or changed since are named in the report; what is
/// already there is skipped, so running it again goes on where it stopped.
///
/// # Errors
/// Where the policy refuses or the vault can't be written; finished groups stay.
pub fn perform(
    session: &Session,
    id: ProjectId,
    plan: &Plan,
    work: Work<'_>,
) -> Result<Report, AppError> {
    let project = session.enter(Operation::Import, id)?;
    let start = Instant::now();
    let mut report = Report {
        duplicates: plan.duplicates.len() as u64,
        refused: plan.refused.clone(),
        ignored: plan.ignored,
        ..Report::default()
    };
    let outcome = bring_in(session, &project, plan, &mut report, work);
    report.seconds = start.elapsed().as_secs_f64();
    session.record(
        Operation::Import.word(),
        if outcome.is_ok() { Outcome::Done } else { Outcome::Failed },
        Some(id),
        [("imported", report.imported.to_string()), ("refused", report.refused.len().to_string())],
    )?;
    outcome?;
    Ok(report)
}

/// Brings in what the plan says is new, as one Change.
fn bring_in(
    session: &Session,
    project: &Project,
    plan: &Plan,
    report: &mut Report,
    work: Work<'_>,
) -> Result<(), AppError> {
    let (mut contents, mut paths) = (HashSet::new(), HashSet::new());
    project.each_item(&mut |item| {
        contents.insert(marks::content(&item.body.content));
        paths.insert(marks::path(item.body.path.as_bytes()));
        Ok::<(), AppError>(())
    })?;
    let pool = session.take_decoder();
    // One batch: the import is one Change and undoes as one. Its groups become durable as they are
    // finished; after a kill the next import takes them up.
    let batch = project.media_batch()?;
    let mut files: Vec<&PlannedFile> = Vec::with_capacity(plan.new.len());
    for file in &plan.new {
        if paths.insert(marks::path(file.path.as_bytes())) {
            files.push(file);
        } else {
            report.refused.push(changed(file.file.clone()));
        }
    }
    // Largest first, so that no thread is left alone with a large one at the end.
    files.sort_by_key(|file| Reverse(file.size));
    let line = Line {
        files,
        next: AtomicUsize::new(0),
        cancelled: AtomicBool::new(false),
        batch: &batch,
        pool: &pool,
        contents: Mutex::new(contents),
        counters: Counters {
            total: plan.new.len() as u64,
            bytes_total: plan.bytes(),
            ..Counters::default()
        },
        work,
    };
    let outcome = std::thread::scope(|scope| {
        let told = line.start(scope);
        let mut settling = None;
        let all = collect(scope, &told, &batch, &mut settling, report);
        // Where one failed, the others need not be begun any more.
        drop(told);
        all.and(settled(settling, report))
    });
    report.cancelled = line.cancelled.into_inner();
    outcome?;
    batch.commit()?;
    Ok(())
}

#[derive(Default)]
struct Counters {
    done: AtomicU64,
    bytes: AtomicU64,
    total: u64,
    bytes_total: u64,
}

impl Counters {
    fn finished(&self, size: u64, work: Work<'_>) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes_done = self.bytes.fetch_add(size, Ordering::Relaxed) + size;
        (work.report)(Progress {
            done,
            total: self.total,
            bytes_done,
            bytes_total: self.bytes_total,
        });
    }
}

/// How a file went, as its thread tells it.
type Told<'a> = (&'a PlannedFile, Result<Went, AppError>);

/// Takes what the threads tell, group by group.
fn collect<'s, 'p: 's>(
    scope: &'s Scope<'s, '_>,
    told: &Receiver<Told<'_>>,
    batch: &MediaBatch<'p>,
    settling: &mut Option<ScopedJoinHandle<'s, Result<Taken, StoreError>>>,
    report: &mut Report,
) -> Result<(), AppError> {
    let mut taken = Taken::default();
    let mut ended = false;
    while !ended {
        match told.recv() {
            // Where the vault itself failed, what is durable waits for the next import.
            Ok((file, went)) => match went? {
                Went::In(size) => taken.add(size),
                Went::Duplicate => report.duplicates += 1,
                Went::Refused(reason) => {
                    report.refused.push(Refused { file: file.file.clone(), reason });
                }
            },
            Err(_) => ended = true,
        }
        if taken.files >= GROUP as u64 || (ended && taken.files > 0) {
            // One group after the other: where the disk is full, what was sealed after it is given
            // up, which leaves room to open the vault again.
            settled(settling.take(), report)?;
            let (group, taken) = (batch.take_group(), std::mem::take(&mut taken));
            *settling = Some(scope.spawn(move || group.flush().map(|()| taken)));
        }
    }
    report.refused.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(())
}

/// What the threads of an import share: the files that wait in line, and where they go.
struct Line<'a> {
    files: Vec<&'a PlannedFile>,
    next: AtomicUsize,
    /// Whether some were left because of a wish to stop.
    cancelled: AtomicBool,
    batch: &'a MediaBatch<'a>,
    pool: &'a Pool,
    contents: Mutex<HashSet<Mark>>,
    counters: Counters,
    work: Work<'a>,
}

impl<'a> Line<'a> {
    /// Starts the threads, each with one file in memory at a time: one more than there are cores and
    /// so decoders, so that one reads and seals while the others wait for those.
    fn start<'s>(&'s self, scope: &'s Scope<'s, '_>) -> Receiver<Told<'a>> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores + 1).min(self.files.len());
        let (tell, told) = sync_channel(threads);
        for _ in 0..threads {
            let tell = tell.clone();
            scope.spawn(move || self.bring_in(&tell, source::held_by_each(threads)));
        }
        told
    }

    fn bring_in(&self, tell: &SyncSender<Told<'a>>, held: u64) {
        while let Some(file) = self.next() {
            let went = one(file, held, self.batch, self.pool, &self.contents);
            self.counters.finished(file.size, self.work);
            if tell.send((file, went)).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<&'a PlannedFile> {
        let file = *self.files.get(self.next.fetch_add(1, Ordering::Relaxed))?;
        if self.work.cancel.is_cancelled() {
            self.cancelled.store(true, Ordering::Relaxed);
            return None;
        }
        Some(file)
    }
}

fn one(
    planned: &PlannedFile,
    held: u64,
    batch: &MediaBatch<'_>,
    pool: &Pool,
    contents: &Mutex<HashSet<Mark>>,
) -> Result<Went, AppError> {
    let limits = Limits::default();
    let file = match source::open(&planned.file) {
        Ok(file) => file,
        Err(reason) => return Ok(Went::Refused(reason)),
    };
    let content = match source::read(file, &limits, held) {
        Ok(content) => content,
        Err(error) => return Ok(Went::Refused(error.to_string())),
    };
    let mark = marks::content(&content.sha512);
    if !contents.lock().unwrap_or_else(PoisonError::into_inner).insert(mark) {
        return Ok(Went::Duplicate);
    }
    let (size, sha512, crc32) = (content.size, content.sha512, content.crc32);
    let forget = || contents.lock().unwrap_or_else(PoisonError::into_inner).remove(&mark);
    let (media, mut plaintext) = match content.split() {
        Ok(both) => both,
        Err(error) => {
            forget();
            return Ok(Went::Refused(format!("{error}. Import it again.")));
        }
    };
    let imported = match pool.import(&media, &limits) {
        Ok(imported) => imported,
        Err(error) => {
            forget();
            return Ok(Went::Refused(error.to_string()));
        }
    };
    let added = batch.add(NewMedia {
        path: planned.path.clone(),
        content: sha512,
        crc32,
        size,
        facts: ImageFacts::from(&imported.probe),
        plaintext: &mut plaintext,
        thumbnail: Some(imported.thumbnail_jpeg),
    });
    match added {
        Ok(_) => Ok(Went::In(size)),
        Err(StoreError::Refused { why, .. }) => {
            forget();
            Ok(Went::Refused(why))
        }
        Err(error) => match plaintext.why_not() {
            Some(why) => {
                forget();
                Ok(Went::Refused(why))
            }
            None => Err(error.into()),
        },
    }
}
