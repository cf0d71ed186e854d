//! What a reader reads: files that can be opened again, because some formats need two passes.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

/// Opens a file from its beginning.
pub type Opener = Box<dyn Fn() -> io::Result<Box<dyn Read>> + Send + Sync>;

/// A file to read. Opening it again gives the same bytes.
pub struct Input {
    /// Its name in reports.
    pub name: String,
    /// Opens it.
    pub open: Opener,
}

impl Input {
    /// A file by what opens it.
    pub fn new(
        name: impl Into<String>,
        open: impl Fn() -> io::Result<Box<dyn Read>> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), open: Box::new(open) }
    }

    /// A file that lies in memory.
    pub fn bytes(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let bytes: Arc<[u8]> = bytes.into();
        Self::new(name, move || Ok(Box::new(Cursor::new(Arc::clone(&bytes)))))
    }
}
