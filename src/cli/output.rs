//! What the command line says: results on standard output (text, or one JSON document), progress
//! and errors on standard error. The only module of the application layer that prints.

#![allow(clippy::print_stdout, clippy::print_stderr)] // printing is this module's job

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use vaultmark_model::work::{Cancel, Progress, Work};

use crate::AppError;

/// Where results and errors go.
#[derive(Debug)]
pub struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    /// Text or JSON; with or without progress.
    #[must_use]
    pub fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether JSON was asked for.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// The result: `value` as JSON, or `text`.
    pub fn result(&mut self, value: &serde_json::Value, text: impl FnOnce() -> String) {
        let shown = if self.json {
            serde_json::to_string_pretty(value).unwrap_or_default()
        } else {
            text()
        };
        self.raw(shown.trim_end().as_bytes());
        self.raw(b"\n");
    }

    /// Bytes as they are. A reader that went away (`| head`) is no error.
    pub fn raw(&mut self, bytes: &[u8]) {
        let _ = std::io::stdout().lock().write_all(bytes);
    }

    /// A line beside the result.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// An error: a sentence, or `{"error": {"kind", "detail"}}`.
    pub fn error(&self, error: &AppError) {
        if self.json {
            let value =
                serde_json::json!({"error": {"kind": error.kind(), "detail": error.to_string()}});
            println!("{value:#}");
        }
        eprintln!("vaultmark: {error}");
    }

    /// Runs long work, drawing its progress on standard error about five times a second on a
    /// terminal and every ten seconds elsewhere.
    pub fn working<T>(&self, what: &str, work: impl FnOnce(Work<'_>) -> T) -> T {
        let cancel = Cancel::default();
        if self.quiet {
            return work(Work { report: &|_| {}, cancel: &cancel });
        }
        let terminal = std::io::stderr().is_terminal();
        let step = if terminal { Duration::from_millis(200) } else { Duration::from_secs(10) };
        let start = Instant::now();
        let last = Mutex::new(start);
        let report = |progress: Progress| {
            let Ok(mut last) = last.try_lock() else { return };
            if last.elapsed() < step {
                return;
            }
            *last = Instant::now();
            let line = progress_line(what, progress, start.elapsed());
            if terminal {
                eprint!("\r\x1b[K{line}");
            } else {
                eprintln!("{line}");
            }
        };
        let result = work(Work { report: &report, cancel: &cancel });
        if terminal {
            eprint!("\r\x1b[K");
        }
        result
    }
}

fn progress_line(what: &str, progress: Progress, elapsed: Duration) -> String {
    let mut line = format!("{what}: {}", count(progress.done));
    if progress.total > 0 {
        line.push_str(&format!(" of {}", count(progress.total)));
    }
    if progress.bytes_done > 0 {
        let rate = progress.bytes_done as f64 / elapsed.as_secs_f64().max(0.001);
        line.push_str(&format!(", {}, {}/s", bytes(progress.bytes_done), bytes(rate as u64)));
    }
    if progress.total > progress.done && progress.done > 0 {
        let left =
            elapsed.as_secs_f64() * (progress.total - progress.done) as f64 / progress.done as f64;
        line.push_str(&format!(", about {} s left", left.ceil() as u64));
    }
    line
}

/// A count with separators: `4,886`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in binary units: `4.3 MiB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit < units.len() - 1 {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", units[unit])
}

/// Columns with two spaces between them; numbers-only columns flush right.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| {
        rows.iter().filter_map(|r| r.get(c)).map(|s| s.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let numeric: Vec<bool> = (0..columns)
        .map(|c| {
            let mut cells =
                rows.iter().skip(1).filter_map(|r| r.get(c)).filter(|s| !s.is_empty()).peekable();
            cells.peek().is_some()
                && cells.all(|s| s.chars().all(|ch| ch.is_ascii_digit() || ch == ','))
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[c] - cell.chars().count());
            let shown = if numeric[c] { format!("{pad}{cell}") } else { format!("{cell}{pad}") };
            line.push_str(if c > 0 { "  " } else { "" });
            line.push_str(&shown);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sizes_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1023, 1024, 5 << 30].map(bytes), ["0 B", "1023 B", "1.0 KiB", "5.0 GiB"]);
    }
}
