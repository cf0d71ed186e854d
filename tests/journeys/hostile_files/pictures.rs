//! Pictures that their makers call bad, made-up ones, and what is no file at all.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Target, below};
use crate::support::hostile::{Outcome, pictures};
use crate::support::{data, is_root, tool};

#[test]
fn every_picture_that_its_makers_call_bad_is_refused() {
    let mut target = Target::new();
    let named = |path: &PathBuf, start: &str| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start))
    };
    if let Some(suite) = data("pngsuite") {
        let bad: Vec<_> = below(&suite)
            .into_iter()
            .filter(|path| named(path, "x") && path.extension().is_some_and(|e| e == "png"))
            .collect();
        assert_eq!(bad.len(), 14);
        bad.iter().for_each(|file| target.picture(file, Outcome::Refused("PNG")));
    }
    if let Some(bad) = data("image_rs/bad") {
        let bad = below(&bad);
        assert_eq!(bad.len(), 9);
        bad.iter().for_each(|file| target.picture(file, Outcome::Refused(". ")));
    }
    // Regressions of a decoder's history: some can be read, most must not.
    if let Some(lenient) = data("image_rs/images/bmp/images/lenient") {
        let lenient = below(&lenient);
        assert_eq!(lenient.len(), 8);
        lenient.iter().for_each(|file| target.picture(file, Outcome::Bounded));
    }
    target.finish("bad pictures of others");
}

#[test]
fn made_up_pictures_are_refused_or_cost_no_more_than_an_honest_one() {
    let mut target = Target::new();
    let folder = target.place.folder().join("made");
    fs::create_dir(&folder).unwrap();
    for (name, bytes, outcome) in pictures::claiming() {
        let file = folder.join(name);
        fs::write(&file, bytes).unwrap();
        target.picture(&file, outcome);
        fs::remove_file(&file).unwrap();
    }
    target.finish("made-up pictures");
}

#[test]
fn pictures_cut_short_empty_or_full_of_holes_are_refused() {
    let mut target = Target::new();
    let folder = target.place.folder().join("cut");
    fs::create_dir(&folder).unwrap();
    for (extension, bytes) in pictures::sound() {
        let length = bytes.len();
        // After the first bytes, in the headers, in the pixels, before the last byte of pixels.
        for at in [0, 4, 20, length / 3, length * 3 / 4] {
            let file = folder.join(format!("{at}.{extension}"));
            fs::write(&file, &bytes[..at.min(length - 1)]).unwrap();
            // GIF's one pixel is whole before its end.
            let whole = extension == "gif" && at > 30;
            target.picture(&file, if whole { Outcome::Bounded } else { Outcome::Refused(". ") });
        }
    }
    for (file, outcome) in pictures::sparse(&folder, 2 << 30) {
        target.picture(&file, outcome);
    }
    // Honest files: sealed memory holds a small one and does not grow with a large one.
    let long = folder.join("long.tif");
    for bytes in [60 << 20, 200 << 20] {
        pictures::long_tiff(&long, bytes);
        target.picture(&long, Outcome::Bounded);
        fs::rename(&long, folder.join(format!("{bytes}.tif"))).unwrap();
    }
    assert!(target.worst.sealed_kib <= 80 << 10, "{}", target.worst);
    assert!(target.worst.sealed_kib >= 50 << 10 || !is_root(), "{}", target.worst);
    target.finish("cut, empty and sparse pictures");
}

#[test]
fn what_is_no_file_is_named_and_not_waited_for() {
    let mut target = Target::new();
    let pipe = target.place.folder().join("pipe.png");
    tool(Command::new("mkfifo").arg(&pipe));
    let mut odd = vec![pipe, PathBuf::from("/dev/zero")];
    let node = target.place.folder().join("node.png");
    if is_root()
        && Command::new("mknod").arg(&node).args(["c", "1", "5"]).status().unwrap().success()
    {
        odd.push(node);
    }
    for file in &odd {
        target.picture(file, Outcome::Refused("no regular file"));
        for format in ["coco", "voc", "native"] {
            target.annotations(format, file, "no regular file");
        }
        for verb in ["verify", "receive"] {
            let done = target.run(&["bundle", verb], file).ends(1);
            done.says(&["no regular file", file.to_str().unwrap()]);
        }
    }
    // In a folder they are passed over.
    let folder = target.place.folder().join("folder");
    fs::create_dir(&folder).unwrap();
    tool(Command::new("mkfifo").arg(folder.join("pipe.png")));
    let report = target.run(&["--json", "import"], &folder).ok().json();
    assert_eq!((report["imported"].as_u64(), report["ignored"].as_u64()), (Some(0), Some(1)));
    // What was named itself is not.
    let text = target.place.folder().join("notes.txt");
    fs::write(&text, "no picture").unwrap();
    target.picture(&text, Outcome::Refused("not an image of a kind that is read here"));
    target.finish("pipes and devices");
}
