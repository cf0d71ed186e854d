//! How the shipped window is started: by itself, under a tracer, or as an account without rights.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{Place, has_tool, is_root};
use crate::window::Process;

/// The account that owns nothing.
const NOBODY: u32 = 65534;
/// Bytes that an ordinary account may lock in memory (systemd's default of old).
const MEMLOCK: u64 = 8 << 20;

/// The window's program as it ships; says that it is skipped where it is not built.
pub fn shipped() -> Option<PathBuf> {
    let named = std::env::var_os("VAULTMARK_TEST_SHIPPED_DESKTOP").map(PathBuf::from);
    let program = named.filter(|path| path.is_file());
    if program.is_none() {
        eprintln!("skipped: the window without automation is not built (`cargo xtask test` does)");
    }
    program
}

/// What starts the program.
pub struct Starter {
    words: Vec<String>,
    variables: Vec<(String, String)>,
    programs: Option<TempDir>,
}

impl Starter {
    /// The program itself.
    pub fn plain(program: &Path) -> Self {
        Self::by(vec![program.display().to_string()])
    }

    fn by(words: Vec<String>) -> Self {
        Self { words, variables: Vec::new(), programs: None }
    }

    /// With these variables besides.
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        self.variables.extend(owned);
        self
    }

    /// `strace` over it and all that it starts: one file a thread, in a folder.
    pub fn traced(program: &Path, calls: &str, log: &Path) -> Self {
        let mut words: Vec<String> =
            ["strace", "-ff", "-qq", "-y", "-s", "4096", "-e", "signal=none", "-e"]
                .map(str::to_owned)
                .into();
        words.extend([format!("trace={calls}"), "-o".into()]);
        words.extend([log.join("thread").display().to_string(), program.display().to_string()]);
        Self::by(words)
    }

    /// An account without rights, to which the place is given. None, after saying why, where that
    /// can't be.
    pub fn unprivileged(program: &Path, place: &Place) -> Option<Self> {
        if !is_root() {
            eprintln!("skipped: only root may look into the window's memory");
            return None;
        }
        if !has_tool("setpriv") || !has_tool("prlimit") {
            return None;
        }
        // Where root builds, nobody else may read.
        let programs = tempfile::tempdir().unwrap();
        let copy = programs.path().join("vaultmark-desktop");
        fs::copy(program, &copy).unwrap();
        fs::copy(program.with_file_name("vaultmark"), copy.with_file_name("vaultmark")).unwrap();
        for path in [programs.path(), place.folder()] {
            for entry in walkdir::WalkDir::new(path) {
                let owner = Some(NOBODY);
                std::os::unix::fs::lchown(entry.unwrap().path(), owner, owner).unwrap();
            }
        }
        let mut words = vec!["prlimit".to_owned(), format!("--memlock={MEMLOCK}:{MEMLOCK}")];
        words.extend(["setpriv", "--clear-groups"].map(str::to_owned));
        words.extend([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")]);
        words.push(copy.display().to_string());
        Some(Self { programs: Some(programs), ..Self::by(words) })
    }

    /// Takes the window's program away, as an update that is under way does. Only of an account without
    /// rights, which has its own.
    pub fn takes_the_program_away(&self) {
        let folder = self.programs.as_ref().expect("programs of its own").path();
        fs::remove_file(folder.join("vaultmark-desktop")).unwrap();
    }

    /// Starts the window on the place's vault. All that it may keep goes to folders of the place:
    /// where nothing else is said, below HOME.
    pub fn start(&self, place: &Place, display: &str) -> Process {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).arg(place.vault());
        command.env_clear().current_dir(place.folder().join("home"));
        for (name, folder) in [("HOME", "home"), ("TMPDIR", "tmp"), ("XDG_RUNTIME_DIR", "runtime")]
        {
            command.env(name, place.folder().join(folder));
        }
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("DISPLAY", display)
            .env("NO_AT_BRIDGE", "1")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Process::start(&mut command)
    }
}
