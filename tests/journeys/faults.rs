//! Disks that fail a flush or a write at the n-th call: an error is told, nothing acknowledged is
//! lost, and the same command succeeds afterwards.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::support::{Place, files_below, fixtures, made, strace};

/// A vault with something acknowledged, and a folder to import.
fn prepared() -> (Place, std::path::PathBuf) {
    let place = fixtures::small();
    let folder = place.folder().join("more");
    fs::create_dir(&folder).unwrap();
    for n in 0..4 {
        fs::write(folder.join(format!("{n}.png")), made::noise(40, 40, 300 + n)).unwrap();
    }
    (place, folder)
}

/// Fails each of some calls of a command, on a copy each; `settled` looks at what is there after the
/// command was run again without faults.
fn each_fault(
    calls: &str,
    fault: &str,
    at: &[u32],
    base: &Place,
    words: &[&OsStr],
    settled: impl Fn(&Place),
) {
    let mut told = 0;
    for n in at {
        let place = Place::copy_of(base);
        let (done, happened) = strace::with_fault(&place, calls, fault, *n, words);
        let when = format!("{fault} at the {n}th {calls} of {words:?}");
        if done.code == 0 {
            // Where nothing failed, or what failed was only a flush that is tried again.
            place.is_whole(&when);
            settled(&place);
            continue;
        }
        assert!(happened, "{when} did not happen, yet {done:?}");
        assert!(done.code > 0 && done.err.len() > 20, "{when}: {done:?}");
        told += 1;
        let (items, annotations) = place.counts();
        assert!(items >= 3 && annotations >= 5, "{when}: {items} items, {annotations} annotations");
        place.is_whole(&when);
        let again = place.run(words);
        assert_eq!(again.code, 0, "{when}, then again: {again:?}");
        settled(&place);
        place.is_whole(&format!("{when}, then again"));
    }
    assert!(told > 0, "no {calls} of {words:?} failed");
}

#[test]
fn a_flush_that_fails_during_an_import_is_told() {
    if !strace::is_allowed() {
        return;
    }
    let (base, folder) = prepared();
    let words = [OsStr::new("import"), folder.as_os_str()];
    for call in ["fsync", "fdatasync"] {
        each_fault(call, "EIO", &[1, 3, 5, 8, 9, 10, 12, 14, 16, 18], &base, &words, |place| {
            assert_eq!(place.counts(), (7, 5));
        });
    }
}

#[test]
fn a_flush_that_fails_during_a_commit_is_told() {
    if !strace::is_allowed() {
        return;
    }
    let base = fixtures::small();
    let words = ["labels", "set", "river"].map(OsStr::new);
    for call in ["fsync", "fdatasync"] {
        each_fault(call, "EIO", &[2, 4, 6, 7, 8, 9, 10], &base, &words, |place| {
            let labels = place.run(["--json", "labels", "list"]).ok().json();
            assert!(
                labels.as_array().unwrap().iter().any(|label| label["name"] == "river"),
                "{labels:#}"
            );
        });
    }
}

#[test]
fn a_write_without_room_is_told() {
    if !strace::is_allowed() {
        return;
    }
    let (base, folder) = prepared();
    let words = [OsStr::new("import"), folder.as_os_str()];
    each_fault("pwrite64", "ENOSPC", &[1, 2, 4, 7, 12, 20, 30], &base, &words, |place| {
        assert_eq!(place.counts(), (7, 5));
    });
}

#[test]
fn a_flush_that_fails_during_a_bundle_leaves_no_file() {
    if !strace::is_allowed() {
        return;
    }
    let base = fixtures::small();
    let out = base.out("bundle");
    fs::create_dir(&out).unwrap();
    let to = out.join("b.bag.zip");
    let words = ["bundle", "create", "--media", "--justification", "x", "--to"].map(OsStr::new);
    let words: Vec<_> = words.into_iter().chain([to.as_os_str()]).collect();
    // That the same command succeeds afterwards says that nothing was left: it overwrites nothing.
    for call in ["fsync", "fdatasync"] {
        each_fault(call, "EIO", &[1, 4, 8, 9, 10, 11, 12, 13, 14], &base, &words, |place| {
            place.run([OsStr::new("bundle"), OsStr::new("verify"), to.as_os_str()]).ends(4);
            assert_eq!(files_below(&out), [Path::new("b.bag.zip")]);
            fs::remove_file(&to).unwrap();
        });
    }
}
