//! What somebody with a trusted key could do to a bundle, and does not get away with: other labels or
//! pixels beside the signed changes, a second person who is nobody, somebody else's bundle passed on.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vaultmark::crypto::BundleRole;
use vaultmark::journeys::{annotate, library};
use vaultmark::model::change::{Edit, Part, Subject, Value as Set};
use vaultmark::model::policy::ExportPolicy;
use vaultmark::model::shape::Point;
use vaultmark::model::{Marking, Shape};
use vaultmark::store::project::ItemQuery;

use crate::support::forge::{Forged, line, stranger};
use crate::support::{Done, Place, files_below, fixtures, has_tool, make_vault_of, python, root};

const NATIVE: &str = "data/annotations/native.json";
const COCO: &str = "data/annotations/coco.json";
const PASSPHRASE: &str = "another battery staple";

fn receiver() -> Place {
    let mut place = Place::empty();
    place.person = "bob".into();
    place.passphrase = PASSPHRASE.into();
    make_vault_of(place.vault(), "bob", PASSPHRASE, ExportPolicy::Single);
    place
}

fn verify(place: &Place, bundle: &Path, signers: &Path) -> Done {
    let words = ["--json", "bundle", "verify", "--signers"].map(OsStr::new);
    place.run(words.into_iter().chain([signers.as_os_str(), bundle.as_os_str()]))
}

fn receive(place: &Place, bundle: &Path, signers: &Path, more: &[&str]) -> Done {
    let words = ["--json", "bundle", "receive", "--signers"].map(OsStr::new);
    let files = [signers.as_os_str(), bundle.as_os_str()];
    place.run(words.into_iter().chain(files).chain(more.iter().map(OsStr::new)))
}

/// Nothing of it is in the vault.
fn nothing_entered(place: &Place) {
    assert_eq!(place.run(["--json", "project", "list"]).ok().json(), Value::Array(vec![]));
    assert!(files_below(&place.vault().join("projects")).is_empty());
}

/// The script that was written from the manual's page.
fn script_accepts(bundle: &Path, signers: &Path) -> Option<bool> {
    let script = root().join("tests/python/bundle_verify.py");
    let mut command = Command::new(python()?);
    Some(
        command
            .arg(script)
            .arg(bundle)
            .arg("--signers")
            .arg(signers)
            .output()
            .unwrap()
            .status
            .success(),
    )
}

/// The first record of a section of the native file.
fn first(forged: &Forged, section: &str) -> String {
    let document: Value = serde_json::from_slice(&forged.files[NATIVE]).unwrap();
    let id = document[section][0]["id"].as_str().unwrap().to_owned();
    let text = std::str::from_utf8(&forged.files[NATIVE]).unwrap();
    text.lines().find(|line| line.starts_with(&format!("{{\"id\":\"{id}\""))).unwrap().to_owned()
}

