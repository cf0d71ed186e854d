//! What a part is set to.

use minicbor::{Decoder, Encoder};

use super::{Part, Subject};
use crate::annotation::AnnotationBody;
use crate::canonical::{Canonical, DecodeResult, EncodeResult, invalid};
use crate::item::ItemBody;
use crate::label::{LabelBody, decode_key};
use crate::text::{check_name, check_note};
use crate::{Color, LabelId, ModelError, Shape};

/// The value of one part. Which variant fits is settled by subject and part.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// All of a new item.
    Item(Box<ItemBody>),
    /// All of a new annotation.
    Annotation(Box<AnnotationBody>),
    /// All of a new label.
    Label(Box<LabelBody>),
    /// A yes or no: presence and flags.
    Flag(bool),
    /// A geometry.
    Shape(Shape),
    /// A reference to a label.
    LabelRef(LabelId),
    /// A note or a name.
    Text(String),
    /// A drawing order.
    Order(i32),
    /// A colour.
    Color(Color),
    /// A label's digit.
    Key(Option<u8>),
}

impl Value {
    /// Whether the value is of the type that the part takes.
    #[must_use]
    pub fn fits(&self, subject: &Subject, part: Part) -> bool {
        part.belongs_to(subject)
            && matches!(
                (self, part, subject),
                (Self::Item(_), Part::Whole, Subject::Item(_))
                    | (Self::Annotation(_), Part::Whole, Subject::Annotation(_))
                    | (Self::Label(_), Part::Whole, Subject::Label(_))
                    | (
                        Self::Flag(_),
                        Part::Presence
                            | Part::Flagged
                            | Part::Occluded
                            | Part::Truncated
                            | Part::Locked
                            | Part::Hidden
                            | Part::Done,
                        _
                    )
                    | (Self::Shape(_), Part::Geometry, _)
                    | (Self::LabelRef(_), Part::Label, _)
                    | (Self::Text(_), Part::Note | Part::Name, _)
                    | (Self::Order(_), Part::ZOrder, _)
                    | (Self::Color(_), Part::Color, _)
                    | (Self::Key(_), Part::Key, _)
            )
    }

    /// Checks the value's own bounds.
    ///
    /// # Errors
    /// The [`ModelError`] of the rule that it breaks.
    pub fn validate(&self, part: Part) -> Result<(), ModelError> {
        match self {
            Self::Shape(shape) => shape.validate(),
            Self::Annotation(body) => body.shape.validate(),
            Self::Label(body) => body.validate(),
            Self::Text(text) if part == Part::Name => check_name("name", text),
            Self::Text(text) => check_note("note", text),
            Self::Key(Some(key)) if *key > 9 => Err(ModelError::InvalidText {
                field: "label key",
                why: "it is not a digit from 0 to 9".into(),
            }),
            _ => Ok(()),
        }
    }

    /// Appends the value's canonical bytes.
    ///
    /// # Errors
    /// Never for memory.
    pub fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        match self {
            Self::Item(body) => body.encode(e),
            Self::Annotation(body) => body.encode(e),
            Self::Label(body) => body.encode(e),
            Self::Flag(flag) => e.bool(*flag).map(|_| ()),
            Self::Shape(shape) => Canonical::encode(shape, e),
            Self::LabelRef(id) => id.encode(e),
            Self::Text(text) => e.str(text).map(|_| ()),
            Self::Order(order) => e.i32(*order).map(|_| ()),
            Self::Color(color) => color.encode(e),
            Self::Key(Some(key)) => e.u8(*key).map(|_| ()),
            Self::Key(None) => e.null().map(|_| ()),
        }
    }

    /// Reads the value that belongs to this subject's part.
    ///
    /// # Errors
    /// Where the bytes are no such value or out of bounds.
    pub fn decode(d: &mut Decoder<'_>, subject: &Subject, part: Part) -> DecodeResult<Self> {
        if !part.belongs_to(subject) {
            return Err(invalid("the subject has no such part"));
        }
        let value = match (part, subject) {
            (Part::Whole, Subject::Item(_)) => Self::Item(Box::new(ItemBody::decode(d)?)),
            (Part::Whole, Subject::Annotation(_)) => {
                Self::Annotation(Box::new(AnnotationBody::decode(d)?))
            }
            (Part::Whole, Subject::Label(_)) => Self::Label(Box::new(LabelBody::decode(d)?)),
            (Part::Geometry, _) => Self::Shape(<Shape as Canonical>::decode(d)?),
            (Part::Label, _) => Self::LabelRef(LabelId::decode(d)?),
            (Part::Note | Part::Name, _) => Self::Text(d.str()?.to_owned()),
            (Part::ZOrder, _) => Self::Order(d.i32()?),
            (Part::Color, _) => Self::Color(Color::decode(d)?),
            (Part::Key, _) => Self::Key(decode_key(d)?),
            (
                Part::Presence
                | Part::Flagged
                | Part::Occluded
                | Part::Truncated
                | Part::Locked
                | Part::Hidden
                | Part::Done,
                _,
            ) => Self::Flag(d.bool()?),
        };
        value.validate(part).map_err(minicbor::decode::Error::message)?;
        Ok(value)
    }
}
