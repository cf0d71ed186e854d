//! Annotation files: real ones with defects, and made-up ones without end.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::{OWN_KIB, Target, below};
use crate::support::hostile::annotations;
use crate::support::{Place, data, fixtures, measured};

#[test]
fn defects_of_real_annotation_files_are_named_by_file_and_line() {
    if let Some(place) = fixtures::bccd() {
        let folder = data("bccd/BCCD/Annotations").unwrap();
        let mut found = Vec::new();
        // Only the files with defects, each alone: the rest is the main job's.
        for file in below(&folder) {
            let words = ["--json", "annotations", "import", "--format", "voc"].map(OsStr::new);
            if !has_flat_box(&file) {
                continue;
            }
            let (done, cost) = measured::run(&place, words.into_iter().chain([file.as_os_str()]));
            assert!(cost.own_kib <= OWN_KIB, "{cost}");
            let refused = done.ends(4).json()["refused"]["list"].as_array().unwrap().clone();
            for one in refused {
                assert!(
                    one["line"].as_u64().is_some()
                        && one["reason"].as_str().unwrap().contains("no area"),
                    "{one}"
                );
                found.push(one["file"].as_str().unwrap().to_owned());
            }
            place.is_whole(&format!("after {}", file.display()));
        }
        assert_eq!(found.len(), 2, "{found:?}");
    }
    let Some(folder) = data("overhead") else { return };
    let place = Place::with_project("forest");
    place.run([OsStr::new("import"), folder.as_os_str()]).ok();
    let missing = below(&folder).into_iter().filter_map(|file| {
        let text = fs::read_to_string(&file).ok()?;
        let voc = file.extension()? == "xml" && text.contains("528000");
        let coco = file.extension()? == "json" && text.contains("\"annotations\"");
        (voc || coco).then_some((file, if voc { "voc" } else { "coco" }))
    });
    let mut seen = 0;
    for (file, format) in missing {
        let words = ["annotations", "import", "--format", format].map(OsStr::new);
        let done = place.run(words.into_iter().chain([file.as_os_str()]));
        let said = format!("{}{}", done.out, done.err);
        assert!(matches!(done.code, 1 | 4), "{}: {said}", file.display());
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(said.contains(name) && said.contains("is not in the project"), "{said}");
        place.is_whole(&format!("after {}", file.display()));
        seen += 1;
    }
    assert!(seen >= 2, "{seen}");
}

/// Whether a VOC file has a box whose corners are the same.
fn has_flat_box(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap();
    let corner = |object: &str, name: &str| {
        let rest = object.split_once(&format!("<{name}>"))?.1;
        rest.split_once('<').map(|(value, _)| value.to_owned())
    };
    text.split("<object>").skip(1).any(|object| {
        corner(object, "xmin") == corner(object, "xmax")
            || corner(object, "ymin") == corner(object, "ymax")
    })
}

#[test]
fn made_up_annotation_files_are_refused_within_the_bounds() {
    let mut target = Target::new();
    let folder = target.place.folder().join("made");
    fs::create_dir(&folder).unwrap();
    for (format, name, bytes, word) in annotations::made_up() {
        let file = folder.join(name);
        fs::write(&file, bytes).unwrap();
        target.annotations(format, &file, word);
        fs::remove_file(&file).unwrap();
    }
    target.finish("made-up annotation files");
}

#[test]
fn ten_million_empty_objects_are_counted_and_refused() {
    let mut target = Target::new();
    let file = target.place.folder().join("empty.json");
    fs::write(&file, annotations::empty_objects(10_000_000)).unwrap();
    target.annotations("coco", &file, "10,000,000");
    target.finish("empty objects");
}
