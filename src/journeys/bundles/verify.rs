//! Verifying: frame, signatures, manifests, content, every signed Change, and that all that is shown
//! follows from the Changes.

use std::io::Read as _;
use std::path::Path;

use vaultmark_bundle::{BagInfo, Trust, Verified, Volume, frame, provenance};
use vaultmark_crypto::{AllowedSigner, parse_allowed_signers};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;
use vaultmark_store::regular::{self, Links};

use super::source;
use super::trace::{Traced, trace};
use crate::AppError;

/// The most bytes of a list of signers.
const SIGNERS_BYTES: u64 = 1 << 20;

/// Who approved a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// The name in the trust list; none where it knows no approver with that key.
    pub principal: Option<String>,
    /// The fingerprint.
    pub fingerprint: String,
}

/// What a verified bundle says, and who signed it.
#[derive(Debug, Clone)]
pub struct Verification {
    /// What its signature binds.
    pub info: BagInfo,
    /// SHA-512 of its tag manifest.
    pub sha512: String,
    /// The signer's name in the trust list; none where it is not known.
    pub principal: Option<String>,
    /// The signer's fingerprint.
    pub fingerprint: String,
    /// The second person, where one signed.
    pub approver: Option<Approver>,
    /// Items.
    pub items: u64,
    /// Annotations.
    pub annotations: u64,
    /// Media files.
    pub media: u64,
    /// Signed changes, all verified.
    pub changes: u64,
    /// The name of the project in the native file.
    pub project_name: String,
    /// Whether all that it shows was compared with the signed changes. One of several volumes can't
    /// be: it does not hold all of it.
    pub traced: bool,
    /// Whether the person is among the recipients; none without a vault, or where it names nobody.
    pub addressed: Option<bool>,
}

impl Verification {
    /// Whether its creator is on the trust list, and, where its policy asks for two people, another
    /// one as its approver.
    #[must_use]
    pub fn trusted(&self) -> bool {
        self.principal.is_some() && self.approved()
    }

    /// Whether a second person whom the trust list knows as an approver signed, where the bundle's
    /// policy asks for one.
    #[must_use]
    pub fn approved(&self) -> bool {
        match self.info.policy {
            ExportPolicy::Single => true,
            ExportPolicy::Two => self.approver.as_ref().is_some_and(|approver| {
                approver.principal.is_some() && approver.principal != self.principal
            }),
        }
    }
}

/// The signers of a file in ssh-keygen's format; empty without a file.
///
/// # Errors
/// Where the file can't be read or a line is not valid; the line is named.
pub fn signers_from(file: Option<&Path>) -> Result<Vec<AllowedSigner>, AppError> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let mut text = String::new();
    regular::open(path, Links::Followed)
        .and_then(|file| file.take(SIGNERS_BYTES + 1).read_to_string(&mut text))
        .map_err(AppError::io("reading", path))?;
    if text.len() as u64 > SIGNERS_BYTES {
        return Err(AppError::Invalid {
            what: "the list of signers",
            why: format!("it has more than {SIGNERS_BYTES} bytes"),
        });
    }
    Ok(parse_allowed_signers(&text)?)
}

/// Verifies a bundle in full. Needs no vault.
///
/// # Errors
/// The first rule that the bundle breaks.
pub fn verify(
    path: &Path,
    signers: Vec<AllowedSigner>,
    work: Work<'_>,
) -> Result<Verification, AppError> {
    let trust = Trust::new(signers);
    let verified = source::quarantine(path, None)?
        .check_signatures(&trust)?
        .check_tags()?
        .check_payload(work)?;
    describe(&verified, work).map(|(found, _)| found)
}

/// Everything that a verified bundle says; a bundle of one volume is compared with its changes.
pub(super) fn describe(
    verified: &Verified,
    work: Work<'_>,
) -> Result<(Verification, Option<Traced>), AppError> {
    let whole = verified.info().volume == Volume::ONLY;
    let traced = if whole { Some(trace(verified, work)?) } else { None };
    let report = match &traced {
        Some(traced) => traced.report.clone(),
        None => provenance::check(verified, work)?.unwrap_or_default(),
    };
    let media = || verified.entries().filter(|entry| entry.path.starts_with(frame::MEDIA)).count();
    let found = Verification {
        info: verified.info().clone(),
        sha512: verified.fingerprint().to_hex(),
        principal: verified.creator().principal.clone(),
        fingerprint: verified.creator().fingerprint.clone(),
        approver: verified.approver().map(|approver| Approver {
            principal: approver.principal.clone(),
            fingerprint: approver.fingerprint.clone(),
        }),
        items: traced.as_ref().map_or(0, |traced| traced.items),
        annotations: traced.as_ref().map_or(0, |traced| traced.annotations),
        media: traced.as_ref().map_or_else(|| media() as u64, |traced| traced.media),
        changes: report.changes,
        project_name: traced.as_ref().map_or(String::new(), |traced| traced.project_name.clone()),
        traced: whole,
        addressed: None,
    };
    Ok((found, traced))
}
