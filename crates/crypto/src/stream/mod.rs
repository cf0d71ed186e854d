//! The sealed stream: how blobs of any size lie on disk.
//!
//! C2SP chunked-encryption (<https://c2sp.org/chunked-encryption>), instantiation Cobblestone-256:
//! ```text
//! sealed = salt (24, random) ‖ commitment (32) ‖ chunk 0 ‖ chunk 1 ‖ … ‖ last chunk
//! chunk  = AES-256-GCM(key, base nonce XOR number as big-endian, AAD empty) of 16,384 plaintext bytes
//!          (the last: of 0 to 16,383) followed by its tag (16)
//! key (32) ‖ base nonce (12) ‖ commitment (32) = HKDF-Expand-SHA-512(PRK = input key,
//!     info = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" ‖ 0x00 ‖ salt ‖ context)
//! ```
//! The last chunk is always a short one, which is how the end is known: a stream that was cut is
//! only found out at its last chunk. So whoever opens one calls
//! [`OpenReader::authenticate_end`], and compares the length with the one kept elsewhere.
//! Memory is constant, whatever the size.

mod layout;
mod open;
mod reader;
mod seal;
mod source;
#[cfg(test)]
mod tests;

pub use layout::{CHUNK, HEADER, MAX_PLAIN_LEN, padme, plain_len, sealed_len};
pub use open::OpenReader;
pub use reader::Reader;
pub use seal::SealWriter;
pub use source::ReadAt;

use crate::aead::MessageKey;
use crate::{CryptoError, Key};

/// What errors call a sealed stream.
const WHAT: &str = "the sealed blob";

/// First part of the info string, as the specification writes it for AES-256-GCM.
const DOMAIN: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

fn derive(key: &Key, salt: &[u8], context: &[u8]) -> Result<MessageKey, CryptoError> {
    MessageKey::derive(key, &[DOMAIN, salt, context])
}
