//! What leaves, what does not, and what the audit log says of it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use vaultmark_crypto::{KdfParameters, Passphrase};
use vaultmark_model::policy::{ExportPolicy, Policy};
use vaultmark_model::work::Cancel;
use vaultmark_store::vault::NewVault;

use super::*;
use crate::journeys::labels::{self, LabelWish};
use crate::journeys::projects;
use crate::{DecoderProgram, ambient};

const PASSPHRASE: &str = "correct horse battery staple";
const MARKING: &str = "SECRET//NOFORN";

/// A vault with a project, and a folder for what leaves.
struct Desk {
    folder: TempDir,
    session: Session,
    project: ProjectId,
    /// Somebody to seal to: whoever holds the recovery sheet.
    recipient: String,
}

/// How an entry of the audit log reads: its word, its ending, its facts.
type Said = (String, &'static str, BTreeMap<String, String>);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("out")).unwrap();
        let new = NewVault {
            officer: "ada".into(),
            passphrase: Passphrase::new(PASSPHRASE.into()),
            policy: Policy::new(Marking::new(MARKING).unwrap(), ExportPolicy::Single),
            kdf: KdfParameters::Argon2id { memory_kib: 16, passes: 1, lanes: 1 },
        };
        let decoder = DecoderProgram { program: "/nonexistent".into(), workers: 1 };
        let at = folder.path().join("vault");
        let (session, sheet) = Session::create(&at, new, ambient::system(), decoder).unwrap();
        let project = projects::create(&session, "one", Marking::new(MARKING).unwrap()).unwrap();
        let project = project.id();
        Self { folder, session, project, recipient: sheet.recipient.clone() }
    }

    fn to(&self, name: &str) -> PathBuf {
        self.folder.path().join("out").join(name)
    }

    fn bundle(&self) -> Request {
        self.bundle_to(vec![])
    }

    fn bundle_to(&self, seal_to: Vec<String>) -> Request {
        let formats = vec!["coco".into()];
        self.request(Form::Bundle { formats, media: true, history: false, seal_to })
    }

    fn bare(&self) -> Request {
        self.request(Form::Bare { format: "coco".into() })
    }

    fn request(&self, form: Form) -> Request {
        let justification = "delivery\n3".into();
        Request { project: self.project, form, marking: None, justification, agreed: None }
    }

    fn proof(&self) -> FreshSignIn {
        self.session.confirm(&Passphrase::new(PASSPHRASE.into())).unwrap()
    }

    fn send(&self, request: &Request, to: &str) -> Result<Report, AppError> {
        let (proof, to) = (self.proof(), self.to(to));
        Work::quiet(|work| perform(&self.session, proof, request, &to, work))
    }

    /// The entries on exports.
    fn said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        let mut each = |entry: vaultmark_store::audit::AuditEntry| {
            if let Some(event) = entry.event.filter(|event| event.action.starts_with("export")) {
                said.push((event.action, event.outcome.word(), event.detail));
            }
            Ok(ControlFlow::Continue(()))
        };
        self.session.vault().audit().entries(0, &mut each).unwrap();
        said
    }

    fn left(&self) -> usize {
        fs::read_dir(self.to("")).unwrap().count()
    }
}

fn endings(said: &[Said]) -> Vec<(&str, &str)> {
    said.iter().map(|(word, ending, _)| (word.as_str(), *ending)).collect()
}

fn facts<'a>(said: &'a Said, names: &[&str]) -> Vec<&'a str> {
    names.iter().map(|name| said.2.get(*name).map_or("absent", String::as_str)).collect()
}

#[test]
fn the_log_says_what_was_asked_for_and_what_left() {
    let names = ["form", "formats", "media", "history", "recipients", "marking", "justification"];
    for (bare, wanted) in [
        (false, ["bundle", "coco", "yes", "no", "none", MARKING, "delivery 3"]),
        (true, ["bare file", "coco", "no", "no", "none", MARKING, "delivery 3"]),
    ] {
        let desk = Desk::new();
        let request = if bare { desk.bare() } else { desk.bundle() };
        let report = desk.send(&request, "out").unwrap();
        let said = desk.said();
        let order = [("export", "started"), ("export.release", "started"), ("export", "done")];
        assert_eq!(endings(&said), order);
        assert_eq!(facts(&said[0], &names), wanted);
        assert_eq!(facts(&said[0], &["target"]), [desk.to("out").to_str().unwrap()]);
        let bundle = report.bundle.map_or("bare file".to_owned(), |id| id.to_string());
        for entry in &said[1..] {
            assert_eq!(facts(entry, &["bundle", "sha512"]), [&bundle, &report.sha512]);
        }
        assert_eq!(fs::metadata(desk.to("out")).unwrap().len(), report.bytes);
    }
}

#[test]
fn what_was_changed_since_it_was_agreed_to_does_not_leave() {
    let desk = Desk::new();
    for (name, request) in [("one", desk.bundle()), ("two", desk.bare())] {
        let plan = plan(&desk.session, &request).unwrap();
        let agreed = Request { agreed: Some(plan.heads), ..request };
        desk.send(&agreed, "as agreed").unwrap();
        let label = LabelWish { id: None, name: name.into(), color: None, key: None };
        labels::save(&desk.session, desk.project, &[label]).unwrap();
        let refused = desk.send(&agreed, "changed");
        assert!(matches!(refused, Err(AppError::ChangedMeanwhile)), "{refused:?}");
        assert!(!desk.to("changed").exists());
        assert_eq!(desk.said().last().unwrap().1, "refused");
        fs::remove_file(desk.to("as agreed")).unwrap();
    }
}

