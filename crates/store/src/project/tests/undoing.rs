//! Undo and redo: new changes, a stack that is the chain, and refusals with reasons.

use vaultmark_model::change::{Part, Value};

use super::fixture::*;
use crate::project::Project;

fn x(project: &Project) -> Option<f64> {
    let found = project.annotation(annotation_id(0)).unwrap()?;
    Some(found.shape.bounds().left)
}

fn move_to(project: &Project, to: f64) {
    let edit = on_annotation(0, Part::Geometry, Value::Shape(shape(to)));
    project.commit("move", vec![edit]).unwrap();
}

fn stack(project: &Project) -> (Option<String>, Option<String>) {
    let state = project.undo_state().unwrap();
    (state.undo.map(|s| s.gesture), state.redo.map(|s| s.gesture))
}

fn words(undo: &str, redo: &str) -> (Option<String>, Option<String>) {
    let word = |w: &str| (!w.is_empty()).then(|| w.to_owned());
    (word(undo), word(redo))
}

#[test]
fn back_and_forth_through_restarts_any_number_of_times() {
    let folder = folder();
    let mut project = small(folder.path(), 1, 1);
    join(&project, 2);
    move_to(&project, 10.0);
    move_to(&project, 20.0);
    for _ in 0..3 {
        assert_eq!(stack(&project), words("move", ""));
        project.undo().unwrap();
        assert_eq!(x(&project), Some(10.0));
        assert_eq!(stack(&project), words("move", "move"));
        drop(project);
        project = reopen(folder.path(), 1, 1).unwrap();
        project.undo().unwrap();
        assert_eq!(x(&project), Some(0.0));
        project.undo().unwrap();
        assert_eq!(x(&project), None);
        assert_eq!(stack(&project), words("set up", "box"));
        project.undo().unwrap();
        assert_eq!(project.labels().unwrap().len(), 0);
        assert_eq!(project.counts().unwrap().items, 0);
        assert_eq!(stack(&project), words("", "set up"));
        assert!(why(project.undo()).contains("nothing"));
        for expected in [None, Some(0.0), Some(10.0), Some(20.0)] {
            project.redo().unwrap();
            assert_eq!(x(&project), expected);
        }
        assert!(why(project.redo()).contains("nothing"));
    }
    assert_whole(&project);
}

#[test]
fn a_new_edit_leaves_nothing_to_redo() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    move_to(&project, 10.0);
    project.undo().unwrap();
    project.commit("note", vec![on_item(0, Part::Note, text("x"))]).unwrap();
    assert_eq!(stack(&project), words("note", ""));
    project.undo().unwrap();
    assert_eq!(stack(&project), words("box", "note"));
    project.undo().unwrap();
    assert_eq!(x(&project), None);
    project.redo().unwrap();
    project.redo().unwrap();
    assert_eq!(project.item(item_id(0)).unwrap().unwrap().note, "x");
    assert_whole(&project);
}

#[test]
fn every_kind_of_part_comes_back() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    let before = (project.annotations(item_id(0)).unwrap(), project.labels().unwrap());
    let item_before = project.item(item_id(0)).unwrap();
    let edits = vec![
        on_annotation(0, Part::Geometry, Value::Shape(shape(5.0))),
        on_annotation(0, Part::Label, Value::LabelRef(label_id(1))),
        on_annotation(0, Part::Note, text("n")),
        on_annotation(0, Part::Flagged, Value::Flag(true)),
        on_annotation(0, Part::Occluded, Value::Flag(true)),
        on_annotation(0, Part::Truncated, Value::Flag(true)),
        on_annotation(0, Part::Hidden, Value::Flag(true)),
        on_annotation(0, Part::ZOrder, Value::Order(-3)),
        on_label(0, Part::Name, text("other")),
        on_label(0, Part::Key, Value::Key(Some(1))),
        on_item(0, Part::Done, Value::Flag(true)),
        on_item(0, Part::Note, text("m")),
        on_annotation(0, Part::Locked, Value::Flag(true)),
    ];
    project.commit("many", edits).unwrap();
    let after = (project.annotations(item_id(0)).unwrap(), project.labels().unwrap());
    project.undo().unwrap();
    assert_eq!((project.annotations(item_id(0)).unwrap(), project.labels().unwrap()), before);
    assert_eq!(project.item(item_id(0)).unwrap(), item_before);
    project.redo().unwrap();
    assert_eq!((project.annotations(item_id(0)).unwrap(), project.labels().unwrap()), after);
    assert_whole(&project);
}

