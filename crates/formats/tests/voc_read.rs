//! Reading Pascal VOC: hostile files by message and line, names of images, offsets, frames.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{format, image, item, lines, project, read_text, read_with};
use vaultmark_formats::memory::MemoryProject;
use vaultmark_formats::{FormatError, Input, ReadOptions};
use vaultmark_model::Shape;
use vaultmark_model::shape::BoundingBox;

/// A file about `a.jpg`, 640 x 480; the objects begin on line 4.
fn with_objects(objects: &str) -> String {
    format!(
        "<annotation>\n<filename>a.jpg</filename>\n\
         <size><width>640</width><height>480</height><depth>3</depth></size>\n{objects}\n</annotation>\n"
    )
}

fn object(name: &str, corners: [&str; 4], more: &str) -> String {
    let [x0, y0, x1, y1] = corners;
    format!(
        "<object><name>{name}</name>{more}<bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin>\
         <xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>"
    )
}

fn boxes(project: &MemoryProject) -> Vec<[f64; 4]> {
    let shapes = project.annotations().iter().map(|a| a.annotation.shape.clone());
    shapes
        .map(|shape| match shape {
            Shape::Box(b) => [b.x, b.y, b.width, b.height],
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn bad_objects_are_refused_by_line_and_the_good_ones_go_in() {
    let good = object("tree", ["1", "2", "4", "6"], "");
    let corner = |text: &str| object("tree", ["1", text, "4", "6"], "");
    for (bad, reason) in [
        (
            object("tree", ["5", "2", "5", "6"], ""),
            "object 2 (tree): its box has no area: xmin 5, ymin 2, xmax 5, ymax 6",
        ),
        (
            object("tree", ["5", "2", "4", "6"], ""),
            "object 2 (tree): its box has no area: xmin 5, ymin 2, xmax 4, ymax 6",
        ),
        (object("", ["1", "2", "4", "6"], ""), "object 2: it has no <name>"),
        (corner("NaN"), "object 2 (tree): <ymin> is `NaN`, which is not a number"),
        (corner("inf"), "object 2 (tree): <ymin> is `inf`, which is not a number"),
        (corner("1e999"), "object 2 (tree): <ymin> is `1e999`, which is not a number"),
        (corner("two"), "object 2 (tree): <ymin> is `two`, which is not a number"),
        (
            corner("-3e9"),
            "object 2 (tree): the box is not valid: a coordinate is not a number within ±1,000,000,000 pixels",
        ),
        (corner(""), "object 2 (tree): <ymin> is ``, which is not a number"),
        ("<object><name>tree</name></object>".into(), "object 2 (tree): it has no <bndbox>"),
        (
            "<object><name>tree</name><bndbox><xmin>1</xmin></bndbox></object>".into(),
            "object 2 (tree): its <bndbox> has no <ymin>",
        ),
        (
            "<object><name>tree</name><bndbox/><bndbox/></object>".into(),
            "object 2 (tree): it has 2 <bndbox>, one is expected",
        ),
        (
            object("tree", ["1", "2", "4", "6"], "<name>bush</name>"),
            "object 2 (bush): <name> stands there twice",
        ),
        (
            object("tree", ["1", "2", "4", "6"], "<truncated>maybe</truncated>"),
            "object 2 (tree): <truncated> is `maybe`; 0 or 1 is expected",
        ),
        (
            object(&"x".repeat(300), ["1", "2", "4", "6"], ""),
            &format!(
                "object 2 ({}): the label name is not valid: it has 300 bytes, 256 are allowed",
                "x".repeat(300)
            ),
        ),
    ] {
        let text = with_objects(&format!("{good}\n\n{bad}\n{good}"));
        let mut project = project(&["a.jpg"]);
        let report = read_text("voc", &text, &mut project);
        assert_eq!(lines(&report), [format!("refused 6 {reason}")], "{bad}");
        assert_eq!((report.records, report.annotations), (3, 2));
        assert_eq!(report.refused.annotations(), 1);
    }
}

#[test]
fn malformed_files_are_refused_whole_by_line() {
    let good = with_objects(&object("tree", ["1", "2", "4", "6"], ""));
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<annotation>&b;</annotation>";
    let deep = format!("<annotation>{}", "<a>\n".repeat(100));
    for (text, message) in [
        (String::new(), "1 the file: it is empty"),
        ("\n\n  ".into(), "3 the file: it is empty"),
        (good.replace("</annotation>\n", ""), "5 the file: it ends inside <annotation>"),
        (
            good.replace("</filename>", "</file>"),
            "2 the file: it is not valid XML: ill-formed document: expected `</filename>`, but `</file>` was found",
        ),
        (
            good.replace("annotation>", "annotations>"),
            "1 the file: it begins with <annotations>, not <annotation>: it is not Pascal VOC",
        ),
        (good.replace("a.jpg", "&lol;.jpg"), "2 the file: the entity `&lol;` is not known"),
        (good.replace("a.jpg", "&#xd800;.jpg"), "2 the file: `&#xd800;` is not a character"),
        (
            bomb.into(),
            "2 the file: it has a document type definition, which is never read; remove it",
        ),
        (deep, "32 the file: elements are nested more than 32 deep"),
        (
            format!("{good}<annotation/>"),
            "6 the file: <annotation> follows the end of the document",
        ),
        (format!("{good}x"), "6 the file: text stands outside of the document"),
        (
            good.replace("<object>", "<object"),
            "4 the file: it is not valid XML: ill-formed document: expected `</object<name>`, but `</name>` was found",
        ),
    ] {
        let mut project = project(&["a.jpg"]);
        let report = read_text("voc", &text, &mut project);
        let seen = lines(&report);
        if message.contains("not valid XML") {
            // The parser's own words may change; file, line and kind may not.
            let stable = message.split(": ").take(3).collect::<Vec<_>>().join(": ");
            assert!(
                seen.len() == 1 && seen[0].starts_with(&format!("refused {stable}")),
                "{seen:?}"
            );
        } else {
            assert_eq!(seen, [format!("refused {message}")], "{text:.200}");
        }
        assert!(project.annotations().is_empty());
    }
    let not_utf8 = with_objects("").replace("a.jpg", "@").into_bytes();
    let not_utf8: Vec<u8> =
        not_utf8.into_iter().map(|b| if b == b'@' { 0xe9 } else { b }).collect();
    let report = read_with("voc", &not_utf8, &mut project(&[]), &ReadOptions::default()).unwrap();
    assert_eq!(lines(&report), ["refused 2 the file: it is not UTF-8; save it as UTF-8"]);
}

#[test]
fn encodings_line_ends_and_entities() {
    let text = with_objects(&object(
        "tr&#233;e &amp; <![CDATA[<bush>]]>",
        [" 1 ", "2.5", "4.25", "6"],
        "",
    ))
    .replace("a.jpg", "é.jpg");
    let crlf = format!("<?xml version=\"1.0\"?>\r\n{}", text.replace('\n', "\r\n"));
    let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n{text}");
    let little: Vec<u8> = crlf.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        crlf.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe".as_slice(), &little].concat(),
        big,
        latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
    ] {
        let mut project = project(&["é.jpg"]);
        let report = read_with("voc", &bytes, &mut project, &ReadOptions::default()).unwrap();
        assert_eq!(lines(&report), Vec::<String>::new());
        assert_eq!(boxes(&project), [[1.0, 2.5, 3.25, 3.5]]);
        assert_eq!(project.schema()[0].name, "trée & <bush>");
    }
}

#[test]
fn the_offset_is_a_choice_that_the_report_records() {
    let text = with_objects(
        &[
            object("tree", ["1", "1", "640", "480"], ""),
            object("tree", ["5", "5", "5", "5"], ""),
            object("tree", ["0", "5", "6", "6"], ""),
        ]
        .join("\n"),
    );
    let mut edges = project(&["a.jpg"]);
    let report = read_text("voc", &text, &mut edges);
    assert_eq!(boxes(&edges), [[1.0, 1.0, 639.0, 479.0], [0.0, 5.0, 6.0, 1.0]]);
    assert_eq!(
        lines(&report),
        ["refused 5 object 2 (tree): its box has no area: xmin 5, ymin 5, xmax 5, ymax 5"]
    );
    assert_eq!(report.settings[0], ("voc_offset".into(), "0".into()));

    let mut pixels = project(&["a.jpg"]);
    let options = ReadOptions::default().with("voc_offset", "1");
    let report = read_with("voc", text.as_bytes(), &mut pixels, &options).unwrap();
    assert_eq!(
        boxes(&pixels),
        [[0.0, 0.0, 640.0, 480.0], [4.0, 4.0, 1.0, 1.0], [-1.0, 4.0, 7.0, 2.0]]
    );
    assert_eq!(
        lines(&report),
        [
            "guessed 6 object 3 (tree): a corner lies before pixel 1, where the development kit has none; the file may mean voc_offset 0"
        ]
    );
    assert_eq!(report.settings[0], ("voc_offset".into(), "1".into()));
}

#[test]
fn flags_and_what_is_not_read() {
    let text = with_objects(&[
        object("tree", ["1", "1", "9", "9"], "<pose>Unspecified</pose><truncated>1</truncated><occluded>0</occluded><difficult>0</difficult>"),
        object("tree", ["1", "1", "9", "9"], "<pose>Left</pose><truncated>0.4</truncated><occluded>1</occluded><difficult>1</difficult>"),
        object("man", ["1", "1", "9", "9"], "<part><name>head</name><bndbox><xmin>5.5</xmin></bndbox></part><part/>"),
    ].join("\n"));
    let mut project = project(&["a.jpg"]);
    let report = read_text("voc", &text, &mut project);
    assert_eq!(
        lines(&report),
        [
            "repaired 5 object 2 (tree): `difficult` became a flag and the note `difficult`",
            "skipped 6 elements: <object/part> is not read; it stands 2 times in the files",
            "skipped 5 elements: <object/pose> is not read; it stands 1 times in the files",
        ]
    );
    let flags: Vec<_> = project
        .annotations()
        .iter()
        .map(|a| {
            let a = &a.annotation;
            (a.truncated, a.occluded, a.flagged, a.note.as_str())
        })
        .collect();
    assert_eq!(
        flags,
        [(true, false, false, ""), (true, true, true, "difficult"), (false, false, false, "")]
    );
    assert_eq!(report.labels, 2);
}

#[test]
fn the_image_is_found_by_the_longest_name_that_is_there() {
    let text = |folder: &str, filename: &str, path: &str| {
        format!(
            "<annotation><folder>{folder}</folder><filename>{filename}</filename><path>{path}</path>{}</annotation>",
            object("tree", ["1", "1", "9", "9"], "")
        )
    };
    let found = |text: &str, paths: &[&str]| {
        let mut project = project(paths);
        let report = read_text("voc", text, &mut project);
        let at =
            project.annotations().first().map(|a| paths[a.item_number as usize - 1].to_owned());
        (at, lines(&report), report.refused.annotations())
    };
    let both = ["train/a.jpg", "val/a.jpg"];
    assert_eq!(found(&text("val", "a.jpg", ""), &both), (Some("val/a.jpg".into()), vec![], 0));
    assert_eq!(
        found(&text("", "train\\a.jpg", ""), &both),
        (Some("train/a.jpg".into()), vec![], 0)
    );
    assert_eq!(
        found(&text("", "a.jpg", "C:\\data\\val\\a.jpg"), &both),
        (Some("val/a.jpg".into()), vec![], 0)
    );
    assert_eq!(
        found(&text("", "", "/home/pi/train/a.jpg"), &both),
        (Some("train/a.jpg".into()), vec![], 0)
    );
    assert_eq!(
        found(&text("", "a.jpg", ""), &["x/y/a.jpg"]),
        (Some("x/y/a.jpg".into()), vec![], 0)
    );
    assert_eq!(found(&text("RGB", "a.jpg", ""), &["x/a.jpg"]), (Some("x/a.jpg".into()), vec![
        "guessed - the file: `RGB/a.jpg` is not in the project; the only item with the base name `a.jpg` was taken".into()], 0));
    assert_eq!(found(&text("test", "a.jpg", ""), &both), (None, vec![
        "refused - the file: `a.jpg` could be any of 2 items; give the file the image's folder".into()], 1));
    assert_eq!(
        found(&text("test", "gone.jpg", ""), &both),
        (
            None,
            vec![
                "refused - the file: its image `gone.jpg` is not in the project; import it first"
                    .into()
            ],
            1
        )
    );
    assert_eq!(
        found(&text("test", "", ""), &both),
        (
            None,
            vec!["refused - the file: it names no image: `filename` and `path` are empty".into()],
            1
        )
    );
}

#[test]
fn sizes_settle_the_frame_or_are_reported() {
    let text = |w: u32, h: u32| {
        with_objects(&object("tree", ["10", "20", "40", "60"], ""))
            .replace("640</width><height>480", &format!("{w}</width><height>{h}"))
    };
    let turned = [420.0, 10.0, 40.0, 30.0];
    for (orientation, size, expected, guesses) in [
        (1, (640, 480), [10.0, 20.0, 30.0, 40.0], 0),
        (1, (0, 0), [10.0, 20.0, 30.0, 40.0], 0),
        (1, (99, 9), [10.0, 20.0, 30.0, 40.0], 1),
        (6, (480, 640), [10.0, 20.0, 30.0, 40.0], 0),
        (6, (640, 480), turned, 1),
    ] {
        let mut project = MemoryProject::new(common::facts());
        project.add_item(item(1, b"a.jpg", image(640, 480, orientation)));
        let report = read_text("voc", &text(size.0, size.1), &mut project);
        assert_eq!(boxes(&project), [expected], "{orientation} {size:?}");
        assert_eq!(report.guessed.count(), guesses, "{orientation} {size:?}");
    }
    let b = BoundingBox { x: 10.0, y: 20.0, width: 30.0, height: 40.0 };
    let facts = image(640, 480, 6);
    assert_eq!(
        Shape::Box(b).mapped(&|p| vaultmark_formats::frame::to_upright(&facts, p)),
        Shape::Box(BoundingBox { x: turned[0], y: turned[1], width: turned[2], height: turned[3] })
    );
}

#[test]
fn strict_reading_takes_all_files_or_none() {
    let good = with_objects(&object("tree", ["1", "1", "9", "9"], ""));
    let bad = with_objects(&object("tree", ["1", "1", "1", "9"], ""));
    let inputs = |second: &str| {
        [
            Input::bytes("1.xml", good.clone().into_bytes()),
            Input::bytes("2.xml", second.as_bytes().to_vec()),
        ]
    };
    let mut all = project(&["a.jpg"]);
    let report =
        format("voc").read(&inputs(&good), &mut all, &ReadOptions::default().strict()).unwrap();
    assert_eq!((report.annotations, all.annotations().len()), (2, 2));
    let mut none = project(&["a.jpg"]);
    let error =
        format("voc").read(&inputs(&bad), &mut none, &ReadOptions::default().strict()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing was imported, because strict reading was asked for and 1 records were refused; \
         correct the file, or read it without strict"
    );
    let FormatError::Strict { report } = error else { panic!() };
    assert_eq!(report.refused.list()[0].file, "2.xml");
    assert!(none.annotations().is_empty() && none.schema().is_empty());
    // A format that only reads says so when asked to write.
    let mut output = vaultmark_formats::memory::MemoryOutput::default();
    let error = format("voc").write(&mut none, &mut output, &Default::default()).unwrap_err();
    assert_eq!(error.to_string(), "voc can't be written; choose another format");
}
