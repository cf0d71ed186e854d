//! Rows of annotations on their way from the thread that reads them to the one that uses them.
//!
//! A parcel holds rows as they are stored and is decoded by whoever opens it: what is then allocated
//! is freed by the same thread, and two threads share the work. Its memory is used again.

use std::ops::Range;

use vaultmark_model::shape::{BoundingBox, Geometry as _};
use vaultmark_model::{Annotation, AnnotationId, ItemId, LabelId, Shape, Source};

use crate::StoreError;
use crate::project::known::{FLAGGED, HIDDEN, LOCKED, OCCLUDED, TRUNCATED};
use crate::project::schema::canonical;

/// Rows of a full parcel.
const ROWS: usize = 1024;
/// Bytes of shapes, notes and sources that fill a parcel with fewer rows: one shape may have
/// megabytes.
const BYTES: usize = 256 * 1024;

/// Whose annotations are read.
pub(super) struct OfItem {
    pub id: ItemId,
    pub row: i64,
    pub number: u32,
}

/// What a row says in columns of fixed size, and its note, which few have.
pub(super) struct Own {
    pub number: u64,
    pub id: AnnotationId,
    pub label: LabelId,
    pub z_order: i32,
    pub flags: u8,
    pub note: String,
}

struct Held {
    item: ItemId,
    item_number: u32,
    own: Own,
    shape: Range<usize>,
    source: Range<usize>,
}

/// Rows, with the canonical bytes of their shapes and sources side by side.
#[derive(Default)]
pub(super) struct Parcel {
    rows: Vec<Held>,
    bytes: Vec<u8>,
    /// Bytes of what the rows become when they are opened: a source that is held once is each row's.
    cost: usize,
}

impl Parcel {
    pub(super) fn put(&mut self, of: &OfItem, own: Own, shape: &[u8], source: &[u8]) {
        self.cost += shape.len() + own.note.len() + source.len();
        let shape = self.hold(shape);
        // Most annotations come from where the one before came from.
        let same = self.rows.last().map(|last| last.source.clone());
        let source = same
            .filter(|range| self.bytes[range.clone()] == *source)
            .unwrap_or_else(|| self.hold(source));
        let held = Held { item: of.id, item_number: of.number, own, shape, source };
        self.rows.push(held);
    }

    fn hold(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.cost >= BYTES
    }

    /// Whether its memory is worth to be used again: that of a large shape is given back.
    pub(super) fn is_ordinary(&self) -> bool {
        self.bytes.capacity() <= 4 * BYTES
    }

    /// Decodes everything and empties the parcel: the item's number, the annotation's, the
    /// annotation.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a value can't be read, and what `f` says.
    pub(super) fn open<E: From<StoreError>>(
        &mut self,
        sources: &mut Sources,
        f: &mut dyn FnMut(u32, u64, Annotation) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { rows, bytes, cost } = self;
        for Held { item, item_number, own, shape, source } in rows.drain(..) {
            let annotation = Annotation {
                id: own.id,
                item,
                label: own.label,
                shape: decode_shape(&bytes[shape])?,
                z_order: own.z_order,
                flagged: own.flags & FLAGGED != 0,
                occluded: own.flags & OCCLUDED != 0,
                truncated: own.flags & TRUNCATED != 0,
                locked: own.flags & LOCKED != 0,
                hidden: own.flags & HIDDEN != 0,
                note: own.note,
                source: sources.decode(&bytes[source])?,
            };
            f(item_number, own.number, annotation)?;
        }
        bytes.clear();
        *cost = 0;
        Ok(())
    }
}

/// Decodes a shape. Nearly all annotations are boxes, whose encoding has one length: they are read
/// without asking what comes next at every byte.
fn decode_shape(bytes: &[u8]) -> Result<Shape, StoreError> {
    sound_box(bytes).map_or_else(|| canonical(bytes), |found| Ok(Shape::Box(found)))
}

