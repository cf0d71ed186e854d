//! A display without a screen, whose pixels lie in a file: looking costs those who draw nothing.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::desk::Outcome;

const WIDTH: usize = 1280;
const HEIGHT: usize = 800;
/// Every so many rows are looked at.
const STEP: usize = 8;
/// Pixels in ten thousand that may differ where two pictures are called the same: a caret blinks.
const MAY_DIFFER: usize = 3;
/// How much of 255 a colour may be off in pixels that do not differ: the web engine paints the parts
/// of a window with the processor or with what stands in for graphics hardware, as either is free,
/// and the edges of letters come out a shade lighter from one than from the other.
const SHADE: u8 = 12;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(4);
/// How long a picture must stay to be the last one.
const SETTLED: Duration = Duration::from_millis(1500);
/// After this nothing is waited for any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// What there was to see: some rows of pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<[u8; 4]>);

impl Picture {
    /// Whether hardly a pixel differs.
    pub fn is_like(&self, other: &Self) -> bool {
        let differing = self.0.iter().zip(&other.0).filter(|(a, b)| a != b && differ(a, b)).count();
        differing * 10_000 <= self.0.len() * MAY_DIFFER
    }
}

/// Whether two pixels differ by more than a shade.
fn differ(a: &[u8; 4], b: &[u8; 4]) -> bool {
    a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > SHADE)
}

/// A child process that ends with its value.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The display.
pub struct Screen {
    _server: Process,
    pixels: File,
    start: u64,
    _folder: TempDir,
    /// Its name, `:7`.
    pub name: String,
}

impl Screen {
    /// Starts one; an error where there is no Xvfb.
    pub fn start() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let size = format!("{WIDTH}x{HEIGHT}x24");
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset", "-br"])
            .arg("-fbdir")
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Process)
            .map_err(|error| format!("Xvfb does not start ({error})"))?;
        // It writes its number once it answers.
        let mut number = String::new();
        if let Some(out) = server.0.stdout.take() {
            BufReader::new(out).read_line(&mut number)?;
        }
        let pixels = File::open(folder.path().join("Xvfb_screen0"))?;
        // Behind the header of an X window dump.
        let start = pixels.metadata()?.len() - (WIDTH * HEIGHT * 4) as u64;
        let name = format!(":{}", number.trim());
        Ok(Self { _server: server, pixels, start, _folder: folder, name })
    }

    /// What there is to see now.
    pub fn look(&self) -> Outcome<Picture> {
        let mut seen = Vec::with_capacity(WIDTH * HEIGHT / STEP);
        let mut row = [0; WIDTH * 4];
        for y in (0..HEIGHT).step_by(STEP) {
            self.pixels.read_exact_at(&mut row, self.start + (y * WIDTH * 4) as u64)?;
            seen.extend_from_slice(row.as_chunks::<4>().0);
        }
        Ok(Picture(seen))
    }

    /// Waits until there is `wanted` to see.
    pub fn wait_for(&self, wanted: &Picture) -> Outcome<()> {
        let start = Instant::now();
        while !self.look()?.is_like(wanted) {
            if start.elapsed() > PATIENCE {
                return Err("the window did not come to show what it showed before".into());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Waits for a picture that stays and is not `before`.
    pub fn wait_settled(&self, before: &Picture) -> Outcome<Picture> {
        let start = Instant::now();
        let (mut last, mut since) = (self.look()?, Instant::now());
        while last.is_like(before) || since.elapsed() < SETTLED {
            if start.elapsed() > PATIENCE {
                return Err("no window appeared that stays as it is".into());
            }
            std::thread::sleep(PAUSE * 10);
            let now = self.look()?;
            if !now.is_like(&last) {
                (last, since) = (now, Instant::now());
            }
        }
        Ok(last)
    }
}
