//! Cutting an input into parts, so that one input can hold several things.

/// What is left of an input.
pub(crate) struct Cut<'a>(pub(crate) &'a [u8]);

impl<'a> Cut<'a> {
    /// The next byte; zero at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// The next two bytes as a number.
    pub(crate) fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A part: its length in two bytes, and that many bytes, or what there is.
    pub(crate) fn part(&mut self) -> &'a [u8] {
        let length = usize::from(self.number()).min(self.0.len());
        let (part, rest) = self.0.split_at(length);
        self.0 = rest;
        part
    }
}

/// Writes a part of an input: its length in two bytes, and the bytes.
pub fn put_part(out: &mut Vec<u8>, part: &[u8]) {
    let length = u16::try_from(part.len()).expect("a seed's part is short");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(part);
}
