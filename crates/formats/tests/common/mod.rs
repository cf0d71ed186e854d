//! What the tests of formats share: small projects, inputs from text, reports as lines, and the
//! folder of real files.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::fs;
use std::path::{Path, PathBuf};

use vaultmark_formats::memory::{MemoryOutput, MemoryProject};
use vaultmark_formats::{
    Format, FormatError, Input, Note, ProjectFacts, ReadOptions, ReadReport, WriteOptions,
    WriteReport, find,
};
use vaultmark_model::item::ItemBody;
use vaultmark_model::{
    Digest, ImageFacts, Item, ItemId, ItemPath, Marking, MediaFormat, ProjectId, ReplicaId,
    SampleFormat,
};

/// Facts of a project, with one head.
pub fn facts() -> ProjectFacts {
    ProjectFacts {
        id: ProjectId::from_bytes([7; 16]),
        name: "Forest — north".into(),
        marking: Marking::new("UNCLASSIFIED").unwrap(),
        heads: vec![(ReplicaId::from_bytes([8; 16]), 42, Digest::from_bytes([9; 64]))],
    }
}

/// Facts of a JPEG whose stored raster has that size.
pub fn image(width: u32, height: u32, orientation: u8) -> ImageFacts {
    ImageFacts {
        format: MediaFormat::Jpeg,
        stored_width: width,
        stored_height: height,
        orientation,
        bands: 3,
        sample: SampleFormat::U8,
    }
}

/// An item whose identifier and content come from its number.
pub fn item(number: u32, path: &[u8], facts: ImageFacts) -> Item {
    let mut id = [0x11; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let mut content = [0x22; 64];
    content[..4].copy_from_slice(&number.to_be_bytes());
    let body = ItemBody {
        path: ItemPath::new(path.to_vec()).unwrap(),
        content: Digest::from_bytes(content),
        crc32: number ^ 0xdead_beef,
        size: 1000 + u64::from(number),
        facts,
        number,
    };
    Item { id: ItemId::from_bytes(id), body, flagged: false, done: false, note: String::new() }
}

/// A project with 640 x 480 images of these paths, numbered from 1.
pub fn project(paths: &[&str]) -> MemoryProject {
    let mut project = MemoryProject::new(facts());
    for (i, path) in paths.iter().enumerate() {
        project.add_item(item(i as u32 + 1, path.as_bytes(), image(640, 480, 1)));
    }
    project
}

pub fn format(name: &str) -> &'static dyn Format {
    find(name).unwrap()
}

/// Reads one file of that text.
pub fn read_text(name: &str, text: &str, project: &mut MemoryProject) -> ReadReport {
    read_with(name, text.as_bytes(), project, &ReadOptions::default()).unwrap()
}

pub fn read_with(
    name: &str,
    bytes: &[u8],
    project: &mut MemoryProject,
    options: &ReadOptions,
) -> Result<ReadReport, FormatError> {
    let input = Input::bytes("in", bytes.to_vec());
    format(name).read(&[input], project, options)
}

/// Writes the project; the only file's bytes.
pub fn write(
    name: &str,
    project: &mut MemoryProject,
    options: &WriteOptions,
) -> (Vec<u8>, WriteReport) {
    let mut output = MemoryOutput::default();
    let report = format(name).write(project, &mut output, options).unwrap();
    assert_eq!(report.files.len(), output.0.len());
    let (path, bytes) = output.0.pop_first().unwrap();
    assert_eq!(
        (report.files[0].path.as_str(), report.files[0].bytes),
        (path.as_str(), bytes.len() as u64)
    );
    (bytes, report)
}

/// Every note as `kind line record: reason`.
pub fn lines(report: &ReadReport) -> Vec<String> {
    let kinds = [
        ("refused", &report.refused),
        ("repaired", &report.repaired),
        ("guessed", &report.guessed),
        ("skipped", &report.skipped),
    ];
    kinds.iter().flat_map(|(kind, notes)| notes.list().iter().map(|n| line(kind, n))).collect()
}

fn line(kind: &str, note: &Note) -> String {
    let at = note.line.map_or("-".to_owned(), |line| line.to_string());
    format!("{kind} {at} {}: {}", note.record, note.reason)
}

/// The folder of real files, or `None` with one line saying so.
pub fn real_files(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/data/{folder} is not there");
    None
}

/// A file that is opened anew for each pass.
pub fn file(path: &Path) -> Input {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let path = path.to_owned();
    Input::new(name, move || Ok(Box::new(fs::File::open(&path)?)))
}

/// All files of a folder with that extension, by name.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    paths.sort();
    paths
}

/// Width and height from the header of a PNG or JPEG.
pub fn size_of(path: &Path) -> (u32, u32) {
    let bytes = fs::read(path).unwrap();
    let be16 = |at: usize| u32::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    if bytes.starts_with(b"\x89PNG") {
        return (be16(16) << 16 | be16(18), be16(20) << 16 | be16(22));
    }
    let mut at = 2;
    loop {
        let (marker, length) = (bytes[at + 1], be16(at + 2) as usize);
        if (0xc0..=0xc2).contains(&marker) {
            return (be16(at + 7), be16(at + 5));
        }
        at += 2 + length;
    }
}

/// A project of the images in a folder, under `prefix`.
pub fn project_of(folder: &Path, prefix: &str) -> MemoryProject {
    let mut project = MemoryProject::new(facts());
    let images = ["jpg", "jpeg", "png"].iter().flat_map(|e| files(folder, e)).collect::<Vec<_>>();
    for (i, path) in images.iter().enumerate() {
        let (width, height) = size_of(path);
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        project.add_item(item(i as u32 + 1, name.as_bytes(), image(width, height, 1)));
    }
    project
}
