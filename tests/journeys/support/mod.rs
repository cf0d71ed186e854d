//! What the journeys share: a place of its own for each, the program run in it, prepared vaults.

pub mod fixtures;
pub mod forge;
pub mod hostile;
pub mod made;
pub mod markers;
pub mod measured;
pub mod strace;
pub mod trace;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;
use vaultmark::crypto::{KdfParameters, Passphrase};
use vaultmark::model::policy::{ExportPolicy, Policy};
use vaultmark::model::{Marking, ProjectId};
use vaultmark::store::vault::{LockedVault, NewVault};
use vaultmark::{DecoderProgram, Session, ambient, journeys};

/// The person of the journeys.
pub const PERSON: &str = "alice";
/// That person's passphrase.
pub const PASSPHRASE: &str = "correct horse battery staple";
/// Why things leave.
pub const WHY: &str = "agreed hand-over";

/// The command-line program: as it ships where `cargo xtask test` names it, else as cargo built it for
/// the test.
pub fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let shipped = std::env::var_os("VAULTMARK_TEST_SHIPPED").map(PathBuf::from);
        shipped.unwrap_or_else(|| env!("CARGO_BIN_EXE_vaultmark").into())
    });
    &PROGRAM
}

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder or file of the real data; says that it is skipped where it is not there.
pub fn data(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared/data").join(name);
    if path.exists() {
        return path.canonicalize().ok();
    }
    eprintln!("skipped: ../shared/data/{name} is not there");
    None
}

/// Real photos with VOC labels: those of `../shared/data`, else the sample that comes along.
pub fn overhead() -> PathBuf {
    data("overhead").unwrap_or_else(|| root().join("assets/sample"))
}

/// The Python with the independent readers; `cargo xtask test` makes it and names it.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("VAULTMARK_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: VAULTMARK_TEST_PYTHON names no Python; `cargo xtask test` sets it");
    }
    python
}

/// Whether a tool of the workstation is there; says that it is skipped where it is not.
pub fn has_tool(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    if !found {
        eprintln!("skipped: `{name}` is not installed");
    }
    found
}

/// Whether the test runs as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The settings of the decoder for the library.
pub fn decoder() -> DecoderProgram {
    DecoderProgram { program: program().to_owned(), workers: 2 }
}

/// Makes a vault whose sign-in is cheap.
pub fn make_vault(folder: &Path, export: ExportPolicy) {
    make_vault_of(folder, PERSON, PASSPHRASE, export);
}

/// Makes a vault of a given marking.
pub fn make_vault_marked(folder: &Path, marking: &str) {
    make_vault_under(folder, PERSON, PASSPHRASE, policy(marking, ExportPolicy::Single));
}

/// Makes a vault of a given person.
pub fn make_vault_of(folder: &Path, person: &str, passphrase: &str, export: ExportPolicy) {
    make_vault_under(folder, person, passphrase, policy("UNCLASSIFIED", export));
}

fn policy(marking: &str, export: ExportPolicy) -> Policy {
    Policy::new(Marking::new(marking).unwrap(), export)
}

/// Makes a vault under a given policy.
pub fn make_vault_under(folder: &Path, person: &str, passphrase: &str, policy: Policy) {
    let new = NewVault {
        officer: person.into(),
        passphrase: Passphrase::new(passphrase.into()),
        policy,
        kdf: KdfParameters::Argon2id { memory_kib: 16, passes: 1, lanes: 1 },
    };
    let (session, _sheet) = Session::create(folder, new, ambient::system(), decoder()).unwrap();
    drop(session.lock().unwrap());
}

/// Copies a folder with everything in it.
pub fn copy_tree(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// All files below a folder, sorted, relative to it.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(folder).unwrap().to_owned())
        .collect();
    files.sort();
    files
}

/// A small reproducible source of numbers: the same kills, flips and offsets in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// splitmix64 (Steele, Lea and Flood 2014).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// A place of its own: home, temporary and settings folders that only the program under test uses,
/// a vault, and a folder for what leaves.
pub struct Place {
    folder: TempDir,
    vault: PathBuf,
    pub person: String,
    pub passphrase: String,
}

