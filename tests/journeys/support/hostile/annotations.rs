//! Annotation files of endless depth, length and number.

/// Made-up annotation files: format, name, bytes, a word of the reason.
pub fn made_up() -> Vec<(&'static str, &'static str, Vec<u8>, &'static str)> {
    let images = r#"{"images": [{"id": 1, "file_name": "0.png"}], "categories": [{"id": 1, "name": "tree"}], "annotations": ["#;
    let repeated = |before: &str, piece: &str, count: usize, after: &str| {
        [before, &piece.repeat(count), after].concat().into_bytes()
    };
    let laughs = |declared: &str| {
        let mut text =
            format!("<?xml version=\"1.0\"{declared}?>\n<!DOCTYPE a [<!ENTITY l0 \"ha\">");
        for n in 1..20 {
            text.push_str(&format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)));
        }
        text + "]>\n<annotation><filename>&l19;</filename></annotation>"
    };
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let ring = r#"{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0"#;
    vec![
        ("coco", "deep.json", repeated("{\"info\": ", "[", 1 << 20, ""), "nested"),
        ("coco", "deep-record.json", repeated(images, "{\"a\":", 1 << 20, ""), "nested"),
        (
            "coco",
            "line.json",
            repeated(images, "                ", 4 << 20, "{}]}"),
            "`id` is missing",
        ),
        (
            "coco",
            "text.json",
            repeated(images, "\"xxxxxxxxxxxxxxx", 1, &"x".repeat(80 << 20)),
            "larger than",
        ),
        (
            "coco",
            "values.json",
            repeated(&format!("{images}{ring}"), ",0", 5 << 20, "]]}]}"),
            "values",
        ),
        ("coco", "closed.json", repeated(images, "]", 1 << 20, ""), "expected"),
        ("coco", "utf16.json", utf16(images), "ends inside"),
        ("coco", "half.json", b"\xff\xfe\0\xd8a\0".to_vec(), "half a UTF-16"),
        ("native", "deep.json", repeated("{\"project\": ", "[", 1 << 20, ""), "nested"),
        ("native", "foreign.json", repeated(images, "{},", 1000, "{}]}"), "not known"),
        ("voc", "laughs.xml", laughs("").into_bytes(), "document type definition"),
        ("voc", "laughs16.xml", utf16(&laughs(" encoding=\"UTF-16\"")), "document type definition"),
        ("voc", "deep.xml", repeated("<annotation>", "<a>", 1 << 20, ""), "deep"),
        (
            "voc",
            "objects.xml",
            repeated(
                "<annotation><filename>0.png</filename>",
                "<object/>",
                300_000,
                "</annotation>",
            ),
            "200000 objects",
        ),
        ("voc", "name.xml", repeated("<", "a", 8 << 20, "/>"), "256 bytes"),
        (
            "voc",
            "long.xml",
            repeated("<annotation><!--", "x", 65 << 20, "--></annotation>"),
            "larger than",
        ),
        (
            "voc",
            "entity.xml",
            repeated("<annotation><filename>&", "x", 8 << 20, ";</filename></annotation>"),
            "is not known",
        ),
    ]
}

/// A COCO file of that many empty annotations.
pub fn empty_objects(count: usize) -> Vec<u8> {
    let head =
        r#"{"images": [{"id": 1, "file_name": "0.png"}], "categories": [], "annotations": [{}"#;
    [head, &",{}".repeat(count - 1), "]}"].concat().into_bytes()
}
