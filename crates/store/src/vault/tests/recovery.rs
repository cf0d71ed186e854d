//! The recovery sheet opens everything with the stock `age` tool, when all passphrases are lost.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::io::Write;
use std::process::{Command, Stdio};

use minicbor::Decoder;
use vaultmark_crypto::Key;

use super::*;
use crate::vault::directory::Directory;
use crate::vault::header::Header;
use crate::vault::wrap_record::WrapRecord;

/// `age -d -i <sheet>` of `sealed`; none where the tool is not installed.
fn age(sheet: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let (key, file) = (folder.path().join("sheet"), folder.path().join("sealed"));
    std::fs::write(&key, sheet).unwrap();
    std::fs::File::create(&file).unwrap().write_all(sealed).unwrap();
    let output = Command::new("age")
        .arg("-d")
        .arg("-i")
        .arg(&key)
        .arg(&file)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    assert!(output.status.success());
    Some(output.stdout)
}

#[test]
fn the_sheet_opens_the_vault_key_and_every_project_key() {
    let place = Place::new();
    let (vault, sheet) = place.create();
    let project = vault.create_project("p", Marking::new("X").unwrap()).unwrap();
    let id = project.id();
    drop(project);
    let header = Header::read(&place.path().join("vault.header")).unwrap();
    assert_eq!(header.recovery, sheet.recipient);
    vault.lock().unwrap();

    let Some(plain) = age(sheet.expose(), &header.recovery_wrap) else {
        eprintln!("skipped: the stock age tool is not installed");
        return;
    };
    let mut d = Decoder::new(&plain);
    assert_eq!((d.array().unwrap(), d.u8().unwrap()), (Some(3), 1));
    assert_eq!(d.bytes().unwrap(), header.front.vault.as_bytes());
    let vault_key = Key::from_slice(d.bytes().unwrap()).unwrap();

    let path = place.path().join("directory.db");
    let directory = Directory::open(&path, &vault_key, header.front.vault).unwrap();
    let signed = directory.newest_wrap(id, &sheet.recipient).unwrap().unwrap();
    let record = WrapRecord::verify(&signed).unwrap();
    let plain = age(sheet.expose(), &record.ciphertext).unwrap();
    let mut d = Decoder::new(&plain);
    assert_eq!((d.array().unwrap(), d.u8().unwrap()), (Some(5), 1));
    assert_eq!(d.bytes().unwrap(), id.as_bytes());
    assert_eq!(d.u32().unwrap(), 1);
    assert_eq!(d.bytes().unwrap().len(), 32);
    assert_eq!(d.bytes().unwrap(), record.fingerprint.as_bytes());
}

#[test]
fn a_vault_whose_sheet_reached_nobody_is_taken_back() {
    let place = Place::new();
    let (vault, first) = place.create();
    vault.unmake().unwrap();
    assert!(matches!(place.open(), Err(StoreError::NotAVault { .. })));
    let (vault, second) = place.create();
    assert_ne!(first.recipient, second.recipient);
    vault.lock().unwrap();

    let vault = place.unlock().unwrap();
    drop(vault.create_project("p", Marking::new("X").unwrap()).unwrap());
    assert!(matches!(vault.unmake(), Err(StoreError::Refused { .. })));
    assert!(place.unlock().is_ok(), "a vault with a project is left alone");
}
