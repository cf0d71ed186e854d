//! Reading COCO: hostile records by message and line, and what becomes of every geometry.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{image, item, lines, project, read_text, read_with};
use vaultmark_formats::memory::MemoryProject;
use vaultmark_formats::{FormatError, ReadOptions};
use vaultmark_model::Shape;
use vaultmark_model::shape::{BoundingBox, Polygon};

/// A file with one image (id 1, `a.jpg`), one category (id 1, `tree`), and these annotations, the
/// first of them on line 5.
fn with_annotations(annotations: &str) -> String {
    format!(
        "{{\n\"images\": [{{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 640, \"height\": 480}}],\n\
         \"categories\": [{{\"id\": 1, \"name\": \"tree\"}}],\n\"annotations\": [\n{annotations}\n]}}\n"
    )
}

fn good(id: u32) -> String {
    format!("{{\"id\": {id}, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}}")
}

#[test]
fn bad_records_are_refused_by_line_and_the_good_ones_go_in() {
    let ring4 = "a ring has 4 numbers: two vertices are no polygon, and readers take it for a box";
    for (record, reason) in [
        (
            r#"{"id": "x7", "image_id": 1, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation no. 2 of the list: `id`: invalid type: string \"x7\", expected an integer",
        ),
        (
            r#"{"id": 7, "image_id": "a", "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation 7: `image_id`: invalid type: string \"a\", expected an integer",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": true, "bbox": [1,2,3,4]}"#,
            "annotation 7: `category_id`: invalid type: boolean `true`, expected an integer",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": null, "bbox": [1,2,3,4]}"#,
            "annotation 7: `category_id`: invalid type: null, expected an integer",
        ),
        (
            r#"{"id": 7.5, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation no. 2 of the list: `id`: 7.5 is not an integer of 64 bits",
        ),
        (
            r#"{"id": 1e30, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation no. 2 of the list: `id`: 1000000000000000000000000000000 is not an integer of 64 bits",
        ),
        (
            r#"{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation 1: another annotation has the id 1; the first one counts",
        ),
        (
            r#"{"id": 7, "image_id": 9, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation 7: `image_id` 9 is not among the images of the file",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 9, "bbox": [1,2,3,4]}"#,
            "annotation 7: `category_id` 9 is not among the categories of the file",
        ),
        (
            r#"{"image_id": 1, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation no. 2 of the list: the key `id` is missing",
        ),
        (
            r#"{"id": 7, "category_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation 7: the key `image_id` is missing",
        ),
        (
            r#"{"id": 7, "image_id": 1, "bbox": [1,2,3,4]}"#,
            "annotation 7: the key `category_id` is missing",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1}"#,
            "annotation 7: it has neither `bbox` nor `segmentation`",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,0,4]}"#,
            "annotation 7: its box has no area: 0 x 4 pixels",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,3,-4]}"#,
            "annotation 7: its box has no area: 3 x -4 pixels",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,3]}"#,
            "annotation 7: `bbox`: invalid length 3, expected a list of four numbers",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4,5]}"#,
            "annotation 7: `bbox`: invalid length 5, expected a list of four numbers",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,"3",4]}"#,
            "annotation 7: `bbox`: invalid type: string \"3\", expected a number",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,true,4]}"#,
            "annotation 7: `bbox`: invalid type: boolean `true`, expected a number",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,NaN,3,4]}"#,
            "annotation 7: `bbox`: it holds NaN, which is not a number in JSON",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,-Infinity,3,4]}"#,
            "annotation 7: `bbox`: it holds Infinity, which is not a number in JSON",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,1e999,3,4]}"#,
            "annotation 7: `bbox`: it is not valid JSON: number out of range (column 59 of its line 1)",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,1e12,3,4]}"#,
            "annotation 7: the box is not valid: a coordinate is not a number within ±1,000,000,000 pixels",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4], "bbox": [1,2,3,4]}"#,
            "annotation 7: `bbox`: the key stands there twice",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4], "iscrowd": 2}"#,
            "annotation 7: `iscrowd` is 2, 0 or 1 is expected",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": [[1,2,3,4]]}"#,
            &format!("annotation 7: {ring4}"),
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": [[0,0,9,0,9,9],[1,2,3,4]]}"#,
            &format!("annotation 7: {ring4}"),
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": [[1,2,3,4,5]]}"#,
            "annotation 7: a ring has 5 numbers: coordinates come in pairs",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": [[1,2]]}"#,
            "annotation 7: the polygon is not valid: it has 1 vertices, at least 3 are needed",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": [[1,1,2,2,3,3]]}"#,
            "annotation 7: a ring of 3 vertices has no area",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": [1,1,2,2,3,3]}"#,
            "annotation 7: `segmentation`: invalid type: integer `1`, expected a sequence",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": "x"}"#,
            "annotation 7: `segmentation`: invalid type: string \"x\", expected a list of rings or a run-length mask",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": {"size": [2,2], "counts": [1,1]}}"#,
            "annotation 7: the runs of its mask do not fill 2 x 2 pixels",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": {"size": [2,2], "counts": [4]}}"#,
            "annotation 7: its mask is empty and it has no `bbox`",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 1, "segmentation": {"size": [2,2], "counts": "é"}}"#,
            "annotation 7: the text of its mask is damaged",
        ),
        (
            r#"{"id": 7, "image_id": 1, "segments_info": []}"#,
            "annotation 7: it is a panoptic segmentation, not an instance",
        ),
        (
            r#"{"id": 7, "image_id": 1, "category_id": 0, "caption": "hello"}"#,
            "annotation 7: it is a caption, not an instance",
        ),
        (
            "3",
            "annotation no. 2 of the list: invalid type: integer `3`, expected a record in braces",
        ),
        (
            "{\"id\": 7 \"image_id\": 1}",
            "annotation 7: it is not valid JSON: expected `,` or `}` (column 10 of its line 1)",
        ),
    ] {
        let text = with_annotations(&format!("{},\n\n  {record},\n{}", good(1), good(2)));
        let mut project = project(&["a.jpg"]);
        let report = read_text("coco", &text, &mut project);
        assert_eq!(lines(&report), [format!("refused 7 {reason}")], "{record}");
        assert_eq!((report.records, report.annotations), (3, 2), "{record}");
        assert_eq!(report.refused.annotations(), 1);
        assert_eq!(project.annotations().len(), 2);

        // Strict: the same refusals, and nothing reaches the project.
        let mut untouched = common::project(&["a.jpg"]);
        let strict =
            read_with("coco", text.as_bytes(), &mut untouched, &ReadOptions::default().strict());
        let Err(FormatError::Strict { report }) = strict else { panic!("{strict:?}") };
        assert_eq!(lines(&report), [format!("refused 7 {reason}")]);
        assert!(untouched.annotations().is_empty() && untouched.schema().is_empty());
    }
}

