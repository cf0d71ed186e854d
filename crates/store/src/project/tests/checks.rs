//! The check: it names whatever was altered by hand, each thing once, and goes on.

use rusqlite::params;
use vaultmark_crypto::chain::{Leaf, leaf_digest, sign_header};
use vaultmark_crypto::commitment::Root;
use vaultmark_crypto::sha512;
use vaultmark_model::canonical::Canonical;
use vaultmark_model::change::{Edit, Field, Header, Intent, Part, PartRef, Parts, Tool, Value};
use vaultmark_model::membership::Saying;
use vaultmark_model::work::{Cancel, Work};
use vaultmark_model::{ChangeId, Digest, ReplicaId, Role, Timestamp};

use super::fixture::*;
use crate::StoreError;
use crate::project::links::{Link, author_row, insert_change, own_row};
use crate::project::{CheckReport, Disclosure, Project};

fn findings(project: &Project) -> Vec<(String, String, String)> {
    let report = Work::quiet(|work| project.check(&[], work)).unwrap();
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
    let report = Work::quiet(|work| project.check(&[], work)).unwrap();
    assert_eq!((report.changes, report.leaves, report.without_media), (5, 8, 2));
    assert_eq!(&*report.findings, []);
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
            "INSERT INTO revision (row, change, kind, subject, part, digest)
             VALUES (99, 5, 1, zeroblob(16), 2, zeroblob(64))",
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
    let stopped = project.check(&[], Work { report: &|_| {}, cancel: &cancel });
    assert!(matches!(stopped, Err(StoreError::Cancelled)));
}

/// What is found of one kind, in words.
fn problems(project: &Project, what: &str) -> String {
    let found = findings(project).into_iter().filter(|f| f.0 == what);
    found.map(|f| format!("{}: {}\n", f.1, f.2)).collect()
}

#[test]
fn a_newest_leaf_that_is_withheld_is_named() {
    let folder = folder();
    let project = eventful(folder.path());
    // As somebody who has the key does it: the leaf withheld, the older shape put into the state.
    let history = std::cell::RefCell::new(Vec::new());
    project
        .each_change::<StoreError>(Disclosure::History, &mut |_, leaves| {
            for leaf in leaves {
                history.borrow_mut().push(leaf_digest(&leaf?.as_leaf()));
            }
            Ok(())
        })
        .unwrap();
    let locked = project.writing.lock().unwrap();
    let moved: i64 =
        locked.db.query_row("SELECT row FROM revision WHERE part = 2", [], |r| r.get(0)).unwrap();
    let digest = history.borrow()[usize::try_from(moved).unwrap() - 1];
    locked
        .db
        .execute(
            "UPDATE revision SET salt = NULL, value = NULL, digest = ?2 WHERE row = ?1",
            params![moved, digest.as_bytes()],
        )
        .unwrap();
    let Value::Annotation(body) = annotation(0, 0, 0).value else { panic!("a whole") };
    locked
        .db
        .execute("UPDATE annotation SET shape = ?1 WHERE item = 1", params![body.shape.to_bytes()])
        .unwrap();
    drop(locked);
    let found = problems(&project, "state");
    assert!(found.contains("newest shape") && found.contains("is withheld"), "{found}");
}

#[test]
fn a_state_too_large_for_memory_is_replayed_into_a_file_without_a_name() {
    let folder = folder();
    let project = eventful(folder.path());
    let found = || {
        let (db, mut report) = (project.readers.snapshot().unwrap(), CheckReport::default());
        Work::quiet(|work| project.check_state(&db, false, work, &mut report)).unwrap();
        report.findings
    };
    let files = || std::fs::read_dir(folder.path().join("p")).unwrap().count();
    let before = files();
    assert_eq!(&*found(), []);
    assert_eq!(files(), before);
    let locked = project.writing.lock().unwrap();
    locked.db.execute("UPDATE item SET flagged = 1 - flagged", []).unwrap();
    drop(locked);
    assert!(!found().is_empty());
}

