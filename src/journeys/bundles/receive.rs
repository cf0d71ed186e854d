//! Receiving: a verified bundle becomes a new project, with the sender's chains as they are.

use std::path::Path;
use std::sync::Arc;

use vaultmark_bundle::frame::MEDIA;
use vaultmark_bundle::provenance::{CHANGES, ChangeReader, ProvenanceReport};
use vaultmark_bundle::{BagInfo, Trust, Verified};
use vaultmark_crypto::{AllowedSigner, BundleRole, allowed_signers_line, parse_allowed_signers};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::{Progress, Work};
use vaultmark_model::{ProjectId, PublicKey};
use vaultmark_store::StoreError;
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::{Project, Received as Taken, ReceivedFrom};
use vaultmark_store::vault::SignedStatement;

use super::trace::Traced;
use super::verify::Verification;
use super::{item_of, source, verify};
use crate::journeys::{projects, view};
use crate::policy::Operation;
use crate::{AppError, Session};

/// A wish to receive.
pub struct Reception<'a> {
    /// The bundle.
    pub file: &'a Path,
    /// Signers to trust beside the vault's own list.
    pub signers: Vec<AllowedSigner>,
    /// The creator's fingerprint, which was compared by another way.
    pub accept: Option<&'a str>,
    /// Whether to take a bundle that was made for other recipients.
    pub accept_other_recipient: bool,
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
    /// Who approved it, where its policy asks for two people.
    pub approver: Option<String>,
    /// Whether it was made for other recipients, which was accepted.
    pub other_recipient: bool,
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
    session.permit(Operation::Verify)?;
    let verified = open(session, file, signers, work)?;
    let (found, _) = verify::describe(&verified, work)?;
    Ok(Verification { addressed: addressed(session, verified.info()), ..found })
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
    let (result, project, detail, other) = match &outcome {
        Ok(received) => (
            Outcome::Done,
            Some(received.project),
            received.fingerprint.clone(),
            received.other_recipient,
        ),
        Err(error) => (Outcome::Failed, None, error.kind().to_owned(), false),
    };
    let recipient = if other { "another, accepted" } else { "" };
    let details = [("detail", detail), ("recipient", recipient.to_owned())];
    session.record(Operation::Receive.word(), result, project, details)?;
    outcome
}

fn receive_permitted(
    session: &Session,
    wish: &Reception<'_>,
    work: Work<'_>,
) -> Result<Received, AppError> {
    let verified = open(session, wish.file, wish.signers.clone(), work)?;
    let info = verified.info().clone();
    check_people(&verified, wish)?;
    let other_recipient = addressed(session, &info) == Some(false);
    if other_recipient && !wish.accept_other_recipient {
        return Err(AppError::OtherRecipient { recipients: info.recipients });
    }
    projects::check_marking(session, &info.marking)?;
    let (facts, traced) = verify::describe(&verified, work)?;
    let Some(traced) = traced else {
        return Err(invalid("it is one of several volumes, and this version receives single ones"));
    };
    let origin = ReceivedFrom {
        bundle: info.bundle,
        signer: facts.fingerprint.clone(),
        time: session.ambient().clock.now(),
    };
    let cut_off = cut_off(session, wish, &info, &origin)?;
    let again = cut_off.is_some();
    let project = match cut_off {
        Some(project) => project,
        None => adopt(session, wish.name.unwrap_or(&facts.project_name), &info, &origin)?,
    };
    let name = project.name().to_owned();
    let taken = take(session, &project, &verified, traced, work)
        .and_then(|taken| Ok((taken, project.counts()?)));
    let (taken, counts) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            drop(project);
            if !again {
                session.discard(info.project)?;
            }
            return Err(error);
        }
    };
    // The project is whole, with or without its pictures in the library.
    let _ = view::make_thumbnails(session, info.project, work);
    Ok(Received {
        project: info.project,
        name,
        items: counts.items,
        annotations: counts.annotations,
        media: taken.media,
        changes: taken.changes,
        fingerprint: facts.fingerprint,
        approver: facts.approver.and_then(|approver| approver.principal),
        other_recipient,
    })
}

