//! The axis-parallel rectangle, `box` in files.

use minicbor::{Decoder, Encoder};

use super::Geometry;
use super::plane::{Bounds, Rings, XY, check_finite};
use crate::ModelError;
use crate::canonical::{DecodeResult, EncodeResult, decode_float, encode_float, expect_array};

/// An axis-parallel rectangle: top-left corner and extent in pixels; both extents are positive.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct BoundingBox {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Extent to the right, above zero.
    pub width: f64,
    /// Extent downwards, above zero.
    pub height: f64,
}

impl BoundingBox {
    /// The corners, clockwise on the screen from the top left.
    #[must_use]
    pub fn corners(&self) -> [XY; 4] {
        let (right, bottom) = (self.x + self.width, self.y + self.height);
        [[self.x, self.y], [right, self.y], [right, bottom], [self.x, bottom]]
    }
}

impl Geometry for BoundingBox {
    const KIND: &'static str = "box";

    fn validate(&self) -> Result<(), ModelError> {
        check_finite(Self::KIND, &[[self.x, self.y], [self.width, self.height]])?;
        if self.width > 0.0 && self.height > 0.0 {
            return Ok(());
        }
        Err(ModelError::InvalidShape {
            shape: Self::KIND,
            why: format!("it has no area: {} x {} pixels", self.width, self.height),
        })
    }

    fn vertices(&self) -> usize {
        2
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            left: self.x,
            top: self.y,
            right: self.x + self.width,
            bottom: self.y + self.height,
        }
    }

    fn rings(&self) -> Option<Rings> {
        Some(Rings { outer: self.corners().to_vec(), holes: Vec::new() })
    }

    fn mapped(&self, map: &dyn Fn(XY) -> XY) -> Self {
        let corners = self.corners().map(map);
        let bounds = Bounds::of(&corners);
        Self { x: bounds.left, y: bounds.top, width: bounds.width(), height: bounds.height() }
    }

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(4)?;
        [self.x, self.y, self.width, self.height].into_iter().try_for_each(|v| encode_float(e, v))
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 4)?;
        Ok(Self {
            x: decode_float(d)?,
            y: decode_float(d)?,
            width: decode_float(d)?,
            height: decode_float(d)?,
        })
    }
}
