//! The invariants of ARCHITECTURE.md that can be read off the source: who depends on whom, who may
//! name which crate, a `//!` on every module, no printing in libraries, and what may enter the
//! dependency tree.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::WalkDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The source files of one part of the project.
fn sources(parts: &[&str]) -> Vec<(PathBuf, String)> {
    parts
        .iter()
        .flat_map(|part| WalkDir::new(root().join(part)))
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// A file without its own tests, which stand at its end; `mod tests;` further up is another file.
fn shipped(text: &str) -> &str {
    const TESTS: &str = "#[cfg(test)]\nmod ";
    let opens = |(at, _): &(usize, &str)| {
        text[at + TESTS.len()..].lines().next().is_some_and(|line| line.ends_with('{'))
    };
    text.match_indices(TESTS).find(opens).map_or(text, |(at, _)| &text[..at])
}

/// Cargo's own view of the workspace: package name to (direct dependency name, is dev).
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--no-deps"]);
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let direct = package["dependencies"].as_array().unwrap().iter();
            let names = direct
                .filter(|d| d["kind"] != "dev")
                .map(|d| d["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

fn metadata(extra: &[&str]) -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(extra)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn dependencies_point_one_way() {
    let allowed: &[(&str, &[&str])] = &[
        ("vaultmark-model", &[]),
        ("vaultmark-crypto", &["vaultmark-model"]),
        ("vaultmark-contain", &[]),
        ("vaultmark-media", &["vaultmark-model", "vaultmark-contain"]),
        ("vaultmark-formats", &["vaultmark-model"]),
        ("vaultmark-bundle", &["vaultmark-model", "vaultmark-crypto"]),
        ("vaultmark-store", &["vaultmark-model", "vaultmark-crypto"]),
    ];
    let all = dependencies();
    for (package, may) in allowed {
        for name in all[*package].iter().filter(|name| name.starts_with("vaultmark")) {
            assert!(may.contains(&name.as_str()), "{package} must not depend on {name}");
        }
    }
    for name in all["vaultmark-desktop"].iter().filter(|name| name.starts_with("vaultmark")) {
        assert_eq!(name, "vaultmark", "the shell sees the application layer alone");
    }
}

#[test]
fn one_crate_names_each_sensitive_library() {
    let owners: &[(&str, &[&str])] = &[
        (
            "vaultmark-crypto",
            &["ring", "argon2", "age", "ssh-key", "zeroize", "ed25519-dalek", "sha2"],
        ),
        ("vaultmark-contain", &["seccompiler", "landlock", "libc"]),
        ("vaultmark-store", &["rusqlite"]),
        (
            "vaultmark-desktop",
            &["tauri", "tauri-build", "tauri-specta", "specta", "specta-typescript"],
        ),
        ("vaultmark-media", &["image", "tiff"]),
    ];
    for (package, names) in dependencies() {
        for (owner, libraries) in owners {
            for library in *libraries {
                assert!(
                    package == *owner || !names.contains(*library),
                    "only {owner} may name {library}, {package} does"
                );
            }
        }
    }
}

#[test]
fn fuzzing_opens_no_door_of_a_program() {
    let metadata = metadata(&["--no-deps"]);
    let mut doors = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        doors += usize::from(package["features"].get("fuzzing").is_some());
        let default = &package["features"]["default"];
        assert!(!default.to_string().contains("fuzzing"), "{name} opens its doors by itself");
        for dependency in package["dependencies"].as_array().unwrap() {
            let wanted = dependency["features"].to_string().contains("fuzzing");
            let direct = dependency["name"] == "vaultmark-fuzzed";
            assert!(
                !(wanted || direct) || name == "vaultmark-fuzzed",
                "{name} takes the doors of fuzzing into a program"
            );
            assert_ne!(dependency["name"], "libfuzzer-sys", "{name}: only fuzz/ may name it");
        }
    }
    assert!(doors > 0, "no crate has such doors: this test looks for the wrong name");
}

#[test]
fn every_module_says_what_it_owns() {
    let missing: Vec<_> = sources(&[
        "src",
        "crates",
        "fuzz/fuzz_targets",
        "src-tauri/src",
        "xtask/src",
        "tests",
        "benches",
        "build.rs",
    ])
    .into_iter()
    .filter(|(path, text)| !text.starts_with("//!") && !path.ends_with("src-tauri/build.rs"))
    .map(|(path, _)| path)
    .collect();
    assert!(missing.is_empty(), "without //!: {missing:#?}");
}

#[test]
fn libraries_print_nothing_and_read_no_environment() {
    let forbidden = [
        "println!(",
        "eprintln!(",
        "print!(",
        "env::var",
        "SystemTime::now",
        "Instant::now",
        "thread_rng",
        "rand::rng",
    ];
    // What waits for other processes needs a stopwatch for its deadlines; it is no clock of the domain.
    let stopwatches = ["crates/media/src/worker", "crates/contain/src/web_engine.rs"];
    let mut found = Vec::new();
    for (path, text) in sources(&["crates"]) {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if name.contains("/tests/")
            || name.contains("/tests.rs")
            || name.contains("/benches/")
            || name.contains("/examples/")
        {
            continue;
        }
        for (number, line) in shipped(&text).lines().enumerate() {
            let line = line.trim_start();
            if line.starts_with("//") {
                continue;
            }
            for word in forbidden.iter().filter(|word| line.contains(**word)) {
                if *word == "Instant::now" && stopwatches.iter().any(|dir| name.starts_with(dir)) {
                    continue;
                }
                found.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn unsafe_code_stands_in_audited_modules_only() {
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for (path, text) in sources(&["src", "crates", "src-tauri/src"]) {
        if text.contains("allow(unsafe_code") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            let owner = name.split('/').take(2).collect::<Vec<_>>().join("/");
            places.entry(owner).or_default().push(name);
        }
    }
    for (owner, files) in places {
        assert!(files.len() <= 1, "{owner} has more than one module with unsafe code: {files:?}");
    }
}

#[test]
fn nothing_that_speaks_a_network_protocol_is_linked() {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let banned: Vec<&str> = deny
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ name = \"")?.split('"').next())
        .collect();
    assert!(banned.len() > 10);
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--workspace",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let linked: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(linked.contains("tauri") && linked.contains("rusqlite"));
    for name in banned {
        assert!(!linked.contains(name), "{name} is banned by deny.toml and is linked");
    }
}

#[test]
fn every_linked_licence_is_permissive() {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = deny.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    let allowed: BTreeSet<&str> =
        list.lines().filter_map(|l| l.trim().strip_prefix('"')?.split('"').next()).collect();
    for package in
        metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"])["packages"].as_array().unwrap()
    {
        let name = package["name"].as_str().unwrap();
        let Some(licence) = package["license"].as_str() else {
            panic!("{name} states no licence");
        };
        assert!(is_permitted(licence, &allowed), "{name}: {licence} is not in deny.toml's list");
    }
    assert!(is_permitted("(MIT OR GPL-3.0-only) AND Apache-2.0", &allowed));
    assert!(is_permitted("GPL-3.0-only/MIT", &allowed));
    assert!(!is_permitted("(MIT OR Apache-2.0) AND GPL-3.0-only", &allowed));
}

/// Whether an expression (SPDX 2.3, annex D; older ones write `/` for `OR`) can be satisfied by these.
fn is_permitted(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX).unwrap();
    expression.evaluate(|one| allowed.contains(one.to_string().as_str()))
}

/// What the events of `tracing` may carry: numbers, and words that stand in the program.
const EVENT_FIELDS: &[&str] =
    &["milliseconds", "answered", "allowed", "files", "bytes", "operation = word"];

#[test]
fn events_carry_numbers_and_words_of_the_program_alone() {
    let mut seen = 0;
    for (path, text) in sources(&["src", "crates", "src-tauri/src"]) {
        for macros in ["trace!(", "info!(", "warn!(", "error!(", "span!(", "#[instrument", "%", "?"]
        {
            let event = format!("tracing::{macros}");
            assert!(!text.contains(&event), "{}: {event}", path.display());
        }
        for event in text.split("tracing::debug!(").skip(1) {
            let (fields, rest) = event.split_once('"').unwrap();
            let (message, _) = rest.split_once('"').unwrap();
            assert!(!message.contains('{'), "{}: {message}", path.display());
            for field in fields.split(',').map(str::trim).filter(|field| !field.is_empty()) {
                let name = field.split(" = ").next().unwrap();
                let is_known = EVENT_FIELDS.contains(&field)
                    || (EVENT_FIELDS.contains(&name) && !field.contains(['%', '?']));
                assert!(is_known, "{}: {field}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 3, "events are found");
}

/// Words with which a file, a folder or a name is made.
const WRITERS: &[&str] = &[
    "File::create",
    "File::options",
    "OpenOptions",
    "create_new(",
    "fs::write",
    "fs::copy",
    "fs::rename",
    "rename(",
    "renameat",
    "hard_link",
    "symlink(",
    "linkat(",
    "symlinkat(",
    "create_dir",
    "DirBuilder",
    "mkdir",
    "mknod",
    "openat(",
    "OFlags::WRONLY",
    "OFlags::RDWR",
    "OFlags::CREATE",
    "OFlags::TMPFILE",
    "memfd_create(",
    "tempfile",
];

/// Who may use which of them beside `src/outbox`, and why.
const WRITERS_ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "crates/media/src/worker/memory.rs",
        "memfd_create(",
        "memory without a name, sealed and handed to the decoder; no file system sees it",
    ),
    (
        "crates/crypto/src/harden.rs",
        "fs::write",
        "the kernel's own table of what a core of this process may hold; no file system sees it",
    ),
];

/// The first word in a line of code with which something is written.
fn writer_in(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return None;
    }
    WRITERS.iter().find(|word| line.contains(**word)).copied()
}

#[test]
fn every_way_of_writing_is_known() {
    for line in [
        "let file = File::options().append(true).open(path)?;",
        "std::fs::OpenOptions::new().write(true)",
        "fs::hard_link(a, b)?;",
        "std::os::unix::fs::symlink(a, b)?;",
        "std::fs::rename(a, b)",
        "use std::fs::rename; rename(a, b)",
        "File::create_new(path)",
        "rustix::fs::open(path, OFlags::WRONLY, mode)",
        "renameat_with(folder, a, folder, b, flags)",
    ] {
        assert!(writer_in(line).is_some(), "{line}");
    }
    for line in ["let file = File::open(path)?;", "path.symlink_metadata()", "// fs::write"] {
        assert_eq!(writer_in(line), None, "{line}");
    }
}

#[test]
fn only_one_function_writes_outside_the_vault() {
    let parts = [
        "src",
        "src-tauri/src",
        "crates/model/src",
        "crates/crypto/src",
        "crates/contain/src",
        "crates/media/src",
        "crates/formats/src",
        "crates/bundle/src",
    ];
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for (path, text) in sources(&parts) {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if name.starts_with("src/outbox") || name.contains("/tests/") || name.ends_with("/tests.rs")
        {
            continue;
        }
        for (number, line) in shipped(&text).lines().enumerate() {
            let Some(word) = writer_in(line) else { continue };
            let exception = WRITERS_ELSEWHERE.iter().find(|one| (one.0, one.1) == (&*name, word));
            match exception {
                Some(exception) => drop(used.insert(exception)),
                None => found.push(format!("{name}:{}: {word}", number + 1)),
            }
        }
    }
    assert!(found.is_empty(), "writes outside src/outbox: {found:#?}");
    let stale: Vec<_> = WRITERS_ELSEWHERE.iter().filter(|one| !used.contains(one)).collect();
    assert!(stale.is_empty(), "exceptions that nobody needs: {stale:?}");
}
