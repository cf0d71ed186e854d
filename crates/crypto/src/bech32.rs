//! Bech32 (BIP 173) encoding of an age secret key, written straight into the arena so that the key
//! never lies on the heap as text.

use crate::{CryptoError, Secret};

/// `AGE-SECRET-KEY-1`, 52 characters of data, 6 of checksum.
pub(crate) const SECRET_KEY_TEXT: usize = 74;

const PREFIX: &[u8; 15] = b"AGE-SECRET-KEY-";
const ALPHABET: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// The secret key's text form, upper case as age writes it.
pub(crate) fn secret_key_text(key: &Secret<32>) -> Result<Secret<SECRET_KEY_TEXT>, CryptoError> {
    let mut text = Secret::<SECRET_KEY_TEXT>::zeroed()?;
    let out = text.expose_mut();
    let (head, rest) = out.split_at_mut(PREFIX.len());
    head.copy_from_slice(PREFIX);
    rest[0] = b'1';
    let (data, check) = rest[1..].split_at_mut(52);

    let mut sum = Checksum(1);
    // The prefix counts in lower case: high bits, a zero, low bits.
    PREFIX.iter().for_each(|c| sum.add(c.to_ascii_lowercase() >> 5));
    sum.add(0);
    PREFIX.iter().for_each(|c| sum.add(c.to_ascii_lowercase() & 31));

    for (place, slot) in data.iter_mut().enumerate() {
        let value = five_bits(key.expose(), place * 5);
        sum.add(value);
        *slot = ALPHABET[usize::from(value)];
    }
    (0..6).for_each(|_| sum.add(0));
    let check_value = sum.0 ^ 1;
    for (place, slot) in check.iter_mut().enumerate() {
        *slot = ALPHABET[(check_value >> (5 * (5 - place))) as usize & 31];
    }
    Ok(text)
}

/// Five bits of `bytes` from bit `at` on, zeros after the end.
fn five_bits(bytes: &[u8; 32], at: usize) -> u8 {
    let high = bytes[at / 8];
    let low = bytes.get(at / 8 + 1).copied().unwrap_or(0);
    let pair = u16::from_be_bytes([high, low]);
    ((pair >> (11 - at % 8)) & 31) as u8
}

struct Checksum(u32);

impl Checksum {
    fn add(&mut self, value: u8) {
        const GENERATOR: [u32; 5] =
            [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = self.0 >> 25;
        self.0 = (self.0 & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, term) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                self.0 ^= term;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use age::secrecy::ExposeSecret;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn age_reads_it_and_writes_the_same(bytes: [u8; 32]) {
            let text = secret_key_text(&Secret::from_slice(&bytes).unwrap()).unwrap();
            let text = std::str::from_utf8(text.expose()).unwrap();
            let identity: age::x25519::Identity = text.parse().unwrap();
            let written = identity.to_string();
            prop_assert_eq!(written.expose_secret(), text);
        }
    }
}
