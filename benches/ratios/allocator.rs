//! The allocator of the programs for ours, and the plain one for the baselines.

use vaultmark::WipingAllocator;

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator::new();

/// Does a baseline's work with the system's allocator.
pub fn plainly<T>(work: impl FnOnce() -> T) -> T {
    ALLOCATOR.leave_as_it_was(true);
    let done = work();
    ALLOCATOR.leave_as_it_was(false);
    done
}
