//! The second pass: annotations, one at a time, to the sink.

use std::collections::HashMap;
use std::io::{self, Read};

use vaultmark_model::{LabelId, Shape};

use super::SETTINGS;
use super::geometry::{Shapes, shapes};
use super::record::{AnnotationRecord, parse};
use super::tables::{Halt, Image, Pass, Tables};
use crate::frame::shape_to_upright;
use crate::ids::{Ids, Met};
use crate::json::scan::{ScanError, Scanner};
use crate::limits::ID_BYTES;
use crate::report::{Place, taken};
use crate::sink::HIGHEST_NUMBER;
use crate::{
    Direction, FormatError, Frame, Input, ItemRef, LabelHint, NewAnnotation, ReadOptions,
    ReadReport, Sink, text,
};

pub(super) fn read(
    inputs: &[Input],
    sink: &mut dyn Sink,
    options: &ReadOptions,
) -> Result<ReadReport, FormatError> {
    let settings = options.settings.effective(&SETTINGS, Direction::Read);
    let mut report = ReadReport::new("coco", settings);
    for input in inputs {
        report.files += 1;
        let file = input.name.as_str();
        let halt = match read_one(input, sink, options, &mut report) {
            Ok(()) => continue,
            Err(Halt::Format(error)) => return Err(error),
            Err(Halt::Scan(error)) => error,
        };
        let (line, why) = match halt {
            ScanError::Malformed { line, why } => (Some(line), why),
            ScanError::Io(error) => match text::why_not_text(&error) {
                Some(why) => (None, why),
                None => return Err(FormatError::Input { file: file.into(), source: error }),
            },
        };
        report.refused.push(Place { file, line }.note("the file", why));
    }
    Ok(report)
}

fn open(input: &Input) -> Result<Box<dyn Read>, ScanError> {
    let opened: io::Result<_> = (input.open)().and_then(text::utf8);
    opened.map_err(ScanError::Io)
}

fn read_one(
    input: &Input,
    sink: &mut dyn Sink,
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<(), Halt> {
    let file = input.name.as_str();
    let tables = Pass { file, sink, options, report }.run(open(input)?)?;
    let labels = labels(file, &tables, sink, report)?;
    let mut reading = Reading { file, tables, labels, sink, report, ids: Ids::default(), index: 0 };
    let mut scanner = Scanner::new(open(input)?);
    scanner.open()?;
    while let Some(name) = scanner.section()? {
        if name == "annotations" && scanner.is_array()? {
            scanner.records::<Halt>(&mut |line, bytes| Ok(reading.record(line, bytes)?))?;
        } else {
            scanner.skip()?;
        }
    }
    let Reading { tables, report, .. } = reading;
    tables.ignored.report(file, report);
    Ok(())
}

/// Every category becomes a label, in the file's order, used or not: they are the schema.
fn labels(
    file: &str,
    tables: &Tables,
    sink: &mut dyn Sink,
    report: &mut ReadReport,
) -> Result<HashMap<i128, LabelId>, Halt> {
    let mut labels = HashMap::new();
    for category in &tables.categories {
        let number = u32::try_from(category.id).ok().filter(|number| *number > 0);
        let hint = LabelHint { color: category.color, number };
        match taken(sink.label(&category.name, hint))? {
            Ok(label) => {
                report.labels += 1;
                labels.insert(category.id, label);
            }
            Err(reason) => {
                let place = Place { file, line: Some(category.line) };
                report.refused.push(place.note(format!("category {}", category.id), reason));
            }
        }
    }
    Ok(labels)
}

struct Reading<'a> {
    file: &'a str,
    tables: Tables,
    labels: HashMap<i128, LabelId>,
    sink: &'a mut dyn Sink,
    report: &'a mut ReadReport,
    ids: Ids,
    index: u64,
}

/// Why a record was not taken.
enum Refusal {
    Because(String),
    /// A refused image stands for it already.
    Counted,
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Because(reason)
    }
}

impl<'a> Reading<'a> {
    fn record(&mut self, line: u64, bytes: &[u8]) -> Result<(), FormatError> {
        self.index += 1;
        self.report.records += 1;
        let place = Place { file: self.file, line: Some(line) };
        let (record, problem) = match parse::<AnnotationRecord>(bytes) {
            Ok(record) => (record, None),
            Err((record, reason)) => (record, Some(reason)),
        };
        let id = record.id;
        let refusal = match problem {
            Some(reason) => Err(Refusal::Because(reason)),
            None => self.take(place, record)?,
        };
        if let Err(Refusal::Because(reason)) = refusal {
            let name = self.name(id);
            self.report.refused.push(place.about_one(name, reason));
        }
        Ok(())
    }

