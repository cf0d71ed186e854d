//! The history on its way: what is shown, what is withheld, and two vaults that go apart.

use std::io::Write;

use vaultmark_crypto::chain::{ChainVerifier, LeafVerifier, OwnedLeaf, leaf_digest};
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Chained, Field, Part, PartRef, Subject, Value};
use vaultmark_model::{Annotation, ChangeId, Item, Label, ReplicaId};

use super::fixture::*;
use crate::project::{Disclosure, Project};
use crate::{SignedStatement, StoreError};

const MARKER: &str = "QUINCE-MARKER-7711";

type History = Vec<(Chained, Vec<OwnedLeaf>)>;

fn sent(project: &Project, disclose: Disclosure) -> History {
    let mut history = Vec::new();
    project
        .each_change::<StoreError>(disclose, &mut |link, leaves| {
            history.push((link.clone(), leaves.collect::<Result<_, _>>()?));
            Ok(())
        })
        .unwrap();
    history
}

/// Verifies a history as a stranger does; gives how many leaves are shown and withheld.
fn verify(history: &History) -> (usize, usize) {
    let mut chains = ChainVerifier::new(PROJECT);
    let (mut shown, mut withheld) = (0, 0);
    for (link, leaves) in history {
        let mut verifier = LeafVerifier::new(&chains.accept(link).unwrap());
        for leaf in leaves {
            match verifier.push(&leaf.as_leaf()).unwrap().field {
                Some(_) => shown += 1,
                None => withheld += 1,
            }
        }
        verifier.finish().unwrap();
    }
    (shown, withheld)
}

fn holds(history: &History, marker: &str) -> bool {
    let mut bytes = Vec::new();
    for (link, leaves) in history {
        bytes.write_all(&link.header).unwrap();
        for leaf in leaves {
            if let OwnedLeaf::Disclosed { field, .. } = leaf {
                bytes.write_all(field).unwrap();
            }
        }
    }
    bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
}

/// Takes in a history in which each copy was founded by the person of its number.
fn receive(project: &Project, history: &History) -> Result<(), StoreError> {
    take(project, history)?;
    let heads = project.heads()?.into_iter().map(|(replica, _, _)| replica.as_bytes()[0]);
    let lists: Vec<_> = heads.map(|replica| genesis(replica, replica)).collect();
    let replica = project.replica().as_bytes()[0];
    adopt(project, (replica, replica), &lists);
    Ok(())
}

fn take(project: &Project, history: &History) -> Result<(), StoreError> {
    let mut receiver = project.receive()?;
    for (link, leaves) in history {
        receiver.change(link, &mut leaves.iter().cloned().map(Ok))?;
    }
    receiver.finish().map(|_| ())
}

/// A leaf as it is when it is not shown.
fn withheld(leaf: &OwnedLeaf) -> OwnedLeaf {
    let digest = leaf_digest(&leaf.as_leaf());
    let OwnedLeaf::Disclosed { field, .. } = leaf else { return leaf.clone() };
    let field = Field::from_bytes(field).unwrap();
    let part = PartRef { subject: field.subject, part: field.part, base: field.base };
    OwnedLeaf::Withheld { part, digest }
}

type State = (Vec<(u32, u64, Annotation)>, Vec<Label>, Vec<Item>);

/// All that a project shows.
fn state(project: &Project) -> State {
    let (mut annotations, mut items) = (Vec::new(), Vec::new());
    project
        .each_annotation::<StoreError>(&mut |item, number, annotation| {
            annotations.push((item, number, annotation));
            Ok(())
        })
        .unwrap();
    project
        .each_item::<StoreError>(&mut |item| {
            items.push(item);
            Ok(())
        })
        .unwrap();
    (annotations, project.labels().unwrap(), items)
}

