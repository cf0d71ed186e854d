//! Receiving: a verified bundle becomes a new project, with the sender's chains as they are.

use std::path::Path;
use std::sync::Arc;

use vaultmark_bundle::provenance::{self, CHANGES, ChangeReader, MEMBERS, Members};
use vaultmark_bundle::{Trust, Verified};
use vaultmark_crypto::{AllowedSigner, BundleRole, allowed_signers_line, parse_allowed_signers};
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{ItemId, Marking, ProjectId, PublicKey};
use vaultmark_store::StoreError;
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::{Project, Received as Taken, ReceivedFrom};
use vaultmark_store::vault::SignedStatement;

use super::{source, verify};
use crate::journeys::view;
use crate::policy::Operation;
use crate::{AppError, Session};

/// Where media lie in a bundle.
const MEDIA: &str = "data/media/";

/// A wish to receive.
pub struct Reception<'a> {
    /// The bundle.
    pub file: &'a Path,
    /// Signers to trust beside the vault's own list.
    pub signers: Vec<AllowedSigner>,
    /// A fingerprint that was compared by another way.
    pub accept: Option<&'a str>,
    /// The project's name here; the sender's where none is given.
    pub name: Option<&'a str>,
}

/// What was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The project.
    pub project: ProjectId,
    /// Its name here.
    pub name: String,
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Media files.
    pub media: u64,
    /// Changes, all verified.
    pub changes: u64,
    /// Who signed the bundle.
    pub fingerprint: String,
}

/// Verifies a bundle for a vault: its own people and trust list count, and sealed bundles open.
///
/// # Errors
/// The first rule that the bundle breaks.
pub fn inspect(
    session: &Session,
    file: &Path,
    signers: Vec<AllowedSigner>,
    work: Work<'_>,
) -> Result<verify::Verification, AppError> {
    session.permit(Operation::Receive)?;
    let verified = open(session, file, signers, work)?;
    verify::describe(&verified, work)
}

fn open(
    session: &Session,
    file: &Path,
    signers: Vec<AllowedSigner>,
    work: Work<'_>,
) -> Result<Verified, AppError> {
    let trust = trust(session, signers)?;
    Ok(source::quarantine(file, Some(session))?
        .check_signatures(&trust)?
        .check_tags()?
        .check_payload(work)?)
}

/// The given signers, the vault's list, and the person's own key.
fn trust(session: &Session, mut signers: Vec<AllowedSigner>) -> Result<Trust, AppError> {
    let roles = [BundleRole::Creator, BundleRole::Approver];
    let mut add = |principal: &str, key: &PublicKey| -> Result<(), AppError> {
        signers.extend(parse_allowed_signers(&allowed_signers_line(principal, key, &roles)?)?);
        Ok(())
    };
    for one in session.vault().trust() {
        add(&one.principal, &one.key)?;
    }
    add("this-vault", &session.vault().public_key())?;
    Ok(Trust::new(signers))
}

/// Receives a bundle as a new project. Everything is verified before anything enters the vault, and
/// what fails afterwards leaves nothing behind.
///
/// # Errors
/// Where the policy refuses, the bundle breaks a rule, its signer is unknown, the project is already
/// here, or the vault can't be written.
pub fn receive(
    session: &Session,
    wish: &Reception<'_>,
    work: Work<'_>,
) -> Result<Received, AppError> {
    session.permit(Operation::Receive)?;
    let outcome = receive_permitted(session, wish, work);
    let (result, project, detail) = match &outcome {
        Ok(received) => (Outcome::Done, Some(received.project), received.fingerprint.clone()),
        Err(error) => (Outcome::Failed, None, error.kind().to_owned()),
    };
    session.record(Operation::Receive.word(), result, project, [("detail", detail)])?;
    outcome
}

