//! The walls around what draws pages: WebKitGTK's own, which bubblewrap puts up. The engine tells nobody
//! whether they stand, so that is looked at from outside: in the namespaces and the mounts of its process
//! (namespaces(7), proc_pid_mountinfo(5)).

mod mounts;

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{Access, access};

use crate::{Probe, Unavailable};
use mounts::Mounts;

/// Where distributions install what the engine starts; it dies where one of them is missing.
const BUBBLEWRAP: &str = "/usr/bin/bwrap";
const BUS_PROXY: &str = "/usr/bin/xdg-dbus-proxy";
/// The namespaces and kinds of file systems that the engine asks for, around a program that ends at once.
const ASKED: &[&str] = &[
    "--unshare-uts",
    "--unshare-pid",
    "--unshare-net",
    "--ro-bind",
    "/usr",
    "/usr",
    "--ro-bind-try",
    "/lib",
    "/lib",
    "--ro-bind-try",
    "/lib64",
    "/lib64",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--tmpfs",
    "/tmp",
    "--",
    BUBBLEWRAP,
    "--version",
];
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Inside another sandbox, which leaves this file, the engine asks that one for walls instead.
const OTHER_SANDBOX: &str = "/.flatpak-info";

/// The process that draws pages, as the kernel cuts its name.
const DRAWS: &str = "WebKitWebProces";

/// What a probe of it says.
const ABSENT: &str = "not there";
const PRESENT: &str = "there";

/// Whether the engine's walls would stand here: tries to put up the like.
///
/// # Errors
/// [`Unavailable`], with what is missing or what was said.
pub fn can_wall_web_engine() -> Result<(), Unavailable> {
    let unavailable = |why: String| Err(Unavailable::WebEngine(why));
    if Path::new(OTHER_SANDBOX).exists() {
        return unavailable(format!("this is another sandbox: {OTHER_SANDBOX} is there"));
    }
    for tool in [BUBBLEWRAP, BUS_PROXY] {
        if let Err(error) = access(tool, Access::EXEC_OK) {
            return unavailable(format!("{tool}: {error}"));
        }
    }
    let tried = Command::new(BUBBLEWRAP)
        .args(ASKED)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(ends);
    match tried {
        Ok(None) => Ok(()),
        Ok(Some(why)) => unavailable(why),
        Err(error) => unavailable(format!("{BUBBLEWRAP}: {error}")),
    }
}

/// Waits for its end; what it said where that was no good one.
fn ends(mut child: Child) -> io::Result<Option<String>> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(Some(format!("{BUBBLEWRAP} takes longer than {} s", PATIENCE.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let ended = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    let first = said.lines().next().unwrap_or_default().chars().take(200).collect();
    Ok((!ended.status.success()).then_some(first))
}

/// Looks from outside at the processes that draw this program's pages: whether the computer's network
/// is there for them, the person's home folder as a whole, and any part of the vault's. Empty where none
/// draws.
#[must_use]
pub fn probe_web_engine(home: Option<&Path>, vault: Option<&Path>) -> Vec<Probe> {
    let drawing = descendants().into_iter().filter(|id| name(*id).as_deref() == Some(DRAWS));
    drawing
        .flat_map(|id| {
            let mounts = || Mounts::of(&id.to_string());
            let home = home.map(|home| {
                let seen = mounts().and_then(|theirs| Ok(theirs.hold(&Mounts::place(home)?)));
                compare("web engine: the home folder", seen)
            });
            let vault = vault.map(|vault| {
                let seen = mounts().and_then(|theirs| Ok(theirs.touch(&Mounts::place(vault)?)));
                compare("web engine: the vault's folder, or a part of it", seen)
            });
            let network = compare("web engine: the computer's network", shares_network(id));
            [Some(network), home, vault].into_iter().flatten()
        })
        .collect()
}

fn compare(what: &'static str, seen: io::Result<bool>) -> Probe {
    let held = matches!(seen, Ok(false));
    let seen = match seen {
        Ok(true) => PRESENT.into(),
        Ok(false) => ABSENT.into(),
        Err(error) => format!("can't be seen ({error})"),
    };
    Probe { what, expected: ABSENT, seen, held }
}

fn shares_network(id: u32) -> io::Result<bool> {
    let theirs = fs::read_link(format!("/proc/{id}/ns/net"))?;
    Ok(theirs == fs::read_link("/proc/self/ns/net")?)
}

/// All processes that this one started, and those that they started.
fn descendants() -> Vec<u32> {
    let listed = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = listed.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<(u32, u32)> = all.filter_map(|id| Some((id, parent(id)?))).collect();
    let mut found = vec![std::process::id()];
    let mut at = 0;
    while let Some(&one) = found.get(at) {
        found.extend(parents.iter().filter(|(_, parent)| *parent == one).map(|(id, _)| id));
        at += 1;
    }
    found
}

/// The process that started this one (proc_pid_stat(5): behind the name and the state).
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit(") ").next()?.split_whitespace().nth(1)?.parse().ok()
}

fn name(id: u32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{id}/comm")).ok()?.trim_end().to_owned())
}
