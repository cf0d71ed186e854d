//! The network seal, tried; the decoder's walls; the web engine's.

use std::path::Path;

use directories::BaseDirs;
use vaultmark_contain::{
    BEHIND_LANDLOCK, FileWall, Probe, Standing, Unavailable, can_wall_web_engine, file_wall,
    probe_decoder, probe_network, probe_web_engine, standing,
};

use vaultmark_store::audit::Outcome;

use super::Finding;
use crate::{AppError, Session};

/// The Landlock version that denies everything the walls ask for (landlock(7)).
const WHOLE_LANDLOCK: u32 = 6;

pub(super) fn look(helper: &Path, vault: Option<&Path>) -> (Vec<Finding>, Vec<Probe>) {
    let helper = (helper, crate::startup::PROBE);
    let (mut probes, walled) = (probe_network(helper), probe_decoder(helper));
    let drawn = drawn(vault);
    let web_engine = web_engine(&drawn, can_wall_web_engine);
    let findings = vec![network(&probes), decoder(&walled), web_engine];
    probes.extend(walled.into_iter().chain(drawn));
    (findings, probes)
}

/// What is seen of the processes that draw the pages of this one.
fn drawn(vault: Option<&Path>) -> Vec<Probe> {
    let home = BaseDirs::new();
    let home = home.as_ref().map(BaseDirs::home_dir).filter(|home| home.is_dir());
    probe_web_engine(home, vault)
}

/// Records what is missing of the walls around what draws the session's pages, where anything does.
///
/// # Errors
/// The store's where the record can't be written.
pub fn record_web_engine(session: &Session) -> Result<(), AppError> {
    let drawn = drawn(Some(session.vault().path()));
    let missing: Vec<_> =
        drawn.iter().filter(|probe| !probe.held).map(|probe| probe.what).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let facts = [("missing", format!("walls: {}", missing.join(", ")))];
    session.record("containment", Outcome::Failed, None, facts)
}

/// How many ended as they must, in words.
fn tally(probes: &[Probe]) -> (bool, String) {
    let held = probes.iter().filter(|probe| probe.held).count();
    let all = probes.len();
    (held == all, format!("{held} of {all} attempts ended as they must"))
}

fn network(probes: &[Probe]) -> Finding {
    const NAME: &str = "network-seal";
    const REMEDY: &str = "Do not trust this installation to keep to itself: unplug the network, and tell its keeper.";
    let (held, seen) = tally(probes);
    match standing() {
        Standing::Sealed if held => Finding::fine(NAME, format!("sealed; {seen}")),
        Standing::Sealed => Finding::warning(NAME, format!("sealed, but {seen}"), REMEDY),
        Standing::Open(why) => Finding::warning(NAME, format!("not sealed: {why}; {seen}"), REMEDY),
        Standing::Untried => Finding::warning(NAME, format!("not sealed; {seen}"), REMEDY),
    }
}

fn decoder(probes: &[Probe]) -> Finding {
    decoder_of(file_wall(), probes)
}

fn decoder_of(files: FileWall, probes: &[Probe]) -> Finding {
    const NAME: &str = "decoder-walls";
    const NEWER: &str = "Use a kernel of version 6.12 or newer with `landlock` among its `lsm`; \
                         the system call filter holds in any case.";
    const BROKEN: &str = "Do not import strangers' files on this computer, and tell its keeper.";
    if probes.is_empty() {
        return Finding::warning(NAME, "this system has none", BROKEN);
    }
    let (_, tried) = tally(probes);
    let is_missing = files == FileWall::Missing;
    let (files, is_whole) = match files {
        FileWall::Landlock(version) if version >= WHOLE_LANDLOCK => {
            (format!("Landlock {version}"), true)
        }
        FileWall::Landlock(version) => (format!("an early Landlock ({version})"), false),
        FileWall::Missing => ("no Landlock".into(), false),
    };
    let seen = format!("a short list of system calls, {files}; {tried}");
    // Where there is no Landlock, what was tried behind it alone went through.
    let is_excused = |probe: &Probe| is_missing && probe.what == BEHIND_LANDLOCK;
    if !probes.iter().all(|probe| probe.held || is_excused(probe)) {
        Finding::warning(NAME, seen, BROKEN)
    } else if is_whole {
        Finding::fine(NAME, seen)
    } else {
        Finding::warning(NAME, seen, NEWER)
    }
}

