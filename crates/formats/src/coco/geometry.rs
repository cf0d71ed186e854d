//! Shapes from the geometry of one annotation.

use vaultmark_model::Shape;
use vaultmark_model::shape::{BoundingBox, Polygon, XY, ring_area};

use super::record::{Counts, Number, RunLengths, Segmentation};
use super::rle;
use crate::limits::RUNS;

/// The shapes of one record, and what about them differs from the file.
pub(super) struct Shapes {
    pub shapes: Vec<Shape>,
    pub repairs: Vec<String>,
}

/// Rings become polygons, a mask becomes its box, a box stays one.
///
/// # Errors
/// The reason why the record is refused.
pub(super) fn shapes(bbox: Option<[f64; 4]>, segmentation: Segmentation) -> Result<Shapes, String> {
    match segmentation {
        Segmentation::None => match bbox {
            Some(bbox) => Ok(Shapes { shapes: vec![boxed(bbox)?], repairs: Vec::new() }),
            None => Err("it has neither `bbox` nor `segmentation`".into()),
        },
        Segmentation::Rings(rings) => polygons(&rings),
        Segmentation::Mask(mask) => {
            let bounds = bounds_of(&mask)?;
            let bbox = bbox.or(bounds).ok_or("its mask is empty and it has no `bbox`")?;
            let shapes = vec![boxed(bbox)?];
            let repairs = vec!["its pixel mask (run-length encoded) became a box".into()];
            Ok(Shapes { shapes, repairs })
        }
    }
}

fn boxed([x, y, width, height]: [f64; 4]) -> Result<Shape, String> {
    if !(width > 0.0 && height > 0.0) {
        return Err(format!("its box has no area: {width} x {height} pixels"));
    }
    checked(Shape::Box(BoundingBox { x, y, width, height }))
}

fn checked(shape: Shape) -> Result<Shape, String> {
    shape.validate().map_err(|e| e.to_string())?;
    Ok(shape)
}

fn polygons(rings: &[Vec<Number>]) -> Result<Shapes, String> {
    let mut repairs = Vec::new();
    let mut shapes = Vec::new();
    let mut closed = false;
    for ring in rings {
        if ring.len() == 4 {
            return Err(
                "a ring has 4 numbers: two vertices are no polygon, and readers take it for a box"
                    .into(),
            );
        }
        if ring.len() % 2 != 0 {
            return Err(format!("a ring has {} numbers: coordinates come in pairs", ring.len()));
        }
        let mut outer: Vec<XY> = ring.chunks_exact(2).map(|xy| [xy[0].0, xy[1].0]).collect();
        if outer.len() > 3 && outer.first() == outer.last() {
            outer.pop();
            closed = true;
        }
        let count = outer.len();
        let polygon = Polygon { outer, holes: Vec::new() };
        let area = ring_area(&polygon.outer);
        let shape = checked(Shape::Polygon(polygon))?;
        if area == 0.0 {
            return Err(format!("a ring of {count} vertices has no area"));
        }
        shapes.push(shape);
    }
    if closed {
        repairs
            .push("a ring repeated its first vertex at the end; the repetition was dropped".into());
    }
    if rings.len() > 1 {
        let n = rings.len();
        repairs.push(format!("its {n} rings became {n} polygons, one annotation each"));
    }
    Ok(Shapes { shapes, repairs })
}

/// The box around a mask's pixels; `None` where it has none.
fn bounds_of(mask: &RunLengths) -> Result<Option<[f64; 4]>, String> {
    let text;
    let counts = match &mask.counts {
        Counts::Plain(counts) => counts,
        Counts::Text(counts) => {
            if rle::runs_of_text(counts) > RUNS {
                return Err(format!("its mask has more than {RUNS} runs"));
            }
            text = rle::counts_of_text(counts).ok_or("the text of its mask is damaged")?;
            &text
        }
    };
    let [height, width] = mask.size;
    let covered = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
    if covered.is_none() || covered != height.checked_mul(width) {
        return Err(format!("the runs of its mask do not fill {width} x {height} pixels"));
    }
    Ok(rle::bounds(counts, height))
}
