//! What the command line says: results on standard output (text, or one JSON document), progress
//! and errors on standard error. The only module of the application layer that prints.
//!
//! Promises: no name of a file, and nothing else that was written by others, steers the terminal,
//! while JSON is exact; a result that could not be written is an error.

#![allow(clippy::print_stderr)] // progress lines are this module's job

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use vaultmark_model::text;
use vaultmark_model::work::{Cancel, Progress, Work};

use super::interrupt;
use crate::AppError;

/// Where results and errors go.
#[derive(Debug)]
pub struct Output {
    json: bool,
    quiet: bool,
    /// What became of the first write that failed.
    failed: Option<io::Error>,
    /// The wish to stop, from the first long work on.
    cancel: OnceLock<Cancel>,
}

impl Output {
    /// Text or JSON; with or without progress.
    #[must_use]
    pub fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet, failed: None, cancel: OnceLock::new() }
    }

    /// The result: `value` as JSON, or `text`.
    pub fn result(&mut self, value: &serde_json::Value, text: impl FnOnce() -> String) {
        let shown = if self.json {
            serde_json::to_string_pretty(value).unwrap_or_default()
        } else {
            lines(&text())
        };
        self.raw(shown.trim_end().as_bytes());
        self.raw(b"\n");
    }

    /// A result that is said piece by piece: it need not fit memory.
    pub fn list(&mut self) -> List<'_> {
        List { output: self, empty: true }
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let written = io::stdout().lock().write_all(bytes);
        self.failed = self.failed.take().or(written.err());
    }

    /// Demands that everything said so far has been taken.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn taken(&mut self) -> io::Result<()> {
        let flushed = io::stdout().lock().flush();
        self.failed.take().map_or(flushed, Err)
    }

    /// The same for the end of a command, where a reader that went away (`| head`) is no error.
    ///
    /// # Errors
    /// [`AppError::Io`].
    pub fn finish(&mut self) -> Result<(), AppError> {
        match self.taken() {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(AppError::io("writing the result to", "standard output")(error))
            }
            _ => Ok(()),
        }
    }

    /// A line beside the result, or several.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            // Where even this can't be written there is nobody to tell.
            let _ = writeln!(io::stderr(), "{}", lines(text));
        }
    }

    /// An error: a sentence, or `{"error": {"kind", "detail"}}`.
    pub fn error(&mut self, error: &AppError) {
        if self.json {
            let value =
                serde_json::json!({"error": {"kind": error.kind(), "detail": error.to_string()}});
            self.raw(format!("{value:#}\n").as_bytes());
        }
        let _ = writeln!(io::stderr(), "vaultmark: {}", text::shown(&error.to_string()));
    }

    /// Runs long work, drawing its progress on standard error about five times a second on a
    /// terminal and every ten seconds elsewhere. Ctrl+C asks it to stop.
    pub fn working<T>(&self, what: &str, work: impl FnOnce(Work<'_>) -> T) -> T {
        let cancel = self.cancel.get_or_init(interrupt::listen);
        if self.quiet {
            return work(Work { report: &|_| {}, cancel });
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
        let result = work(Work { report: &report, cancel });
        if terminal {
            eprint!("\r\x1b[K");
        }
        result
    }
}

/// A list under way: an array as JSON; as text a table, whose columns are as wide as each part needs.
pub struct List<'o> {
    output: &'o mut Output,
    empty: bool,
}

impl List<'_> {
    /// Says the next rows, `head` above the first.
    pub fn add<T>(
        &mut self,
        head: &[&str],
        rows: &[T],
        json: impl Fn(&T) -> serde_json::Value,
        text: impl Fn(&T) -> Vec<String>,
    ) {
        let mut shown = String::new();
        if self.output.json {
            for row in rows {
                let row = serde_json::to_string_pretty(&json(row)).unwrap_or_default();
                shown.push_str(if self.empty { "[\n  " } else { ",\n  " });
                shown.push_str(&row.replace('\n', "\n  "));
                self.empty = false;
            }
        } else {
            let mut lines = vec![head.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()];
            lines.extend(rows.iter().map(text));
            let table = table(&lines);
            let without_head = table.split_once('\n').map_or("", |(_, rest)| rest);
            shown.push_str(if self.empty { &table } else { without_head });
            self.empty = false;
        }
        self.output.raw(shown.as_bytes());
    }

    /// Ends the list; `summary` is the last line of text.
    pub fn end(self, summary: &str) {
        match (self.output.json, self.empty) {
            (true, true) => self.output.raw(b"[]\n"),
            (true, false) => self.output.raw(b"\n]\n"),
            (false, _) => self.output.raw(format!("{}\n", lines(summary)).as_bytes()),
        }
    }
}

/// Something that went wrong beside what was asked for.
pub(super) fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "vaultmark: {}", text::shown(text));
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

/// A text of several lines as it may be shown; what stands in one line went through
/// [`text::shown`] before.
fn lines(text: &str) -> String {
    let line = |line: &str| line.split('\t').map(text::shown).collect::<Vec<_>>().join("\t");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A file's name or path as it may be shown.
#[must_use]
pub fn path(path: &Path) -> String {
    text::shown(&path.to_string_lossy())
}

/// Columns with two spaces between them; numbers-only columns flush right.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let shown = |row: &Vec<String>| row.iter().map(|cell| text::shown(cell)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
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
    for row in &rows {
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
    fn foreign_names_steer_no_terminal_and_make_no_line() {
        let name = "a\u{1b}[2J\n  trusted  yes\u{202e}.png".to_owned();
        let shown = table(&[vec!["path".into()], vec![name.clone()]]);
        assert_eq!(shown, "path\na\u{fffd}[2J\u{fffd}  trusted  yes\u{fffd}.png\n");
        assert_eq!(path(Path::new(&name)), "a\u{fffd}[2J\u{fffd}  trusted  yes\u{fffd}.png");
        assert_eq!(lines("one\n\ttwo\u{9b}\r\n"), "one\n\ttwo\u{fffd}\u{fffd}\n");
    }

    #[test]
    fn counts_and_sizes_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1023, 1024, 5 << 30].map(bytes), ["0 B", "1023 B", "1.0 KiB", "5.0 GiB"]);
    }
}
