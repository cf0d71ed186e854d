//! Bad input: each refusal has a message of its own, and nothing is lost.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vaultmark::journeys::import;
use vaultmark::model::work::Work;

use crate::support::{Done, Place, data, files_below, fixtures, has_tool, is_root, made, tool};

/// Runs with another passphrase.
fn with_passphrase(place: &Place, passphrase: &str, words: &[&str]) -> Done {
    let mut command = place.command(words);
    let mut child = command.spawn().unwrap();
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), passphrase.as_bytes());
    Done::new(&format!("{command:?}"), child.wait_with_output().unwrap())
}

#[test]
fn a_wrong_passphrase_is_refused_and_the_third_locks() {
    let place = fixtures::small();
    for n in 0..3 {
        let done =
            with_passphrase(&place, &format!("wrong passphrase {n}"), &["--json", "check"]).ends(3);
        assert_eq!(done.kind(), "wrong_credential");
    }
    let locked = place
        .run(["--json", "check"])
        .ends(3)
        .says(&["locked after too many failed sign-ins, until "]);
    assert_eq!(locked.kind(), "account_locked");
    assert_eq!(
        with_passphrase(&place, "wrong", &["--json", "check"]).ends(3).kind(),
        "account_locked"
    );

    // Another name says the same as a wrong passphrase: nobody learns who has an account.
    let place = fixtures::small();
    let stranger = place.run(["--as", "mallory", "check"]).ends(3);
    let wrong = with_passphrase(&place, "wrong passphrase", &["check"]).ends(3);
    assert_eq!(stranger.err, wrong.err);
    place.is_whole("after failed sign-ins");
    assert_eq!(
        with_passphrase(&place, "", &["--json", "check"]).ends(3).kind(),
        "wrong_credential"
    );
}

#[test]
fn a_passphrase_that_is_too_short_makes_no_vault() {
    let place = Place::empty();
    let done = with_passphrase(&place, "short", &["init", "--officer", "alice"]).ends(1);
    assert!(done.err.contains("5 characters") && done.err.contains("15"), "{done:?}");
    assert!(files_below(place.vault()).is_empty());
    place.run(["check"]).ends(1).says(&["holds no vault"]);
    place.run(["--vault", "absent", "check"]).ends(1).says(&["holds no vault"]);
    fs::write(place.folder().join("out/other.txt"), "x").unwrap();
    place.run(["--vault", "out", "init", "--officer", "alice"]).ends(1).says(&["is not empty"]);
}

#[test]
fn a_second_process_is_told_that_the_vault_is_open() {
    let place = fixtures::small();
    place.session(|_| {
        let done = place.run(["--json", "check"]).ends(3);
        assert_eq!(done.kind(), "already_open");
        assert!(!done.err.contains("alice"), "it names no person: {done:?}");
        // What needs no vault works all the same.
        place.run(["manual", "vault"]).ok();
    });
    place.is_whole("after the other has closed it");
}

#[test]
fn a_folder_that_can_not_be_written_says_so() {
    let place = fixtures::small();
    let set = |mode: &str| tool(Command::new("chmod").args(["-R", mode]).arg(place.vault()));
    set("a-w");
    let done = if is_root() {
        if !has_tool("setpriv") {
            set("u+w");
            return;
        }
        // Without these capabilities root is bound by permissions like anybody else.
        let wrapper = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"].map(OsStr::new);
        place.finish(place.command_through(&wrapper, ["check"]))
    } else {
        place.run(["check"])
    };
    set("u+w");
    done.ends(1).says(&["can't be written", "write access"]);
    place.is_whole("after writing is allowed again");
    let other = Place::empty();
    other.run(["--vault", "/proc/vault", "init", "--officer", "alice"]).ends(1);
}

