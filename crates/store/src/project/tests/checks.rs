//! The check: it names whatever was altered by hand, each thing once, and goes on.

use rusqlite::params;
use vaultmark_crypto::chain::sign_header;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Header, Part, Value};
use vaultmark_model::work::{Cancel, Work};

use super::fixture::*;
use crate::StoreError;
use crate::project::Project;

fn findings(project: &Project) -> Vec<(String, String, String)> {
    let report = Work::quiet(|work| project.check(work)).unwrap();
    report.findings.into_iter().map(|f| (f.what, f.place, f.problem)).collect()
}

/// Runs SQL as somebody who has the key does, past all rules.
fn tamper(project: &Project, sql: &str) {
    let changed = project.writing.lock().unwrap().db.execute(sql, []).unwrap();
    assert!(changed > 0, "{sql}");
}

fn eventful(folder: &std::path::Path) -> Project {
    let project = small(folder, 1, 1);
    project.commit("note", vec![on_annotation(0, Part::Note, text("one"))]).unwrap();
    project
        .commit("move", vec![on_annotation(0, Part::Geometry, Value::Shape(shape(5.0)))])
        .unwrap();
    project.commit("box", vec![annotation(1, 1, 1)]).unwrap();
    project
}

#[test]
fn a_whole_project_is_counted() {
    let folder = folder();
    let project = eventful(folder.path());
    let report = Work::quiet(|work| project.check(work)).unwrap();
    assert_eq!((report.changes, report.leaves, report.without_media), (5, 8, 2));
    assert_eq!(report.findings, []);
}

#[test]
fn every_altered_table_is_named() {
    for (sql, what, place) in [
        (
            "UPDATE annotation SET flags = 1 WHERE item = 1 AND note IS NOT NULL",
            "annotation",
            "`a/zero.png`",
        ),
        ("UPDATE annotation SET label = 4 WHERE item = 1", "annotation", "`a/zero.png`"),
        ("DELETE FROM annotation WHERE item = 2", "annotation", "`b/one.png`"),
        ("DELETE FROM annotation_key WHERE item = 2", "annotation's identifier", ""),
        ("UPDATE annotation_key SET number = 5 WHERE item = 2", "annotation's identifier", ""),
        ("UPDATE item SET done = 1 WHERE row = 2", "item", "`b/one.png`"),
        ("UPDATE item SET annotations = 9 WHERE row = 1", "item", "`a/zero.png`"),
        ("UPDATE label SET name = 'other' WHERE row = 4", "label", "`other`"),
        ("DELETE FROM item_label WHERE item = 2", "count of annotations", "`pier`, `b/one.png`"),
        ("UPDATE change SET time = 0 WHERE seq = 2", "change", "2 of replica"),
        ("UPDATE change SET signature = zeroblob(64) WHERE seq = 2", "change", "2 of replica"),
        ("UPDATE change SET header = zeroblob(90) WHERE seq = 5", "change", "5 of replica"),
        ("UPDATE revision SET salt = zeroblob(16) WHERE row = 6", "change", "3 of replica"),
        (
            "UPDATE revision SET digest = zeroblob(64), value = NULL WHERE row = 8",
            "change",
            "5 of replica",
        ),
        (
            "INSERT INTO revision (row, change, digest) VALUES (99, 5, zeroblob(64))",
            "change",
            "after the last",
        ),
    ] {
        let folder = folder();
        let project = eventful(folder.path());
        tamper(&project, sql);
        let found = findings(&project);
        assert!(found.iter().any(|f| f.0 == what && f.1.contains(place)), "{sql}: {found:#?}");
    }
}

#[test]
fn a_label_turned_with_its_payload_breaks_the_signature_not_the_check() {
    let folder = folder();
    let project = eventful(folder.path());
    // State and payload altered alike, as an insider would: only the signed root tells.
    let value = shape(500.0).to_bytes();
    let locked = project.writing.lock().unwrap();
    locked.db.execute("UPDATE revision SET value = ?1 WHERE part = 2", params![value]).unwrap();
    locked.db.execute("UPDATE annotation SET shape = ?1 WHERE item = 1", params![value]).unwrap();
    drop(locked);
    let found = findings(&project);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].1.starts_with("4 of replica") && found[0].2.contains("not what its author signed")
    );
}

#[test]
fn a_header_signed_by_somebody_else_is_seen_in_the_link_after_it() {
    let folder = folder();
    let project = eventful(folder.path());
    let locked = project.writing.lock().unwrap();
    let header: Vec<u8> =
        locked.db.query_row("SELECT header FROM change WHERE seq = 3", [], |r| r.get(0)).unwrap();
    let mut header = Header::from_bytes(&header).unwrap();
    header.author = author(7).signer.public();
    let link = sign_header(&header, &author(7).signer);
    locked
        .db
        .execute(
            "UPDATE change SET header = ?1, signature = ?2 WHERE seq = 3",
            params![link.header, link.signature],
        )
        .unwrap();
    drop(locked);
    let found = findings(&project);
    assert!(
        found.iter().any(|f| f.1.starts_with("4 of replica") && f.2.contains("does not follow")),
        "{found:#?}"
    );
    // And the rest was still looked at.
    assert!(!found.iter().any(|f| f.1.starts_with("5 of replica")));
}

#[test]
fn several_damages_are_all_named() {
    let folder = folder();
    let project = eventful(folder.path());
    tamper(&project, "UPDATE change SET signature = zeroblob(64) WHERE seq = 1");
    tamper(&project, "UPDATE revision SET salt = zeroblob(16) WHERE row = 8");
    tamper(&project, "UPDATE label SET name = 'other' WHERE row = 4");
    let found = findings(&project);
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn it_stops_when_asked() {
    let folder = folder();
    let project = eventful(folder.path());
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = project.check(Work { report: &|_| {}, cancel: &cancel });
    assert!(matches!(stopped, Err(StoreError::Cancelled)));
}
