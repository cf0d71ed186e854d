//! The table.

use std::time::Duration;

/// One line of it.
pub enum Row {
    /// A time held against a baseline.
    Ratio { work: &'static str, ours: Duration, baseline: Duration, bound: f64 },
    /// A time held against a bound of its own.
    Time { work: &'static str, ours: Duration, bound: Duration },
    /// The most memory that a process had, in bytes, held against a bound.
    Memory { work: &'static str, peak: u64, bound: u64 },
    /// What could not be measured here, and why.
    LeftOut { work: &'static str, why: String },
}

/// The line above it.
pub fn head() {
    println!("{:<46} {:>10} {:>10} {:>7} {:>8}", "work", "ours", "baseline", "ratio", "bound");
}

impl Row {
    /// Prints the line; whether its bound holds.
    pub fn print(&self) -> bool {
        match self {
            Self::Ratio { work, ours, baseline, bound } => {
                let ratio = ours.as_secs_f64() / baseline.as_secs_f64();
                let fine = ratio <= *bound;
                let (ours, baseline) = (time(*ours), time(*baseline));
                let bound = format!("{bound} x");
                println!(
                    "{work:<46} {ours:>10} {baseline:>10} {ratio:>7.2} {bound:>8}  {}",
                    word(fine)
                );
                fine
            }
            Self::Time { work, ours, bound } => {
                let fine = ours <= bound;
                let (ours, bound) = (time(*ours), time(*bound));
                println!("{work:<46} {ours:>10} {:>10} {:>7} {bound:>8}  {}", "", "", word(fine));
                fine
            }
            Self::Memory { work, peak, bound } => {
                let fine = peak < bound;
                let (peak, bound) = (megabytes(*peak), megabytes(*bound));
                println!("{work:<46} {peak:>10} {:>10} {:>7} {bound:>8}  {}", "", "", word(fine));
                fine
            }
            Self::LeftOut { work, why } => {
                println!("{work:<46} not measured: {why}");
                true
            }
        }
    }
}

fn word(fine: bool) -> &'static str {
    if fine { "ok" } else { "OVER" }
}

fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}
