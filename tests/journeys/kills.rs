//! `SIGKILL` at moments of a fixed seed: the vault opens, nothing acknowledged is lost, running the
//! command again goes on, and nothing half-written stands under its final name.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use vaultmark::model::change::Subject;
use vaultmark::model::policy::ExportPolicy;
use vaultmark::store::project::ItemQuery;

use crate::provenance::note;
use crate::support::{Dice, Done, Place, WHY, files_below, fixtures, made, make_vault};

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
    assert_eq!(
        report["imported"].as_u64().unwrap() + report["duplicates"].as_u64().unwrap(),
        PICTURES
    );
    assert_eq!(
        report["duplicates"].as_u64().unwrap(),
        items - 3,
        "it goes on, and does nothing twice"
    );
    assert_eq!(place.counts().0, 3 + PICTURES);
    let list = place.run(["--json", "items", "list"]).ok().json();
    assert!(list.as_array().unwrap().iter().any(|item| item["note"] == "acknowledged"));
    place.is_whole("after going on");
}

#[test]
fn an_import_stops_when_it_is_asked_to_and_goes_on() {
    const PICTURES: u64 = 400;
    let place = fixtures::small();
    let source = place.folder().join("many");
    fs::create_dir(&source).unwrap();
    for n in 0..PICTURES {
        fs::write(source.join(format!("{n}.png")), made::noise(64, 48, 1000 + n)).unwrap();
    }
    let mut command = place.command(["--verbose", "import", source.to_str().unwrap()]);
    // As at a terminal, where Ctrl+C reaches all processes of a group.
    let mut child = command.process_group(0).spawn().unwrap();
    let _ = writeln!(child.stdin.take().unwrap(), "{}", place.passphrase);
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let started = said.by_ref().filter(|line| line.contains("files durable")).nth(1);
    assert!(started.is_some(), "files become durable");
    kill_process_group(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: Vec<String> = said.collect();
    let done = Done::new("import, asked to stop", child.wait_with_output().unwrap());
    let done = done.ends(4);
    assert!(
        done.out.contains("Cancelled: run it again") && done.out.contains("Refused: 0"),
        "{done:?}"
    );
    assert!(rest.iter().any(|line| line.contains("locking")), "{rest:?}");
    let (items, _) = place.counts();
    assert!((3 + 48..3 + PICTURES).contains(&items), "{items}");
    place.is_whole("after it stopped");
    let report = place.run(["--json", "import", source.to_str().unwrap()]).ok().json();
    assert_eq!(report["imported"], 3 + PICTURES - items);
    assert_eq!(place.counts().0, 3 + PICTURES);
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
    assert_eq!(
        files_below(&place.out("")),
        [Path::new("cells.bag.zip")],
        "nothing partial is left"
    );
    place.run([Path::new("bundle"), Path::new("verify"), &to]).ends(4);
}

#[test]
fn a_bundle_is_received_whole_or_not_at_all() {
    let sender = fixtures::bccd().unwrap_or_else(fixtures::small);
    let bundle = sender.bundle("cells.bag.zip", &["--media"]);
    let signers = sender.signers();
    let words = ["bundle", "receive", "--signers"].map(OsStr::new);
    let words: Vec<_> =
        words.into_iter().chain([signers.as_os_str(), bundle.as_os_str()]).collect();
    let base = Place::empty();
    make_vault(base.vault(), ExportPolicy::Single);
    let whole = duration(&Place::copy_of(&base), &words);
    let wanted = sender.counts();
    let mut kills = 0;
    for moment in moments::<5>(23) {
        let place = Place::copy_of(&base);
        let done = killed(&place, &words, whole * moment / 1000);
        kills += u32::from(done.signal == Some(9));
        // Whole, or nothing that anybody could take for the whole, and it can be received again.
        let items = || {
            let list = place.run(["--json", "project", "list"]).ok().json();
            list.as_array().unwrap().iter().map(|one| one["items"].as_u64().unwrap()).sum::<u64>()
        };
        let after = items();
        assert!(after == 0 || after == wanted.0, "{after} items: {done:?}");
        if after == 0 {
            place.run(&words).ok();
        } else {
            place.run(&words).ends(2).says(&["taken here"]);
        }
        assert_eq!(place.counts(), wanted);
        place.is_whole("after a killed reception");
        let media = place.run(["--json", "items", "list"]).ok().json();
        assert!(media.as_array().unwrap().iter().all(|item| item["has_media"] == true));
    }
    assert!(kills > 0, "at least one kill must hit");
}

/// The processes that a process has started.
fn children(process: u32) -> Vec<u32> {
    let tasks =
        fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().filter_map(Result::ok);
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect()
}

/// Waits for a condition; too long is a failure.
fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn decoders_end_with_the_program_that_started_them() {
    let place = fixtures::small();
    let source = place.folder().join("many");
    fs::create_dir(&source).unwrap();
    for n in 0..60 {
        fs::write(source.join(format!("{n}.png")), made::noise(64, 48, 7000 + n)).unwrap();
    }
    let mut child = place.command([OsStr::new("import"), source.as_os_str()]).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", place.passphrase).unwrap();
    let program = child.id();
    wait_for("no decoder was started", || !children(program).is_empty());
    let decoders = children(program);
    child.kill().unwrap();
    child.wait().unwrap();
    let lives = |id: &u32| {
        // A process that has ended and waits to be looked at is no longer there.
        fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
    };
    wait_for("a decoder outlived its program", || !decoders.iter().any(lives));
}