/// A box in its canonical encoding, the array of its kind and of four 64-bit floats; `None` for all
/// else, of which the decoder says what is wrong.
fn sound_box(bytes: &[u8]) -> Option<BoundingBox> {
    let (floats, []) = bytes.strip_prefix(b"\x82\x63box\x84")?.as_chunks::<9>() else {
        return None;
    };
    let [x, y, width, height] = floats else { return None };
    let float = |bytes: &[u8; 9]| match bytes {
        [0xfb, bytes @ ..] => Some(f64::from_be_bytes(*bytes)),
        _ => None,
    };
    let found =
        BoundingBox { x: float(x)?, y: float(y)?, width: float(width)?, height: float(height)? };
    found.validate().is_ok().then_some(found)
}

/// Decodes sources; the last one is remembered with the bytes that it was decoded from.
#[derive(Default)]
pub(super) struct Sources(Option<(Vec<u8>, Source)>);

impl Sources {
    fn decode(&mut self, bytes: &[u8]) -> Result<Source, StoreError> {
        match &self.0 {
            Some((known, source)) if known == bytes => Ok(source.clone()),
            _ => {
                let source: Source = canonical(bytes)?;
                self.0 = Some((bytes.to_vec(), source.clone()));
                Ok(source)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vaultmark_model::canonical::Canonical as _;
    use vaultmark_model::shape::{Point, Polygon};

    use super::*;

    #[test]
    fn a_parcel_counts_what_its_rows_become() {
        let of = OfItem { id: ItemId::from_bytes([1; 16]), row: 1, number: 1 };
        let own = |note: &str| Own {
            number: 1,
            id: AnnotationId::from_bytes([2; 16]),
            label: LabelId::from_bytes([3; 16]),
            z_order: 0,
            flags: 0,
            note: note.into(),
        };
        let (shape, source) = (Point { x: 1.0, y: 2.0 }, Source::Import { format: "x".repeat(99) });
        let (shape, source) = (Shape::Point(shape).to_bytes(), source.to_bytes());
        let mut parcel = Parcel::default();
        parcel.put(&of, own(&"n".repeat(1000)), &shape, &source);
        parcel.put(&of, own(""), &shape, &source);
        // The source is held once and is of both.
        assert_eq!(parcel.cost(), 1000 + 2 * (shape.len() + source.len()));
        assert_eq!((parcel.rows(), parcel.is_full()), (2, false));
        parcel.put(&of, own(&"n".repeat(BYTES)), &shape, &source);
        assert!(parcel.is_full() && parcel.is_ordinary());
        parcel.open(&mut Sources::default(), &mut |_, _, _| Ok::<(), StoreError>(())).unwrap();
        assert_eq!((parcel.cost(), parcel.rows()), (0, 0));
        parcel.put(&of, own(""), &vec![0; 5 * BYTES], &source);
        assert!(!parcel.is_ordinary());
    }

    #[test]
    fn shapes_are_decoded_as_the_model_decodes_them() {
        let boxed = Shape::Box(BoundingBox { x: -1.5, y: 2.25, width: 3.0, height: 1e-9 });
        let outer = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let polygon = Shape::Polygon(Polygon { outer, holes: Vec::new() });
        let point = Shape::Point(Point { x: 1.0, y: 2.0 });
        assert!(sound_box(&boxed.to_bytes()).is_some());
        for shape in [boxed, polygon, point] {
            assert_eq!(decode_shape(&shape.to_bytes()).unwrap(), shape);
        }
    }

    #[test]
    fn every_other_byte_of_a_box_is_taken_or_refused_as_by_the_model() {
        let boxed = Shape::Box(BoundingBox { x: 1.0, y: 2.0, width: 3.0, height: 4.0 }).to_bytes();
        for at in 0..boxed.len() {
            for value in 0..=255 {
                let mut altered = boxed.clone();
                altered[at] = value;
                let expected = canonical::<Shape>(&altered).ok();
                assert_eq!(decode_shape(&altered).ok(), expected, "byte {at} as {value}");
            }
            assert!(decode_shape(&boxed[..at]).is_err());
        }
    }
}
