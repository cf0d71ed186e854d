//! Sending: what leaves the vault, planned, decided, signed, written, read back and recorded.
//!
//! There is one door. A bundle and a bare annotation file are the same request, with the same
//! marking, justification, policy, signing in again and record; both are written by [`perform`]
//! through [`crate::outbox`]. What leaves has its name only when the log says what it is.

mod bare;
mod bundle;
mod contents;
mod dataset;
mod provenance;
mod record;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vaultmark_crypto::wrap::Recipient;
use vaultmark_formats::{Census, Loss, WriteOptions};
use vaultmark_model::change::Heads;
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;
use vaultmark_model::{BundleId, Marking, ProjectId};
use vaultmark_store::audit::Outcome;
use vaultmark_store::project::Project;

use crate::journeys::interchange::writable;
use crate::policy::Operation;
use crate::{AppError, FreshSignIn, Session, outbox};
use dataset::ProjectDataset;

pub(in crate::journeys) use dataset::media_path;

/// What form it leaves in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A signed bundle.
    Bundle {
        /// Formats beside the native one, which is always there.
        formats: Vec<String>,
        /// Whether the media go too.
        media: bool,
        /// Whether superseded and deleted revisions go too.
        history: bool,
        /// To whom it is sealed; to nobody when empty.
        seal_to: Vec<String>,
    },
    /// One bare annotation file.
    Bare {
        /// Its format.
        format: String,
    },
}

/// A request to send.
#[derive(Debug, Clone)]
pub struct Request {
    /// From which project.
    pub project: ProjectId,
    /// In what form.
    pub form: Form,
    /// The marking, which must be the project's; not needed.
    pub marking: Option<String>,
    /// Why.
    pub justification: String,
    /// The state of the project that was agreed to ([`Plan::heads`]), where somebody was asked: no other
    /// leaves.
    pub agreed: Option<Heads>,
}

/// What would leave, and what the formats can't hold.
#[derive(Debug)]
pub struct Plan {
    /// The project's name.
    pub project: String,
    /// Its marking, which is that of what leaves.
    pub marking: Marking,
    /// The state that was looked at, or an earlier one.
    pub heads: Heads,
    /// What there is of everything.
    pub census: Census,
    /// Bytes of the media that would go along.
    pub media_bytes: u64,
    /// Items whose media are not in the vault and so can't go along.
    pub media_missing: u64,
    /// What each format would lose.
    pub losses: Vec<(String, Loss)>,
    /// Why it would be refused, if it would.
    pub refused: Option<AppError>,
}

/// What left.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// The bundle's identifier; none for a bare file.
    pub bundle: Option<BundleId>,
    /// SHA-512 of the bundle's tag manifest, which the signature covers; of the file for a bare one.
    pub sha512: String,
    /// The signer's fingerprint; none for a bare file.
    pub fingerprint: Option<String>,
    /// Short code of the audit checkpoint made after writing.
    pub audit_code: String,
    /// Items and annotations.
    pub census: Census,
    /// What each format lost.
    pub losses: Vec<(String, Loss)>,
    /// Whether the file was read back and verified; a sealed one can't be, by its sender.
    pub read_back: bool,
}

/// A request whose words have been checked.
struct Checked {
    project: Arc<Project>,
    form: Form,
    marking: Marking,
    justification: String,
    recipients: Vec<Recipient>,
    agreed: Option<Heads>,
}

impl Checked {
    /// That everything read so far is of the state that was agreed to: chains only grow.
    fn is_as_agreed(&self) -> Result<(), AppError> {
        match &self.agreed {
            Some(agreed) if *agreed != self.project.heads()? => Err(AppError::ChangedMeanwhile),
            _ => Ok(()),
        }
    }
}

/// Looks at what a request would send. Nothing leaves and nothing is written.
///
/// # Errors
/// Where the policy of roles refuses, a format is not known, or the project can't be read.
pub fn plan(session: &Session, request: &Request) -> Result<Plan, AppError> {
    let project = session.enter(Operation::ExportPlan, request.project)?;
    let heads = project.heads()?;
    let media = matches!(request.form, Form::Bundle { media: true, .. });
    let mut dataset = ProjectDataset::new(Arc::clone(&project), media);
    let census = Census::take(&mut dataset)?;
    let losses = losses(&request.form, &census)?;
    let (media_bytes, media_missing) = media_size(&project, media)?;
    let (name, marking) = (project.name().to_owned(), project.marking().clone());
    let refused = check(session, request, project).err();
    Ok(Plan { project: name, marking, heads, census, media_bytes, media_missing, losses, refused })
}

/// Where a file of that path would really lie: its folder without links and `..`, so that what is read
/// and recorded of the place is true. As it is where that folder is not there, which writing then says.
#[must_use]
pub fn real_place(to: &Path) -> PathBuf {
    let folder = to.parent().and_then(|folder| folder.canonicalize().ok());
    folder.zip(to.file_name()).map_or_else(|| to.to_owned(), |(folder, name)| folder.join(name))
}

