//! What we sign and seal, stock `ssh-keygen` and `age` verify and open; and what they make, we do.
//! A tool that is not installed is named and its test passes without it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use vaultmark_crypto::testing::FixedEntropy;
use vaultmark_crypto::{
    AgeWriter, BundleRole, Identity, PROGRAM_NAMESPACE, Recipient, SigningKey,
    allowed_signers_line, fingerprint, openssh_public, parse_allowed_signers, sha512, sign_bundle,
    verify_bundle, verify_program, wrap,
};

/// Runs a tool in `dir` with `input`; `None`, and a line that says so, where it is not installed.
fn run(dir: &Path, tool: &str, arguments: &[&str], input: &[u8]) -> Option<Output> {
    let input_file = dir.join("stdin");
    fs::write(&input_file, input).unwrap();
    let child = Command::new(tool)
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::from(File::open(input_file).unwrap()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match child {
        Ok(child) => Some(child.wait_with_output().unwrap()),
        Err(_) => {
            eprintln!("skipped: {tool} is not installed");
            None
        }
    }
}

fn signer() -> SigningKey {
    SigningKey::generate(&FixedEntropy::new(5)).unwrap()
}

fn verify_with_keygen(dir: &Path, role: BundleRole, principal: &str, input: &[u8]) -> Option<bool> {
    let namespace = role.namespace();
    let arguments =
        ["-Y", "verify", "-f", "allowed", "-I", principal, "-n", namespace, "-s", "file.sig"];
    run(dir, "ssh-keygen", &arguments, input).map(|output| output.status.success())
}

#[test]
fn ssh_keygen_verifies_our_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let message = b"c0ffee  bagit.txt\n";
    for role in BundleRole::ALL {
        let line = allowed_signers_line("alice@site-1", &signer().public(), &[role]).unwrap();
        fs::write(dir.join("allowed"), format!("{line}\n")).unwrap();
        fs::write(dir.join("file.sig"), sign_bundle(&signer(), role, message).unwrap()).unwrap();
        let Some(verified) = verify_with_keygen(dir, role, "alice@site-1", message) else { return };
        assert!(verified, "{role:?}");
        assert_eq!(verify_with_keygen(dir, role, "alice@site-1", b"altered"), Some(false));
        assert_eq!(verify_with_keygen(dir, role, "bob@site-1", message), Some(false));
        for other in BundleRole::ALL.into_iter().filter(|other| *other != role) {
            assert_eq!(verify_with_keygen(dir, other, "alice@site-1", message), Some(false));
        }
    }
}

#[test]
fn ssh_keygen_prints_our_fingerprint() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("key.pub"), openssh_public(&signer().public(), "alice")).unwrap();
    let Some(output) = run(dir.path(), "ssh-keygen", &["-lf", "key.pub"], b"") else { return };
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains(&fingerprint(&signer().public())), "{printed}");
}

#[test]
fn we_verify_what_ssh_keygen_signs() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let make = ["-q", "-t", "ed25519", "-N", "", "-C", "someone", "-f", "key"];
    if run(dir, "ssh-keygen", &make, b"").is_none() {
        return;
    }
    fs::write(dir.join("message"), b"text").unwrap();
    let role = BundleRole::Approver;
    let sign = ["-Y", "sign", "-f", "key", "-n", role.namespace(), "message"];
    assert!(run(dir, "ssh-keygen", &sign, b"").unwrap().status.success());
    let armored = fs::read_to_string(dir.join("message.sig")).unwrap();
    let key = verify_bundle(&armored, role, b"text").unwrap();
    let public = fs::read_to_string(dir.join("key.pub")).unwrap();
    assert_eq!(openssh_public(&key, "someone").trim(), public.trim());
    let signers = parse_allowed_signers(&format!("someone {public}")).unwrap();
    assert_eq!(signers[0].key, key);
    assert!(verify_bundle(&armored, BundleRole::Creator, b"text").is_err());
}

#[test]
fn we_verify_a_program_that_ssh_keygen_signs() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let make = ["-q", "-t", "ed25519", "-N", "", "-C", "builder", "-f", "key"];
    if run(dir, "ssh-keygen", &make, b"").is_none() {
        return;
    }
    let program: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(dir.join("program"), &program).unwrap();
    let sign = |namespace: &str| {
        let _ = fs::remove_file(dir.join("program.sig"));
        let words = ["-Y", "sign", "-f", "key", "-n", namespace, "program"];
        assert!(run(dir, "ssh-keygen", &words, b"").unwrap().status.success());
        fs::read_to_string(dir.join("program.sig")).unwrap()
    };
    let armored = sign(PROGRAM_NAMESPACE);
    let key = verify_program(&armored, &sha512(&program)).unwrap();
    let listed = run(dir, "ssh-keygen", &["-lf", "key.pub"], b"").unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains(&fingerprint(&key)), "{listed}");
    assert!(verify_program(&armored, &sha512(&program[1..])).is_err());
    assert!(verify_program(&sign("git"), &sha512(&program)).is_err());
}

#[test]
fn age_opens_what_we_seal() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let identity = Identity::generate(&FixedEntropy::new(6)).unwrap();
    let other = Identity::generate(&FixedEntropy::new(7)).unwrap();
    fs::write(dir.join("key"), format!("{}\n", &*identity.secret_string())).unwrap();
    let recipients = [other.recipient(), identity.recipient()];
    let long: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    for plaintext in [&b""[..], b"a wrapped key", &long] {
        fs::write(dir.join("whole.age"), wrap::wrap(plaintext, &recipients).unwrap()).unwrap();
        let file = File::create(dir.join("stream.age")).unwrap();
        let mut writer = AgeWriter::new(file, &recipients).unwrap();
        plaintext.chunks(10_001).for_each(|piece| writer.write_all(piece).unwrap());
        writer.finish().unwrap();
        for name in ["whole.age", "stream.age"] {
            let Some(output) = run(dir, "age", &["-d", "-i", "key", name], b"") else { return };
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(output.stdout == plaintext);
        }
    }
}

#[test]
fn we_open_what_age_seals() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let Some(made) = run(dir, "age-keygen", &[], b"") else { return };
    let text = String::from_utf8(made.stdout).unwrap();
    let secret = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap();
    let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let identity = Identity::from_secret_string(secret).unwrap();
    assert_eq!(identity.recipient(), public.parse::<Recipient>().unwrap());
    let sealed = run(dir, "age", &["-r", public], b"from elsewhere").unwrap();
    assert_eq!(&*wrap::unwrap(&sealed.stdout, &identity).unwrap(), b"from elsewhere");
}
