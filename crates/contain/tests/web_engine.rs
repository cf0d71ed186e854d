//! Whether the walls around what draws pages are told from none, on a program that has its name.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use vaultmark_contain::{Probe, can_wall_web_engine, probe_web_engine};

/// What runs until the test ends it.
struct Drawing(Child);

impl Drawing {
    fn start(command: &mut Command) -> Self {
        Self(command.arg("60").spawn().unwrap())
    }

    /// What is seen of it, once it runs.
    fn seen(&self, home: &Path, vault: &Path) -> Vec<Probe> {
        for _ in 0..200 {
            let seen = probe_web_engine(Some(home), Some(vault));
            if !seen.is_empty() {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{} is not found", self.0.id());
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

// One test: a process looks at all that it started.
#[test]
fn walls_around_what_draws_are_told_from_none() {
    assert!(probe_web_engine(None, None).is_empty(), "nothing draws yet");
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("a vault");
    let (part, other) = (folder.join("projects"), place.path().join("fonts"));
    fs::create_dir_all(&part).unwrap();
    fs::create_dir(&other).unwrap();
    let program = place.path().join("WebKitWebProcess");
    fs::copy("/bin/sleep", &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let look = |drawing: &Drawing| {
        let seen = drawing.seen(place.path(), &folder);
        seen.into_iter().map(|probe| (probe.held, probe.seen)).collect::<Vec<_>>()
    };
    let there = || (false, "there".to_owned());
    let absent = || (true, "not there".to_owned());

    let plain = Drawing::start(&mut Command::new(&program));
    assert_eq!(look(&plain), [there(), there(), there()]);
    drop(plain);

    if let Err(why) = can_wall_web_engine() {
        eprintln!("skipped: {why}");
        return;
    }
    let walled = |shown: &Path| {
        let mut walled = Command::new("/usr/bin/bwrap");
        walled.args(["--unshare-net", "--unshare-pid", "--die-with-parent", "--proc", "/proc"]);
        for part in ["/usr", "/lib", "/lib64"] {
            walled.args(["--ro-bind-try", part, part]);
        }
        walled.arg("--ro-bind").arg(&program).arg("/WebKitWebProcess");
        walled.arg("--ro-bind").arg(shown).arg("/shown");
        Drawing::start(walled.args(["--", "/WebKitWebProcess"]))
    };
    assert_eq!(look(&walled(&other)), [absent(), absent(), absent()]);
    // A part of it, and more than it, under another name.
    assert_eq!(look(&walled(&part)), [absent(), absent(), there()]);
    assert_eq!(look(&walled(place.path())), [absent(), there(), there()]);
}
