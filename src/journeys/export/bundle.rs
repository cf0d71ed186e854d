//! One signed bundle: freeze, sign, write, seal, read back before it has a name.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use vaultmark_bundle::{
    BagInfo, Draft, Limits, Quarantined, Signatures, Trust, VOLUME_BYTES, Volume,
};
use vaultmark_crypto::{AgeWriter, BundleRole, fingerprint};
use vaultmark_formats::Census;
use vaultmark_model::BundleId;
use vaultmark_model::work::Work;

use super::dataset::ProjectDataset;
use super::{Checked, Form, Report, contents, losses};
use crate::journeys::{bundles, trust};
use crate::outbox::{Outgoing, Whole};
use crate::{AppError, PROGRAM, Session};

pub(super) fn write(
    session: &Session,
    checked: &Checked,
    mut out: Outgoing,
    to: &Path,
    work: Work<'_>,
) -> Result<(Whole, Report), AppError> {
    let Form::Bundle { formats, media, history, seal_to } = &checked.form else {
        return Err(AppError::Invalid { what: "the request", why: "it asks for no bundle".into() });
    };
    let census = {
        let mut dataset = ProjectDataset::new(Arc::clone(&checked.project), *media);
        Census::take(&mut dataset)?
    };
    for (what, found, most) in
        [("items", census.items, bundles::ITEMS), ("labels", census.labels, bundles::LABELS)]
    {
        if found > most {
            let why = format!("it would have {found} {what}, and nobody receives more than {most}");
            return Err(AppError::Invalid { what: "the bundle", why });
        }
    }
    let media = if *media { Some(contents::Media::of(&checked.project)?) } else { None };
    // Before anything is gathered: a project with more media than fit is an ordinary one.
    demand_fits(media.map_or(0, |media| media.bytes))?;
    let losses = losses(&checked.form, &census)?;
    let policy = session.policy()?;
    let info = BagInfo {
        bundle: BundleId::from_bytes(session.ambient().random()?),
        marking: checked.marking.clone(),
        vault: session.vault().id(),
        project: checked.project.id(),
        recipients: seal_to.clone(),
        policy: policy.export,
        policy_version: policy.version,
        program: PROGRAM.to_owned(),
        justification: Some(checked.justification.clone()),
        audit_checkpoint: session.checkpoint()?,
        created: session.ambient().clock.now(),
        volume: Volume::ONLY,
    };
    let bundle = info.bundle;
    let signer = contents::Signer {
        principal: trust::principal(session),
        fingerprint: fingerprint(&session.vault().public_key()),
    };
    let entries = contents::entries(
        checked, &info, &census, &losses, formats, media, *history, &signer, work,
    )?;
    let frozen = Draft { info, entries }.freeze()?;
    // What is written must be what was frozen, so this is said of it too.
    checked.is_as_agreed()?;
    let creator = session.vault().sign_bundle(BundleRole::Creator, frozen.tagmanifest())?;
    let signatures = Signatures { creator, approver: None };
    demand_fits(frozen.size(&signatures))?;
    if checked.recipients.is_empty() {
        frozen.write(&mut out, &signatures, work)?;
    } else {
        let mut sealed = AgeWriter::new(&mut out, &checked.recipients)?;
        frozen.write(&mut sealed, &signatures, work)?;
        sealed.finish()?.flush().map_err(AppError::io("writing", to))?;
    }
    let whole = out.complete()?;
    let sha512 = frozen.fingerprint().to_hex();
    // Reading back takes memory of its own.
    drop(frozen);
    let read_back = checked.recipients.is_empty();
    if read_back {
        verify_written(session, &whole, to, work)?;
    }
    let report = Report {
        path: to.to_owned(),
        bytes: whole.bytes().map_err(AppError::io("reading back", to))?,
        bundle: Some(bundle),
        sha512,
        fingerprint: Some(fingerprint(&session.vault().public_key())),
        audit_code: String::new(),
        census,
        losses,
        read_back,
    };
    Ok((whole, report))
}

/// Demands that so many bytes fit one volume.
fn demand_fits(bytes: u64) -> Result<(), AppError> {
    if bytes <= VOLUME_BYTES {
        return Ok(());
    }
    let why = format!(
        "it would have {bytes} bytes, more than one volume's {VOLUME_BYTES}; send annotations without media"
    );
    Err(AppError::Invalid { what: "the bundle", why })
}

/// Reads the file back through the strict reader, as a receiver would.
fn verify_written(
    session: &Session,
    whole: &Whole,
    to: &Path,
    work: Work<'_>,
) -> Result<(), AppError> {
    let differs = |why: String| AppError::ReadBack { path: to.to_owned(), why };
    let file = whole.read_back().map_err(AppError::io("reading back", to))?;
    let own = session.vault().public_key();
    let verified = Quarantined::open_file(file, &Limits::default())
        .and_then(|quarantined| quarantined.check_signatures(&Trust::nobody()))
        .and_then(|signed| signed.check_tags())
        .and_then(|tagged| tagged.check_payload(work))
        .map_err(|error| differs(error.to_string()))?;
    if verified.creator().key != own {
        return Err(differs("it is signed by another key".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_volume_holds_is_refused_with_its_size() {
        assert!(demand_fits(VOLUME_BYTES).is_ok());
        let why = demand_fits(VOLUME_BYTES + 1).unwrap_err().to_string();
        assert!(why.contains("4278190081 bytes") && why.contains("without media"), "{why}");
    }
}
