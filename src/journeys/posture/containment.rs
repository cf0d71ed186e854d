//! The network seal, tried; the decoder's walls.

use std::path::Path;

use vaultmark_contain::{FileWall, Probe, Standing, file_wall, probe, standing};

use super::Finding;

/// The Landlock version that denies everything the walls ask for (landlock(7)).
const WHOLE_LANDLOCK: u32 = 6;

pub(super) fn look(helper: &Path) -> (Vec<Finding>, Vec<Probe>) {
    let probes = probe(Some((helper, crate::startup::PROBE)));
    (vec![network(&probes), decoder()], probes)
}

fn network(probes: &[Probe]) -> Finding {
    const NAME: &str = "network-seal";
    const REMEDY: &str = "Do not trust this installation to keep to itself: unplug the network, and tell its keeper.";
    let held = probes.iter().filter(|probe| probe.held).count();
    let seen = format!("{held} of {} attempts ended as they must", probes.len());
    match standing() {
        Standing::Sealed if held == probes.len() => Finding::fine(NAME, format!("sealed; {seen}")),
        Standing::Sealed => Finding::warning(NAME, format!("sealed, but {seen}"), REMEDY),
        Standing::Open(why) => Finding::warning(NAME, format!("not sealed: {why}; {seen}"), REMEDY),
        Standing::Untried => Finding::warning(NAME, format!("not sealed; {seen}"), REMEDY),
    }
}

fn decoder() -> Finding {
    const NAME: &str = "decoder-walls";
    const REMEDY: &str = "Use a kernel of version 6.12 or newer with `landlock` among its `lsm`; \
                          the system call filter holds in any case.";
    let calls = "a short list of system calls";
    match file_wall() {
        FileWall::Landlock(version) if version >= WHOLE_LANDLOCK => {
            Finding::fine(NAME, format!("{calls}, Landlock {version}"))
        }
        FileWall::Landlock(version) => {
            Finding::warning(NAME, format!("{calls}, an early Landlock ({version})"), REMEDY)
        }
        FileWall::Missing => Finding::warning(NAME, format!("{calls}, no Landlock"), REMEDY),
    }
}
