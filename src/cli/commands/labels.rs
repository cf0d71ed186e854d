//! `labels list`, `labels set`

use serde_json::json;

use crate::AppError;
use crate::cli::arguments::{Common, LabelsCommand};
use crate::cli::output::{Output, count, table};
use crate::cli::{Ending, sign_in};
use crate::journeys::labels::{self, LabelWish};

/// Lists labels, or makes or changes one.
pub fn run(
    common: &Common,
    command: &LabelsCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    let all = sign_in::with_project(common, |session, project| {
        if let LabelsCommand::Set { name, color, key } = command {
            let existing = labels::list(session, project)?;
            let old = existing.iter().map(|(label, _)| label).find(|label| label.name == *name);
            let wish = LabelWish {
                id: old.map(|label| label.id),
                name: name.clone(),
                color: color.as_deref().map(str::parse).transpose()?,
                key: key.or(old.and_then(|label| label.key)),
            };
            labels::save(session, project, &[wish])?;
        }
        labels::list(session, project)
    })?;
    let value = json!(all
        .iter()
        .map(|(l, n)| json!({"id": l.id, "number": l.number, "name": l.name, "color": l.color, "key": l.key, "annotations": n}))
        .collect::<Vec<_>>());
    output.result(&value, || {
        if all.is_empty() {
            return "No labels yet: `vaultmark labels set NAME`, or import annotations.".into();
        }
        let mut rows =
            vec![["number", "name", "colour", "key", "annotations"].map(str::to_owned).to_vec()];
        rows.extend(all.iter().map(|(label, n)| {
            let key = label.key.map_or(String::new(), |key| key.to_string());
            vec![
                label.number.to_string(),
                label.name.clone(),
                label.color.to_string(),
                key,
                count(*n),
            ]
        }));
        table(&rows)
    });
    Ok(Ending::Done)
}
