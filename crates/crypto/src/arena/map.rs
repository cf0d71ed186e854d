//! One region of memory from the operating system.

use std::io;
use std::ptr::NonNull;

/// Memory that stays mapped for the life of the process.
pub(super) struct Mapped {
    pub(super) base: NonNull<u8>,
    pub(super) bytes: usize,
    pub(super) locked: bool,
    pub(super) undumpable: bool,
}

/// At least `bytes` zero bytes, in whole pages.
#[cfg(target_os = "linux")]
pub(super) fn map(bytes: usize) -> io::Result<Mapped> {
    use rustix::mm::{
        Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mlock, mmap_anonymous, mprotect,
    };

    let page = rustix::param::page_size();
    let bytes = bytes.checked_next_multiple_of(page).ok_or(io::ErrorKind::OutOfMemory)?;
    let whole = bytes.checked_add(2 * page).ok_or(io::ErrorKind::OutOfMemory)?;
    // SAFETY: a fresh private mapping at an address the kernel chooses overlaps nothing. Only its
    // inside is opened; the first and the last page stay inaccessible, so that running over an end
    // stops the program instead of reading a secret. The range stays mapped for ever.
    unsafe {
        let start =
            mmap_anonymous(std::ptr::null_mut(), whole, ProtFlags::empty(), MapFlags::PRIVATE)?;
        let inside = start.byte_add(page);
        mprotect(inside, bytes, MprotectFlags::READ | MprotectFlags::WRITE)?;
        let locked = mlock(inside, bytes).is_ok();
        let undumpable = madvise(inside, bytes, Advice::LinuxDontDump).is_ok();
        // A child made by fork sees zeros; a kernel older than 4.14 refuses, and the child's
        // memory is replaced by exec a moment later.
        let _ = madvise(inside, bytes, Advice::LinuxWipeOnFork);
        let base = NonNull::new(inside.cast::<u8>()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Mapped { base, bytes, locked, undumpable })
    }
}

/// At least `bytes` zero bytes of ordinary memory: here nothing is locked, and the status says so.
#[cfg(not(target_os = "linux"))]
pub(super) fn map(bytes: usize) -> io::Result<Mapped> {
    #[derive(Clone)]
    #[repr(align(64))]
    struct Block([u8; super::BLOCK]);

    let blocks = vec![Block([0; super::BLOCK]); bytes.div_ceil(super::BLOCK)];
    let bytes = blocks.len() * super::BLOCK;
    let base = NonNull::from(Box::leak(blocks.into_boxed_slice())).cast::<u8>();
    Ok(Mapped { base, bytes, locked: false, undumpable: false })
}
