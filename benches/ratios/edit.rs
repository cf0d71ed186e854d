//! One gesture, signed, chained and durable; against one bare durable commit of a row.

use std::time::{Duration, Instant};

use rusqlite::params;
use vaultmark::journeys::annotate;
use vaultmark::model::annotation::{AnnotationBody, Source};
use vaultmark::model::change::{Edit, Part, Subject, Value};
use vaultmark::model::label::LabelBody;
use vaultmark::model::shape::{BoundingBox, Shape};
use vaultmark::model::{AnnotationId, Color, LabelId};

use crate::desk::{Desk, Outcome, median};
use crate::made::{self, Dice};
use crate::table::Row;
use crate::{boxes, cipher};

/// Gestures measured.
const TIMES: usize = 200;
/// Gestures before, so that caches are as they are in use.
const BEFORE: usize = 20;

/// Measures it.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let session = desk.vault("edit.vault")?;
    let project = made::project(&session, "edit")?;
    let mut dice = Dice(8);
    let items = boxes::add_items(&project, 50, &mut dice)?;
    let label = LabelId::from_bytes(dice.id());
    let body = LabelBody { name: "tree".into(), color: Color([0, 128, 0]), key: None, number: 0 };
    let value = Value::Label(Box::new(body));
    project.commit(
        "make a label",
        vec![Edit { subject: Subject::Label(label), part: Part::Whole, value }],
    )?;

    let bare = cipher::create(&desk.path("edit.db"))?;
    bare.execute_batch("CREATE TABLE line (row INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT")?;

    let (mut ours, mut baseline) = (Vec::new(), Vec::new());
    for time in 0..BEFORE + TIMES {
        let body = AnnotationBody {
            item: items[time % items.len()],
            label,
            shape: Shape::Box(BoundingBox { x: time as f64, y: 2.5, width: 30.25, height: 40.5 }),
            z_order: 0,
            source: Source::Person,
        };
        let subject = Subject::Annotation(AnnotationId::from_bytes(dice.id()));
        let value = Value::Annotation(Box::new(body));
        let edits = vec![Edit { subject, part: Part::Whole, value }];
        let start = Instant::now();
        annotate::edit(&session, project.id(), "draw box", edits)?;
        let spent = start.elapsed();

        let line = dice.id().repeat(16);
        let start = Instant::now();
        bare.execute_batch("BEGIN IMMEDIATE")?;
        bare.prepare_cached("INSERT INTO line (value) VALUES (?1)")?.execute(params![line])?;
        bare.execute_batch("COMMIT")?;
        let bare_spent: Duration = start.elapsed();
        if time >= BEFORE {
            ours.push(spent);
            baseline.push(bare_spent);
        }
    }
    let (ours, baseline) = (median(ours), median(baseline));
    Ok(vec![Row::Ratio { work: "an edit durable (median of 200)", ours, baseline, bound: 2.0 }])
}
