//! A stranger without Vaultmark: the very lines that data/README.txt gives for Linux are run, on a
//! sound bundle and on altered ones. Sealed bundles are opened with the stock `age`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{has_tool, info, key, sign};
use vaultmark_bundle::datasheet::{ClassCount, Datasheet, Frame};
use vaultmark_bundle::{Draft, Entry, Frozen, Signatures};
use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{
    AgeWriter, BundleRole, Identity, allowed_signers_line, fingerprint, sign_bundle,
};
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::Work;

fn datasheet(two_person: bool, sealed: bool) -> Datasheet {
    Datasheet {
        bundle: info().bundle,
        project: "River".into(),
        marking: info().marking,
        created: info().created,
        program: info().program,
        items: 1,
        media: Some(1),
        classes: vec![ClassCount { label: "tree".into(), annotations: 3, items: 1 }],
        frame: Frame::Upright,
        rotated_items: 0,
        formats: vec!["data/annotations/coco.json".into()],
        losses: vec![],
        creator: "anna@station".into(),
        fingerprint: fingerprint(&key(1).public()),
        two_person,
        sealed,
    }
}

fn frozen(two_person: bool, sealed: bool) -> Frozen {
    let mut info = info();
    if two_person {
        info.policy = ExportPolicy::Two;
    }
    let entries = vec![
        datasheet(two_person, sealed).entry(),
        Entry::bytes("data/annotations/coco.json", b"{}\n".to_vec()),
        Entry::bytes("data/media/00ff.png", (0..=255).cycle().take(200_000).collect()),
        Entry::bytes("data/notes/überblick (1).txt", b"names\n".to_vec()),
        Entry::bytes("data/empty", vec![]),
    ];
    Draft { info, entries }.freeze().unwrap()
}

