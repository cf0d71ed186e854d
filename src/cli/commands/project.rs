//! `project new`, `project list`, `project show`

use serde_json::json;
use vaultmark_model::Marking;
use vaultmark_model::id::to_hex;

use crate::cli::arguments::{Common, ProjectCommand};
use crate::cli::output::{Output, count, table};
use crate::cli::{Ending, sign_in};
use crate::journeys::projects::{self, ProjectSummary};
use crate::policy::Operation;
use crate::{AppError, Session};

/// Makes, lists or shows projects.
pub fn run(
    common: &Common,
    command: &ProjectCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    sign_in::with_session(common, |session| match command {
        ProjectCommand::New { name, marking } => new(session, name, marking.as_deref(), output),
        ProjectCommand::List => list(session, output),
        ProjectCommand::Show { name } => {
            show(session, name.as_deref().or(common.project.as_deref()), output)
        }
    })
}

fn new(
    session: &Session,
    name: &str,
    marking: Option<&str>,
    output: &mut Output,
) -> Result<Ending, AppError> {
    let marking = match marking {
        Some(text) => Marking::new(text)?,
        None => session.policy()?.marking,
    };
    let project = projects::create(session, name, marking)?;
    let value = json!({"id": project.id(), "name": project.name(), "marking": project.marking()});
    output.result(&value, || {
        format!(
            "Made the project {} ({}), {}",
            project.name(),
            project.id(),
            project.marking().text()
        )
    });
    Ok(Ending::Done)
}

fn as_json(project: &ProjectSummary) -> serde_json::Value {
    json!({
        "id": project.info.identity.id, "name": project.info.identity.name, "marking": project.info.identity.marking,
        "items": project.counts.items, "annotations": project.counts.annotations,
        "done": project.counts.done, "bytes": project.counts.bytes,
        "roles": project.roles,
    })
}

fn list(session: &Session, output: &mut Output) -> Result<Ending, AppError> {
    let all = projects::list(session)?;
    let damaged = all.damaged.iter().map(|one| {
        json!({"id": one.id, "error": {"kind": one.error.kind(), "detail": one.error.to_string()}})
    });
    let value = json!(all.projects.iter().map(as_json).chain(damaged).collect::<Vec<_>>());
    output.result(&value, || {
        if all.projects.is_empty() && all.damaged.is_empty() {
            return "No projects yet: `vaultmark project new NAME`.".into();
        }
        let mut rows =
            vec![["name", "marking", "items", "annotations", "done"].map(str::to_owned).to_vec()];
        rows.extend(all.projects.iter().map(|p| {
            vec![
                p.info.identity.name.clone(),
                p.info.identity.marking.text().into(),
                count(p.counts.items),
                count(p.counts.annotations),
                count(p.counts.done),
            ]
        }));
        let damaged = all.damaged.iter();
        let damaged = damaged.map(|one| format!("{} can't be opened: {}\n", one.id, one.error));
        format!("{}{}", table(&rows), damaged.collect::<String>())
    });
    Ok(if all.damaged.is_empty() { Ending::Done } else { Ending::Partly })
}

fn show(session: &Session, name: Option<&str>, output: &mut Output) -> Result<Ending, AppError> {
    let summary = projects::show(session, projects::find(session, name)?)?;
    let project = session.enter(Operation::HistoryRead, summary.info.identity.id)?;
    let heads = project.heads()?;
    let mut value = as_json(&summary);
    value["epoch"] = json!(summary.info.identity.epoch);
    value["replica"] = json!(summary.info.identity.replica);
    value["heads"] = json!(heads
        .iter()
        .map(|(replica, seq, hash)| json!({"replica": replica, "seq": seq, "sha512": hash.to_hex()}))
        .collect::<Vec<_>>());
    output.result(&value, || {
        let mut rows = vec![
            vec!["name".into(), summary.info.identity.name.clone()],
            vec!["id".into(), summary.info.identity.id.to_string()],
            vec!["marking".into(), summary.info.identity.marking.text().into()],
            vec!["items".into(), count(summary.counts.items)],
            vec!["annotations".into(), count(summary.counts.annotations)],
            vec![
                "your roles".into(),
                summary.roles.iter().map(|r| r.word()).collect::<Vec<_>>().join(", "),
            ],
            vec!["key epoch".into(), summary.info.identity.epoch.to_string()],
        ];
        for (replica, seq, hash) in &heads {
            let own = if *replica == summary.info.identity.replica { " (this vault)" } else { "" };
            rows.push(vec![
                "chain".into(),
                format!(
                    "{replica}{own}: {} changes, head {}…",
                    count(*seq),
                    to_hex(&hash.as_bytes()[..8])
                ),
            ]);
        }
        table(&rows)
    });
    Ok(Ending::Done)
}