#[test]
fn a_broken_annotation_file_is_refused_by_line_and_changes_nothing() {
    let place = fixtures::small();
    let whole = made::coco(&["0.png", "1.png"], &["tree"], 4);
    let cut = &whole[..whole.find("\"bbox\"").unwrap() + 30];
    let bad_id = whole.replacen("\"image_id\": 1", "\"image_id\": 77", 1);
    let nan = whole.replacen("10.5", "NaN", 1);
    let deep = format!("{{\"info\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let cases: &[(&str, &str, i32, Vec<String>)] = &[
        ("cut.json", cut, 1, vec!["cut.json".into(), cut.lines().count().to_string()]),
        ("text.json", "this is no JSON", 1, vec!["text.json".into(), "1".into()]),
        ("empty.json", "", 1, vec!["empty.json".into()]),
        ("list.json", "[1, 2]", 1, vec!["list.json".into()]),
        ("deep.json", &deep, 1, vec!["deep.json".into()]),
        // A bad record is refused by the line on which it begins; the good ones go in.
        ("nan.json", &nan, 4, vec!["nan.json:3".into(), "NaN".into()]),
        ("dangling.json", &bad_id, 4, vec!["dangling.json:3".into(), "77".into()]),
    ];
    let mut messages = BTreeSet::new();
    for (name, text, code, parts) in cases {
        let file = place.folder().join(name);
        fs::write(&file, text).unwrap();
        let before = place.counts().1;
        let done = place.run(["annotations", "import", "--format", "coco", file.to_str().unwrap()]);
        assert_eq!(done.code, *code, "{done:?}");
        let said = format!("{}{}", done.out, done.err);
        assert!(parts.iter().all(|part| said.contains(part.as_str())), "{parts:?} in {said}");
        messages.insert(said.replace(name, ""));
        let gained = if *code == 4 { 3 } else { 0 };
        assert_eq!(place.counts().1, before + gained, "{name}");
    }
    assert_eq!(messages.len(), cases.len(), "each has a message of its own: {messages:#?}");

    let voc = |name: &str, text: &str| {
        fs::write(place.folder().join(name), text).unwrap();
        let done = place.run([
            "--json",
            "annotations",
            "import",
            "--format",
            "voc",
            place.folder().join(name).to_str().unwrap(),
        ]);
        (done.code, format!("{}{}", done.out, done.err))
    };
    let good = "<annotation>\n<filename>0.png</filename>\n<object>\n<name>tree</name>\n<bndbox>\n<xmin>2</xmin>\n\
                <ymin>2</ymin>\n<xmax>9</xmax>\n<ymax>9</ymax>\n</bndbox>\n</object>\n</annotation>\n";
    let (code, said) = voc("broken.xml", &good.replace("</bndbox>\n</object>", "</object>"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("broken.xml") && said.contains("10"), "{said}");
    let (code, said) = voc("word.xml", &good.replace(">9<", ">nine<"));
    assert!(code == 1 && said.contains("nine"), "{said}");
    let (code, said) = voc("absent.xml", &good.replace("0.png", "absent-photo.png"));
    assert!(code == 1 && said.contains("absent-photo.png"), "{said}");
    let entity = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
    let (code, said) = voc("entity.xml", &format!("{entity}{}", good.replace("tree", "&x;")));
    assert_eq!(code, 1, "{said}");
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default();
    assert!(host.trim().is_empty() || !said.contains(host.trim()), "{said}");
    let (code, said) = voc("good.xml", good);
    assert_eq!(code, 0, "{said}");
    place.is_whole("after broken annotation files");
}

#[test]
fn files_that_vanish_or_change_between_plan_and_import_are_named() {
    let place = fixtures::small();
    let folder = place.folder().join("moving");
    fs::create_dir(&folder).unwrap();
    for (seed, name) in (900..).zip(["stays", "vanishes", "pipe", "link", "text", "twin"]) {
        fs::write(folder.join(format!("{name}.png")), made::noise(20, 20, seed)).unwrap();
    }
    let (report, plan) = place.in_project(|session, project| {
        let plan =
            Work::quiet(|work| import::plan(session, project, std::slice::from_ref(&folder), work))
                .unwrap();
        fs::remove_file(folder.join("vanishes.png")).unwrap();
        fs::remove_file(folder.join("pipe.png")).unwrap();
        tool(Command::new("mkfifo").arg(folder.join("pipe.png")));
        fs::remove_file(folder.join("link.png")).unwrap();
        std::os::unix::fs::symlink(folder.join("stays.png"), folder.join("link.png")).unwrap();
        fs::write(folder.join("text.png"), "no picture any more").unwrap();
        fs::copy(folder.join("stays.png"), folder.join("twin.png")).unwrap();
        (Work::quiet(|work| import::perform(session, project, &plan, work)).unwrap(), plan)
    });
    assert_eq!(plan.new.len(), 6);
    assert_eq!((report.imported, report.duplicates), (1, 1), "{report:?}");
    let named: BTreeSet<_> =
        report.refused.iter().map(|one| one.file.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(named, BTreeSet::from(["vanishes", "pipe", "link", "text"]));
    assert!(report.refused.iter().all(|one| one.reason.len() > 15), "{report:?}");
    place.is_whole("after files vanished");
}

#[test]
fn links_are_not_followed_and_odd_names_survive() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = fixtures::small();
    let folder = place.folder().join("odd");
    fs::create_dir_all(folder.join("a")).unwrap();
    fs::create_dir_all(folder.join("b")).unwrap();
    fs::write(folder.join("a/1.png"), made::noise(16, 16, 71)).unwrap();
    fs::write(folder.join("b/1.png"), made::noise(16, 16, 72)).unwrap();
    fs::write(folder.join(OsStr::from_bytes(b"bad-\xff.png")), made::noise(16, 16, 73)).unwrap();
    fs::write(folder.join("wrong-extension.txt"), made::noise(16, 16, 74)).unwrap();
    fs::write(folder.join("notes.txt"), "no picture").unwrap();
    std::os::unix::fs::symlink("/", folder.join("root")).unwrap();
    std::os::unix::fs::symlink(place.folder().join("home"), folder.join("loop")).unwrap();
    let report = place.run([OsStr::new("--json"), OsStr::new("import"), folder.as_os_str()]).json();
    assert_eq!(report["imported"], 4, "{report:#}");
    let items = place.run(["--json", "items", "list", "--name", "odd/"]).ok().json();
    let paths: BTreeSet<_> =
        items.as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap()).collect();
    assert!(paths.contains("odd/a/1.png") && paths.contains("odd/b/1.png"), "{paths:?}");
    assert!(paths.contains("odd/bad-\u{fffd}.png"), "{paths:?}");
    assert_eq!(paths.len(), 4);
}

