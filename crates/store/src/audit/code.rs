//! The short code of a checkpoint: what is printed on receipts and compared by eye.

use vaultmark_model::Digest;

/// Crockford's base32 without I, L, O and U, which are misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The checkpoint's number and the first 80 bits of its digest: `1204-7KQ3-M0ZX-9D2A-WT5E`.
#[must_use]
pub fn short_code(seq: u64, digest: &Digest) -> String {
    let mut code = seq.to_string();
    for group in digest.as_bytes()[..10].chunks(5) {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in 0..8 {
            if place % 4 == 0 {
                code.push('-');
            }
            let symbol = (bits >> (5 * (7 - place))) & 31;
            code.push(char::from(ALPHABET[usize::try_from(symbol).unwrap_or(0)]));
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_known_digests() {
        assert_eq!(short_code(7, &Digest::ZERO), "7-0000-0000-0000-0000");
        let mut bytes = [0; 64];
        bytes[..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1]);
        assert_eq!(short_code(12, &Digest::from_bytes(bytes)), "12-ZZZZ-ZZZZ-0000-0001");
    }
}
