//! Files that other people made, and files for an independent reader.
//!
//! The exports stay under the target directory's `tmp/formats_*`: `tests/python/formats_coco_check.py`
//! reads them with pycocotools.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{facts, file, files, format, image, item, lines, project_of, real_files, write};
use vaultmark_formats::memory::MemoryProject;
use vaultmark_formats::{LabelHint, NewAnnotation, ReadOptions, ReadReport, Sink, WriteOptions};
use vaultmark_model::Shape;
use vaultmark_model::shape::{Polygon, XY};

fn read(name: &str, paths: &[PathBuf], project: &mut MemoryProject) -> ReadReport {
    let inputs: Vec<_> = paths.iter().map(|path| file(path)).collect();
    format(name).read(&inputs, project, &ReadOptions::default()).unwrap()
}

/// Writes COCO and native files for the independent reader, reads both back, and compares.
fn export(name: &str, project: &mut MemoryProject, options: &WriteOptions) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (coco, _) = write("coco", project, options);
    fs::write(folder.join(format!("formats_{name}.coco.json")), &coco).unwrap();
    let (native, _) = write("native", project, &WriteOptions::default());
    fs::write(folder.join(format!("formats_{name}.native.json")), &native).unwrap();

    let mut again = MemoryProject::new(facts()).taking_items();
    let path = folder.join(format!("formats_{name}.native.json"));
    let report = read("native", &[path], &mut again);
    assert_eq!(report.refused.count(), 0);
    assert_eq!(again.annotations(), project.annotations());
    assert_eq!(write("native", &mut again, &WriteOptions::default()).0, native);
    assert_eq!(write("coco", &mut again, options).0, coco);
}

#[test]
fn bccd_has_4888_boxes_of_which_two_have_no_area() {
    let Some(folder) = real_files("bccd/BCCD") else { return };
    let mut project = project_of(&folder.join("JPEGImages"), "bccd/JPEGImages/");
    let xml = files(&folder.join("Annotations"), "xml");
    let report = read("voc", &xml, &mut project);
    assert_eq!((report.files, report.items, report.records), (364, 364, 4888));
    assert_eq!((report.annotations, report.labels), (4886, 3));
    let refused: Vec<_> = report
        .refused
        .list()
        .iter()
        .map(|n| (n.file.as_str(), n.line, n.reason.as_str()))
        .collect();
    assert_eq!(
        refused,
        [
            (
                "BloodImage_00338.xml",
                Some(158),
                "its box has no area: xmin 504, ymin 337, xmax 504, ymax 337"
            ),
            (
                "BloodImage_00343.xml",
                Some(50),
                "its box has no area: xmin 181, ymin 329, xmax 181, ymax 329"
            ),
        ]
    );
    // Three files name a folder that is not there.
    assert_eq!(
        (report.guessed.count(), report.repaired.count(), report.skipped.count()),
        (3, 0, 0)
    );
    export("bccd", &mut project, &WriteOptions::default());

    // What was written comes back as it was.
    let coco = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats_bccd.coco.json");
    let mut second = project_of(&folder.join("JPEGImages"), "bccd/JPEGImages/");
    let report = read("coco", std::slice::from_ref(&coco), &mut second);
    assert_eq!((lines(&report), report.annotations), (vec![], 4886));
    assert_eq!(write("coco", &mut second, &WriteOptions::default()).0, fs::read(coco).unwrap());
}

#[test]
fn overhead_has_a_photo_that_is_missing() {
    let Some(folder) = real_files("overhead") else { return };
    let mut project = project_of(&folder, "overhead/");
    let mut tif = item(99, b"overhead/OSBS_029.tif", image(400, 400, 1));
    tif.body.facts.format = vaultmark_model::MediaFormat::Tiff;
    project.add_item(tif);
    let report = read("voc", &files(&folder, "xml"), &mut project);
    assert_eq!((report.files, report.items, report.records, report.annotations), (4, 3, 951, 377));
    assert_eq!(
        lines(&report),
        [
            "refused - the file: its image `2019_YELL_2_528000_4978000_image_crop2.png` is not in the project; import it first",
            "guessed - the file: `data/2019_YELL_2_541000_4977000_image_crop.png` is not in the project; the only item with the base name `2019_YELL_2_541000_4977000_image_crop.png` was taken",
            "guessed - the file: `RGB/OSBS_029.tif` is not in the project; the only item with the base name `OSBS_029.tif` was taken",
            "guessed - the file: `data/SOAP_061.png` is not in the project; the only item with the base name `SOAP_061.png` was taken",
        ]
    );
    assert_eq!(report.refused.list()[0].annotations, 574);
    let on = |name: &str| {
        let id = project.items().iter().find(|i| i.body.path.file_name() == name).unwrap().id;
        project.annotations().iter().filter(|a| a.annotation.item == id).count()
    };
    assert_eq!(on("OSBS_029.tif"), 61);
    assert_eq!(on("SOAP_061.png"), 37);
    assert_eq!(on("2019_YELL_2_541000_4977000_image_crop.png"), 279);

    // The COCO sample names two photos that are missing.
    let report = read("coco", &[folder.join("coco_sample_file.json")], &mut project);
    assert_eq!((report.records, report.annotations, report.refused.count()), (6, 0, 2));
    assert_eq!(report.refused.annotations(), 6);
    export("overhead", &mut project, &WriteOptions::default());
}