/// Notes typed, replaced, deleted and taken back.
fn eventful(folder: &std::path::Path) -> Project {
    let project = small(folder, 1, 1);
    let note = |n, t: &str| on_annotation(n, Part::Note, text(t));
    project.commit("note", vec![note(0, MARKER)]).unwrap();
    project.commit("note", vec![note(0, "harmless")]).unwrap();
    project.commit("box", vec![annotation(1, 1, 1), note(1, MARKER)]).unwrap();
    project.commit("delete", vec![on_annotation(1, Part::Presence, Value::Flag(false))]).unwrap();
    project.commit("note", vec![on_item(0, Part::Note, text(MARKER))]).unwrap();
    project.undo().unwrap();
    project.commit("box", vec![annotation(2, 1, 1)]).unwrap();
    project
        .commit("move", vec![on_annotation(2, Part::Geometry, Value::Shape(shape(77.0)))])
        .unwrap();
    project
        .commit("move", vec![on_annotation(2, Part::Geometry, Value::Shape(shape(78.0)))])
        .unwrap();
    project.commit("label", vec![label(2, "unused")]).unwrap();
    project.commit("delete", vec![on_label(2, Part::Presence, Value::Flag(false))]).unwrap();
    project
}

#[test]
fn a_deleted_marker_is_nowhere_and_the_chain_verifies() {
    let folder = folder();
    let project = eventful(folder.path());
    let everything = sent(&project, Disclosure::History);
    assert!(holds(&everything, MARKER), "the search must be able to find it");
    assert_eq!(verify(&everything).1, 0);
    let current = sent(&project, Disclosure::Current);
    assert!(!holds(&current, MARKER));
    assert!(holds(&current, "harmless"));
    assert!(!holds(&current, "unused"));
    let (shown, withheld) = verify(&current);
    assert!(shown > 0 && withheld > 0);
    assert_eq!(shown + withheld, verify(&everything).0);
}

#[test]
fn what_is_received_is_the_same_project() {
    for disclose in [Disclosure::Current, Disclosure::History] {
        let (here, there) = (folder(), folder());
        let project = eventful(here.path());
        let history = sent(&project, disclose);
        let other = make(there.path(), 2, 2);
        receive(&other, &history).unwrap();
        assert_eq!(state(&other), state(&project));
        assert_eq!(other.heads().unwrap(), project.heads().unwrap());
        assert_eq!(sent(&other, disclose), history);
        assert_whole(&other);
        // Nothing of it is this person's to undo.
        assert!(why(other.undo()).contains("nothing of yours"));
        assert!(why(other.receive().map(|_| ())).contains("history already"));
        assert_eq!(other.authors().unwrap(), [author(1).signer.public()]);
    }
}

#[test]
fn two_vaults_go_apart_and_their_heads_are_kept_apart() {
    let (origin, left, right, fourth) = (folder(), folder(), folder(), folder());
    let project = eventful(origin.path());
    let history = sent(&project, Disclosure::Current);
    let a = make(left.path(), 2, 2);
    let b = make(right.path(), 3, 3);
    receive(&a, &history).unwrap();
    receive(&b, &history).unwrap();
    // The same part, changed on both sides, and something new.
    let to = |x| on_annotation(0, Part::Geometry, Value::Shape(shape(x)));
    a.commit("move", vec![to(200.0)]).unwrap();
    a.commit("box", vec![annotation(20, 0, 0)]).unwrap();
    b.commit("move", vec![to(300.0)]).unwrap();
    b.undo().unwrap();
    b.redo().unwrap();
    drop(a);
    let a = reopen(left.path(), 2, 2).unwrap();

    let original = project.heads().unwrap()[0];
    let heads = |project: &Project| {
        let heads = project.heads().unwrap();
        assert!(heads.contains(&original));
        heads.iter().map(|head| (head.0, head.1)).collect::<Vec<_>>()
    };
    let replica = |n| ReplicaId::from_bytes([n; 16]);
    assert_eq!(heads(&a), [(replica(1), original.1), (replica(2), 2)]);
    assert_eq!(heads(&b), [(replica(1), original.1), (replica(3), 3)]);
    // What merging needs: the same base on both sides.
    let base = |project: &Project| {
        let links = sent(project, Disclosure::History);
        let mut chains = ChainVerifier::new(PROJECT);
        let headers: Vec<_> = links.iter().map(|(link, _)| chains.accept(link).unwrap()).collect();
        let mine = headers.iter().find(|h| h.replica == project.replica()).unwrap();
        mine.parts.listed().unwrap()[0].base
    };
    assert_eq!(base(&a), base(&b));
    for project in [&a, &b] {
        assert_whole(project);
        verify(&sent(project, Disclosure::Current));
    }
    // A fourth vault takes in both chains of one side.
    let c = make(fourth.path(), 4, 4);
    take(&c, &sent(&a, Disclosure::Current)).unwrap();
    let lists = [a.received_statements().unwrap(), a.statements().unwrap()].concat();
    adopt(&c, (4, 4), &lists);
    assert_eq!(state(&c), state(&a));
    assert_eq!(heads(&c), heads(&a));
    c.commit("note", vec![on_item(1, Part::Note, text("third hand"))]).unwrap();
    assert_eq!(c.heads().unwrap().len(), 3);
    assert_whole(&c);
}

