//! Canonical records, sealed things, and what lies in a vault's folder.

use vaultmark_crypto::{KdfParameters, Recipient, wrap};
use vaultmark_fuzzed::{SEALED, identity, signing_key};
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Field, Part, PartRef, RevisionId, Subject, Value};
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::shape::{BoundingBox, Point, Polygon, Polyline};
use vaultmark_model::{
    AnnotationId, ChangeId, Color, Digest, ImageFacts, ItemId, ItemPath, LabelId, Marking,
    MediaFormat, SampleFormat, Shape, Source, Timestamp,
};

use crate::bundles::{header, statement};
use crate::{Seed, seed};

pub fn seeds() -> Vec<Seed> {
    let points = || vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.25]];
    let (item, label) = (ItemId::from_bytes([4; 16]), LabelId::from_bytes([9; 16]));
    let subject = Subject::Annotation(AnnotationId::from_bytes([1; 16]));
    let shapes = [
        Shape::Box(BoundingBox { x: 1.0, y: 2.0, width: 3.0, height: 4.5 }),
        Shape::Polygon(Polygon { outer: points(), holes: vec![points()] }),
        Shape::Polyline(Polyline { points: points() }),
        Shape::Point(Point { x: 0.5, y: 1e-300 }),
    ];
    let body = |shape: &Shape, source| AnnotationBody {
        item,
        label,
        shape: shape.clone(),
        z_order: -1,
        source,
    };
    let facts = ImageFacts {
        format: MediaFormat::Tiff,
        stored_width: 8,
        stored_height: 9,
        orientation: 6,
        bands: 3,
        sample: SampleFormat::U16,
    };
    let item_body = ItemBody {
        path: ItemPath::new(b"a/\xe9.tif".to_vec()).expect("a path"),
        content: Digest::from_bytes([1; 64]),
        crc32: 7,
        size: 99,
        facts,
        number: 1,
    };
    let label_body =
        LabelBody { name: "tree".into(), color: Color([1, 2, 3]), key: Some(4), number: 1 };
    let base = Some(RevisionId { change: ChangeId::from_bytes([7; 16]), leaf: 2 });
    let field = |part, base, value| Field { index: 3, subject, part, base, value };
    let policy = Policy::new(Marking::new("SECRET").expect("a marking"), ExportPolicy::Two);
    let source = Source::Import { format: "coco".into() };
    let mut records: Vec<(u8, &str, Vec<u8>)> = vec![
        (0, "header", header(1, 1, Digest::ZERO, &[]).to_bytes()),
        (1, "statement", statement(1, 0, Digest::ZERO).to_bytes()),
        (2, "whole", {
            let value = Value::Annotation(Box::new(body(&shapes[1], Source::Person)));
            field(Part::Whole, None, value).to_bytes()
        }),
        (2, "note", field(Part::Note, base, Value::Text("a\nnote".into())).to_bytes()),
        (2, "order", field(Part::ZOrder, base, Value::Order(-70_000)).to_bytes()),
        (3, "part", PartRef { subject, part: Part::Locked, base }.to_bytes()),
        (4, "item", item_body.to_bytes()),
        (5, "annotation", body(&shapes[0], source.clone()).to_bytes()),
        (6, "label", label_body.to_bytes()),
        (8, "policy", policy.to_bytes()),
        (9, "argon2id", KdfParameters::floor_argon2id().to_bytes()),
        (9, "pbkdf2", KdfParameters::floor_pbkdf2().to_bytes()),
        (10, "key", signing_key(1).public().to_bytes()),
        (11, "source", source.to_bytes()),
        (12, "colour", Color([1, 2, 3]).to_bytes()),
        (13, "time", Timestamp::from_millis(1_700_000_000_000).to_bytes()),
        (14, "digest", Digest::from_bytes([3; 64]).to_bytes()),
    ];
    let names = ["box", "polygon", "polyline", "point"];
    records.extend(names.into_iter().zip(&shapes).map(|(name, s)| (7, name, s.to_bytes())));
    let mut all: Vec<Seed> = records
        .into_iter()
        .map(|(kind, name, bytes)| seed("canonical", name, [&[kind], &bytes[..]].concat()))
        .collect();
    for (name, bytes) in vaultmark_store::vault::fuzzing::seeds().expect("seeds") {
        all.push(seed("vault_file", name, bytes));
    }
    for (at, input) in [
        &[][..],
        &[0, 0, 0, 0],
        &[0, 64, 0, 0],
        &[1, 64, 0, 0, 5, 0, 0],
        &[10, 0, 0, 0, 3, 0, 1],
        &[255, 127, 1, 0],
        &[0, 128, 16, 64, 9, 9, 9],
    ]
    .into_iter()
    .enumerate()
    {
        all.push(seed("sealed_stream", format!("{at}"), input.to_vec()));
    }
    // Age draws its own randomness: made once, another file each time.
    let recipients: [Recipient; 1] = [identity().recipient()];
    all.push(seed("age_file", "one", wrap::wrap(SEALED, &recipients).expect("memory takes it")));
    all.push(seed("age_file", "no-recipient", b"age-encryption.org/v1\n-> X25519 AA\n".to_vec()));
    all
}
