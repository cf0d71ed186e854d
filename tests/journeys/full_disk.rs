//! A disk that fills up: a clear error, nothing acknowledged lost, and it goes on when there is room.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Place, fixtures, has_tool, made, program};

/// Whether a small file system can be mounted in a name space of its own.
fn may_mount() -> bool {
    let may = has_tool("unshare")
        && Command::new("unshare")
            .args(["-m", "sh", "-c", "mount -t tmpfs none /mnt"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
    if !may {
        eprintln!("skipped: a small file system can't be mounted here");
    }
    may
}

/// Runs a script with the vault on a file system of `size`; gives what it printed.
fn on_small_disk(place: &Place, size: &str, script: &str) -> String {
    let disk = place.folder().join("disk");
    fs::create_dir(&disk).unwrap();
    let prologue = format!(
        "set -u; mount -t tmpfs -o size={size} none {disk}; cp -a {vault} {disk}/vault; export VAULTMARK_VAULT={disk}/vault\n\
         vm() {{ {program} --passphrase-file {folder}/phrase \"$@\" 2>>{out}/errors; echo \"$1 $?\"; }}\n",
        disk = disk.display(),
        vault = place.vault().display(),
        program = program().display(),
        folder = place.folder().display(),
        out = place.out("").display(),
    );
    fs::write(place.folder().join("phrase"), &place.passphrase).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &format!("{prologue}{script}")]);
    place.dress(&mut command);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The endings that the script noted, such as `import 1`.
fn endings<'a>(said: &'a str, verb: &str) -> Vec<&'a str> {
    let code =
        |line: &'a str| line.strip_prefix(verb)?.strip_prefix(' ').filter(|code| code.len() == 1);
    said.lines().filter_map(code).collect()
}

#[test]
fn an_import_on_a_full_disk_loses_nothing_and_goes_on() {
    const FILES: u32 = 112;
    if !may_mount() {
        return;
    }
    let place = fixtures::small();
    let many = place.folder().join("many");
    fs::create_dir(&many).unwrap();
    // A first group of 64 fits and stays staged; the second does not and is given up, so that there is
    // room to open the vault again.
    for n in 0..FILES {
        fs::write(many.join(format!("{n}.png")), made::noise(160, 160, 500 + u64::from(n)))
            .unwrap();
    }
    let said = on_small_disk(
        &place,
        "8m",
        &format!(
            "vm import {many}\n vm check\n vm project show\n vm import {many}\n \
             mount -o remount,size=64m {disk}; vm import {many}; vm check; vm project show",
            many = many.display(),
            disk = place.folder().join("disk").display(),
        ),
    );
    let errors = fs::read_to_string(place.out("errors")).unwrap();
    assert!(!errors.contains("panicked"), "{errors}");
    assert_eq!(endings(&said, "import"), ["1", "1", "0"], "{said}\n{errors}");
    assert_eq!(endings(&said, "check"), ["0", "0"], "{said}\n{errors}");
    assert!(errors.contains("disk is full"), "{errors}");
    let items: Vec<u32> = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("items")?.trim().replace(',', "").parse().ok())
        .collect();
    assert!(items[0] >= 3 && items[1] == 3 + FILES, "{said}");
}

#[test]
fn edits_and_labels_on_a_full_disk_lose_nothing() {
    if !may_mount() {
        return;
    }
    let place = fixtures::small();
    let file = place.folder().join("boxes.json");
    fs::write(&file, made::coco(&["0.png", "1.png", "2.png"], &["tree"], 3000)).unwrap();
    let said = on_small_disk(
        &place,
        "16m",
        &format!(
            "dd if=/dev/zero of={disk}/filler bs=4k 2>/dev/null\n vm labels set river\n \
             vm annotations import --format coco {file}\n rm {disk}/filler\n vm check\n vm labels set river\n \
             vm annotations import --format coco {file}\n vm check\n vm project show",
            disk = place.folder().join("disk").display(),
            file = file.display(),
        ),
    );
    let errors = fs::read_to_string(place.out("errors")).unwrap();
    assert!(!errors.contains("panicked"), "{errors}");
    assert_eq!(endings(&said, "labels"), ["1", "0"], "{said}\n{errors}");
    assert_eq!(endings(&said, "annotations"), ["1", "0"], "{said}\n{errors}");
    assert_eq!(endings(&said, "check"), ["0", "0"], "{said}\n{errors}");
    assert!(said.contains("3,005"), "{said}");
    let words = ["disk is full"];
    assert!(
        errors
            .lines()
            .filter(|line| !line.is_empty())
            .all(|line| words.iter().any(|word| line.contains(word))),
        "{errors}"
    );
}

#[test]
fn a_bundle_that_does_not_fit_leaves_nothing() {
    if !has_tool("prlimit") {
        return;
    }
    let place = fixtures::small();
    let to = place.out("b.bag.zip");
    // No file may grow beyond this, as on a medium that is nearly full: the vault's own are smaller.
    let limit = 600 * 1024;
    let big = place.folder().join("big.png");
    fs::write(&big, made::noise(600, 400, 9)).unwrap();
    assert!(fs::metadata(&big).unwrap().len() > limit);
    place.run([Path::new("import"), &big]).ok();
    // The signal that comes with it is left aside, so that the program sees the error (EFBIG).
    let patient = "trap '' XFSZ; exec \"$@\"";
    let wrapper =
        ["sh", "-c", patient, "sh", "prlimit", &format!("--fsize={limit}")].map(str::to_owned);
    let wrapper: Vec<_> = wrapper.iter().map(AsRef::as_ref).collect();
    let words =
        ["bundle", "create", "--media", "--justification", "x", "--to", to.to_str().unwrap()];
    let done = place.finish(place.command_through(&wrapper, words));
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("writing the bundle: File too large"), "{done:?}");
    assert!(crate::support::files_below(&place.out("")).is_empty());
    place.is_whole("after a bundle that did not fit");
    place.run(words).ok();
}
