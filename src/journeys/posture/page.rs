//! The posture on paper: one page of plain text that stands alone, for a printer, a file beside the
//! accreditation, and the hand of whoever signs it.
//!
//! Promises: no line is longer than [`COLUMNS`], and nothing but printable characters and line feeds
//! stands in it.

use vaultmark_contain::Probe;
use vaultmark_model::Timestamp;
use vaultmark_model::text::shown;

use super::{ALGORITHMS, Finding, State};

/// The width of the page.
pub const COLUMNS: usize = 80;
/// Where text begins beside a mark or a name.
const INDENT: usize = 11;
/// A line to write on.
const BLANK: usize = COLUMNS - INDENT;

/// What is on the page.
#[derive(Debug)]
pub struct Page<'a> {
    /// When it was looked.
    pub time: Timestamp,
    /// The folder of the vault, where one was named.
    pub vault: Option<&'a str>,
    /// Whether the vault itself was looked at.
    pub signed_in: bool,
    /// What was looked at.
    pub findings: &'a [Finding],
    /// What was tried.
    pub probes: &'a [Probe],
}

impl Page<'_> {
    /// The page's text, ending in a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut page = Lines::default();
        page.heading("VAULTMARK POSTURE REPORT");
        page.paragraph(0, "How this installation protects itself, as it was seen at the time below. What must not work was tried. Keep this sheet with the accreditation of the computer.");
        page.empty();
        page.entry("Program", crate::PROGRAM);
        page.entry("Time", &zoned(self.time));
        page.entry("Vault", &self.vault_line());
        page.entry("Outcome", &self.outcome());
        page.heading("WHAT WAS LOOKED AT");
        for finding in self.findings {
            page.entry(mark(finding.state), finding.name);
            page.paragraph(INDENT, &finding.seen);
            if let Some(remedy) = finding.remedy {
                page.paragraph(INDENT, &format!("To do: {remedy}"));
            }
        }
        page.heading("WHAT WAS TRIED");
        for probe in self.probes {
            let text = format!("{}: must be {}; was {}", probe.what, probe.expected, probe.seen);
            page.entry(if probe.held { "[held]" } else { "[FAILED]" }, &text);
        }
        page.heading("WHAT IS USED");
        for (what, how) in ALGORITHMS {
            page.paragraph(0, &format!("{what}: {how}"));
        }
        page.heading("ACCREDITATION");
        page.paragraph(0, "Compare digest and signer of the program with the sheet that came with the medium. Each warning above is mended, or accepted for the reason that is written here.");
        page.empty();
        for what in
            ["Marking", "Computer", "Reasons", "", "", "Name, role", "Date, place", "Signature"]
        {
            page.blank(what);
        }
        page.text
    }

    fn vault_line(&self) -> String {
        match (self.vault, self.signed_in) {
            (None, _) => "none was named: only the program and the computer were looked at".into(),
            (Some(folder), true) => folder.to_owned(),
            (Some(folder), false) => format!("{folder}, which was not opened: nobody signed in"),
        }
    }

    fn outcome(&self) -> String {
        let count = |state| self.findings.iter().filter(|finding| finding.state == state).count();
        let failed = self.probes.iter().filter(|probe| !probe.held).count();
        format!(
            "{} as they should be, {} warnings, {} that can't be seen from here; {failed} of {} attempts failed",
            count(State::Fine),
            count(State::Warning),
            count(State::Unknown),
            self.probes.len()
        )
    }
}

fn mark(state: State) -> &'static str {
    match state {
        State::Fine => "[ok]",
        State::Warning => "[WARNING]",
        State::Unknown => "[unknown]",
    }
}

/// `2026-01-31 13:05:09 UTC`.
fn zoned(time: Timestamp) -> String {
    time.to_iso().replace('T', " ").replace('Z', " UTC")
}

/// Lines no longer than the page is wide.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn empty(&mut self) {
        self.push("");
    }

    fn heading(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.empty();
        }
        self.push(title);
        self.push(&"-".repeat(title.len()));
    }

    /// A name or mark at the margin, and text beside it.
    fn entry(&mut self, name: &str, text: &str) {
        for (number, line) in wrapped(text, COLUMNS - INDENT).iter().enumerate() {
            let name = if number == 0 { name } else { "" };
            self.push(&format!("{name:INDENT$}{line}"));
        }
    }

    fn paragraph(&mut self, indent: usize, text: &str) {
        for line in wrapped(text, COLUMNS - indent) {
            self.push(&format!("{:indent$}{line}", ""));
        }
    }

    fn blank(&mut self, what: &str) {
        self.empty();
        self.push(&format!("{what:INDENT$} {}", "_".repeat(BLANK - 1)));
    }
}

/// Breaks text between words, and words that are longer than a line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in shown(text).split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            let space = usize::from(used > 0);
            if used + space + piece.len() > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.extend(piece);
            used += piece.len();
        }
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(findings: &[Finding], vault: Option<&str>) -> String {
        let probes = [Probe {
            what: "IPv4 stream socket",
            expected: "refused (EACCES)",
            seen: "allowed".into(),
            held: false,
        }];
        let time = Timestamp::from_millis(1_767_225_599_000);
        Page { time, vault, signed_in: vault.is_some(), findings, probes: &probes }.text()
    }

    #[test]
    fn every_line_fits_and_nothing_steers_the_printer() {
        let findings = [
            Finding::fine("program", format!("SHA-512 {}", "0123456789abcdef".repeat(8))),
            Finding::warning(
                "swap",
                "a\u{c}b\u{1b}[2J\n\n  c\td",
                "Turn it off. ".repeat(30).leak(),
            ),
            Finding::unknown("backup", "x".repeat(500), "Copy it."),
        ];
        let text = page(&findings, Some(&format!("/media/{}", "ä".repeat(300))));
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(text.ends_with('\n') && text.lines().all(|line| line == line.trim_end()));
        for part in [
            "2025-12-31 23:59:59 UTC",
            crate::PROGRAM,
            "[ok]       program",
            "[WARNING]  swap",
            "To do: Turn it off.",
            "[unknown]  backup",
            "[FAILED]   IPv4 stream socket: must be refused (EACCES); was allowed",
            "1 as they should be, 1 warnings, 1 that can't be seen",
            "Argon2id",
            "Signature",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }

    #[test]
    fn words_are_kept_whole_where_they_fit() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("", 3), [""]);
    }
}
