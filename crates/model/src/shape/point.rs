//! One position, `point` in files.

use minicbor::{Decoder, Encoder};

use super::Geometry;
use super::plane::{Bounds, Rings, XY, check_finite};
use crate::ModelError;
use crate::canonical::{DecodeResult, EncodeResult, decode_float, encode_float, expect_array};

/// One position in pixels.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

impl Geometry for Point {
    const KIND: &'static str = "point";

    fn validate(&self) -> Result<(), ModelError> {
        check_finite(Self::KIND, &[[self.x, self.y]])
    }

    fn vertices(&self) -> usize {
        1
    }

    fn bounds(&self) -> Bounds {
        Bounds::of(&[[self.x, self.y]])
    }

    fn rings(&self) -> Option<Rings> {
        None
    }

    fn mapped(&self, map: &dyn Fn(XY) -> XY) -> Self {
        let [x, y] = map([self.x, self.y]);
        Self { x, y }
    }

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(2)?;
        encode_float(e, self.x)?;
        encode_float(e, self.y)
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 2)?;
        Ok(Self { x: decode_float(d)?, y: decode_float(d)? })
    }
}