#[test]
fn creation_with_a_note_goes_and_comes_as_one() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    let edits = vec![annotation(1, 0, 0), on_annotation(1, Part::Note, text("n"))];
    project.commit("box", edits).unwrap();
    let undone = project.undo().unwrap();
    assert_eq!(undone.committed.leaves, 1);
    assert_eq!(project.annotation(annotation_id(1)).unwrap(), None);
    project.redo().unwrap();
    assert_eq!(project.annotation(annotation_id(1)).unwrap().unwrap().note, "n");
    assert_whole(&project);
}

#[test]
fn deleting_is_undone_and_the_counts_follow() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    project.commit("delete", vec![on_annotation(0, Part::Presence, Value::Flag(false))]).unwrap();
    assert_eq!(project.label_counts().unwrap()[&label_id(0)], 0);
    project.undo().unwrap();
    assert_eq!(project.label_counts().unwrap()[&label_id(0)], 1);
    assert_eq!(x(&project), Some(0.0));
}

#[test]
fn what_somebody_changed_since_is_refused_with_the_reason() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    move_to(&project, 10.0);
    drop(project);
    let other = reopen(folder.path(), 1, 2).unwrap();
    assert_eq!(stack(&other), words("", ""));
    assert!(why(other.undo()).contains("nothing of yours"));
    move_to(&other, 30.0);
    drop(other);
    let project = reopen(folder.path(), 1, 1).unwrap();
    assert!(why(project.undo()).contains("shape was changed since"));
    drop(project);
    // Moved back by the other one: it is where the first left it.
    let other = reopen(folder.path(), 1, 2).unwrap();
    other.undo().unwrap();
    drop(other);
    let project = reopen(folder.path(), 1, 1).unwrap();
    project.undo().unwrap();
    assert_eq!(x(&project), Some(0.0));
    assert_whole(&project);
}

#[test]
fn creation_is_not_undone_where_somebody_went_on_with_it() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    drop(project);
    let other = reopen(folder.path(), 1, 2).unwrap();
    other.commit("note", vec![on_annotation(0, Part::Note, text("mine"))]).unwrap();
    drop(other);
    let project = reopen(folder.path(), 1, 1).unwrap();
    assert!(why(project.undo()).contains("note was changed since"));
    assert_eq!(x(&project), Some(0.0));
}

#[test]
fn a_batch_is_undone_as_one_naming_exceptions() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    join(&project, 2);
    let mut batch = project.batch("annotations import coco").unwrap();
    batch.push(label(2, "crane")).unwrap();
    for n in 10..2000 {
        batch.push(annotation(n, n % 2, 2)).unwrap();
    }
    batch.finish().unwrap();
    drop(project);
    let other = reopen(folder.path(), 1, 2).unwrap();
    other.commit("note", vec![on_annotation(12, Part::Note, text("mine"))]).unwrap();
    other.commit("delete", vec![on_annotation(13, Part::Presence, Value::Flag(false))]).unwrap();
    drop(other);

    let project = reopen(folder.path(), 1, 1).unwrap();
    assert_eq!(project.undo_state().unwrap().undo.unwrap().gesture, "annotations import coco");
    let undone = project.undo().unwrap();
    // The annotation with a note, the one already deleted, and the label still in use.
    assert_eq!(undone.exception_count, 3);
    let reasons: Vec<_> = undone.exceptions.iter().map(|e| e.reason.as_str()).collect();
    assert!(reasons[0].contains("deleted") && reasons[1].contains("note"), "{reasons:?}");
    assert!(reasons[2].contains("use it"), "{reasons:?}");
    assert_eq!(project.counts().unwrap().annotations, 2);
    assert_whole(&project);
    project.redo().unwrap();
    assert_eq!(project.counts().unwrap().annotations, 1 + 1990 - 1);
    assert_whole(&project);
}