#[test]
fn malformed_files_are_refused_whole_by_line() {
    let good = with_annotations(&good(1));
    let deep = with_annotations(&format!("{{\"id\": {}", "[".repeat(100_000)));
    for (text, message) in [
        (String::new(), "1 the file: it is empty"),
        ("[]".into(), "1 the file: expected `{`, found `[`"),
        (good[..good.len() - 6].into(), "5 the file: it ends inside a record"),
        (good.replace("\"tree\"", "\"tree"), "3 the file: a text does not end on its line"),
        (good.replace("}],", "},],"), "2 the file: a value is missing"),
        (
            good.replace("\"annotations\"", "\"annotation\""),
            "1 the file: it has no section `annotations`: it is not a file of COCO instances",
        ),
        (
            good.replace("\"categories\": [", "\"images\": [],\n\"categories\": ["),
            "1 the file: the section `images` stands there twice",
        ),
        (
            good.replace("[{\"id\": 1, \"name\": \"tree\"}]", "{\"1\": \"tree\"}"),
            "3 the file: the section `categories` is not a list",
        ),
        (good.replace("[1, 2, 3, 4]}\n", "[1, 2, 3, 4]},\n"), "6 the file: a value is missing"),
        (
            good.replace("[1, 2, 3, 4]}\n", "[1, 2, 3, 4]}\n{}"),
            "6 the file: expected `,` or `]`, found `{`",
        ),
        (deep, "5 the file: brackets are nested more than 64 deep"),
        (format!("{good}{{}}"), "7 the file: something follows the end of the document"),
    ] {
        let mut project = project(&["a.jpg"]);
        let report = read_text("coco", &text, &mut project);
        assert_eq!(lines(&report), [format!("refused {message}")], "{text:.300}");
        assert!(project.annotations().is_empty() && project.schema().is_empty());
        assert_eq!(report.annotations, 0);
    }
}