#[test]
fn an_altered_history_is_refused_and_nothing_of_it_stays() {
    let here = folder();
    let history = sent(&eventful(here.path()), Disclosure::Current);
    let there = folder();
    let other = make(there.path(), 2, 2);
    let refused = |history: &History, why: &str| {
        let error = receive(&other, history).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{why}: {error}");
        assert_eq!(other.heads().unwrap(), []);
        assert_eq!(other.counts().unwrap().items, 0);
    };
    for at in 0..history.len() {
        let mut altered = history.clone();
        let middle = altered[at].0.header.len() / 2;
        altered[at].0.header[middle] ^= 1;
        refused(&altered, "header");
        let mut altered = history.clone();
        altered[at].0.signature[10] ^= 1;
        refused(&altered, "signature");
        let mut altered = history.clone();
        match &mut altered[at].1[0] {
            OwnedLeaf::Disclosed { salt, .. } => salt[0] ^= 1,
            OwnedLeaf::Withheld { digest, .. } => *digest = vaultmark_model::Digest::ZERO,
        }
        refused(&altered, "leaf");
        let mut altered = history.clone();
        altered[at].1.pop();
        refused(&altered, "missing leaf");
        if at + 1 < history.len() {
            let mut altered = history.clone();
            altered.remove(at);
            refused(&altered, "missing change");
        }
    }
    // A present annotation whose item is withheld does not hang together.
    let mut altered = history.clone();
    altered[0].1[0] = withheld(&history[0].1[0]);
    refused(&altered, "withheld item");
    receive(&other, &history).unwrap();
    assert_whole(&other);
}

#[test]
fn a_newest_leaf_that_is_withheld_is_refused() {
    let here = folder();
    let project = eventful(here.path());
    for disclose in [Disclosure::Current, Disclosure::History] {
        let history = sent(&project, disclose);
        let current = sent(&project, Disclosure::Current);
        for (at, (_, leaves)) in current.iter().enumerate() {
            for (index, leaf) in leaves.iter().enumerate() {
                let OwnedLeaf::Disclosed { .. } = leaf else { continue };
                let there = folder();
                let other = make(there.path(), 2, 2);
                let mut altered = history.clone();
                altered[at].1[index] = withheld(leaf);
                let error = receive(&other, &altered).unwrap_err().to_string();
                assert!(
                    error.contains("is withheld") || error.contains("no change shows"),
                    "{error}"
                );
                assert_eq!(other.heads().unwrap(), []);
            }
        }
    }
}

#[test]
fn a_history_of_this_very_copy_is_refused() {
    let (here, there) = (folder(), folder());
    let history = sent(&small(here.path(), 1, 1), Disclosure::Current);
    let same = make(there.path(), 1, 2);
    assert!(why(receive(&same, &history)).contains("this very copy"));
}

