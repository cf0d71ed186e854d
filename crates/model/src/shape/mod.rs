//! Shapes: the geometry of annotations.
//!
//! Coordinates are continuous 64-bit float pixels from the image's outer top-left corner, x to the
//! right and y down, pixel centres at +0.5, in the upright (EXIF-applied) frame. A shape may reach
//! outside the image; formats that can't hold that say so in their loss report.
//!
//! One file per shape. Adding one means a file here with its [`Geometry`] and one line in the
//! registration at the end of this module.

mod bounding_box;
mod plane;
mod point;
mod polygon;
mod polyline;

use minicbor::{Decoder, Encoder};

pub use bounding_box::BoundingBox;
pub use plane::{Bounds, Rings, XY, ring_area};
pub use point::Point;
pub use polygon::Polygon;
pub use polyline::Polyline;

use crate::ModelError;
use crate::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};

/// The most vertices of one shape, checked before anything is allocated.
pub const MAX_VERTICES: u64 = 1_000_000;

/// What every shape can say of itself, so that formats and screens need not know its kind.
pub trait Geometry: Sized {
    /// The kind's name in files and across IPC.
    const KIND: &'static str;

    /// Checks the shape's own rules.
    ///
    /// # Errors
    /// [`ModelError::InvalidShape`] names the rule.
    fn validate(&self) -> Result<(), ModelError>;

    /// How many vertices it is held by.
    fn vertices(&self) -> usize;

    /// The smallest axis-parallel rectangle around it.
    fn bounds(&self) -> Bounds;

    /// Its interior as rings (holes taken out), or `None` where it has no interior.
    fn rings(&self) -> Option<Rings>;

    /// The same shape in another frame. `map` keeps axes parallel to axes (the eight EXIF
    /// orientations, shifts, scalings).
    #[must_use]
    fn mapped(&self, map: &dyn Fn(XY) -> XY) -> Self;

    /// Appends the payload.
    ///
    /// # Errors
    /// Never for memory.
    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult;

    /// Reads the payload; [`Geometry::validate`] runs afterwards.
    ///
    /// # Errors
    /// Where the bytes are no such payload.
    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self>;
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $variant:ident($kind:ty) = $name:literal;)*) => {
        /// The geometry of one annotation.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind")]
        #[non_exhaustive]
        pub enum Shape {
            $($(#[$doc])* #[serde(rename = $name)] $variant($kind),)*
        }

        $(const _: () = {
            // The JSON tag and the canonical name are the same word.
            assert!(same($name, <$kind as Geometry>::KIND));
        };)*

        impl Shape {
            /// The names of all kinds, in order of registration.
            pub const KINDS: &'static [&'static str] = &[$(<$kind as Geometry>::KIND),*];

            /// The kind's name in files and across IPC.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$kind as Geometry>::KIND,)* }
            }

            /// Reads a shape whose kind is known already, from the same record: nothing is kept aside
            /// until the kind is met, as it is where a shape is read by itself.
            ///
            /// # Errors
            /// Where the kind is not known, or the record is no shape of it.
            pub fn deserialize_as<'de, D: serde::Deserializer<'de>>(
                kind: &str,
                record: D,
            ) -> Result<Self, D::Error> {
                match kind {
                    $($name => serde::Deserialize::deserialize(record).map(Self::$variant),)*
                    other => Err(serde::de::Error::unknown_variant(other, Self::KINDS)),
                }
            }

            /// Checks the shape's own rules.
            ///
            /// # Errors
            /// [`ModelError::InvalidShape`] names the rule.
            pub fn validate(&self) -> Result<(), ModelError> {
                match self { $(Self::$variant(shape) => Geometry::validate(shape),)* }
            }

            /// How many vertices it is held by: what it weighs in memory.
            #[must_use]
            pub fn vertices(&self) -> usize {
                match self { $(Self::$variant(shape) => Geometry::vertices(shape),)* }
            }

            /// The smallest axis-parallel rectangle around it, in pixels.
            #[must_use]
            pub fn bounds(&self) -> Bounds {
                match self { $(Self::$variant(shape) => Geometry::bounds(shape),)* }
            }

            /// Its interior as rings, or `None` where it has no interior.
            #[must_use]
            pub fn rings(&self) -> Option<Rings> {
                match self { $(Self::$variant(shape) => Geometry::rings(shape),)* }
            }

            /// The same shape in another frame; see [`Geometry::mapped`].
            #[must_use]
            pub fn mapped(&self, map: &dyn Fn(XY) -> XY) -> Self {
                match self { $(Self::$variant(shape) => Self::$variant(Geometry::mapped(shape, map)),)* }
            }
        }

        impl Canonical for Shape {
            const WHAT: &'static str = "shape";

            fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
                e.array(2)?.str(self.kind())?;
                match self { $(Self::$variant(shape) => Geometry::encode(shape, e),)* }
            }

            fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
                expect_array(d, 2)?;
                let kind = d.str()?;
                let shape = match kind {
                    $(<$kind as Geometry>::KIND => Self::$variant(<$kind as Geometry>::decode(d)?),)*
                    _ => return Err(invalid("the shape's kind is not known to this version")),
                };
                shape.validate().map_err(minicbor::decode::Error::message)?;
                Ok(shape)
            }
        }
    };
}

