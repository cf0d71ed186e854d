//! Signing in again: proof that the person behind a session gave the passphrase just now.

use std::time::{Duration, Instant};

/// How long the proof holds: enough to begin what it was given for.
const LIFETIME: Duration = Duration::from_secs(120);

/// Proof that the person of one session has just given the passphrase. Only [`crate::Session`]
/// makes it, from a checked passphrase; an operation that asks for it takes it away.
#[derive(Debug)]
pub struct FreshSignIn {
    session: u64,
    given: Instant,
}

impl FreshSignIn {
    /// Of a passphrase that was checked at this moment.
    pub(super) fn now(session: u64) -> Self {
        Self { session, given: Instant::now() }
    }

    /// Whether it holds for that session at a moment.
    pub(super) fn holds(self, session: u64, now: Instant) -> bool {
        self.session == session && now.duration_since(self.given) <= LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_for_its_session_and_for_a_short_time() {
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert!(FreshSignIn::now(1).holds(1, later(0)));
        assert!(FreshSignIn::now(1).holds(1, later(110)));
        assert!(!FreshSignIn::now(1).holds(1, later(121)));
        assert!(!FreshSignIn::now(1).holds(2, later(0)));
    }
}
