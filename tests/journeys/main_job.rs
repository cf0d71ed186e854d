//! The main job: a folder of imagery becomes a signed bundle, and a second vault receives it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use vaultmark::model::policy::ExportPolicy;

use crate::support::{
    Place, WHY, data, files_below, fixtures, make_vault, make_vault_marked, overhead, root,
};

/// Vaults as people make them, with the real derivation; the sample that comes along.
#[test]
fn from_photos_to_a_bundle_that_another_vault_receives() {
    let place = Place::empty();
    let made = place
        .run([
            "--json",
            "init",
            "--officer",
            "alice",
            "--marking",
            "RESTRICTED",
            "--export-policy",
            "single",
        ])
        .ok()
        .json();
    assert!(made["recovery_sheet"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
    assert_eq!(
        (&made["marking"], &made["export_policy"]),
        (&"RESTRICTED".into(), &"single".into())
    );
    place.run(["project", "new", "Yellowstone"]).ok();
    let sample = root().join("assets/sample");
    let sample = sample.to_str().unwrap();

    let plan = place.run(["--json", "import", "--plan", sample]).ok().json();
    assert_eq!(plan["new"].as_array().unwrap().len(), 4);
    assert_eq!(place.counts(), (0, 0), "a plan changes nothing");
    let imported = place.run(["--json", "import", sample]).ok().json();
    assert_eq!((&imported["imported"], &imported["refused"]), (&4.into(), &Value::Array(vec![])));
    let again = place.run(["--json", "import", sample]).ok().json();
    assert_eq!((&again["imported"], &again["duplicates"]), (&0.into(), &4.into()));

    let labels =
        place.run(["--json", "annotations", "import", "--format", "voc", sample]).ok().json();
    assert_eq!(labels["annotations"], 61 + 37 + 279);
    let bundle = place.bundle("one.bag.zip", &["--media"]);
    let signers = place.signers();
    let file = bundle.to_str().unwrap();
    let verified = place
        .run(["--json", "bundle", "verify", file, "--signers", signers.to_str().unwrap()])
        .ok()
        .json();
    assert_eq!(verified["trusted"], true);
    assert_eq!((&verified["media"], &verified["annotations"]), (&4.into(), &377.into()));
    assert_eq!(
        (&verified["marking"], &verified["justification"]),
        (&"RESTRICTED".into(), &WHY.into())
    );
    place.is_whole("after the main job");

    let other = Place::empty();
    make_vault_marked(other.vault(), "RESTRICTED");
    other.run(["--json", "bundle", "receive", file]).ends(1).says(&["SHA256:", "--accept"]);
    let fingerprint = verified["fingerprint"].as_str().unwrap();
    let received =
        other.run(["--json", "bundle", "receive", file, "--accept", fingerprint]).ok().json();
    assert_eq!(
        (&received["items"], &received["annotations"], &received["media"]),
        (&4.into(), &377.into(), &4.into())
    );
    other.is_whole("after receiving");
    other
        .run(["bundle", "receive", file, "--accept", fingerprint, "--name", "again"])
        .ends(1)
        .says(&["already in this vault"]);
    assert_eq!(other.run(["--json", "project", "list"]).ok().json().as_array().unwrap().len(), 1);
}

#[test]
fn bccd_loses_its_two_empty_boxes_and_nothing_else() {
    let Some(source) = data("bccd/BCCD") else { return };
    let place = Place::with_project("cells");
    let imported = place
        .run([Path::new("--json"), Path::new("import"), &source.join("JPEGImages")])
        .ok()
        .json();
    assert_eq!((&imported["imported"], &imported["refused"]), (&364.into(), &Value::Array(vec![])));
    let words = ["--json", "annotations", "import", "--format", "voc"].map(Path::new);
    let report =
        place.run(words.into_iter().chain([source.join("Annotations").as_path()])).ends(4).json();
    assert_eq!((&report["annotations"], &report["files"]), (&4886.into(), &364.into()));
    assert_eq!(report["refused"]["count"], 2);
    for note in report["refused"]["list"].as_array().unwrap() {
        let file = source.join("Annotations").join(note["file"].as_str().unwrap());
        let line = usize::try_from(note["line"].as_u64().unwrap()).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        // From the named line on, the object or its box has no width or no height.
        let rest: String = text.lines().skip(line - 1).take(12).collect();
        let side = |name: &str| {
            rest.split(&format!("<{name}>")).nth(1).unwrap().split('<').next().unwrap().to_owned()
        };
        assert!(side("xmin") == side("xmax") || side("ymin") == side("ymax"), "{note}: {rest}");
    }
    assert_eq!(place.counts(), (364, 4886));
    let labels = place.run(["--json", "labels", "list"]).ok().json();
    let total: u64 =
        labels.as_array().unwrap().iter().map(|label| label["annotations"].as_u64().unwrap()).sum();
    assert_eq!((labels.as_array().unwrap().len(), total), (3, 4886));

    // The strict mode refuses the whole instead.
    let words = ["--json", "annotations", "import", "--strict", "--format", "voc"].map(Path::new);
    let refused = place.run(words.into_iter().chain([source.join("Annotations").as_path()]));
    assert_eq!((refused.code, place.counts()), (1, (364, 4886)), "{refused:?}");
}

#[test]
fn a_bare_export_passes_the_same_door_and_overwrites_nothing() {
    let place = fixtures::small();
    let out = place.out("boxes.json");
    let file = out.to_str().unwrap();
    place.run(["annotations", "export", "--format", "coco", file]).ends(1).says(&["justification"]);
    assert!(!out.exists());
    let words =
        ["--json", "annotations", "export", "--format", "coco", "--justification", WHY, file];
    let report = place.run(words).ok().json();
    assert_eq!((&report["annotations"], &report["items"]), (&5.into(), &3.into()));
    assert!(!report["audit_code"].as_str().unwrap().is_empty());
    let first = fs::read(&out).unwrap();
    assert_eq!(place.run(words).ends(1).kind(), "exists");
    assert_eq!(fs::read(&out).unwrap(), first);
    let second = place.out("again.json");
    place
        .run([
            "annotations",
            "export",
            "--format",
            "coco",
            "--justification",
            WHY,
            second.to_str().unwrap(),
        ])
        .ok();
    assert_eq!(fs::read(second).unwrap(), first, "the same content gives the same bytes");
    let bundle = place.bundle("b.bag.zip", &[]);
    place
        .run([
            "--json",
            "bundle",
            "create",
            "--justification",
            WHY,
            "--to",
            bundle.to_str().unwrap(),
        ])
        .ends(1);
    assert_eq!(files_below(&place.out("")).len(), 3, "no partial file stays");
}

#[test]
fn an_export_of_two_persons_refuses_until_there_is_a_second() {
    let place = Place::empty();
    make_vault(place.vault(), ExportPolicy::Two);
    place.run(["project", "new", "p"]).ok();
    let out = place.out("b.bag.zip");
    let words =
        ["--json", "bundle", "create", "--justification", WHY, "--to", out.to_str().unwrap()];
    let refused = place.run(words).ends(1);
    assert_eq!(refused.kind(), "second_person_needed");
    let bare = [
        "--json",
        "annotations",
        "export",
        "--format",
        "coco",
        "--justification",
        WHY,
        out.to_str().unwrap(),
    ];
    assert_eq!(place.run(bare).ends(1).kind(), "second_person_needed");
    let plan = [
        "--json",
        "bundle",
        "create",
        "--plan",
        "--justification",
        WHY,
        "--to",
        out.to_str().unwrap(),
    ];
    assert!(place.run(plan).ends(1).json()["refused"].as_str().unwrap().contains("second person"));
    assert!(files_below(&place.out("")).is_empty());
}

#[test]
fn polygons_of_nuts_come_in_and_leave_whole() {
    let Some(source) = data("nuts/data") else { return };
    let place = Place::with_project("nuts");
    place.run([Path::new("import"), &source.join("images")]).ok();
    let words = ["--json", "annotations", "import", "--format", "coco"].map(Path::new);
    let report = place.run(words.into_iter().chain([source.join("trainval.json").as_path()]));
    let json = report.json();
    assert_eq!(
        (&json["annotations"], &json["refused"]["count"]),
        (&165.into(), &0.into()),
        "{report:?}"
    );
    assert_eq!(json["labels_made"].as_array().unwrap().len(), 3);
    assert_eq!(place.counts(), (18, 165));

    // Out, into an empty project, and out again: the same bytes.
    let first = place.out("first.json");
    place
        .run([
            "annotations",
            "export",
            "--format",
            "native",
            "--justification",
            WHY,
            first.to_str().unwrap(),
        ])
        .ok();
    let other = Place::with_project("nuts");
    other.run([Path::new("import"), &source.join("images")]).ok();
    other.run(["annotations", "import", "--format", "native", first.to_str().unwrap()]).ok();
    let coco = |place: &Place| {
        let file = place.out("coco.json");
        place
            .run([
                "annotations",
                "export",
                "--format",
                "coco",
                "--justification",
                WHY,
                file.to_str().unwrap(),
            ])
            .ok();
        let value: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        value["annotations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["segmentation"].to_string())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(coco(&place), coco(&other));
}

#[test]
fn pictures_of_every_kind_come_in_by_content_and_leave_bit_for_bit() {
    let Some(large) = data("large") else { return };
    let place = Place::with_project("kinds");
    for folder in ["large", "exif_orientation", "image_rs/images"] {
        let Some(folder) = data(folder) else { return };
        let done = place.run([Path::new("--json"), Path::new("import"), &folder]);
        assert!(done.code == 0 || done.code == 4, "{done:?}");
        for refused in done.json()["refused"].as_array().unwrap() {
            assert!(refused["reason"].as_str().unwrap().len() > 20, "{refused}");
        }
    }
    let items = place.run(["--json", "items", "list"]).ok().json();
    let items = items.as_array().unwrap();
    let seen =
        |field: &str| items.iter().map(|item| item[field].to_string()).collect::<BTreeSet<_>>();
    for format in ["jpeg", "png", "tiff", "bmp", "gif", "webp", "pnm"] {
        assert!(seen("format").contains(&format!("\"{format}\"")), "{:?}", seen("format"));
    }
    for sample in ["u8", "u16", "f32"] {
        assert!(seen("sample").contains(&format!("\"{sample}\"")), "{:?}", seen("sample"));
    }
    assert_eq!(seen("orientation"), (1..=8).map(|n| n.to_string()).collect());
    // Turned upright, width and height are those that a person sees.
    for item in items.iter().filter(|item| item["path"].as_str().unwrap().contains("Landscape_")) {
        assert!(item["width"].as_u64() > item["height"].as_u64(), "{item}");
    }
    assert!(
        items
            .iter()
            .any(|item| (&item["width"], &item["height"]) == (&25_312.into(), &22_976.into()))
    );
    place.is_whole("after importing every kind");

    let bundle = place.bundle("kinds.bag.zip", &["--media"]);
    let mut bag = zip::ZipArchive::new(fs::File::open(bundle).unwrap()).unwrap();
    let listed: Vec<Value> = {
        let lines = std::io::read_to_string(bag.by_name("data/items.jsonl").unwrap()).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(listed.len(), items.len());
    for file in files_below(&large) {
        let name = format!("large/{}", file.display());
        let Some(item) = listed.iter().find(|item| item["name"] == name.as_str()) else { continue };
        let mut entry = bag.by_name(item["media"].as_str().unwrap()).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        assert!(
            bytes == fs::read(large.join(&file)).unwrap(),
            "{name} left otherwise than it came"
        );
    }
}

#[test]
fn a_photo_that_is_missing_is_named() {
    let source = overhead();
    let place = Place::with_project("forest");
    place.run([Path::new("import"), &source]).ok();
    let words = ["--json", "annotations", "import", "--format", "voc"].map(Path::new);
    let done = place.run(words.into_iter().chain([source.as_path()]));
    let report = done.json();
    assert_eq!(report["annotations"], 61 + 37 + 279, "{done:?}");
    let missing = "2019_YELL_2_528000_4978000_image_crop2.xml";
    if source.join(missing).exists() {
        assert_eq!(done.code, 4);
        let list = report["refused"]["list"].as_array().unwrap();
        let named: Vec<_> = list.iter().filter(|note| note["file"] == missing).collect();
        let lost: u64 = named.iter().map(|note| note["annotations"].as_u64().unwrap()).sum();
        assert_eq!(lost, 574, "{list:#?}");
        assert!(
            named[0]["reason"].as_str().unwrap().contains("2019_YELL_2_528000_4978000_image_crop2"),
            "{list:#?}"
        );
        assert_eq!(list.len(), named.len(), "{list:#?}");
    } else {
        assert_eq!(done.code, 0);
    }
}

#[test]
fn every_verb_speaks_json_and_ends_with_its_code() {
    let place = fixtures::small();
    let out = place.out("x.json");
    let bundle = place.bundle("b.bag.zip", &[]);
    let bundle = bundle.to_str().unwrap();
    let fine: &[&[&str]] = &[
        &["project", "new", "second"],
        &["project", "list"],
        &["project", "show", "field"],
        &["import", "--plan", "."],
        &["items", "list", "--name", "1.png"],
        &["items", "list", "--label", "tree"],
        &["labels", "set", "river", "--color", "#102030", "--key", "4"],
        &["labels", "list"],
        &[
            "annotations",
            "export",
            "--format",
            "native",
            "--justification",
            WHY,
            out.to_str().unwrap(),
        ],
        &["bundle", "create", "--plan", "--justification", WHY, "--to", "y.bag.zip"],
        &["bundle", "signer"],
        &["check"],
        &["manual"],
        &["manual", "vault"],
        &["manual", "--search", "passphrase"],
    ];
    for words in fine {
        let done = place.run([&["--json", "--project", "field"], *words].concat());
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.json().is_object() || done.json().is_array());
    }
    let river = place.run(["--json", "--project", "field", "labels", "list"]).ok().json();
    let river =
        river.as_array().unwrap().iter().find(|label| label["name"] == "river").unwrap().clone();
    assert_eq!((&river["color"], &river["key"]), (&"#102030".into(), &4.into()));

    let bad: &[(&[&str], i32, &str)] = &[
        (&["project", "show", "nowhere"], 1, "no_project"),
        (&["labels", "list"], 2, "which_project"),
        (&["--project", "field", "items", "list", "--label", "cloud"], 2, "unknown_word"),
        (
            &["--project", "field", "annotations", "import", "--format", "yolo", "x"],
            2,
            "unknown_word",
        ),
        (
            &["--project", "field", "annotations", "import", "--format", "coco", "absent.json"],
            1,
            "file",
        ),
        (&["project", "new", "field"], 2, "invalid"),
        (&["bundle", "verify", "absent.bag.zip"], 1, "file"),
        (&["manual", "no-such-page"], 2, "unknown_word"),
        (&["--vault", "out", "check"], 1, "not_a_vault"),
    ];
    for (words, code, kind) in bad {
        let done = place.run([&["--json"], *words].concat());
        assert_eq!((done.code, done.kind().as_str()), (*code, *kind), "{done:?}");
        assert!(done.err.starts_with("vaultmark: "), "{done:?}");
    }
    // Known signer or not: both whole, one is trusted.
    place.run(["bundle", "verify", bundle]).ends(4);
    place.run(["no-such-verb"]).ends(2);
    place.run(["items", "list", "--no-such-option"]).ends(2);
    place.run(["--help"]).ok();
    place.run(["--version"]).ok();
}
