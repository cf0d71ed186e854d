//! A display without a screen, whose pixels lie in a file: looking at it costs those who draw nothing.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::Process;

/// Every so many rows are looked at.
const STEP: usize = 4;
/// Pixels in ten thousand that may differ where two pictures are called the same.
const MAY_DIFFER: usize = 3;
/// How much of 255 a colour may be off in pixels that are called the same.
const SHADE: u8 = 12;
/// How long a picture must stay to be one that stays.
const SETTLED: Duration = Duration::from_millis(400);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// An Xvfb on a number of its own.
pub struct Display {
    _server: Process,
    name: String,
    width: usize,
    pixels: File,
    start: u64,
    rows: usize,
    _folder: TempDir,
}

/// What there was to see: some rows of pixels, blue, green, red and a byte that says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<[u8; 4]>);

impl Picture {
    /// Whether hardly a pixel differs: a caret blinks.
    pub fn is_like(&self, other: &Self) -> bool {
        self.difference(other) <= MAY_DIFFER
    }

    /// How many pixels in ten thousand differ by more than a shade.
    pub fn difference(&self, other: &Self) -> usize {
        let differ = |a: &[u8; 4], b: &[u8; 4]| (0..3).any(|n| a[n].abs_diff(b[n]) > SHADE);
        let differing = self.0.iter().zip(&other.0).filter(|(a, b)| a != b && differ(a, b)).count();
        (differing * 10_000).div_ceil(self.0.len())
    }

    /// How many pixels in a hundred thousand have this colour (red, green, blue).
    pub fn share(&self, [red, green, blue]: [u8; 3]) -> usize {
        let is_near = |pixel: &&[u8; 4]| {
            [blue, green, red].iter().zip(*pixel).all(|(a, b)| a.abs_diff(*b) <= SHADE)
        };
        self.0.iter().filter(is_near).count() * 100_000 / self.0.len()
    }
}

impl Display {
    /// Starts one of this size in pixels; none where Xvfb is not installed.
    pub fn start(width: u32, height: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("Xvfb");
        command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", &format!("{width}x{height}x24")])
            .arg("-fbdir")
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if Command::new("Xvfb")
            .arg("-help")
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .is_err()
        {
            return None;
        }
        let mut server = Process::start(&mut command);
        // It writes its number once it answers.
        let mut number = String::new();
        BufReader::new(server.child().stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb gave no display");
        let pixels = File::open(folder.path().join("Xvfb_screen0")).unwrap();
        let (width, rows) = (width as usize, height as usize);
        // Behind the header of an X window dump.
        let start = pixels.metadata().unwrap().len() - (width * rows * 4) as u64;
        let name = format!(":{}", number.trim());
        Some(Self { _server: server, name, width, pixels, start, rows, _folder: folder })
    }

    /// Its name, `:7`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What there is to see now.
    pub fn look(&self) -> Picture {
        let mut seen = Vec::with_capacity(self.width * self.rows / STEP);
        let mut row = vec![0; self.width * 4];
        for y in (0..self.rows).step_by(STEP) {
            let at = self.start + (y * self.width * 4) as u64;
            self.pixels.read_exact_at(&mut row, at).unwrap();
            seen.extend_from_slice(row.as_chunks::<4>().0);
        }
        Picture(seen)
    }

    /// The picture that stays, once one does that is `wanted`; none where that takes too long.
    pub fn settled(
        &self,
        patience: Duration,
        wanted: impl Fn(&Picture) -> bool,
    ) -> Option<Picture> {
        let start = Instant::now();
        let (mut last, mut since) = (self.look(), Instant::now());
        while since.elapsed() < SETTLED || !wanted(&last) {
            if start.elapsed() > patience {
                return None;
            }
            std::thread::sleep(PAUSE);
            let now = self.look();
            if !now.is_like(&last) {
                (last, since) = (now, Instant::now());
            }
        }
        Some(last)
    }

    /// Writes what there is to see as a picture (netpbm's PPM), for whoever looks into a failure.
    pub fn photograph(&self) -> std::path::PathBuf {
        let mut file = format!("P6\n{} {}\n255\n", self.width, self.rows).into_bytes();
        let mut all = vec![0; self.width * self.rows * 4];
        self.pixels.read_exact_at(&mut all, self.start).unwrap();
        file.extend(all.as_chunks::<4>().0.iter().flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
        let path = std::env::temp_dir().join("vaultmark-window.ppm");
        std::fs::write(&path, file).unwrap();
        path
    }
}