/// Appends a change as somebody who has the database's key writes it by the documented format.
fn append(project: &Project, signer: u8, replica: Option<u8>, membership: usize, edit: Edit) {
    let lists: Vec<_> =
        [project.statements().unwrap(), project.received_statements().unwrap()].concat();
    let Edit { subject, part, value } = edit;
    let locked = project.writing.lock().unwrap();
    let tail = locked.tail.clone();
    let field = Field { index: 0, subject, part, base: None, value };
    let digest = leaf_digest(&Leaf::Disclosed { salt: [0; 16], field: &field.to_bytes() });
    let header = Header {
        id: ChangeId::from_bytes([0xee; 16]),
        project: PROJECT,
        replica: replica.map_or(project.replica(), |n| ReplicaId::from_bytes([n; 16])),
        seq: if replica.is_some() { 1 } else { tail.seq + 1 },
        previous: if replica.is_some() { Digest::ZERO } else { tail.hash },
        author: author(signer).signer.public(),
        membership: sha512(&lists[membership].bytes),
        time: Timestamp::from_millis(0),
        tool: Tool { program: "by hand".into(), gesture: "box".into(), model: None },
        intent: Intent::Edit,
        content: vec![],
        parts: Parts::Listed(vec![PartRef { subject, part, base: None }]),
        leaves: 1,
        root: {
            let mut root = Root::new();
            root.push(digest);
            root.finish()
        },
    };
    let link = sign_header(&header, &author(signer).signer);
    let mut value = minicbor::Encoder::new(Vec::new());
    field.value.encode(&mut value).unwrap();
    let db = &locked.db;
    let (row, first) = (tail.change + 1, tail.revision + 1);
    db.execute(
        "INSERT INTO revision (row, change, kind, subject, part, salt, value)
         VALUES (?1, ?2, ?3, ?4, ?5, zeroblob(16), ?6)",
        params![first, row, subject.code(), subject.id_bytes(), part.code(), value.into_writer()],
    )
    .unwrap();
    let replica = own_row(db, None, &header.replica).unwrap();
    let author = author_row(db, None, &header.author).unwrap();
    let link = Link { header: &header, link: &link, row, replica, author };
    insert_change(db, &link, first, None, None).unwrap();
}

#[test]
fn a_change_without_the_right_to_is_named() {
    let flag = || on_annotation(0, Part::Flagged, Value::Flag(true));
    let name = || on_label(0, Part::Name, text("other"));
    // 2 is a viewer, 3 an annotator, 4 was one and is revoked, 5 a stranger.
    for (signer, replica, membership, edit, why) in [
        (1, None, 4, name(), ""),
        (3, None, 4, flag(), ""),
        (2, None, 4, flag(), "no role by which anything"),
        (3, None, 4, name(), "labels are changed"),
        (4, None, 4, flag(), "no role by which anything"),
        (4, None, 3, flag(), "older statement"),
        (4, Some(9), 3, flag(), "second chain"),
        (5, None, 4, flag(), "no member"),
        // With a list of their own making beside the project's.
        (5, Some(9), 5, flag(), "never adopted"),
    ] {
        let folder = folder();
        let project = small(folder.path(), 1, 1);
        for (seq, (about, saying)) in (1..).zip([
            (2, grant(2, &[Role::Viewer])),
            (3, grant(3, &[Role::Annotator])),
            (4, grant(4, &[Role::Annotator])),
            (4, Saying::Revoke),
        ]) {
            let one = statement(1, &project.statements().unwrap(), (1, about), saying);
            project.put_statement(seq, &one).unwrap();
        }
        project.put_received_statement(0, &genesis(9, 5)).unwrap();
        // By now the chain names the revocation.
        project.commit("note", vec![on_annotation(0, Part::Note, text("one"))]).unwrap();
        append(&project, signer, replica, membership, edit);
        let found = problems(&project, "change");
        assert!(found.contains(why) && found.is_empty() == why.is_empty(), "{why}: {found}");
    }
}