#[test]
fn files_come_along_and_must_be_the_right_ones() {
    let (here, there) = (folder(), folder());
    let project = make(here.path(), 1, 1);
    let batch = project.media_batch().unwrap();
    let id = add(&batch, "a.png", b"pixels").unwrap();
    let second = add(&batch, "b.png", b"not sent").unwrap();
    batch.commit().unwrap();
    let other = make(there.path(), 2, 2);
    let mut receiver = other.receive().unwrap();
    for (link, leaves) in &sent(&project, Disclosure::Current) {
        receiver.change(link, &mut leaves.iter().cloned().map(Ok)).unwrap();
    }
    assert!(receiver.media(id, &mut &b"pixelz"[..]).is_err());
    receiver.media(id, &mut &b"pixels"[..]).unwrap();
    assert_eq!(receiver.finish().unwrap().media, 1);
    adopt(&other, (2, 2), &[genesis(1, 1)]);
    assert!(other.has_media(id).unwrap() && !other.has_media(second).unwrap());
    other.attach_media(second, &mut &b"not sent"[..]).unwrap();
    assert_whole(&other);

    // Given up half-way, its files go too.
    let third = folder();
    let other = make(third.path(), 3, 3);
    let mut receiver = other.receive().unwrap();
    for (link, leaves) in &sent(&project, Disclosure::Current) {
        receiver.change(link, &mut leaves.iter().cloned().map(Ok)).unwrap();
    }
    receiver.media(id, &mut &b"pixels"[..]).unwrap();
    drop(receiver);
    assert_eq!(other.sweep().unwrap().files, 0);
    assert_eq!(other.counts().unwrap().items, 0);
}

/// Files below a folder that this process holds open.
#[cfg(target_os = "linux")]
fn held_open(folder: &std::path::Path) -> usize {
    let held = std::fs::read_dir("/proc/self/fd").unwrap();
    let held = held.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    held.filter(|at| at.starts_with(folder.join("p").join("blobs"))).count()
}

#[test]
#[cfg(target_os = "linux")]
fn many_files_come_along_with_few_held_open() {
    let (here, there) = (folder(), folder());
    let project = make(here.path(), 1, 1);
    let batch = project.media_batch().unwrap();
    let content = |n: u32| n.to_le_bytes();
    let ids: Vec<_> =
        (0..200).map(|n| add(&batch, &format!("{n}.png"), &content(n)).unwrap()).collect();
    batch.commit().unwrap();
    let other = make(there.path(), 2, 2);
    let mut receiver = other.receive().unwrap();
    for (link, leaves) in &sent(&project, Disclosure::Current) {
        receiver.change(link, &mut leaves.iter().cloned().map(Ok)).unwrap();
    }
    let mut most = 0;
    for (n, id) in (0..).zip(&ids) {
        receiver.media(*id, &mut &content(n)[..]).unwrap();
        most = most.max(held_open(there.path()));
    }
    assert!((1..=64).contains(&most), "{most}");
    assert_eq!(receiver.finish().unwrap().media, 200);
    adopt(&other, (2, 2), &[genesis(1, 1)]);
    assert_whole(&other);
}

