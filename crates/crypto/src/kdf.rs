//! From a passphrase to a key: Argon2id (RFC 9106), or PBKDF2-HMAC-SHA512 (RFC 8018) for sites that
//! demand approved algorithms.

use std::num::NonZeroU32;
use std::time::Duration;

use argon2::{Algorithm, Argon2, AssociatedData, Block, ParamsBuilder, Version};
use minicbor::{Decoder, Encoder};
use vaultmark_model::canonical::{self, Canonical, DecodeResult, EncodeResult};
use zeroize::Zeroize;

use crate::{CryptoError, Key, Passphrase};

/// How a passphrase becomes a key. Lies beside what the key opens, so it can grow with machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KdfParameters {
    /// Argon2id version 0x13.
    Argon2id {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes; computed one after the other here.
        lanes: u32,
    },
    /// PBKDF2 with HMAC-SHA512.
    Pbkdf2HmacSha512 {
        /// Rounds of HMAC.
        rounds: u32,
    },
}

/// The most memory that is chosen, and believed when read from a file: 256 MiB. A slot may be hostile,
/// and it is spent before anything is authenticated. What a faster machine has left goes into passes.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// The most passes that are believed.
const MOST_PASSES: u32 = 256;
/// The most lanes that are believed.
const MOST_LANES: u32 = 64;
/// The most PBKDF2 rounds that are believed: some ten minutes of work.
const MOST_ROUNDS: u32 = 500_000_000;

impl KdfParameters {
    /// The least Argon2id a vault accepts: 64 MiB, 3 passes, 4 lanes, the second choice that
    /// RFC 9106 section 4 recommends.
    #[must_use]
    pub const fn floor_argon2id() -> Self {
        Self::Argon2id { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }

    /// The least PBKDF2 a vault accepts: 600,000 rounds.
    #[must_use]
    pub const fn floor_pbkdf2() -> Self {
        Self::Pbkdf2HmacSha512 { rounds: 600_000 }
    }

    /// Argon2id that takes about `target` on this machine, never under the floor. `now` is a
    /// steady clock. Runs the floor once (some 0.3 s) to measure.
    #[must_use]
    pub fn calibrated(target: Duration, now: &dyn Fn() -> Duration) -> Self {
        let floor = Self::floor_argon2id();
        let start = now();
        if derive_key(&Passphrase::new("calibration".into()), &[0; 32], &floor).is_err() {
            return floor;
        }
        let took = now().saturating_sub(start).as_secs_f64().max(0.001);
        let Self::Argon2id { memory_kib, passes, lanes } = floor else { return floor };
        // Work grows with memory times passes. Memory first: it is what an attacker's hardware pays
        // for; whole steps of 16 MiB keep the numbers readable.
        let factor = (target.as_secs_f64() / took).clamp(1.0, 4096.0);
        let step = 16 * 1024;
        let wanted = (f64::from(memory_kib) * factor).min(f64::from(MOST_MEMORY_KIB));
        // In range by the line above; the fraction is meant to go.
        let chosen = ((wanted as u32) / step * step).max(memory_kib);
        let left = factor * f64::from(memory_kib) / f64::from(chosen);
        let passes = ((f64::from(passes) * left) as u32).clamp(passes, MOST_PASSES);
        Self::Argon2id { memory_kib: chosen, passes, lanes }
    }

    /// Whether these parameters fall short of `policy`.
    ///
    /// Argon2id is weaker than Argon2id with more memory, or with more memory times passes. PBKDF2
    /// is weaker than any Argon2id; Argon2id is weaker than PBKDF2 only below its own floor.
    #[must_use]
    pub fn is_weaker_than(&self, policy: &Self) -> bool {
        match (*self, *policy) {
            (
                Self::Argon2id { memory_kib: a, passes: t, .. },
                Self::Argon2id { memory_kib: b, passes: u, .. },
            ) => a < b || u64::from(a) * u64::from(t) < u64::from(b) * u64::from(u),
            (Self::Pbkdf2HmacSha512 { rounds: a }, Self::Pbkdf2HmacSha512 { rounds: b }) => a < b,
            (Self::Pbkdf2HmacSha512 { .. }, Self::Argon2id { .. }) => true,
            (Self::Argon2id { .. }, Self::Pbkdf2HmacSha512 { .. }) => {
                self.is_weaker_than(&Self::floor_argon2id())
            }
        }
    }

    /// Why these parameters are out of the bounds that the algorithms and good sense set.
    fn fault(&self) -> Option<String> {
        match *self {
            Self::Argon2id { memory_kib, passes, lanes } => {
                if lanes == 0 || lanes > MOST_LANES {
                    Some(format!("{lanes} lanes, where 1 to {MOST_LANES} are allowed"))
                } else if memory_kib < 8 * lanes || memory_kib > MOST_MEMORY_KIB {
                    Some(format!(
                        "{memory_kib} KiB of memory, where {} to {MOST_MEMORY_KIB} are allowed",
                        8 * lanes
                    ))
                } else if passes == 0 || passes > MOST_PASSES {
                    Some(format!("{passes} passes, where 1 to {MOST_PASSES} are allowed"))
                } else {
                    None
                }
            }
            Self::Pbkdf2HmacSha512 { rounds } => (rounds == 0 || rounds > MOST_ROUNDS)
                .then(|| format!("{rounds} rounds, where 1 to {MOST_ROUNDS} are allowed")),
        }
    }
}

impl Canonical for KdfParameters {
    const WHAT: &'static str = "key derivation parameters";

