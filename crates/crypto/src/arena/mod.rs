//! The locked arena: the one place where keys live while the program runs.
//!
//! A region is anonymous memory between two inaccessible guard pages, locked against swapping
//! (`mlock`), left out of core dumps (`MADV_DONTDUMP`) and empty in child processes
//! (`MADV_WIPEONFORK`). Where the system refuses the lock (a small `ulimit -l`), the arena works
//! all the same and says so in [`ArenaStatus`]. Reserve it before any database opens: SQLCipher
//! takes the whole default allowance for itself.
//!
//! This is the only module of the crate with `unsafe`, for three reasons: memory comes from
//! `mmap`, values are placed in it by address, and it is overwritten through raw pointers on drop
//! because the libraries' own key objects (an AES key schedule, an Ed25519 key pair) don't
//! overwrite themselves. The invariants it rests on:
//! 1. a region is mapped readable and writable and is never unmapped, so its addresses stay valid;
//! 2. a run of blocks belongs to one `ArenaBox` from `take` to `give_back` (see `blocks`);
//! 3. blocks are 64-byte aligned and no type placed here asks for more (checked at compile time).
//!
//! Limit: building a key object moves it over the stack once; callers overwrite the stack after
//! such work as well as the language allows (`scrub_stack`).

#![allow(unsafe_code)]

mod blocks;
mod map;

use std::io;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::sync::atomic::{Ordering, compiler_fence};
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::blocks::BlockMap;
use crate::CryptoError;

/// Bytes of a block; every allocation takes whole blocks.
const BLOCK: usize = 64;
/// Bytes of a region where nobody asked for another size.
const DEFAULT_REGION: usize = 256 * 1024;

/// What the arena is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArenaStatus {
    /// Every region is locked against swapping.
    pub locked: bool,
    /// Every region is left out of core dumps.
    pub undumpable: bool,
    /// Bytes reserved in all.
    pub bytes: usize,
}

/// Reserves at least `bytes` bytes for secrets, in whole pages. Call it before any database opens.
/// Calling it again with no more than what is there changes nothing.
///
/// # Errors
/// [`CryptoError::Memory`] where the system gives no memory at all. A refused lock is no error: it
/// is told in the status.
pub fn reserve_arena(bytes: usize) -> Result<ArenaStatus, CryptoError> {
    let mut arena = arena();
    let have = arena.status().bytes;
    if have < bytes || have == 0 {
        arena.grow((bytes - have).max(BLOCK))?;
    }
    Ok(arena.status())
}

/// What is reserved now.
#[must_use]
pub fn arena_status() -> ArenaStatus {
    arena().status()
}

struct Region {
    base: NonNull<u8>,
    bytes: usize,
    locked: bool,
    undumpable: bool,
    blocks: BlockMap,
}

// SAFETY: the pointer is to memory that belongs to the process, not to a thread (invariant 1), and
// it is only reached through the mutex below.
unsafe impl Send for Region {}

struct Arena {
    regions: Vec<Region>,
}

static ARENA: Mutex<Arena> = Mutex::new(Arena { regions: Vec::new() });

/// A panic while the lock is held leaves the bitmap whole, so poisoning carries no meaning here.
fn arena() -> MutexGuard<'static, Arena> {
    ARENA.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Arena {
    fn status(&self) -> ArenaStatus {
        ArenaStatus {
            locked: !self.regions.is_empty() && self.regions.iter().all(|r| r.locked),
            undumpable: !self.regions.is_empty() && self.regions.iter().all(|r| r.undumpable),
            bytes: self.regions.iter().map(|r| r.bytes).sum(),
        }
    }

    fn grow(&mut self, bytes: usize) -> Result<(), CryptoError> {
        let mapped = map::map(bytes).map_err(|source| CryptoError::Memory { bytes, source })?;
        self.regions.push(Region {
            base: mapped.base,
            bytes: mapped.bytes,
            locked: mapped.locked,
            undumpable: mapped.undumpable,
            blocks: BlockMap::new(mapped.bytes / BLOCK),
        });
        Ok(())
    }

    fn take(&mut self, count: usize) -> Option<(usize, usize, NonNull<u8>)> {
        for (index, region) in self.regions.iter_mut().enumerate() {
            if let Some(first) = region.blocks.take(count) {
                // SAFETY: the map has `bytes / BLOCK` blocks, so the offset is inside the region.
                let at = unsafe { region.base.add(first * BLOCK) };
                return Some((index, first, at));
            }
        }
        None
    }
}