#[test]
fn nuts_has_165_polygons_of_3_categories() {
    let Some(folder) = real_files("nuts/data") else { return };
    let mut project = project_of(&folder.join("images"), "");
    let report = read("coco", &[folder.join("trainval.json")], &mut project);
    assert_eq!(
        (report.records, report.annotations, report.labels, report.items),
        (165, 165, 3, 18)
    );
    assert_eq!(lines(&report), Vec::<String>::new());
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("trainval.json")).unwrap()).unwrap();
    for (theirs, ours) in json["annotations"].as_array().unwrap().iter().zip(project.annotations())
    {
        let area = theirs["area"].as_f64().unwrap();
        assert!((ours.annotation.shape.area() - area).abs() <= 1e-6, "{theirs}");
        let flat: Vec<f64> = theirs["segmentation"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect();
        let Shape::Polygon(polygon) = &ours.annotation.shape else { panic!() };
        assert_eq!(polygon.outer.concat(), flat);
    }
    export("nuts", &mut project, &WriteOptions::default());
}

#[test]
fn labelmes_own_coco_has_two_unions() {
    let Some(folder) = real_files("labelme/instance_segmentation") else { return };
    let mut project = project_of(&folder.join("data_annotated"), "");
    let report = read("coco", &[folder.join("expected_coco/annotations.json")], &mut project);
    // 12 records; one has two rings and one has four.
    assert_eq!((report.records, report.annotations, report.labels, report.items), (12, 16, 21, 3));
    assert_eq!(report.refused.count(), 0);
    let repairs: Vec<&str> = report.repaired.list().iter().map(|n| n.reason.as_str()).collect();
    assert_eq!(
        repairs,
        [
            "its 2 rings became 2 polygons, one annotation each",
            "its 4 rings became 4 polygons, one annotation each",
        ]
    );
    // The folder `JPEGImages` is not there.
    assert_eq!(report.guessed.count(), 3);
    export("labelme", &mut project, &WriteOptions::default());
}

#[test]
fn what_datumaro_writes_as_coco() {
    let Some(folder) = real_files("datumaro/coco_dataset") else { return };
    // File, annotations read, refused records, repairs.
    for (path, read_in, refused, repaired) in [
        ("coco/annotations/instances_train.json", 1, 0, 0),
        ("coco/annotations/instances_val.json", 2, 0, 2),
        ("coco/annotations/image_info_train.json", 0, 0, 0),
        ("coco/annotations/labels_train.json", 0, 1, 0),
        ("coco/annotations/labels_val.json", 0, 2, 0),
        ("coco/annotations/captions_train.json", 0, 1, 0),
        ("coco/annotations/captions_val.json", 0, 2, 0),
        ("coco/annotations/panoptic_train.json", 0, 1, 0),
        ("coco/annotations/panoptic_val.json", 0, 1, 0),
        ("coco/annotations/person_keypoints_train.json", 1, 0, 0),
        ("coco/annotations/person_keypoints_val.json", 2, 0, 2),
        ("coco/annotations/stuff_train.json", 1, 0, 2),
        ("coco/annotations/stuff_val.json", 1, 0, 2),
        ("coco_instances/annotations/instances_train.json", 1, 0, 0),
        ("coco_instances/annotations/instances_val.json", 2, 0, 2),
        ("mmdet_coco/annotations/instances_val.json", 2, 0, 2),
        ("coco_roboflow/train/_annotations.coco.json", 1, 0, 0),
        ("coco_roboflow/val/_annotations.coco.json", 2, 0, 2),
    ] {
        let mut project = MemoryProject::new(facts());
        project.add_item(item(1, b"train/a.jpg", image(10, 5, 1)));
        project.add_item(item(2, b"val/b.jpg", image(5, 10, 1)));
        let report = read("coco", &[folder.join(path)], &mut project);
        let seen = (report.annotations, report.refused.count(), report.repaired.count());
        assert_eq!(seen, (read_in, refused, repaired), "{path}: {:#?}", lines(&report));
    }
}

