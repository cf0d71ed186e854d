//! The allocator of the programs for ours, and the plain one for the baselines.

#![allow(unsafe_code)] // an allocator that is chosen while the program runs

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use vaultmark::crypto::{WipingAllocator, wiping_allocator};

/// Overwrites what is given back, unless a baseline is at work.
pub struct Switched {
    wiping: WipingAllocator,
    plain: AtomicBool,
}

#[global_allocator]
static ALLOCATOR: Switched = Switched { wiping: wiping_allocator(), plain: AtomicBool::new(false) };

/// Does a baseline's work with the system's allocator.
pub fn plainly<T>(work: impl FnOnce() -> T) -> T {
    ALLOCATOR.plain.store(true, Ordering::Relaxed);
    let done = work();
    ALLOCATOR.plain.store(false, Ordering::Relaxed);
    done
}

// SAFETY: both allocators are the system's with the same layouts; one overwrites a block before it
// gives it back. Which of them gives back a block makes no difference to the system's.
unsafe impl GlobalAlloc for Switched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe {
            if self.plain.load(Ordering::Relaxed) {
                System.dealloc(block, layout);
            } else {
                self.wiping.dealloc(block, layout);
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe {
            if self.plain.load(Ordering::Relaxed) {
                System.realloc(block, layout, size)
            } else {
                self.wiping.realloc(block, layout, size)
            }
        }
    }
}
