//! Finds the records of a JSON document without parsing them.
//!
//! The document is one object; its members are sections. The scanner checks brackets, strings,
//! commas, colons and depth across the whole document, counts lines, and copies out the bytes of
//! single values. What is inside a value is for the caller's parser.

use std::io::{self, Read};

use crate::limits::{RECORD_BYTES, RECORD_VALUES};

/// The deepest nesting of brackets, the document's own included. serde_json stops at 128.
const DEPTH: u32 = 64;
/// The most bytes of a section's name.
const NAME_BYTES: usize = 1024;
const BLOCK: usize = 1 << 18;

/// Takes a record: the line on which it begins, and its bytes.
type EachRecord<'a, E> = &'a mut dyn FnMut(u64, &[u8]) -> Result<(), E>;

/// Why a document could not be walked.
#[derive(Debug)]
pub(crate) enum ScanError {
    /// Reading failed.
    Io(io::Error),
    /// It is no such JSON.
    Malformed { line: u64, why: String },
}

/// Bytes that matter outside of strings.
const fn classes() -> [bool; 256] {
    let mut table = [false; 256];
    let marks = b"\"{}[],\n \t\r";
    let mut i = 0;
    while i < marks.len() {
        table[marks[i] as usize] = true;
        i += 1;
    }
    table
}
static MARKS: [bool; 256] = classes();

pub(crate) struct Scanner<R> {
    reader: R,
    block: Vec<u8>,
    at: usize,
    filled: usize,
    line: u64,
    first: bool,
    record: Vec<u8>,
}

