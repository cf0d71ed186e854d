//! The network seal, tried; the decoder's walls.

use std::path::Path;

use vaultmark_contain::{
    FileWall, Probe, Standing, file_wall, probe_decoder, probe_network, standing,
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
    const NAME: &str = "decoder-walls";
    const NEWER: &str = "Use a kernel of version 6.12 or newer with `landlock` among its `lsm`; \
                         the system call filter holds in any case.";
    const BROKEN: &str = "Do not import strangers' files on this computer, and tell its keeper.";
    let (held, tried) = tally(probes);
    let seen = |files: &str| format!("a short list of system calls, {files}; {tried}");
    match file_wall() {
        FileWall::Landlock(version) if version < WHOLE_LANDLOCK => {
            Finding::warning(NAME, seen(&format!("an early Landlock ({version})")), NEWER)
        }
        FileWall::Missing => Finding::warning(NAME, seen("no Landlock"), NEWER),
        FileWall::Landlock(version) if held => {
            Finding::fine(NAME, seen(&format!("Landlock {version}")))
        }
        FileWall::Landlock(version) => {
            Finding::warning(NAME, seen(&format!("Landlock {version}")), BROKEN)
        }
    }
}
