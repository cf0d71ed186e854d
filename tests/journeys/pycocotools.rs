//! The arbiter of COCO reads what is exported, and agrees on every box, polygon and area.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Place, WHY, data, fixtures, python, root};

/// Exports COCO and the native file of the same state, and lets pycocotools compare them.
fn agreement(python: &Path, place: &Place) -> Value {
    for format in ["coco", "native"] {
        let file = place.out(&format!("{format}.json"));
        place
            .run([
                "annotations",
                "export",
                "--format",
                format,
                "--justification",
                WHY,
                file.to_str().unwrap(),
            ])
            .ok();
    }
    let output = Command::new(python)
        .arg(root().join("tests/python/formats_coco_check.py"))
        .arg(place.out("coco.json"))
        .arg("--native")
        .arg(place.out("native.json"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said).unwrap()
}

#[test]
fn agrees_on_every_box_of_bccd() {
    let (Some(python), Some(place)) = (python(), fixtures::bccd()) else { return };
    let said = agreement(&python, &place);
    assert_eq!(
        (&said["images"], &said["annotations"], &said["boxes"]),
        (&364.into(), &4886.into(), &4886.into())
    );
    assert_eq!((&said["categories"], &said["problems"]), (&3.into(), &0.into()), "{said:#}");
}

#[test]
fn agrees_on_every_polygon_of_nuts() {
    let (Some(python), Some(source)) = (python(), data("nuts/data")) else { return };
    let place = Place::with_project("nuts");
    place.run([Path::new("import"), &source.join("images")]).ok();
    place
        .run([
            "annotations",
            "import",
            "--format",
            "coco",
            source.join("trainval.json").to_str().unwrap(),
        ])
        .ok();
    let said = agreement(&python, &place);
    assert_eq!(
        (&said["images"], &said["annotations"], &said["polygons"]),
        (&18.into(), &165.into(), &165.into())
    );
    assert_eq!((&said["categories"], &said["problems"]), (&3.into(), &0.into()), "{said:#}");
    assert!(said["polygons_drawn_relative"].as_f64().unwrap() < 0.01, "{said:#}");
}
