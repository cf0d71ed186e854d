//! A script written from the manual's format page alone verifies every signed Change of a bundle;
//! what was deleted does not leave, and the chain still verifies.

use std::fs;
use std::path::Path;
use std::process::Command;

use vaultmark::journeys::annotate;
use vaultmark::model::change::{Edit, Part, Subject, Value};
use vaultmark::model::{AnnotationId, ItemId};
use vaultmark::store::project::ItemQuery;

use crate::support::{Place, fixtures, python, root, tool};

const MARKER: &str = "MARKER-note-4f1d";

/// Verifies a bundle with the script and gives what it says.
pub fn verified(python: &Path, bundle: &Path, signers: &Path) -> String {
    let script = root().join("tests/python/bundle_verify.py");
    tool(Command::new(python).arg(script).arg(bundle).arg("--signers").arg(signers))
}

/// The first item and the first annotation on it.
fn first(place: &Place) -> (ItemId, AnnotationId) {
    place.in_project(|session, project| {
        let item =
            vaultmark::journeys::library::ids(session, project, &ItemQuery::default()).unwrap()[0];
        (item, annotate::open(session, project, item).unwrap().annotations[0].id)
    })
}

/// Sets a note, as one gesture.
pub fn note(place: &Place, subject: Subject, text: &str) {
    place.in_project(|session, project| {
        let edit = Edit { subject, part: Part::Note, value: Value::Text(text.into()) };
        annotate::edit(session, project, "note", vec![edit]).unwrap();
    });
}

fn holds(file: &Path, text: &str) -> bool {
    fs::read(file).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn the_vectors_of_the_manual_agree() {
    let Some(python) = python() else { return };
    let script = root().join("tests/python/bundle_verify.py");
    let page = root().join("docs-offline/bundle-format.md");
    assert!(
        tool(Command::new(python).arg(script).arg("--vectors").arg(page)).contains("vectors agree")
    );
}

#[test]
fn every_change_of_a_real_bundle_verifies() {
    let (Some(python), Some(place)) = (python(), fixtures::bccd()) else { return };
    let bundle = place.bundle("cells.bag.zip", &["--media"]);
    let said = verified(&python, &bundle, &place.signers());
    assert!(said.contains("verified") && said.contains(" by alice "), "{said}");
    let ours = place.run(["--json", "bundle", "verify", bundle.to_str().unwrap()]).ends(4).json();
    assert!(said.contains(&format!("\n{} changes, ", ours["changes"])), "{said}\n{ours}");
    assert!(said.contains(" fields shown, 0 withheld"), "nothing was superseded yet: {said}");

    // One byte of one label altered, with every checksum made good again, is still seen: the script
    // refuses what the program refuses.
    let mut bytes = fs::read(&bundle).unwrap();
    let at = bytes
        .windows(7)
        .position(|window| window == b"\"RBC\",\"")
        .or_else(|| bytes.windows(3).position(|w| w == b"RBC"));
    bytes[at.unwrap()] = b'W';
    let altered = place.out("altered.bag.zip");
    fs::write(&altered, bytes).unwrap();
    place.run(["bundle", "verify", altered.to_str().unwrap()]).ends(1);
    let script = root().join("tests/python/bundle_verify.py");
    assert!(!Command::new(&python).arg(script).arg(&altered).output().unwrap().status.success());
}

#[test]
fn what_was_deleted_does_not_leave_and_the_chain_verifies() {
    let place = fixtures::small();
    let signers = place.signers();
    let (item, annotation) = first(&place);
    note(&place, Subject::Item(item), MARKER);
    note(&place, Subject::Annotation(annotation), MARKER);
    let with = place.bundle("with.bag.zip", &["--media"]);
    assert!(holds(&with, MARKER), "the search finds a note that is there");

    note(&place, Subject::Item(item), "");
    place.in_project(|session, project| {
        let gone = Edit {
            subject: Subject::Annotation(annotation),
            part: Part::Presence,
            value: Value::Flag(false),
        };
        annotate::edit(session, project, "delete", vec![gone]).unwrap();
    });
    let without = place.bundle("without.bag.zip", &["--media"]);
    assert!(!holds(&without, MARKER));
    let history = place.bundle("history.bag.zip", &["--history"]);
    assert!(holds(&history, MARKER), "history goes along where it is asked for");
    for bundle in [&with, &without, &history] {
        let words =
            ["bundle", "verify", bundle.to_str().unwrap(), "--signers", signers.to_str().unwrap()];
        place.run(words).ok();
        if let Some(python) = python() {
            let said = verified(&python, bundle, &signers);
            assert!(said.contains("verified"), "{said}");
            assert_eq!(said.contains(" 0 withheld"), bundle != &without, "{said}");
        }
    }
    place.is_whole("after deleting");
}

#[test]
fn undo_survives_a_restart_and_is_a_change_of_its_own() {
    let place = fixtures::small();
    let (item, _) = first(&place);
    let subject = Subject::Item(item);
    note(&place, subject, "first");
    note(&place, subject, "second");
    let shown = |place: &Place| {
        place.in_project(|session, project| {
            annotate::open(session, project, item).unwrap().item.note
        })
    };
    let changes = |place: &Place| {
        place.run(["--json", "project", "show"]).ok().json()["heads"][0]["seq"].as_u64().unwrap()
    };
    let before = changes(&place);
    place.in_project(|session, project| annotate::undo(session, project).map(|_| ()).unwrap());
    assert_eq!(shown(&place), "first");
    place.in_project(|session, project| annotate::undo(session, project).map(|_| ()).unwrap());
    assert_eq!(shown(&place), "");
    place.in_project(|session, project| annotate::redo(session, project).map(|_| ()).unwrap());
    assert_eq!((shown(&place), changes(&place)), ("first".into(), before + 3));
    // All the way back: the labels' import undoes as one.
    place.in_project(|session, project| {
        while annotate::undo_state(session, project).unwrap().undo.is_some() {
            annotate::undo(session, project).unwrap();
        }
    });
    assert_eq!(place.counts().1, 0);
    place.is_whole("after undoing everything");
}
