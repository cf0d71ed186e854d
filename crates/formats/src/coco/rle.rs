//! COCO's run-length masks: column-major, beginning with a count of zeros. Source: pycocotools'
//! `maskApi.h`.

use vaultmark_model::shape::{Polygon, XY};

/// A mask as runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mask {
    /// Counts of zeros and ones in turn, zeros first; they sum up to width times height.
    pub counts: Vec<u32>,
    /// The ones.
    pub area: u64,
}

/// An edge that crosses the centre of columns `from..to`.
struct Edge {
    from: u32,
    to: u32,
    start: XY,
    slope: f64,
    ring: usize,
}

/// The pixels whose centre lies in the outer ring and in no hole (each ring by the even-odd rule).
/// A centre on an edge belongs to the area right of and below it, so areas that share an edge share
/// no pixel.
pub(super) fn of_polygon(polygon: &Polygon, width: u32, height: u32) -> Mask {
    let mut edges = Vec::new();
    for (ring, points) in std::iter::once(&polygon.outer).chain(&polygon.holes).enumerate() {
        for (i, &a) in points.iter().enumerate() {
            let b = points[(i + 1) % points.len()];
            let (start, end) = if a[0] <= b[0] { (a, b) } else { (b, a) };
            let (from, to) = (first_centre(start[0], width), first_centre(end[0], width));
            if from < to {
                let slope = (end[1] - start[1]) / (end[0] - start[0]);
                edges.push(Edge { from, to, start, slope, ring });
            }
        }
    }
    edges.sort_by_key(|edge| edge.from);

    let mut runs = Runs::default();
    let mut inside = vec![false; polygon.holes.len() + 1];
    let mut crossings: Vec<(u32, usize)> = Vec::new();
    let mut active: Vec<&Edge> = Vec::new();
    let mut waiting = edges.iter().peekable();
    let mut column = waiting.peek().map_or(width, |edge| edge.from);
    while column < width {
        active.retain(|edge| edge.to > column);
        while let Some(edge) = waiting.next_if(|edge| edge.from == column) {
            active.push(edge);
        }
        if active.is_empty() {
            match waiting.peek() {
                Some(edge) => column = edge.from,
                None => break,
            }
            continue;
        }
        crossings.clear();
        let x = f64::from(column) + 0.5;
        for edge in &active {
            let y = edge.start[1] + (x - edge.start[0]) * edge.slope;
            crossings.push((first_centre(y, height), edge.ring));
        }
        crossings.sort_unstable();
        runs.column(u64::from(column) * u64::from(height), &crossings, &mut inside);
        column += 1;
    }
    runs.finish(u64::from(width) * u64::from(height))
}

/// The first pixel of `0..=size` whose centre is at or beyond `v`.
fn first_centre(v: f64, size: u32) -> u32 {
    // Saturating: below zero is 0, beyond the image is its size.
    ((v - 0.5).ceil() as u32).min(size)
}

#[derive(Default)]
struct Runs {
    counts: Vec<u32>,
    end: u64,
    area: u64,
}

impl Runs {
    /// Adds one column that begins at position `base`; every ring is left again within it.
    fn column(&mut self, base: u64, crossings: &[(u32, usize)], inside: &mut [bool]) {
        let (mut holes, mut since) = (0_u32, None);
        for &(row, ring) in crossings {
            inside[ring] = !inside[ring];
            if ring > 0 {
                holes = if inside[ring] { holes + 1 } else { holes - 1 };
            }
            let covered = inside[0] && holes == 0;
            match since {
                None if covered => since = Some(row),
                Some(from) if !covered => {
                    self.ones(base + u64::from(from), base + u64::from(row));
                    since = None;
                }
                _ => {}
            }
        }
    }

    fn ones(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        self.area += to - from;
        if from > self.end || self.counts.is_empty() {
            self.push(from - self.end);
            self.push(to - from);
        } else {
            self.lengthen(to - from);
        }
        self.end = to;
    }