impl<R: Read> Scanner<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            block: vec![0; BLOCK],
            at: 0,
            filled: 0,
            line: 1,
            first: true,
            record: Vec::new(),
        }
    }

    /// Enters the document's object.
    pub(crate) fn open(&mut self) -> Result<(), ScanError> {
        match self.next_mark()? {
            Some(b'{') => {
                self.at += 1;
                Ok(())
            }
            Some(other) => Err(self.wrong(&format!("expected `{{`, found {}", shown(other)))),
            None => Err(self.wrong("it is empty")),
        }
    }

    /// The next section's name, ready to take its value; `None` at the document's end.
    pub(crate) fn section(&mut self) -> Result<Option<String>, ScanError> {
        let mut mark = self.some_mark("the document")?;
        if !self.first || mark == b'}' {
            match mark {
                b'}' => {
                    self.at += 1;
                    return match self.next_mark()? {
                        None => Ok(None),
                        Some(_) => Err(self.wrong("something follows the end of the document")),
                    };
                }
                b',' => {
                    self.at += 1;
                    mark = self.some_mark("the document")?;
                }
                other => {
                    return Err(
                        self.wrong(&format!("expected `,` or `}}`, found {}", shown(other)))
                    );
                }
            }
        }
        self.first = false;
        if mark != b'"' {
            return Err(
                self.wrong(&format!("expected the name of a section, found {}", shown(mark)))
            );
        }
        let line = self.line;
        self.record.clear();
        self.scan(NAME_BYTES, RECORD_VALUES, true)?;
        let name = serde_json::from_slice::<String>(&self.record)
            .map_err(|_| malformed(line, "the name of a section is not a valid string"))?;
        match self.some_mark("the document")? {
            b':' => self.at += 1,
            other => return Err(self.wrong(&format!("expected `:`, found {}", shown(other)))),
        }
        self.some_mark("the document")?;
        Ok(Some(name))
    }

    /// Whether the section's value is an array.
    pub(crate) fn is_array(&mut self) -> Result<bool, ScanError> {
        Ok(self.some_mark("the document")? == b'[')
    }

    /// The section's whole value and the line on which it begins.
    pub(crate) fn value(&mut self) -> Result<(u64, &[u8]), ScanError> {
        self.some_mark("the document")?;
        let line = self.line;
        self.record.clear();
        self.scan(RECORD_BYTES, RECORD_VALUES, true)?;
        Ok((line, &self.record))
    }

    /// Passes the section's value by with the same checks; a list's records one by one.
    pub(crate) fn skip(&mut self) -> Result<(), ScanError> {
        if self.is_array()? {
            return self.walk::<ScanError>(false, &mut |_, _| Ok(()));
        }
        self.scan(usize::MAX, usize::MAX, false)
    }

    /// The same for a list; gives the number of its records.
    pub(crate) fn count(&mut self) -> Result<usize, ScanError> {
        let mut count = 0;
        self.walk::<ScanError>(false, &mut |_, _| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Hands out each element of the section's array: its line and its bytes.
    pub(crate) fn records<E: From<ScanError>>(&mut self, each: EachRecord<'_, E>) -> Result<(), E> {
        self.walk(true, each)
    }

    fn walk<E: From<ScanError>>(&mut self, keep: bool, each: EachRecord<'_, E>) -> Result<(), E> {
        self.at += 1;
        if self.some_mark("a list")? == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.some_mark("a list")?;
            let line = self.line;
            self.record.clear();
            self.scan(RECORD_BYTES, RECORD_VALUES, keep)?;
            each(line, &self.record)?;
            match self.some_mark("a list")? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(());
                }
                other => {
                    return Err(self
                        .wrong(&format!("expected `,` or `]`, found {}", shown(other)))
                        .into());
                }
            }
        }
    }

    /// Walks over one value of at most `limit` bytes, in which are at most `most` values; `keep` adds
    /// its bytes to `record`.
    fn scan(&mut self, limit: usize, most: usize, keep: bool) -> Result<(), ScanError> {
        let (mut depth, mut kinds) = (0_u32, 0_u64);
        let (mut in_string, mut escaped, mut done) = (false, false, false);
        let (mut length, mut values) = (0_usize, 0_usize);
        while !done {
            if self.at == self.filled && !self.fill()? {
                return Err(self.wrong(if in_string {
                    "it ends inside a text"
                } else {
                    "it ends inside a record"
                }));
            }
            let block = &self.block[self.at..self.filled];
            let mut i = 0;
            while i < block.len() {
                let byte = block[i];
                if in_string {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => in_string = false,
                        // JSON allows no line end in a text: a quotation mark is missing.
                        b'\n' => {
                            return Err(malformed(self.line, "a text does not end on its line"));
                        }
                        _ => {}
                    }
                    i += 1;
                    if !in_string && depth == 0 {
                        done = true;
                        break;
                    }
                    continue;
                }
                if !MARKS[usize::from(byte)] {
                    i += 1;
                    continue;
                }
                match byte {
                    b'"' if depth == 0 && length + i > 0 => {
                        done = true;
                        break;
                    }
                    b'"' => in_string = true,
                    b'{' | b'[' => {
                        if depth == 0 && length + i > 0 {
                            done = true;
                            break;
                        }
                        depth += 1;
                        if depth >= DEPTH {
                            return Err(malformed(
                                self.line,
                                "brackets are nested more than 64 deep",
                            ));
                        }
                        kinds = kinds << 1 | u64::from(byte == b'{');
                        values += 1;
                    }
                    b'}' | b']' if depth == 0 => {
                        done = true;
                        break;
                    }
                    b'}' | b']' => {
                        if (kinds & 1 == 1) != (byte == b'}') {
                            let why = format!("{} closes the other kind of bracket", shown(byte));
                            return Err(malformed(self.line, &why));
                        }
                        kinds >>= 1;
                        depth -= 1;
                        if depth == 0 {
                            i += 1;
                            done = true;
                            break;
                        }
                    }
                    _ if depth == 0 => {
                        done = true;
                        break;
                    }
                    b',' => values += 1,
                    b'\n' => self.line += 1,
                    _ => {}
                }
                i += 1;
            }
            length += i;
            if length > limit {
                let why = format!("a value is larger than {limit} bytes");
                return Err(malformed(self.line, &why));
            }
            if values > most {
                let why = format!("a record holds more than {most} values; split it");
                return Err(malformed(self.line, &why));
            }
            if keep {
                self.record.extend_from_slice(&block[..i]);
            }
            self.at += i;
        }
        if length == 0 {
            return Err(self.wrong("a value is missing"));
        }
        Ok(())
    }

    /// The next byte that is not white space, without taking it.
    fn next_mark(&mut self) -> Result<Option<u8>, ScanError> {
        loop {
            if self.at == self.filled && !self.fill()? {
                return Ok(None);
            }
            match self.block[self.at] {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                other => return Ok(Some(other)),
            }
            self.at += 1;
        }
    }

    fn some_mark(&mut self, what: &str) -> Result<u8, ScanError> {
        match self.next_mark()? {
            Some(mark) => Ok(mark),
            None => Err(self.wrong(&format!("it ends inside {what}"))),
        }
    }

    fn fill(&mut self) -> Result<bool, ScanError> {
        self.at = 0;
        self.filled = loop {
            match self.reader.read(&mut self.block) {
                Ok(count) => break count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(ScanError::Io(e)),
            }
        };
        Ok(self.filled > 0)
    }

    fn wrong(&self, why: &str) -> ScanError {
        malformed(self.line, why)
    }
}

