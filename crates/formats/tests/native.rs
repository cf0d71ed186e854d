//! The native format: exact bytes, everything comes back, and hostile files by message and line.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{facts, image, item, lines, read_text, read_with, write};
use proptest::prelude::*;
use vaultmark_formats::memory::MemoryProject;
use vaultmark_formats::{
    FormatError, NewAnnotation, ProjectFacts, ReadOptions, Sink, WriteOptions,
};
use vaultmark_model::shape::{BoundingBox, Point, Polygon, Polyline};
use vaultmark_model::{
    AnnotationId, Color, Digest, Label, LabelId, Marking, ProjectId, ReplicaId, Shape, Source,
};

/// The example of the manual's page.
fn sample() -> MemoryProject {
    let mut project = MemoryProject::new(facts());
    let mut first = item(1, "north/å.jpg".as_bytes(), image(640, 480, 6));
    (first.flagged, first.note) = (true, "cloudy\n\"left\"".into());
    let mut second = item(3, b"south/\xff.jpg", image(400, 400, 1));
    second.done = true;
    project.add_item(first);
    project.add_item(second);
    let label = |byte, name: &str, number, key| Label {
        id: LabelId::from_bytes([byte; 16]),
        name: name.into(),
        color: Color([0x4c, 0xc9, byte]),
        key,
        number,
    };
    project.add_label(label(0xaa, "tree", 1, Some(1)));
    project.add_label(label(0xbb, "bush", 4, None));
    let items: Vec<_> = project.items().iter().map(|i| i.id).collect();
    let mut add = |number: u8, item, label: u8, shape, source| {
        let new = NewAnnotation {
            source,
            z_order: i32::from(number) - 2,
            flagged: number == 1,
            occluded: number == 2,
            truncated: number == 3,
            locked: number == 4,
            hidden: number == 4,
            note: if number == 4 { "see å".into() } else { String::new() },
            id: Some(AnnotationId::from_bytes([number; 16])),
            number: Some(u64::from(number)),
            ..NewAnnotation::new(item, LabelId::from_bytes([label; 16]), shape, "")
        };
        project.annotation(new).unwrap();
    };
    let square = |x: f64, s: f64| vec![[x, x], [x + s, x], [x + s, x + s], [x, x + s]];
    add(
        1,
        items[0],
        0xaa,
        Shape::Box(BoundingBox { x: 0.1, y: -2.0, width: 0.2, height: 1e-7 }),
        Source::Person,
    );
    add(
        2,
        items[0],
        0xbb,
        Shape::Polygon(Polygon { outer: square(0.0, 9.0), holes: vec![square(1.0, 2.5)] }),
        Source::Import { format: "coco".into() },
    );
    add(
        3,
        items[1],
        0xaa,
        Shape::Polyline(Polyline { points: vec![[0.0, 0.0], [1.0, 1.0]] }),
        Source::Model { name: "deep".into(), version: "1.3".into(), confidence: 0.3 },
    );
    add(4, items[1], 0xaa, Shape::Point(Point { x: 1.0 / 3.0, y: 1e9 }), Source::Person);
    project
}