    /// `[1, memory in KiB, passes, lanes]` or `[2, rounds]`.
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        match *self {
            Self::Argon2id { memory_kib, passes, lanes } => {
                e.array(4)?.u8(1)?.u32(memory_kib)?.u32(passes)?.u32(lanes)?;
            }
            Self::Pbkdf2HmacSha512 { rounds } => {
                e.array(2)?.u8(2)?.u32(rounds)?;
            }
        }
        Ok(())
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        let length = canonical::array_up_to(d, 4)?;
        let parameters = match (length, d.u8()?) {
            (4, 1) => Self::Argon2id { memory_kib: d.u32()?, passes: d.u32()?, lanes: d.u32()? },
            (2, 2) => Self::Pbkdf2HmacSha512 { rounds: d.u32()? },
            _ => return Err(canonical::invalid("an unknown key derivation function")),
        };
        match parameters.fault() {
            None => Ok(parameters),
            Some(_) => Err(canonical::invalid(
                "key derivation beyond the bounds, such as 256 MiB of memory",
            )),
        }
    }
}

/// The key that `passphrase` and `salt` give. Takes the time and memory the parameters say.
///
/// # Errors
/// [`CryptoError::KdfParameters`] where they are out of bounds, [`CryptoError::Memory`].
pub fn derive_key(
    passphrase: &Passphrase,
    salt: &[u8; 32],
    parameters: &KdfParameters,
) -> Result<Key, CryptoError> {
    if let Some(why) = parameters.fault() {
        return Err(CryptoError::KdfParameters { why });
    }
    let mut key = Key::zeroed()?;
    let password = passphrase.expose().as_bytes();
    match *parameters {
        KdfParameters::Argon2id { .. } => {
            argon2id(password, salt, &[], &[], parameters, key.expose_mut())?;
        }
        KdfParameters::Pbkdf2HmacSha512 { rounds } => {
            pbkdf2(password, salt, rounds, key.expose_mut());
        }
    }
    Ok(key)
}

fn argon2id(
    password: &[u8],
    salt: &[u8],
    secret: &[u8],
    data: &[u8],
    parameters: &KdfParameters,
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let KdfParameters::Argon2id { memory_kib, passes, lanes } = *parameters else {
        return Err(CryptoError::KdfParameters { why: "they are not Argon2id's".into() });
    };
    let refuse = |e: argon2::Error| CryptoError::KdfParameters { why: e.to_string() };
    let mut builder = ParamsBuilder::new();
    builder.m_cost(memory_kib).t_cost(passes).p_cost(lanes).output_len(out.len());
    builder.data(AssociatedData::new(data).map_err(refuse)?);
    let params = builder.build().map_err(refuse)?;
    let count = params.block_count();
    let hasher = Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(refuse)?;
    let mut memory = Vec::new();
    memory.try_reserve_exact(count).map_err(|_| CryptoError::Memory {
        bytes: count * Block::SIZE,
        source: std::io::ErrorKind::OutOfMemory.into(),
    })?;
    memory.resize(count, Block::new());
    let result = hasher.hash_password_into_with_memory(password, salt, out, &mut memory);
    // The blocks give the passphrase away to whoever reads them later.
    memory.iter_mut().zeroize();
    result.map_err(refuse)
}

fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) {
    let rounds = NonZeroU32::new(rounds).unwrap_or(NonZeroU32::MIN);
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA512, rounds, salt, password, out);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::testing::vectors;

    #[test]
    fn argon2id_vectors() {
        for v in vectors("argon2id.json") {
            let parameters = KdfParameters::Argon2id {
                memory_kib: v.number("memory_kib"),
                passes: v.number("passes"),
                lanes: v.number("lanes"),
            };
            let mut out = vec![0; 32];
            argon2id(
                &v.bytes("password"),
                &v.bytes("salt"),
                &v.bytes("secret"),
                &v.bytes("data"),
                &parameters,
                &mut out,
            )
            .unwrap();
            assert_eq!(out, v.bytes("key"), "{parameters:?}");
        }
    }

    #[test]
    fn pbkdf2_vectors() {
        for v in vectors("pbkdf2_hmac_sha512.json") {
            let expected = v.bytes("key");
            let mut out = vec![0; expected.len()];
            pbkdf2(&v.bytes("password"), &v.bytes("salt"), v.number("rounds"), &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn the_public_door_gives_the_vectors_key() {
        for (file, parameters) in [
            ("argon2id.json", KdfParameters::Argon2id { memory_kib: 1024, passes: 3, lanes: 4 }),
            ("pbkdf2_hmac_sha512.json", KdfParameters::Pbkdf2HmacSha512 { rounds: 10_000 }),
        ] {
            let text = "correct horse battery staple é";
            let v =
                vectors(file).into_iter().find(|v| v.bytes("password") == text.as_bytes()).unwrap();
            let salt: [u8; 32] = v.bytes("salt").try_into().unwrap();
            let key = derive_key(&Passphrase::new(text.into()), &salt, &parameters).unwrap();
            assert_eq!(key.expose().to_vec(), v.bytes("key"));
        }
    }

    #[test]
    fn encoding_is_canonical_and_bounded() {
        for parameters in [KdfParameters::floor_argon2id(), KdfParameters::floor_pbkdf2()] {
            let bytes = parameters.to_bytes();
            assert_eq!(KdfParameters::from_bytes(&bytes).unwrap(), parameters);
        }
        for hostile in [
            KdfParameters::Argon2id { memory_kib: u32::MAX, passes: 1, lanes: 1 },
            KdfParameters::Argon2id { memory_kib: 65_536, passes: u32::MAX, lanes: 1 },
            KdfParameters::Argon2id { memory_kib: 65_536, passes: 3, lanes: 0 },
            KdfParameters::Argon2id { memory_kib: 7, passes: 3, lanes: 1 },
            KdfParameters::Pbkdf2HmacSha512 { rounds: 0 },
            KdfParameters::Pbkdf2HmacSha512 { rounds: u32::MAX },
        ] {
            assert!(KdfParameters::from_bytes(&hostile.to_bytes()).is_err(), "{hostile:?}");
            let refused = derive_key(&Passphrase::new("x".into()), &[0; 32], &hostile);
            assert!(matches!(refused, Err(CryptoError::KdfParameters { .. })), "{hostile:?}");
        }
        for bytes in [&[][..], &[0x80], &[0x82, 1, 1], &[0x82, 2, 0x18, 5], &[0x84, 1, 1]] {
            assert!(KdfParameters::from_bytes(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn weaker_is_told() {
        let floor = KdfParameters::floor_argon2id();
        let more = KdfParameters::Argon2id { memory_kib: 256 * 1024, passes: 3, lanes: 4 };
        let trade = KdfParameters::Argon2id { memory_kib: 32 * 1024, passes: 100, lanes: 4 };
        let quick = KdfParameters::Argon2id { memory_kib: 128 * 1024, passes: 1, lanes: 4 };
        let pbkdf2 = KdfParameters::floor_pbkdf2();
        assert!(!floor.is_weaker_than(&floor) && !more.is_weaker_than(&floor));
        assert!(floor.is_weaker_than(&more));
        assert!(trade.is_weaker_than(&floor) && quick.is_weaker_than(&floor));
        assert!(pbkdf2.is_weaker_than(&floor) && !floor.is_weaker_than(&pbkdf2));
        assert!(quick.is_weaker_than(&pbkdf2));
        assert!(KdfParameters::Pbkdf2HmacSha512 { rounds: 1 }.is_weaker_than(&pbkdf2));
    }

    /// A clock that goes on by `took` at each look.
    fn calibrate(target_ms: u64, took_ms: u64) -> KdfParameters {
        let time = Cell::new(Duration::ZERO);
        KdfParameters::calibrated(Duration::from_millis(target_ms), &|| {
            time.set(time.get() + Duration::from_millis(took_ms));
            time.get()
        })
    }

    #[test]
    fn calibration_meets_the_target_and_keeps_the_floor() {
        let argon = |memory_mib: u32, passes| KdfParameters::Argon2id {
            memory_kib: memory_mib * 1024,
            passes,
            lanes: 4,
        };
        assert_eq!(calibrate(1000, 250), argon(256, 3));
        assert_eq!(calibrate(1000, 5000), argon(64, 3));
        assert_eq!(calibrate(1000, 25), argon(256, 30));
    }
}
