//! The posture as an accreditor reads it: who signed the program, how old the keys are, and all of it
//! on one page of paper.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use vaultmark::PROGRAM;
use vaultmark::crypto::PROGRAM_NAMESPACE;

use crate::support::{Done, Place, has_tool, program, tool};

/// A finding by its name.
fn finding(shown: &Value, name: &str) -> Value {
    let all = shown["findings"].as_array().unwrap();
    let found = all.iter().find(|finding| finding["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {shown:#}")).clone()
}

/// An installation of its own: a copy of the program that may be altered.
struct Copy {
    place: Place,
    program: PathBuf,
    key: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let place = Place::empty();
        let folder = place.folder().join("program");
        fs::create_dir(&folder).unwrap();
        let copy = folder.join("vaultmark");
        fs::copy(program(), &copy).unwrap();
        let key = place.folder().join("key");
        let make = ["-q", "-t", "ed25519", "-N", "", "-C", "builder", "-f"];
        tool(Command::new("ssh-keygen").args(make).arg(&key));
        Self { place, program: copy, key }
    }

    /// Signs a file as who builds the program does.
    fn sign(&self, file: &Path, namespace: &str) {
        let _ = fs::remove_file(signature(file));
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", namespace, "-f"]).arg(&self.key).arg(file);
        tool(&mut command);
    }

    /// What the copy says of its signature: state and what was seen.
    fn says(&self) -> (String, String) {
        let mut command = Command::new(&self.program);
        command.args(["--json", "posture"]);
        self.place.dress(&mut command);
        command.env_remove("VAULTMARK_VAULT").stdin(Stdio::null());
        let done = Done::new("posture of the copy", command.output().unwrap());
        let found = finding(&done.json(), "program-signature");
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(found["remedy"].is_null(), text("state") == "fine", "{found}");
        (text("state"), text("seen"))
    }
}

