//! Nothing readable is ever on disk: markers in names, labels, notes, pixels and the passphrase are
//! looked for in every file that the program wrote, also after a kill in the middle of an import.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::Compression;
use vaultmark::model::change::Subject;
use vaultmark::model::policy::ExportPolicy;
use vaultmark::store::project::ItemQuery;

use crate::provenance::note;
use crate::support::markers::{Searcher, marked_picture};
use crate::support::trace::is_core_table;
use crate::support::{AROUND, Place, WHY, made, make_vault_of, strace};

const PERSON: &str = "MARKERperson";
const PHRASE: &str = "MARKERpassphrase-5f20a9";
const PROJECT: &str = "MARKERproject";
const FOLDER: &str = "MARKERfolder";
const FILE: &str = "MARKERfile";
const LABEL: &str = "MARKERlabel";
const NOTE: &str = "MARKERnote";
const REASON: &str = "MARKERreason";

fn searcher() -> Searcher {
    Searcher::new(&[PERSON, PHRASE, PROJECT, FOLDER, FILE, LABEL, NOTE, REASON])
}

/// What the program may have written: the vault, home, temporary and settings folders.
fn is_clean(place: &Place, when: &str) {
    let searcher = searcher();
    for folder in
        AROUND.iter().map(|(_, name)| place.folder().join(name)).chain([place.vault().to_owned()])
    {
        let found = searcher.search(&folder);
        assert!(
            found.is_empty(),
            "{when}: {}",
            found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        );
    }
}

/// Sources with markers: the pattern, and pictures that no other is like.
fn sources(place: &Place, pictures: u64) -> std::path::PathBuf {
    let folder = place.folder().join(FOLDER);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(format!("{FILE}-pattern.png")), marked_picture(96)).unwrap();
    for n in 0..pictures {
        fs::write(folder.join(format!("{FILE}-{n}.png")), made::noise(64, 48, n)).unwrap();
    }
    folder
}

/// A vault of the marked person; the picture's name matters to the caller's files.
fn marked_place() -> Place {
    let mut place = Place::empty();
    place.person = PERSON.into();
    place.passphrase = PHRASE.into();
    make_vault_of(place.vault(), PERSON, PHRASE, ExportPolicy::Single);
    place.run(["project", "new", PROJECT]).ok();
    place
}

