//! Exporting half a million boxes as COCO, out of the database, through the one door, hashed and
//! recorded; against the same writer fed from memory, into a durable file of the same bytes.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use vaultmark::formats::{
    AnnotationRecord, Dataset, FormatError, ItemRecord, Output, ProjectFacts, WriteOptions,
};
use vaultmark::journeys::export::{self, Form, Request};
use vaultmark::journeys::{interchange, projects};
use vaultmark::model::annotation::Source;
use vaultmark::model::shape::{BoundingBox, Shape};
use vaultmark::model::work::Work;
use vaultmark::model::{
    Annotation, AnnotationId, Color, Item, ItemId, Label, LabelId, Marking, ProjectId,
};

use crate::boxes::{self, IMAGES, LABELS, PER_IMAGE};
use crate::desk::{Desk, Outcome, contest, sign_in};
use crate::made::{Dice, FACTS};
use crate::table::Row;
use crate::worker;

const MEMORY: u64 = 200_000_000;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let vault = &desk.imports()?.vault;
    let mut peak = 0;
    let once = |words: &[&Path], work: &str, to: &Path| {
        let told = worker::ask(work, words)?;
        let bytes = to.metadata()?.len();
        fs::remove_file(to)?;
        // Half a million records are no small file: a shorter one would be another's work.
        if bytes < 50_000_000 { Err(format!("{bytes} bytes came out").into()) } else { Ok(told) }
    };
    let ours = |_| {
        let to = desk.path("out.json");
        let told = once(&[vault, "round 0".as_ref(), &to], "export", &to)?;
        peak = peak.max(told.peak);
        Ok(told.time)
    };
    let baseline = |_| {
        let to = desk.path("plain.json");
        once(&[&to], "serialise", &to).map(|told| told.time)
    };
    let (ours, baseline) = contest(7, ours, baseline)?;
    Ok(vec![
        Row::Ratio { work: "export them as COCO", ours, baseline, bound: 2.0 },
        Row::Memory { work: "  its memory", peak, bound: MEMORY },
    ])
}

/// Exports a project.
pub fn ours(vault: &Path, project: &str, to: &Path) -> Outcome<Duration> {
    let session = sign_in(vault)?;
    let project = projects::find(&session, Some(project))?;
    let request = Request {
        project,
        form: Form::Bare { format: "coco".into() },
        marking: None,
        justification: "a benchmark".into(),
        agreed: None,
    };
    let proof = session.just_signed_in()?;
    let start = Instant::now();
    let report = Work::quiet(|work| export::perform(&session, proof, &request, to, work))?;
    let time = start.elapsed();
    if report.census.annotations() != (IMAGES * PER_IMAGE) as u64 {
        return Err(format!("{} boxes went out", report.census.annotations()).into());
    }
    drop(session.lock()?);
    Ok(time)
}

/// The same project in memory: everything ready, nothing to look up, decrypt or hash.
struct Memory {
    labels: Vec<Label>,
    items: Vec<ItemRecord>,
    annotations: Vec<AnnotationRecord>,
}

impl Memory {
    fn new() -> Outcome<Self> {
        let mut dice = Dice(4);
        let label = |n: usize, id| Label {
            id: LabelId::from_bytes(id),
            name: boxes::label(n),
            color: Color([0, 128, 0]),
            key: None,
            number: n as u32 + 1,
        };
        let labels: Vec<Label> = (0..LABELS).map(|n| label(n, dice.id())).collect();
        let mut items = Vec::with_capacity(IMAGES);
        for image in 0..IMAGES {
            let id = ItemId::from_bytes(dice.id());
            let body = boxes::item_body(image, [0; 64], u32::try_from(image)? + 1)?;
            let item = Item { id, body, flagged: false, done: false, note: String::new() };
            items.push(ItemRecord { item, media_path: None });
        }
        let mut annotations = Vec::with_capacity(IMAGES * PER_IMAGE);
        for (number, one) in (1..).zip(boxes::all()) {
            let [x, y, width, height] = one.pixels();
            let annotation = Annotation {
                id: AnnotationId::from_bytes(dice.id()),
                item: items[one.image].item.id,
                label: labels[one.label].id,
                shape: Shape::Box(BoundingBox { x, y, width, height }),
                z_order: 0,
                flagged: false,
                occluded: false,
                truncated: false,
                locked: false,
                hidden: false,
                note: String::new(),
                source: Source::Person,
            };
            let item_number = u32::try_from(one.image)? + 1;
            annotations.push(AnnotationRecord { annotation, number, item_number, facts: FACTS });
        }
        Ok(Self { labels, items, annotations })
    }
}

impl Dataset for Memory {
    fn project(&mut self) -> Result<ProjectFacts, FormatError> {
        Ok(ProjectFacts {
            id: ProjectId::from_bytes([1; 16]),
            name: "round 0".into(),
            marking: Marking::new("UNCLASSIFIED").map_err(FormatError::dataset)?,
            heads: Vec::new(),
        })
    }

    fn labels(&mut self) -> Result<Vec<Label>, FormatError> {
        Ok(self.labels.clone())
    }

    fn each_item(
        &mut self,
        each: &mut dyn FnMut(&ItemRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        self.items.iter().try_for_each(each)
    }

    fn each_annotation(
        &mut self,
        each: &mut dyn FnMut(&AnnotationRecord) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        self.annotations.iter().try_for_each(each)
    }
}

/// One file.
struct OneFile(File);

impl Output for OneFile {
    fn file(&mut self, _path: &str) -> Result<Box<dyn Write + '_>, FormatError> {
        Ok(Box::new(&mut self.0))
    }
}

/// Serialises the same records.
pub fn baseline(to: &Path) -> Outcome<Duration> {
    let mut memory = Memory::new()?;
    let coco = interchange::writable("coco")?;
    let start = Instant::now();
    let mut out = OneFile(File::create_new(to)?);
    coco.write(&mut memory, &mut out, &WriteOptions::default())?;
    out.0.sync_all()?;
    Ok(start.elapsed())
}
