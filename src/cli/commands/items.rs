//! `items list`

use serde_json::json;
use vaultmark_model::{LabelId, ProjectId};
use vaultmark_store::project::{ItemQuery, ItemRow};

use crate::cli::arguments::{Common, ItemsCommand};
use crate::cli::output::{Output, bytes, count, table};
use crate::cli::{Ending, sign_in};
use crate::{AppError, Session, journeys};

/// Rows fetched at once.
const PAGE: u64 = 1000;

/// Lists items.
pub fn run(
    common: &Common,
    command: &ItemsCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    let ItemsCommand::List { name, label } = command;
    let rows =
        sign_in::with_project(common, |session, project| rows(session, project, name, label))?;
    let value = json!(rows.iter().map(as_json).collect::<Vec<_>>());
    output.result(&value, || {
        let head = ["number", "path", "pixels", "format", "size", "annotations", "state"];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        lines.extend(rows.iter().map(as_text));
        format!("{}{} items", table(&lines), count(rows.len() as u64))
    });
    Ok(Ending::Done)
}

/// All items of that name and label, page by page.
fn rows(
    session: &Session,
    project: ProjectId,
    name: &Option<String>,
    label: &Option<String>,
) -> Result<Vec<ItemRow>, AppError> {
    let label = label.as_deref().map(|label| find_label(session, project, label)).transpose()?;
    let mut rows: Vec<ItemRow> = Vec::new();
    loop {
        let query = ItemQuery {
            text: name.clone(),
            label,
            offset: rows.len() as u64,
            limit: PAGE,
            ..ItemQuery::default()
        };
        let page = journeys::library::items(session, project, &query)?;
        let total = page.total;
        let got = page.rows.len();
        rows.extend(page.rows);
        if got == 0 || rows.len() as u64 >= total {
            return Ok(rows);
        }
    }
}

fn find_label(session: &Session, project: ProjectId, name: &str) -> Result<LabelId, AppError> {
    let labels = journeys::labels::list(session, project)?;
    labels.iter().find(|(label, _)| label.name == name).map(|(label, _)| label.id).ok_or_else(
        || AppError::UnknownWord {
            what: "label",
            word: name.to_owned(),
            known: labels.iter().map(|(l, _)| l.name.as_str()).collect::<Vec<_>>().join(", "),
        },
    )
}

fn state(row: &ItemRow) -> &'static str {
    match (row.item.flagged, row.item.done, row.annotations) {
        (true, ..) => "flagged",
        (_, true, _) => "done",
        (_, _, 0) => "new",
        _ => "in progress",
    }
}

fn as_json(row: &ItemRow) -> serde_json::Value {
    let body = &row.item.body;
    json!({
        "id": row.item.id, "number": body.number, "path": body.path.display(),
        "width": body.facts.width(), "height": body.facts.height(), "format": body.facts.format,
        "bands": body.facts.bands, "sample": body.facts.sample, "orientation": body.facts.orientation,
        "size": body.size, "sha512": body.content.to_hex(), "annotations": row.annotations,
        "state": state(row), "note": row.item.note, "has_media": row.has_media,
    })
}

fn as_text(row: &ItemRow) -> Vec<String> {
    let body = &row.item.body;
    vec![
        body.number.to_string(),
        body.path.display(),
        format!("{} x {}", count(body.facts.width().into()), count(body.facts.height().into())),
        body.facts.format.word().into(),
        bytes(body.size),
        count(row.annotations.into()),
        state(row).into(),
    ]
}
