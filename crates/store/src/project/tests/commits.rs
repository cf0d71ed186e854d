//! Single gestures: what they do, and what is refused.

use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Header, Intent, Part, Subject, Value};
use vaultmark_model::{Color, Digest, Source};

use super::fixture::*;
use crate::StoreError;
use crate::project::{Disclosure, Project};

fn headers(project: &Project) -> Vec<Header> {
    let mut headers = Vec::new();
    project
        .each_change::<StoreError>(Disclosure::History, &mut |link, _| {
            headers.push(Header::from_bytes(&link.header)?);
            Ok(())
        })
        .unwrap();
    headers
}

#[test]
fn a_gesture_is_one_signed_change_that_survives_a_restart() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let edits = vec![
        on_annotation(0, Part::Geometry, Value::Shape(shape(7.0))),
        on_annotation(0, Part::Note, text("half under a crane")),
        on_annotation(0, Part::Occluded, Value::Flag(true)),
    ];
    let done = project.commit("move", edits).unwrap();
    assert_eq!((done.seq, done.leaves), (3, 3));
    assert_eq!(done.items, [item_id(0)]);
    assert_eq!(done.subjects, [Subject::Annotation(annotation_id(0))]);
    drop(project);

    let project = reopen(folder.path(), 1, 1).unwrap();
    let found = project.annotations(item_id(0)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].shape, shape(7.0));
    assert_eq!(found[0].note, "half under a crane");
    assert!(found[0].occluded && !found[0].locked);
    assert_eq!(project.annotation(annotation_id(0)).unwrap().as_ref(), found.first());

    let headers = headers(&project);
    assert_eq!(headers.len(), 3);
    assert_eq!(headers[0].previous, Digest::ZERO);
    assert_eq!(headers[2].intent, Intent::Edit);
    assert_eq!(headers[2].tool.gesture, "move");
    assert_eq!(headers[2].author, author(1).signer.public());
    assert_eq!(headers[2].content[0].item, item_id(0));
    let parts = headers[2].parts.listed().unwrap();
    // The shape was based on the whole, the note on nothing.
    assert_eq!(parts[0].base.map(|base| base.change), Some(headers[1].id));
    assert_eq!(parts[1].base, None);
    assert_whole(&project);
}

#[test]
fn numbers_are_given_once_and_never_again() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    assert_eq!(project.labels().unwrap().iter().map(|l| l.number).collect::<Vec<_>>(), [1, 2]);
    let numbers = project.next_numbers().unwrap();
    assert_eq!((numbers.item, numbers.label), (3, 3));
    project.commit("delete", vec![on_label(1, Part::Presence, Value::Flag(false))]).unwrap();
    project.commit("label", vec![label(2, "crane")]).unwrap();
    assert_eq!(project.labels().unwrap()[1].number, 3);
    let mut again = label(3, "again");
    if let Value::Label(body) = &mut again.value {
        body.number = 2;
    }
    assert!(why(project.commit("label", vec![again])).contains("given before"));
}

#[test]
fn locked_annotations_keep_shape_label_and_presence() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let lock = |on| on_annotation(0, Part::Locked, Value::Flag(on));
    project.commit("lock", vec![lock(true)]).unwrap();
    for edit in [
        on_annotation(0, Part::Geometry, Value::Shape(shape(9.0))),
        on_annotation(0, Part::Label, Value::LabelRef(label_id(1))),
        on_annotation(0, Part::Presence, Value::Flag(false)),
    ] {
        assert!(why(project.commit("edit", vec![edit])).contains("locked"));
    }
    project.commit("note", vec![on_annotation(0, Part::Note, text("still allowed"))]).unwrap();
    let moved = on_annotation(0, Part::Geometry, Value::Shape(shape(9.0)));
    project.commit("move", vec![lock(false), moved, lock(true)]).unwrap();
    let found = &project.annotations(item_id(0)).unwrap()[0];
    assert!(found.locked && found.shape == shape(9.0));
    assert_whole(&project);
}

#[test]
fn labels_in_use_taken_names_and_unknown_references_are_refused() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let delete = |n| on_label(n, Part::Presence, Value::Flag(false));
    assert!(why(project.commit("delete", vec![delete(0)])).contains("1 annotations use it"));
    assert!(why(project.commit("label", vec![label(2, "ship")])).contains("ship"));
    let rename = on_label(1, Part::Name, text("ship"));
    assert!(why(project.commit("rename", vec![rename])).contains("ship"));
    for edit in [
        annotation(1, 0, 77),
        annotation(1, 77, 0),
        on_annotation(77, Part::Note, text("x")),
        on_annotation(0, Part::Label, Value::LabelRef(label_id(77))),
        on_item(77, Part::Done, Value::Flag(true)),
        delete(77),
    ] {
        let refused = project.commit("edit", vec![edit.clone()]);
        assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{edit:?}");
    }
    assert!(why(project.commit("box", vec![annotation(0, 0, 0)])).contains("exists already"));
    assert!(why(project.commit("nothing", vec![])).contains("nothing to change"));

    project.commit("delete", vec![on_annotation(0, Part::Presence, Value::Flag(false))]).unwrap();
    project.commit("delete", vec![delete(0)]).unwrap();
    let stale = project.commit("note", vec![on_annotation(0, Part::Note, text("x"))]);
    assert!(matches!(stale, Err(StoreError::NotFound { .. })));
    // Back it comes only once its label is back.
    let restore = on_annotation(0, Part::Presence, Value::Flag(true));
    assert!(why(project.commit("restore", vec![restore.clone()])).contains("label"));
    let label = on_label(0, Part::Presence, Value::Flag(true));
    project.commit("restore", vec![label, restore]).unwrap();
    assert_eq!(project.annotations(item_id(0)).unwrap().len(), 1);
    assert_whole(&project);
}

