//! Annotation files and what people type.

use std::collections::BTreeMap;

use vaultmark_crypto::{BundleRole, allowed_signers_line, openssh_public, sign_bundle};
use vaultmark_formats::memory::{MemoryOutput, MemoryProject};
use vaultmark_formats::{Input, ProjectFacts, ReadOptions, WriteOptions, find};
use vaultmark_fuzzed::{SIGNED, put_part, signing_key};
use vaultmark_model::item::ItemBody;
use vaultmark_model::{
    Digest, ImageFacts, Item, ItemId, ItemPath, Marking, MediaFormat, ProjectId, SampleFormat,
};

use crate::{Seed, seed};

const VOC: &str = "<?xml version=\"1.0\"?>\n<annotation><filename>a.jpg</filename>\
<size><width>640</width><height>480</height></size><object><name>tree &amp; bush</name>\
<truncated>1</truncated><bndbox><xmin>1</xmin><ymin>2.5</ymin><xmax>40</xmax><ymax>60</ymax>\
</bndbox></object><!-- two --><object><name><![CDATA[x]]></name><difficult>1</difficult><bndbox>\
<xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>6</ymax></bndbox></object></annotation>\n";

const COCO: &str = r#"{"info": {"vaultmark": {"frame": "upright"}}, "images":
[{"id": 1, "file_name": "x/a.jpg", "width": 640, "height": 480}],
"categories": [{"id": 1, "name": "tree", "supercategory": "", "color": [1, 2, 3]}], "annotations": [
{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1.5, 2, 3e0, 4], "segmentation": [], "area": 6,
"iscrowd": 0}, {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9.25]],
"attributes": {"a": "\"\u00e9\ud83d\ude00"}}, {"id": 3, "image_id": 1, "category_id": 1, "iscrowd": 1,
"segmentation": {"size": [480, 640], "counts": [5, 3, 307192]}}, {"id": 4, "image_id": 1,
"category_id": 1, "keypoints": [1, 2, 2, 3, 4, 1], "num_keypoints": 2, "bbox": [0, 0, 5, 5]}]}"#;

pub fn seeds() -> Vec<Seed> {
    let mut all = vec![
        seed("voc", "two", VOC.into()),
        seed("voc", "utf16", utf16(VOC)),
        seed("voc", "empty", b"<annotation></annotation>".to_vec()),
        seed("coco", "all", COCO.into()),
        seed(
            "coco",
            "list",
            b"[{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": 0.5}]"
                .to_vec(),
        ),
        seed("coco", "empty", b"{}".to_vec()),
        seed("native", "all", native()),
        seed("native", "empty", b"{\"format\": \"vaultmark\"}".to_vec()),
    ];
    for (at, text) in [
        "000102030405060708090a0b0c0d0e0f",
        "#12ab34",
        "data/media/0011.tif.part-0001-of-0002",
        "data/labels/B\u{e4}ume (2024).txt",
        "SECRET//NOFORN",
        "a\u{202e}gnp.exe\r\n",
        "frame=stored",
        "x/a.jpg",
        "../../etc/passwd",
    ]
    .into_iter()
    .enumerate()
    {
        all.push(seed("arguments", format!("{at}"), text.into()));
    }
    for word in ["passphrase", "how do I verify", "\u{130}\u{df} STRASSE", "x", "SHA-512 export"] {
        let name: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        all.push(seed("manual_search", name, word.into()));
    }
    for (at, (flags, order, words, folder)) in [
        (1, 0, "a/B", ""),
        (3, 5, "png", "a/b"),
        (0x10, 3, "", ""),
        (1, 2, "stra\u{df}e%_'", "100%"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut bytes = vec![flags, order, 0, 20];
        put_part(&mut bytes, words.as_bytes());
        put_part(&mut bytes, folder.as_bytes());
        all.push(seed("library_filter", format!("{at}"), bytes));
    }
    all.extend(trust());
    all
}

/// Lists of allowed signers, and signatures.
fn trust() -> Vec<Seed> {
    let key = signing_key(1).public();
    let line = allowed_signers_line("alice@site-1", &key, &BundleRole::ALL).expect("a line");
    let bare = openssh_public(&key, "a comment");
    let mut all = vec![
        seed("allowed_signers", "line", line.clone().into()),
        seed(
            "allowed_signers",
            "file",
            format!("\u{feff}# people\r\n\n  {line}\n\"bob b\" {bare}").into(),
        ),
        seed("allowed_signers", "authority", format!("c cert-authority {bare}").into()),
    ];
    for (name, role) in [("creator", BundleRole::Creator), ("approver", BundleRole::Approver)] {
        let armored = sign_bundle(&signing_key(1), role, SIGNED).expect("a signature");
        all.push(seed("sshsig", name, armored.clone().into()));
        all.push(seed("sshsig", format!("{name}-crlf"), armored.replace('\n', "\r\n").into()));
    }
    all
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// What our own format writes of what the others said.
fn native() -> Vec<u8> {
    let mut project = MemoryProject::new(ProjectFacts {
        id: ProjectId::from_bytes([7; 16]),
        name: "Forest".into(),
        marking: Marking::new("UNCLASSIFIED").expect("a marking"),
        heads: Vec::new(),
    });
    let facts = ImageFacts {
        format: MediaFormat::Jpeg,
        stored_width: 640,
        stored_height: 480,
        orientation: 6,
        bands: 3,
        sample: SampleFormat::U8,
    };
    let body = ItemBody {
        path: ItemPath::new(b"x/a.jpg".to_vec()).expect("a path"),
        content: Digest::from_bytes([0x22; 64]),
        crc32: 1,
        size: 1000,
        facts,
        number: 1,
    };
    let id = ItemId::from_bytes([1; 16]);
    project.add_item(Item { id, body, flagged: true, done: false, note: "a\nnote".into() });
    for (format, text) in [("voc", VOC), ("coco", COCO)] {
        let format = find(format).expect("a format of ours");
        let inputs = [Input::bytes("in", text.into())];
        format.read(&inputs, &mut project, &ReadOptions::default()).expect("memory reads");
    }
    let mut output = MemoryOutput(BTreeMap::new());
    let format = find("native").expect("a format of ours");
    format.write(&mut project, &mut output, &WriteOptions::default()).expect("memory writes");
    output.0.into_values().next().unwrap_or_default()
}
