//! The idle clock: a vault that nobody has touched for the policy's time is locked. What counts as a
//! touch comes from the window system ([`input`]), never from a page.

pub(crate) mod input;

use std::time::{Duration, Instant, SystemTime};

use crate::shell::Shell;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A moment on both clocks. The steady one stands still while the machine sleeps, the other one
/// does not: a laptop that was closed open and unlocked wakes up locked.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    steady: Instant,
    wall: SystemTime,
}

impl Moment {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self { steady: Instant::now(), wall: SystemTime::now() }
    }

    /// The moment after that time on both clocks.
    #[cfg(test)]
    pub fn later(self, time: Duration) -> Self {
        Self { steady: self.steady + time, wall: self.wall + time }
    }

    /// How long ago `earlier` was, by whichever clock says more.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        self.steady.saturating_duration_since(earlier.steady).max(wall)
    }
}

/// Starts the thread that watches. It ends with the process.
///
/// # Errors
/// Where no thread can be started.
pub fn watch(shell: &Shell) -> std::io::Result<()> {
    let shell = shell.clone();
    std::thread::Builder::new().name("idle".into()).spawn(move || {
        loop {
            std::thread::sleep(LOOK);
            shell.tick(&Moment::now());
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_that_says_more_counts() {
        let start = Moment::now();
        let hour = Duration::from_secs(3600);
        let slept = Moment { steady: start.steady, wall: start.wall + hour };
        assert_eq!(slept.since(&start), hour);
        let set_back = Moment { steady: start.steady + hour, wall: start.wall - hour };
        assert_eq!(set_back.since(&start), hour);
        assert_eq!(start.since(&start), Duration::ZERO);
    }
}
