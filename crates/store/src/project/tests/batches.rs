//! Batches: large, with bad edits among them, abandoned, and held by one thread.

use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Header, Intent, Part, Parts};

use super::fixture::*;
use crate::StoreError;
use crate::project::Disclosure;

#[test]
fn a_large_batch_is_one_change_whose_parts_stand_in_its_leaves() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let mut batch = project.batch("import").unwrap();
    for n in 10..5010 {
        batch.push(annotation(n, n % 2, n % 2)).unwrap();
    }
    assert_eq!(batch.len(), 5000);
    let done = batch.finish().unwrap();
    assert_eq!((done.leaves, done.seq), (5000, 3));
    let mut last = None;
    let mut leaves = 0;
    project
        .each_change::<StoreError>(Disclosure::History, &mut |link, rows| {
            last = Some(Header::from_bytes(&link.header)?);
            leaves = rows.count();
            Ok(())
        })
        .unwrap();
    let header = last.unwrap();
    assert!(matches!(header.parts, Parts::Digest(_)));
    assert_eq!((header.intent, header.leaves), (Intent::Batch, 5000));
    assert_eq!(header.content.len(), 2);
    assert_eq!(leaves, 5000);
    assert_eq!(project.counts().unwrap().annotations, 5001);
    assert_eq!(project.label_counts().unwrap()[&label_id(1)], 2500);
    assert_whole(&project);
}

#[test]
fn bad_edits_are_refused_and_the_good_ones_go_in() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let mut batch = project.batch("import").unwrap();
    batch.push(annotation(1, 0, 0)).unwrap();
    assert!(batch.push(annotation(1, 0, 0)).is_err());
    assert!(batch.push(annotation(2, 0, 55)).is_err());
    batch.push(annotation(3, 1, 1)).unwrap();
    assert_eq!(batch.finish().unwrap().leaves, 2);
    assert_eq!(project.counts().unwrap().annotations, 3);
    assert_whole(&project);
}

#[test]
fn dropped_or_empty_it_leaves_nothing() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let before = project.heads().unwrap();
    let mut batch = project.batch("import").unwrap();
    for n in 10..3000 {
        batch.push(annotation(n, 0, 0)).unwrap();
    }
    drop(batch);
    assert!(project.batch("import").unwrap().finish().is_err());
    assert_eq!(project.heads().unwrap(), before);
    assert_eq!(project.annotations(item_id(0)).unwrap().len(), 1);
    project.commit("box", vec![annotation(10, 0, 0)]).unwrap();
    assert_whole(&project);
}

#[test]
fn readers_go_on_and_the_same_thread_is_not_left_waiting() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let mut batch = project.batch("import").unwrap();
    batch.push(annotation(1, 0, 0)).unwrap();
    assert_eq!(project.annotations(item_id(0)).unwrap().len(), 1);
    assert!(why(project.commit("box", vec![annotation(2, 0, 0)])).contains("another change"));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| project.commit("box", vec![annotation(2, 0, 0)]).unwrap());
        batch.finish().unwrap();
        assert_eq!(waiting.join().unwrap().seq, 4);
    });
    assert_eq!(project.annotations(item_id(0)).unwrap().len(), 3);
    assert_whole(&project);
}

#[test]
fn a_panic_while_writing_is_taken_back() {
    let folder = folder();
    let project = small(folder.path(), 1, 1);
    let panicked = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let mut batch = project.batch("import").unwrap();
                batch.push(annotation(1, 0, 0)).unwrap();
                panic!("on purpose");
            })
            .join()
    });
    assert!(panicked.is_err());
    project.commit("note", vec![on_item(0, Part::Note, text("x"))]).unwrap();
    assert_eq!(project.annotations(item_id(0)).unwrap().len(), 1);
    assert_whole(&project);
}
