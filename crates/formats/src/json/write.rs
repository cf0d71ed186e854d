//! Writes JSON documents of sections, one record a line.

use serde::Serialize;

use crate::FormatError;
use crate::output::OutputFile;

/// A document in the making. Sections and records are separated as they come; the same calls give
/// the same bytes.
pub(crate) struct Document<'a> {
    file: OutputFile<'a>,
    line: Vec<u8>,
    sections: bool,
    records: bool,
}

impl<'a> Document<'a> {
    pub(crate) fn begin(file: OutputFile<'a>) -> Result<Self, FormatError> {
        let mut document = Self { file, line: Vec::new(), sections: false, records: false };
        document.file.write(b"{\n")?;
        Ok(document)
    }

    /// A section with a single value.
    pub(crate) fn value(&mut self, name: &str, value: &impl Serialize) -> Result<(), FormatError> {
        self.name(name);
        self.append(value);
        self.send()
    }

    /// Begins a section of records.
    pub(crate) fn list(&mut self, name: &str) -> Result<(), FormatError> {
        self.name(name);
        self.line.push(b'[');
        self.records = false;
        self.send()
    }

    /// The section's next record.
    pub(crate) fn record(&mut self, record: &impl Serialize) -> Result<(), FormatError> {
        self.line.extend_from_slice(if self.records { b",\n" } else { b"\n" });
        self.records = true;
        self.append(record);
        self.send()
    }

    /// Ends the section of records.
    pub(crate) fn end_list(&mut self) -> Result<(), FormatError> {
        self.file.write(if self.records { b"\n]" } else { b"]" })
    }

    /// Ends the document; says how many bytes it has.
    pub(crate) fn finish(mut self) -> Result<u64, FormatError> {
        self.file.write(b"\n}\n")?;
        self.file.finish()
    }

    fn name(&mut self, name: &str) {
        if self.sections {
            self.line.extend_from_slice(b",\n");
        }
        self.sections = true;
        self.append(&name);
        self.line.push(b':');
    }

    fn append(&mut self, value: &impl Serialize) {
        // Writing into memory fails only for maps with keys that are no strings; no record has one.
        let written = serde_json::to_writer(&mut self.line, value);
        debug_assert!(written.is_ok());
    }

    fn send(&mut self) -> Result<(), FormatError> {
        let sent = self.file.write(&self.line);
        self.line.clear();
        sent
    }
}
