//! Ed25519 public keys of small order. Whoever registers one can show signatures under it that fit
//! any message, and so deny or change what was signed; no honest key is one.

/// The low bytes of p − 1, p and p + 1 (p = 2²⁵⁵ − 19); their other bytes are 0xff, the top one 0x7f.
const NEAR_P: [u8; 3] = [0xec, 0xed, 0xee];

/// The y coordinates of the points of order 8.
const ORDER_8: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Whether the encoded point has an order of 1, 2, 4 or 8, or is a second encoding of such a point
/// (RFC 8032 section 5.1.2: y little-endian, the top bit is the sign of x).
pub(crate) fn has_small_order(key: &[u8]) -> bool {
    let Ok(mut y) = <[u8; 32]>::try_from(key) else { return false };
    y[31] &= 0x7f;
    let [low, between @ .., high] = y;
    let all = |value: u8| between.iter().all(|byte| *byte == value);
    let zero_or_one = low <= 1 && high == 0 && all(0);
    let near_p = NEAR_P.contains(&low) && high == 0x7f && all(0xff);
    zero_or_one || near_p || ORDER_8.contains(&y)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};
    use vaultmark_model::digest::SUITE_ED25519;
    use vaultmark_model::{PublicKey, Signature};

    use super::*;
    use crate::{Namespace, SigningKey, testing::FixedEntropy, verify};

    #[test]
    fn honest_keys_pass() {
        for seed in 0..200 {
            let key = SigningKey::generate(&FixedEntropy::new(seed)).unwrap();
            assert!(!has_small_order(key.public().bytes()));
        }
    }

    #[test]
    fn a_key_that_fits_every_message_is_refused() {
        // The neutral point as key and as R, and S = 0: the equation S·B = R + k·A holds always.
        let mut neutral = vec![0; 32];
        neutral[0] = 1;
        let forged = [neutral.clone(), vec![0; 32]].concat();
        let library = UnparsedPublicKey::new(&ED25519, &neutral);
        assert!(library.verify(b"any message", &forged).is_ok(), "the check is then not needed");
        let key = PublicKey::new(SUITE_ED25519, neutral);
        assert!(verify(&key, Namespace::Change, b"any message", &Signature::new(forged)).is_err());
    }

    #[test]
    fn every_encoding_is_known() {
        let mut encodings = ORDER_8.to_vec();
        for low in [0, 1] {
            encodings.push([0; 32]);
            encodings.last_mut().unwrap()[0] = low;
        }
        for low in NEAR_P {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (low, 0x7f);
            encodings.push(y);
        }
        for y in encodings {
            assert!(has_small_order(&y));
            let mut other_sign = y;
            other_sign[31] |= 0x80;
            assert!(has_small_order(&other_sign));
            let mut near = y;
            near[15] ^= 4;
            assert!(!has_small_order(&near));
        }
    }
}
