//! What COCO instances can't hold.

use vaultmark_model::Shape;

use crate::{Census, Loss, WriteOptions};

pub(super) fn of(census: &Census, options: &WriteOptions) -> Vec<Loss> {
    const FLAG: &str = "COCO instances has no field for it; it is not written.";
    const NO_AREA: &str = "COCO instances holds areas only; these annotations are not written.";
    // In the order of registration.
    let without_area = Shape::KINDS.iter().map(|kind| {
        let count = census.without_area.get(kind).copied().unwrap_or(0);
        Loss::of(&format!("{kind}s"), count, NO_AREA)
    });
    let left_out: u64 = census.without_area.values().sum();
    let stored = options.settings.word(&crate::frame::WRITE_FRAME) == "stored";
    let rotated = if stored {
        "Sizes and coordinates are written in the stored frame; readers that apply EXIF will see them turned."
    } else {
        "Sizes and coordinates are written upright; readers that ignore EXIF will see them turned."
    };
    let others = [
        Loss::of(
            "polygons with holes",
            census.holes,
            "They become pixel masks (run-length encoded): their vertices are lost.",
        ),
        Loss::of(
            "polygons with holes that reach outside their image",
            census.holes_outside,
            "Their masks end at the image's edge.",
        ),
        Loss::of("flags of annotations", census.flagged, FLAG),
        Loss::of("notes of annotations", census.notes, FLAG),
        Loss::of("occluded marks", census.occluded, FLAG),
        Loss::of("truncated marks", census.truncated, FLAG),
        Loss::of("locks", census.locked, FLAG),
        Loss::of(
            "hidden annotations",
            census.hidden,
            "They are written like the others; that they are hidden is lost.",
        ),
        Loss::of("drawing orders", census.ordered, FLAG),
        Loss::of(
            "proposals of models",
            census.proposed,
            "Model, version and confidence are not written.",
        ),
        Loss::of("flags of items", census.flagged_items, FLAG),
        Loss::of(
            "items marked as done",
            census.done_items,
            "It is not written; an image without annotations may be finished or untouched.",
        ),
        Loss::of("notes of items", census.item_notes, FLAG),
        Loss::of("keys of labels", census.label_keys, FLAG),
        Loss::of(
            "paths that are not UTF-8",
            census.unreadable_paths,
            "JSON can't hold them; `file_name` is the item's identifier instead.",
        ),
        Loss::of("images with an EXIF orientation", census.rotated_items, rotated),
        Loss::of(
            "identities and origins of annotations",
            census.annotations() - left_out,
            "The project's integers stand for identifiers; sources and history are not written.",
        ),
        Loss::of(
            "content hashes of items",
            census.items,
            "Only size and name of an image are written.",
        ),
    ];
    without_area.chain(others).flatten().collect()
}
