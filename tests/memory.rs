//! After locking, nothing of a vault lies in the program's memory: no key, no passphrase, no name.
//!
//! The process searches itself, so this test is alone in its program. What is looked for is held in a
//! form that is not itself: every byte exclusive-or'ed, as is every piece of memory that is looked at.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // a skipped test says why

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use memchr::memmem::Finder;
use vaultmark::crypto::{KdfParameters, Passphrase};
use vaultmark::journeys::{import, labels, library, projects};
use vaultmark::model::Marking;
use vaultmark::model::policy::{ExportPolicy, Policy};
use vaultmark::model::work::Work;
use vaultmark::store::project::ItemQuery;
use vaultmark::store::vault::{LockedVault, NewVault};
use vaultmark::{DecoderProgram, Session, WipingAllocator, ambient};

/// As in both programs.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator::new();

/// With what the bytes are made others.
const MASK: u8 = 0x5a;
/// How much is looked at together.
const PIECE: usize = 1 << 20;

/// What is looked for, none of it as itself.
struct Wanted {
    name: String,
    masked: Finder<'static>,
}

impl Wanted {
    fn new(name: impl Into<String>, masked: &[u8]) -> Self {
        Self { name: name.into(), masked: Finder::new(masked).into_owned() }
    }

    /// A text as UTF-8.
    fn text(name: &str, mut text: Vec<u8>) -> Self {
        text.iter_mut().for_each(|byte| *byte ^= MASK);
        Self::new(name, &text)
    }
}

/// What of it lies in this process's memory that can be written.
fn found(wanted: &[Wanted]) -> Vec<String> {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let longest = wanted.iter().map(|one| one.masked.needle().len()).max().unwrap_or(0);
    let mut piece = vec![0; PIECE];
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let place = words.nth(3).unwrap_or("anonymous");
        let (start, end) = range.split_once('-').unwrap();
        let (start, end) =
            (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        let mut at = start;
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
            // What is secret memory of the kernel's, or gone meanwhile, can't be read.
            if memory.read_exact_at(&mut piece[..length], at).is_err() {
                break;
            }
            piece[..length].iter_mut().for_each(|byte| *byte ^= MASK);
            for one in wanted {
                let places = one.masked.find_iter(&piece[..length]).count();
                if places > 0 {
                    found.push(format!("{} ({places} times in {place})", one.name));
                }
            }
            if length < PIECE {
                break;
            }
            at += (PIECE - longest) as u64;
        }
    }
    found
}

/// Made while the test runs, so that no constant of the program has it whole.
fn text(number: u32) -> String {
    format!("{}{number}-{}", ["quince", "Zw", "eig"].concat(), ["plum", "barrel"].join("~"))
}

/// The keys of a vault as a stranger's reader finds them; none without Python.
fn keys(vault: &Path, home: &Path) -> Option<Vec<Wanted>> {
    let python = std::env::var_os("VAULTMARK_TEST_PYTHON")?;
    let passphrase = home.join("passphrase");
    fs::write(&passphrase, text(1)).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/vault_keys.py");
    let told = Command::new(python)
        .args(["-B".as_ref(), script.as_os_str(), vault.as_os_str()])
        .arg("olsen")
        .arg(&passphrase)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).unwrap();
    let mut keys = Vec::new();
    for line in told.lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let masked: Vec<u8> = (0..hex.len() / 2)
            .map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap())
            .collect();
        keys.push(Wanted::new(name, &masked));
        // As SQLCipher takes them.
        let written: Vec<u8> = masked
            .iter()
            .flat_map(|byte| format!("{:02x}", byte ^ MASK).into_bytes())
            .map(|byte| byte ^ MASK)
            .collect();
        keys.push(Wanted::new(format!("{name} in hexadecimal"), &written));
    }
    Some(keys)
}

fn decoder() -> DecoderProgram {
    DecoderProgram { program: PathBuf::from(env!("CARGO_BIN_EXE_vaultmark")), workers: 2 }
}

#[test]
fn nothing_of_a_vault_lies_in_memory_once_it_is_locked() {
    let home = tempfile::tempdir().unwrap();
    let vault = home.path().join("vault");
    let pictures = home.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 7]))
        .save(pictures.join("one.png"))
        .unwrap();

    let new = NewVault {
        officer: "olsen".into(),
        passphrase: Passphrase::new(text(1)),
        policy: Policy::new(Marking::new("UNCLASSIFIED").unwrap(), ExportPolicy::Single),
        kdf: KdfParameters::floor_argon2id(),
    };
    let (session, sheet) = Session::create(&vault, new, ambient::system(), decoder()).unwrap();
    drop(sheet);
    let project =
        projects::create(&session, &text(2), Marking::new("UNCLASSIFIED").unwrap()).unwrap().id();
    let wish = labels::LabelWish { id: None, name: text(3), color: None, key: None };
    labels::save(&session, project, &[wish]).unwrap();
    Work::quiet(|work| {
        let plan = import::plan(&session, project, std::slice::from_ref(&pictures), work)?;
        import::perform(&session, project, &plan, work)
    })
    .unwrap();
    drop(session.lock().unwrap());

    // And as every day: signed in, looked at, locked.
    let locked = LockedVault::open(&vault, ambient::system()).unwrap();
    let passphrase = Passphrase::new(text(1));
    let session = Session::unlock(locked, "olsen", &passphrase, ambient::system(), decoder())
        .map_err(|(_, error)| error)
        .unwrap();
    drop(passphrase);
    assert_eq!(library::items(&session, project, &ItemQuery::default()).unwrap().total, 1);
    assert_eq!(labels::list(&session, project).unwrap().len(), 1);

    let texts = || {
        ["passphrase", "project's name", "label"]
            .into_iter()
            .zip(1..)
            .map(|(name, number)| Wanted::text(name, text(number).into_bytes()))
            .collect::<Vec<_>>()
    };
    // The search finds what is there.
    let planted = text(9);
    let seen = found(&[Wanted::text("planted", planted.clone().into_bytes())]);
    assert!(!seen.is_empty(), "the search does not find what was planted");
    drop(planted);

    drop(session.lock().unwrap());
    let mut wanted = texts();
    let Some(keys) = keys(&vault, home.path()) else {
        eprintln!("skipped: VAULTMARK_TEST_PYTHON names no Python; `cargo xtask test` sets it");
        return;
    };
    assert!(keys.len() >= 14, "{} keys", keys.len());
    wanted.extend(keys);
    assert_eq!(found(&wanted), Vec::<String>::new());
}