const EXAMPLE: &str = r##"{
"format":"vaultmark",
"version":1,
"project":{"id":"07070707070707070707070707070707","name":"Forest — north","marking":"UNCLASSIFIED","heads":[{"replica":"08080808080808080808080808080808","seq":42,"hash":"09090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909"}]},
"labels":[
{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","number":1,"name":"tree","color":"#4cc9aa","key":1},
{"id":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","number":4,"name":"bush","color":"#4cc9bb","key":null}
],
"items":[
{"id":"00000001111111111111111111111111","number":1,"path":"north/å.jpg","sha512":"00000001222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222","crc32":3735928558,"size":1001,"image":{"format":"jpeg","stored_width":640,"stored_height":480,"orientation":6,"bands":3,"sample":"u8"},"flagged":true,"done":false,"note":"cloudy\n\"left\""},
{"id":"00000003111111111111111111111111","number":3,"path_hex":"736f7574682fff2e6a7067","sha512":"00000003222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222","crc32":3735928556,"size":1003,"image":{"format":"jpeg","stored_width":400,"stored_height":400,"orientation":1,"bands":3,"sample":"u8"},"flagged":false,"done":true,"note":""}
],
"annotations":[
{"id":"01010101010101010101010101010101","number":1,"item":"00000001111111111111111111111111","label":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","shape":{"kind":"box","x":0.1,"y":-2.0,"width":0.2,"height":1e-7},"z_order":-1,"flagged":true,"occluded":false,"truncated":false,"locked":false,"hidden":false,"note":"","source":{"from":"person"}},
{"id":"02020202020202020202020202020202","number":2,"item":"00000001111111111111111111111111","label":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","shape":{"kind":"polygon","outer":[[0.0,0.0],[9.0,0.0],[9.0,9.0],[0.0,9.0]],"holes":[[[1.0,1.0],[3.5,1.0],[3.5,3.5],[1.0,3.5]]]},"z_order":0,"flagged":false,"occluded":true,"truncated":false,"locked":false,"hidden":false,"note":"","source":{"from":"import","format":"coco"}},
{"id":"03030303030303030303030303030303","number":3,"item":"00000003111111111111111111111111","label":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","shape":{"kind":"polyline","points":[[0.0,0.0],[1.0,1.0]]},"z_order":1,"flagged":false,"occluded":false,"truncated":true,"locked":false,"hidden":false,"note":"","source":{"from":"model","name":"deep","version":"1.3","confidence":0.3}},
{"id":"04040404040404040404040404040404","number":4,"item":"00000003111111111111111111111111","label":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","shape":{"kind":"point","x":0.3333333333333333,"y":1000000000.0},"z_order":2,"flagged":false,"occluded":false,"truncated":false,"locked":true,"hidden":true,"note":"see å","source":{"from":"person"}}
]
}
"##;

fn nothing() -> MemoryProject {
    let other = ProjectFacts {
        id: ProjectId::from_bytes([0; 16]),
        name: "empty".into(),
        marking: Marking::new("X").unwrap(),
        heads: vec![],
    };
    MemoryProject::new(other).taking_items()
}

#[test]
fn the_bytes_are_these_and_the_manual_shows_them() {
    let (bytes, report) = write("native", &mut sample(), &WriteOptions::default());
    assert_eq!(String::from_utf8(bytes).unwrap(), EXAMPLE);
    assert_eq!((report.labels, report.items, report.annotations, report.left_out), (2, 2, 4, 0));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs-offline/native-json.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(EXAMPLE), "docs-offline/native-json.md shows another example");
}

#[test]
fn everything_comes_back() {
    let mut second = nothing();
    let report = read_text("native", EXAMPLE, &mut second);
    assert_eq!(lines(&report), Vec::<String>::new());
    assert_eq!((report.records, report.annotations, report.labels, report.items), (4, 4, 2, 2));
    let first = sample();
    assert_eq!(second.items(), first.items());
    assert_eq!(second.schema(), first.schema());
    assert_eq!(second.annotations(), first.annotations());
    let (again, _) = write("native", &mut second, &WriteOptions::default());
    assert_eq!(String::from_utf8(again).unwrap(), EXAMPLE);
}

#[test]
fn items_of_another_copy_are_found_by_content() {
    let mut other = MemoryProject::new(facts());
    let mut same = item(1, b"elsewhere.jpg", image(640, 480, 6));
    same.id = vaultmark_model::ItemId::from_bytes([0xcc; 16]);
    other.add_item(same);
    let report = read_text("native", EXAMPLE, &mut other);
    assert_eq!(
        lines(&report),
        ["refused 11 item `south/\u{fffd}.jpg`: it is not in the project; import the image first",]
    );
    assert_eq!((report.annotations, report.refused.annotations()), (2, 2));
    assert!(other.items()[0].flagged);
}

#[test]
fn bad_records_are_refused_by_line_and_the_good_ones_go_in() {
    let id = |byte: &str| byte.repeat(16);
    for (from, to, message) in [
        (
            "\"z_order\":-1",
            "\"z_order\":-1.5",
            "14 an annotation: invalid type: floating point `-1.5`, expected i32",
        ),
        (
            "\"width\":0.2",
            "\"width\":0",
            "14 an annotation: the box is not valid: it has no area: 0 x 0.0000001 pixels",
        ),
        (
            "\"width\":0.2",
            "\"width\":NaN",
            "14 an annotation: it holds NaN, which is not a number in JSON",
        ),
        (
            "\"kind\":\"box\"",
            "\"kind\":\"blob\"",
            "14 an annotation: unknown variant `blob`, expected one of `box`, `polygon`, `polyline`, `point`",
        ),
        (
            "\"flagged\":true,\"occluded\"",
            "\"flagged\":1,\"occluded\"",
            "14 an annotation: invalid type: integer `1`, expected a boolean",
        ),
        ("\"z_order\":-1,", "", "14 an annotation: missing field `z_order`"),
        (
            "\"z_order\":-1,",
            "\"z_order\":-1,\"extra\":1,",
            "14 an annotation: unknown field `extra`, expected one of `id`, `number`, `item`, `label`, `shape`, `z_order`, `flagged`, `occluded`, `truncated`, `locked`, `hidden`, `note`, `source`",
        ),
        (
            "\"confidence\":0.3",
            "\"confidence\":1.3",
            "16 an annotation: `confidence` is 1.3, from 0 to 1 is expected",
        ),
        (
            &format!("{}\",\"number\":2", id("02")),
            &format!("{}\",\"number\":2", id("01")),
            "15 annotation 2: another annotation has its identifier",
        ),
        (
            &format!("{}\",\"number\":2", id("02")),
            &format!("{}\",\"number\":2", "x"),
            "15 an annotation: `x` is not an identifier: 32 hexadecimal digits are expected",
        ),
        (
            &format!("\"label\":\"{}", id("bb")),
            &format!("\"label\":\"{}", id("bc")),
            "15 annotation 2: its label is not among the labels of the file",
        ),
        (
            "\"number\":2,\"item\":\"00000001",
            "\"number\":2,\"item\":\"00000009",
            "15 annotation 2: its item is not among the items of the file",
        ),
        (
            "\"number\":2,",
            "\"number\":0,",
            "15 an annotation: `number` is not from 1 to 9007199254740991",
        ),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let text = EXAMPLE.replacen(from, to, 1);
        let report = read_text("native", &text, &mut nothing());
        assert_eq!(lines(&report), [format!("refused {message}")]);
        assert_eq!((report.records, report.annotations), (4, 3));
        let strict =
            read_with("native", text.as_bytes(), &mut nothing(), &ReadOptions::default().strict());
        assert!(matches!(strict, Err(FormatError::Strict { .. })), "{strict:?}");
    }
}

#[test]
fn bad_labels_and_items_take_their_annotations_along() {
    for (from, to, message, annotations) in [
        (
            "\"color\":\"#4cc9bb\"",
            "\"color\":\"blue\"",
            "7 a label: the colour is not valid: it is not of the form #rrggbb",
            3,
        ),
        ("\"key\":1}", "\"key\":11}", "6 a label: `key` is not a digit from 0 to 9", 1),
        (
            "\"name\":\"tree\"",
            "\"name\":\"\\u0007\"",
            "6 a label: the label name is not valid: it holds a control character",
            1,
        ),
        (
            "\"orientation\":6",
            "\"orientation\":9",
            "10 an item: `orientation` is not from 1 to 8",
            2,
        ),
        (
            "\"path\":\"north/å.jpg\"",
            "\"path\":\"../å.jpg\"",
            "10 an item: the item path is not valid: a part of it is empty, `.` or `..`",
            2,
        ),
        (
            "\"path\":\"north/å.jpg\",",
            "",
            "10 an item: exactly one of `path` and `path_hex` is expected",
            2,
        ),
        (
            "\"path_hex\":\"736f",
            "\"path_hex\":\"7z6f",
            "11 an item: `path_hex` is not hexadecimal",
            2,
        ),
        (
            "\"sha512\":\"00000001",
            "\"sha512\":\"0001",
            "10 an item: `sha512` is not 128 hexadecimal digits",
            2,
        ),
        (
            "\"format\":\"jpeg\"",
            "\"format\":\"bpg\"",
            "10 an item: unknown variant `bpg`, expected one of `jpeg`, `png`, `tiff`, `bmp`, `gif`, `webp`, `pnm`",
            2,
        ),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let report = read_text("native", &EXAMPLE.replacen(from, to, 1), &mut nothing());
        assert_eq!(lines(&report)[0], format!("refused {message}"));
        assert_eq!(report.annotations, annotations, "{message}");
        assert_eq!(report.refused.annotations(), 4 - annotations, "{message}");
    }
}

#[test]
fn malformed_and_newer_files_are_refused_whole() {
    for (from, to, message) in [
        (
            "\"format\":\"vaultmark\"",
            "\"format\":\"coco\"",
            "2 the file: `format` is not `vaultmark`: it is not Vaultmark JSON",
        ),
        (
            "\"version\":1",
            "\"version\":2",
            "3 the file: it is of version 2 and this program reads up to 1; use a newer program",
        ),
        ("\"version\":1", "\"version\":\"1\"", "3 the file: `version` is not a version"),
        (
            "\"version\":1,\n",
            "",
            "1 the file: it has no section `version`: it is not Vaultmark JSON",
        ),
        (
            "\"heads\":[",
            "\"heads\":[1,",
            "4 the file: `project`: invalid type: integer `1`, expected struct Head",
        ),
        ("\"labels\":[\n", "\"labels\":[\n{},,", "6 the file: a value is missing"),
        (
            "\"annotations\":[",
            "\"annotation\":[",
            "13 the file: the section `annotation` is not known to version 1",
        ),
        ("\"items\":[", "\"labels\":[", "1 the file: the section `labels` stands there twice"),
        ("]\n}\n", "]\n", "19 the file: it ends inside the document"),
        ("\"note\":\"see å\"", "\"note\":\"see å", "17 the file: a text does not end on its line"),
    ] {
        let mut project = nothing();
        let report = read_text("native", &EXAMPLE.replacen(from, to, 1), &mut project);
        assert_eq!(lines(&report), [format!("refused {message}")]);
        assert!(project.items().is_empty() && project.schema().is_empty());
    }
}

fn any_float() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e9..1e9_f64,
        (-100_i32..5000).prop_map(f64::from),
        (0_u64..)
            .prop_map(f64::from_bits)
            .prop_filter("within the model", |v| v.is_finite() && v.abs() <= 1e9),
        Just(-0.0),
    ]
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let ring = |least| proptest::collection::vec([any_float(), any_float()], least..7);
    prop_oneof![
        (any_float(), any_float(), 1e-300..1e9_f64, 1e-300..1e9_f64)
            .prop_map(|(x, y, width, height)| Shape::Box(BoundingBox { x, y, width, height })),
        (ring(3), proptest::collection::vec(ring(3), 0..3))
            .prop_map(|(outer, holes)| Shape::Polygon(Polygon { outer, holes })),
        ring(2).prop_map(|points| Shape::Polyline(Polyline { points })),
        [any_float(), any_float()].prop_map(|[x, y]| Shape::Point(Point { x, y })),
    ]
}

fn any_source() -> impl Strategy<Value = Source> {
    prop_oneof![
        Just(Source::Person),
        "[a-z]{1,9}".prop_map(|format| Source::Import { format }),
        ("\\PC{1,9}", "[0-9.]{1,5}", 0.0..=1.0_f64)
            .prop_filter("not blank", |(name, ..)| !name.trim().is_empty())
            .prop_map(|(name, version, confidence)| Source::Model { name, version, confidence }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_project_comes_back_to_the_bit(
        annotations in proptest::collection::vec(
            (any_shape(), any_source(), any::<i32>(), any::<[bool; 5]>(), "[\\PC\n\t]{0,20}", any::<[u8; 16]>()), 0..8),
        paths in proptest::collection::vec("[a-zà-ü]{1,5}/[a-z]{1,5}\\.(png|jpg)", 1..4),
        raw in proptest::collection::vec(128_u8..255, 1..6),
        orientations in proptest::collection::vec((1_u8..=8, 1_u32..5000, 1_u32..5000), 4),
        name in "\\PC{1,20}", heads in proptest::collection::btree_map(any::<[u8; 16]>(), any::<u64>(), 0..3),
    ) {
        prop_assume!(!name.trim().is_empty());
        let heads = heads.into_iter().map(|(replica, seq)| (ReplicaId::from_bytes(replica), seq, Digest::from_bytes([3; 64]))).collect();
        let facts = ProjectFacts { id: ProjectId::from_bytes([5; 16]), name, marking: Marking::new("SECRET//X").unwrap(), heads };
        let mut first = MemoryProject::new(facts);
        for (i, path) in paths.iter().map(|p| p.as_bytes().to_vec()).chain([raw]).enumerate() {
            let (orientation, width, height) = orientations[i];
            first.add_item(item(i as u32 + 1, &path, image(width, height, orientation)));
        }
        let label = first.label("tree", Default::default()).unwrap();
        let ids: Vec<_> = first.items().iter().map(|i| i.id).collect();
        for (i, (shape, source, z_order, flags, note, id)) in annotations.into_iter().enumerate() {
            let [flagged, occluded, truncated, locked, hidden] = flags;
            let mut id = id;
            id[0] = i as u8;
            let id = Some(AnnotationId::from_bytes(id));
            let new = NewAnnotation::new(ids[i % ids.len()], label, shape, "");
            first.annotation(NewAnnotation { source, z_order, flagged, occluded, truncated, locked, hidden, note, id, ..new }).unwrap();
        }
        let (bytes, _) = write("native", &mut first, &WriteOptions::default());
        let mut second = nothing();
        let report = read_with("native", &bytes, &mut second, &ReadOptions::default().strict()).unwrap();
        prop_assert_eq!(lines(&report), Vec::<String>::new());
        prop_assert_eq!(second.items(), first.items());
        prop_assert_eq!(second.annotations(), first.annotations());
        let (again, _) = write("native", &mut second, &WriteOptions::default());
        prop_assert_eq!(bytes, again);
    }
}