#[test]
fn images_and_categories_are_refused_by_line_with_their_annotations() {
    let text = r#"{
"images": [
  {"id": 1, "file_name": "a.jpg"},
  {"id": 2, "file_name": "gone.jpg"},
  {"id": 1, "file_name": "b.jpg"},
  {"id": 3},
  {"id": "4", "file_name": "b.jpg"},
  {"id": 5, "file_name": "c.jpg"},
  {"id": 900100184613, "file_name": "./x\\b.jpg"}
],
"categories": [
  {"id": 1, "name": "tree"},
  {"id": 1, "name": "bush"},
  {"id": 2, "name": ""},
  {"id": 3},
  {"id": 4, "name": "tree", "supercategory": "plant"}
],
"annotations": [
  {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1,2,3,4], "score": 0.5},
  {"id": 2, "image_id": 2, "category_id": 1, "bbox": [1,2,3,4], "score": 0.5},
  {"id": 3, "image_id": 2, "category_id": 1, "bbox": [1,2,3,4]},
  {"id": 4, "image_id": 5, "category_id": 1, "bbox": [1,2,3,4]},
  {"id": 5, "image_id": 1, "category_id": 2, "bbox": [1,2,3,4]},
  {"id": 18446744073709551615, "image_id": 900100184613, "category_id": 4.0, "bbox": [1,2,3,4]}
]}"#;
    let mut project = project(&["a.jpg", "x/b.jpg", "y/c.jpg", "z/c.jpg"]);
    let report = read_text("coco", text, &mut project);
    assert_eq!(
        lines(&report),
        [
            "refused 5 image 1: another image has the id 1; the first one counts",
            "refused 6 image 3: the key `file_name` is missing",
            "refused 7 an image: `id`: invalid type: string \"4\", expected an integer",
            "refused 13 category 1: another category has the id 1; the first one counts",
            "refused 14 category 2: the name is not valid: it is empty",
            "refused 15 category 3: the key `name` is missing",
            "refused 4 image 2: `gone.jpg` is not in the project; import the image first",
            "refused 8 image 5: `c.jpg` could be any of 2 items; give the file longer names",
            "refused 23 annotation 5: `category_id` 2 names a category that was refused",
            "repaired 16 category 4: category 1 on line 12 has the same name; both became the label `tree`",
            "skipped 19 annotations: the key `score` is not read; 2 of the annotations have it",
            "skipped 16 categories: the key `supercategory` is not read; 1 of the categories have it",
        ]
    );
    assert_eq!((report.records, report.annotations), (6, 2));
    // Two of the missing image, one of the ambiguous, one of the refused category.
    assert_eq!(report.refused.annotations(), 4);
    let numbers: Vec<u64> = project.annotations().iter().map(|a| a.number).collect();
    // An id that no JSON reader holds exactly gives way to the project's next number.
    assert_eq!(numbers, [1, 2]);
    assert_eq!(project.schema().len(), 1);
}

