//! The two frames of an image with an EXIF orientation: as it is displayed, and as its rows are
//! stored. The model is always upright; files of others may mean either.

use vaultmark_model::shape::XY;
use vaultmark_model::{ImageFacts, Shape};

use crate::{Choice, Direction, Setting};

/// A coordinate frame of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// As displayed, orientation applied.
    Upright,
    /// As stored, orientation not applied.
    Stored,
}

impl Frame {
    /// The word in settings and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Upright => "upright",
            Self::Stored => "stored",
        }
    }

    /// From its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Upright, Self::Stored].into_iter().find(|frame| frame.word() == word)
    }

    /// Width and height of an image in this frame, in pixels.
    #[must_use]
    pub fn size(self, facts: &ImageFacts) -> (u32, u32) {
        match self {
            Self::Upright => (facts.width(), facts.height()),
            Self::Stored => (facts.stored_width, facts.stored_height),
        }
    }
}

/// The setting of writers.
pub(crate) const WRITE_FRAME: Setting = Setting {
    name: "frame",
    direction: Direction::Write,
    meaning: "The frame of coordinates and sizes for images with an EXIF orientation.",
    choices: &[
        Choice { word: "upright", meaning: "As displayed, with the orientation applied." },
        Choice { word: "stored", meaning: "As the rows are stored, for readers that ignore EXIF." },
    ],
    default: "upright",
};

/// The setting of readers.
pub(crate) const READ_FRAME: Setting = Setting {
    name: "source_frame",
    direction: Direction::Read,
    meaning: "The frame that the file means for images with an EXIF orientation.",
    choices: &[
        Choice {
            word: "auto",
            meaning: "What the file states; else the frame whose size it states; else upright, and the report says so.",
        },
        Choice { word: "upright", meaning: "As displayed." },
        Choice { word: "stored", meaning: "As the rows are stored." },
    ],
    default: "auto",
};

/// From the stored frame to the upright one. Source: Exif 2.32 section 4.6.4, tag 274, for
/// continuous coordinates: mirrored axes are measured from the opposite edge.
#[must_use]
pub fn to_upright(facts: &ImageFacts, [x, y]: XY) -> XY {
    let (w, h) = (f64::from(facts.stored_width), f64::from(facts.stored_height));
    match facts.orientation {
        2 => [w - x, y],
        3 => [w - x, h - y],
        4 => [x, h - y],
        5 => [y, x],
        6 => [h - y, x],
        7 => [h - y, w - x],
        8 => [y, w - x],
        _ => [x, y],
    }
}

/// From the upright frame to the stored one; the inverse of [`to_upright`].
#[must_use]
pub fn to_stored(facts: &ImageFacts, [x, y]: XY) -> XY {
    let (w, h) = (f64::from(facts.stored_width), f64::from(facts.stored_height));
    match facts.orientation {
        2 => [w - x, y],
        3 => [w - x, h - y],
        4 => [x, h - y],
        5 => [y, x],
        6 => [y, h - x],
        7 => [w - y, h - x],
        8 => [w - y, x],
        _ => [x, y],
    }
}

/// The shape in the upright frame, given in `frame`. Untouched (to the bit) where they are the same.
pub(crate) fn shape_to_upright(shape: Shape, frame: Frame, facts: &ImageFacts) -> Shape {
    if frame == Frame::Upright || facts.orientation == 1 {
        return shape;
    }
    shape.mapped(&|point| to_upright(facts, point))
}

/// What a file's statement about an image comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub frame: Frame,
    /// An assumption worth reporting.
    pub guess: Option<String>,
}