fn receive_permitted(
    session: &Session,
    wish: &Reception<'_>,
    work: Work<'_>,
) -> Result<Received, AppError> {
    let verified = open(session, wish.file, wish.signers.clone(), work)?;
    let signer = verified.creator().clone();
    if signer.principal.is_none() && wish.accept != Some(signer.fingerprint.as_str()) {
        return Err(AppError::UnknownSigner { fingerprint: signer.fingerprint });
    }
    let facts = verify::describe(&verified, work)?;
    let info = verified.info().clone();
    let members = members(&verified, info.project)?;
    known_authors(&verified, work)?;
    let name = wish.name.unwrap_or(&facts.project_name).to_owned();
    let cut_off = cut_off(session, info.project, &info.marking)?;
    if cut_off.is_none()
        && crate::journeys::projects::list(session)?.iter().any(|p| p.info.identity.name == name)
    {
        return Err(AppError::Invalid {
            what: "the project's name",
            why: format!("`{name}` is taken here: give another one (`--name NAME`)"),
        });
    }
    let again = cut_off.is_some();
    let project = match cut_off {
        Some(project) => project,
        None => session.vault().adopt_project(info.project, &name, info.marking.clone())?,
    };
    let name = project.name().to_owned();
    let origin = ReceivedFrom {
        bundle: info.bundle,
        signer: signer.fingerprint.clone(),
        time: session.ambient().clock.now(),
    };
    let taken = take(&project, &verified, &members, &origin, work)
        .and_then(|taken| Ok((taken, project.counts()?)));
    let (taken, counts) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            drop(project);
            if !again {
                session.vault().discard_project(info.project)?;
            }
            return Err(error);
        }
    };
    match view::make_thumbnails(session, info.project, work) {
        // The project is whole; only its pictures in the library are missing.
        Ok(()) | Err(AppError::Cancelled) => {}
        Err(error) => return Err(error),
    }
    Ok(Received {
        project: info.project,
        name,
        items: counts.items,
        annotations: counts.annotations,
        media: taken.media,
        changes: taken.changes,
        fingerprint: signer.fingerprint,
    })
}

/// The project, where an earlier reception of it was cut off by a crash: it is there and holds no
/// change yet, because what a bundle holds goes in all at once.
fn cut_off(
    session: &Session,
    id: ProjectId,
    marking: &Marking,
) -> Result<Option<Arc<Project>>, AppError> {
    if !session.vault().project_ids()?.contains(&id) {
        return Ok(None);
    }
    let project = session.vault().open_project(id)?;
    let unused = project.heads()?.is_empty() && project.marking() == marking;
    Ok(unused.then_some(project))
}

fn members(verified: &Verified, project: ProjectId) -> Result<Members, AppError> {
    Ok(match verified.entry(MEMBERS) {
        Some(_) => Members::read(verified.read(MEMBERS)?, project)?,
        None => Members::default(),
    })
}

/// Every change must be by a key that the sender's membership names.
fn known_authors(verified: &Verified, work: Work<'_>) -> Result<(), AppError> {
    let Some(report) = provenance::check(verified, work)? else {
        return Err(AppError::Invalid {
            what: "the bundle",
            why: "it carries no signed changes, so no project can be made of it".into(),
        });
    };
    match report.authors.iter().find(|author| author.name.is_none()) {
        None => Ok(()),
        Some(author) => Err(AppError::Invalid {
            what: "the bundle",
            why: format!(
                "{} of its changes are by a key that its membership does not name",
                author.changes
            ),
        }),
    }
}

/// Feeds the changes and media to the store, which verifies each again on its own.
fn take(
    project: &Project,
    verified: &Verified,
    members: &Members,
    origin: &ReceivedFrom,
    work: Work<'_>,
) -> Result<Taken, AppError> {
    // First what stands apart; the changes come last and all at once, so a project with changes is
    // whole.
    let mut kept = project.received_statements()?.into_iter();
    for (seq, (bytes, signature)) in (0..).zip(members.statements()) {
        let statement = SignedStatement { bytes: bytes.clone(), signature: signature.clone() };
        if kept.next().as_ref() != Some(&statement) {
            project.put_received_statement(seq, &statement)?;
        }
    }
    project.set_received_from(origin)?;
    let mut changes = ChangeReader::new(verified.read(CHANGES)?, verified.info().project);
    let mut receiver = project.receive()?;
    let mut progress = Progress::default();
    while let Some(change) = changes.next_change()? {
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        // The store's errors and the bundle's cross the iterator; the bundle's is kept aside.
        let mut broken = None;
        let mut leaves = std::iter::from_fn(|| match changes.next_leaf() {
            Ok(Some(proven)) => Some(Ok(proven.leaf)),
            Ok(None) => None,
            Err(error) => {
                broken = Some(error);
                Some(Err(StoreError::Cancelled))
            }
        });
        let taken = receiver.change(&change.link, &mut leaves);
        if let Some(error) = broken {
            return Err(error.into());
        }
        taken?;
        progress.done += 1;
        (work.report)(progress);
    }
    for entry in verified.entries().filter(|entry| entry.path.starts_with(MEDIA)) {
        if work.cancel.is_cancelled() {
            return Err(AppError::Cancelled);
        }
        receiver.media(item_of(entry.path)?, &mut verified.read(entry.path)?)?;
        progress.done += 1;
        progress.bytes_done += entry.size;
        (work.report)(progress);
    }
    Ok(receiver.finish()?)
}

/// The item whose identifier is the file's stem.
fn item_of(path: &str) -> Result<ItemId, AppError> {
    let name = path.strip_prefix(MEDIA).unwrap_or(path);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    stem.parse().map_err(|_| AppError::Invalid {
        what: "the bundle",
        why: format!("`{path}` does not name an item"),
    })
}