#[test]
fn erased_words_leave_the_chain_verifiable() {
    let folder = folder();
    let project = eventful(folder.path());
    let marked: Vec<(ChangeId, u32)> = {
        let mut chains = ChainVerifier::new(PROJECT);
        let mut marked = Vec::new();
        for (link, leaves) in &sent(&project, Disclosure::History) {
            let header = chains.accept(link).unwrap();
            for (index, leaf) in (0..).zip(leaves) {
                if let OwnedLeaf::Disclosed { field, .. } = leaf
                    && field.windows(MARKER.len()).any(|w| w == MARKER.as_bytes())
                {
                    marked.push((header.id, index));
                }
            }
        }
        marked
    };
    assert_eq!(marked.len(), 3);
    let before = state(&project);
    for (change, leaf) in &marked {
        project.erase(*change, *leaf).unwrap();
        project.erase(*change, *leaf).unwrap();
    }
    let history = sent(&project, Disclosure::History);
    assert!(!holds(&history, MARKER));
    assert_eq!(verify(&history).1, 3);
    assert_eq!(state(&project), before);
    assert_whole(&project);

    // The present state is not erased from under anybody's feet.
    let created = &project.history(item_id(0), 10).unwrap();
    let whole = created.iter().find(|entry| entry.gesture == "box").unwrap();
    assert!(why(project.erase(whole.change, 0)).contains("present state"));
    // A deleted annotation goes whole, and undo says why it can't bring it back.
    let gone = project.history(item_id(1), 20).unwrap();
    let gone = gone
        .iter()
        .find(|entry| entry.parts.contains(&(Subject::Annotation(annotation_id(1)), Part::Whole)))
        .unwrap();
    project.erase(gone.change, 0).unwrap();
    let restore = on_annotation(1, Part::Presence, Value::Flag(true));
    assert!(matches!(project.commit("restore", vec![restore]), Err(StoreError::NotFound { .. })));
    assert_whole(&project);
    let there = self::folder();
    let other = make(there.path(), 2, 2);
    receive(&other, &sent(&project, Disclosure::History)).unwrap();
    assert_eq!(state(&other), before);
    assert_whole(&other);
}

#[test]
fn what_was_erased_in_part_does_not_come_back_as_it_was_before() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let moved = on_annotation(0, Part::Geometry, Value::Shape(shape(77.0)));
    let moved = project.commit("move", vec![moved]).unwrap();
    let gone = on_annotation(0, Part::Presence, Value::Flag(false));
    project.commit("delete", vec![gone]).unwrap();
    project.erase(moved.change, 0).unwrap();
    assert!(why(project.undo()).contains("erased for good"));
    assert_whole(&project);
}

#[test]
fn an_erased_label_leaves_the_deleted_annotations_that_had_it() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let made = project.commit("label", vec![label(5, MARKER)]).unwrap();
    project.commit("box", vec![annotation(6, 0, 5), annotation(7, 0, 5)]).unwrap();
    let other = on_annotation(6, Part::Label, Value::LabelRef(label_id(0)));
    let gone = on_annotation(7, Part::Presence, Value::Flag(false));
    project.commit("edit", vec![other, gone]).unwrap();
    project.commit("delete", vec![on_label(5, Part::Presence, Value::Flag(false))]).unwrap();
    project.erase(made.change, 0).unwrap();
    assert_whole(&project);
    let restore = on_annotation(7, Part::Presence, Value::Flag(true));
    assert!(why(project.commit("restore", vec![restore])).contains("label"));
    let there = self::folder();
    let copy = make(there.path(), 2, 2);
    let history = sent(&project, Disclosure::History);
    assert!(!holds(&history, MARKER));
    receive(&copy, &history).unwrap();
    assert_eq!(state(&copy), state(&project));
    assert_whole(&copy);
}

#[test]
fn an_erased_item_takes_its_file_along() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let batch = project.media_batch().unwrap();
    let id = add(&batch, "spill.png", b"spilled").unwrap();
    let import = batch.commit().unwrap().unwrap();
    assert!(why(project.erase(import.change, 0)).contains("present state"));
    project.undo().unwrap();
    project.erase(import.change, 0).unwrap();
    assert!(!project.has_media(id).unwrap());
    assert_eq!(project.thumbnail(id).unwrap(), None);
    assert!(why(project.redo()).contains("not there any more"));
    assert_whole(&project);
}

#[test]
fn statements_are_kept_in_order_and_by_origin() {
    let folder = folder();
    let project = make(folder.path(), 1, 1);
    let one = |n: u8| SignedStatement { bytes: vec![n; 3], signature: vec![n; 64] };
    project.put_statement(1, &one(1)).unwrap();
    project.put_statement(2, &one(2)).unwrap();
    assert!(why(project.put_statement(2, &one(3))).contains("at its place"));
    project.put_received_statement(0, &one(9)).unwrap();
    assert_eq!(project.statements().unwrap(), [genesis(1, 1), one(1), one(2)]);
    assert_eq!(project.received_statements().unwrap(), [one(9)]);
}
