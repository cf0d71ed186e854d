//! What sending and verifying make alike: the lists that are no format of their own
//! (`data/schema.json`, `data/items.jsonl`) and where annotation files lie. Who sends writes them;
//! who verifies writes them again from what was signed.

use std::io::Write;

use serde_json::json;
use vaultmark_formats::{Dataset, Format, FormatError};
use vaultmark_model::{Label, Marking};

/// Where the labels lie.
pub(in crate::journeys) const SCHEMA: &str = "data/schema.json";
/// Where the items lie.
pub(in crate::journeys) const ITEMS: &str = "data/items.jsonl";

/// Where annotations lie.
pub(in crate::journeys) const ANNOTATIONS: &str = "data/annotations/";

/// Where the one file of a format lies.
pub(in crate::journeys) fn annotation_path(format: &dyn Format) -> String {
    let extension = format.extensions().first().copied().unwrap_or("txt");
    format!("{ANNOTATIONS}{}.{extension}", format.name())
}

/// The labels as one object.
pub(in crate::journeys) fn schema(labels: &[Label]) -> Vec<u8> {
    let labels: Vec<_> = labels
        .iter()
        .map(|l| json!({"id": l.id, "number": l.number, "name": l.name, "color": l.color, "key": l.key}))
        .collect();
    line(&json!({"format": "vaultmark-schema", "version": 1, "labels": labels}))
}

/// The items, one object a line.
pub(in crate::journeys) fn items(
    dataset: &mut dyn Dataset,
    marking: &Marking,
    out: &mut dyn Write,
) -> Result<(), FormatError> {
    dataset.each_item(&mut |record| {
        let body = &record.item.body;
        let line = line(&json!({
            "id": record.item.id, "number": body.number, "name": body.path.display(),
            "sha512": body.content.to_hex(), "size": body.size,
            "width": body.facts.width(), "height": body.facts.height(),
            "orientation": body.facts.orientation, "format": body.facts.format,
            "marking": marking.text(), "split": null, "media": record.media_path,
            "done": record.item.done, "flagged": record.item.flagged, "note": record.item.note,
        }));
        out.write_all(&line).map_err(|e| FormatError::Output { file: ITEMS.into(), source: e })
    })
}

fn line(value: &serde_json::Value) -> Vec<u8> {
    // A `Value` of our own making always serialises.
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
