//! Decoders that die or hang while many pictures are imported: each costs one file.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use vaultmark::media::Limits;

use super::{OWN_KIB, complete};
use crate::support::measured::{self, Cost};
use crate::support::{Place, files_below, made};

/// Imports many pictures, does something to one of the decoders once files are being sealed, and
/// gives the report and what it cost.
fn import_while(place: &Place, folder: &Path, signal: Signal) -> (serde_json::Value, Cost) {
    let blobs = || files_below(place.vault()).len();
    let before = blobs();
    let mut done_to = None;
    let words = [OsStr::new("--json"), OsStr::new("import"), folder.as_os_str()];
    let (done, cost) = measured::watched(place, words, &mut |_, decoders| {
        if done_to.is_none() && !decoders.is_empty() && blobs() > before + 4 {
            let one = Pid::from_raw(i32::try_from(decoders[0]).unwrap()).unwrap();
            kill_process(one, signal).unwrap();
            done_to = Some(one);
        }
    });
    assert!(done_to.is_some(), "no decoder was met: {done:?}");
    (done.ends(4).json(), cost)
}

/// A folder of pictures of which each takes a decoder some milliseconds.
fn many(place: &Place, count: u64) -> PathBuf {
    let folder = place.folder().join("many");
    fs::create_dir(&folder).unwrap();
    for n in 0..count {
        fs::write(folder.join(format!("{n}.png")), made::noise(160, 120, 5000 + n)).unwrap();
    }
    folder
}

/// One file was lost to its decoder; the others are in, and it comes in with the next import.
fn cost_one_file(place: &Place, folder: &Path, count: u64, report: &serde_json::Value, why: &str) {
    let refused = report["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 1, "{report:#}");
    assert_eq!(report["imported"].as_u64(), Some(count - 1));
    let file = PathBuf::from(refused[0]["file"].as_str().unwrap());
    assert!(file.starts_with(folder), "{}", file.display());
    complete(&file, &refused[0]);
    let reason = refused[0]["reason"].as_str().unwrap();
    assert!(reason.contains(why), "{why:?} in {reason}");
    place.is_whole("after a decoder failed");
    let again = place.run([OsStr::new("--json"), OsStr::new("import"), folder.as_os_str()]).ok();
    let again = again.json();
    assert_eq!(
        (again["imported"].as_u64(), again["duplicates"].as_u64()),
        (Some(1), Some(count - 1))
    );
    place.is_whole("after the file came in");
}

#[test]
fn a_decoder_that_dies_costs_one_file() {
    let place = Place::with_project("many");
    let folder = many(&place, 150);
    let (report, cost) = import_while(&place, &folder, Signal::KILL);
    cost_one_file(&place, &folder, 150, &report, "signal 9");
    assert!(cost.own_kib <= OWN_KIB && cost.children >= 2, "{cost}");
    eprintln!("a decoder killed among 150 pictures: {cost}");
}

#[test]
fn a_decoder_that_hangs_costs_one_file_and_the_stated_time() {
    let place = Place::with_project("many");
    let folder = many(&place, 150);
    let (report, cost) = import_while(&place, &folder, Signal::STOP);
    let limit = f64::from(Limits::default().seconds);
    cost_one_file(&place, &folder, 150, &report, "longer than the limit of 60 s");
    assert!(cost.seconds >= limit && cost.seconds < limit + 30.0, "{cost}");
    eprintln!("a decoder stopped among 150 pictures: {cost}");
}
