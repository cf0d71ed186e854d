//! What the store takes from its surroundings: the clock and randomness, handed in.

use std::fmt;
use std::sync::Arc;

use vaultmark_crypto::Entropy;
use vaultmark_model::Timestamp;

/// A source of the time of day.
pub trait Clock: Send + Sync {
    /// The time that the workstation claims. It may step in either direction.
    fn now(&self) -> Timestamp;
}

/// The clock and the random source of a vault and everything in it.
#[derive(Clone)]
pub struct Ambient {
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Randomness for keys, salts and identifiers.
    pub entropy: Arc<dyn Entropy>,
}

impl Ambient {
    /// The time that the workstation claims.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` random bytes that are no secret: identifiers, salts, file names.
    ///
    /// # Errors
    /// [`crate::StoreError::Crypto`] where the random source fails.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], crate::StoreError> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

#[cfg(test)]
pub use system::SystemClock;

/// The real clock, for this crate's own tests; the program hands in its own.
#[cfg(test)]
mod system {
    use std::sync::Arc;
    use std::time::{SystemTime, UNIX_EPOCH};

    use vaultmark_crypto::SystemEntropy;
    use vaultmark_model::Timestamp;

    use super::{Ambient, Clock};

    /// The workstation's own clock.
    pub struct SystemClock;

    impl Clock for SystemClock {
        fn now(&self) -> Timestamp {
            // Before 1970 the distance is negative; both directions saturate far outside any calendar.
            let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
                Err(before) => {
                    i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis)
                }
            };
            Timestamp::from_millis(millis)
        }
    }

    impl Ambient {
        /// The workstation's clock and the operating system's generator.
        pub fn system() -> Arc<Self> {
            Arc::new(Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) })
        }
    }
}