#[test]
fn what_is_declined_before_it_begins_is_recorded() {
    let desk = Desk::new();
    let refused = refuse::<()>(&desk.session, &desk.bundle(), &desk.to("out"), AppError::Cancelled);
    assert!(matches!(refused, Err(AppError::Cancelled)));
    let said = desk.said();
    assert_eq!(endings(&said), [("export", "started"), ("export", "failed")]);
    assert_eq!(facts(&said[1], &["kind"]), ["cancelled"]);
}

#[test]
fn a_sealed_bundle_is_said_to_have_the_bytes_of_its_file() {
    let desk = Desk::new();
    let report = desk.send(&desk.bundle_to(vec![desk.recipient.clone()]), "out").unwrap();
    assert!(!report.read_back);
    assert_eq!(facts(&desk.said()[0], &["recipients"]), [&desk.recipient]);
    let file = fs::read(desk.to("out")).unwrap();
    assert!(file.starts_with(b"age-encryption.org/v1\n"));
    assert_eq!(file.len() as u64, report.bytes);
}

#[test]
fn nothing_leaves_with_another_marking_than_the_projects() {
    let desk = Desk::new();
    for request in [desk.bundle(), desk.bare()] {
        let lower = Request { marking: Some("UNCLASSIFIED".into()), ..request.clone() };
        let refused = desk.send(&lower, "out").unwrap_err();
        assert!(matches!(refused, AppError::MarkingDiffers { .. }), "{refused}");
        let said = desk.said();
        let (asked, ended) = (&said[said.len() - 2], &said[said.len() - 1]);
        assert_eq!(facts(asked, &["marking"]), ["UNCLASSIFIED"]);
        assert_eq!((ended.1, facts(ended, &["kind"])), ("refused", vec!["marking_differs"]));
        let planned = plan(&desk.session, &lower).unwrap().refused.unwrap().to_string();
        assert!(planned.contains(MARKING), "{planned}");
        assert_eq!(desk.left(), 0);

        let same = Request { marking: Some(format!(" {MARKING} ")), ..request };
        desk.send(&same, "out").unwrap();
        fs::remove_file(desk.to("out")).unwrap();
    }
}

#[test]
fn an_export_takes_a_proof_of_its_own_session() {
    let (desk, other) = (Desk::new(), Desk::new());
    let (request, to) = (desk.bare(), desk.to("out"));
    let stolen = other.proof();
    let refused = Work::quiet(|work| perform(&desk.session, stolen, &request, &to, work));
    assert!(matches!(refused, Err(AppError::SignInAgain)), "{refused:?}");
    assert_eq!(endings(&desk.said()), [("export", "started"), ("export", "refused")]);
    assert_eq!(desk.left(), 0);
    let wrong = desk.session.confirm(&Passphrase::new("wrong, but long enough".into()));
    assert!(wrong.is_err());
    // The sign-in that opened the session counts once.
    let first = desk.session.just_signed_in().unwrap();
    Work::quiet(|work| perform(&desk.session, first, &request, &to, work)).unwrap();
    assert!(matches!(desk.session.just_signed_in(), Err(AppError::SignInAgain)));
}

#[test]
fn what_is_cancelled_at_any_moment_leaves_nothing_and_no_word_of_a_release() {
    for bare in [false, true] {
        let desk = Desk::new();
        let request = if bare { desk.bare() } else { desk.bundle() };
        let to = desk.to("out");
        let mut moment = 0;
        loop {
            let (proof, cancel, seen) = (desk.proof(), Cancel::default(), AtomicU32::new(0));
            let report = |_| {
                if seen.fetch_add(1, Ordering::SeqCst) == moment {
                    cancel.cancel();
                }
            };
            let work = Work { report: &report, cancel: &cancel };
            match perform(&desk.session, proof, &request, &to, work) {
                Ok(_) => break,
                Err(error) => assert!(matches!(error, AppError::Cancelled), "{error}"),
            }
            assert_eq!(desk.left(), 0, "cancelled at report {moment}");
            let said = desk.said();
            let ending = &endings(&said)[said.len() - 2..];
            assert_eq!(ending, [("export", "started"), ("export", "failed")]);
            moment += 1;
        }
        assert!(moment > 0, "there was nothing to cancel");
        assert_eq!(desk.left(), 1);
    }
}

#[test]
fn a_target_in_the_vault_or_taken_is_refused() {
    let desk = Desk::new();
    fs::write(desk.to("taken"), b"theirs").unwrap();
    let inside = PathBuf::from("../vault/projects/zz.json");
    for to in [inside.as_path(), Path::new("taken")] {
        for request in [desk.bundle(), desk.bare()] {
            let error = desk.send(&request, to.to_str().unwrap()).unwrap_err();
            assert!(matches!(error, AppError::Invalid { .. } | AppError::Exists { .. }), "{error}");
            assert_eq!(desk.said().last().unwrap().1, "refused");
        }
    }
    assert!(!desk.to("../vault/projects/zz.json").exists());
    assert_eq!(fs::read(desk.to("taken")).unwrap(), b"theirs");
}
