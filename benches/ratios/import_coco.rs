//! Importing half a million COCO boxes, each a committed part of one signed Change; against
//! inserting equal rows, which lie ready in memory, into bare SQLCipher with the same tables,
//! indexes and settings in one transaction.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::params;
use vaultmark::formats::ReadOptions;
use vaultmark::journeys::interchange;
use vaultmark::model::annotation::{AnnotationBody, Source};
use vaultmark::model::canonical::Canonical as _;
use vaultmark::model::shape::{BoundingBox, Shape};
use vaultmark::model::work::Work;
use vaultmark::model::{ItemId, LabelId};

use crate::boxes::{self, IMAGES, LABELS, OneBox, PER_IMAGE};
use crate::cipher;
use crate::desk::{Desk, Outcome, sign_in};
use crate::made::{self, Dice};
use crate::table::Row;

const MEMORY: u64 = 300_000_000;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let imports = desk.imports()?;
    let (ours, baseline) = (imports.ours, imports.baseline);
    Ok(vec![
        Row::Ratio { work: "import 500,000 COCO boxes", ours, baseline, bound: 3.0 },
        Row::Memory { work: "  its memory", peak: imports.peak, bound: MEMORY },
    ])
}

/// Imports the file into a new project that has its items.
pub fn ours(vault: &Path, file: &Path, project: &str) -> Outcome<Duration> {
    let session = sign_in(vault)?;
    let project = made::project(&session, project)?;
    boxes::add_items(&project, IMAGES, &mut Dice(1))?;
    let coco = interchange::readable("coco")?;
    let options = ReadOptions::default().strict();
    let start = Instant::now();
    let done =
        Work::quiet(|work| interchange::read(&session, project.id(), coco, file, &options, work))?;
    let time = start.elapsed();
    if done.annotations != (IMAGES * PER_IMAGE) as u64 {
        return Err(format!("{} boxes came in", done.annotations).into());
    }
    drop(project);
    drop(session.lock()?);
    Ok(time)
}

/// A box as ours stores it.
struct Ready {
    row: i64,
    item: i64,
    label: i64,
    id: [u8; 16],
    salt: [u8; 16],
    shape: Vec<u8>,
    value: Vec<u8>,
}

/// Inserts equal rows.
pub fn baseline(database: &Path) -> Outcome<Duration> {
    let mut dice = Dice(2);
    let items: Vec<ItemId> = (0..IMAGES).map(|_| ItemId::from_bytes(dice.id())).collect();
    let labels: Vec<LabelId> = (0..LABELS).map(|_| LabelId::from_bytes(dice.id())).collect();
    let source = Source::Import { format: "coco".into() };
    let mut pairs: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let first = i64::try_from(IMAGES)?;
    let mut rows: Vec<Ready> = Vec::new();
    for one in boxes::all() {
        let OneBox { image, label, .. } = one;
        let [x, y, width, height] = one.pixels();
        let body = AnnotationBody {
            item: items[image],
            label: labels[label],
            shape: Shape::Box(BoundingBox { x, y, width, height }),
            z_order: 0,
            source: source.clone(),
        };
        let (item, label) = (i64::try_from(image)? + 1, i64::try_from(label)? + 1);
        *pairs.entry((label, item)).or_default() += 1;
        let shape = body.shape.to_bytes();
        let value = body.to_bytes();
        let row = first + i64::try_from(rows.len())?;
        rows.push(Ready { row, item, label, id: dice.id(), salt: dice.id(), shape, value });
    }
    let source = source.to_bytes();
    let mut db = cipher::create(database)?;
    db.execute_batch(cipher::TABLES)?;

    let start = Instant::now();
    let transaction = db.transaction()?;
    let mut annotation = transaction.prepare(
        "INSERT INTO annotation (item, number, id, present, label, z_order, flags, shape, source)
         VALUES (?1, ?2, ?3, 1, ?4, 0, 0, ?5, ?6)",
    )?;
    let mut revision = transaction.prepare(
        "INSERT INTO revision (row, change, kind, subject, part, base, origin, salt, value)
         VALUES (?1, 2, 1, ?2, 0, NULL, NULL, ?3, ?4)",
    )?;
    for one in &rows {
        annotation.execute(params![one.item, one.row, one.id, one.label, one.shape, source])?;
        revision.execute(params![one.row, one.id, one.salt, one.value])?;
    }
    rows.sort_unstable_by_key(|one| one.id);
    let mut key =
        transaction.prepare("INSERT INTO annotation_key (id, item, number) VALUES (?1, ?2, ?3)")?;
    for one in &rows {
        key.execute(params![one.id, one.item, one.row])?;
    }
    let mut pair = transaction
        .prepare("INSERT INTO item_label (label, item, annotations) VALUES (?1, ?2, ?3)")?;
    for ((label, item), count) in &pairs {
        pair.execute(params![label, item, count])?;
    }
    drop((annotation, revision, key, pair));
    transaction.commit()?;
    Ok(start.elapsed())
}
