//! Damaged files: every byte flipped, doubled, removed and cut at. Never a panic, never more than
//! was there, and nothing of a file that is refused as a whole.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{facts, image, item, read_with};
use proptest::prelude::*;
use vaultmark_formats::memory::MemoryProject;
use vaultmark_formats::{ReadOptions, WriteOptions};

const VOC: &str = "<?xml version=\"1.0\"?>\n<annotation>\n<folder>x</folder><filename>a.jpg</filename>\n\
<size><width>640</width><height>480</height></size>\n\
<object><name>tree &amp; bush</name><truncated>1</truncated><bndbox><xmin>1</xmin><ymin>2.5</ymin>\
<xmax>40</xmax><ymax>60</ymax></bndbox></object>\n<!-- two --><object><name><![CDATA[x]]></name><bndbox>\
<xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>6</ymax></bndbox></object>\n</annotation>\n";

const COCO: &str = r#"{"info": {"vaultmark": {"frame": "upright"}}, "images": [{"id": 1, "file_name": "x/a.jpg", "width": 640, "height": 480}],
"categories": [{"id": 1, "name": "tree", "color": [1, 2, 3]}], "annotations": [
{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1.5, 2, 3e0, 4], "segmentation": [], "iscrowd": 0},
{"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9.25]], "attributes": {"a": "\"\u00e9"}}]}
"#;

fn project() -> MemoryProject {
    let mut project = MemoryProject::new(facts()).taking_items();
    project.add_item(item(1, b"x/a.jpg", image(640, 480, 6)));
    project
}

fn native() -> Vec<u8> {
    let mut project = project();
    read_with("voc", VOC.as_bytes(), &mut project, &ReadOptions::default()).unwrap();
    read_with("coco", COCO.as_bytes(), &mut project, &ReadOptions::default()).unwrap();
    common::write("native", &mut project, &WriteOptions::default()).0
}

fn sound() -> Vec<(&'static str, Vec<u8>, usize)> {
    vec![
        ("voc", VOC.as_bytes().to_vec(), 2),
        ("coco", COCO.as_bytes().to_vec(), 2),
        ("native", native(), 4),
    ]
}

/// Reads damaged bytes both ways and checks what holds whatever is in them.
fn survive(format: &str, bytes: &[u8], most: usize) {
    let mut target = project();
    let report = read_with(format, bytes, &mut target, &ReadOptions::default()).unwrap();
    assert!(target.annotations().len() <= most);
    assert_eq!(report.annotations, target.annotations().len() as u64);
    if report.refused.list().iter().any(|note| note.record == "the file") {
        assert!(target.annotations().is_empty(), "{:#?}", report.refused);
    }
    let mut strict = project();
    let result = read_with(format, bytes, &mut strict, &ReadOptions::default().strict());
    assert_eq!(result.is_ok(), report.refused.count() == 0);
    if result.is_err() {
        assert!(strict.annotations().is_empty());
    }
    // What was taken can always be written.
    common::write("native", &mut target, &WriteOptions::default());
    common::write("coco", &mut target, &WriteOptions::default());
}

#[test]
fn every_byte_flipped_removed_doubled_or_the_last() {
    for (format, bytes, count) in sound() {
        survive(format, &bytes, count);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            survive(format, &flipped, count);
            survive(format, &[&bytes[..at], &bytes[at + 1..]].concat(), count);
            survive(format, &[&bytes[..=at], &bytes[at..]].concat(), count);
            survive(format, &bytes[..at], count);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn pieces_in_any_order(cuts in proptest::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 1..6), which in 0_usize..3) {
        let (format, bytes, _) = sound().swap_remove(which);
        let at = |share: f64| (share * bytes.len() as f64) as usize;
        let mixed: Vec<u8> = cuts.iter()
            .flat_map(|&(a, b)| bytes[at(a.min(b))..at(a.max(b))].to_vec())
            .collect();
        survive(format, &mixed, usize::MAX);
        let spliced = [&bytes[..at(cuts[0].0)], &mixed, &bytes[at(cuts[0].0)..]].concat();
        survive(format, &spliced, usize::MAX);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), which in 0_usize..3) {
        let (format, ..) = sound().swap_remove(which);
        survive(format, &bytes, 0);
    }
}