fn invalid(why: impl Into<String>) -> AppError {
    AppError::Invalid { what: "the bundle", why: why.into() }
}

/// The creator is known or was accepted; where the policy asks for two people, another one is known
/// as an approver.
fn check_people(verified: &Verified, wish: &Reception<'_>) -> Result<(), AppError> {
    let creator = verified.creator();
    if creator.principal.is_none() && wish.accept != Some(creator.fingerprint.as_str()) {
        return Err(AppError::UnknownSigner { fingerprint: creator.fingerprint.clone() });
    }
    let (ExportPolicy::Two, Some(approver)) = (verified.info().policy, verified.approver()) else {
        return Ok(());
    };
    match &approver.principal {
        None => Err(AppError::UnknownApprover { fingerprint: approver.fingerprint.clone() }),
        Some(name) if creator.principal.as_ref() == Some(name) => {
            Err(AppError::OnePerson { principal: name.clone() })
        }
        Some(_) => Ok(()),
    }
}

/// Whether the person is among the recipients; none where the bundle names nobody.
fn addressed(session: &Session, info: &BagInfo) -> Option<bool> {
    let own = session.vault().recipient().to_string();
    (!info.recipients.is_empty()).then(|| info.recipients.contains(&own))
}

/// Makes the project, under a name that is free.
fn adopt(
    session: &Session,
    name: &str,
    info: &BagInfo,
    origin: &ReceivedFrom,
) -> Result<Arc<Project>, AppError> {
    if projects::is_taken(session, name)? {
        return Err(AppError::Invalid {
            what: "the project's name",
            why: format!("`{name}` is taken here: receive it under another one"),
        });
    }
    session.adopt(info.project, name, info.marking.clone(), origin)
}

/// The project, where an earlier reception of this very bundle was cut off by a crash: it says that
/// it comes from there and holds no change yet, because what a bundle holds goes in all at once.
fn cut_off(
    session: &Session,
    wish: &Reception<'_>,
    info: &BagInfo,
    origin: &ReceivedFrom,
) -> Result<Option<Arc<Project>>, AppError> {
    if !session.vault().project_ids()?.contains(&info.project) {
        return Ok(None);
    }
    let project = session.enter(Operation::ItemsRead, info.project)?;
    let same = |from: ReceivedFrom| from.bundle == origin.bundle && from.signer == origin.signer;
    let begun = project.received_from()?.is_some_and(same) && project.heads()?.is_empty();
    if !begun || project.marking() != &info.marking {
        return Ok(None);
    }
    match wish.name {
        Some(name) if name != project.name() => Err(AppError::Invalid {
            what: "the project's name",
            why: format!(
                "its reception was cut off and began as `{}`: give that name, or none, to go on",
                project.name()
            ),
        }),
        _ => session.enter(Operation::ReceiveInto, info.project).map(Some),
    }
}

/// Feeds the changes and media to the store, which verifies each again on its own.
fn take(
    session: &Session,
    project: &Project,
    verified: &Verified,
    traced: Traced,
    work: Work<'_>,
) -> Result<Taken, AppError> {
    // First what stands apart; the changes come last and all at once, so a project with changes is
    // whole.
    let mut kept = project.received_statements()?.into_iter();
    for (seq, (bytes, signature)) in (0..).zip(traced.members.statements()) {
        let statement = SignedStatement { bytes: bytes.clone(), signature: signature.clone() };
        if kept.next().as_ref() != Some(&statement) {
            project.put_received_statement(seq, &statement)?;
        }
    }
    let ProvenanceReport { lists, heads, .. } = traced.report;
    session.vault().adopt(project, lists, heads)?;
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
