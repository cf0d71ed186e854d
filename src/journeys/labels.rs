//! The labels of a project: list, add, change, delete. Each call is one Change.

use std::collections::HashMap;

use vaultmark_model::change::{Edit, Part, Subject, Value};
use vaultmark_model::label::LabelBody;
use vaultmark_model::{Color, Label, LabelId, ProjectId};
use vaultmark_store::project::Project;

use crate::policy::Operation;
use crate::{AppError, Session};

/// A label as it should be; without an identifier it is a new one.
#[derive(Debug, Clone)]
pub struct LabelWish {
    /// Which label, or a new one.
    pub id: Option<LabelId>,
    /// Its name.
    pub name: String,
    /// Its colour; a new label without one takes the palette's next.
    pub color: Option<Color>,
    /// The digit that selects it.
    pub key: Option<u8>,
}

/// All labels with the number of their annotations, in the order in which they were made.
///
/// # Errors
/// Where the policy refuses or the database fails.
pub fn list(session: &Session, project: ProjectId) -> Result<Vec<(Label, u64)>, AppError> {
    let project = session.enter(Operation::ItemsRead, project)?;
    let counts: HashMap<LabelId, u64> = project.label_counts()?;
    let labels = project.labels()?;
    Ok(labels.into_iter().map(|l| (l.clone(), counts.get(&l.id).copied().unwrap_or(0))).collect())
}

/// Makes or changes labels, all in one Change.
///
/// # Errors
/// Where the policy refuses, a name is not valid or taken twice, or the database fails.
pub fn save(session: &Session, id: ProjectId, wishes: &[LabelWish]) -> Result<(), AppError> {
    let project = session.enter(Operation::LabelsEdit, id)?;
    let edits = edits(session, &project, wishes)?;
    if !edits.is_empty() {
        project.commit("labels", edits)?;
    }
    Ok(())
}

/// Deletes a label that no annotation uses.
///
/// # Errors
/// Where the policy refuses, the label is in use or not there, or the database fails.
pub fn delete(session: &Session, id: ProjectId, label: LabelId) -> Result<(), AppError> {
    let project = session.enter(Operation::LabelsEdit, id)?;
    project.commit(
        "labels",
        vec![Edit {
            subject: Subject::Label(label),
            part: Part::Presence,
            value: Value::Flag(false),
        }],
    )?;
    Ok(())
}

fn edits(
    session: &Session,
    project: &Project,
    wishes: &[LabelWish],
) -> Result<Vec<Edit>, AppError> {
    let existing = project.labels()?;
    let mut names: HashMap<String, Option<LabelId>> =
        existing.iter().map(|label| (label.name.clone(), Some(label.id))).collect();
    let mut number = project.next_numbers()?.label;
    let mut edits = Vec::new();
    for wish in wishes {
        if let Some(owner) = names.get(&wish.name)
            && *owner != wish.id
        {
            return Err(AppError::Invalid {
                what: "the label's name",
                why: format!("`{}` is taken by another label", wish.name),
            });
        }
        names.insert(wish.name.clone(), wish.id);
        match wish.id {
            None => {
                let id = LabelId::from_bytes(session.ambient().random()?);
                let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
                let body = LabelBody {
                    name: wish.name.clone(),
                    color: wish.color.unwrap_or_else(|| Color::for_index(index)),
                    key: wish.key,
                    number,
                };
                body.validate()?;
                number += 1;
                edits.push(Edit {
                    subject: Subject::Label(id),
                    part: Part::Whole,
                    value: Value::Label(Box::new(body)),
                });
            }
            Some(id) => {
                let old =
                    existing.iter().find(|label| label.id == id).ok_or(AppError::Invalid {
                        what: "the label",
                        why: "it is no longer there".into(),
                    })?;
                edits.extend(differences(old, wish));
            }
        }
    }
    Ok(edits)
}

/// The parts in which a wish differs from the label.
fn differences(old: &Label, wish: &LabelWish) -> Vec<Edit> {
    let subject = Subject::Label(old.id);
    let mut edits = Vec::new();
    if old.name != wish.name {
        let value = Value::Text(wish.name.clone());
        edits.push(Edit { subject, part: Part::Name, value });
    }
    if let Some(color) = wish.color.filter(|color| *color != old.color) {
        edits.push(Edit { subject, part: Part::Color, value: Value::Color(color) });
    }
    if old.key != wish.key {
        edits.push(Edit { subject, part: Part::Key, value: Value::Key(wish.key) });
    }
    edits
}