#[test]
fn base_names_count_only_where_they_are_certain() {
    let text = |images: &str| {
        format!("{{\"images\": [{images}], \"categories\": [], \"annotations\": []}}")
    };
    let cases = [
        (
            r#"{"id": 1, "file_name": "old/a.jpg", "width": 640, "height": 480}"#,
            &["new/a.jpg"][..],
            "guessed 1 image 1: `old/a.jpg` is not in the project; the only item with the base name `a.jpg` was taken",
        ),
        (
            r#"{"id": 1, "file_name": "old/a.jpg", "width": 64, "height": 48}"#,
            &["new/a.jpg"],
            "refused 1 image 1: `old/a.jpg` is not in the project; `a.jpg` is, but has another size",
        ),
        (
            r#"{"id": 1, "file_name": "old/a.jpg"}, {"id": 2, "file_name": "new/a.jpg"}"#,
            &["new/a.jpg"],
            "refused 1 image 1: `old/a.jpg` is not in the project; `a.jpg` is, but another image of the file means it",
        ),
        (
            r#"{"id": 1, "file_name": "train/a.jpg"}"#,
            &["x/a.jpg", "y/a.jpg"],
            "refused 1 image 1: `a.jpg` could be any of 2 items; give the file longer names",
        ),
        (
            r#"{"id": 1, "file_name": "deep/train/a.jpg"}"#,
            &["train/a.jpg", "val/a.jpg"],
            "refused 1 image 1: `a.jpg` could be any of 2 items; give the file longer names",
        ),
        (
            r#"{"id": 1, "file_name": "a.jpg", "width": 99, "height": 9}"#,
            &["a.jpg"],
            "guessed 1 image 1: the file says 99 x 9 pixels and the image has 640 x 480; coordinates were taken as they stand",
        ),
    ];
    for (images, paths, expected) in cases {
        let report = read_text("coco", &text(images), &mut project(paths));
        assert_eq!(lines(&report), [expected], "{images}");
    }
    let both = r#"{"id": 1, "file_name": "train/a.jpg"}, {"id": 2, "file_name": "val/a.jpg"}"#;
    let report = read_text("coco", &text(both), &mut project(&["a.jpg"]));
    assert_eq!(report.refused.count(), 2);
}

#[test]
fn geometry_is_kept_as_far_as_shapes_go() {
    let text = with_annotations(concat!(
        r#"{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0,0,9,0,9,9]], "bbox": [0,0,9,9], "area": 40.5, "iscrowd": 0},"#,
        "\n",
        r#"{"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[0,0,9,0,9,9,0,0],[20,0,29,0,29,9]]},"#,
        "\n",
        r#"{"id": 3, "image_id": 1, "category_id": 1, "segmentation": [], "bbox": [0.1,0.2,0.30000000000000004,1e-7]},"#,
        "\n",
        r#"{"id": 4, "image_id": 1, "category_id": 1, "segmentation": null, "bbox": [-5,-5,3,3]},"#,
        "\n",
        r#"{"id": 5, "image_id": 1, "category_id": 1, "segmentation": {"size": [10, 5], "counts": [12, 3, 7, 1, 27]}, "iscrowd": 1},"#,
        "\n",
        r#"{"id": 6, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": "426"}, "bbox": [1,1,2,2]}"#,
    ));
    let mut project = project(&["a.jpg"]);
    let report = read_text("coco", &text, &mut project);
    assert_eq!(
        lines(&report),
        [
            "repaired 6 annotation 2: a ring repeated its first vertex at the end; the repetition was dropped",
            "repaired 6 annotation 2: its 2 rings became 2 polygons, one annotation each",
            "repaired 9 annotation 5: its pixel mask (run-length encoded) became a box",
            "repaired 9 annotation 5: `iscrowd` became a flag and the note `crowd`",
            "repaired 10 annotation 6: its pixel mask (run-length encoded) became a box",
        ]
    );
    let polygon =
        |outer: &[[f64; 2]]| Shape::Polygon(Polygon { outer: outer.to_vec(), holes: vec![] });
    let boxed = |x, y, width, height| Shape::Box(BoundingBox { x, y, width, height });
    let shapes: Vec<Shape> =
        project.annotations().iter().map(|a| a.annotation.shape.clone()).collect();
    assert_eq!(
        shapes,
        [
            polygon(&[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]),
            polygon(&[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]),
            polygon(&[[20.0, 0.0], [29.0, 0.0], [29.0, 9.0]]),
            boxed(0.1, 0.2, 0.300_000_000_000_000_04, 1e-7),
            boxed(-5.0, -5.0, 3.0, 3.0),
            boxed(1.0, 2.0, 2.0, 3.0),
            boxed(1.0, 1.0, 2.0, 2.0),
        ]
    );
    let crowd = &project.annotations()[5].annotation;
    assert_eq!((crowd.flagged, crowd.note.as_str()), (true, "crowd"));
}