    /// Appends a run; one that is longer than pycocotools' 32 bits is cut by runs of zero length.
    fn push(&mut self, mut length: u64) {
        while length > u64::from(u32::MAX) {
            self.counts.extend([u32::MAX, 0]);
            length -= u64::from(u32::MAX);
        }
        self.counts.push(u32::try_from(length).unwrap_or(u32::MAX));
    }

    fn lengthen(&mut self, more: u64) {
        if let Some(last) = self.counts.pop() {
            self.push(u64::from(last) + more);
        }
    }

    fn finish(mut self, total: u64) -> Mask {
        if self.end < total || self.counts.is_empty() {
            self.push(total - self.end);
        }
        Mask { counts: self.counts, area: self.area }
    }
}

/// The box `[x, y, width, height]` around the ones of a mask `height` pixels high; `None` for none.
pub(super) fn bounds(counts: &[u64], height: u64) -> Option<[f64; 4]> {
    let (mut left, mut right, mut top, mut bottom) = (u64::MAX, 0, u64::MAX, 0);
    let mut at = 0_u64;
    for (i, &count) in counts.iter().enumerate() {
        let (from, to) = (at, at.checked_add(count)?);
        at = to;
        if i % 2 == 0 || count == 0 || height == 0 {
            continue;
        }
        let (first, last) = (from / height, (to - 1) / height);
        (left, right) = (left.min(first), right.max(last));
        if first == last {
            (top, bottom) = (top.min(from % height), bottom.max((to - 1) % height));
        } else {
            (top, bottom) = (0, height - 1);
        }
    }
    let size = |low: u64, high: u64| (high - low + 1) as f64;
    (left <= right).then(|| [left as f64, top as f64, size(left, right), size(top, bottom)])
}

/// How many counts COCO's compressed text has: each ends with a character whose bit 6 is not set.
pub(super) fn runs_of_text(text: &str) -> usize {
    text.bytes().filter(|byte| byte.wrapping_sub(48) & 32 == 0).count()
}

