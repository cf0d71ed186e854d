//! What is left in memory once the window is locked: in the program, and in all that it started.
//!
//! The window runs as an account without rights that may lock 8 MiB of memory; root looks in from
//! outside.

use std::collections::BTreeMap;
use std::path::Path;

use crate::desk::{Desk, display};
use crate::marked::Marked;
use crate::memory_search::{Sighting, Wanted, found};
use crate::starter::{Starter, shipped};
use crate::window::{Keyboard, process};

/// What lies in each process of the window, by the process's name and number.
struct Lies(BTreeMap<String, Vec<Sighting>>);

impl Lies {
    /// Looks for these in all processes.
    fn of(desk: &Desk, wanted: &[Wanted]) -> Self {
        let family = desk.family().into_iter();
        let looked = family.map(|id| {
            let name = format!("{} {id}", process::program(id));
            (name, found(&Path::new("/proc").join(id.to_string()), wanted))
        });
        Self(looked.filter(|(_, sightings)| !sightings.is_empty()).collect())
    }

    /// Whether this was seen, in any form, in a process whose name begins so.
    fn has(&self, process: &str, what: &str) -> bool {
        let of = self.0.iter().filter(|(name, _)| name.starts_with(process));
        of.flat_map(|(_, sightings)| sightings).any(|one| one.what.starts_with(what))
    }

    /// How often each thing was seen in which process.
    fn counts(&self) -> Vec<String> {
        let mut counts = BTreeMap::<String, usize>::new();
        for (process, sightings) in &self.0 {
            for one in sightings {
                *counts.entry(format!("{process}: {}", one.what)).or_default() += one.times;
            }
        }
        counts.into_iter().map(|(what, times)| format!("{what}, {times} times")).collect()
    }
}

/// That nothing is left of these, in any process.
pub fn nothing_is_left(desk: &Desk, wanted: &[Wanted], when: &str) {
    let left = Lies::of(desk, wanted);
    assert!(left.0.is_empty(), "{when}:\n{:#?}\n{:#?}", left.counts(), left.0);
}

#[test]
fn nothing_of_a_vault_lies_in_the_windows_memory_once_it_is_locked() {
    let (Some(program), Some(display)) = (shipped(), display()) else { return };
    let Some(keyboard) = Keyboard::of(&display) else { return };
    let marked = Marked::prepare();
    let Some(mut secrets) = marked.keys() else { return };
    secrets.extend(Marked::texts());
    let pixels = Marked::pixels();
    let Some(starter) = Starter::unprivileged(&program, &marked.place) else { return };

    let desk = Desk::open(&marked, &display, keyboard, &starter);
    desk.sign_in();
    desk.library();
    desk.annotate();
    desk.note();
    // The search finds what is there: keys in the program, names in what draws them.
    let open = Lies::of(&desk, &secrets);
    assert!(open.has("vaultmark-deskt", "vault-key"), "{:#?}", open.counts());
    for what in ["the project's name", "the file's name", "the note", "the typed note"] {
        assert!(open.has("WebKitWeb", what), "{what}: {:#?}", open.counts());
    }
    let drawn = Lies::of(&desk, &pixels);
    assert!(drawn.0.keys().any(|process| process.starts_with("WebKitWeb")), "no pixel is seen");
    let before = desk.web_process();
    desk.security();
    desk.lock();

    assert_ne!(desk.web_process(), before, "what drew the vault's pages has not ended");
    let left = Lies::of(&desk, &pixels).counts();
    println!("runs of the picture's pixels after locking: {left:#?}");
    nothing_is_left(&desk, &secrets, "after locking");
    desk.kill();
}