fn signature(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Turns one bit of a program, in its table of sections, which is not loaded: it runs as before.
fn turn_a_bit(file: &Path) {
    let file = File::options().read(true).write(true).open(file).unwrap();
    let at = file.metadata().unwrap().len() - 9;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}

#[test]
fn the_signature_beside_the_program_is_checked() {
    if !has_tool("ssh-keygen") {
        return;
    }
    let copy = Copy::new();
    let (state, seen) = copy.says();
    assert_eq!(
        (state.as_str(), seen.as_str()),
        ("unknown", "no signature lies beside `vaultmark`")
    );

    copy.sign(&copy.program, PROGRAM_NAMESPACE);
    let listed = tool(Command::new("ssh-keygen").arg("-lf").arg(copy.key.with_extension("pub")));
    let fingerprint = listed.split_whitespace().nth(1).unwrap();
    let (state, seen) = copy.says();
    // Whose key it is, paper tells.
    assert_eq!(state, "unknown", "{seen}");
    assert!(seen.contains("signed by") && seen.contains(fingerprint), "{seen}");
    // As the manual says, without this program.
    let mut stock = Command::new("ssh-keygen");
    stock.args(["-Y", "check-novalidate", "-n", PROGRAM_NAMESPACE, "-s"]);
    stock.arg(signature(&copy.program)).stdin(File::open(&copy.program).unwrap());
    assert!(tool(&mut stock).contains(fingerprint));

    // The window's program beside it counts too.
    let window = copy.program.with_file_name("vaultmark-desktop");
    fs::write(&window, "a program").unwrap();
    let (state, seen) = copy.says();
    assert_eq!(state, "warning", "one with and one without");
    assert!(seen.contains("`vaultmark-desktop`"), "{seen}");
    copy.sign(&window, PROGRAM_NAMESPACE);
    assert!(copy.says().1.contains("signed by"));
    fs::write(&window, "another program").unwrap();
    let (state, seen) = copy.says();
    assert_eq!(state, "warning");
    assert!(seen.contains("`vaultmark-desktop.sig` is not valid"), "{seen}");
    fs::remove_file(&window).unwrap();

    // A signature for another purpose is none.
    copy.sign(&copy.program, "file");
    let (state, seen) = copy.says();
    assert_eq!(state, "warning");
    assert!(seen.contains(PROGRAM_NAMESPACE), "{seen}");
    copy.sign(&copy.program, PROGRAM_NAMESPACE);
    assert!(copy.says().1.contains("signed by"));
    turn_a_bit(&copy.program);
    let (state, seen) = copy.says();
    assert_eq!(state, "warning");
    assert!(seen.contains("`vaultmark.sig` is not valid for `vaultmark`"), "{seen}");
    turn_a_bit(&copy.program);
    assert!(copy.says().1.contains("signed by"));
}

#[test]
fn the_ages_of_keys_are_told_without_names() {
    let place = Place::with_project("Secret harbour");
    place.run(["project", "new", "Another"]).ok();
    let shown = place.run(["--json", "posture"]).json();
    let seen = |name: &str| finding(&shown, name)["seen"].as_str().unwrap().to_owned();
    for name in ["key-age", "signing-key", "project-keys"] {
        assert_eq!(finding(&shown, name)["state"], "fine", "{shown:#}");
    }
    let projects = place.run(["--json", "project", "list"]).ok().json();
    let ids: BTreeSet<String> = projects
        .as_array()
        .unwrap()
        .iter()
        .map(|project| project["id"].as_str().unwrap()[..8].to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    let keys = seen("project-keys");
    assert!(ids.iter().all(|id| keys.contains(&format!("{id} epoch 1 of 20"))), "{keys}");
    // The fingerprint is that of the line for receivers.
    let line = place.run(["bundle", "signer"]).ok().out;
    let public = place.out("signer.pub");
    let key = line.split_once("ssh-ed25519").map(|(_, rest)| format!("ssh-ed25519{rest}")).unwrap();
    fs::write(&public, key).unwrap();
    if has_tool("ssh-keygen") {
        let listed = tool(Command::new("ssh-keygen").arg("-lf").arg(&public));
        let fingerprint = listed.split_whitespace().nth(1).unwrap().to_owned();
        assert!(seen("signing-key").starts_with(&fingerprint), "{}", seen("signing-key"));
    }
    assert!(!shown.to_string().contains("harbour") && !shown.to_string().contains("alice"));
}

#[test]
fn the_posture_fits_on_paper_and_says_what_the_screen_says() {
    let place = Place::with_project("Secret harbour");
    let shown = place.run(["--json", "posture"]);
    let printed = place.run(["posture", "--print"]).ends(shown.code);
    let page = &printed.out;
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(page.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{page:?}");
    assert!(page.ends_with('\n') && !page.contains("harbour") && !page.contains("alice"));
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let value = shown.json();
    for found in value["findings"].as_array().unwrap() {
        let mark = match found["state"].as_str().unwrap() {
            "fine" => "[ok]",
            "warning" => "[WARNING]",
            _ => "[unknown]",
        };
        let name = found["name"].as_str().unwrap();
        assert!(words.contains(&format!("{mark} {name} ")), "{mark} {name} in {page}");
        if let Some(remedy) = found["remedy"].as_str() {
            assert!(words.contains(&format!("To do: {remedy}")), "{remedy} in {page}");
        }
    }
    for probe in value["probes"].as_array().unwrap() {
        assert!(words.contains(probe["what"].as_str().unwrap()), "{probe} in {page}");
    }
    for part in [PROGRAM, " UTC", "Argon2id", "ACCREDITATION", "Name, role", "Signature"] {
        assert!(words.contains(part), "{part} in {page}");
    }
    // Without signing in the page says so; it is text or JSON, not both.
    let mut command = Command::new(program());
    command.args(["posture", "--print"]);
    place.dress(&mut command);
    command.env_remove("VAULTMARK_AS").stdin(Stdio::null());
    let bare = Done::new("posture without a person", command.output().unwrap());
    assert!(bare.out.contains("which was not opened"), "{}", bare.out);
    assert!(!bare.out.contains("project-keys"));
    place.run(["--json", "posture", "--print"]).ends(2);
}