/// Which frame a file means for one image: `word` is [`READ_FRAME`]'s, `stated` what the file says
/// of itself, `size` what it says of the image.
pub(crate) fn resolve(
    word: &str,
    stated: Option<Frame>,
    size: Option<(u32, u32)>,
    facts: &ImageFacts,
) -> Resolved {
    let upright = Frame::Upright.size(facts);
    let stored = Frame::Stored.size(facts);
    let fixed = Frame::from_word(word).or(stated);
    let unlike = size.filter(|size| match fixed {
        Some(frame) => *size != frame.size(facts),
        None => *size != upright && *size != stored,
    });
    if let Some((width, height)) = unlike {
        let frame = fixed.unwrap_or(Frame::Upright);
        let (w, h) = frame.size(facts);
        let guess = format!(
            "the file says {width} x {height} pixels and the image has {w} x {h}; coordinates were \
             taken as they stand"
        );
        return Resolved { frame, guess: Some(guess) };
    }
    if let Some(frame) = fixed {
        return Resolved { frame, guess: None };
    }
    if facts.orientation == 1 {
        return Resolved { frame: Frame::Upright, guess: None };
    }
    match size {
        Some(size) if size == upright && size != stored => {
            Resolved { frame: Frame::Upright, guess: None }
        }
        Some(size) if size == stored && size != upright => {
            let guess = format!(
                "the image has EXIF orientation {} and the file states its stored size; coordinates \
                 were taken in the stored frame",
                facts.orientation
            );
            Resolved { frame: Frame::Stored, guess: Some(guess) }
        }
        _ => {
            let guess = format!(
                "the image has EXIF orientation {} and the file does not say which frame it means; \
                 coordinates were taken as upright",
                facts.orientation
            );
            Resolved { frame: Frame::Upright, guess: Some(guess) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vaultmark_model::{MediaFormat, SampleFormat};

    fn facts(orientation: u8) -> ImageFacts {
        ImageFacts {
            format: MediaFormat::Jpeg,
            stored_width: 7,
            stored_height: 4,
            orientation,
            bands: 3,
            sample: SampleFormat::U8,
        }
    }

    #[test]
    fn the_stored_origin_lies_where_exif_says() {
        // Exif names the visual sides of row 0 and column 0; these are the corner where they meet.
        for (orientation, corner) in [
            (1, [0.0, 0.0]),
            (2, [7.0, 0.0]),
            (3, [7.0, 4.0]),
            (4, [0.0, 4.0]),
            (5, [0.0, 0.0]),
            (6, [4.0, 0.0]),
            (7, [4.0, 7.0]),
            (8, [0.0, 7.0]),
        ] {
            assert_eq!(to_upright(&facts(orientation), [0.0, 0.0]), corner, "{orientation}");
        }
        // Row 0 runs along the right side, downwards, in orientation 6.
        assert_eq!(to_upright(&facts(6), [1.0, 0.0]), [4.0, 1.0]);
        assert_eq!(to_upright(&facts(8), [1.0, 0.0]), [0.0, 6.0]);
    }

    #[test]
    fn the_two_maps_are_inverse_and_stay_inside() {
        for orientation in 1..=8 {
            let facts = facts(orientation);
            for x in 0..=7_u8 {
                for y in 0..=4_u8 {
                    let point = [f64::from(x), f64::from(y)];
                    let upright = to_upright(&facts, point);
                    assert_eq!(to_stored(&facts, upright), point);
                    let (w, h) = Frame::Upright.size(&facts);
                    assert!((0.0..=f64::from(w)).contains(&upright[0]));
                    assert!((0.0..=f64::from(h)).contains(&upright[1]));
                }
            }
        }
    }

    #[test]
    fn the_stated_size_decides_the_frame_where_it_can() {
        let case = |orientation, word, stated, size| {
            let resolved = resolve(word, stated, size, &facts(orientation));
            (resolved.frame, resolved.guess.is_some())
        };
        assert_eq!(case(1, "auto", None, Some((7, 4))), (Frame::Upright, false));
        assert_eq!(case(1, "auto", None, None), (Frame::Upright, false));
        assert_eq!(case(6, "auto", None, Some((4, 7))), (Frame::Upright, false));
        assert_eq!(case(6, "auto", None, Some((7, 4))), (Frame::Stored, true));
        assert_eq!(case(3, "auto", None, Some((7, 4))), (Frame::Upright, true));
        assert_eq!(case(6, "stored", None, Some((7, 4))), (Frame::Stored, false));
        assert_eq!(case(6, "auto", Some(Frame::Stored), Some((7, 4))), (Frame::Stored, false));
        assert_eq!(case(6, "auto", None, Some((9, 9))), (Frame::Upright, true));
        assert_eq!(case(6, "upright", None, Some((7, 4))), (Frame::Upright, true));
    }
}