/// The lines of the datasheet's Linux part.
fn lines(text: &str) -> Vec<String> {
    let part = text.split("Linux:\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
    part.lines().map(|line| line.trim().to_owned()).collect()
}

/// Runs the datasheet's lines in `home`, where NAME.bag.zip (or .age) and the signers lie.
fn run(home: &Path, text: &str) -> Result<String, String> {
    let script = lines(text)
        .join("\n")
        .replace("ALLOWED_SIGNERS", "../allowed_signers")
        .replace("APPROVER", "bert");
    let output = Command::new("bash").args(["-ec", &script]).current_dir(home).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{script}\n{said}")) }
}

fn lay(home: &Path, bytes: &[u8]) {
    let _ = fs::remove_dir_all(home.join("NAME"));
    fs::write(home.join("NAME.bag.zip"), bytes).unwrap();
    let anna =
        allowed_signers_line("anna@station", &key(1).public(), &[BundleRole::Creator]).unwrap();
    let bert = allowed_signers_line("bert", &key(2).public(), &[BundleRole::Approver]).unwrap();
    fs::write(home.join("allowed_signers"), format!("{anna}\n{bert}\n")).unwrap();
}

fn have_tools() -> bool {
    ["bash", "unzip", "sha512sum", "ssh-keygen", "find"].iter().all(|tool| has_tool(tool))
}

#[test]
fn the_datasheets_own_lines_verify_a_sound_bundle() {
    if !have_tools() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for two_person in [false, true] {
        let frozen = frozen(two_person, false);
        let mut signatures = sign(&frozen);
        if two_person {
            let role = BundleRole::Approver;
            signatures.approver = Some(sign_bundle(&key(2), role, frozen.tagmanifest()).unwrap());
        }
        let bytes = common::write(&frozen, &signatures);
        common::verify(&bytes).unwrap();
        lay(home.path(), &bytes);
        let said = run(home.path(), &datasheet(two_person, false).text()).unwrap();
        assert!(
            said.contains("Good \"vaultmark-bundle-creator\" signature for anna@station"),
            "{said}"
        );
        assert_eq!(
            said.contains("Good \"vaultmark-bundle-approver\" signature for bert"),
            two_person
        );
        let test = Command::new("unzip")
            .args(["-t", "NAME.bag.zip"])
            .current_dir(home.path())
            .output()
            .unwrap();
        assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
    }
}

/// Unpacked, changed, and the lines after `unzip` run again.
fn after(change: impl Fn(&Path)) -> Result<String, String> {
    let home = tempfile::tempdir().unwrap();
    let frozen = frozen(false, false);
    lay(home.path(), &common::write(&frozen, &sign(&frozen)));
    let text = datasheet(false, false).text();
    run(home.path(), &text)?;
    change(&home.path().join("NAME"));
    run(home.path(), &text.replace("unzip -q NAME.bag.zip -d NAME && cd NAME", "cd NAME"))
}

#[test]
fn the_same_lines_find_what_was_altered() {
    if !have_tools() {
        return;
    }
    after(|_| {}).unwrap();
    type Change = fn(&Path);
    let changes: [(&str, Change); 6] = [
        ("FAILED", |bag| fs::write(bag.join("data/annotations/coco.json"), b"[]\n").unwrap()),
        ("FAILED", |bag| fs::remove_file(bag.join("data/empty")).unwrap()),
        ("test ", |bag| fs::write(bag.join("data/put in"), b"x").unwrap()),
        ("FAILED", |bag| {
            let info = fs::read_to_string(bag.join("bag-info.txt")).unwrap();
            fs::write(bag.join("bag-info.txt"), info.replace("UNCLASS", "CLASS")).unwrap();
        }),
        ("Could not verify", |bag| {
            let path = bag.join("tagmanifest-sha512.txt");
            let lines = fs::read_to_string(&path).unwrap();
            let lines: Vec<_> = lines.lines().rev().collect();
            fs::write(path, lines.join("\n") + "\n").unwrap();
        }),
        ("Could not verify", |bag| {
            // A valid signature of the wrong role.
            let message = fs::read(bag.join("tagmanifest-sha512.txt")).unwrap();
            let text = sign_bundle(&key(1), BundleRole::Approver, &message).unwrap();
            fs::write(bag.join("signatures/creator.sig"), text).unwrap();
        }),
    ];
    for (index, (told, change)) in changes.into_iter().enumerate() {
        let said = after(change).expect_err("found");
        assert!(said.contains(told), "change {index}: {said}");
    }
}

#[test]
fn a_stranger_signs_in_vain() {
    if !have_tools() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let frozen = frozen(false, false);
    let creator = sign_bundle(&key(7), BundleRole::Creator, frozen.tagmanifest()).unwrap();
    lay(home.path(), &common::write(&frozen, &Signatures { creator, approver: None }));
    let said = run(home.path(), &datasheet(false, false).text()).unwrap_err();
    assert!(said.contains("Could not verify"), "{said}");
}

#[test]
fn a_signature_made_by_ssh_keygen_is_read() {
    if !has_tool("ssh-keygen") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let in_home = |args: &[&str]| {
        let output =
            Command::new("ssh-keygen").args(args).current_dir(home.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    in_home(&["-q", "-t", "ed25519", "-N", "", "-f", "id", "-C", "carl"]);
    let frozen = frozen(false, false);
    fs::write(home.path().join("message"), frozen.tagmanifest()).unwrap();
    in_home(&["-Y", "sign", "-q", "-f", "id", "-n", "vaultmark-bundle-creator", "message"]);
    let creator = fs::read_to_string(home.path().join("message.sig")).unwrap();
    let bytes = common::write(&frozen, &Signatures { creator, approver: None });
    let public = fs::read_to_string(home.path().join("id.pub")).unwrap();
    let trust = vaultmark_bundle::Trust::parse(&format!("carl {public}")).unwrap();
    let bundle = common::verify_with(&bytes, &trust).unwrap();
    assert_eq!(bundle.creator().principal.as_deref(), Some("carl"));
}

#[test]
fn a_sealed_bundle_streams_into_age_and_opens_with_the_stock_tool() {
    if !have_tools() || !has_tool("age") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let identity = Identity::generate(&FixedEntropy::new(5)).unwrap();
    let frozen = frozen(false, true);
    let signatures = sign(&frozen);
    let plain = common::write(&frozen, &signatures);
    lay(home.path(), b"");
    fs::remove_file(home.path().join("NAME.bag.zip")).unwrap();
    let file = fs::File::create(home.path().join("NAME.bag.zip.age")).unwrap();
    let mut sealed = AgeWriter::new(file, &[identity.recipient()]).unwrap();
    Work::quiet(|work| frozen.write(&mut sealed, &signatures, work)).unwrap();
    sealed.finish().unwrap();
    fs::write(home.path().join("KEY.txt"), identity.secret_string().as_bytes()).unwrap();
    let said = run(home.path(), &datasheet(false, true).text()).unwrap();
    assert!(said.contains("Good"), "{said}");
    assert_eq!(fs::read(home.path().join("NAME.bag.zip")).unwrap(), plain);
}