/// A value that lives in the arena and whose memory is overwritten when it is dropped.
pub(crate) struct ArenaBox<T> {
    at: NonNull<T>,
    region: usize,
    first: usize,
}

impl<T> ArenaBox<T> {
    const BLOCKS: usize = {
        assert!(align_of::<T>() <= BLOCK, "blocks are 64-byte aligned");
        if size_of::<T>() == 0 { 1 } else { size_of::<T>().div_ceil(BLOCK) }
    };

    /// Moves `value` in. What the move leaves on the stack is the caller's to overwrite.
    pub(crate) fn new(value: T) -> Result<Self, CryptoError> {
        let mut arena = arena();
        let (region, first, at) = match arena.take(Self::BLOCKS) {
            Some(place) => place,
            None => {
                arena.grow(DEFAULT_REGION.max(Self::BLOCKS * BLOCK))?;
                arena.take(Self::BLOCKS).ok_or_else(|| CryptoError::Memory {
                    bytes: Self::BLOCKS * BLOCK,
                    source: io::ErrorKind::OutOfMemory.into(),
                })?
            }
        };
        let at = at.cast::<T>();
        // SAFETY: the blocks are ours alone (invariant 2), large enough for a T by BLOCKS, and
        // aligned for it (invariant 3).
        unsafe { at.write(value) };
        Ok(Self { at, region, first })
    }
}

impl<T> Deref for ArenaBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `new` wrote a T here and nobody else has the address.
        unsafe { self.at.as_ref() }
    }
}

impl<T> DerefMut for ArenaBox<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` makes this borrow the only one.
        unsafe { self.at.as_mut() }
    }
}

impl<T> Drop for ArenaBox<T> {
    fn drop(&mut self) {
        // SAFETY: the T is whole, and after this line it is never read as a T again. The words
        // that are then overwritten are exactly this box's blocks: mapped, writable, ours alone
        // and 64-byte aligned. Volatile writes can't be optimised away.
        unsafe {
            ptr::drop_in_place(self.at.as_ptr());
            let words = self.at.cast::<u64>().as_ptr();
            for index in 0..Self::BLOCKS * BLOCK / size_of::<u64>() {
                ptr::write_volatile(words.add(index), 0);
            }
        }
        compiler_fence(Ordering::SeqCst);
        let mut arena = arena();
        if let Some(region) = arena.regions.get_mut(self.region) {
            region.blocks.give_back(self.first, Self::BLOCKS);
        }
    }
}

// SAFETY: an ArenaBox owns its T as a Box does; the arena's bookkeeping is behind a mutex.
unsafe impl<T: Send> Send for ArenaBox<T> {}
// SAFETY: a shared ArenaBox gives out nothing but `&T`.
unsafe impl<T: Sync> Sync for ArenaBox<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserving_again_changes_nothing() {
        let first = reserve_arena(64 * 1024).unwrap();
        assert!(first.bytes >= 64 * 1024);
        assert_eq!(reserve_arena(1024).unwrap().bytes, arena_status().bytes);
    }

    #[test]
    fn grows_where_a_region_is_full() {
        let boxes: Vec<_> = (0..9000_u32).map(|i| ArenaBox::new([i; 16]).unwrap()).collect();
        for (i, held) in boxes.iter().enumerate() {
            assert_eq!(**held, [u32::try_from(i).unwrap(); 16]);
        }
        assert!(arena_status().bytes >= 9000 * 64);
    }

    #[test]
    fn memory_is_overwritten_on_drop() {
        const WORDS: usize = 6 * 1024;
        const MARK: u64 = 0xA5C3_96E1_0F5A_3C78;
        let held = ArenaBox::new([MARK; WORDS]).unwrap();
        let at = held.at.cast::<u64>();
        // SAFETY: regions are never unmapped (invariant 1), so the address stays readable; another
        // test may be given the blocks meanwhile, but none of them writes the mark.
        let marks = || (0..WORDS).filter(|i| unsafe { at.add(*i).read_volatile() } == MARK).count();
        assert_eq!(marks(), WORDS);
        drop(held);
        assert_eq!(marks(), 0);
    }

    #[test]
    fn values_are_dropped_once() {
        struct Counts<'a>(&'a std::cell::Cell<u32>);
        impl Drop for Counts<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let drops = std::cell::Cell::new(0);
        let mut held = ArenaBox::new(Counts(&drops)).unwrap();
        let _ = &mut *held;
        assert_eq!(drops.get(), 0);
        drop(held);
        assert_eq!(drops.get(), 1);
    }
}