#[test]
fn what_datumaro_writes_as_voc() {
    let Some(folder) = real_files("datumaro/voc_dataset") else { return };
    let mut project = MemoryProject::new(facts());
    for (i, name) in
        ["2007_000001.jpg", "@.jpg", "a.jpg", "b.jpg", "c.jpg", "d.jpg"].iter().enumerate()
    {
        project.add_item(item(i as u32 + 1, format!("x/{name}").as_bytes(), image(20, 10, 1)));
    }
    let xml = |n: u32| files(&folder.join(format!("voc_dataset{n}/Annotations")), "xml");
    let report = read("voc", &xml(1), &mut project);
    assert_eq!(
        lines(&report),
        [
            "guessed - the file: `VOC2007/2007_000001.jpg` is not in the project; the only item with the base name `2007_000001.jpg` was taken",
            "skipped 40 elements: <object/actions> is not read; it stands 1 times in the files",
            "skipped 31 elements: <object/part> is not read; it stands 1 times in the files",
        ]
    );
    assert_eq!(report.annotations, 2);
    let report = read("voc", &xml(2), &mut project);
    assert_eq!((report.annotations, lines(&report)), (4, vec![]));
    let report = read("voc", &xml(3), &mut project);
    assert_eq!((report.annotations, report.refused.count()), (1, 0));
}

#[test]
fn voc_and_coco_of_the_same_photos_agree_with_offset_zero() {
    // One tool wrote both; its VOC boxes are COCO's as edges.
    let Some(folder) = real_files("datumaro/roboflow_dataset") else { return };
    let boxes = |format: &str, paths: &[PathBuf]| {
        let mut project = MemoryProject::new(facts());
        for (i, name) in ["train_001.jpg", "train_002.jpg"].iter().enumerate() {
            project.add_item(item(i as u32 + 1, name.as_bytes(), image(10, 5, 1)));
        }
        assert_eq!(
            lines(&read(format, paths, &mut project))
                .iter()
                .filter(|l| !l.starts_with("skipped"))
                .count(),
            0
        );
        let labels = project.schema().to_vec();
        let name = |id| labels.iter().find(|l| l.id == id).unwrap().name.clone();
        project
            .annotations()
            .iter()
            .map(|a| (a.item_number, name(a.annotation.label), a.annotation.shape.clone()))
            .collect::<Vec<_>>()
    };
    let coco = boxes("coco", &[folder.join("coco/train/_annotations.coco.json")]);
    assert_eq!(coco.len(), 2);
    assert_eq!(coco, boxes("voc", &files(&folder.join("voc/train"), "xml")));
}

#[test]
fn masks_of_polygons_with_holes_for_the_independent_reader() {
    // A fixed walk over odd sizes, all orientations, edges and corners: a linear congruential
    // generator (Numerical Recipes' constants) makes the same file each time.
    let mut state = 20_260_131_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut project = MemoryProject::new(facts());
    for number in 1..=32 {
        let facts = image(1 + next(97), 1 + next(61), (number % 8 + 1) as u8);
        project.add_item(item(number, format!("{number}.jpg").as_bytes(), facts));
    }
    let label = project.label("pond", LabelHint::default()).unwrap();
    let items: Vec<_> = project.items().iter().map(|i| (i.id, i.body.facts)).collect();
    for (id, facts) in items {
        for _ in 0..6 {
            let mut ring = |least: u32, margin: i32| -> Vec<XY> {
                (0..least + next(6))
                    .map(|_| {
                        // Thirteenths never meet a pixel's centre, where frames would differ.
                        let mut side = |size: u32| {
                            f64::from(next(13 * (size + 2 * margin as u32)) as i32 - 13 * margin)
                                / 13.0
                                + 0.013
                        };
                        [side(facts.width()), side(facts.height())]
                    })
                    .collect()
            };
            let shape =
                Shape::Polygon(Polygon { outer: ring(3, 9), holes: vec![ring(3, 0), ring(3, 3)] });
            project.annotation(NewAnnotation::new(id, label, shape, "test")).unwrap();
        }
    }
    export("holes", &mut project, &WriteOptions::default());
    export("holes_stored", &mut project, &WriteOptions::default().with("frame", "stored"));
}
