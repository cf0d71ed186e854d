//! Where randomness comes from.
//!
//! Code that needs random bytes takes `&dyn Entropy`, so tests can be repeated and an auditor sees
//! every place that draws.

use ring::rand::{SecureRandom, SystemRandom};

use crate::CryptoError;

/// A source of uniformly random bytes.
pub trait Entropy: Send + Sync {
    /// Fills all of `out`.
    ///
    /// # Errors
    /// [`CryptoError::Randomness`]; `out` must then not be used.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

/// The operating system's generator (`getrandom(2)` on Linux), the only source outside tests.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        SystemRandom::new().fill(out).map_err(|_| CryptoError::Randomness)
    }
}
