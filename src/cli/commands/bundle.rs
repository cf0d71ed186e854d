//! `bundle create`, `bundle verify`, `bundle receive`, `bundle signer`

use serde_json::json;
use vaultmark_formats::Loss;
use vaultmark_model::text::shown;

use super::annotations::request;
use crate::AppError;
use crate::cli::arguments::{BundleCommand, Common};
use crate::cli::output::{Output, bytes, count, path, table};
use crate::cli::{Ending, sign_in};
use crate::journeys::bundles::{self, Verification};
use crate::journeys::export::{self, Form};
use crate::journeys::trust;

/// Creates, verifies or receives.
pub fn run(
    common: &Common,
    command: &BundleCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    match command {
        BundleCommand::Create { .. } => create(common, command, output),
        BundleCommand::Verify { file, signers } => {
            let signers = bundles::signers_from(signers.as_deref())?;
            let verified = output
                .working("verify", |work| bundles::verify(file, signers, work))
                .map_err(|error| error.of_bundle(file))?;
            show_verification(&verified, output);
            let done = verified.trusted() && verified.traced;
            Ok(if done { Ending::Done } else { Ending::Partly })
        }
        BundleCommand::Receive { file, signers, accept, accept_other_recipient, name } => {
            let wish = bundles::Reception {
                file,
                signers: bundles::signers_from(signers.as_deref())?,
                accept: accept.as_deref(),
                accept_other_recipient: *accept_other_recipient,
                name: name.as_deref(),
            };
            let received = sign_in::with_session(common, |session| {
                output.working("receive", |work| bundles::receive(session, &wish, work))
            });
            let received = received.map_err(|error| error.of_bundle(file))?;
            output.result(
                &json!({
                    "project": received.project, "name": received.name, "items": received.items,
                    "annotations": received.annotations, "media": received.media, "changes": received.changes,
                    "signer": received.fingerprint, "approver": received.approver,
                    "other_recipient": received.other_recipient,
                }),
                || {
                    format!(
                        "Received the project {} ({})\n  {} items, {} annotations, {} media files, {} changes verified\n  signed by {}{}{}",
                        shown(&received.name),
                        received.project,
                        count(received.items),
                        count(received.annotations),
                        count(received.media),
                        count(received.changes),
                        received.fingerprint,
                        received
                            .approver
                            .as_ref()
                            .map_or(String::new(), |name| format!("\n  approved by {name}")),
                        if received.other_recipient {
                            "\n  made for other recipients, which you accepted"
                        } else {
                            ""
                        }
                    )
                },
            );
            Ok(Ending::Done)
        }
        BundleCommand::Signer => {
            let entry = sign_in::with_session(common, trust::entry)?;
            output.result(
                &json!({"allowed_signers": entry.line, "fingerprint": entry.fingerprint, "recipient": entry.recipient}),
                || entry.line.clone(),
            );
            output.note(&format!(
                "fingerprint {}\nrecipient   {}",
                entry.fingerprint, entry.recipient
            ));
            Ok(Ending::Done)
        }
    }
}

fn create(
    common: &Common,
    command: &BundleCommand,
    output: &mut Output,
) -> Result<Ending, AppError> {
    let BundleCommand::Create { to, media, history, formats, seal_to, plan, reason } = command
    else {
        return Ok(Ending::Done);
    };
    let form = Form::Bundle {
        formats: formats.clone(),
        media: *media,
        history: *history,
        seal_to: seal_to.clone(),
    };
    if *plan {
        let plan = sign_in::with_project(common, |session, project| {
            export::plan(session, &request(project, form, reason))
        })?;
        return Ok(show_plan(&plan, output));
    }
    let report = sign_in::with_project(common, |session, project| {
        let proof = session.just_signed_in()?;
        let request = request(project, form, reason);
        output.working("bundle", |work| export::perform(session, proof, &request, to, work))
    })?;
    let value = json!({
        "path": report.path, "bytes": report.bytes, "bundle": report.bundle,
        "sha512": report.sha512, "fingerprint": report.fingerprint, "audit_code": report.audit_code,
        "items": report.census.items, "annotations": report.census.annotations(),
        "losses": losses(&report.losses), "read_back": report.read_back,
    });
    output.result(&value, || {
        let rows = [
            ("bundle", report.bundle.map(|id| id.to_string()).unwrap_or_default()),
            ("size", bytes(report.bytes)),
            ("signed by", report.fingerprint.clone().unwrap_or_default()),
            ("tag manifest", format!("sha512 {}", report.sha512)),
            ("audit", report.audit_code.clone()),
            (
                "read back",
                if report.read_back { "verified" } else { "sealed: only its recipients can" }
                    .into(),
            ),
        ];
        let rows: Vec<_> = rows.into_iter().map(|(k, v)| vec![format!("  {k}"), v]).collect();
        format!(
            "Wrote {} with {} items and {} annotations\n{}{}",
            path(&report.path),
            count(report.census.items),
            count(report.census.annotations()),
            table(&rows),
            loss_lines(&report.losses)
        )
    });
    Ok(Ending::Done)
}

