//! From documents to the sink.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use vaultmark_model::shape::BoundingBox;
use vaultmark_model::text::check_name;
use vaultmark_model::{LabelId, Shape};

use super::document::{CORNERS, Document, FILE_BYTES, Object, parse};
use super::{OFFSET, SETTINGS};
use crate::frame::{READ_FRAME, Resolved, resolve, shape_to_upright};
use crate::limits::{CLASSES, UNREAD_ELEMENTS};
use crate::lookup::{Sought, base_name, clean, last_two, seek, seek_id};
use crate::report::{Place, taken};
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
    let mut reading = Reading {
        sink,
        report: ReadReport::new("voc", settings),
        inclusive: options.settings.word(&OFFSET) == "1",
        frame: options.settings.word(&READ_FRAME),
        labels: HashMap::new(),
        unread: BTreeMap::new(),
    };
    for input in inputs {
        reading.file(input)?;
    }
    let Reading { mut report, unread, .. } = reading;
    for (what, (count, file, line)) in unread {
        let place = Place { file: &file, line: Some(line) };
        let reason = format!("<{what}> is not read; it stands {count} times in the files");
        report.skipped.push(place.note("elements", reason));
    }
    Ok(report)
}

struct Reading<'a> {
    sink: &'a mut dyn Sink,
    report: ReadReport,
    inclusive: bool,
    frame: &'a str,
    labels: HashMap<String, Result<LabelId, String>>,
    /// Elements that are not read: how many, and where the first stands.
    unread: BTreeMap<String, (u64, String, u64)>,
}

impl Reading<'_> {
    fn file(&mut self, input: &Input) -> Result<(), FormatError> {
        self.report.files += 1;
        let file = input.name.as_str();
        let whole = |line, why: String| Place { file, line }.note("the file", why);
        let bytes = match load(input)? {
            Ok(bytes) => bytes,
            Err(why) => {
                self.report.refused.push(whole(None, why));
                return Ok(());
            }
        };
        let document = match parse(bytes) {
            Ok(document) => document,
            Err(malformed) => {
                self.report.refused.push(whole(Some(malformed.line), malformed.why));
                return Ok(());
            }
        };
        self.report.records += document.objects.len() as u64;
        let (item, by_base_name) = match self.item(&document)? {
            Ok(found) => found,
            Err(reason) => {
                let mut note = whole(None, reason);
                note.annotations = document.objects.len() as u64;
                self.report.refused.push(note);
                return Ok(());
            }
        };
        self.report.items += 1;
        if let Some(reason) = by_base_name {
            self.report.guessed.push(whole(None, reason));
        }
        let size = size(&document);
        let Resolved { frame, guess } = resolve(self.frame, None, size, &item.facts);
        if let Some(reason) = guess {
            self.report.guessed.push(whole(None, reason));
        }
        for (what, (count, line)) in &document.unread {
            if self.unread.len() < UNREAD_ELEMENTS || self.unread.contains_key(what) {
                let entry = self.unread.entry(what.clone());
                entry.or_insert_with(|| (0, file.to_owned(), *line)).0 += count;
            }
        }
        for (index, object) in document.objects.iter().enumerate() {
            let place = Place { file, line: Some(object.line) };
            let record = match object.name.as_deref() {
                Some(name) if !name.is_empty() => format!("object {} ({name})", index + 1),
                _ => format!("object {}", index + 1),
            };
            let refusal = match self.object(object, &item, frame)? {
                Ok(said) => {
                    self.report.annotations += 1;
                    if let Some(repair) = said.repair {
                        self.report.repaired.push(place.about_one(record.clone(), repair));
                    }
                    if let Some(guess) = said.guess {
                        self.report.guessed.push(place.about_one(record, guess));
                    }
                    continue;
                }
                Err(reason) => reason,
            };
            self.report.refused.push(place.about_one(record, refusal));
        }
        Ok(())
    }

    /// The image that the file is about, and what is worth saying of how it was found.
    fn item(
        &mut self,
        document: &Document,
    ) -> Result<Result<(ItemRef, Option<String>), String>, FormatError> {
        let (name, path) = (clean(&document.filename), clean(&document.path));
        let base = if name.is_empty() { base_name(&path) } else { base_name(&name) };
        if base.is_empty() {
            return Ok(Err("it names no image: `filename` and `path` are empty".into()));
        }
        let folder = clean(&document.folder);
        let with_folder = if folder.is_empty() || name.is_empty() {
            String::new()
        } else {
            format!("{}/{name}", folder.trim_end_matches('/'))
        };
        let longer = [with_folder.as_str(), &document.filename, &name, &path, last_two(&path)];
        let longer: Vec<&str> = longer.into_iter().filter(|n| *n != base).collect();
        let first = seek(self.sink, &longer)?;
        if let Sought::Found(item) = first {
            return Ok(Ok((item, None)));
        }
        match seek(self.sink, &[base])? {
            Sought::Found(item) => {
                let sought = longer.iter().find(|n| !n.is_empty());
                let guess = sought.map(|sought| {
                    format!("`{sought}` is not in the project; the only item with the base name `{base}` was taken")
                });
                Ok(Ok((item, guess)))
            }
            Sought::Ambiguous { name, count } => Ok(Err(format!(
                "`{name}` could be any of {count} items; give the file the image's folder"
            ))),
            Sought::Missing => match seek_id(self.sink, base)? {
                Some(item) => Ok(Ok((item, None))),
                None => {
                    Ok(Err(format!("its image `{base}` is not in the project; import it first")))
                }
            },
        }
    }

    /// Takes one object; answers with what is to be said of it, or the reason of its refusal.
    fn object(
        &mut self,
        object: &Object,
        item: &ItemRef,
        frame: Frame,
    ) -> Result<Result<Said, String>, FormatError> {
        let prepared = match prepare(object, self.inclusive) {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Err(reason)),
        };
        let label = match self.label(&prepared.name)? {
            Ok(label) => label,
            Err(reason) => return Ok(Err(reason)),
        };
        let shape = shape_to_upright(prepared.shape, frame, &item.facts);
        let mut new = NewAnnotation::new(item.id, label, shape, "voc");
        new.truncated = prepared.truncated;
        new.occluded = prepared.occluded;
        let mut said = Said::default();
        if prepared.difficult {
            new.flagged = true;
            new.note = "difficult".into();
            said.repair = Some("`difficult` became a flag and the note `difficult`");
        }
        if self.inclusive && prepared.below_one {
            said.guess = Some(
                "a corner lies before pixel 1, where the development kit has none; the file may mean \
                 voc_offset 0",
            );
        }
        Ok(taken(self.sink.annotation(new))?.map(|()| said))
    }

    fn label(&mut self, name: &str) -> Result<Result<LabelId, String>, FormatError> {
        if let Some(known) = self.labels.get(name) {
            return Ok(known.clone());
        }
        // Remembered are refusals too, so what no project takes is not asked about.
        if let Err(error) = check_name("label name", name) {
            return Ok(Err(error.to_string()));
        }
        if self.labels.len() == CLASSES {
            let reason =
                format!("the files name more than {CLASSES} classes; import them in parts");
            return Ok(Err(reason));
        }
        let label = taken(self.sink.label(name, LabelHint::default()))?;
        self.report.labels += u64::from(label.is_ok());
        self.labels.insert(name.to_owned(), label.clone());
        Ok(label)
    }
}

