//! The network seal, tried; the decoder's walls.

use std::path::Path;

use vaultmark_contain::{
    BEHIND_LANDLOCK, FileWall, Probe, Standing, file_wall, probe_decoder, probe_network, standing,
};

use super::Finding;

/// The Landlock version that denies everything the walls ask for (landlock(7)).
const WHOLE_LANDLOCK: u32 = 6;

pub(super) fn look(helper: &Path) -> (Vec<Finding>, Vec<Probe>) {
    let helper = (helper, crate::startup::PROBE);
    let (mut probes, walled) = (probe_network(helper), probe_decoder(helper));
    let findings = vec![network(&probes), decoder(&walled)];
    probes.extend(walled);
    (findings, probes)
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