/// The counts of COCO's compressed text: 5 bits a character from `0`, bit 6 for "more follows",
/// signed, and from the fourth on the difference to the count before the last.
pub(super) fn counts_of_text(text: &str) -> Option<Vec<u64>> {
    let mut counts: Vec<i64> = Vec::new();
    let mut characters = text.bytes();
    while let Some(mut byte) = characters.next() {
        let (mut value, mut shift) = (0_i64, 0_u32);
        loop {
            let bits = i64::from(byte.checked_sub(48).filter(|bits| *bits < 64)?);
            value |= (bits & 31).checked_shl(shift).filter(|_| shift < 60)?;
            shift += 5;
            if bits & 32 == 0 {
                if bits & 16 != 0 {
                    value |= -1_i64 << shift;
                }
                break;
            }
            byte = characters.next()?;
        }
        if counts.len() > 2 {
            value = value.checked_add(counts[counts.len() - 2])?;
        }
        counts.push(value);
    }
    counts.into_iter().map(|count| u64::try_from(count).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pixels(mask: &Mask) -> Vec<bool> {
        let mut pixels = Vec::new();
        for (i, count) in mask.counts.iter().enumerate() {
            pixels.extend(std::iter::repeat_n(i % 2 == 1, *count as usize));
        }
        pixels
    }

    fn square(x: f64, y: f64, size: f64) -> Vec<XY> {
        vec![[x, y], [x + size, y], [x + size, y + size], [x, y + size]]
    }

    /// Even-odd by counting the edges above a centre, with the same rule for centres on an edge.
    fn contains(ring: &[XY], [x, y]: XY) -> bool {
        (0..ring.len()).fold(false, |inside, i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            let (a, b) = if a[0] <= b[0] { (a, b) } else { (b, a) };
            let crosses = a[0] <= x && x < b[0];
            let at = a[1] + (x - a[0]) * ((b[1] - a[1]) / (b[0] - a[0]));
            inside ^ (crosses && at <= y)
        })
    }

    #[test]
    fn a_square_with_a_hole() {
        let polygon = Polygon { outer: square(1.0, 1.0, 4.0), holes: vec![square(2.0, 2.0, 2.0)] };
        let mask = of_polygon(&polygon, 6, 5);
        assert_eq!(mask.area, 12);
        assert_eq!(mask.counts, [6, 4, 1, 1, 2, 1, 1, 1, 2, 1, 1, 4, 5]);
        assert_eq!(
            bounds(&mask.counts.iter().map(|c| u64::from(*c)).collect::<Vec<_>>(), 5),
            Some([1.0, 1.0, 4.0, 4.0])
        );
    }

    #[test]
    fn masks_begin_with_zeros_and_fill_the_image() {
        let all = Polygon { outer: square(-5.0, -5.0, 99.0), holes: vec![square(50.0, 50.0, 1.0)] };
        assert_eq!(of_polygon(&all, 3, 2).counts, [0, 6]);
        let none = Polygon { outer: square(0.6, 0.6, 0.5), holes: vec![square(0.7, 0.7, 0.1)] };
        assert_eq!(of_polygon(&none, 3, 2), Mask { counts: vec![6], area: 0 });
        let mut long = Runs::default();
        long.ones(1 << 33, (1 << 33) + 3);
        let mask = long.finish(1 << 34);
        assert_eq!(mask.counts.iter().map(|c| u64::from(*c)).sum::<u64>(), 1 << 34);
        assert_eq!(mask.counts.iter().skip(1).step_by(2).map(|c| u64::from(*c)).sum::<u64>(), 3);
    }

    #[test]
    fn compressed_counts_are_read() {
        // Made with pycocotools 2.0.11, `mask.encode`.
        for (text, counts) in [
            ("426", vec![4, 2, 6]),
            ("04", vec![0, 4]),
            ("_91f^99", vec![303, 1, 9686, 10]),
            ("", vec![]),
        ] {
            assert_eq!(counts_of_text(text), Some(counts), "{text}");
        }
        let long = "T8d0:A5?KA5?KA5?KA5?KA5?KA5?KAS1000000000000000hNMQ13700000000000000000\\>";
        let counts = counts_of_text(long).unwrap();
        assert_eq!(counts.iter().sum::<u64>(), 2000);
        assert_eq!(bounds(&counts, 50), Some([5.0, 0.0, 25.0, 45.0]));
        for damaged in ["\u{7f}", "o", "é", "0000O", "ooooooooooooooooooooo0"] {
            assert_eq!(counts_of_text(damaged), None, "{damaged:?}");
        }
    }

    proptest! {
        #[test]
        fn every_pixel_is_decided_by_its_centre(
            width in 1_u32..24, height in 1_u32..24,
            outer in proptest::collection::vec((-8.0..32.0_f64, -8.0..32.0_f64), 3..12),
            holes in proptest::collection::vec(
                proptest::collection::vec((-8.0..32.0_f64, -8.0..32.0_f64), 3..6), 1..4),
            snap in any::<bool>(),
        ) {
            let round = |v: f64| if snap { (v * 2.0).round() / 2.0 } else { v };
            let ring = |ring: &Vec<(f64, f64)>| ring.iter().map(|&(x, y)| [round(x), round(y)]).collect::<Vec<XY>>();
            let polygon = Polygon { outer: ring(&outer), holes: holes.iter().map(ring).collect() };
            let mask = of_polygon(&polygon, width, height);
            let seen = pixels(&mask);
            prop_assert_eq!(seen.len() as u32, width * height);
            prop_assert_eq!(seen.iter().filter(|p| **p).count() as u64, mask.area);
            for column in 0..width {
                for row in 0..height {
                    let centre = [f64::from(column) + 0.5, f64::from(row) + 0.5];
                    let wanted = contains(&polygon.outer, centre)
                        && !polygon.holes.iter().any(|hole| contains(hole, centre));
                    prop_assert_eq!(seen[(column * height + row) as usize], wanted, "{:?}", centre);
                }
            }
        }
    }
}
