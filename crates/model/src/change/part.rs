//! What a change touches: a subject, and one part of it.

use minicbor::{Decoder, Encoder};

use super::RevisionId;
use crate::canonical::{
    Canonical, DecodeResult, EncodeResult, decode_option, encode_option, expect_array, invalid,
};
use crate::{AnnotationId, ItemId, LabelId};

/// The thing a revision is about. Codes 3 (dataset), 4 (track), 5 (task) and 6 (project) are
/// reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An item: code 0.
    Item(ItemId),
    /// An annotation: code 1.
    Annotation(AnnotationId),
    /// A label of the schema: code 2.
    Label(LabelId),
}

impl Subject {
    /// The number in files and tables.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Item(_) => 0,
            Self::Annotation(_) => 1,
            Self::Label(_) => 2,
        }
    }

    /// The identifier's bytes.
    #[must_use]
    pub const fn id_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Item(id) => id.as_bytes(),
            Self::Annotation(id) => id.as_bytes(),
            Self::Label(id) => id.as_bytes(),
        }
    }

    /// From its number and identifier.
    #[must_use]
    pub const fn from_code(code: u8, id: [u8; 16]) -> Option<Self> {
        match code {
            0 => Some(Self::Item(ItemId::from_bytes(id))),
            1 => Some(Self::Annotation(AnnotationId::from_bytes(id))),
            2 => Some(Self::Label(LabelId::from_bytes(id))),
            _ => None,
        }
    }
}

impl Canonical for Subject {
    const WHAT: &'static str = "subject";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(2)?.u8(self.code())?.bytes(self.id_bytes())?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 2)?;
        let code = d.u8()?;
        let id = <[u8; 16]>::try_from(d.bytes()?).map_err(|_| invalid("an id is 16 bytes"))?;
        Self::from_code(code, id).ok_or_else(|| invalid("an unknown kind of subject"))
    }
}

/// One part of a subject. Codes 16 (attribute), 17 (keyframe), 18 (mask tile), 19 (text span),
/// 20 (group) and 21 (review state) are reserved; those carry an argument of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All that a subject is created with; written once.
    Whole = 0,
    /// Whether it is there: deleting is `false`, restoring is `true`.
    Presence = 1,
    /// An annotation's shape.
    Geometry = 2,
    /// An annotation's label.
    Label = 3,
    /// The note of an annotation or an item.
    Note = 4,
    /// Marked for attention (annotation or item).
    Flagged = 5,
    /// An annotation's occluded flag.
    Occluded = 6,
    /// An annotation's truncated flag.
    Truncated = 7,
    /// An annotation's lock.
    Locked = 8,
    /// An annotation's hidden flag.
    Hidden = 9,
    /// An annotation's drawing order.
    ZOrder = 10,
    /// A label's name.
    Name = 11,
    /// A label's colour.
    Color = 12,
    /// A label's key.
    Key = 13,
    /// An item's "every object is labelled".
    Done = 14,
}

impl Part {
    const ALL: [Self; 15] = [
        Self::Whole,
        Self::Presence,
        Self::Geometry,
        Self::Label,
        Self::Note,
        Self::Flagged,
        Self::Occluded,
        Self::Truncated,
        Self::Locked,
        Self::Hidden,
        Self::ZOrder,
        Self::Name,
        Self::Color,
        Self::Key,
        Self::Done,
    ];

    /// The number in files and tables.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it is called in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Presence => "presence",
            Self::Geometry => "shape",
            Self::Label => "label",
            Self::Note => "note",
            Self::Flagged => "flag",
            Self::Occluded => "occlusion",
            Self::Truncated => "truncation",
            Self::Locked => "lock",
            Self::Hidden => "hiding",
            Self::ZOrder => "order",
            Self::Name => "name",
            Self::Color => "colour",
            Self::Key => "key",
            Self::Done => "mark as done",
        }
    }

    /// From its number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether a subject of this kind has this part.
    #[must_use]
    pub const fn belongs_to(self, subject: &Subject) -> bool {
        match self {
            Self::Whole | Self::Presence => true,
            Self::Note | Self::Flagged => {
                matches!(subject, Subject::Item(_) | Subject::Annotation(_))
            }
            Self::Done => matches!(subject, Subject::Item(_)),
            Self::Name | Self::Color | Self::Key => matches!(subject, Subject::Label(_)),
            Self::Geometry
            | Self::Label
            | Self::Occluded
            | Self::Truncated
            | Self::Locked
            | Self::Hidden
            | Self::ZOrder => matches!(subject, Subject::Annotation(_)),
        }
    }
}

impl Canonical for Part {
    const WHAT: &'static str = "part";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.u8(self.code())?;
        Ok(())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        Self::from_code(d.u8()?).ok_or_else(|| invalid("an unknown part"))
    }
}

/// A part that a change touches, with the revision it was based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRef {
    /// Whose part.
    pub subject: Subject,
    /// Which part.
    pub part: Part,
    /// The revision that the author saw; none where the part had none.
    pub base: Option<RevisionId>,
}

impl Canonical for PartRef {
    const WHAT: &'static str = "part reference";
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(3)?;
        self.subject.encode(e)?;
        self.part.encode(e)?;
        encode_option(e, self.base.as_ref())
    }
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 3)?;
        Ok(Self { subject: Subject::decode(d)?, part: Part::decode(d)?, base: decode_option(d)? })
    }
}
