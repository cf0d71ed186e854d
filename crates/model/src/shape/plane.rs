//! Plane geometry that several shapes share: points, bounds, rings.

use minicbor::{Decoder, Encoder};

use super::MAX_VERTICES;
use crate::ModelError;
use crate::canonical::{DecodeResult, EncodeResult, array_up_to, decode_float, encode_float};

/// A position `[x, y]` in pixels.
pub type XY = [f64; 2];

/// An axis-parallel rectangle; `right >= left`, `bottom >= top`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Smallest x.
    pub left: f64,
    /// Smallest y.
    pub top: f64,
    /// Largest x.
    pub right: f64,
    /// Largest y.
    pub bottom: f64,
}

impl Bounds {
    /// The bounds of some positions; all zero for none.
    #[must_use]
    pub fn of(points: &[XY]) -> Self {
        let mut points = points.iter();
        let Some(&[x, y]) = points.next() else {
            return Self { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
        };
        points.fold(Self { left: x, top: y, right: x, bottom: y }, |b, &[x, y]| Self {
            left: b.left.min(x),
            top: b.top.min(y),
            right: b.right.max(x),
            bottom: b.bottom.max(y),
        })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// An interior: one outer ring, and holes taken out of it. Rings are open (the last vertex is not
/// the first again) and may run either way round.
#[derive(Debug, Clone, PartialEq)]
pub struct Rings {
    /// The outer ring.
    pub outer: Vec<XY>,
    /// The holes.
    pub holes: Vec<Vec<XY>>,
}

impl Rings {
    /// Area in square pixels, holes subtracted.
    #[must_use]
    pub fn area(&self) -> f64 {
        ring_area(&self.outer) - self.holes.iter().map(|hole| ring_area(hole)).sum::<f64>()
    }
}

/// The unsigned area inside an open ring, in square pixels (shoelace formula). Vertices are taken
/// relative to the first, which keeps precision far from the origin.
#[must_use]
pub fn ring_area(ring: &[XY]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    let mut twice = 0.0;
    for pair in ring.windows(2) {
        twice += (pair[0][0] - x0) * (pair[1][1] - y0) - (pair[1][0] - x0) * (pair[0][1] - y0);
    }
    twice.abs() / 2.0
}

/// Refuses NaN, infinity and coordinates beyond what any image holds.
pub(super) fn check_finite(shape: &'static str, points: &[XY]) -> Result<(), ModelError> {
    let bound = 1e9;
    if points.iter().flatten().all(|v| v.is_finite() && v.abs() <= bound) {
        return Ok(());
    }
    Err(ModelError::InvalidShape {
        shape,
        why: "a coordinate is not a number within ±1,000,000,000 pixels".into(),
    })
}

/// Refuses fewer than `least` and more than [`MAX_VERTICES`] vertices.
pub(super) fn check_count(shape: &'static str, n: usize, least: usize) -> Result<(), ModelError> {
    if n < least {
        return Err(ModelError::InvalidShape {
            shape,
            why: format!("it has {n} vertices, at least {least} are needed"),
        });
    }
    if n as u64 > MAX_VERTICES {
        return Err(ModelError::InvalidShape {
            shape,
            why: format!("it has {n} vertices, at most {MAX_VERTICES} are allowed"),
        });
    }
    Ok(())
}

/// Writes positions as one flat array `[x0, y0, x1, y1, …]`.
pub(super) fn encode_points(e: &mut Encoder<Vec<u8>>, points: &[XY]) -> EncodeResult {
    e.array(points.len() as u64 * 2)?;
    for value in points.iter().flatten() {
        encode_float(e, *value)?;
    }
    Ok(())
}

/// Reads positions from a flat array of even length.
pub(super) fn decode_points(d: &mut Decoder<'_>) -> DecodeResult<Vec<XY>> {
    let len = array_up_to(d, MAX_VERTICES * 2)?;
    if len % 2 != 0 {
        return Err(crate::canonical::invalid("coordinates come in pairs"));
    }
    let mut points = Vec::with_capacity(usize::try_from(len / 2).unwrap_or(0).min(4096));
    for _ in 0..len / 2 {
        points.push([decode_float(d)?, decode_float(d)?]);
    }
    Ok(points)
}