    fn name(&self, id: Option<i128>) -> String {
        match id {
            Some(id) => format!("annotation {id}"),
            None => format!("annotation no. {} of the list", self.index),
        }
    }

    fn take(
        &mut self,
        place: Place<'a>,
        mut record: AnnotationRecord,
    ) -> Result<Result<(), Refusal>, FormatError> {
        let unknown = std::mem::take(&mut record.unknown);
        self.tables.ignored.add("annotations", unknown, place.line.unwrap_or(0));
        let prepared = match self.prepare(record) {
            Ok(prepared) => prepared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Prepared { id, item, label, frame, shapes, repairs, crowd } = prepared;
        for (i, shape) in shapes.into_iter().enumerate() {
            let shape = shape_to_upright(shape, frame, &item.facts);
            let mut new = NewAnnotation::new(item.id, label, shape, "coco");
            new.number = if i == 0 { number_of(id) } else { None };
            if crowd {
                new.flagged = true;
                new.note = "crowd".into();
            }
            match taken(self.sink.annotation(new))? {
                Ok(()) => self.report.annotations += 1,
                Err(reason) => return Ok(Err(Refusal::Because(reason))),
            }
        }
        for repair in repairs {
            let name = self.name(Some(id));
            self.report.repaired.push(place.about_one(name, repair));
        }
        Ok(Ok(()))
    }

    /// Everything about a record that does not need the project.
    fn prepare(&mut self, record: AnnotationRecord) -> Result<Prepared, Refusal> {
        let missing = |key: &str| Refusal::Because(format!("the key `{key}` is missing"));
        if record.is_panoptic {
            return Err(Refusal::Because("it is a panoptic segmentation, not an instance".into()));
        }
        if record.is_caption {
            return Err(Refusal::Because("it is a caption, not an instance".into()));
        }
        let id = record.id.ok_or_else(|| missing("id"))?;
        match self.ids.meet(id, ID_BYTES) {
            Met::New => {}
            Met::Again => {
                let reason = format!("another annotation has the id {id}; the first one counts");
                return Err(Refusal::Because(reason));
            }
            Met::TooScattered => {
                let reason = format!(
                    "whether another annotation has the id {id} can't be told any more: the ids of \
                     the file are too many and too far apart; number them from 1, or split the file"
                );
                return Err(Refusal::Because(reason));
            }
        }
        let image = record.image.ok_or_else(|| missing("image_id"))?;
        let category = record.category.ok_or_else(|| missing("category_id"))?;
        let (item, frame) = match self.tables.images.get(&image) {
            Some(Image::Found(item, frame)) => (*item, *frame),
            Some(Image::Refused(at)) => {
                self.report.refused.add_annotations(*at, 1);
                return Err(Refusal::Counted);
            }
            None => {
                let reason = format!("`image_id` {image} is not among the images of the file");
                return Err(Refusal::Because(reason));
            }
        };
        let label = match self.labels.get(&category) {
            Some(label) => *label,
            None => {
                let why = if self.tables.refused_categories.contains(&category) {
                    "names a category that was refused"
                } else {
                    "is not among the categories of the file"
                };
                return Err(Refusal::Because(format!("`category_id` {category} {why}")));
            }
        };
        let crowd = match record.crowd {
            None | Some(0) => false,
            Some(1) => true,
            Some(other) => {
                return Err(Refusal::Because(format!("`iscrowd` is {other}, 0 or 1 is expected")));
            }
        };
        let Shapes { shapes, mut repairs } = shapes(record.bbox, record.segmentation)?;
        if crowd {
            repairs.push("`iscrowd` became a flag and the note `crowd`".into());
        }
        Ok(Prepared { id, item, label, frame, shapes, repairs, crowd })
    }
}

/// The annotation's integer where the project can keep it.
fn number_of(id: i128) -> Option<u64> {
    u64::try_from(id).ok().filter(|number| (1..=HIGHEST_NUMBER).contains(number))
}

/// A record that is ready for the project.
struct Prepared {
    id: i128,
    item: ItemRef,
    label: LabelId,
    frame: Frame,
    shapes: Vec<Shape>,
    repairs: Vec<String>,
    crowd: bool,
}
