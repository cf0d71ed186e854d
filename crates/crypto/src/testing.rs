//! A repeatable source of "randomness" for tests. Built only with the `testing` feature.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{CryptoError, Entropy};

/// SHA-512 over (seed, counter): different bytes at each call, the same run every time.
#[derive(Debug)]
pub struct FixedEntropy {
    seed: u64,
    counter: AtomicU64,
}

impl FixedEntropy {
    /// A source that depends on nothing but `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Entropy for FixedEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        for chunk in out.chunks_mut(64) {
            let mut hasher = crate::Sha512Hasher::new();
            hasher.update(b"vaultmark/testing");
            hasher.update(&self.seed.to_be_bytes());
            hasher.update(&self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&hasher.finish().as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A source that always fails.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, _out: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::Randomness)
    }
}

/// One entry of a file under `tests/vectors`.
#[cfg(test)]
pub(crate) struct Vector(serde_json::Value);

/// The entries of a file under `tests/vectors`; its `source` says who computed them.
#[cfg(test)]
pub(crate) fn vectors(file: &str) -> Vec<Vector> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entries = whole["vectors"].as_array().unwrap();
    assert!(!entries.is_empty());
    entries.iter().cloned().map(Vector).collect()
}

#[cfg(test)]
impl Vector {
    /// The text under `name`.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    /// The hexadecimal digits under `name`.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let hex = self.text(name);
        assert!(hex.len().is_multiple_of(2));
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    /// The number under `name`.
    pub(crate) fn number(&self, name: &str) -> u32 {
        self.0[name].as_u64().unwrap().try_into().unwrap()
    }

    /// Whether `name` holds anything.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.0[name].is_null()
    }
}

/// The plaintext that the stream's vectors use: SHA-512("vaultmark-pattern" ‖ counter as 8 bytes
/// big-endian) one after the other, cut to `length`.
#[cfg(test)]
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 64);
    let mut counter = 0_u64;
    while bytes.len() < length {
        let block = [&b"vaultmark-pattern"[..], &counter.to_be_bytes()].concat();
        bytes.extend_from_slice(crate::sha512(&block).as_bytes());
        counter += 1;
    }
    bytes.truncate(length);
    bytes
}
