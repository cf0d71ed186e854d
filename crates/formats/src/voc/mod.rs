//! Pascal VOC: one XML file an image, `<annotation>` with `<object>`s.
//!
//! Source: the VOC2012 development kit (PASCAL Visual Object Classes challenge, section "Annotation
//! format"), and what the tools of others write.
//!
//! Readers disagree on the numbers of `<bndbox>`, so the setting `voc_offset` decides. `0` (default)
//! takes them as the box's edges: the width is `xmax - xmin`. That is what labelImg, its relatives
//! and DeepForest mean, what floats can only mean, and what files with coordinate 0 can only mean.
//! `1` takes them as the development kit: numbers of the first and last pixel, counted from 1, so
//! that the box begins at `xmin - 1` and is `xmax - xmin + 1` wide. The report records the choice.
//!
//! `truncated` and `occluded` are kept; `difficult` gives a flag and the note `difficult` and is
//! reported as a repair. Parts, actions, poses and polygons are reported as skipped. Document type
//! definitions are refused, so entities never expand.

mod document;
mod read;

use crate::frame::READ_FRAME;
use crate::{
    Choice, Direction, Format, FormatError, Input, ReadOptions, ReadReport, Setting, Sink,
};

const OFFSET: Setting = Setting {
    name: "voc_offset",
    direction: Direction::Read,
    meaning: "What the numbers of `bndbox` mean.",
    choices: &[
        Choice { word: "0", meaning: "Edges of the box: its width is xmax - xmin." },
        Choice {
            word: "1",
            meaning: "First and last pixel, counted from 1, as in the development kit: its width is xmax - xmin + 1.",
        },
    ],
    default: "0",
};

static SETTINGS: [Setting; 2] = [OFFSET, READ_FRAME];

/// Pascal VOC.
pub(crate) struct Voc;

impl Format for Voc {
    fn name(&self) -> &'static str {
        "voc"
    }

    fn title(&self) -> &'static str {
        "Pascal VOC"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xml"]
    }

    fn can_read(&self) -> bool {
        true
    }

    fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    fn read_records(
        &self,
        inputs: &[Input],
        sink: &mut dyn Sink,
        options: &ReadOptions,
    ) -> Result<ReadReport, FormatError> {
        read::read(inputs, sink, options)
    }
}