/// The file's bytes as UTF-8, or why it is refused.
fn load(input: &Input) -> Result<Result<Vec<u8>, String>, FormatError> {
    let mut bytes = Vec::new();
    let read = (input.open)()
        .and_then(text::utf8)
        .and_then(|reader| reader.take(FILE_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > FILE_BYTES => {
            Ok(Err(format!("it is larger than {FILE_BYTES} bytes, more than one image needs")))
        }
        Ok(_) => Ok(Ok(bytes)),
        Err(error) => match text::why_not_text(&error) {
            Some(why) => Ok(Err(why)),
            None => Err(FormatError::Input { file: input.name.clone(), source: error }),
        },
    }
}

/// The stated size; none where it is missing, zero or no number.
fn size(document: &Document) -> Option<(u32, u32)> {
    let side = |text: &str| {
        let side: f64 = text.parse().ok()?;
        (side >= 1.0 && side <= f64::from(u32::MAX) && side.fract() == 0.0).then_some(side as u32)
    };
    side(&document.width).zip(side(&document.height))
}

/// What is to be said of an object that was taken.
#[derive(Default)]
struct Said {
    repair: Option<&'static str>,
    guess: Option<&'static str>,
}

/// An object that is sound.
struct Prepared {
    name: String,
    shape: Shape,
    truncated: bool,
    occluded: bool,
    difficult: bool,
    below_one: bool,
}

fn prepare(object: &Object, inclusive: bool) -> Result<Prepared, String> {
    if let Some(name) = object.twice {
        return Err(format!("<{name}> stands there twice"));
    }
    let name = object.name.clone().filter(|name| !name.is_empty()).ok_or("it has no <name>")?;
    if object.boxes != 1 {
        return Err(match object.boxes {
            0 => "it has no <bndbox>".into(),
            n => format!("it has {n} <bndbox>, one is expected"),
        });
    }
    let mut corners = [0.0; 4];
    for (corner, (text, name)) in corners.iter_mut().zip(object.corners.iter().zip(CORNERS)) {
        let text = text.as_deref().ok_or_else(|| format!("its <bndbox> has no <{name}>"))?;
        *corner = text
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite())
            .ok_or_else(|| format!("<{name}> is `{text:.40}`, which is not a number"))?;
    }
    let [xmin, ymin, xmax, ymax] = corners;
    let one = if inclusive { 1.0 } else { 0.0 };
    let shape = BoundingBox {
        x: xmin - one,
        y: ymin - one,
        width: xmax - xmin + one,
        height: ymax - ymin + one,
    };
    if !(shape.width > 0.0 && shape.height > 0.0) {
        return Err(format!(
            "its box has no area: xmin {xmin}, ymin {ymin}, xmax {xmax}, ymax {ymax}"
        ));
    }
    let shape = Shape::Box(shape);
    shape.validate().map_err(|e| e.to_string())?;
    Ok(Prepared {
        name,
        shape,
        truncated: flag("truncated", object.truncated.as_deref())?,
        occluded: flag("occluded", object.occluded.as_deref())?,
        difficult: flag("difficult", object.difficult.as_deref())?,
        below_one: xmin < 1.0 || ymin < 1.0,
    })
}

fn flag(name: &str, text: Option<&str>) -> Result<bool, String> {
    match text.unwrap_or("") {
        "" | "0" | "false" | "False" => Ok(false),
        "1" | "true" | "True" => Ok(true),
        // Degrees of truncation, which some tools write here.
        text => match text.parse::<f64>() {
            Ok(degree) if (0.0..=1.0).contains(&degree) => Ok(degree > 0.0),
            _ => Err(format!("<{name}> is `{text:.40}`; 0 or 1 is expected")),
        },
    }
}
