//! COCO instances: `{info, licenses, categories, images, annotations}`.
//!
//! Source: the format page of the COCO data set (cocodataset.org, "Data format", object detection)
//! and pycocotools, which decides where the page is silent. Coordinates are continuous pixels from
//! the image's top-left corner, boxes `[x, y, width, height]`; several rings of one annotation are a
//! union, so a hole can only be written as a run-length mask; such masks are column-major and begin
//! with a count of zeros.
//!
//! Written: `id`s are the project's integers; a box has `segmentation: []` and `area` width times
//! height; a plain polygon is one ring with its shoelace area; a polygon with holes is a mask with
//! `iscrowd: 0`, its area the mask's pixels and its box the polygon's. The frame for images with an
//! EXIF orientation is chosen once and stated in `info`.
//!
//! Read: any order of sections, in two passes. An annotation with several rings gives one polygon a
//! ring, a mask gives its box, `iscrowd: 1` gives a flag and the note `crowd`; each is reported as
//! a repair.

mod geometry;
mod losses;
mod read;
mod record;
mod rle;
mod tables;
mod write;

use crate::frame::{READ_FRAME, WRITE_FRAME};
use crate::{
    Census, Choice, Dataset, Direction, Format, FormatError, Input, Loss, Output, ReadOptions,
    ReadReport, Setting, Sink, WriteOptions, WriteReport,
};

/// The file that is written.
const FILE: &str = "coco.json";

const FILE_NAMES: Setting = Setting {
    name: "file_names",
    direction: Direction::Write,
    meaning: "What `file_name` of an image says.",
    choices: &[
        Choice {
            word: "media",
            meaning: "The path of the medium beside the annotations; its path in the project where media are not included.",
        },
        Choice { word: "original", meaning: "Always its path in the project." },
    ],
    default: "media",
};

static SETTINGS: [Setting; 3] = [WRITE_FRAME, FILE_NAMES, READ_FRAME];

/// COCO instances.
pub(crate) struct Coco;

impl Format for Coco {
    fn name(&self) -> &'static str {
        "coco"
    }

    fn title(&self) -> &'static str {
        "COCO instances"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn can_read(&self) -> bool {
        true
    }

    fn can_write(&self) -> bool {
        true
    }

    fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    fn losses(&self, census: &Census, options: &WriteOptions) -> Vec<Loss> {
        losses::of(census, options)
    }

    fn write(
        &self,
        dataset: &mut dyn Dataset,
        output: &mut dyn Output,
        options: &WriteOptions,
    ) -> Result<WriteReport, FormatError> {
        options.settings.check(self.name(), &SETTINGS, Direction::Write)?;
        write::write(dataset, output, options)
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
