//! Handing a raw key to SQLCipher. The crate's one module with `unsafe`.
//!
//! Why not `PRAGMA key`: the statement's text, with the key in it, would be copied by the parser
//! into memory that nobody overwrites. `sqlite3_key_v2` copies it once, into SQLCipher's own
//! protected heap.

#![allow(unsafe_code)]

use std::ffi::CStr;

use rusqlite::{Connection, ffi};
use vaultmark_crypto::Key;

/// `x'` + 64 digits + `'`: SQLCipher's form of a raw key, used as it is without derivation.
const LENGTH: usize = 67;

/// Keys the main database of a connection that has read nothing yet.
pub(super) fn apply(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
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
