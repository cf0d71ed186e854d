//! The allocator of both programs: what is given back is overwritten first, so that a name or a note
//! that passed through the program does not lie in its memory for the rest of the day.

#![allow(unsafe_code)] // an allocator

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use zeroizing_alloc::ZeroAlloc;

/// The system's allocator, and nothing left behind. Growing a block moves it, so that no former place
/// of it keeps a copy either. For `#[global_allocator]`.
pub struct WipingAllocator {
    wiping: ZeroAlloc<System>,
    plain: AtomicBool,
}

impl WipingAllocator {
    /// One that wipes.
    #[must_use]
    pub const fn new() -> Self {
        Self { wiping: ZeroAlloc(System), plain: AtomicBool::new(false) }
    }

    /// Whether it leaves blocks as they were from here on: for the decoder, which holds no key and no
    /// name and ends when the vault locks, and for the baselines of benchmarks.
    pub fn leave_as_it_was(&self, plain: bool) {
        self.plain.store(plain, Ordering::Relaxed);
    }

    fn is_plain(&self) -> bool {
        self.plain.load(Ordering::Relaxed)
    }
}

impl Default for WipingAllocator {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: all blocks come from the system's allocator and go back to it with the same layouts; on one
// of two ways they are overwritten before.
unsafe impl GlobalAlloc for WipingAllocator {
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
            if self.is_plain() {
                System.dealloc(block, layout);
            } else {
                self.wiping.dealloc(block, layout);
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe {
            if self.is_plain() {
                System.realloc(block, layout, size)
            } else {
                self.wiping.realloc(block, layout, size)
            }
        }
    }
}
