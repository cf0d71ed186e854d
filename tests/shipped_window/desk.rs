//! The shipped window on a display of its own, worked by keyboard: the steps of a person's day. Each
//! ends when its effect can be seen: on the screen or in the vault.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use crate::marked::{Marked, PASSPHRASE, PERSON, TYPED, colours};
use crate::starter::Starter;
use crate::window::{Display, Keyboard, Picture, Process, process};

/// As long as a slow machine may take for one step, with a tracer at its heels.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// The ground of the banner of an unclassified vault, and the frame of what has the keys
/// (ui/src/theme/tokens.css).
const BANNER: [u8; 3] = [0x00, 0x7a, 0x33];
const FOCUS: [u8; 3] = [0x8c, 0xc4, 0xf5];
/// The program's name as the kernel cuts it.
const PROGRAM: &str = "vaultmark-deskt";
/// Pixels in ten thousand that differ where the first screen is seen again, with or without its
/// field's frame; another screen differs in ten times as many.
const SAME_SCREEN: usize = 80;

/// Waits until there is something.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A display; says that it is skipped where there is none.
pub fn display() -> Option<Display> {
    let display = Display::start(1280, 800);
    if display.is_none() {
        eprintln!("skipped: Xvfb is not installed");
    }
    display
}

/// The open window.
pub struct Desk<'d> {
    vault: PathBuf,
    display: &'d Display,
    keyboard: Keyboard<'d>,
    starter: Process,
    program: u32,
    front: Picture,
}

impl<'d> Desk<'d> {
    /// Starts the window on the vault and waits for its first screen.
    pub fn open(
        marked: &Marked,
        display: &'d Display,
        keyboard: Keyboard<'d>,
        starter: &Starter,
    ) -> Self {
        let starter = starter.start(&marked.place, display.name());
        // A tracer first starts a process to try itself on.
        let program = until("the program", || {
            let family = process::family(starter.id());
            family.into_iter().find(|id| process::program(*id) == PROGRAM)
        });
        let vault = marked.place.vault().to_owned();
        let mut desk = Self { vault, display, keyboard, starter, program, front: display.look() };
        until("the window", || keyboard.is_given_to("Vaultmark").then_some(()));
        desk.front = desk.sees("the first screen", asks_for_a_name);
        desk
    }

    /// The numbers of all its processes.
    pub fn family(&self) -> Vec<u32> {
        process::family(self.program)
    }

    /// The number of its web process, which draws.
    pub fn web_process(&self) -> Option<u32> {
        self.family().into_iter().find(|id| process::program(*id).starts_with("WebKitWeb"))
    }

    /// Ends the web process. Its engine catches the first fault that it did not make itself.
    pub fn end_the_page(&self, end: impl Fn(u32)) {
        let web = self.web_process().expect("a web process");
        until("the end of the web process", || {
            let is_running = process::is_running(web);
            if is_running {
                end(web);
            }
            (!is_running).then_some(())
        });
    }

    /// Types name and passphrase into the first screen.
    pub fn sign_in(&self) {
        let (slots, empty) = (self.slots(), self.display.look());
        self.keyboard.write(PERSON);
        self.keyboard.press("Tab");
        self.keyboard.write(PASSPHRASE);
        // Once it stands there.
        let filled = self.sees("the typed name", |picture| !picture.is_like(&empty));
        self.keyboard.press("Return");
        until("a sign-in by keyboard", || (self.slots() != slots).then_some(()));
        self.sees("the projects", |picture| !picture.is_like(&filled));
    }

    /// Visits the library, to the thumbnail of the marked picture.
    pub fn library(&self) -> Picture {
        self.keyboard.press("alt+2");
        self.sees("the thumbnail", |picture| (100..3_000).contains(&marked_share(picture)))
    }

    /// Opens the first item, to the marked picture on the canvas.
    pub fn annotate(&self) {
        self.keyboard.press("Return");
        self.sees("the picture", |picture| marked_share(picture) > 10_000);
    }

    /// Types a note to the open item.
    pub fn note(&self) {
        self.keyboard.press("t");
        let before = self.display.look();
        self.keyboard.write(TYPED);
        self.sees("the typed note", |picture| !picture.is_like(&before));
        let written = self.written();
        self.keyboard.press("Escape");
        until("the note in the vault", || (self.written() != written).then_some(()));
    }

    /// Visits the page that tries what must not work.
    pub fn security(&self) -> Picture {
        self.keyboard.press("alt+6");
        self.sees("the security page", |picture| marked_share(picture) == 0)
    }

    /// Locks by its key, to the first screen.
    pub fn lock(&self) {
        let (written, before) = (self.written(), self.web_process());
        self.keyboard.press("ctrl+l");
        until("the end of the session in the vault", || (self.written() != written).then_some(()));
        self.has_the_keys(before);
        self.sees("the first screen again", |picture| {
            picture.difference(&self.front) <= SAME_SCREEN
        });
    }

    /// Waits until a new page stands where the marked picture was.
    pub fn is_back(&self) {
        self.has_the_keys(None);
        self.sees("a new page", |picture| asks_for_a_name(picture) && marked_share(picture) == 0);
    }

    /// Gives the keys to the window, which is another one since the program started anew.
    pub fn has_the_keys(&self, before: Option<u32>) {
        until("another web process", || {
            (self.web_process().is_some() && self.web_process() != before).then_some(())
        });
        until("the window", || self.keyboard.is_given_to("Vaultmark").then_some(()));
    }

    /// Waits for a picture that stays and is the one that is meant.
    pub fn sees(&self, what: &str, is_it: impl Fn(&Picture) -> bool) -> Picture {
        self.display.settled(PATIENCE, is_it).unwrap_or_else(|| {
            panic!("waited for {what}; the screen is in {}", self.display.photograph().display())
        })
    }

    /// The vault's slots, whose bytes change with each sign-in.
    fn slots(&self) -> Vec<Vec<u8>> {
        let files = walkdir::WalkDir::new(&self.vault).into_iter().flatten();
        let slots = files.filter(|entry| entry.path().extension().is_some_and(|e| e == "slot"));
        slots.filter_map(|entry| fs::read(entry.path()).ok()).collect()
    }

    /// Names, lengths and times of the vault's files.
    fn written(&self) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
        let files = walkdir::WalkDir::new(&self.vault).sort_by_file_name().into_iter().flatten();
        files
            .filter_map(|entry| {
                let facts = entry.metadata().ok()?;
                Some((entry.path().to_owned(), facts.len(), facts.modified().ok()))
            })
            .collect()
    }

    /// How long the vault's audit log is, in bytes.
    pub fn recorded(&self) -> u64 {
        fs::metadata(self.vault.join("audit/log")).unwrap().len()
    }

    /// Ends the window as a power failure would, and waits for a tracer's last line.
    pub fn kill(mut self) {
        process::kill(self.program);
        let _ = self.starter.child().wait();
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        // A tracer's end would not be the program's.
        if process::is_running(self.program) {
            process::kill(self.program);
        }
    }
}

/// Whether the banners stand and a field has the keys.
fn asks_for_a_name(picture: &Picture) -> bool {
    picture.share(BANNER) > 2_000 && picture.share(FOCUS) > 10
}

/// How many pixels in a hundred thousand are of the marked picture.
fn marked_share(picture: &Picture) -> usize {
    colours().into_iter().map(|colour| picture.share(colour)).sum()
}
