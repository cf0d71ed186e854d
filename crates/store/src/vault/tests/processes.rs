//! A second process, a killed one, a folder that can't be written, a disk that is full. Each runs
//! this test program again for one of the tests named `child_…`, which do nothing by themselves.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the child tells its parent")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::audit::Event;

const FOLDER: &str = "VAULTMARK_TEST_FOLDER";

/// This program, to run the test `name` alone with a folder to work on.
fn again(name: &str, folder: &Path, before: &[&str]) -> Command {
    let program = std::env::current_exe().unwrap();
    let words: Vec<_> = before.iter().map(|word| (*word).to_owned()).collect();
    let mut command = match words.split_first() {
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
        None => Command::new(program),
    };
    command
        .args(["--exact", &format!("vault::tests::processes::{name}"), "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn wait_for(child: &mut Child, word: &str) -> bool {
    let output = child.stdout.take().unwrap();
    BufReader::new(output).lines().map_while(Result::ok).any(|line| line.contains(word))
}

fn system() -> Arc<Ambient> {
    Ambient::system()
}

#[test]
fn child_holds_the_vault() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let vault = LockedVault::open(Path::new(&folder), system())
        .unwrap()
        .unlock(OFFICER, &passphrase(PASSPHRASE))
        .unwrap();
    vault.record(Event::new("item.open")).unwrap();
    println!("held");
    std::thread::sleep(std::time::Duration::from_secs(600));
}

#[test]
fn a_second_process_is_refused_until_the_first_is_killed() {
    let place = Place::new().made();
    let mut child = again("child_holds_the_vault", &place.path(), &[]).spawn().unwrap();
    assert!(wait_for(&mut child, "held"));
    let error = LockedVault::open(&place.path(), system()).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyOpen));
    assert!(!error.to_string().contains(OFFICER));
    child.kill().unwrap();
    child.wait().unwrap();
    // The kill lets go of the lock, and nothing that was acknowledged is lost.
    let locked = LockedVault::open(&place.path(), system()).unwrap();
    let vault = locked.unlock(OFFICER, &passphrase(PASSPHRASE)).unwrap();
    assert!(vault.verify_audit().unwrap().findings.is_empty());
    let mut seen = false;
    vault
        .audit()
        .entries(0, &mut |entry| {
            seen |= entry.event.is_some_and(|event| event.action == "item.open");
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    assert!(seen);
}

/// Kills a child at many moments of a session; what it acknowledged must be there.
#[test]
fn child_records_for_ever() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let vault = LockedVault::open(Path::new(&folder), system())
        .unwrap()
        .unlock(OFFICER, &passphrase(PASSPHRASE))
        .unwrap();
    for at in 0.. {
        vault.record(Event::new("item.open").subject(at)).unwrap();
        println!("acknowledged {at}.");
    }
}

#[test]
fn nothing_acknowledged_is_lost_by_kills() {
    let place = Place::new().made();
    let mut expected = 0;
    for round in 0..6_usize {
        let mut child = again("child_records_for_ever", &place.path(), &[]).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines().map_while(Result::ok);
        // Another number of entries each round, so that the kill meets other moments.
        let mut count = 0;
        let few = lines.by_ref().filter(|line| line.contains("acknowledged"));
        count += few.take(5 + round * 3).count();
        child.kill().unwrap();
        count += lines.filter(|l| l.contains("acknowledged") && l.ends_with('.')).count();
        child.wait().unwrap();
        expected += count;
        let locked = LockedVault::open(&place.path(), system()).unwrap();
        let vault = locked.unlock(OFFICER, &passphrase(PASSPHRASE)).unwrap();
        let report = vault.verify_audit().unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        let mut found = 0;
        vault
            .audit()
            .entries(0, &mut |entry| {
                found += usize::from(entry.event.is_some_and(|e| e.action == "item.open"));
                Ok(std::ops::ControlFlow::Continue(()))
            })
            .unwrap();
        // At most one entry per kill was durable and not yet acknowledged.
        assert!(found >= expected && found <= expected + round + 1, "{found} {expected}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_said_in_words() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new().made();
    let readable = |mode| {
        for entry in walkdir::WalkDir::new(place.folder.path()) {
            let entry = entry.unwrap();
            let mode = if entry.file_type().is_dir() { mode } else { mode & !0o111 };
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    readable(0o555);
    let path = place.path();
    let ambient = Arc::clone(&place.ambient);
    let result = std::thread::spawn(move || {
        if rustix::process::geteuid().is_root() {
            // Of this thread alone: to root nothing is read-only.
            let nobody = rustix::thread::Uid::from_raw(65_534);
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        }
        LockedVault::open(&path, ambient).map(|_| ())
    })
    .join()
    .unwrap();
    readable(0o755);
    assert!(matches!(result, Err(StoreError::ReadOnly { .. })), "{result:?}");
}

#[test]
fn child_fills_the_disk() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let (vault, _) = LockedVault::create(folder, new_vault(), system()).unwrap();
    fs::write(folder.join("filler"), vec![0; 1 << 20]).unwrap_err();
    let error = loop {
        if let Err(error) = vault.record(Event::new("item.open")) {
            break error;
        }
    };
    let told = error.to_string();
    drop(vault);
    fs::remove_file(folder.join("filler")).unwrap();
    let vault = LockedVault::open(folder, system())
        .unwrap()
        .unlock(OFFICER, &passphrase(PASSPHRASE))
        .unwrap();
    let report = vault.verify_audit().unwrap();
    println!("{told} / {} findings", report.findings.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_nothing_before_it_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mount =
        format!("mount -t tmpfs -o size=1m tmpfs {} && exec \"$@\"", folder.path().display());
    let inside = ["unshare", "-rm", "sh", "-c", &mount, "sh"];
    let works = Command::new(inside[0])
        .args(&inside[1..])
        .arg("true")
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !works {
        eprintln!("skipped: no small file system can be mounted here");
        return;
    }
    let vault = folder.path().join("vault");
    let output = again("child_fills_the_disk", &vault, &inside).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("the disk is full") && told.contains("/ 0 findings"), "{told}");
}
