//! The one byte encoding of everything that is signed: deterministic CBOR.
//!
//! Source: RFC 8949 section 4.2.1 (shortest integers, definite lengths), narrowed further: records
//! are arrays of fixed order (no maps, so no key order to argue about), floats are always 64 bits
//! wide and never NaN or infinite, and text is UTF-8. `-0.0` is written as `0.0`. Decoding checks by
//! encoding again: bytes that would not come out the same are refused, so a value has exactly one
//! signature.

use minicbor::{Decoder, Encoder};

use crate::ModelError;

/// The result of writing into memory.
pub type EncodeResult = Result<(), minicbor::encode::Error<std::convert::Infallible>>;
/// The result of reading one value.
pub type DecodeResult<T> = Result<T, minicbor::decode::Error>;

/// A value with exactly one encoding.
pub trait Canonical: Sized {
    /// The type's name, for error messages.
    const WHAT: &'static str;

    /// Appends the value.
    ///
    /// # Errors
    /// Never for memory; the signature is minicbor's.
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult;

    /// Reads the value; bounds are checked, canonical form is checked by [`Canonical::from_bytes`].
    ///
    /// # Errors
    /// Where the bytes are of another type, cut short or out of bounds.
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self>;

    /// The one encoding.
    fn to_bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(64));
        match self.encode(&mut e) {
            Ok(()) => e.into_writer(),
            // Memory is the writer and its error type has no values.
            Err(_) => Vec::new(),
        }
    }

    /// Reads a value that must fill `bytes` and be in canonical form.
    ///
    /// # Errors
    /// [`ModelError::NotCanonical`] with the decoder's reason.
    fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let refuse = |why: String| ModelError::NotCanonical { what: Self::WHAT, why };
        let mut d = Decoder::new(bytes);
        let value = Self::decode(&mut d).map_err(|e| refuse(e.to_string()))?;
        if d.position() != bytes.len() {
            return Err(refuse(format!("{} bytes follow it", bytes.len() - d.position())));
        }
        if value.to_bytes() != bytes {
            return Err(refuse("it is not in the deterministic form".into()));
        }
        Ok(value)
    }
}

/// A decoding error with a message.
#[must_use]
pub fn invalid(why: &'static str) -> minicbor::decode::Error {
    minicbor::decode::Error::message(why)
}

/// Reads an array header and demands `len` elements.
///
/// # Errors
/// Where the value is no definite array of that length.
pub fn expect_array(d: &mut Decoder<'_>, len: u64) -> DecodeResult<()> {
    match d.array()? {
        Some(found) if found == len => Ok(()),
        _ => Err(invalid("an array of another length is expected")),
    }
}

/// Reads the length of a definite array, at most `most`.
///
/// # Errors
/// Where the value is no definite array or is longer.
pub fn array_up_to(d: &mut Decoder<'_>, most: u64) -> DecodeResult<u64> {
    match d.array()? {
        Some(found) if found <= most => Ok(found),
        Some(_) => Err(invalid("the array is longer than allowed")),
        None => Err(invalid("indefinite lengths are not allowed")),
    }
}

/// Writes a 64-bit float; `-0.0` becomes `0.0`.
///
/// # Errors
/// Never for memory.
pub fn encode_float(e: &mut Encoder<Vec<u8>>, value: f64) -> EncodeResult {
    e.f64(if value == 0.0 { 0.0 } else { value })?;
    Ok(())
}

/// Reads a finite 64-bit float.
///
/// # Errors
/// Where it is NaN, infinite or not 64 bits wide.
pub fn decode_float(d: &mut Decoder<'_>) -> DecodeResult<f64> {
    if d.datatype()? != minicbor::data::Type::F64 {
        return Err(invalid("a 64-bit float is expected"));
    }
    let value = d.f64()?;
    if value.is_finite() { Ok(value) } else { Err(invalid("NaN and infinity are not allowed")) }
}

/// Writes `null` or the value.
///
/// # Errors
/// Never for memory.
pub fn encode_option<T: Canonical>(e: &mut Encoder<Vec<u8>>, value: Option<&T>) -> EncodeResult {
    match value {
        Some(value) => value.encode(e),
        None => {
            e.null()?;
            Ok(())
        }
    }
}

/// Reads `null` or a value.
///
/// # Errors
/// As the value's own decoding.
pub fn decode_option<T: Canonical>(d: &mut Decoder<'_>) -> DecodeResult<Option<T>> {
    if d.datatype()? == minicbor::data::Type::Null {
        d.null()?;
        return Ok(None);
    }
    T::decode(d).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_longer_integer_than_needed_is_refused() {
        assert!(Timestamp::from_bytes(&[0x01]).is_ok());
        assert!(Timestamp::from_bytes(&[0x18, 0x01]).is_err());
        assert!(Timestamp::from_bytes(&[0x01, 0x01]).is_err());
        assert!(Timestamp::from_bytes(&[]).is_err());
    }
}
