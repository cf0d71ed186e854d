//! Where things lie in a sealed stream, and how long it is.

use crate::aead::{COMMITMENT, TAG};

/// Plaintext bytes of a full chunk.
pub const CHUNK: usize = 16_384;
/// Bytes of the random salt.
pub(super) const SALT: usize = 24;
/// Bytes before the first chunk: salt and commitment.
pub const HEADER: usize = SALT + COMMITMENT;
/// Sealed bytes of a full chunk.
pub(super) const SEALED_CHUNK: usize = CHUNK + TAG;
/// The most plaintext a stream holds: 4 PiB less one byte, in 2³⁸ chunks.
pub const MAX_PLAIN_LEN: u64 = (1 << 52) - 1;

/// Bytes of the sealed form of `plain_len` bytes. Saturates far beyond [`MAX_PLAIN_LEN`].
#[must_use]
pub const fn sealed_len(plain_len: u64) -> u64 {
    let tags = (plain_len / CHUNK as u64 + 1).saturating_mul(TAG as u64);
    plain_len.saturating_add(tags).saturating_add(HEADER as u64)
}

/// Bytes that a complete stream of `sealed_len` bytes holds; `None` where no complete stream has
/// that length.
#[must_use]
pub const fn plain_len(sealed_len: u64) -> Option<u64> {
    let Some(body) = sealed_len.checked_sub(HEADER as u64) else { return None };
    let full = body / SEALED_CHUNK as u64;
    let Some(last) = (body % SEALED_CHUNK as u64).checked_sub(TAG as u64) else { return None };
    let plain = full * CHUNK as u64 + last;
    if plain > MAX_PLAIN_LEN { None } else { Some(plain) }
}

/// The length to pad `len` bytes to, so that a sealed length gives away only the logarithm of its
/// size: Padmé ("Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
/// section 4), at most 12 % more. Lengths too large to round up stay as they are.
#[must_use]
pub const fn padme(len: u64) -> u64 {
    if len < 2 {
        return len;
    }
    let exponent = len.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_u64 << (exponent - kept)) - 1;
    match len.checked_add(mask) {
        Some(sum) => sum & !mask,
        None => len,
    }
}

/// Where sealed chunk `number` begins.
pub(super) const fn chunk_start(number: u64) -> u64 {
    HEADER as u64 + number * SEALED_CHUNK as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_the_specification() {
        assert_eq!(sealed_len(0), 72);
        assert_eq!(sealed_len(16_383), 56 + 16_383 + 16);
        assert_eq!(sealed_len(16_384), 56 + 16_400 + 16);
        for incomplete in [0, 55, 56, 71, 56 + 16_400, 56 + 16_400 + 15, 56 + 2 * 16_400] {
            assert_eq!(plain_len(incomplete), None, "{incomplete}");
        }
        assert_eq!(plain_len(sealed_len(MAX_PLAIN_LEN)), Some(MAX_PLAIN_LEN));
        assert_eq!(plain_len(sealed_len(MAX_PLAIN_LEN + 1)), None);
        assert_eq!(plain_len(u64::MAX), None);
    }

    #[test]
    fn padme_of_the_paper() {
        for (len, padded) in [(0, 0), (1, 1), (9, 10), (100, 104), (1000, 1024), (1025, 1088)] {
            assert_eq!(padme(len), padded, "{len}");
        }
        assert_eq!(padme(u64::MAX), u64::MAX);
    }

    proptest! {
        #[test]
        fn lengths_go_back_and_forth(len in 0..=MAX_PLAIN_LEN) {
            prop_assert_eq!(plain_len(sealed_len(len)), Some(len));
        }

        #[test]
        fn padding_is_small_stable_and_never_shorter(len in 2_u64..1 << 60) {
            let padded = padme(len);
            prop_assert!(padded >= len);
            prop_assert!(padded - len <= len / 8);
            prop_assert_eq!(padme(padded), padded);
        }
    }
}
