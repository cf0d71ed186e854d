//! Exporting half a million boxes as COCO, out of the database, through the one door; against
//! serialising the same records from memory into a durable file.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use vaultmark::journeys::export::{self, Form, Request};
use vaultmark::journeys::projects;
use vaultmark::model::work::Work;

use crate::boxes::{self, IMAGES, LABELS, PER_IMAGE};
use crate::desk::{Desk, Outcome, contest, sign_in};
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
    let (ours, baseline) = contest(4, ours, baseline)?;
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
    };
    let start = Instant::now();
    let report = Work::quiet(|work| export::perform(&session, &request, to, work))?;
    let time = start.elapsed();
    if report.census.annotations() != (IMAGES * PER_IMAGE) as u64 {
        return Err(format!("{} boxes went out", report.census.annotations()).into());
    }
    drop(session.lock()?);
    Ok(time)
}

#[derive(Serialize)]
struct Document {
    images: Vec<Image>,
    categories: Vec<Category>,
    annotations: Vec<Annotation>,
}

#[derive(Serialize)]
struct Image {
    id: usize,
    width: u32,
    height: u32,
    file_name: String,
}

#[derive(Serialize)]
struct Category {
    id: usize,
    name: String,
    supercategory: &'static str,
}

#[derive(Serialize)]
struct Annotation {
    id: usize,
    image_id: usize,
    category_id: usize,
    bbox: [f64; 4],
    area: f64,
    iscrowd: u8,
    segmentation: [f64; 0],
}

/// Serialises the same records.
pub fn baseline(to: &Path) -> Outcome<Duration> {
    let document = Document {
        images: (0..IMAGES)
            .map(|n| Image { id: n + 1, width: 640, height: 480, file_name: boxes::name(n) })
            .collect(),
        categories: (0..LABELS)
            .map(|n| Category { id: n + 1, name: boxes::label(n), supercategory: "" })
            .collect(),
        annotations: (1..)
            .zip(boxes::all())
            .map(|(id, one)| {
                let bbox = one.pixels();
                Annotation {
                    id,
                    image_id: one.image + 1,
                    category_id: one.label + 1,
                    bbox,
                    area: bbox[2] * bbox[3],
                    iscrowd: 0,
                    segmentation: [],
                }
            })
            .collect(),
    };
    let start = Instant::now();
    let mut out = BufWriter::with_capacity(1 << 20, File::create_new(to)?);
    serde_json::to_writer(&mut out, &document)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(start.elapsed())
}