/// String equality in constants.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

shapes! {
    /// An axis-parallel rectangle.
    Box(BoundingBox) = "box";
    /// An area bounded by straight edges, with holes.
    Polygon(Polygon) = "polygon";
    /// A chain of straight edges without interior.
    Polyline(Polyline) = "polyline";
    /// One position.
    Point(Point) = "point";
}

impl Shape {
    /// The interior's area in square pixels (shoelace formula, holes subtracted); zero where it has
    /// no interior.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.rings().map_or(0.0, |rings| rings.area())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Shape> {
        vec![
            Shape::Box(BoundingBox { x: 1.0, y: 2.5, width: 3.0, height: 4.0 }),
            Shape::Polygon(Polygon {
                outer: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]],
                holes: vec![vec![[2.0, 2.0], [4.0, 2.0], [4.0, 4.0], [2.0, 4.0]]],
            }),
            Shape::Polyline(Polyline { points: vec![[0.0, 0.0], [3.0, 4.0]] }),
            Shape::Point(Point { x: 0.25, y: -1.5 }),
        ]
    }

    #[test]
    fn every_shape_round_trips_through_both_encodings() {
        for shape in all() {
            assert_eq!(Shape::from_bytes(&shape.to_bytes()).unwrap(), shape);
            let json = serde_json::to_string(&shape).unwrap();
            assert_eq!(serde_json::from_str::<Shape>(&json).unwrap(), shape);
            let mut record = serde_json::Deserializer::from_str(&json);
            assert_eq!(Shape::deserialize_as(shape.kind(), &mut record).unwrap(), shape);
        }
        assert_eq!(all().iter().map(Shape::kind).collect::<Vec<_>>(), Shape::KINDS);
    }

    #[test]
    fn areas_subtract_holes() {
        assert_eq!(all().iter().map(Shape::area).collect::<Vec<_>>(), [12.0, 96.0, 0.0, 0.0]);
    }

    #[test]
    fn degenerate_shapes_are_refused() {
        for shape in [
            Shape::Box(BoundingBox { x: 0.0, y: 0.0, width: 0.0, height: 4.0 }),
            Shape::Box(BoundingBox { x: f64::NAN, y: 0.0, width: 1.0, height: 4.0 }),
            Shape::Polygon(Polygon { outer: vec![[0.0, 0.0], [1.0, 1.0]], holes: vec![] }),
            Shape::Polyline(Polyline { points: vec![[0.0, 0.0]] }),
            Shape::Point(Point { x: f64::INFINITY, y: 0.0 }),
        ] {
            assert!(shape.validate().is_err(), "{shape:?}");
        }
    }
}
