//! A chain of straight edges without interior, `polyline` in files.

use minicbor::{Decoder, Encoder};

use super::Geometry;
use super::plane::{Bounds, Rings, XY, check_count, check_finite, decode_points, encode_points};
use crate::ModelError;
use crate::canonical::{DecodeResult, EncodeResult};

/// At least two vertices, joined in order.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Polyline {
    /// The vertices in order.
    pub points: Vec<XY>,
}

impl Geometry for Polyline {
    const KIND: &'static str = "polyline";

    fn validate(&self) -> Result<(), ModelError> {
        check_count(Self::KIND, self.points.len(), 2)?;
        check_finite(Self::KIND, &self.points)
    }

    fn vertices(&self) -> usize {
        self.points.len()
    }

    fn bounds(&self) -> Bounds {
        Bounds::of(&self.points)
    }

    fn rings(&self) -> Option<Rings> {
        None
    }

    fn mapped(&self, map: &dyn Fn(XY) -> XY) -> Self {
        Self { points: self.points.iter().copied().map(map).collect() }
    }

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        encode_points(e, &self.points)
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        Ok(Self { points: decode_points(d)? })
    }
}
