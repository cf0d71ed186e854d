//! An area bounded by straight edges, with holes: `polygon` in files.

use minicbor::{Decoder, Encoder};

use super::plane::{Bounds, Rings, XY, check_count, check_finite, decode_points, encode_points};
use super::{Geometry, MAX_VERTICES};
use crate::ModelError;
use crate::canonical::{DecodeResult, EncodeResult, array_up_to, expect_array};

/// One outer ring and any number of holes. Rings are open: the last vertex is not the first again.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Polygon {
    /// The outer ring, at least three vertices.
    pub outer: Vec<XY>,
    /// Rings taken out of it, at least three vertices each.
    #[serde(default)]
    pub holes: Vec<Vec<XY>>,
}

impl Geometry for Polygon {
    const KIND: &'static str = "polygon";

    fn validate(&self) -> Result<(), ModelError> {
        for ring in std::iter::once(&self.outer).chain(&self.holes) {
            check_count(Self::KIND, ring.len(), 3)?;
            check_finite(Self::KIND, ring)?;
        }
        let total = self.outer.len() + self.holes.iter().map(Vec::len).sum::<usize>();
        check_count(Self::KIND, total, 3)
    }

    fn vertices(&self) -> usize {
        self.outer.len() + self.holes.iter().map(Vec::len).sum::<usize>()
    }

    fn bounds(&self) -> Bounds {
        Bounds::of(&self.outer)
    }

    fn rings(&self) -> Option<Rings> {
        Some(Rings { outer: self.outer.clone(), holes: self.holes.clone() })
    }

    fn mapped(&self, map: &dyn Fn(XY) -> XY) -> Self {
        let ring = |ring: &Vec<XY>| ring.iter().copied().map(map).collect();
        Self { outer: ring(&self.outer), holes: self.holes.iter().map(ring).collect() }
    }

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(2)?;
        encode_points(e, &self.outer)?;
        e.array(self.holes.len() as u64)?;
        self.holes.iter().try_for_each(|hole| encode_points(e, hole))
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 2)?;
        let outer = decode_points(d)?;
        let count = array_up_to(d, MAX_VERTICES / 3)?;
        let mut holes = Vec::new();
        for _ in 0..count {
            holes.push(decode_points(d)?);
        }
        Ok(Self { outer, holes })
    }
}
