//! SHA-512 (FIPS 180-4), and names that give nothing away.

use std::io::{self, Write};

use ring::{digest, hmac};
use vaultmark_model::Digest;

use crate::secret::scrub_stack_after;

/// SHA-512 of bytes that come piece by piece.
#[derive(Clone)]
pub struct Sha512Hasher(digest::Context);

impl Sha512Hasher {
    /// A hasher that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA512))
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes seen.
    #[must_use]
    pub fn finish(self) -> Digest {
        from_ring(&self.0.finish())
    }
}

impl Default for Sha512Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Sha512Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// SHA-512 of `bytes`.
#[must_use]
pub fn sha512(bytes: &[u8]) -> Digest {
    from_ring(&digest::digest(&digest::SHA512, bytes))
}

fn from_ring(digest: &digest::Digest) -> Digest {
    let mut bytes = [0; 64];
    bytes.copy_from_slice(digest.as_ref());
    Digest::from_bytes(bytes)
}

/// A file name for `text` that only holders of `key` can connect with it: the first 160 bits of
/// HMAC-SHA512(key, text) in lower-case base32 (RFC 4648 section 6), 32 characters. The caller
/// brings `text` into one form (case, Unicode) first.
#[must_use]
pub fn keyed_name(key: &[u8; 32], text: &str) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let tag =
        scrub_stack_after(|| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, key), text.as_bytes()));
    let mut name = String::with_capacity(32);
    for group in tag.as_ref()[..20].chunks(5) {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            name.push(char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    #[test]
    fn pieces_and_whole_agree_with_the_standard() {
        // FIPS 180-4 example "abc".
        let expected = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                        2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(sha512(b"abc").to_hex(), expected);
        let mut hasher = Sha512Hasher::new();
        io::copy(&mut &b"ab"[..], &mut hasher).unwrap();
        hasher.update(b"c");
        assert_eq!(hasher.finish().to_hex(), expected);
    }

    #[test]
    fn keyed_names_match_the_vectors() {
        for v in vectors("keyed_name.json") {
            let key: [u8; 32] = v.bytes("key").try_into().unwrap();
            assert_eq!(keyed_name(&key, v.text("text")), v.text("name"));
        }
    }

    #[test]
    fn another_key_gives_another_name() {
        assert_ne!(keyed_name(&[1; 32], "alice"), keyed_name(&[2; 32], "alice"));
    }
}