#[test]
fn the_searcher_finds_what_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let plant = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), [b"\x01\x02#", bytes, b"\x03"].concat()).unwrap()
    };
    let zlib = |bytes: &[u8]| {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    plant("utf-8", NOTE.as_bytes());
    plant("utf-16", &NOTE.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    plant("hexadecimal", vaultmark::model::id::to_hex(NOTE.as_bytes()).as_bytes());
    // `xx` + NOTE and NOTE in base64 (RFC 4648), made by another tool.
    plant("base64-0", b"TUFSS0VSbm90ZQ==");
    plant("base64-2", b"eHhNQVJLRVJub3Rl");
    plant("deflated", &zlib(&[b"some text before ", NOTE.as_bytes(), b" and after"].concat()));
    plant("zipped", &{
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        zip.start_file("inner.txt", options).unwrap();
        zip.write_all(NOTE.repeat(9).as_bytes()).unwrap();
        zip.finish().unwrap().into_inner()
    });
    plant("raw-pixels", &[255, 0, 255].repeat(64));
    plant("picture", &marked_picture(96));
    plant("shrunk-picture", &marked_picture(24));
    let thumbnail = vaultmark::media::import(
        Box::new(marked_picture(600)),
        &vaultmark::media::Limits::default(),
    )
    .unwrap();
    plant("thumbnail", &thumbnail.thumbnail_jpeg);
    fs::write(folder.path().join(format!("name-{FILE}.png")), b"").unwrap();
    let found = searcher().search(folder.path());
    for (planted, marker) in [
        ("utf-8", NOTE),
        ("utf-16", NOTE),
        ("hexadecimal", NOTE),
        ("base64-0", NOTE),
        ("base64-2", NOTE),
        ("deflated", NOTE),
        ("zipped", NOTE),
        ("raw-pixels", "the picture"),
        ("picture", "the picture"),
        ("shrunk-picture", "the picture"),
        ("thumbnail", "the picture"),
        ("name-MARKERfile.png", FILE),
    ] {
        let seen =
            found.iter().any(|one| one.file == folder.path().join(planted) && one.marker == marker);
        assert!(seen, "{planted} was not found: {found:#?}");
    }
    // Random bytes, which is what a vault should look like, hold nothing.
    let quiet = tempfile::tempdir().unwrap();
    fs::write(quiet.path().join("noise"), made::noise(200, 200, 1)).unwrap();
    assert_eq!(searcher().search(quiet.path()), []);
}

#[test]
fn no_marker_is_in_any_file_that_the_program_wrote() {
    let place = marked_place();
    is_clean(&place, "after making a project");
    let folder = sources(&place, 20);
    place.run([Path::new("import"), &folder]).ok();
    place.run(["labels", "set", LABEL]).ok();
    let coco = place.folder().join("coco.json");
    let name = format!("{FILE}-0.png");
    fs::write(&coco, made::coco(&[&name], &[LABEL], 30)).unwrap();
    place
        .run([
            Path::new("annotations"),
            Path::new("import"),
            Path::new("--format"),
            Path::new("coco"),
            &coco,
        ])
        .ok();
    let item = place.in_project(|session, project| {
        let ids =
            vaultmark::journeys::library::ids(session, project, &ItemQuery::default()).unwrap();
        for item in &ids[..3] {
            // What the screen asks for: pixels, thumbnails, statistics.
            vaultmark::journeys::annotate::open(session, project, *item).unwrap();
            vaultmark::journeys::view::thumbnail(session, project, *item).unwrap();
        }
        ids[0]
    });
    note(&place, Subject::Item(item), NOTE);
    place.run(["items", "list", "--name", FILE]).ok();
    place.bundle("b.bag.zip", &["--media"]);
    let out = place.out("bare.json");
    place
        .run([
            "annotations",
            "export",
            "--format",
            "native",
            "--justification",
            REASON,
            out.to_str().unwrap(),
        ])
        .ok();
    // A name that is wrong, a passphrase that is wrong, a file that is refused.
    fs::write(folder.join(format!("{FILE}-broken.png")), b"\x89PNG\r\n\x1a\nMARKERnote").unwrap();
    place.run([Path::new("import"), &folder]).ends(4);
    place.run(["--as", "MARKERperson2", "check"]).ends(3);
    place.run(["--project", "MARKERproject2", "items", "list"]).ends(1);
    place.is_whole("at the end");
    is_clean(&place, "at the end");
    assert!(!searcher().search(&place.out("")).is_empty(), "what left on purpose holds them");
}

#[test]
fn no_marker_stays_after_a_kill() {
    let place = marked_place();
    let folder = sources(&place, 160);
    let begun = Instant::now();
    place
        .finish({
            let mut command = place.command(["import", "--plan"]);
            command.arg(&folder);
            command
        })
        .ok();
    let plan = begun.elapsed();
    let mut kills = 0;
    for part in [3, 5, 7] {
        let mut command = place.command(["import"]);
        command.arg(&folder);
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{PHRASE}").unwrap();
        std::thread::sleep(plan.max(Duration::from_millis(50)) * part / 4);
        let _ = child.kill();
        kills += u32::from(child.wait().unwrap().signal() == Some(9));
        is_clean(&place, "right after a kill");
    }
    assert!(kills > 0, "at least one kill must hit");
    place.run([Path::new("import"), &folder]).ok();
    place.is_whole("after going on");
    assert_eq!(place.counts().0, 161);
    is_clean(&place, "after going on");
}

#[test]
fn every_file_that_is_written_lies_in_the_vault_or_is_the_output() {
    if !strace::is_allowed() {
        return;
    }
    let place = marked_place();
    let folder = sources(&place, 4);
    let coco = place.folder().join("coco.json");
    fs::write(&coco, made::coco(&[&format!("{FILE}-0.png")], &[LABEL], 3)).unwrap();
    let bundle = place.out("b.bag.zip");
    let runs: &[(&[&OsStr], bool)] = &[
        (&[OsStr::new("import"), folder.as_os_str()], false),
        (
            &[
                OsStr::new("annotations"),
                OsStr::new("import"),
                OsStr::new("--format"),
                OsStr::new("coco"),
                coco.as_os_str(),
            ],
            false,
        ),
        (&[OsStr::new("check")], false),
        (
            &[
                OsStr::new("bundle"),
                OsStr::new("create"),
                OsStr::new("--media"),
                OsStr::new("--justification"),
                OsStr::new(WHY),
                OsStr::new("--to"),
                bundle.as_os_str(),
            ],
            true,
        ),
        (&[OsStr::new("bundle"), OsStr::new("verify"), bundle.as_os_str()], false),
    ];
    for (words, leaves) in runs {
        let (done, paths) = strace::written(&place, words);
        assert!(done.code == 0 || done.code == 4, "{done:?}");
        let Some(paths) = paths else { return };
        let vault = place.vault().canonicalize().unwrap();
        let is_own = |path: &Path| {
            path.starts_with(&vault)
                || path.starts_with("/dev/null")
                || path.starts_with("/proc/self")
                || is_core_table(path)
        };
        let outside: Vec<_> = paths.iter().filter(|path| !is_own(path)).collect();
        let out = place.out("").canonicalize().unwrap();
        if *leaves {
            assert!(
                outside.iter().all(|path| path.starts_with(&out)) && !outside.is_empty(),
                "{outside:?}"
            );
        } else {
            assert!(outside.is_empty(), "{words:?} wrote {outside:?}");
        }
        assert!(words.contains(&OsStr::new("verify")) || !paths.is_empty());
    }
}
