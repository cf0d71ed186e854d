//! What the walls cost where a person waits: an import whose decoders are walled in, against decoders
//! that are not; and tiles on their way to the screen, sealed and walled in, against neither.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use vaultmark::journeys::import;
use vaultmark::model::work::Work;
use vaultmark::{DecoderProgram, Session};

use crate::desk::{
    Desk, Outcome, PASSPHRASE, PERSON, contest, data, program, sign_in_with, threads, timed,
};
use crate::made;
use crate::screen::Screen;
use crate::table::Row;

const IMPORT: &str = "import, decoders walled in against not";
const TILES: &str = "tile to screen, sealed and walled against not";
/// The image whose tiles are shown.
const IMAGE: &str = "osd_6976x5074.jpg";

/// Measures both.
pub fn run(desk: &Desk) -> Outcome<Vec<Row>> {
    let bare = program().with_file_name("bare-decoder");
    if !bare.is_file() {
        let why = format!("{} is not built (`cargo xtask bench` does)", bare.display());
        return Ok([IMPORT, TILES].map(|work| Row::LeftOut { work, why: why.clone() }).into());
    }
    Ok(vec![imported(desk, &bare)?, shown(desk, &bare)?])
}

fn decoders(program: &Path) -> DecoderProgram {
    DecoderProgram { program: program.to_owned(), workers: threads() }
}

fn imported(desk: &Desk, bare: &Path) -> Outcome<Row> {
    let named = ["bccd", "overhead"].map(data);
    let Some(paths) = named.into_iter().collect::<Option<Vec<PathBuf>>>() else {
        return Ok(Row::LeftOut { work: IMPORT, why: "../shared/data is not here".into() });
    };
    let vaults = ["walled.vault", "bare.vault"];
    for vault in vaults {
        drop(desk.vault(vault)?.lock()?);
    }
    let walled = sign_in_with(&desk.path(vaults[0]), decoders(&program()))?;
    let open = sign_in_with(&desk.path(vaults[1]), decoders(bare))?;
    let import = |session: &Session, round: u32| -> Outcome<Duration> {
        let project = made::project(session, &format!("round {round}"))?.id();
        let (report, time) = timed(|| {
            let plan = Work::quiet(|work| import::plan(session, project, &paths, work))?;
            Ok(Work::quiet(|work| import::perform(session, project, &plan, work))?)
        })?;
        if report.imported < 364 {
            return Err(format!("{} were imported", report.imported).into());
        }
        Ok(time)
    };
    // Both as the program runs, with its allocator: only the walls differ.
    let (mut ours, mut baseline) = (Duration::MAX, Duration::MAX);
    for round in 0..7 {
        baseline = baseline.min(import(&open, round)?);
        ours = ours.min(import(&walled, round)?);
    }
    Ok(Row::Ratio { work: IMPORT, ours, baseline, bound: 1.15 })
}

fn shown(desk: &Desk, bare: &Path) -> Outcome<Row> {
    let left_out = |why: String| Ok(Row::LeftOut { work: TILES, why });
    let Some(image) = data(&format!("large/{IMAGE}")) else {
        return left_out("../shared/data is not here".into());
    };
    let window = program().with_file_name("examples").join("tiles");
    if !window.is_file() {
        return left_out(format!("{} is not built (`cargo xtask bench` does)", window.display()));
    }
    let screen = match Screen::start() {
        Ok(screen) => screen,
        Err(error) => return left_out(error.to_string()),
    };
    let session = desk.vault("tiles.vault")?;
    let project = made::project(&session, "tiles")?.id();
    let plan = Work::quiet(|work| import::plan(&session, project, &[image], work))?;
    Work::quiet(|work| import::perform(&session, project, &plan, work))?;
    drop(session.lock()?);
    let vault = desk.path("tiles.vault");
    let show = |decoder: &Path, seal: &str| show(desk, &screen, &window, &vault, decoder, seal);
    let (ours, baseline) = contest(5, |_| show(&program(), "sealed"), |_| show(bare, "open"))?;
    Ok(Row::Ratio { work: TILES, ours, baseline, bound: 1.05 })
}

/// The time that the window tells.
fn show(
    desk: &Desk,
    screen: &Screen,
    window: &Path,
    vault: &Path,
    decoder: &Path,
    seal: &str,
) -> Outcome<Duration> {
    let home = desk.path("tiles.home");
    std::fs::create_dir_all(home.join("run"))?;
    let mut child = Command::new(window)
        .arg(vault)
        .args([PERSON, IMAGE])
        .arg(decoder)
        .arg(seal)
        .env_clear()
        .env("NO_AT_BRIDGE", "1")
        .env("LANG", "C.UTF-8")
        .env("DISPLAY", &screen.name)
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut passphrase) = child.stdin.take() {
        writeln!(passphrase, "{PASSPHRASE}")?;
    }
    let output = child.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let micros = told.trim().parse().map_err(|_| format!("the window told `{}`", told.trim()))?;
    Ok(Duration::from_micros(micros))
}