fn show_plan(plan: &export::Plan, output: &mut Output) -> Ending {
    let refused = plan.refused.as_ref().map(ToString::to_string);
    let value = json!({
        "items": plan.census.items, "annotations": plan.census.annotations(),
        "media_bytes": plan.media_bytes, "media_missing": plan.media_missing,
        "losses": losses(&plan.losses), "refused": refused,
    });
    output.result(&value, || {
        let refused = refused.as_ref().map(|why| format!("It would be refused: {why}\n"));
        format!(
            "Would send {} items, {} annotations, {} of media.\n{}{}Nothing was written.",
            count(plan.census.items),
            count(plan.census.annotations()),
            bytes(plan.media_bytes),
            loss_lines(&plan.losses),
            refused.unwrap_or_default()
        )
    });
    if plan.refused.is_none() { Ending::Done } else { Ending::Failed }
}

/// Losses as JSON.
pub(super) fn losses(losses: &[(String, Loss)]) -> serde_json::Value {
    json!(losses
        .iter()
        .map(|(format, l)| json!({"format": format, "what": l.what, "count": l.count, "consequence": l.consequence}))
        .collect::<Vec<_>>())
}

/// Losses as lines.
pub(super) fn loss_lines(losses: &[(String, Loss)]) -> String {
    losses
        .iter()
        .map(|(format, l)| {
            format!("  {format} can't hold {} ({}): {}\n", l.what, count(l.count), l.consequence)
        })
        .collect()
}

fn show_verification(verified: &Verification, output: &mut Output) {
    let info = &verified.info;
    let approver = verified.approver.as_ref().map(|approver| {
        json!({"signer": approver.principal, "fingerprint": approver.fingerprint, "role": "approver"})
    });
    let value = json!({
        "bundle": info.bundle, "project": info.project, "marking": info.marking, "policy": info.policy,
        "program": info.program, "justification": info.justification, "recipients": info.recipients,
        "created": info.created.to_iso(), "audit_checkpoint": info.audit_checkpoint,
        "sha512": verified.sha512, "signer": verified.principal, "fingerprint": verified.fingerprint,
        "approver": approver, "approved": verified.approved(), "trusted": verified.trusted(),
        "items": verified.items, "annotations": verified.annotations, "media": verified.media,
        "changes": verified.changes, "traced": verified.traced, "volume": info.volume.number, "volumes": info.volume.count,
    });
    output.result(&value, || text_of(verified));
}

/// The verification for people.
fn text_of(verified: &Verification) -> String {
    let info = &verified.info;
    let content = format!(
        "{} items, {} annotations, {} media files",
        count(verified.items),
        count(verified.annotations),
        count(verified.media)
    );
    let mut rows = vec![
        ("bundle", info.bundle.to_string()),
        ("marking", info.marking.text().to_owned()),
        ("content", if verified.traced { content } else { "not looked at".into() }),
        ("provenance", format!("{} signed changes verified", count(verified.changes))),
        (
            "compared",
            if verified.traced {
                "labels, items, annotations, media and every format with the signed changes".into()
            } else {
                format!(
                    "NO: this is volume {} of {}, which does not hold all that the comparison needs",
                    info.volume.number, info.volume.count
                )
            },
        ),
        ("created", info.created.to_iso()),
        ("export policy", format!("{} person", info.policy.word())),
    ];
    if !info.recipients.is_empty() {
        rows.push(("made for", info.recipients.join(", ")));
    }
    rows.extend([
        ("audit", info.audit_checkpoint.clone()),
        ("tag manifest", format!("sha512 {}", verified.sha512)),
        ("signed by", signer(verified.principal.as_deref(), &verified.fingerprint)),
    ]);
    if let Some(approver) = &verified.approver {
        rows.push(("approved by", signer(approver.principal.as_deref(), &approver.fingerprint)));
    }
    let rows: Vec<_> = rows.into_iter().map(|(k, v)| vec![format!("  {k}"), v]).collect();
    let head = if verified.trusted() {
        "The bundle is whole and its signer is trusted"
    } else if verified.principal.is_none() {
        "The bundle is whole; its signer is not known here"
    } else {
        "The bundle is whole and its signer is trusted; NO SECOND PERSON is known to have approved it"
    };
    format!("{head}\n{}", table(&rows))
}

/// A signer's name and key.
fn signer(principal: Option<&str>, fingerprint: &str) -> String {
    match principal {
        Some(name) => format!("{name}, {fingerprint}"),
        None => format!(
            "UNKNOWN, {fingerprint}: compare it with the sender's by another way, or give --signers"
        ),
    }
}
