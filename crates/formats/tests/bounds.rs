//! Files made to fill the memory: whatever is repeated in them, reading stays within a fixed bound,
//! says what there is too much of, and goes on or refuses the file.
//!
//! The files are never there as a whole: a reader makes them while they are read.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{self, Read};
use std::sync::Arc;

use common::{format, project};
use vaultmark_formats::memory::MemoryProject;
use vaultmark_formats::{Input, ReadOptions, ReadReport};

/// What a process that reads may hold at most, in KiB: the bound of `limits.rs` and the test itself.
const MOST_KIB: u64 = 620 << 10;

/// A file of a beginning, a record again and again, each with its number, and an end.
struct Made {
    head: String,
    record: Box<dyn Fn(u64) -> String + Send + Sync>,
    count: u64,
    tail: String,
}

struct Making {
    made: Arc<Made>,
    next: u64,
    held: Vec<u8>,
    at: usize,
}

impl Read for Making {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.held.len() {
            self.held.clear();
            self.at = 0;
            // The head is piece 0 and the tail the one after the last record.
            while self.held.len() < 1 << 16 && self.next <= self.made.count + 1 {
                let piece = match self.next {
                    0 => self.made.head.clone(),
                    n if n <= self.made.count => (self.made.record)(n),
                    _ => self.made.tail.clone(),
                };
                self.held.extend_from_slice(piece.as_bytes());
                self.next += 1;
            }
        }
        let count = buffer.len().min(self.held.len() - self.at);
        buffer[..count].copy_from_slice(&self.held[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn input(made: &Arc<Made>) -> Input {
    let made = Arc::clone(made);
    Input::new("in", move || {
        let made = Arc::clone(&made);
        Ok(Box::new(Making { made, next: 0, held: Vec::new(), at: 0 }))
    })
}

/// The most memory that this process has held, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Reads what is made and gives the report with the first reason of a refusal.
fn read(
    name: &str,
    head: &str,
    record: impl Fn(u64) -> String + Send + Sync + 'static,
    count: u64,
    tail: &str,
) -> (ReadReport, String, MemoryProject) {
    let record = Box::new(record);
    let made = Arc::new(Made { head: head.into(), record, count, tail: tail.into() });
    let mut target = project(&["x/a.jpg"]);
    let report = format(name).read(&[input(&made)], &mut target, &ReadOptions::default()).unwrap();
    let reason = report.refused.list().first().map_or(String::new(), |note| note.reason.clone());
    assert!(peak_kib() < MOST_KIB, "{} MiB: {reason}", peak_kib() >> 10);
    (report, reason, target)
}

const IMAGES: &str = r#""images": [{"id": 1, "file_name": "x/a.jpg"}]"#;
const CLASSES: &str = r#""categories": [{"id": 1, "name": "tree"}]"#;

/// One annotation of COCO whose text is made: `before`, the piece again and again, `after`.
fn one_record(before: &str, piece: &'static str, count: u64, after: &str) -> (ReadReport, String) {
    let head = format!("{{{IMAGES}, {CLASSES}, \"annotations\": [\n{before}");
    let (report, reason, target) =
        read("coco", &head, move |_| piece.into(), count, &format!("{after}]}}"));
    assert!(target.annotations().is_empty());
    (report, reason)
}

#[test]
fn a_record_of_too_many_values_is_no_record() {
    let keys = r#"{"id": 1, "image_id": 1, "category_id": 1, "#;
    let many = 5 << 20;
    // Numbers, empty rings, counts of runs, and values below a key that is not read.
    for (before, piece) in [
        (format!("{keys}\"segmentation\": [[0"), ",0"),
        (format!("{keys}\"segmentation\": [[]"), ",[]"),
        (format!("{keys}\"segmentation\": {{\"size\": [1, 1], \"counts\": [0"), ",0"),
        (format!("{keys}\"other\": [0"), ",0"),
        (format!("{keys}\"k\": 0"), ",\"\":0"),
    ] {
        let (report, reason) = one_record(&before, piece, many, "]]}");
        assert!(reason.contains("more than 4194304 values"), "{piece}: {reason}");
        assert_eq!((report.refused.count(), report.annotations), (1, 0));
    }
    let (_, reason) = one_record(&format!("{keys}\"note\": \""), "xxxxxxxxxxxxxxxx", many, "\"}");
    assert!(reason.contains("larger than 67108864 bytes"), "{reason}");
}

#[test]
fn a_mask_of_too_many_runs_and_an_endless_text_are_refused_alone() {
    let keys =
        r#"{"id": 1, "image_id": 1, "category_id": 1, "segmentation": {"size": [1, 1], "counts": "#;
    let (report, reason) = one_record(&format!("{keys}\""), "0000000000000000", 3 << 20, "\"}}");
    assert!(reason.contains("more than 4194304 runs"), "{reason}");
    assert_eq!((report.refused.count(), report.records), (1, 1));
    // What a report quotes of a file is cut.
    let (report, reason) = one_record("{\"id\": \"", "a text is no integer ", 40_000, "\"}");
    assert!(reason.starts_with("`id`: ") && reason.chars().count() < 510, "{reason}");
    assert_eq!((report.refused.count(), report.records), (1, 1));
    // What its parser would quote several times over never reaches it.
    for (before, after) in
        [("{\"id\": \"", "\"}"), ("\"", "\""), ("{\"segmentation\": {\"size\": \"", "\"}}")]
    {
        let (report, reason) = one_record(before, "\u{7f}\u{7f}\u{7f}\u{7f}", 12 << 20, after);
        assert!(reason.contains("more than 1048576 bytes"), "{before} {reason}");
        assert_eq!((report.refused.count(), report.records), (1, 1));
    }
}

#[test]
fn keys_that_are_not_known_fill_no_memory() {
    let head = format!("{{{IMAGES}, {CLASSES}, \"annotations\": [{{\"id\": 1");
    let (report, reason, _) = read("coco", &head, |n| format!(",\n\"k{n}\":0"), 1 << 20, "}]}");
    assert!(reason.contains("`image_id` is missing"), "{reason}");
    assert!((1..=256).contains(&report.skipped.count()), "{}", report.skipped.count());
}

#[test]
fn a_file_of_too_many_classes_or_images_is_refused_as_a_whole() {
    let class = |n| format!("{{\"id\": {n}, \"name\": \"c{n}\"}},\n");
    let head = format!("{{{IMAGES}, \"categories\": [");
    let (report, reason, target) =
        read("coco", &head, class, 100_000, "{\"id\": 0}], \"annotations\": []}");
    assert!(reason.contains("more than 50000 categories"), "{reason}");
    assert_eq!((report.labels, target.annotations().len()), (0, 0));

    // Names that are not in the project wait for the end of the file, so they are the dearest.
    let image = |n| format!("{{\"id\":{n},\"file_name\":\"photos/{n:025}.jpg\"}},\n");
    let head = format!("{{{CLASSES}, \"annotations\": [], \"images\": [");
    let (report, reason, _) = read("coco", &head, image, 1_900_000, "{\"id\": 0}]}");
    assert!(reason.contains("more than 1800000 images"), "{reason}");
    assert_eq!(report.refused.count(), 1);
    let image = |n| format!("{{\"id\":{n},\"file_name\":\"{}/{n}.jpg\"}},\n", "long/".repeat(800));
    let (_, reason, _) = read("coco", &head, image, 20_000, "{\"id\": 0}]}");
    assert!(reason.contains("bytes of names"), "{reason}");
    let name = "long/".repeat(900);
    let image = move |n| format!("{{\"id\":{n},\"file_name\":\"{name}{n}.jpg\"}},\n");
    let (report, reason, _) = read("coco", &head, image, 2, "{\"id\": 0}]}");
    assert!(reason.contains("4096 are allowed") && report.refused.count() == 3, "{reason}");
}

#[test]
fn empty_objects_without_end_cost_a_count() {
    let head = format!("{{{IMAGES}, {CLASSES}, \"annotations\": [");
    let (report, reason, target) = read("coco", &head, |_| "{},\n".into(), 1_000_000, "{}]}");
    assert_eq!((report.records, report.refused.count()), (1_000_001, 1_000_001));
    assert_eq!((report.refused.list().len(), target.annotations().len()), (1000, 0));
    assert!(reason.contains("`id` is missing"), "{reason}");
}

#[test]
fn a_document_of_endless_objects_names_or_text_is_refused() {
    let endless = |before: &str, piece: &'static str, count, after: &str| {
        let head = format!("<annotation><filename>x/a.jpg</filename>{before}");
        read("voc", &head, move |_| piece.into(), count, &format!("{after}</annotation>")).1
    };
    let reason = endless("", "<object/>\n", 300_000, "");
    assert!(reason.contains("more than 200000 objects"), "{reason}");
    let reason = endless("<", "aaaaaaaaaaaaaaaa", 1000, "/>");
    assert!(reason.contains("more than 256 bytes"), "{reason}");
    let reason = endless("", "<a><a><a><a><a><a><a><a><a><a><a>", 4, "");
    assert!(reason.contains("more than 32 deep"), "{reason}");
    let reason = endless("<object><name>", "xxxxxxxxxxxxxxxx", 5000, "</name></object>");
    assert!(reason.contains("<name> holds more than 65536 bytes"), "{reason}");
    let reason = endless("&", "lollollollollollol", 1 << 10, ";");
    assert!(reason.contains("is not known") && reason.chars().count() < 510, "{reason}");
    let reason = endless("<!--", "larger than one image needs -- ", 3 << 20, "-->");
    assert!(reason.contains("larger than 67108864 bytes"), "{reason}");
    // Many different elements that are not read.
    let head = "<annotation><filename>x/a.jpg</filename>";
    let (report, _, _) = read("voc", head, |n| format!("<e{n}/>"), 100_000, "</annotation>");
    assert!((1..=64).contains(&report.skipped.count()), "{}", report.skipped.count());
}

#[test]
fn a_native_file_of_too_much_is_refused() {
    let head = r#"{"format": "vaultmark", "version": 1, "project": {"id": "07070707070707070707070707070707",
        "name": "n", "marking": "UNCLASSIFIED", "heads": []}, "items": [], "annotations": [], "labels": ["#;
    let label = |n| {
        format!(
            "{{\"id\":\"{n:032x}\",\"number\":{n},\"name\":\"c{n}\",\"color\":\"#000000\",\"key\":null}},\n"
        )
    };
    let (report, reason, _) = read("native", head, label, 110_000, "{}]}");
    assert!(reason.contains("110001 labels; at most 50000"), "{reason}");
    assert_eq!(report.annotations, 0);
    // A shape in brackets of its own for each vertex, the dearest form of all.
    let head = head
        .replace("\"annotations\": [], \"labels\": [", "\"labels\": [], \"annotations\": [\n")
        + r#"{"shape": {"kind": "polygon", "outer": [[0,0]"#;
    let (_, reason, _) = read("native", &head, |_| ",[0,0]".into(), 3 << 20, "]}}]}");
    assert!(reason.contains("more than 4194304 values"), "{reason}");
    let (_, reason, _) = read("native", &head, |_| ",[0,0]".into(), 1_300_000, "]}}]}");
    assert!(reason.contains("missing field"), "{reason}");
    // What serde would keep aside until it knows the kind.
    let piece = |_| r#",{"":{"":{"":0}}}"#.into();
    let (_, reason, _) = read("native", &head, piece, 600_000, "]}}]}");
    assert!(reason.contains("invalid type: map"), "{reason}");
    let head =
        head.replace(r#"{"shape": {"kind": "polygon", "outer": [[0,0]"#, r#"{"source": {"x":[0"#);
    let (_, reason, _) = read("native", &head, |_| ",0".into(), 3 << 20, "]}}]}");
    assert!(reason.contains("more than 8192 bytes"), "{reason}");
}
