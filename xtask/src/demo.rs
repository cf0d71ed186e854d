//! The main job on real imagery, in under a screen: vault, import, labels, COCO, a bundle verified
//! both ways, and the window.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::run::{self, Outcome, answers};
use crate::{paths, programs, setup};

/// The throw-away vault's passphrase; its vault guards nothing.
const PASSPHRASE: &str = "a passphrase for the demo only";

/// Sets up, builds in release, does the main job, opens the window. `--no-window` leaves it out.
pub fn run(arguments: &[String]) -> Outcome {
    setup::for_demo()?;
    setup::build_ui()?;
    programs::shipped()?;
    let demo = Demo::new()?;
    println!("\nVaultmark demo in {}\n", demo.folder.display());
    demo.main_job()?;
    demo.stock_tools()?;
    if arguments.iter().any(|word| word == "--no-window") {
        return Ok(());
    }
    demo.window()
}

struct Demo {
    folder: PathBuf,
    vault: PathBuf,
    passphrase: PathBuf,
}

impl Demo {
    fn new() -> Outcome<Self> {
        let stamp = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let folder = std::env::temp_dir().join(format!("vaultmark-demo-{stamp}"));
        let failed = |e| format!("{}: {e}", folder.display());
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let passphrase = folder.join("passphrase.txt");
        std::fs::write(&passphrase, PASSPHRASE).map_err(failed)?;
        Ok(Self { vault: folder.join("demo.vault"), passphrase, folder })
    }

    /// One step: the command's result, its first line, and how long it took.
    fn step(&self, title: &str, words: &[&str]) -> Outcome<String> {
        self.step_ending(title, words, &[0])
    }

    fn step_ending(&self, title: &str, words: &[&str], codes: &[i32]) -> Outcome<String> {
        let mut command = Command::new(paths::program("release", "vaultmark"));
        command.arg("--vault").arg(&self.vault).args([
            "--as",
            "demo",
            "--quiet",
            "--passphrase-file",
        ]);
        command.arg(&self.passphrase).args(words).stdin(Stdio::null());
        self.show(title, &mut command, codes)
    }

    fn show(&self, title: &str, command: &mut Command, codes: &[i32]) -> Outcome<String> {
        let start = Instant::now();
        let output = command.output().map_err(|e| format!("{title}: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.code().is_some_and(|code| codes.contains(&code)) {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{title} failed ({})\n{text}{errors}", output.status));
        }
        let first = text.lines().next().unwrap_or_default();
        println!("{title:<22} {first}  [{:.2} s]", start.elapsed().as_secs_f64());
        Ok(text)
    }

    fn main_job(&self) -> Outcome {
        let sample = paths::root().join("assets").join("sample");
        let sample = sample.to_string_lossy();
        let bundle = self.folder.join("trees.bag.zip");
        let bundle = bundle.to_string_lossy();
        let coco = self.folder.join("trees.json");
        let signers = self.folder.join("demo.allowed_signers");
        self.step(
            "make a vault",
            &[
                "init",
                "--officer",
                "demo",
                "--marking",
                "UNCLASSIFIED",
                "--export-policy",
                "single",
            ],
        )?;
        self.step("make a project", &["project", "new", "trees"])?;
        self.step("import imagery", &["import", &sample])?;
        self.step("import VOC labels", &["annotations", "import", "--format", "voc", &sample])?;
        let why = ["--justification", "the demo"];
        self.step(
            "export COCO",
            &["annotations", "export", "--format", "coco", why[0], why[1], &coco.to_string_lossy()],
        )?;
        self.step(
            "create a bundle",
            &["bundle", "create", "--media", "--to", &bundle, why[0], why[1]],
        )?;
        let line = self.step("its signer", &["bundle", "signer"])?;
        std::fs::write(&signers, line).map_err(|e| format!("{}: {e}", signers.display()))?;
        self.step(
            "verify with us",
            &["bundle", "verify", &bundle, "--signers", &signers.to_string_lossy()],
        )?;
        self.step("check the vault", &["check"])?;
        Ok(())
    }

    /// The same verification with tools that every workstation has.
    fn stock_tools(&self) -> Outcome {
        if !answers("unzip", "-v") || !answers("ssh-keygen", "-?") {
            println!("{:<22} unzip or ssh-keygen is not installed here", "verify without us");
            return Ok(());
        }
        let script = "mkdir bag && cd bag && unzip -q ../trees.bag.zip \
            && ssh-keygen -Y verify -f ../demo.allowed_signers -I demo -n vaultmark-bundle-creator \
               -s signatures/creator.sig < tagmanifest-sha512.txt \
            && sha512sum -c --quiet tagmanifest-sha512.txt && sha512sum -c --quiet manifest-sha512.txt \
            && test $(find data -type f | wc -l) = $(wc -l < manifest-sha512.txt)";
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(&self.folder);
        self.show("verify without us", &mut command, &[0]).map(|_| ())
    }

    fn window(&self) -> Outcome {
        let desktop = paths::program("release", "vaultmark-desktop");
        println!("\nname: demo   passphrase: {PASSPHRASE}");
        if std::env::var_os("DISPLAY").is_none() {
            println!(
                "There is no display here. Where there is one, open the window with\n  {} {}",
                desktop.display(),
                self.vault.display()
            );
            return Ok(());
        }
        open(&desktop, &self.vault)
    }
}

fn open(desktop: &Path, vault: &Path) -> Outcome {
    println!("opening the window on this vault; close it to end the demo");
    run::run(Command::new(desktop).arg(vault))
}
