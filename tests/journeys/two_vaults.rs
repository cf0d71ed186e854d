//! The same bundle received twice and changed on both sides: heads are kept apart by replica, which
//! is all that merging will need.

use std::fs;

use serde_json::Value;
use vaultmark::model::change::Subject;
use vaultmark::model::policy::ExportPolicy;
use vaultmark::store::project::ItemQuery;

use crate::provenance::{note, verified};
use crate::support::{Place, files_below, fixtures, make_vault_of, python};

const PASSPHRASE: &str = "another battery staple";

fn receiver(person: &str) -> Place {
    let mut place = Place::empty();
    place.person = person.into();
    place.passphrase = PASSPHRASE.into();
    make_vault_of(place.vault(), person, PASSPHRASE, ExportPolicy::Single);
    place
}

fn heads(place: &Place) -> Vec<Value> {
    place.run(["--json", "project", "show"]).ok().json()["heads"].as_array().unwrap().clone()
}

#[test]
fn heads_are_kept_apart_by_replica() {
    let sender = fixtures::small();
    let bundle = sender.bundle("field.bag.zip", &["--media", "--history"]);
    let signers = sender.signers();
    let origin = heads(&sender);
    assert_eq!(origin.len(), 1);

    let places = [receiver("bob"), receiver("carol")];
    for (place, text) in places.iter().zip(["seen by bob", "seen by carol"]) {
        let words = [
            "--json",
            "bundle",
            "receive",
            bundle.to_str().unwrap(),
            "--signers",
            signers.to_str().unwrap(),
        ];
        let received = place.run(words).ok().json();
        assert_eq!(
            (&received["items"], &received["annotations"], &received["media"]),
            (&3.into(), &5.into(), &3.into())
        );
        assert_eq!(heads(place), origin, "what was received is kept as it is");
        let item = place.in_project(|session, project| {
            vaultmark::journeys::library::ids(session, project, &ItemQuery::default()).unwrap()[0]
        });
        note(place, Subject::Item(item), text);
        place.is_whole("after changing what was received");
    }
    let [bob, carol] = places.each_ref().map(heads);
    assert_eq!((bob.len(), carol.len()), (2, 2));
    let own = |heads: &[Value]| heads.iter().find(|head| !origin.contains(head)).unwrap().clone();
    assert!(
        bob.contains(&origin[0]) && carol.contains(&origin[0]),
        "the sender's chain is the same in both"
    );
    assert_ne!(own(&bob)["replica"], own(&carol)["replica"]);
    assert_eq!((&own(&bob)["seq"], &own(&carol)["seq"]), (&1.into(), &1.into()));
    // The same project and items under the same identifiers.
    let ids = |place: &Place| {
        let list = place.run(["--json", "items", "list"]).ok().json();
        list.as_array()
            .unwrap()
            .iter()
            .map(|item| (item["id"].clone(), item["sha512"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&places[0]), ids(&places[1]));

    // Both can send on, and a stranger verifies both chains.
    for (place, text) in places.iter().zip(["seen by bob", "seen by carol"]) {
        let bundle = place.bundle("on.bag.zip", &[]);
        let signers = place.signers();
        let words = [
            "--json",
            "bundle",
            "verify",
            bundle.to_str().unwrap(),
            "--signers",
            signers.to_str().unwrap(),
        ];
        let report = place.run(words).ok().json();
        assert_eq!(report["changes"], origin[0]["seq"].as_u64().unwrap() + 1);
        assert!(
            fs::read(&bundle).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
        );
        if let Some(python) = python() {
            let said = verified(&python, &bundle, &signers);
            assert!(
                said.contains(" by alice ") && said.contains(&format!(" by {} ", place.person)),
                "{said}"
            );
        }
        let words = [
            "bundle",
            "receive",
            bundle.to_str().unwrap(),
            "--signers",
            signers.to_str().unwrap(),
            "--name",
            "from there",
        ];
        sender.run(words).ends(1).says(&["already in this vault"]);
    }
}

#[test]
fn a_sealed_bundle_opens_for_its_recipient_alone() {
    let sender = fixtures::small();
    let places = [receiver("bob"), receiver("carol")];
    let recipient = places[0].run(["--json", "bundle", "signer"]).ok().json();
    let recipient = recipient["recipient"].as_str().unwrap();
    let bundle = sender.bundle("for-bob.bag.zip.age", &["--media", "--seal-to", recipient]);
    let signers = sender.signers();
    let words = [
        "--json",
        "bundle",
        "receive",
        bundle.to_str().unwrap(),
        "--signers",
        signers.to_str().unwrap(),
    ];
    let received = places[0].run(words).ok().json();
    assert_eq!((&received["media"], &received["annotations"]), (&3.into(), &5.into()));
    places[1].run(words).ends(1);
    assert_eq!(places[1].run(["--json", "project", "list"]).ok().json(), Value::Array(vec![]));
    assert!(files_below(&places[1].vault().join("projects")).is_empty());
}

#[test]
fn annotations_without_media_are_received_and_go_on() {
    let sender = fixtures::small();
    let bundle = sender.bundle("labels.bag.zip", &[]);
    let place = receiver("bob");
    let signers = sender.signers();
    let words = [
        "--json",
        "bundle",
        "receive",
        bundle.to_str().unwrap(),
        "--signers",
        signers.to_str().unwrap(),
    ];
    let received = place.run(words).ok().json();
    assert_eq!(
        (&received["items"], &received["annotations"], &received["media"]),
        (&3.into(), &5.into(), &0.into())
    );
    let items = place.run(["--json", "items", "list"]).ok().json();
    assert!(items.as_array().unwrap().iter().all(|item| item["has_media"] == false), "{items:#}");
    place.is_whole("without media");
    let plan = [
        "--json",
        "bundle",
        "create",
        "--plan",
        "--media",
        "--justification",
        "x",
        "--to",
        "on.bag.zip",
    ];
    assert_eq!(place.run(plan).ok().json()["media_missing"], 3);
    let on = place.bundle("on.bag.zip", &["--media"]);
    let verified = place.run(["--json", "bundle", "verify", on.to_str().unwrap()]).ends(4).json();
    assert_eq!((&verified["media"], &verified["annotations"]), (&0.into(), &5.into()));

    // The same bytes of labels leave there as came in here.
    let coco = |place: &Place| {
        let file = place.out("coco.json");
        let words = [
            "annotations",
            "export",
            "--format",
            "coco",
            "--justification",
            "x",
            file.to_str().unwrap(),
        ];
        place.run(words).ok();
        let value: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        (value["images"].clone(), value["annotations"].clone(), value["categories"].clone())
    };
    assert_eq!(coco(&sender), coco(&place));
}

#[test]
fn receiving_what_is_damaged_leaves_nothing_behind() {
    let sender = fixtures::small();
    let bundle = sender.bundle("field.bag.zip", &["--media"]);
    let signers = sender.signers();
    let whole = fs::read(&bundle).unwrap();
    let place = receiver("bob");
    let mut dice = crate::support::Dice::new(7);
    for _ in 0..24 {
        let mut bytes = whole.clone();
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.below(8);
        let broken = place.out("broken.bag.zip");
        fs::write(&broken, bytes).unwrap();
        let words =
            ["bundle", "receive", broken.to_str().unwrap(), "--signers", signers.to_str().unwrap()];
        let done = place.run(words).ends(1);
        assert!(done.err.len() > 20, "byte {at}: {done:?}");
    }
    for keep in [0, 3, whole.len() / 2, whole.len() - 1] {
        let broken = place.out("broken.bag.zip");
        fs::write(&broken, &whole[..keep]).unwrap();
        let words =
            ["bundle", "receive", broken.to_str().unwrap(), "--signers", signers.to_str().unwrap()];
        place.run(words).ends(1);
    }
    assert_eq!(place.run(["--json", "project", "list"]).ok().json(), Value::Array(vec![]));
    assert!(files_below(&place.vault().join("projects")).is_empty());
    place.is_whole("after refusing broken bundles");
}
