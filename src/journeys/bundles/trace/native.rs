//! The native file, record by record against the state.

use vaultmark_bundle::{BundleError, EntryOpener, Refusal, Verified};
use vaultmark_formats::{
    Format, FormatError, Input, ItemRef, LabelHint, Lookup, NewAnnotation, ProjectFacts,
    ReadOptions, Sink, SinkError, find,
};
use vaultmark_model::change::Heads;
use vaultmark_model::work::Work;
use vaultmark_model::{Item, ItemId, Label, LabelId, ProjectId};

use super::state::State;
use super::{NATIVE, refused, untraced};
use crate::AppError;

/// What the native file says, compared, and how to read it again.
pub(super) struct Native {
    pub opener: EntryOpener,
    pub facts: ProjectFacts,
    pub labels: Vec<Label>,
}

/// Reads the file into a sink; the first record that the reader or the sink refuses is a finding.
pub(super) fn read(opener: &EntryOpener, sink: &mut dyn Sink) -> Result<(), AppError> {
    let opener = opener.clone();
    let input = Input::new(NATIVE, move || Ok(Box::new(opener.open())));
    let report = match format()?.read(&[input], sink, &ReadOptions::default()) {
        Ok(report) => report,
        // A file that changes while it is read says so itself.
        Err(FormatError::Input { source, .. }) => {
            return Err(BundleError::from_io(format!("reading `{NATIVE}`"), source).into());
        }
        Err(other) => return Err(other.into()),
    };
    match report.refused.list().first() {
        None => Ok(()),
        Some(note) => {
            let line = note.line.map_or(String::new(), |line| format!("line {line}, "));
            let place = format!("{line}{}", note.record);
            Err(refused(untraced(NATIVE, place, note.reason.clone())))
        }
    }
}

pub(super) fn format() -> Result<&'static dyn Format, AppError> {
    find("native").ok_or_else(|| refused(Refusal::Missing { entry: NATIVE.into() }))
}

/// Compares the file with the state, in both directions; its annotations as far as they belong to
/// the share.
pub(super) fn compare(
    verified: &Verified,
    state: &mut State,
    heads: &Heads,
    work: Work<'_>,
) -> Result<Native, AppError> {
    let opener = verified.opener(NATIVE)?;
    let mut comparing = Comparing {
        state,
        project: verified.info().project,
        heads,
        work,
        facts: None,
        labels: Vec::new(),
        item: 0,
        annotation: (0, 0),
    };
    let read = read(&opener, &mut comparing);
    if work.cancel.is_cancelled() {
        return Err(AppError::Cancelled);
    }
    read?;
    let Comparing { facts, labels, .. } = comparing;
    state.all_seen().map_err(refused)?;
    let facts = facts.ok_or_else(|| refused(Refusal::Missing { entry: NATIVE.into() }))?;
    Ok(Native { opener, facts, labels })
}

/// A sink that takes what is as the changes say, in the order that writers keep.
struct Comparing<'a> {
    state: &'a mut State,
    project: ProjectId,
    heads: &'a Heads,
    work: Work<'a>,
    facts: Option<ProjectFacts>,
    labels: Vec<Label>,
    /// Numbers of the record before.
    item: u32,
    annotation: (u32, u64),
}

fn refuse(why: impl Into<String>) -> SinkError {
    SinkError::Refused(why.into())
}

impl Sink for Comparing<'_> {
    fn find_item(&mut self, _name: &str) -> Result<Lookup, SinkError> {
        Ok(Lookup::Missing)
    }

    fn find_id(&mut self, _id: ItemId) -> Result<Lookup, SinkError> {
        Ok(Lookup::Missing)
    }

    fn label(&mut self, _name: &str, _hint: LabelHint) -> Result<LabelId, SinkError> {
        Err(refuse("it names a label that is not listed"))
    }

    fn project(&mut self, facts: &ProjectFacts) -> Result<(), SinkError> {
        if facts.id != self.project {
            return Err(refuse("it is of another project"));
        }
        if facts.heads != *self.heads {
            return Err(refuse("its heads are not those of the signed changes"));
        }
        self.facts = Some(facts.clone());
        Ok(())
    }

    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        self.state.see_label(label).map_err(refuse)?;
        if self.labels.last().is_some_and(|before| before.number >= label.number) {
            return Err(refuse("it does not stand in the order of the numbers"));
        }
        self.labels.push(label.clone());
        Ok(label.id)
    }

    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        if self.work.cancel.is_cancelled() {
            return Err(SinkError::failed("cancelled"));
        }
        self.state.see_item(item).map_err(refuse)?;
        let before = std::mem::replace(&mut self.item, item.body.number);
        if before >= item.body.number {
            return Err(refuse("it does not stand in the order of the numbers"));
        }
        Ok(Lookup::Found(ItemRef { id: item.id, facts: item.body.facts }))
    }

    fn annotation(&mut self, annotation: NewAnnotation) -> Result<(), SinkError> {
        if self.work.cancel.is_cancelled() {
            return Err(SinkError::failed("cancelled"));
        }
        let item = self.state.see_annotation(&annotation).map_err(refuse)?;
        let place = (item, annotation.number.unwrap_or_default());
        if std::mem::replace(&mut self.annotation, place) >= place {
            return Err(refuse("it does not stand in the order of items and numbers"));
        }
        Ok(())
    }
}
