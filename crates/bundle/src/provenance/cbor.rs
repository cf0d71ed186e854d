//! The few CBOR items that the sequences are made of, read from and written to streams. Heads
//! must be the shortest (RFC 8949 4.2.1), and nothing is allocated for a length only claimed.

use std::io::{self, Read, Write};

use crate::error::BundleError;
use crate::refusal::Refusal;

/// Major type of unsigned integers.
pub(super) const UINT: u8 = 0;
/// Major type of byte strings.
pub(super) const BYTES: u8 = 2;
/// Major type of arrays.
pub(super) const ARRAY: u8 = 4;

/// A head: major type and argument, in the shortest form.
pub(super) fn write_head(out: &mut impl Write, major: u8, argument: u64) -> io::Result<()> {
    let major = major << 5;
    let wide = argument.to_be_bytes();
    match argument {
        0..24 => out.write_all(&[major | wide[7]]),
        24..0x100 => out.write_all(&[major | 24, wide[7]]),
        0x100..0x1_0000 => out.write_all(&[major | 25, wide[6], wide[7]]),
        0x1_0000..0x1_0000_0000 => {
            out.write_all(&[major | 26])?;
            out.write_all(&wide[4..])
        }
        _ => {
            out.write_all(&[major | 27])?;
            out.write_all(&wide)
        }
    }
}

/// A byte string.
pub(super) fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write_head(out, BYTES, bytes.len() as u64)?;
    out.write_all(bytes)
}

/// Reads items, and knows which record it is at.
pub(super) struct Items<R> {
    input: R,
    file: &'static str,
    /// The present record, from 1.
    pub(super) record: u64,
}

impl<R: Read> Items<R> {
    pub(super) fn new(input: R, file: &'static str) -> Self {
        Self { input, file, record: 0 }
    }

    pub(super) fn refuse(&self, why: impl Into<String>) -> BundleError {
        Refusal::Provenance { file: self.file, record: self.record, why: why.into() }.into()
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BundleError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Refusal::ProvenanceCut { file: self.file, record: self.record }.into()
            }
            _ => BundleError::from_io(format!("reading `{}`", self.file), error),
        })
    }

    /// The head of the next record, or none at the end of the sequence.
    pub(super) fn next_record(&mut self, elements: u64) -> Result<bool, BundleError> {
        let mut first = [0];
        loop {
            match self.input.read(&mut first) {
                Ok(0) => return Ok(false),
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(BundleError::from_io(format!("reading `{}`", self.file), error));
                }
            }
        }
        self.record += 1;
        if self.argument(first[0], ARRAY)? == elements {
            return Ok(true);
        }
        Err(self.refuse(format!("it is no array of {elements} elements")))
    }

    /// The argument of the next item, which is of the major type.
    pub(super) fn head(&mut self, major: u8) -> Result<u64, BundleError> {
        let mut first = [0];
        self.fill(&mut first)?;
        self.argument(first[0], major)
    }

    fn argument(&mut self, first: u8, major: u8) -> Result<u64, BundleError> {
        if first >> 5 != major {
            return Err(self.refuse("another type of item is due here"));
        }
        let (length, least) = match first & 31 {
            small @ 0..24 => return Ok(small.into()),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return Err(self.refuse("a length is indefinite or reserved")),
        };
        let mut wide = [0; 8];
        self.fill(&mut wide[8 - length..])?;
        let argument = u64::from_be_bytes(wide);
        if argument < least {
            return Err(self.refuse("a length is not in its shortest form"));
        }
        Ok(argument)
    }

    /// A byte string of at most `limit` bytes.
    pub(super) fn bytes(&mut self, limit: u64) -> Result<Vec<u8>, BundleError> {
        let found = self.head(BYTES)?;
        if found > limit {
            let (file, record) = (self.file, self.record);
            return Err(Refusal::ProvenanceTooLarge { file, record, found, limit }.into());
        }
        // Grows with what is really there.
        let mut bytes = Vec::new();
        let read = (&mut self.input)
            .take(found)
            .read_to_end(&mut bytes)
            .map_err(|error| BundleError::from_io(format!("reading `{}`", self.file), error))?;
        if (read as u64) < found {
            return Err(Refusal::ProvenanceCut { file: self.file, record: self.record }.into());
        }
        Ok(bytes)
    }

    /// A byte string of exactly `N` bytes.
    pub(super) fn exactly<const N: usize>(&mut self) -> Result<[u8; N], BundleError> {
        if self.head(BYTES)? != N as u64 {
            return Err(self.refuse(format!("a byte string of {N} bytes is due here")));
        }
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}
