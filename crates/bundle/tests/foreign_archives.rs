//! Archives that other people made to break readers: each is refused for the reason it was made
//! for, or for an earlier one, and nothing is written anywhere (the reader only reads).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{kind, refusal, shared};

/// Start of the file's name → the rule it breaks first.
const ZIP_FAILURES: &[(&str, &str)] = &[
    (
        "End of central directory record signature not found Either not a zip file or file is truncated.zip",
        "NoEndRecord",
    ),
    (
        "End of central directory record signature not found Either not a zip file or file is truncated_1.zip",
        "TooShort",
    ),
    ("Invalid comment length", "TrailingBytes"),
    ("absolute path C xt.zip", "NameAbsolute"),
    ("absolute path atxt.zip", "NameAbsolute"),
    ("compressed uncompressed size mismatch", "StoredSize"),
    ("extra field length exceeds extra field buffer size", "ExtraField"),
    ("file data overflows file bounds", "ExtraField"),
    ("invalid central directory file header signature", "DirectoryRecord"),
    ("invalid characters in fileName", "NameBackslash"),
    ("invalid code lengths set", "Compressed"),
    ("invalid local file header signature", "ExtraField"),
    ("invalid relative path", "NameClimbs"),
    ("invalid zip64 end of central directory record signature", "Zip64EndRecord"),
    ("multi-disk zip files", "MultiDisk"),
    ("not enough bytes in the stream", "Compressed"),
    ("strong encryption", "Encrypted"),
    ("too many bytes in the stream", "Compressed"),
    ("too many length or distance symbols", "Compressed"),
    ("unexpected EOF", "ExtraField"),
    ("unsupported compression method", "ExtraField"),
    ("zip64 extended information extra field does not include compressed size", "ExtraField"),
    (
        "zip64 extended information extra field does not include relative header offset",
        "ExtraField",
    ),
    ("zip64 extended information extra field does not include uncompressed size", "ExtraField"),
];

const ZIPSLIP: &[(&str, &str)] = &[
    ("zip-slip-win.tar", "NoEndRecord"),
    ("zip-slip-win.zip", "NameClimbs"),
    ("zip-slip.tar", "NoEndRecord"),
    ("zip-slip.zip", "NameClimbs"),
];

fn run(folder: &str, table: &[(&str, &str)]) {
    let Some(folder) = shared(folder) else { return };
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let refusal = refusal(&std::fs::read(&file).unwrap());
        let sentence = refusal.to_string();
        assert!(sentence.contains(": ") || sentence.contains("; "), "no remedy: {sentence}");
        let expected = table.iter().find(|(start, _)| name.starts_with(start));
        found.push((name, kind(&refusal), expected.map(|(_, kind)| *kind)));
    }
    assert_eq!(found.len(), table.len(), "{found:#?}");
    for (name, kind, expected) in &found {
        assert_eq!(Some(kind.as_str()), *expected, "{name}\n{found:#?}");
    }
}

#[test]
fn malformed_archives_are_refused() {
    run("zip_failures", ZIP_FAILURES);
}

#[test]
fn archives_that_climb_are_refused() {
    run("zipslip", ZIPSLIP);
}
