//! `SIGKILL` at moments of a fixed seed: the vault opens, nothing acknowledged is lost, running the
//! command again goes on, and nothing half-written stands under its final name.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use vaultmark::model::change::Subject;
use vaultmark::store::project::ItemQuery;

use crate::provenance::note;
use crate::support::{Dice, Done, Place, WHY, files_below, fixtures, made};

/// Moments as thousandths of an undisturbed run.
fn moments<const N: usize>(seed: u64) -> [u32; N] {
    let mut dice = Dice::new(seed);
    let mut all = [(); N].map(|()| 100 + u32::try_from(dice.below(850)).unwrap());
    all.sort_unstable();
    all
}

/// How long a command takes.
fn duration(place: &Place, words: &[&OsStr]) -> Duration {
    let start = Instant::now();
    place.run(words).ok();
    start.elapsed()
}

/// Runs a command and kills it at a moment; tells how it ended.
fn killed(place: &Place, words: &[&OsStr], after: Duration) -> Done {
    let mut command = place.command(words);
    let mut child = command.spawn().unwrap();
    let _ = writeln!(child.stdin.take().unwrap(), "{}", place.passphrase);
    // The moment is what is tested: there is no condition to wait for.
    std::thread::sleep(after);
    let _ = child.kill();
    Done::new(&format!("{command:?} killed after {after:?}"), child.wait_with_output().unwrap())
}

#[test]
fn an_import_goes_on_where_it_was_killed() {
    const PICTURES: u64 = 200;
    let place = fixtures::small();
    let item = place.in_project(|session, project| {
        vaultmark::journeys::library::ids(session, project, &ItemQuery::default()).unwrap()[0]
    });
    note(&place, Subject::Item(item), "acknowledged");
    let source = place.folder().join("many");
    fs::create_dir(&source).unwrap();
    for n in 0..PICTURES {
        fs::write(source.join(format!("{n}.png")), made::noise(64, 48, 1000 + n)).unwrap();
    }
    let words = [OsStr::new("import"), source.as_os_str()];
    let whole = duration(&Place::copy_of(&place), &words);
    let (mut items, mut kills) = (3, 0);
    for moment in moments::<8>(20) {
        let done = killed(&place, &words, whole * moment / 1000);
        kills += u32::from(done.signal == Some(9));
        place.is_whole("after a kill");
        let now = place.counts();
        assert!(now.0 >= items && now.1 == 5, "{now:?} after {items} items: {done:?}");
        items = now.0;
        if done.code == 0 {
            assert_eq!(items, 3 + PICTURES, "what was acknowledged is there");
        }
    }
    assert!(kills > 0, "at least one kill must hit");
    let report = place.run(["--json", "import", source.to_str().unwrap()]).ok().json();
    assert_eq!(report["imported"].as_u64().unwrap() + report["duplicates"].as_u64().unwrap(), PICTURES);
    assert_eq!(report["duplicates"].as_u64().unwrap(), items - 3, "it goes on, and does nothing twice");
    assert_eq!(place.counts().0, 3 + PICTURES);
    let list = place.run(["--json", "items", "list"]).ok().json();
    assert!(list.as_array().unwrap().iter().any(|item| item["note"] == "acknowledged"));
    place.is_whole("after going on");
}

#[test]
fn an_annotation_file_comes_in_whole_or_not_at_all() {
    const BOXES: u64 = 4000;
    let base = fixtures::small();
    let file = base.folder().join("many.json");
    fs::write(&file, made::coco(&["0.png", "1.png", "2.png"], &["tree", "car"], 4000)).unwrap();
    let words = ["annotations", "import", "--format", "coco"].map(OsStr::new);
    let words: Vec<_> = words.into_iter().chain([file.as_os_str()]).collect();
    let whole = duration(&Place::copy_of(&base), &words);
    let mut kills = 0;
    for moment in moments::<4>(21) {
        let place = Place::copy_of(&base);
        let done = killed(&place, &words, whole * moment / 1000);
        kills += u32::from(done.signal == Some(9));
        place.is_whole("after a kill");
        let (items, annotations) = place.counts();
        assert_eq!(items, 3);
        assert!(annotations == 5 || annotations == 5 + BOXES, "{annotations}: {done:?}");
        assert!(done.code != 0 || annotations == 5 + BOXES);
        if annotations == 5 {
            place.run(&words).ok();
            assert_eq!(place.counts().1, 5 + BOXES);
            place.is_whole("after importing again");
        }
    }
    assert!(kills > 0, "at least one kill must hit");
}

#[test]
fn a_bundle_stands_under_its_name_whole_or_not_at_all() {
    let place = fixtures::bccd().unwrap_or_else(fixtures::small);
    let to = place.out("cells.bag.zip");
    let words = ["bundle", "create", "--media", "--justification", WHY, "--to"].map(OsStr::new);
    let words: Vec<_> = words.into_iter().chain([to.as_os_str()]).collect();
    let whole = duration(&place, &words);
    fs::remove_file(&to).unwrap();
    let before = place.counts();
    let mut kills = 0;
    for moment in moments::<6>(22) {
        let done = killed(&place, &words, whole * moment / 1000);
        kills += u32::from(done.signal == Some(9));
        if to.exists() {
            place.run([Path::new("bundle"), Path::new("verify"), &to]).ends(4);
            fs::remove_file(&to).unwrap();
        }
        assert_eq!(place.counts(), before);
    }
    assert!(kills > 0, "at least one kill must hit");
    place.is_whole("after the kills");
    place.run(&words).ok();
    assert_eq!(files_below(&place.out("")), [Path::new("cells.bag.zip")], "nothing partial is left");
    place.run([Path::new("bundle"), Path::new("verify"), &to]).ends(4);
}
