//! System packages through apt, on Debian and Ubuntu.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Outcome, answers, run};

/// What is needed: how to see that it is there, and the package that brings it.
struct Need {
    seen: Seen,
    package: &'static str,
}

enum Seen {
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A program that starts with this argument.
    Program(&'static str, &'static str),
    /// A file.
    File(&'static str),
}

const NEEDS: &[Need] = &[
    // Building.
    Need { seen: Seen::Program("cc", "--version"), package: "build-essential" },
    Need { seen: Seen::Program("make", "--version"), package: "build-essential" },
    Need { seen: Seen::Program("perl", "--version"), package: "perl" },
    Need { seen: Seen::Program("pkg-config", "--version"), package: "pkg-config" },
    Need { seen: Seen::Library("webkit2gtk-4.1"), package: "libwebkit2gtk-4.1-dev" },
    Need { seen: Seen::Library("gtk+-3.0"), package: "libgtk-3-dev" },
    Need { seen: Seen::Program("node", "--version"), package: "nodejs" },
    Need { seen: Seen::Program("npm", "--version"), package: "npm" },
    // Proving: the real window, and the stock tools that verify a bundle without us.
    Need { seen: Seen::Program("git", "--version"), package: "git" },
    Need { seen: Seen::Program("Xvfb", "-help"), package: "xvfb" },
    Need { seen: Seen::Program("WebKitWebDriver", "--version"), package: "webkit2gtk-driver" },
    Need { seen: Seen::Program("chromium", "--version"), package: "chromium" },
    Need { seen: Seen::Program("xdotool", "version"), package: "xdotool" },
    Need { seen: Seen::Program("xclip", "-version"), package: "xclip" },
    Need { seen: Seen::Program("strace", "-V"), package: "strace" },
    Need { seen: Seen::Program("unzip", "-v"), package: "unzip" },
    Need { seen: Seen::Program("ssh-keygen", "-?"), package: "openssh-client" },
    Need { seen: Seen::Program("age", "--version"), package: "age" },
    Need { seen: Seen::Program("python3", "--version"), package: "python3" },
    Need {
        seen: Seen::File("/usr/lib/python3/dist-packages/virtualenv/__init__.py"),
        package: "python3-virtualenv",
    },
];

/// Installs the packages of whatever is missing.
///
/// # Errors
/// Where this is no Debian or Ubuntu, or neither root nor sudo is at hand: the sentence holds the
/// command to run.
pub fn install() -> Outcome {
    let mut packages: Vec<&str> =
        NEEDS.iter().filter(|need| !is_there(&need.seen)).map(|need| need.package).collect();
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !Path::new("/etc/debian_version").exists() || !answers("apt-get", "--version") {
        return Err(format!(
            "this machine lacks {}; it is no Debian or Ubuntu, so install their like by hand",
            packages.join(", ")
        ));
    }
    let Some(mut prefix) = privilege() else {
        return Err(format!("this machine lacks packages; as root, run: {by_hand}"));
    };
    println!("set-up: installing {}", packages.join(", "));
    let mut apt = |arguments: &[&str]| {
        prefix.extend(["apt-get".to_owned()]);
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        prefix.pop();
        run(command.stdin(Stdio::null()))
    };
    apt(&["update", "-q"])?;
    let mut words = vec!["install", "-q", "-y", "--no-install-recommends"];
    words.extend(&packages);
    apt(&words)?;
    match NEEDS.iter().find(|need| !is_there(&need.seen)) {
        None => Ok(()),
        Some(need) => Err(format!("{} was installed but is not found", need.package)),
    }
}

fn is_there(seen: &Seen) -> bool {
    match seen {
        Seen::Program(name, argument) => answers(name, argument),
        Seen::File(path) => Path::new(path).exists(),
        Seen::Library(name) => Command::new("pkg-config")
            .args(["--exists", name])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success()),
    }
}

/// How to become root: nothing to add, `sudo`, or not at all. `env` keeps the words uniform.
fn privilege() -> Option<Vec<String>> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.starts_with(b"0\n") {
        return Some(vec!["env".into()]);
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status();
    if sudo.is_ok_and(|status| status.success()) {
        return Some(vec!["sudo".into(), "-n".into(), "env".into()]);
    }
    // A person at a terminal can type a password; a script can't.
    use std::io::IsTerminal as _;
    (std::io::stdin().is_terminal() && answers("sudo", "--version"))
        .then(|| vec!["sudo".into(), "env".into()])
}
