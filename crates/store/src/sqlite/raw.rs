//! What SQLCipher is told through its C interface: the raw key, and to overwrite what it frees. The
//! crate's one module with `unsafe`.
//!
//! Why not `PRAGMA cipher_memory_security`: it also locks and unlocks every block, two system calls
//! each; writing takes more than twice as long with it. Pages that are freed are overwritten here for
//! a few per cent; keys lie in locked memory in any case.
//!
//! Why not `PRAGMA key`: the statement's text, with the key in it, would be copied by the parser
//! into memory that nobody overwrites. `sqlite3_key_v2` copies it once, into SQLCipher's own
//! protected heap.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use rusqlite::{Connection, ffi};
use vaultmark_crypto::Key;

/// `x'` + 64 digits + `'`: SQLCipher's form of a raw key, used as it is without derivation.
const LENGTH: usize = 67;

/// SQLite's own ways to get and give back memory; `None` where it tells none.
static METHODS: OnceLock<Option<Methods>> = OnceLock::new();

struct Methods {
    allocate: unsafe extern "C" fn(c_int) -> *mut c_void,
    size: unsafe extern "C" fn(*mut c_void) -> c_int,
    free: unsafe extern "C" fn(*mut c_void),
}

fn methods() -> Option<&'static Methods> {
    METHODS.get().and_then(Option::as_ref)
}

/// From here on SQLite overwrites what it frees. To be called before the first connection: a process
/// that has opened a database by other means stays as it is.
pub(super) fn overwrite_freed_memory() {
    METHODS.get_or_init(|| {
        let mut methods = ffi::sqlite3_mem_methods {
            xMalloc: None,
            xFree: None,
            xRealloc: None,
            xSize: None,
            xRoundup: None,
            xInit: None,
            xShutdown: None,
            pAppData: ptr::null_mut(),
        };
        // SAFETY: fills the structure, or does nothing once SQLite has started.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut methods) };
        let own =
            Methods { allocate: methods.xMalloc?, size: methods.xSize?, free: methods.xFree? };
        methods.xFree = Some(free);
        methods.xRealloc = Some(reallocate);
        // SAFETY: copies the structure, or does nothing once SQLite has started. It calls none of
        // the functions before the first connection, which is opened after this.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods) };
        Some(own)
    });
}

/// SQLite's `xFree`, behind an overwriting.
unsafe extern "C" fn free(block: *mut c_void) {
    let Some(own) = methods() else { return };
    // SAFETY: SQLite hands in a block that it got from the same methods; `xSize` is its length.
    unsafe {
        let length = usize::try_from((own.size)(block)).unwrap_or(0);
        ptr::write_bytes(block.cast::<u8>(), 0, length);
        // The compiler may not drop the overwriting: somebody looks at the bytes.
        std::hint::black_box(block);
        (own.free)(block);
    }
}

/// SQLite's `xRealloc` as a new block, a copy, and [`free`]: the old place keeps nothing.
unsafe extern "C" fn reallocate(block: *mut c_void, wanted: c_int) -> *mut c_void {
    let Some(own) = methods() else { return ptr::null_mut() };
    // SAFETY: SQLite hands in a block that it got from the same methods, and wants at least a byte;
    // what is copied fits into both. Without memory the old block stays, as `xRealloc` promises.
    unsafe {
        let new = (own.allocate)(wanted);
        if !new.is_null() {
            let length = usize::try_from((own.size)(block).min(wanted)).unwrap_or(0);
            ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast::<u8>(), length);
            free(block);
        }
        new
    }
}

/// Keys the main database of a connection that has read nothing yet.
pub(super) fn apply_key(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const MAIN: &CStr = c"main";
    let mut text = [0_u8; LENGTH];
    text[..2].copy_from_slice(b"x'");
    text[LENGTH - 1] = b'\'';
    for (pair, byte) in text[2..LENGTH - 1].chunks_exact_mut(2).zip(key.expose()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    let length = i32::try_from(LENGTH).unwrap_or_default();
    // SAFETY: the handle is that of a live connection, borrowed for the length of the call and
    // closed by nobody else; name and key are live buffers of the stated lengths, which the call
    // copies and doesn't keep.
    let code = unsafe {
        ffi::sqlite3_key_v2(connection.handle(), MAIN.as_ptr(), text.as_ptr().cast(), length)
    };
    text.fill(0);
    // The compiler may not drop the overwriting: somebody looks at the bytes.
    std::hint::black_box(&mut text);
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
}
