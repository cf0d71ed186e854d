//! JSON documents of the shape `{"section": [record, …], …}`: a scanner that hands out one record at
//! a time with its line, and a writer of the same shape.
//!
//! Reading in two steps keeps memory bounded and names the line of every record: [`scan`] finds
//! where records begin and end (brackets, strings, newlines), then a record's own bytes are parsed.
//! A record that is balanced but wrong inside is refused alone; one that breaks the brackets breaks
//! the file.

pub(crate) mod scan;
pub(crate) mod write;

use crate::limits::RECORD_TEXT_BYTES as TEXT;

/// Whether a text of the record is so long that its parser may not be trusted with it: an error quotes
/// what it found, in several times the bytes. The text behind `allowed`, a key with its quotation marks,
/// may be of any length.
pub(crate) fn has_long_text(record: &[u8], allowed: &[u8]) -> bool {
    if record.len() <= TEXT {
        return false;
    }
    let (mut start, mut escaped) = (None::<usize>, false);
    for (at, byte) in record.iter().enumerate() {
        match (start, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(from), b'"') => {
                let before = record[..from].trim_ascii_end().strip_suffix(b":");
                let is_allowed = !allowed.is_empty()
                    && before.is_some_and(|before| before.trim_ascii_end().ends_with(allowed));
                if at - from > TEXT && !is_allowed {
                    return true;
                }
                start = None;
            }
            (None, b'"') => start = Some(at),
            _ => {}
        }
    }
    start.is_some_and(|from| record.len() - from > TEXT)
}

/// Why a record with such a text is refused.
pub(crate) fn long_text() -> String {
    format!("a text in it has more than {TEXT} bytes")
}

/// What is wrong with a record, without serde's position (the report has a line of its own).
pub(crate) fn explain(error: &serde_json::Error, record: &[u8]) -> String {
    if error.classify() == serde_json::error::Category::Data {
        let text = error.to_string();
        return text.split(" at line ").next().unwrap_or(&text).to_owned();
    }
    if let Some(word) = not_a_number(error, record) {
        return format!("it holds {word}, which is not a number in JSON");
    }
    let text = error.to_string();
    let why = text.split(" at line ").next().unwrap_or(&text);
    format!("it is not valid JSON: {why} (column {} of its line {})", error.column(), error.line())
}

/// `NaN` or `Infinity`, which Python writes, where the error stands.
fn not_a_number(error: &serde_json::Error, record: &[u8]) -> Option<&'static str> {
    let line = record.split(|b| *b == b'\n').nth(error.line().checked_sub(1)?)?;
    let from = error.column().saturating_sub(2);
    let near = line.get(from..)?;
    let near = &near[..near.len().min(12)];
    ["NaN", "Infinity"]
        .into_iter()
        .find(|word| near.windows(word.len()).take(3).any(|at| at == word.as_bytes()))
}
