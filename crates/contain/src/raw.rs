//! The few calls that no safe library offers. Each takes and gives integers alone.

#![allow(unsafe_code)] // system calls that are about to be refused have no safe wrapper

use std::ffi::OsStr;
use std::io;

/// The address family of a descriptor; `None` where it is no socket.
pub(crate) fn family(descriptor: i32) -> Option<i32> {
    let mut family: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `size` bytes to `family`, which lives until it returns, and
    // answers a descriptor that is none with an error.
    let outcome = unsafe {
        libc::getsockopt(
            descriptor,
            libc::SOL_SOCKET,
            libc::SO_DOMAIN,
            (&raw mut family).cast(),
            &raw mut size,
        )
    };
    (outcome == 0).then_some(family)
}

/// Asks for a socket; the descriptor, if there is one, is closed at once.
pub(crate) fn socket(family: i32, kind: i32) -> io::Result<()> {
    // SAFETY: integers in, a new descriptor or an error out.
    let descriptor = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, 0) };
    close(descriptor.into())
}

/// Asks for an `io_uring` without entries: refused by a kernel as well, with another error.
pub(crate) fn io_uring() -> io::Result<()> {
    // SAFETY: a null pointer is no memory that the kernel could write to: it answers EFAULT.
    let descriptor =
        unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, std::ptr::null_mut::<u8>()) };
    close(descriptor)
}

/// The version of Landlock that the kernel offers (landlock_create_ruleset(2)).
pub(crate) fn landlock() -> Option<u32> {
    /// `LANDLOCK_CREATE_RULESET_VERSION`.
    const VERSION: libc::c_uint = 1;
    // SAFETY: with this flag no structure is read and no descriptor is made.
    let version = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, VERSION)
    };
    u32::try_from(version).ok().filter(|version| *version > 0)
}

/// Asks for memory that is executable; what is given is taken back at once.
pub(crate) fn executable_memory() -> io::Result<()> {
    const BYTES: usize = 4096;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping where the kernel finds room for it, of no file.
    let at = unsafe {
        libc::mmap(std::ptr::null_mut(), BYTES, libc::PROT_READ | libc::PROT_EXEC, flags, -1, 0)
    };
    if at == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the mapping was made above and nothing points into it.
    unsafe { libc::munmap(at, BYTES) };
    Ok(())
}

/// Asks to abort a thread of another process, by a number that no process has (proc(5): `pid_max`
/// is at most 2^22).
pub(crate) fn abort_another() -> io::Result<()> {
    const NOBODY: libc::c_int = libc::c_int::MAX;
    // SAFETY: integers in, an error out.
    match unsafe { libc::syscall(libc::SYS_tgkill, NOBODY, NOBODY, libc::SIGABRT) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Asks that the process that started this one be signalled for what happens to a descriptor; nothing
/// does without a further call.
pub(crate) fn have_another_signalled() -> io::Result<()> {
    // SAFETY: integers in and out; a descriptor that is none gives an error.
    match unsafe { libc::fcntl(0, libc::F_SETOWN, libc::getppid()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// `getpid` by its x32 number.
#[cfg(target_arch = "x86_64")]
pub(crate) fn x32() {
    // SAFETY: takes nothing and writes nothing.
    unsafe { libc::syscall(0x4000_0000 | libc::SYS_getpid) };
}

/// `getpid` by the call gate of 32-bit programs.
#[cfg(target_arch = "x86_64")]
pub(crate) fn i386() {
    // SAFETY: the gate takes the number in eax, answers in eax, and `getpid` (20) touches no memory.
    unsafe {
        std::arch::asm!("int 0x80", inout("eax") 20 => _, options(nostack));
    }
}

fn close(descriptor: libc::c_long) -> io::Result<()> {
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was made by the caller and is named nowhere else.
    unsafe { libc::close(descriptor as libc::c_int) };
    Ok(())
}

/// Sets a variable of the environment for libraries that read it later and for all children.
pub(crate) fn tell_libraries(name: &str, value: &OsStr) {
    // SAFETY: no thread of ours is there yet. One of a library may be, and could read the environment at
    // this moment: C libraries before glibc 2.41 may move the table under it. That chance is taken: it is
    // small, and the other way, a second start, would load the web engine twice.
    unsafe { std::env::set_var(name, value) };
}
