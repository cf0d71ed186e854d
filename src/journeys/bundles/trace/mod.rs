//! That what a bundle shows is what its people signed: labels, items, annotations and media are
//! compared with the changes, and every file that is made from them is made again and compared.
//!
//! The shown leaves, applied in the order of the file, give the state; that nothing newest of it is
//! withheld, [`provenance::walk`] sees to. The native file must hold
//! exactly that; every other file must be, to the byte, what is written from the native file. Memory
//! grows with the number of labels, items and annotations (about 200 bytes each), not with their
//! size.

mod dataset;
mod files;
mod native;
mod state;

use vaultmark_bundle::provenance::{self, CHANGES, MEMBERS, Members, ProvenanceReport};
use vaultmark_bundle::{Refusal, Verified, frame};
use vaultmark_model::Role;
use vaultmark_model::work::Work;

use super::lists::{ANNOTATIONS, ITEMS, SCHEMA};
use crate::AppError;
use state::State;

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
    let mut state = State::default();
    let report =
        provenance::walk(verified, work, &mut |header, _, leaf| state.apply(header, leaf))?
            .unwrap_or_default();
    let found = native::compare(verified, &mut state, &report.heads, work)?;
    let media = files::media(verified, &state)?;
    let project_name = found.facts.name.clone();
    files::derived(verified, found, work)?;
    let (items, annotations) = state.counts();
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
