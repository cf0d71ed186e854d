//! Writes COCO instances in one walk over labels, items and annotations.

use std::collections::HashMap;

use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use vaultmark_model::shape::{Geometry, Polygon, XY, ring_area};
use vaultmark_model::{ImageFacts, LabelId, ProjectId, Shape};

use super::{FILE, FILE_NAMES, SETTINGS, rle};
use crate::frame::{WRITE_FRAME, to_stored};
use crate::json::write::Document;
use crate::output::OutputFile;
use crate::report::WrittenFile;
use crate::{
    AnnotationRecord, Dataset, Direction, FormatError, Frame, ItemRecord, Loss, Output,
    ProjectFacts, WriteOptions, WriteReport,
};

pub(super) fn write(
    dataset: &mut dyn Dataset,
    output: &mut dyn Output,
    options: &WriteOptions,
) -> Result<WriteReport, FormatError> {
    let settings = &options.settings;
    let frame = Frame::from_word(settings.word(&WRITE_FRAME)).unwrap_or(Frame::Upright);
    let original = settings.word(&FILE_NAMES) == "original";
    let mut report = WriteReport {
        format: "coco".into(),
        settings: settings.effective(&SETTINGS, Direction::Write),
        ..WriteReport::default()
    };
    let mut document = Document::begin(OutputFile::begin(output, FILE)?)?;
    document.value("info", &Info::of(&dataset.project()?, frame))?;
    document.value("licenses", &[(); 0])?;

    let mut categories: HashMap<LabelId, u32> = HashMap::new();
    document.list("categories")?;
    for label in dataset.labels()? {
        categories.insert(label.id, label.number);
        report.labels += 1;
        document.record(&Category {
            id: label.number,
            name: &label.name,
            supercategory: "",
            color: label.color.0,
        })?;
    }
    document.end_list()?;

    document.list("images")?;
    dataset.each_item(&mut |record| {
        report.items += 1;
        let (width, height) = frame.size(&record.item.body.facts);
        let file_name = file_name(record, original);
        document.record(&Image {
            id: record.item.body.number,
            width,
            height,
            file_name: &file_name,
        })
    })?;
    document.end_list()?;

    document.list("annotations")?;
    let mut empty_masks = 0;
    dataset.each_annotation(&mut |record| {
        let number = record.number;
        record
            .annotation
            .shape
            .validate()
            .map_err(|source| FormatError::Record { annotation: number, source })?;
        let category_id = *categories
            .get(&record.annotation.label)
            .ok_or(FormatError::UnknownLabel { annotation: number })?;
        let Some(area) = Area::of(record, frame) else {
            report.left_out += 1;
            return Ok(());
        };
        report.annotations += 1;
        empty_masks +=
            u64::from(matches!(area.segmentation, Segmentation::Mask { .. }) && area.area == 0.0);
        document.record(&Annotation {
            id: number,
            image_id: record.item_number,
            category_id,
            area: &area,
        })
    })?;
    document.end_list()?;
    report.losses.extend(Loss::of(
        "polygons with holes that cover no pixel's centre",
        empty_masks,
        "Their masks are empty; their boxes are kept.",
    ));
    let bytes = document.finish()?;
    report.files.push(WrittenFile { path: FILE.into(), bytes });
    Ok(report)
}

/// An image's name; never one that JSON can't hold.
fn file_name(record: &ItemRecord, original: bool) -> String {
    let body = &record.item.body;
    match (&record.media_path, std::str::from_utf8(body.path.as_bytes())) {
        (Some(path), _) if !original => path.clone(),
        (_, Ok(path)) => path.to_owned(),
        // The identifier finds the item again; a name with replaced characters might be another's.
        (_, Err(_)) => format!("{}.{}", record.item.id, body.facts.format.extension()),
    }
}

/// What COCO says of one area.
struct Area {
    bbox: [f64; 4],
    area: f64,
    segmentation: Segmentation,
}

enum Segmentation {
    None,
    Ring(Vec<XY>),
    Mask { size: [u32; 2], counts: Vec<u32> },
}

