//! Annotation files of other programs and our own.

use vaultmark_formats::memory::{MemoryOutput, MemoryProject};
use vaultmark_formats::{
    FormatError, Input, ProjectFacts, ReadOptions, ReadReport, WriteOptions, find,
};
use vaultmark_model::item::ItemBody;
use vaultmark_model::{
    Digest, ImageFacts, Item, ItemId, ItemPath, Marking, MediaFormat, ProjectId, ReplicaId,
    SampleFormat,
};

/// COCO JSON.
pub fn coco(bytes: &[u8]) {
    annotations("coco", bytes);
}

/// Pascal VOC XML.
pub fn voc(bytes: &[u8]) {
    annotations("voc", bytes);
}

/// Vaultmark JSON.
pub fn native(bytes: &[u8]) {
    annotations("native", bytes);
}

/// Reads strictly and not, and writes what was taken.
fn annotations(format: &str, bytes: &[u8]) {
    let mut target = project();
    let report = read(format, bytes, &mut target, &ReadOptions::default())
        .expect("bytes in memory can be read, whatever is in them");
    assert_eq!(report.annotations, target.annotations().len() as u64);
    for note in [&report.refused, &report.repaired, &report.guessed, &report.skipped] {
        assert!(note.count() >= note.list().len() as u64);
    }
    if report.refused.list().iter().any(|note| note.record == "the file") {
        assert!(target.annotations().is_empty(), "a file is refused and taken");
    }
    for record in target.annotations() {
        record.annotation.shape.validate().expect("a shape that was taken is valid");
    }
    let mut strict = project();
    let outcome = read(format, bytes, &mut strict, &ReadOptions::default().strict());
    assert_eq!(outcome.is_ok(), report.refused.count() == 0);
    if outcome.is_err() {
        assert!(strict.annotations().is_empty(), "strict reading takes all or nothing");
    }
    write("coco", &mut target);
    // Our own format loses nothing: written, read and written again it is the same.
    let written = write("native", &mut target);
    let mut again = project();
    let report = read("native", &written, &mut again, &ReadOptions::default().strict())
        .expect("our own format reads back");
    assert_eq!(report.annotations, target.annotations().len() as u64);
    assert!(write("native", &mut again) == written, "our own format changes on the way");
}

fn read(
    format: &str,
    bytes: &[u8],
    project: &mut MemoryProject,
    options: &ReadOptions,
) -> Result<ReadReport, FormatError> {
    let format = find(format).expect("a format of ours");
    format.read(&[Input::bytes("in", bytes.to_vec())], project, options)
}

fn write(format: &str, project: &mut MemoryProject) -> Vec<u8> {
    let mut output = MemoryOutput::default();
    let format = find(format).expect("a format of ours");
    let report = format
        .write(project, &mut output, &WriteOptions::default())
        .expect("what was taken can be written");
    assert_eq!(report.files.len(), output.0.len());
    output.0.into_values().next().unwrap_or_default()
}

/// Two images, one of them turned.
fn project() -> MemoryProject {
    let mut project = MemoryProject::new(ProjectFacts {
        id: ProjectId::from_bytes([7; 16]),
        name: "Forest — north".into(),
        marking: Marking::new("UNCLASSIFIED").expect("a marking"),
        heads: vec![(ReplicaId::from_bytes([8; 16]), 42, Digest::from_bytes([9; 64]))],
    })
    .taking_items();
    for (number, path, orientation) in [(1, "x/a.jpg", 6), (2, "b.png", 1)] {
        project.add_item(item(number, path, orientation));
    }
    project
}

fn item(number: u32, path: &str, orientation: u8) -> Item {
    let mut bytes = [0x11; 64];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    let facts = ImageFacts {
        format: MediaFormat::Jpeg,
        stored_width: 640,
        stored_height: 480,
        orientation,
        bands: 3,
        sample: SampleFormat::U8,
    };
    let body = ItemBody {
        path: ItemPath::new(path.into()).expect("a path"),
        content: Digest::from_bytes(bytes),
        crc32: number,
        size: 1000,
        facts,
        number,
    };
    let id = ItemId::from_bytes([number.to_be_bytes()[3]; 16]);
    Item { id, body, flagged: false, done: false, note: String::new() }
}