/// Sends: asks the policy, writes, reads back, records, and only then gives the file its name.
/// Nothing is left behind on failure, and nothing whole stands under the name that the audit log
/// does not name. `proof` is what signing in again gave.
///
/// # Errors
/// Where the policy refuses, the request is incomplete or its marking is not the project's, the
/// project has changed since it was agreed to, the target exists, lies in the vault or can't be
/// written, or what was written does not read back.
pub fn perform(
    session: &Session,
    proof: FreshSignIn,
    request: &Request,
    to: &Path,
    work: Work<'_>,
) -> Result<Report, AppError> {
    let id = request.project;
    let facts = |project: &Project| record::request(request, project, to);
    let project = session.enter_stating(Operation::Export, id, facts)?;
    let outcome = session.spend(proof).and_then(|()| leave(session, request, project, to, work));
    outcome.or_else(|error| {
        let kind = [("kind", error.kind().to_owned())];
        session.record(Operation::Export.word(), record::outcome(&error), Some(id), kind)?;
        Err(error)
    })
}

/// Records that an export did not come to be before [`perform`] was asked for it: what the policy refuses,
/// and what the person declines.
///
/// # Errors
/// `why`; the store's where the record can't be written.
pub fn refuse<T>(
    session: &Session,
    request: &Request,
    to: &Path,
    why: AppError,
) -> Result<T, AppError> {
    let id = request.project;
    session
        .enter_stating(Operation::Export, id, |project| record::request(request, project, to))?;
    let kind = [("kind", why.kind().to_owned())];
    session.record(Operation::Export.word(), record::outcome(&why), Some(id), kind)?;
    Err(why)
}

fn leave(
    session: &Session,
    request: &Request,
    project: Arc<Project>,
    to: &Path,
    work: Work<'_>,
) -> Result<Report, AppError> {
    let id = request.project;
    let checked = check(session, request, project)?;
    let out = outbox::start(to, session.vault().path())?;
    let written = match &checked.form {
        Form::Bundle { .. } => bundle::write(session, &checked, out, to, work),
        Form::Bare { format } => bare::write(&checked, writable(format)?, out, to, work),
    };
    if work.cancel.is_cancelled() {
        return Err(AppError::Cancelled);
    }
    let (whole, mut report) = written?;
    let facts = record::leaving(&report, &checked.justification);
    session.record(record::RELEASE, Outcome::Started, Some(id), facts.clone())?;
    let released = whole.release()?;
    // What can't be recorded does not take place.
    let recorded = session
        .record(Operation::Export.word(), Outcome::Done, Some(id), facts)
        .and_then(|()| session.checkpoint());
    match recorded {
        Ok(code) => {
            report.audit_code = code;
            Ok(report)
        }
        Err(error) => {
            released.withdraw();
            Err(error)
        }
    }
}

/// The request's words, and the vault's export policy.
fn check(session: &Session, request: &Request, project: Arc<Project>) -> Result<Checked, AppError> {
    if session.policy()?.export == ExportPolicy::Two {
        return Err(AppError::SecondPersonNeeded);
    }
    let justification = vaultmark_bundle::info::one_line(&request.justification);
    if justification.is_empty() {
        return Err(AppError::ExportIncomplete { what: "justification (`--justification TEXT`)" });
    }
    // No vocabulary says yet which marking is the higher one, so only the project's will do.
    let marking = project.marking().clone();
    if let Some(asked) = &request.marking
        && Marking::new(asked)? != marking
    {
        return Err(AppError::MarkingDiffers {
            asked: asked.clone(),
            project: marking.text().to_owned(),
        });
    }
    let recipients = match &request.form {
        Form::Bundle { seal_to, .. } => {
            seal_to.iter().map(|text| text.parse()).collect::<Result<Vec<Recipient>, _>>()?
        }
        Form::Bare { .. } => Vec::new(),
    };
    let (form, agreed) = (request.form.clone(), request.agreed.clone());
    Ok(Checked { project, form, marking, justification, recipients, agreed })
}

/// What each format of the form can't hold.
fn losses(form: &Form, census: &Census) -> Result<Vec<(String, Loss)>, AppError> {
    let names = match form {
        Form::Bundle { formats, .. } => formats.clone(),
        Form::Bare { format } => vec![format.clone()],
    };
    let mut all = Vec::new();
    for name in names {
        let format = writable(&name)?;
        let lost = format.losses(census, &WriteOptions::default());
        all.extend(lost.into_iter().map(|loss| (name.clone(), loss)));
    }
    Ok(all)
}

/// Bytes of the media in the vault, and items without.
fn media_size(project: &Project, media: bool) -> Result<(u64, u64), AppError> {
    let (mut bytes, mut missing) = (0, 0);
    if media {
        project.each_item(&mut |item| {
            if project.has_media(item.id)? {
                bytes += item.body.size;
            } else {
                missing += 1;
            }
            Ok::<(), AppError>(())
        })?;
    }
    Ok((bytes, missing))
}