/// What draws pages runs beside the window alone. Whether its walls could be put up tells why they were
/// not, or what to expect.
fn web_engine(probes: &[Probe], can: impl Fn() -> Result<(), Unavailable>) -> Finding {
    const NAME: &str = "web-engine-walls";
    const ELSEWHERE: &str =
        "See the window's Security page: it looks at the engine while it draws.";
    const REMEDY: &str = "Install `bubblewrap` and `xdg-dbus-proxy`, let them make user namespaces \
                          (an AppArmor profile for /usr/bin/bwrap, \
                          `user.max_user_namespaces` above 0), have a session with a runtime folder \
                          in memory, and start the window again.";
    let (held, tried) = tally(probes);
    if held && !probes.is_empty() {
        return Finding::fine(NAME, format!("what draws pages is walled in; {tried}"));
    }
    match can() {
        Ok(()) if probes.is_empty() => {
            let seen = "this program draws no pages; walls can be put up on this computer";
            Finding::unknown(NAME, seen, ELSEWHERE)
        }
        Err(why) if probes.is_empty() => {
            let seen = format!("this program draws no pages; of walls around what does: {why}");
            Finding::unknown(NAME, seen, ELSEWHERE)
        }
        Ok(()) => Finding::warning(NAME, format!("not whole; {tried}"), REMEDY),
        Err(why) => Finding::warning(NAME, format!("not whole: {why}; {tried}"), REMEDY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journeys::posture::State;

    fn probes(failed: Option<&'static str>) -> Vec<Probe> {
        [BEHIND_LANDLOCK, "decoder: local socket"]
            .map(|what| {
                let held = failed != Some(what);
                Probe { what, expected: "refused", seen: String::new(), held }
            })
            .into()
    }

    #[test]
    fn walls_around_what_draws_are_claimed_only_where_they_were_seen() {
        let probe = |held| Probe { what: "network", expected: "", seen: String::new(), held };
        let missing = || Err(Unavailable::WebEngine("it is missing".into()));
        let of = |probes: &[Probe], can: fn() -> Result<(), Unavailable>| web_engine(probes, can);
        for can in [(|| Ok(())) as fn() -> _, missing] {
            assert_eq!(of(&[], can).state, State::Unknown);
            assert_eq!(of(&[probe(true)], can).state, State::Fine);
            assert_eq!(of(&[probe(true), probe(false)], can).state, State::Warning);
        }
        assert!(of(&[probe(false)], missing).seen.contains("it is missing"));
    }

    #[test]
    fn a_wall_that_did_not_hold_is_never_called_harmless() {
        let of = |files, failed| decoder_of(files, &probes(failed));
        assert_eq!(of(FileWall::Landlock(WHOLE_LANDLOCK), None).state, State::Fine);
        for (files, failed, remedy) in [
            (FileWall::Landlock(3), None, "kernel of version"),
            (FileWall::Missing, None, "kernel of version"),
            (FileWall::Missing, Some(BEHIND_LANDLOCK), "kernel of version"),
            (FileWall::Landlock(3), Some(BEHIND_LANDLOCK), "Do not import"),
            (FileWall::Landlock(7), Some("decoder: local socket"), "Do not import"),
            (FileWall::Landlock(3), Some("decoder: local socket"), "Do not import"),
            (FileWall::Missing, Some("decoder: local socket"), "Do not import"),
        ] {
            let finding = of(files, failed);
            assert_eq!(finding.state, State::Warning);
            assert!(finding.remedy.is_some_and(|text| text.contains(remedy)), "{failed:?}");
        }
        assert_eq!(decoder_of(FileWall::Missing, &[]).state, State::Warning);
    }
}