/// The archives below a folder.
fn archives(folder: &Path) -> Vec<PathBuf> {
    let all = files_below(folder).into_iter().map(|path| folder.join(path));
    all.filter(|path| path.extension().is_some_and(|e| e == "zip" || e == "tar")).collect()
}

#[test]
fn malformed_and_climbing_archives_are_refused_and_write_nothing() {
    let place = fixtures::small();
    let mut archives_seen = 0;
    for name in ["zip_failures", "zipslip"] {
        let Some(folder) = data(name) else { return };
        for archive in archives(&folder) {
            archives_seen += 1;
            let before = files_below(place.folder()).len();
            for verb in ["verify", "receive"] {
                let done = place.run([Path::new("bundle"), Path::new(verb), &archive]).ends(1);
                assert!(done.err.len() > 30, "{done:?}");
            }
            assert_eq!(files_below(place.folder()).len(), before, "{}", archive.display());
        }
        // To an import they are no images.
        let report = place.run([OsStr::new("--json"), OsStr::new("import"), folder.as_os_str()]);
        assert_eq!((report.code, report.json()["imported"].as_u64()), (0, Some(0)), "{report:?}");
    }
    assert!(archives_seen >= 26, "{archives_seen}");
    // Where the climbing archives point.
    for climbed in ["/tmp/evil.txt", "/tmp/good.txt", "/winnt/evil.txt"] {
        assert!(!Path::new(climbed).exists(), "{climbed}");
    }
    place.is_whole("after malformed archives");
}

/// Imports a folder and gives (imported, refused by name with the reason).
fn imported(place: &Place, folder: &Path) -> (u64, Vec<(String, String)>) {
    let report = place.run([OsStr::new("--json"), OsStr::new("import"), folder.as_os_str()]).json();
    let refused = report["refused"].as_array().unwrap().iter().map(|one| {
        let file = Path::new(one["file"].as_str().unwrap())
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        (file, one["reason"].as_str().unwrap().to_owned())
    });
    (report["imported"].as_u64().unwrap(), refused.collect())
}

#[test]
fn every_broken_picture_is_refused_with_its_reason() {
    let place = fixtures::small();
    if let Some(folder) = data("pngsuite") {
        let (count, refused) = imported(&place, &folder);
        let all: BTreeSet<_> = files_below(&folder)
            .into_iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        let broken: BTreeSet<_> = all
            .iter()
            .filter(|name| name.starts_with('x') && name.ends_with(".png"))
            .cloned()
            .collect();
        let named: BTreeSet<_> = refused.iter().map(|(file, _)| file.clone()).collect();
        assert_eq!(named, broken);
        assert_eq!(broken.len(), 14);
        assert!(refused.iter().all(|(_, reason)| reason.len() > 15), "{refused:?}");
        assert!(count >= 150, "{count}");
    }
    if let Some(folder) = data("image_rs/bad") {
        let begun = std::time::Instant::now();
        let (_, refused) = imported(&place, &folder);
        let named: BTreeSet<_> = refused.iter().map(|(file, _)| file.as_str()).collect();
        for file in [
            "Bad_height.bmp",
            "Bad_width.bmp",
            "Bad_badbitcount.bmp",
            "Bad_shortfile.bmp",
            "Bad_reallybig.bmp",
        ] {
            assert!(named.contains(file), "{file} in {refused:#?}");
        }
        assert!(refused.iter().all(|(_, reason)| reason.len() > 15), "{refused:?}");
        assert!(begun.elapsed().as_secs() < 20, "limits are read from headers");
    }
    // A header of three million by two million pixels.
    let folder = place.folder().join("bomb");
    fs::create_dir(&folder).unwrap();
    let mut bomb = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bomb.extend(3_000_000_i32.to_le_bytes());
    bomb.extend(2_000_000_i32.to_le_bytes());
    bomb.extend([1, 0, 24, 0]);
    bomb.extend([0; 24]);
    fs::write(folder.join("bomb.bmp"), bomb).unwrap();
    let (count, refused) = imported(&place, &folder);
    assert_eq!((count, refused.len()), (0, 1), "{refused:?}");
    place.is_whole("after broken pictures");
}
