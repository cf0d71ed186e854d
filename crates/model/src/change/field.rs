//! Fields: one part set to one value, the leaves of a change's commitment.

use minicbor::{Decoder, Encoder};

use super::{Part, Subject, Value};
use crate::ChangeId;
use crate::canonical::{
    Canonical, DecodeResult, EncodeResult, decode_option, encode_option, expect_array, invalid,
};

/// Names a revision: the change that made it, and the place among its leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionId {
    /// The change.
    pub change: ChangeId,
    /// Index of the leaf, from zero.
    pub leaf: u32,
}

impl Canonical for RevisionId {
    const WHAT: &'static str = "revision";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(2)?;
        self.change.encode(e)?;
        e.u32(self.leaf)?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 2)?;
        Ok(Self { change: ChangeId::decode(d)?, leaf: d.u32()? })
    }
}

/// What somebody wants done to one part; it becomes a [`Field`] when the change is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Whose part.
    pub subject: Subject,
    /// Which part.
    pub part: Part,
    /// What it is set to.
    pub value: Value,
}

/// A leaf of a change: one part set to one value, based on a revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Index among the change's leaves, from zero.
    pub index: u32,
    /// Whose part.
    pub subject: Subject,
    /// Which part.
    pub part: Part,
    /// The revision that the author saw; none where the part had none.
    pub base: Option<RevisionId>,
    /// What it is set to.
    pub value: Value,
}

impl Canonical for Field {
    const WHAT: &'static str = "field";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(5)?.u32(self.index)?;
        self.subject.encode(e)?;
        self.part.encode(e)?;
        encode_option(e, self.base.as_ref())?;
        self.value.encode(e)
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 5)?;
        let index = d.u32()?;
        let subject = Subject::decode(d)?;
        let part = Part::decode(d)?;
        if part == Part::Whole && d.probe().datatype()? == minicbor::data::Type::Array {
            return Err(invalid("a whole has no base revision"));
        }
        let base = decode_option(d)?;
        let value = Value::decode(d, &subject, part)?;
        Ok(Self { index, subject, part, base, value })
    }
}
