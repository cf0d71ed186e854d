//! The allocator of both programs: what is given back is overwritten first, so that a name or a note
//! that passed through the program does not lie in its memory for the rest of the day.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// The system's allocator, and nothing left behind. Growing a block moves it, so that no former place
/// of it keeps a copy either.
pub type WipingAllocator = ZeroAlloc<System>;

/// One, for `#[global_allocator]`.
#[must_use]
pub const fn wiping_allocator() -> WipingAllocator {
    ZeroAlloc(System)
}
