//! The real clock and the real random source, handed to the crates that take them as arguments.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use vaultmark_crypto::SystemEntropy;
use vaultmark_model::Timestamp;
use vaultmark_store::{Ambient, Clock};

/// The operating system's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Timestamp::from_millis(millis)
    }
}

/// The operating system's clock and random source.
#[must_use]
pub fn system() -> Arc<Ambient> {
    Arc::new(Ambient { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) })
}
