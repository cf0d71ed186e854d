//! Reads Vaultmark JSON in three passes: the frame of the file, then labels and items, then
//! annotations. Nothing reaches the project before the first pass has met the end of the file.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use serde::Deserialize;
use vaultmark_model::{AnnotationId, ItemId, LabelId};

use super::record::{AnnotationLine, ItemRecord, LabelRecord, Project};
use super::{FORMAT, VERSION};
use crate::json::scan::{ScanError, Scanner};
use crate::json::{explain, has_long_text, long_text};
use crate::limits::{CLASSES, IDENTIFIERS, ITEMS};
use crate::report::{NoteAt, Place, taken};
use crate::{FormatError, Input, Lookup, NewAnnotation, ProjectFacts, ReadReport, Sink, text};

const SECTIONS: [&str; 6] = ["format", "version", "project", "labels", "items", "annotations"];

pub(super) fn read(inputs: &[Input], sink: &mut dyn Sink) -> Result<ReadReport, FormatError> {
    let mut report = ReadReport::new("native", Vec::new());
    for input in inputs {
        report.files += 1;
        let file = input.name.as_str();
        let mut reading = Reading {
            file,
            sink: &mut *sink,
            report: &mut report,
            labels: HashMap::new(),
            items: HashMap::new(),
            annotations: HashSet::new(),
        };
        let error = match reading.run(input) {
            Ok(()) => continue,
            Err(Halt::Format(error)) => return Err(error),
            Err(Halt::Scan(error)) => error,
        };
        let (line, why) = match error {
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

enum Halt {
    Scan(ScanError),
    Format(FormatError),
}

impl From<ScanError> for Halt {
    fn from(error: ScanError) -> Self {
        Self::Scan(error)
    }
}
impl From<FormatError> for Halt {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

fn malformed(line: u64, why: impl Into<String>) -> ScanError {
    ScanError::Malformed { line, why: why.into() }
}

fn open(input: &Input) -> Result<Scanner<Box<dyn Read>>, ScanError> {
    let opened: io::Result<_> = (input.open)().and_then(text::utf8);
    let mut scanner = Scanner::new(opened.map_err(ScanError::Io)?);
    scanner.open()?;
    Ok(scanner)
}

fn parsed<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    if has_long_text(bytes, b"") {
        return Err(long_text());
    }
    serde_json::from_slice(bytes).map_err(|error| explain(&error, bytes))
}

/// An item of the file.
enum ItemAt {
    Found(ItemId),
    Refused(NoteAt),
}

struct Reading<'a> {
    file: &'a str,
    sink: &'a mut dyn Sink,
    report: &'a mut ReadReport,
    labels: HashMap<LabelId, LabelId>,
    items: HashMap<ItemId, ItemAt>,
    annotations: HashSet<AnnotationId>,
}

impl<'a> Reading<'a> {
    fn run(&mut self, input: &Input) -> Result<(), Halt> {
        let facts = frame(open(input)?)?;
        if let Err(reason) = taken(self.sink.project(&facts))? {
            return Err(malformed(1, reason).into());
        }
        // Labels and items in one pass whatever their order, annotations in another.
        let mut scanner = open(input)?;
        while let Some(name) = scanner.section()? {
            match name.as_str() {
                "labels" => {
                    scanner.records::<Halt>(&mut |line, bytes| Ok(self.label(line, bytes)?))?;
                }
                "items" => {
                    scanner.records::<Halt>(&mut |line, bytes| Ok(self.item(line, bytes)?))?;
                }
                _ => scanner.skip()?,
            }
        }
        let mut scanner = open(input)?;
        while let Some(name) = scanner.section()? {
            if name == "annotations" {
                scanner.records::<Halt>(&mut |line, bytes| Ok(self.annotation(line, bytes)?))?;
            } else {
                scanner.skip()?;
            }
        }
        Ok(())
    }

    fn place(&self, line: u64) -> Place<'a> {
        Place { file: self.file, line: Some(line) }
    }

    fn label(&mut self, line: u64, bytes: &[u8]) -> Result<(), FormatError> {
        let label = match parsed::<LabelRecord>(bytes).and_then(LabelRecord::label) {
            Ok(label) => label,
            Err(reason) => {
                self.report.refused.push(self.place(line).note("a label", reason));
                return Ok(());
            }
        };
        let name = format!("label `{}`", label.name);
        if self.labels.contains_key(&label.id) {
            let reason = "another label has its identifier; the first one counts";
            self.report.refused.push(self.place(line).note(name, reason));
            return Ok(());
        }
        match taken(self.sink.restore_label(&label))? {
            Ok(id) => {
                self.report.labels += 1;
                self.labels.insert(label.id, id);
            }
            Err(reason) => {
                self.report.refused.push(self.place(line).note(name, reason));
            }
        }
        Ok(())
    }

    fn item(&mut self, line: u64, bytes: &[u8]) -> Result<(), FormatError> {
        let item = match parsed::<ItemRecord>(bytes).and_then(ItemRecord::item) {
            Ok(item) => item,
            Err(reason) => {
                self.report.refused.push(self.place(line).note("an item", reason));
                return Ok(());
            }
        };
        let name = format!("item `{}`", item.body.path.display());
        if self.items.contains_key(&item.id) {
            let reason = "another item has its identifier; the first one counts";
            self.report.refused.push(self.place(line).note(name, reason));
            return Ok(());
        }
        let reason = match taken(self.sink.restore_item(&item))? {
            Ok(Lookup::Found(found)) => {
                self.report.items += 1;
                let (mine, other) = (found.facts, item.body.facts);
                if (mine.width(), mine.height()) != (other.width(), other.height()) {
                    let reason = format!(
                        "the file says {} x {} pixels and the item of the project has {} x {}; \
                         coordinates were taken as they stand",
                        other.width(),
                        other.height(),
                        mine.width(),
                        mine.height()
                    );
                    self.report.guessed.push(self.place(line).note(name, reason));
                }
                self.items.insert(item.id, ItemAt::Found(found.id));
                return Ok(());
            }
            Ok(Lookup::Missing) => "it is not in the project; import the image first".to_owned(),
            Ok(Lookup::Ambiguous(n)) => format!("it could be any of {n} items of the project"),
            Err(reason) => reason,
        };
        let at = self.report.refused.push(self.place(line).note(name, reason));
        self.items.insert(item.id, ItemAt::Refused(at));
        Ok(())
    }

    fn annotation(&mut self, line: u64, bytes: &[u8]) -> Result<(), FormatError> {
        self.report.records += 1;
        let place = self.place(line);
        let checked = parsed::<AnnotationLine>(bytes).and_then(|a| a.check().map(|()| a));
        let annotation = match checked {
            Ok(annotation) => annotation,
            Err(reason) => {
                self.report.refused.push(place.about_one("an annotation", reason));
                return Ok(());
            }
        };
        let name = format!("annotation {}", annotation.number);
        let item = match self.items.get(&annotation.item) {
            Some(ItemAt::Found(item)) => Ok(*item),
            Some(ItemAt::Refused(at)) => {
                self.report.refused.add_annotations(*at, 1);
                return Ok(());
            }
            None => Err("its item is not among the items of the file"),
        };
        let label = self.labels.get(&annotation.label).copied();
        let label = label.ok_or("its label is not among the labels of the file");
        let first = if self.annotations.len() < IDENTIFIERS {
            self.annotations.insert(annotation.id)
        } else {
            !self.annotations.contains(&annotation.id)
        };
        let first = first.then_some(()).ok_or("another annotation has its identifier");
        let (item, label) =
            match item.and_then(|item| Ok((item, label?))).and_then(|v| first.map(|()| v)) {
                Ok(both) => both,
                Err(reason) => {
                    self.report.refused.push(place.about_one(name, reason));
                    return Ok(());
                }
            };
        let new = NewAnnotation {
            item,
            label,
            shape: annotation.shape.into_owned(),
            z_order: annotation.z_order,
            flagged: annotation.flagged,
            occluded: annotation.occluded,
            truncated: annotation.truncated,
            locked: annotation.locked,
            hidden: annotation.hidden,
            note: annotation.note.into_owned(),
            source: annotation.source.into_owned(),
            id: Some(annotation.id),
            number: Some(annotation.number),
        };
        match taken(self.sink.annotation(new))? {
            Ok(()) => self.report.annotations += 1,
            Err(reason) => {
                self.report.refused.push(place.about_one(name, reason));
            }
        }
        Ok(())
    }
}

/// Refuses a file that would fill the memory.
fn within(what: &str, count: usize, most: usize) -> Result<(), ScanError> {
    if count <= most {
        return Ok(());
    }
    let why = format!("it has {count} {what}; at most {most} are read from one file: split it");
    Err(malformed(1, why))
}

/// The first pass: sections, their kinds, version and project; and every bracket to the end.
fn frame(mut scanner: Scanner<Box<dyn Read>>) -> Result<ProjectFacts, ScanError> {
    let mut seen: HashSet<String> = HashSet::new();
    let (mut project, mut version) = (None, false);
    while let Some(name) = scanner.section()? {
        let list = scanner.is_array()?;
        if !SECTIONS.contains(&name.as_str()) {
            let (line, _) = scanner.value()?;
            return Err(malformed(
                line,
                format!("the section `{name:.64}` is not known to version {VERSION}"),
            ));
        }
        if list != matches!(name.as_str(), "labels" | "items" | "annotations") {
            let (line, _) = scanner.value()?;
            return Err(malformed(line, format!("the section `{name}` is of the wrong kind")));
        }
        match name.as_str() {
            "format" => {
                let (line, bytes) = scanner.value()?;
                if parsed::<String>(bytes).as_deref() != Ok(FORMAT) {
                    return Err(malformed(
                        line,
                        "`format` is not `vaultmark`: it is not Vaultmark JSON",
                    ));
                }
            }
            "version" => {
                let (line, bytes) = scanner.value()?;
                match parsed::<u64>(bytes) {
                    Ok(VERSION) => version = true,
                    Ok(newer) if newer > VERSION => {
                        let why = format!(
                            "it is of version {newer} and this program reads up to {VERSION}; use a newer program"
                        );
                        return Err(malformed(line, why));
                    }
                    _ => return Err(malformed(line, "`version` is not a version")),
                }
            }
            "project" => {
                let (line, bytes) = scanner.value()?;
                let facts = parsed::<Project>(bytes).and_then(Project::facts);
                project = Some(facts.map_err(|why| malformed(line, format!("`project`: {why}")))?);
            }
            "labels" => within("labels", scanner.count()?, CLASSES)?,
            "items" => within("items", scanner.count()?, ITEMS)?,
            _ => scanner.skip()?,
        }
        if !seen.insert(name.clone()) {
            return Err(malformed(1, format!("the section `{name}` stands there twice")));
        }
    }
    if let Some(missing) = SECTIONS.iter().find(|name| !seen.contains(**name)) {
        let why = format!("it has no section `{missing}`: it is not Vaultmark JSON");
        return Err(malformed(1, why));
    }
    match project {
        Some(project) if version => Ok(project),
        _ => Err(malformed(1, "it is not Vaultmark JSON")),
    }
}
