//! That what a bundle shows is what its people signed: labels, items, annotations and media are
//! compared with the changes, and every file that is made from them is made again and compared.
//!
//! The shown leaves, applied in the order of the file, give the state; that nothing newest of it is
//! withheld, [`provenance::walk`] sees to. The native file must hold
//! exactly that; every other file must be, to the byte, what is written from the native file. Memory
//! is bounded: where there are more annotations than fit (some 1.8 million), changes and native file
//! are gone over again for each share of them.

mod dataset;
mod files;
mod native;
mod state;
#[cfg(test)]
mod tests;

use vaultmark_bundle::provenance::{self, CHANGES, MEMBERS, Members, ProvenanceReport, walk_again};
use vaultmark_bundle::{Refusal, Verified, frame};
use vaultmark_model::Role;
use vaultmark_model::work::Work;

use super::lists::{ANNOTATIONS, ITEMS, SCHEMA};
use crate::AppError;
use state::{Room, State};

/// The native file inside a bundle.
const NATIVE: &str = "data/annotations/native.json";

/// What was found, all of it compared.
pub(super) struct Traced {
    /// The provenance.
    pub report: ProvenanceReport,
    /// Who could make changes.
    pub members: Members,
    /// The project's name in the native file.
    pub project_name: String,
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Media files.
    pub media: u64,
}

/// A finding: a file, a place in it, and what is so.
fn untraced(file: &str, place: impl Into<String>, why: impl Into<String>) -> Refusal {
    Refusal::Untraced { file: file.to_owned(), place: place.into(), why: why.into() }
}

/// Compares a bundle that is whole in one volume.
pub(super) fn trace(verified: &Verified, work: Work<'_>) -> Result<Traced, AppError> {
    trace_in(Room::beside(verified.entries().count()), verified, work)
}

fn trace_in(room: Room, verified: &Verified, work: Work<'_>) -> Result<Traced, AppError> {
    known_files(verified)?;
    let info = verified.info();
    let members = Members::of(verified)?;
    let exporter = members.members().any(|(vault, member)| {
        vault == info.vault
            && member.key == verified.creator().key
            && member.roles.contains(&Role::Exporter)
    });
    if !exporter {
        return Err(refused(Refusal::NoExporter));
    }
    let mut state = State::new(room)?;
    let report =
        provenance::walk(verified, work, &mut |_, header, leaf| state.apply(header, leaf))?
            .unwrap_or_default();
    let mut native = native::compare(verified, &mut state, &report.heads, work)?;
    while state.turn() {
        walk_again(verified, work, &mut |_, header, leaf| state.apply(header, leaf))?;
        native = native::compare(verified, &mut state, &report.heads, work)?;
    }
    let media = files::media(verified, &state)?;
    let (items, annotations) = state.counts();
    let project_name = native.facts.name.clone();
    files::derived(verified, native, state, work)?;
    Ok(Traced { report, members, project_name, items, annotations, media })
}

/// A bundle has these files and no others, so that nothing in it goes uncompared.
fn known_files(verified: &Verified) -> Result<(), AppError> {
    for path in [NATIVE, SCHEMA, ITEMS, CHANGES, MEMBERS] {
        if verified.entry(path).is_none() {
            return Err(refused(Refusal::Missing { entry: path.to_owned() }));
        }
    }
    let stray = verified.entries().map(|entry| entry.path).find(|path| {
        ![frame::README, SCHEMA, ITEMS, CHANGES, MEMBERS].contains(path)
            && !path.starts_with(ANNOTATIONS)
            && !path.starts_with(frame::MEDIA)
    });
    match stray {
        None => Ok(()),
        Some(path) => Err(refused(Refusal::UnexpectedFile { entry: path.to_owned() })),
    }
}

fn refused(refusal: Refusal) -> AppError {
    vaultmark_bundle::BundleError::from(refusal).into()
}
