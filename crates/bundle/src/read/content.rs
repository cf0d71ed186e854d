//! The payload's one pass: every byte read once, hashed over all cores, in large reads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use vaultmark_crypto::ReadAt;
use vaultmark_model::Digest;
use vaultmark_model::work::{Progress, Work};

use super::read_exact_at;
use crate::entry::Meter;
use crate::error::BundleError;
use crate::frame::MANIFEST;
use crate::refusal::Refusal;
use crate::zip::Record;

/// How much is read at once.
const CHUNK: usize = 512 * 1024;
/// More threads than this only compete for the disk.
const THREADS: usize = 16;

/// Checks CRC-32 and SHA-512 of every record.
pub(super) fn check(
    source: &dyn ReadAt,
    records: &[Record],
    digests: &[Digest],
    work: Work<'_>,
) -> Result<(), BundleError> {
    // Largest first, so that no thread is left alone with a large file at the end.
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(records[index].size), index));
    let pass = Pass {
        source,
        records,
        digests,
        order,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        first_error: Mutex::new(None),
        done: AtomicU64::new(0),
        bytes_done: AtomicU64::new(0),
        bytes_total: records.iter().map(|record| record.size).sum(),
        work,
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS).min(records.len()).max(1);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| pass.run());
        }
        pass.run();
    });
    let error = pass.first_error.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    error.map_or(Ok(()), |(_, error)| Err(error))
}

struct Pass<'a> {
    source: &'a dyn ReadAt,
    records: &'a [Record],
    digests: &'a [Digest],
    order: Vec<usize>,
    next: AtomicUsize,
    stop: AtomicBool,
    /// The finding on the first file in the bundle's order, among those found.
    first_error: Mutex<Option<(usize, BundleError)>>,
    done: AtomicU64,
    bytes_done: AtomicU64,
    bytes_total: u64,
    work: Work<'a>,
}

impl Pass<'_> {
    fn run(&self) {
        let mut buffer = vec![0; CHUNK];
        while !self.stop.load(Ordering::Relaxed) {
            let Some(&index) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            if let Err(error) = self.check_one(index, &mut buffer) {
                self.stop.store(true, Ordering::Relaxed);
                let mut first =
                    self.first_error.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if first.as_ref().is_none_or(|(known, _)| index < *known) {
                    *first = Some((index, error));
                }
                return;
            }
            self.done.fetch_add(1, Ordering::Relaxed);
            self.report();
        }
    }

    fn check_one(&self, index: usize, buffer: &mut [u8]) -> Result<(), BundleError> {
        let record = &self.records[index];
        let mut meter = Meter::new();
        let mut left = record.size;
        let mut at = record.content_offset();
        while left > 0 {
            if self.work.cancel.is_cancelled() {
                return Err(BundleError::Cancelled);
            }
            let want = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            read_exact_at(self.source, at, &mut buffer[..want])?;
            meter.update(&buffer[..want]);
            at += want as u64;
            left -= want as u64;
            self.bytes_done.fetch_add(want as u64, Ordering::Relaxed);
            self.report();
        }
        let measured = meter.finish();
        let entry = || record.name.to_string();
        if measured.sha512 != self.digests[index] {
            return Err(Refusal::Digest { manifest: MANIFEST.to_owned(), entry: entry() }.into());
        }
        if measured.crc32 != record.crc32 {
            return Err(Refusal::Crc { entry: entry() }.into());
        }
        Ok(())
    }

    fn report(&self) {
        (self.work.report)(Progress {
            done: self.done.load(Ordering::Relaxed),
            total: self.records.len() as u64,
            bytes_done: self.bytes_done.load(Ordering::Relaxed),
            bytes_total: self.bytes_total,
        });
    }
}
