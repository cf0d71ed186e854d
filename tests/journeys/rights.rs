//! What a gesture may change, what is taken back by which right, and what goes on in the background.

use std::fs;

use vaultmark::journeys::{annotate, view};
use vaultmark::model::change::{Edit, Part, Subject, Value};
use vaultmark::model::work::Work;
use vaultmark::model::{ItemId, LabelId};

use crate::support::{fixtures, made};

#[test]
fn a_gesture_changes_annotations_and_nothing_else() {
    let place = fixtures::small();
    place.in_project(|session, project| {
        let label = Subject::Label(LabelId::from_bytes([7; 16]));
        let item = Subject::Item(ItemId::from_bytes([7; 16]));
        for (subject, part, value) in [
            (label, Part::Name, Value::Text("renamed".into())),
            (label, Part::Presence, Value::Flag(false)),
            (item, Part::Presence, Value::Flag(false)),
        ] {
            let edits = vec![Edit { subject, part, value }];
            let refused = annotate::edit(session, project, "box", edits);
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("operations of their own"), "{said}");
        }
    });
    place.is_whole("after refused gestures");
}

#[test]
fn taking_back_an_import_is_recorded_as_that() {
    let place = fixtures::small();
    let folder = place.folder().join("more");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("one.png"), made::noise(20, 20, 900)).unwrap();
    place.run([std::ffi::OsStr::new("import"), folder.as_os_str()]).ok();
    let (before, _) = place.counts();
    place.in_project(|session, project| {
        annotate::undo(session, project).unwrap();
        annotate::redo(session, project).unwrap();
        annotate::undo(session, project).unwrap();
    });
    assert_eq!(place.counts().0, before - 1);
    place.is_whole("after an import was taken back");
}

#[test]
fn nothing_is_prepared_where_nothing_is_large() {
    let place = fixtures::small();
    place.in_project(|session, project| {
        assert!(!view::packs_are_missing(session, project).unwrap());
        let built = Work::quiet(|work| view::build_packs(session, project, work)).unwrap();
        assert_eq!(built, 0);
    });
    let folder = place.folder().join("large");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("wide.png"), made::noise(4200, 8, 901)).unwrap();
    place.run([std::ffi::OsStr::new("import"), folder.as_os_str()]).ok();
    place.in_project(|session, project| {
        assert!(view::packs_are_missing(session, project).unwrap());
        let built = Work::quiet(|work| view::build_packs(session, project, work)).unwrap();
        assert_eq!(built, 1);
        assert!(!view::packs_are_missing(session, project).unwrap());
    });
}

#[test]
fn an_import_of_which_every_file_is_refused_is_refused() {
    let place = fixtures::small();
    let folder = place.folder().join("broken");
    fs::create_dir(&folder).unwrap();
    let mut cut = made::noise(40, 40, 902);
    cut.truncate(60);
    fs::write(folder.join("cut.png"), &cut).unwrap();
    let words = [std::ffi::OsStr::new("import"), folder.as_os_str()];
    let refused = place.run(words).ends(1);
    assert!(refused.out.contains("cut.png"), "{refused:?}");
    fs::write(folder.join("whole.png"), made::noise(40, 40, 903)).unwrap();
    place.run(words).ends(4);
}