#[test]
fn encodings_and_line_ends() {
    let text = with_annotations(&format!(
        "{},\n{}",
        good(1),
        good(2).replace("[1, 2, 3, 4]", "[1, 2, 0, 4]")
    ));
    let crlf = text.replace('\n', "\r\n");
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = crlf.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        crlf.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe".as_slice(), &little].concat(),
        [b"\xfe\xff".as_slice(), &big].concat(),
    ] {
        let mut project = project(&["a.jpg"]);
        let report = read_with("coco", &bytes, &mut project, &ReadOptions::default()).unwrap();
        assert_eq!(lines(&report), ["refused 6 annotation 2: its box has no area: 0 x 4 pixels"]);
        assert_eq!(report.annotations, 1);
    }
    let cut = [b"\xff\xfe".as_slice(), &little[..little.len() - 1]].concat();
    let report =
        read_with("coco", &cut, &mut project(&["a.jpg"]), &ReadOptions::default()).unwrap();
    assert_eq!(lines(&report), ["refused - the file: it ends in the middle of a UTF-16 character"]);
}

#[test]
fn sections_come_in_any_order() {
    let text = r#"{"annotations": [{"bbox": [1,2,3,4], "category_id": 1, "image_id": 1, "id": 1}],
        "type": "instances", "categories": [{"name": "tree", "id": 1}], "info": null,
        "images": [{"file_name": "a.jpg", "id": 1}]}"#;
    let mut project = project(&["a.jpg"]);
    let report = read_text("coco", text, &mut project);
    assert_eq!(lines(&report), Vec::<String>::new());
    assert_eq!(report.annotations, 1);
}

#[test]
fn the_frame_is_settled_by_statement_size_or_setting() {
    let mut project = MemoryProject::new(common::facts());
    project.add_item(item(1, b"a.jpg", image(640, 480, 6)));
    let text = |info: &str, size: &str| {
        format!(
        "{{{info}\"images\": [{{\"id\": 1, \"file_name\": \"a.jpg\"{size}}}], \"categories\": [{{\"id\": 1, \"name\": \"tree\"}}],
        \"annotations\": [{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 20, 30, 40]}}]}}")
    };
    let upright = Shape::Box(BoundingBox { x: 10.0, y: 20.0, width: 30.0, height: 40.0 });
    let turned = Shape::Box(BoundingBox { x: 420.0, y: 10.0, width: 40.0, height: 30.0 });
    let stored = r#""info": {"vaultmark": {"frame": "stored"}}, "#;
    for (info, size, word, shape, guesses) in [
        ("", "", "auto", &upright, 1),
        ("", r#", "width": 480, "height": 640"#, "auto", &upright, 0),
        ("", r#", "width": 640, "height": 480"#, "auto", &turned, 1),
        (stored, r#", "width": 640, "height": 480"#, "auto", &turned, 0),
        ("", "", "stored", &turned, 0),
        (stored, "", "upright", &upright, 0),
    ] {
        let mut project = project.clone();
        let options = ReadOptions::default().with("source_frame", word);
        let report =
            read_with("coco", text(info, size).as_bytes(), &mut project, &options).unwrap();
        assert_eq!(&project.annotations()[0].annotation.shape, shape, "{info} {size} {word}");
        assert_eq!(report.guessed.count(), guesses, "{info} {size} {word}");
        assert_eq!(report.settings, [("source_frame".to_owned(), word.to_owned())]);
    }
    let wrong = ReadOptions::default().with("source_frame", "sideways");
    assert!(matches!(
        read_with("coco", b"{}", &mut project, &wrong),
        Err(FormatError::Setting { .. })
    ));
}

#[test]
fn a_file_that_vanishes_is_an_error_and_not_a_refusal() {
    let input =
        vaultmark_formats::Input::new("gone.json", || Err(std::io::Error::other("no such device")));
    let error = common::format("coco")
        .read(&[input], &mut project(&[]), &ReadOptions::default())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`gone.json` could not be read: no such device; check that the medium is still there, then repeat the import"
    );
}
