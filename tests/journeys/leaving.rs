//! What leaves the vault through the command line: whose it is to read, what it is marked, where it
//! may lie; and what foreign names and lost output do to the one who types.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Place, WHY, files_below, fixtures, made, program};

/// The words of a bundle to `to`.
fn bundle(to: &Path) -> Vec<String> {
    let words = ["bundle", "create", "--media", "--justification", WHY, "--to"];
    let to = to.to_str().unwrap();
    words.into_iter().chain([to]).map(str::to_owned).collect()
}

#[test]
fn what_leaves_is_for_its_sender_alone_whatever_the_umask() {
    let place = fixtures::small();
    for umask in ["0777", "0000"] {
        let to = place.out(&format!("{umask}.bag.zip"));
        let patient = format!("umask {umask}; exec \"$@\"");
        let wrapper = ["sh", "-c", &patient, "sh"].map(AsRef::as_ref);
        place.finish(place.command_through(&wrapper, bundle(&to))).ok();
        let mode = fs::metadata(&to).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "with umask {umask}");
        place.run([Path::new("bundle"), Path::new("verify"), &to]).ends(4);
    }
    assert_eq!(files_below(&place.out("")).len(), 2);
}

#[test]
fn another_marking_or_a_place_in_the_vault_is_refused_with_a_remedy() {
    let place = fixtures::small();
    let to = place.out("b.bag.zip");
    let marked = ["--marking", "SECRET"].map(str::to_owned);
    let done = place.run(bundle(&to).into_iter().chain(marked)).ends(1);
    done.says(&["`UNCLASSIFIED`", "`SECRET`", "leave the marking out"]);
    let bare = ["annotations", "export", "--format", "coco", "--justification", WHY];
    let out = to.to_str().unwrap();
    let kind = place.run([&["--json"], &bare[..], &["--marking", "SECRET", out]].concat()).ends(1);
    assert_eq!(kind.kind(), "marking_differs");
    assert!(files_below(&place.out("")).is_empty());

    let before = files_below(place.vault()).len();
    let inside = place.vault().join("projects/zz.json");
    let done = place.run([&bare[..], &[inside.to_str().unwrap()]].concat()).ends(2);
    done.says(&["lies in the vault's own folder", "choose a folder outside"]);
    assert_eq!(files_below(place.vault()).len(), before);
    place.run([&bare[..], &["--marking", "UNCLASSIFIED", out]].concat()).ok();
}

#[test]
fn a_foreign_name_steers_no_terminal_and_is_exact_in_json() {
    const NAME: &str = "x\u{1b}]0;owned\u{7}\u{1b}[2J\nall is well\u{202e}.png";
    let place = Place::with_project("names");
    let source = place.folder().join("source");
    fs::create_dir(&source).unwrap();
    fs::write(source.join(NAME), made::noise(20, 20, 1)).unwrap();
    fs::write(source.join(format!("bad-{NAME}")), b"\x89PNG\r\n\x1a\n and nothing").unwrap();
    let import = place.run([Path::new("import"), &source]).ends(4);
    let list = place.run(["items", "list"]).ok();
    let missing = place.run([Path::new("import"), &source.join("none\u{1b}[31m")]);
    assert_ne!(missing.code, 0);
    for said in [&import.out, &import.err, &list.out, &missing.err, &missing.out] {
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.contains(steers), "{said:?}");
        assert!(!said.lines().any(|line| line.starts_with("all is well")), "{said:?}");
    }
    assert!(list.out.contains("/x\u{fffd}]0;owned"), "{list:?}");
    let exact = place.run(["--json", "items", "list"]).ok().json();
    assert_eq!(exact[0]["path"], format!("source/{NAME}"));
}

#[test]
fn a_result_that_nobody_takes_is_an_error() {
    let place = fixtures::small();
    let full = |words: &[&str]| {
        let mut command = place.command(words);
        command.stdout(Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap()));
        place.finish(command)
    };
    full(&["items", "list"]).ends(1).says(&["standard output", "No space left"]);
    // Who reads the beginning only wants no more.
    let reader = format!("{} manual | head -n 1; exit ${{PIPESTATUS[0]}}", program().display());
    let done = Command::new("bash").args(["-c", &reader]).status().unwrap();
    assert!(done.success());
}

#[test]
fn a_vault_whose_sheet_is_lost_is_taken_back() {
    let place = Place::empty();
    let words = ["init", "--officer", "alice", "--marking", "UNCLASSIFIED"];
    let mut command = place.command(words);
    command.stdout(Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap()));
    place.finish(command).ends(1).says(&["recovery sheet", "taken back", "make it again"]);
    assert!(!place.vault().join("vault.header").exists());
    let made = place.run(["--json"].into_iter().chain(words)).ok().json();
    assert!(made["recovery_sheet"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
}

#[test]
fn a_passphrase_that_is_too_long_is_refused_and_not_cut() {
    let mut place = fixtures::small();
    place.passphrase = format!("{}{}", place.passphrase, "x".repeat(5000));
    place.run(["items", "list"]).ends(2).says(&["more than 4096 bytes"]);
}
