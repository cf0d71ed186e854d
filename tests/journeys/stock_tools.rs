//! A stranger verifies a bundle with the tools that every workstation has, by the lines that the
//! bundle and the manual give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Place, fixtures, has_tool, root, tool};

fn has_all() -> bool {
    ["unzip", "sha512sum", "ssh-keygen", "sh"].iter().all(|name| has_tool(name))
}

fn shell(folder: &Path, script: &str) -> Output {
    Command::new("sh").args(["-e", "-c", script]).current_dir(folder).output().unwrap()
}

/// A bundle with media, unpacked; the folder and the signer's line.
fn unpacked(place: &Place) -> (PathBuf, PathBuf) {
    let bundle = place.bundle("field.bag.zip", &["--media"]);
    let bag = place.out("bag");
    tool(Command::new("unzip").arg("-q").arg(&bundle).arg("-d").arg(&bag));
    (bag, place.signers())
}

#[test]
fn unzip_sha512sum_and_ssh_keygen_agree() {
    if !has_all() {
        return;
    }
    let place = fixtures::small();
    let (bag, signers) = unpacked(&place);
    let sums = "sha512sum -c --quiet --strict tagmanifest-sha512.txt && sha512sum -c --quiet --strict manifest-sha512.txt";
    let count = "test \"$(find data -type f | wc -l)\" -eq \"$(wc -l < manifest-sha512.txt)\"";
    let signature = |role: &str| {
        format!(
            "ssh-keygen -Y verify -f {} -I alice -n vaultmark-bundle-{role} -s signatures/creator.sig < tagmanifest-sha512.txt",
            signers.display()
        )
    };
    assert!(shell(&bag, sums).status.success());
    assert!(shell(&bag, count).status.success());
    let good = shell(&bag, &signature("creator"));
    assert!(String::from_utf8_lossy(&good.stdout).starts_with("Good "), "{good:?}");
    assert!(!shell(&bag, &signature("approver")).status.success(), "the roles are kept apart");

    // What was imported comes out bit for bit, under the item's identifier.
    let items = fs::read_to_string(bag.join("data/items.jsonl")).unwrap();
    assert_eq!(items.lines().count(), 3);
    for line in items.lines() {
        let item: serde_json::Value = serde_json::from_str(line).unwrap();
        let media = bag.join(item["media"].as_str().unwrap());
        let sum = tool(Command::new("sha512sum").arg(media));
        assert!(sum.starts_with(item["sha512"].as_str().unwrap()));
    }

    // Each tool sees what it is there for.
    fs::write(bag.join("data/extra.txt"), "put in later").unwrap();
    assert!(shell(&bag, sums).status.success() && !shell(&bag, count).status.success());
    fs::remove_file(bag.join("data/extra.txt")).unwrap();
    let native = bag.join("data/annotations/native.json");
    let text = fs::read_to_string(&native).unwrap();
    fs::write(&native, text.replacen("tree", "tref", 1)).unwrap();
    assert!(!shell(&bag, sums).status.success());
    fs::write(&native, text).unwrap();
    let manifest = bag.join("tagmanifest-sha512.txt");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("bag-info", "bag-inf0", 1)).unwrap();
    assert!(!shell(&bag, &signature("creator")).status.success());
}

/// The lines of a text file's `Linux:` section.
fn linux_lines(readme: &str) -> String {
    let section = readme.split("\nLinux:\n").nth(1).unwrap().split("\nWindows").next().unwrap();
    let lines: Vec<_> = section.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 4, "{section}");
    lines.join("\n")
}

#[test]
fn the_lines_of_the_datasheet_work_as_they_stand() {
    if !has_all() || !has_tool("age") || !has_tool("age-keygen") {
        return;
    }
    let place = fixtures::small();
    let signers = place.signers();
    let key = place.out("KEY.txt");
    tool(Command::new("age-keygen").arg("-o").arg(&key));
    let recipient = tool(Command::new("age-keygen").arg("-y").arg(&key));
    for (name, more) in [
        ("plain.bag.zip", vec![]),
        ("sealed.bag.zip.age", vec!["--media", "--seal-to", recipient.trim()]),
    ] {
        let bundle = place.bundle(name, &more);
        // The datasheet is read as a receiver does: first unsealed, then unpacked.
        let stem = name.split('.').next().unwrap();
        let folder = place.out(&format!("{stem}-work"));
        fs::create_dir(&folder).unwrap();
        fs::copy(&bundle, folder.join(name)).unwrap();
        fs::copy(&key, folder.join("KEY.txt")).unwrap();
        let unsealed = if name.ends_with(".age") {
            assert!(fs::read(&bundle).unwrap().starts_with(b"age-encryption.org/v1\n"));
            let unsealed = place.out("unsealed.bag.zip");
            tool(
                Command::new("age")
                    .arg("-d")
                    .arg("-i")
                    .arg(&key)
                    .arg("-o")
                    .arg(&unsealed)
                    .arg(&bundle),
            );
            let done = place.run(["bundle", "verify", bundle.to_str().unwrap()]).ends(1);
            assert!(done.err.contains("sealed"), "{done:?}");
            place
                .run([
                    "bundle",
                    "verify",
                    unsealed.to_str().unwrap(),
                    "--signers",
                    signers.to_str().unwrap(),
                ])
                .ok();
            unsealed
        } else {
            bundle
        };
        let readme = tool(Command::new("unzip").arg("-p").arg(&unsealed).arg("data/README.txt"));
        let script = linux_lines(&readme)
            .replace("NAME", stem)
            .replace("ALLOWED_SIGNERS", signers.to_str().unwrap());
        let output = shell(&folder, &script);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("Good \"vaultmark-bundle-creator\""),
            "{script}\n{output:?}"
        );
    }
}

#[test]
fn the_lines_of_the_manual_work_as_they_stand() {
    if !has_all() {
        return;
    }
    let place = fixtures::small();
    fs::copy(place.signers(), place.out("alice.allowed_signers")).unwrap();
    place.bundle("out.bag.zip", &["--media"]);
    let page = fs::read_to_string(root().join("docs-offline/verify-without-us.md")).unwrap();
    let linux = page.split("## Linux").nth(1).unwrap().split("## ").next().unwrap();
    let script =
        linux.split("```").nth(1).unwrap().trim_start_matches(|c: char| c.is_ascii_lowercase());
    let output = shell(&place.out(""), script);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains("Good \"vaultmark-bundle-creator\""),
        "{script}\n{output:?}"
    );
    let mut numbers = said.lines().rev().take(2).map(|line| line.trim().parse::<u32>().unwrap());
    assert_eq!(numbers.next(), numbers.next());
}