/// A change of a bundle, the words by which it is found out, and whether the script compares it.
type Forgery = (&'static str, fn(Forged) -> Forged, &'static [&'static str], bool);

const FORGERIES: &[Forgery] = &[
    ("nothing", |bundle| bundle, &[], true),
    (
        "a label's name in the COCO file",
        |b| b.replace(COCO, "tree", "tank"),
        &[COCO, "line "],
        false,
    ),
    (
        "a label's name everywhere but in the changes",
        |b| {
            let b = b.replace(COCO, "tree", "tank").replace(NATIVE, "tree", "tank");
            b.replace("data/schema.json", "tree", "tank")
        },
        &[NATIVE, "line ", "label `tank`", "its name"],
        true,
    ),
    (
        "a shape",
        |b| b.replace(NATIVE, "\"width\":10.5", "\"width\":11.5").replace(COCO, "10.5", "11.5"),
        &[NATIVE, "annotation ", "its shape"],
        true,
    ),
    (
        "a note",
        |b| b.replace(NATIVE, "\"note\":\"\"", "\"note\":\"x\""),
        &[NATIVE, "its note"],
        true,
    ),
    (
        "an annotation left out",
        |b| {
            let record = first(&b, "annotations");
            b.replace(NATIVE, &format!("{}\n", record.trim_end_matches(',').to_owned() + ","), "")
        },
        &[NATIVE, "annotation ", "is not there"],
        true,
    ),
    (
        "a record with words of its own",
        |b| b.replace(NATIVE, "\"kind\":\"box\",", "\"kind\":\"box\",\"was\":1,"),
        &[NATIVE, "one way"],
        true,
    ),
    ("the native file as zeros", |b| b.put(NATIVE, vec![0; 1 << 20]), &[NATIVE], true),
    (
        "pixels",
        |b| {
            let path = b.files.keys().find(|path| path.starts_with("data/media/")).unwrap().clone();
            let mut pixels = b.files[&path].clone();
            *pixels.last_mut().unwrap() ^= 1;
            b.put(&path, pixels)
        },
        &["data/media/", "SHA-512"],
        true,
    ),
    (
        "a medium of no item",
        |b| b.put(&format!("data/media/{}.png", "0a".repeat(16)), *b"x"),
        &["data/media/0a0a", "no signed change"],
        true,
    ),
    (
        "the list of labels",
        |b| b.replace("data/schema.json", "road", "rail"),
        &["data/schema.json", "line 1"],
        false,
    ),
    (
        "the list of items",
        |b| b.replace("data/items.jsonl", "\"width\":64", "\"width\":65"),
        &["data/items.jsonl", "line 1"],
        false,
    ),
    (
        "a format that nobody knows",
        |b| b.put("data/annotations/other.json", *b"{}"),
        &["data/annotations/other.json", "newer version"],
        false,
    ),
    ("another file", |b| b.put("data/more.txt", *b"x"), &["data/more.txt"], false),
    (
        "no changes",
        |b| b.without("data/provenance/changes.cborseq"),
        &["changes.cborseq", "missing"],
        false,
    ),
];

#[test]
fn what_is_shown_is_what_was_signed() {
    let sender = fixtures::small();
    let bundle = sender.bundle("field.bag.zip", &["--media"]);
    let signers = sender.signers();
    let place = receiver();
    for (what, forge, words, scripted) in FORGERIES {
        let forged = forge(Forged::of(&bundle)).signed_by(&sender, None);
        let done = verify(&place, &forged, &signers);
        if words.is_empty() {
            let found = done.ok().json();
            assert_eq!((&found["traced"], &found["annotations"]), (&true.into(), &5.into()));
        } else {
            assert_eq!(done.code, 1, "{what}: {done:?}");
            assert!(
                words.iter().all(|word| done.err.contains(word) || done.out.contains(word)),
                "{what}: {done:?}"
            );
            let done = receive(&place, &forged, &signers, &[]);
            assert_eq!(done.code, 1, "{what}: {done:?}");
            nothing_entered(&place);
        }
        if let (true, Some(accepted)) = (scripted, script_accepts(&forged, &signers)) {
            assert_eq!(accepted, words.is_empty(), "{what}");
        }
    }
}

#[test]
fn who_is_no_exporter_of_the_project_makes_no_bundle_of_it() {
    let sender = fixtures::small();
    let bundle = sender.bundle("field.bag.zip", &[]);
    let eve = stranger();
    let signers = sender.out("eve");
    fs::write(&signers, line("eve", &eve, &BundleRole::ALL)).unwrap();
    let forged = Forged::of(&bundle).signed_with(&sender, &eve);
    let place = receiver();
    verify(&place, &forged, &signers).ends(1).says(&["exporter"]);
    receive(&place, &forged, &signers, &[]).ends(1).says(&["exporter"]);
    nothing_entered(&place);
    assert!(script_accepts(&forged, &signers) != Some(true));
}

#[test]
fn one_person_is_not_two() {
    let sender = fixtures::small();
    let bundle = sender.bundle("field.bag.zip", &[]);
    let own = fs::read_to_string(sender.signers()).unwrap();
    let second = stranger();
    let two = |info: &mut vaultmark::bundle::BagInfo| info.policy = ExportPolicy::Two;
    let forged = Forged::of(&bundle).saying(two).signed_by(&sender, Some(&second));
    let list = |name: &str, more: String| -> PathBuf {
        let path = sender.out(name);
        fs::write(&path, format!("{own}\n{more}\n")).unwrap();
        path
    };
    let place = receiver();

    for (signers, kind) in [
        (list("nobody", String::new()), "unknown_approver"),
        (list("creator", line("carol", &second, &[BundleRole::Creator])), "unknown_approver"),
        (list("same", line("alice", &second, &BundleRole::ALL)), "one_person"),
    ] {
        let found = verify(&place, &forged, &signers).ends(4).json();
        assert_eq!(
            (&found["trusted"], &found["approved"]),
            (&false.into(), &false.into()),
            "{kind}"
        );
        assert_eq!((&found["policy"], &found["signer"]), (&"two".into(), &"alice".into()));
        let said = place.run([
            Path::new("bundle"),
            Path::new("verify"),
            Path::new("--signers"),
            &signers,
            &forged,
        ]);
        assert!(
            said.out.contains("NO SECOND PERSON") && !said.out.contains("is trusted\n"),
            "{said:?}"
        );
        assert_eq!(receive(&place, &forged, &signers, &[]).ends(1).kind(), kind);
        nothing_entered(&place);
    }

    let signers = list("both", line("carol", &second, &[BundleRole::Approver]));
    let found = verify(&place, &forged, &signers).ok().json();
    assert_eq!((&found["trusted"], &found["approved"]), (&true.into(), &true.into()));
    assert_eq!(
        (&found["approver"]["signer"], &found["approver"]["role"]),
        (&"carol".into(), &"approver".into())
    );
    let received = receive(&place, &forged, &signers, &[]).ok().json();
    assert_eq!(received["approver"], "carol");
}

#[test]
fn what_was_made_for_somebody_else_is_not_taken_silently() {
    let sender = fixtures::small();
    let place = receiver();
    let own = place.run(["--json", "bundle", "signer"]).ok().json();
    let own = own["recipient"].as_str().unwrap().to_owned();
    let other = sender.run(["--json", "bundle", "signer"]).ok().json();
    let other = other["recipient"].as_str().unwrap().to_owned();
    let signers = sender.signers();
    let bundle = sender.bundle("field.bag.zip", &[]);
    let made_for = |recipients: &[&String]| {
        let recipients: Vec<String> = recipients.iter().map(|one| (*one).clone()).collect();
        Forged::of(&bundle).saying(|info| info.recipients = recipients).signed_by(&sender, None)
    };

    let passed_on = made_for(&[&other]);
    let found = verify(&place, &passed_on, &signers).ok().json();
    assert_eq!(found["recipients"], serde_json::json!([other]));
    let refused = receive(&place, &passed_on, &signers, &[]).ends(1);
    assert_eq!(refused.kind(), "other_recipient");
    assert!(refused.err.contains(&other) && refused.err.contains("--accept-other-recipient"));
    nothing_entered(&place);
    let taken = receive(&place, &passed_on, &signers, &["--accept-other-recipient"]).ok().json();
    assert_eq!(taken["other_recipient"], true);

    let place = receiver();
    let own_too = place.run(["--json", "bundle", "signer"]).ok().json();
    let mine = made_for(&[&own, &own_too["recipient"].as_str().unwrap().to_owned()]);
    assert_eq!(receive(&place, &mine, &signers, &[]).ok().json()["other_recipient"], false);
}

#[test]
fn a_project_of_ones_own_is_not_filled_by_a_bundle() {
    let alice = Place::with_project("Mine");
    let bob = receiver();
    let empty = alice.bundle("empty.bag.zip", &[]);
    receive(&bob, &empty, &alice.signers(), &["--name", "Theirs"]).ok();
    assert_eq!(bob.run(["--json", "project", "show"]).ok().json()["name"], "Theirs");
    bob.run(["labels", "set", "tank"]).ok();
    let back = bob.bundle("back.bag.zip", &[]);
    let signers = bob.signers();
    for name in ["Mine", "Other"] {
        let done = receive(&alice, &back, &signers, &["--name", name]);
        assert_ne!(done.code, 0, "{done:?}");
        let shown = alice.run(["--json", "project", "show"]).ok().json();
        assert_eq!((&shown["name"], &shown["heads"]), (&"Mine".into(), &serde_json::json!([])));
    }
    receive(&alice, &back, &signers, &["--name", "Other"]).ends(1).says(&["already in this vault"]);
    // What was received empty goes on only with the very bundle that it came in.
    receive(&bob, &empty, &alice.signers(), &["--name", "Elsewhere"]).ends(1);
}

#[test]
fn a_vault_holds_its_own_marking() {
    let sender = fixtures::small();
    let done =
        sender.run(["--json", "project", "new", "high", "--marking", "TOP SECRET//SCI"]).ends(1);
    assert_eq!(done.kind(), "marking");
    assert!(done.err.contains("make a vault with that marking"), "{done:?}");
    let bundle = sender.bundle("field.bag.zip", &[]);
    let high = |info: &mut vaultmark::bundle::BagInfo| {
        info.marking = Marking::new("TOP SECRET//SCI").unwrap();
    };
    let forged = Forged::of(&bundle).saying(high).signed_by(&sender, None);
    let place = receiver();
    assert_eq!(receive(&place, &forged, &sender.signers(), &[]).ends(1).kind(), "marking");
    nothing_entered(&place);
}

#[test]
fn a_large_native_file_is_never_held_in_memory() {
    if !has_tool("prlimit") {
        return;
    }
    let sender = fixtures::small();
    let bundle = sender.bundle("field.bag.zip", &[]);
    let forged = Forged::of(&bundle).put(NATIVE, vec![0; 600 << 20]).signed_by(&sender, None);
    let wrapper = ["prlimit", "--as=900000000"].map(OsStr::new);
    let words = [OsStr::new("bundle"), OsStr::new("verify"), forged.as_os_str()];
    let done = sender.finish(sender.command_through(&wrapper, words));
    done.ends(1).says(&[NATIVE]);
}

#[test]
fn every_kind_of_edit_is_followed() {
    let sender = fixtures::small();
    sender.run(["labels", "set", "tree", "--color", "#010203", "--key", "7"]).ok();
    sender.in_project(|session, project| {
        let items = library::ids(session, project, &ItemQuery::default()).unwrap();
        let on = |item| annotate::open(session, project, item).unwrap().annotations;
        let edit = |edits: Vec<Edit>| annotate::edit(session, project, "test", edits).map(|_| ());
        let set = |subject, part, value| edit(vec![Edit { subject, part, value }]).unwrap();
        let (one, other) = (on(items[0]).remove(0), on(items[1]).remove(0));
        let subject = Subject::Annotation(one.id);
        let point = Shape::Point(Point { x: 0.1 + 0.2, y: 1e-9 });
        set(subject, Part::Geometry, Set::Shape(point));
        set(subject, Part::Label, Set::LabelRef(other.label));
        set(subject, Part::ZOrder, Set::Order(-4));
        for part in [Part::Flagged, Part::Occluded, Part::Truncated, Part::Hidden] {
            set(subject, part, Set::Flag(true));
        }
        set(subject, Part::Note, Set::Text("a \u{1f333}\n\"note\"".into()));
        set(subject, Part::Hidden, Set::Flag(false));
        set(Subject::Item(items[0]), Part::Done, Set::Flag(true));
        set(Subject::Item(items[0]), Part::Flagged, Set::Flag(true));
        let gone = Subject::Annotation(other.id);
        set(gone, Part::Presence, Set::Flag(false));
        annotate::undo(session, project).unwrap();
        annotate::redo(session, project).unwrap();
    });
    let signers = sender.signers();
    for more in [&["--media"][..], &["--history"]] {
        let bundle = sender.bundle(&format!("{}.bag.zip", more.join("")), more);
        let found = verify(&sender, &bundle, &signers).ok().json();
        assert_eq!((&found["traced"], &found["annotations"]), (&true.into(), &4.into()));
        assert!(script_accepts(&bundle, &signers) != Some(false));
        let place = receiver();
        receive(&place, &bundle, &signers, &[]).ok();
        let on = place.bundle("on.bag.zip", more);
        verify(&place, &on, &place.signers()).ok();
    }
}
