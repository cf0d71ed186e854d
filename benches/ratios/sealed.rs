//! The plainest sealed file there could be: AES-256-GCM by `ring` in chunks of 16 KiB, each with its
//! tag behind it.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::desk::Outcome;

/// Plaintext bytes of a chunk.
pub const CHUNK: usize = 16 * 1024;
/// Sealed bytes of a chunk.
pub const SEALED: usize = CHUNK + 16;

/// A key made ready.
pub fn key() -> Outcome<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| "no key")?;
    Ok(LessSafeKey::new(key))
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Nonce::assume_unique_for_key(bytes)
}

/// Seals everything that `plaintext` gives into a new file.
pub fn seal(path: &Path, mut plaintext: impl Read) -> Outcome<()> {
    let key = key()?;
    let mut out = BufWriter::new(File::create(path)?);
    for number in 0.. {
        let mut chunk = Vec::with_capacity(SEALED);
        (&mut plaintext).take(CHUNK as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            break;
        }
        key.seal_in_place_append_tag(nonce(number), Aad::empty(), &mut chunk)
            .map_err(|_| "sealing failed")?;
        out.write_all(&chunk)?;
    }
    Ok(out.into_inner()?.sync_all()?)
}

/// Reads `sealed` bytes from chunk `number` on into `buffer` and opens each in its place; `each`
/// sees the plaintext of one after the other.
pub fn open(
    file: &File,
    key: &LessSafeKey,
    number: u64,
    buffer: &mut [u8],
    mut each: impl FnMut(&[u8]),
) -> Outcome<()> {
    file.read_exact_at(buffer, number * SEALED as u64)?;
    for (number, chunk) in (number..).zip(buffer.chunks_mut(SEALED)) {
        let plain = key.open_in_place(nonce(number), Aad::empty(), chunk);
        each(plain.map_err(|_| "opening failed")?);
    }
    Ok(())
}
