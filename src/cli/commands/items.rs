//! `items list`

use serde_json::json;
use vaultmark_model::{LabelId, ProjectId};
use vaultmark_store::project::{ItemQuery, ItemRow};

use crate::cli::arguments::{Common, ItemsCommand};
use crate::cli::output::{Output, bytes, count};
use crate::cli::{Ending, sign_in};
use crate::{AppError, Session, journeys};

/// Rows fetched and shown at once: a project may have a million.
const PAGE: u64 = 1000;
const HEAD: [&str; 7] = ["number", "path", "pixels", "format", "size", "annotations", "state"];

/// Lists items.
pub fn run(
    common: &Common,
    command: &ItemsCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    let ItemsCommand::List { name, label } = command;
    sign_in::with_project(common, |session, project| {
        let label =
            label.as_deref().map(|label| find_label(session, project, label)).transpose()?;
        let mut query =
            ItemQuery { text: name.clone(), label, limit: PAGE, ..ItemQuery::default() };
        let mut list = output.list();
        loop {
            let page = journeys::library::items(session, project, &query)?;
            list.add(&HEAD, &page.rows, as_json, as_text);
            query.offset += page.rows.len() as u64;
            if page.rows.is_empty() || query.offset >= page.total {
                list.end(&format!("{} items", count(query.offset)));
                return Ok(Ending::Done);
            }
        }
    })
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
