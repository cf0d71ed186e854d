//! Verifying: frame, signatures, manifests, content, every signed Change, and the native file.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use vaultmark_bundle::{BagInfo, Trust, Verified, provenance};
use vaultmark_crypto::{AllowedSigner, parse_allowed_signers};
use vaultmark_formats::{
    FormatError, Input, ItemRef, LabelHint, Lookup, NewAnnotation, ReadOptions, Sink, SinkError,
    find,
};
use vaultmark_model::work::Work;
use vaultmark_model::{Item, ItemId, Label, LabelId};

use super::source;
use crate::AppError;

/// The native file inside a bundle.
const NATIVE: &str = "data/annotations/native.json";
/// The most bytes of a list of signers.
const SIGNERS_BYTES: u64 = 1 << 20;

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
    /// Items in the native file.
    pub items: u64,
    /// Annotations in the native file.
    pub annotations: u64,
    /// Media files.
    pub media: u64,
    /// Signed changes, all verified.
    pub changes: u64,
    /// The name of the project in the native file.
    pub project_name: String,
}

impl Verification {
    /// Whether the signer is on the trust list.
    #[must_use]
    pub fn trusted(&self) -> bool {
        self.principal.is_some()
    }
}

/// The signers of a file in ssh-keygen's format; empty without a file.
///
/// # Errors
/// Where the file can't be read or a line is not valid; the line is named.
pub fn signers_from(file: Option<&Path>) -> Result<Vec<AllowedSigner>, AppError> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let size = path.metadata().map_err(AppError::io("reading", path))?.len();
    if size > SIGNERS_BYTES {
        return Err(AppError::Invalid {
            what: "the list of signers",
            why: format!("it has {size} bytes, too many"),
        });
    }
    let text = fs::read_to_string(path).map_err(AppError::io("reading", path))?;
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
    describe(&verified, work)
}

/// Everything that a verified bundle says; its provenance and native file are read to the end.
pub(super) fn describe(verified: &Verified, work: Work<'_>) -> Result<Verification, AppError> {
    let changes = provenance::check(verified, work)?.map_or(0, |report| report.changes);
    let mut tally = Tally::default();
    if verified.entry(NATIVE).is_some() {
        read_native(verified, &mut tally)?;
    }
    Ok(Verification {
        info: verified.info().clone(),
        sha512: verified.fingerprint().to_hex(),
        principal: verified.creator().principal.clone(),
        fingerprint: verified.creator().fingerprint.clone(),
        items: tally.items,
        annotations: tally.annotations,
        media: verified.entries().filter(|entry| entry.path.starts_with("data/media/")).count()
            as u64,
        changes,
        project_name: tally.project,
    })
}

fn read_native(verified: &Verified, tally: &mut Tally) -> Result<(), AppError> {
    let native = find("native").ok_or(AppError::StalePlan)?;
    let bytes = verified.read_all(NATIVE, u64::MAX)?;
    let input = Input::bytes(NATIVE, bytes);
    native.read(&[input], tally, &ReadOptions::default().strict()).map(|_| ()).map_err(|error| {
        match error {
            FormatError::Strict { report } => AppError::Invalid {
                what: "the bundle's native file",
                why: report
                    .refused
                    .list()
                    .first()
                    .map_or(String::new(), |note| note.reason.clone()),
            },
            other => other.into(),
        }
    })
}

/// A sink that takes everything and counts it.
#[derive(Default)]
struct Tally {
    items: u64,
    annotations: u64,
    labels: HashSet<LabelId>,
    project: String,
}

impl Sink for Tally {
    fn find_item(&mut self, _name: &str) -> Result<Lookup, SinkError> {
        Ok(Lookup::Missing)
    }

    fn find_id(&mut self, _id: ItemId) -> Result<Lookup, SinkError> {
        Ok(Lookup::Missing)
    }

    fn match_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        Ok(Lookup::Found(ItemRef { id: item.id, facts: item.body.facts }))
    }

    fn restore_item(&mut self, item: &Item) -> Result<Lookup, SinkError> {
        self.items += 1;
        self.match_item(item)
    }

    fn restore_label(&mut self, label: &Label) -> Result<LabelId, SinkError> {
        self.labels.insert(label.id);
        Ok(label.id)
    }

    fn label(&mut self, _name: &str, _hint: LabelHint) -> Result<LabelId, SinkError> {
        Err(SinkError::Refused("the native file names a label that it does not list".into()))
    }

    fn annotation(&mut self, _annotation: NewAnnotation) -> Result<(), SinkError> {
        self.annotations += 1;
        Ok(())
    }

    fn project(&mut self, facts: &vaultmark_formats::ProjectFacts) -> Result<(), SinkError> {
        facts.name.clone_into(&mut self.project);
        Ok(())
    }
}
