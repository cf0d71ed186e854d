//! Flushing several files or folders at once.

use std::panic::resume_unwind;

use crate::StoreError;

/// Threads that flush: a disk takes several flushes together in hardly more time than one, and who
/// waits for it needs no processor.
const THREADS: usize = 4;
/// So few are flushed one after the other.
const FEW: usize = 8;

/// Flushes every one of them; an error is that of the first that failed, and some others may then
/// not have been flushed.
pub(super) fn at_once<T: Sync>(
    all: &[T],
    flush: impl Fn(&T) -> Result<(), StoreError> + Sync,
) -> Result<(), StoreError> {
    if all.len() <= FEW {
        return all.iter().try_for_each(flush);
    }
    let flush = &flush;
    std::thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(THREADS));
        let threads: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().try_for_each(flush))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .fold(Ok(()), Result::and)
    })
}