impl Area {
    /// The annotation's area in `frame`; `None` for shapes without interior.
    fn of(record: &AnnotationRecord, frame: Frame) -> Option<Self> {
        let facts = &record.facts;
        let turned;
        let shape = if frame == Frame::Stored && facts.orientation != 1 {
            turned = record.annotation.shape.mapped(&|point| to_stored(facts, point));
            &turned
        } else {
            &record.annotation.shape
        };
        match shape {
            Shape::Box(b) => Some(Self {
                bbox: [b.x, b.y, b.width, b.height],
                area: b.width * b.height,
                segmentation: Segmentation::None,
            }),
            Shape::Polygon(polygon) if polygon.holes.is_empty() => Some(Self {
                bbox: bbox(polygon),
                area: ring_area(&polygon.outer),
                segmentation: Segmentation::Ring(polygon.outer.clone()),
            }),
            Shape::Polygon(polygon) => Some(Self::mask(polygon, frame, facts)),
            // A kind that this writer does not know, but that has an interior, is a polygon to COCO.
            other => {
                let rings = other.rings()?;
                let polygon = Polygon { outer: rings.outer, holes: rings.holes };
                Some(if polygon.holes.is_empty() {
                    Self {
                        bbox: bbox(&polygon),
                        area: ring_area(&polygon.outer),
                        segmentation: Segmentation::Ring(polygon.outer),
                    }
                } else {
                    Self::mask(&polygon, frame, facts)
                })
            }
        }
    }

    fn mask(polygon: &Polygon, frame: Frame, facts: &ImageFacts) -> Self {
        let (width, height) = frame.size(facts);
        let mask = rle::of_polygon(polygon, width, height);
        Self {
            bbox: bbox(polygon),
            area: mask.area as f64,
            segmentation: Segmentation::Mask { size: [height, width], counts: mask.counts },
        }
    }
}

fn bbox(polygon: &Polygon) -> [f64; 4] {
    let bounds = polygon.bounds();
    [bounds.left, bounds.top, bounds.width(), bounds.height()]
}

#[derive(Serialize)]
struct Info<'a> {
    description: &'a str,
    url: &'a str,
    version: &'a str,
    contributor: &'a str,
    date_created: &'a str,
    marking: &'a str,
    vaultmark: Stated,
}

/// What readers should know of the coordinates, under a key of our own.
#[derive(Serialize)]
struct Stated {
    format: u32,
    project: ProjectId,
    frame: &'static str,
    coordinates: &'static str,
}

impl<'a> Info<'a> {
    fn of(project: &'a ProjectFacts, frame: Frame) -> Self {
        Self {
            description: &project.name,
            url: "",
            version: "1.0",
            contributor: "",
            date_created: "",
            marking: project.marking.text(),
            vaultmark: Stated {
                format: 1,
                project: project.id,
                frame: frame.word(),
                coordinates: match frame {
                    Frame::Upright => {
                        "continuous pixels from the top-left corner of the image as displayed, EXIF orientation applied"
                    }
                    Frame::Stored => {
                        "continuous pixels from the top-left corner of the image as stored, EXIF orientation ignored"
                    }
                },
            },
        }
    }
}

#[derive(Serialize)]
struct Category<'a> {
    id: u32,
    name: &'a str,
    supercategory: &'a str,
    color: [u8; 3],
}

#[derive(Serialize)]
struct Image<'a> {
    id: u32,
    width: u32,
    height: u32,
    file_name: &'a str,
}

struct Annotation<'a> {
    id: u64,
    image_id: u32,
    category_id: u32,
    area: &'a Area,
}

impl Serialize for Annotation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("annotation", 7)?;
        record.serialize_field("id", &self.id)?;
        record.serialize_field("image_id", &self.image_id)?;
        record.serialize_field("category_id", &self.category_id)?;
        record.serialize_field("bbox", &self.area.bbox)?;
        record.serialize_field("area", &self.area.area)?;
        record.serialize_field("iscrowd", &0)?;
        record.serialize_field("segmentation", &self.area.segmentation)?;
        record.end()
    }
}

impl Serialize for Segmentation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_seq(Some(0))?.end(),
            Self::Ring(ring) => {
                let mut rings = serializer.serialize_seq(Some(1))?;
                rings.serialize_element(&Flat(ring))?;
                rings.end()
            }
            Self::Mask { size, counts } => {
                let mut mask = serializer.serialize_struct("mask", 2)?;
                mask.serialize_field("size", size)?;
                mask.serialize_field("counts", counts)?;
                mask.end()
            }
        }
    }
}

/// `[x0, y0, x1, y1, …]`.
struct Flat<'a>(&'a [XY]);

impl Serialize for Flat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().flatten())
    }
}
