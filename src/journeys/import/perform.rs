//! The work: read and hash, decode in a worker, seal, and make durable in groups.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use vaultmark_media::{Limits, MediaSource, Pool};
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{Digest, ImageFacts, ProjectId};
use vaultmark_store::StoreError;
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::{MediaBatch, NewMedia};

use super::plan::changed;
use super::source::{self, MemoryReader};
use super::{Plan, PlannedFile, Refused, Report};
use crate::policy::Operation;
use crate::{AppError, Session};

/// Files made durable together: the cost of flushing is shared, and a kill loses at most these and
/// as many that are being decoded. Fewer than a batch flushes of its own accord, so that it writes
/// nothing before its turn.
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
    let mut contents: HashSet<Digest> = HashSet::new();
    let mut paths: HashSet<Vec<u8>> = HashSet::new();
    project.each_item(&mut |item| {
        contents.insert(item.body.content);
        paths.insert(item.body.path.as_bytes().to_vec());
        Ok::<(), AppError>(())
    })?;
    let contents = Mutex::new(contents);
    let pool = session.decoder();
    let counters =
        Counters { total: plan.new.len() as u64, bytes_total: plan.bytes(), ..Counters::default() };
    // One batch: the import is one Change and undoes as one. Its groups become durable as they are
    // finished; after a kill the next import takes them up.
    let batch = project.media_batch()?;
    let outcome = std::thread::scope(|scope| {
        let batch = &batch;
        // The group before is made durable while this one is decoded.
        let mut settling = None;
        let mut groups = plan.new.chunks(GROUP);
        let all = groups.try_for_each(|group| {
            if work.cancel.is_cancelled() {
                report.cancelled = true;
                return Ok(());
            }
            let fresh: Vec<&PlannedFile> = group
                .iter()
                .filter(|file| {
                    let new = paths.insert(file.path.as_bytes().to_vec());
                    if !new {
                        report.refused.push(changed(file.file.clone()));
                    }
                    new
                })
                .collect();
            let went = run_group(&fresh, batch, &pool, &contents, &counters, work);
            settled(settling.take(), &mut report)?;
            let mut taken = Taken::default();
            for (file, went) in fresh.iter().zip(went) {
                // Where the vault itself failed, what is durable waits for the next import.
                match went? {
                    Went::In(size) => taken.add(size),
                    Went::Duplicate => report.duplicates += 1,
                    Went::Refused(reason) => {
                        report.refused.push(Refused { file: file.file.clone(), reason })
                    }
                }
            }
            // Only this group: what the next one has sealed by then is given up where the disk is full,
            // which leaves room to open the vault again.
            let sealed = batch.take_group();
            settling = Some(scope.spawn(move || sealed.flush().map(|()| taken)));
            Ok(())
        });
        all.and(settled(settling, &mut report))
    });
    let outcome = outcome.and_then(|()| Ok(batch.commit().map(|_| ())?));
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

/// The files of one group over all cores, each thread with one file in memory at a time.
fn run_group(
    files: &[&PlannedFile],
    batch: &MediaBatch<'_>,
    pool: &Pool,
    contents: &Mutex<HashSet<Digest>>,
    counters: &Counters,
    work: Work<'_>,
) -> Vec<Result<Went, AppError>> {
    let next = AtomicUsize::new(0);
    let threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(files.len().max(1));
    let results: Mutex<Vec<(usize, Result<Went, AppError>)>> =
        Mutex::new(Vec::with_capacity(files.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else { return };
                    let went = one(file, batch, pool, contents);
                    counters.finished(file.size, work);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((at, went));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, went)| went).collect()
}

fn one(
    planned: &PlannedFile,
    batch: &MediaBatch<'_>,
    pool: &Pool,
    contents: &Mutex<HashSet<Digest>>,
) -> Result<Went, AppError> {
    let limits = Limits::default();
    let file = match source::open(&planned.file) {
        Ok(file) => file,
        Err(reason) => return Ok(Went::Refused(reason)),
    };
    let content = match source::read(file, &limits) {
        Ok(content) => content,
        Err(error) => return Ok(Went::Refused(error.to_string())),
    };
    if !contents.lock().unwrap_or_else(PoisonError::into_inner).insert(content.sha512) {
        return Ok(Went::Duplicate);
    }
    let forget = || contents.lock().unwrap_or_else(PoisonError::into_inner).remove(&content.sha512);
    let size = content.memory.size();
    let (sha512, crc32) = (content.sha512, content.crc32);
    let mut reader =
        MemoryReader::new(&content.memory).map_err(AppError::io("reading", &planned.file))?;
    let imported = match pool.import(&MediaSource::Memory(content.memory), &limits) {
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
        plaintext: &mut reader,
        thumbnail: Some(imported.thumbnail_jpeg),
    });
    match added {
        Ok(_) => Ok(Went::In(size)),
        Err(StoreError::Refused { why, .. }) => {
            forget();
            Ok(Went::Refused(why))
        }
        Err(error) => Err(error.into()),
    }
}