fn malformed(line: u64, why: &str) -> ScanError {
    ScanError::Malformed { line, why: why.to_owned() }
}

fn shown(byte: u8) -> String {
    match byte {
        0x21..=0x7e => format!("`{}`", char::from(byte)),
        _ => format!("byte {byte:#04x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<ScanError> for String {
        fn from(error: ScanError) -> Self {
            match error {
                ScanError::Io(e) => e.to_string(),
                ScanError::Malformed { line, why } => format!("line {line}: {why}"),
            }
        }
    }

    /// All records as `section@line=bytes`.
    fn walk(text: &str) -> Result<Vec<String>, String> {
        // Tiny blocks meet every boundary.
        for block in [1, 2, 3, 7, BLOCK] {
            let mut scanner = Scanner::new(text.as_bytes());
            scanner.block = vec![0; block];
            let mut seen = Vec::new();
            scanner.open()?;
            while let Some(name) = scanner.section()? {
                if scanner.is_array()? {
                    scanner.records::<String>(&mut |line, bytes| {
                        seen.push(format!("{name}@{line}={}", String::from_utf8_lossy(bytes)));
                        Ok(())
                    })?;
                } else {
                    let (line, bytes) = scanner.value()?;
                    seen.push(format!("{name}@{line}:{}", String::from_utf8_lossy(bytes)));
                }
            }
            if block == BLOCK {
                return Ok(seen);
            }
        }
        unreachable!()
    }

    #[test]
    fn records_come_with_their_lines() {
        let text = "{\"a\":\r\n [ {\"x\": \"]}\\\"\"},\n\n[1,\n2], 3 ,\"s\"],\n\"b\" : null , \"c\":{},\"d\":[ ]}\n";
        assert_eq!(
            walk(text).unwrap(),
            ["a@2={\"x\": \"]}\\\"\"}", "a@4=[1,\n2]", "a@5=3", "a@5=\"s\"", "b@6:null", "c@6:{}"]
        );
        assert_eq!(walk("{}").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn broken_documents_name_their_line() {
        let deep = format!("{{\"a\":{}", "[".repeat(200));
        let long = format!("{{\"{}\":1}}", "a".repeat(2000));
        for (text, message) in [
            ("", "line 1: it is empty"),
            ("[1]", "line 1: expected `{`, found `[`"),
            ("\n\n{\"a\"", "line 3: it ends inside the document"),
            ("{\"a\":[{\"b\":1}\n,", "line 2: it ends inside a list"),
            ("{\"a\":[{\"b\":\n1", "line 2: it ends inside a record"),
            ("{\"a\":[{\"b\":\n\"1", "line 2: it ends inside a text"),
            ("{\"a\":[{\"b\":\n\"1}\n]}", "line 2: a text does not end on its line"),
            ("{\"a\":[1,]}", "line 1: a value is missing"),
            ("{\"a\":[1 2]}", "line 1: expected `,` or `]`, found `2`"),
            ("{\"a\":[{}{}]}", "line 1: expected `,` or `]`, found `{`"),
            ("{\"a\":[1{}]}", "line 1: expected `,` or `]`, found `{`"),
            ("{\"a\":[{]}\n", "line 1: `]` closes the other kind of bracket"),
            ("{\"a\" 1}", "line 1: expected `:`, found `1`"),
            ("{\"a\":1,}", "line 1: expected the name of a section, found `}`"),
            ("{,}", "line 1: expected the name of a section, found `,`"),
            ("{\"a\":1 \"b\":2}", "line 1: expected `,` or `}`, found `\"`"),
            ("{\"a\":1}\n{", "line 2: something follows the end of the document"),
            ("{\"a\":}", "line 1: a value is missing"),
            (&long, "line 1: a value is larger than 1024 bytes"),
            (&deep, "line 1: brackets are nested more than 64 deep"),
            ("\u{0}{", "line 1: expected `{`, found byte 0x00"),
        ] {
            assert_eq!(walk(text), Err(message.to_owned()), "{text:.40}");
        }
    }
}
