//! Where a writer's files go.

use std::io::{self, BufWriter, Write};

use crate::FormatError;

/// A place for several files. One file is open at a time, so that they can go straight into a
/// bundle.
pub trait Output {
    /// Begins the file at `path` (relative, parts joined by `/`). It is complete when the writer was
    /// flushed and dropped.
    ///
    /// # Errors
    /// [`FormatError::Output`].
    fn file(&mut self, path: &str) -> Result<Box<dyn Write + '_>, FormatError>;
}

/// A buffered file of an output that counts its bytes and names itself in errors.
pub(crate) struct OutputFile<'a> {
    path: &'a str,
    writer: BufWriter<Box<dyn Write + 'a>>,
    bytes: u64,
}

impl<'a> OutputFile<'a> {
    pub(crate) fn begin(output: &'a mut dyn Output, path: &'a str) -> Result<Self, FormatError> {
        let writer = BufWriter::with_capacity(1 << 16, output.file(path)?);
        Ok(Self { path, writer, bytes: 0 })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.bytes += bytes.len() as u64;
        self.writer.write_all(bytes).map_err(|source| failed(self.path, source))
    }

    /// Flushes and says how many bytes the file has.
    pub(crate) fn finish(mut self) -> Result<u64, FormatError> {
        self.writer.flush().map_err(|source| failed(self.path, source))?;
        Ok(self.bytes)
    }
}

fn failed(path: &str, source: io::Error) -> FormatError {
    FormatError::Output { file: path.to_owned(), source }
}