/// Folders that the program may think of writing to, beside the vault.
pub const AROUND: &[(&str, &str)] = &[
    ("HOME", "home"),
    ("TMPDIR", "tmp"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_RUNTIME_DIR", "runtime"),
];

impl Place {
    /// Without a vault.
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("journey-").tempdir().unwrap();
        for (_, name) in AROUND {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::create_dir(folder.path().join("out")).unwrap();
        let vault = folder.path().join("vault");
        Self { folder, vault, person: PERSON.into(), passphrase: PASSPHRASE.into() }
    }

    /// With a vault in which one person exports alone, and a project.
    pub fn with_project(name: &str) -> Self {
        let place = Self::empty();
        make_vault(&place.vault, ExportPolicy::Single);
        place.run(["project", "new", name]).ok();
        place
    }

    /// With a copy of another place's vault, which nobody has open.
    pub fn copy_of(other: &Place) -> Self {
        let place = Self {
            person: other.person.clone(),
            passphrase: other.passphrase.clone(),
            ..Self::empty()
        };
        copy_tree(&other.vault, &place.vault);
        place
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn vault(&self) -> &Path {
        &self.vault
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.folder().join("out").join(name)
    }

    /// The environment that the program gets: nothing but this place.
    pub fn dress(&self, command: &mut Command) {
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("LANG", "C.UTF-8").current_dir(self.folder());
        for (variable, name) in AROUND {
            command.env(variable, self.folder().join(name));
        }
        command.env("VAULTMARK_VAULT", &self.vault).env("VAULTMARK_AS", &self.person);
    }

    /// The program with its words; the passphrase comes through standard input.
    pub fn command<I: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = I>) -> Command {
        self.command_through(&[], words)
    }

    /// The same, started by another program such as `strace`.
    pub fn command_through<I: AsRef<OsStr>>(
        &self,
        wrapper: &[&OsStr],
        words: impl IntoIterator<Item = I>,
    ) -> Command {
        let mut line: Vec<&OsStr> = wrapper.to_vec();
        line.push(program().as_os_str());
        let mut command = Command::new(line[0]);
        command.args(&line[1..]).args(["--passphrase-file", "-"]).args(words);
        self.dress(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run<I: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = I>) -> Done {
        self.finish(self.command(words))
    }

    /// Runs a prepared command to its end.
    pub fn finish(&self, mut command: Command) -> Done {
        let mut child = command.spawn().unwrap();
        // A verb that needs no passphrase may have ended before it is written.
        let _ = writeln!(child.stdin.take().unwrap(), "{}", self.passphrase);
        Done::new(&format!("{command:?}"), child.wait_with_output().unwrap())
    }

    /// Signs in through the library, works, and locks.
    pub fn session<T>(&self, work: impl FnOnce(&Session) -> T) -> T {
        let locked = LockedVault::open(&self.vault, ambient::system()).unwrap();
        let passphrase = Passphrase::new(self.passphrase.clone());
        let session =
            Session::unlock(locked, &self.person, &passphrase, ambient::system(), decoder())
                .map_err(|(_, error)| error)
                .unwrap();
        let result = work(&session);
        drop(session.lock().unwrap());
        result
    }

    /// The same in the only project.
    pub fn in_project<T>(&self, work: impl FnOnce(&Session, ProjectId) -> T) -> T {
        self.session(|session| {
            let project = journeys::projects::find(session, None).unwrap();
            work(session, project)
        })
    }

    /// That `check` finds nothing.
    pub fn is_whole(&self, when: &str) {
        let done = self.run(["--json", "check"]);
        assert_eq!(done.code, 0, "{when}: {done:?}");
        assert_eq!(done.json()["findings"], serde_json::json!([]), "{when}");
    }

    /// Counts of the only project.
    pub fn counts(&self) -> (u64, u64) {
        let shown = self.run(["--json", "project", "show"]).ok().json();
        (shown["items"].as_u64().unwrap(), shown["annotations"].as_u64().unwrap())
    }

    /// Creates a bundle and gives its path.
    pub fn bundle(&self, name: &str, more: &[&str]) -> PathBuf {
        let to = self.out(name);
        let words = ["bundle", "create", "--justification", WHY, "--to"];
        self.run(
            words.iter().map(OsStr::new).chain([to.as_os_str()]).chain(more.iter().map(OsStr::new)),
        )
        .ok();
        to
    }

    /// This person's line of allowed signers, in a file.
    pub fn signers(&self) -> PathBuf {
        let path = self.out("signers");
        fs::write(&path, self.run(["bundle", "signer"]).ok().out).unwrap();
        path
    }
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub signal: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Done {
    /// Of a command line; a panic anywhere is a failure.
    pub fn new(line: &str, output: Output) -> Self {
        let done = Self {
            code: output.status.code().unwrap_or(-1),
            signal: output.status.signal(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(!done.err.contains("panicked"), "a panic of {line}: {done:?}");
        done
    }

    /// Demands that it ended with 0.
    pub fn ok(self) -> Self {
        self.ends(0)
    }

    /// Demands an exit code.
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output as one JSON document.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The kind of the error that `--json` names.
    pub fn kind(&self) -> String {
        self.json()["error"]["kind"].as_str().unwrap_or_else(|| panic!("{self:#?}")).to_owned()
    }

    /// Demands that the sentence on standard error holds all of these.
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {self:#?}");
        }
        self
    }
}

/// Runs a tool that must succeed and gives what it printed.
pub fn tool(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{command:?}: {text}");
    text
}