#[test]
fn a_refused_edit_leaves_nothing_of_its_gesture() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let before = project.heads().unwrap();
    let edits =
        vec![annotation(1, 0, 0), on_item(0, Part::Done, Value::Flag(true)), annotation(2, 0, 99)];
    assert!(project.commit("edits", edits).is_err());
    assert_eq!(project.heads().unwrap(), before);
    assert_eq!(project.annotations(item_id(0)).unwrap().len(), 1);
    project.commit("box", vec![annotation(1, 0, 0)]).unwrap();
    assert_whole(&project);
}

#[test]
fn values_out_of_place_or_bounds_are_refused() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    for edit in [
        on_annotation(0, Part::Geometry, Value::Flag(true)),
        on_item(0, Part::Geometry, Value::Shape(shape(1.0))),
        on_label(0, Part::Color, text("red")),
    ] {
        assert!(why(project.commit("edit", vec![edit])).contains("does not belong"));
    }
    for edit in [
        on_annotation(0, Part::Note, text(&"x".repeat(70_000))),
        on_annotation(0, Part::Geometry, Value::Shape(shape(f64::NAN))),
        on_label(0, Part::Name, text(" ")),
        on_label(0, Part::Key, Value::Key(Some(10))),
    ] {
        assert!(matches!(project.commit("edit", vec![edit]), Err(StoreError::Model(_))));
    }
    let mut item = item(9, "odd.png");
    if let Value::Item(body) = &mut item.value {
        body.facts.orientation = 9;
    }
    assert!(project.commit("import", vec![item]).is_err());
    for (name, confidence) in [("x".repeat(300), 0.5), ("net".into(), f64::NAN)] {
        let mut one = annotation(1, 0, 0);
        if let Value::Annotation(body) = &mut one.value {
            body.source = Source::Model { name, version: "1".into(), confidence };
        }
        assert!(project.commit("model", vec![one]).is_err());
    }
    let long = "x".repeat(300);
    assert!(project.commit(&long, vec![annotation(1, 0, 0)]).is_err());
}

#[test]
fn labels_and_items_change_part_by_part() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    project
        .commit(
            "edit",
            vec![
                on_label(0, Part::Name, text("vessel")),
                on_label(0, Part::Color, Value::Color(Color([1, 2, 3]))),
                on_label(0, Part::Key, Value::Key(Some(4))),
                on_item(0, Part::Done, Value::Flag(true)),
                on_item(0, Part::Flagged, Value::Flag(true)),
                on_item(0, Part::Note, text("hazy")),
            ],
        )
        .unwrap();
    let label = &project.labels().unwrap()[0];
    assert_eq!(
        (label.name.as_str(), label.color, label.key),
        ("vessel", Color([1, 2, 3]), Some(4))
    );
    let found = project.item(item_id(0)).unwrap().unwrap();
    assert!(found.done && found.flagged && found.note == "hazy");
    let counts = project.counts().unwrap();
    assert_eq!((counts.items, counts.annotations, counts.done, counts.flagged), (2, 1, 1, 1));
    assert_whole(&project);
}

#[test]
fn history_tells_who_did_what_to_an_item() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    project.commit("note", vec![on_annotation(0, Part::Note, text("x"))]).unwrap();
    project.commit("done", vec![on_item(1, Part::Done, Value::Flag(true))]).unwrap();
    project.commit("done", vec![on_item(0, Part::Done, Value::Flag(true))]).unwrap();
    let history = project.history(item_id(0), 10).unwrap();
    let gestures: Vec<_> = history.iter().map(|h| (h.seq, h.gesture.as_str())).collect();
    assert_eq!(gestures, [(5, "done"), (3, "note"), (2, "box"), (1, "set up")]);
    assert_eq!(project.last_touched(item_id(0)).unwrap(), history[0].seq);
    assert_eq!(project.last_touched(item_id(99)).unwrap(), 0);
    assert_eq!(history[1].parts, [(Subject::Annotation(annotation_id(0)), Part::Note)]);
    assert_eq!(history[3].parts, [(Subject::Item(item_id(0)), Part::Whole)]);
    assert_eq!(project.history(item_id(0), 2).unwrap()[..], history[..2]);
}

#[test]
fn settings_are_a_persons_own_and_no_change() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let before = project.heads().unwrap();
    project.set_setting("zoom", "2").unwrap();
    project.set_setting("zoom", "3").unwrap();
    assert_eq!(project.setting("zoom").unwrap().as_deref(), Some("3"));
    assert_eq!(project.heads().unwrap(), before);
    drop(project);
    let other = reopen(folder.path(), 1, 2).unwrap();
    assert_eq!(other.setting("zoom").unwrap(), None);
}

#[test]
fn heads_tell_a_database_that_was_put_back() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let early = project.heads().unwrap();
    drop(project);
    let database = folder.path().join("p").join(crate::project::DATABASE);
    let old = std::fs::read(&database).unwrap();
    let project = reopen(folder.path(), 1, 1).unwrap();
    project.commit("note", vec![on_item(0, Part::Note, text("new"))]).unwrap();
    let late = project.heads().unwrap();
    assert!(project.descends_from(&early).unwrap() && project.descends_from(&late).unwrap());
    drop(project);
    std::fs::write(&database, old).unwrap();
    let project = reopen(folder.path(), 1, 1).unwrap();
    assert!(project.descends_from(&early).unwrap() && !project.descends_from(&late).unwrap());
}
