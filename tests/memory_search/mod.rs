//! The search of a process's memory: which texts, keys and pixels lie in it, how often, and where.
//!
//! What is looked for is held in a form that is not itself, every byte exclusive-or'ed, as is every
//! piece of memory that is looked at: so a process can search itself. The search sees all that the
//! process can write or shares with others, mapped or held by a descriptor alone, and leaves out what
//! is a file's on disk; what the kernel keeps secret from everybody can't be read by this either.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // each test takes its part

mod maps;

use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use memchr::memmem::Finder;

use maps::{Mapping, Presence};

/// With what the bytes are made others. What `tests/python/vault_keys.py` prints is made so too.
const MASK: u8 = 0x5a;
/// How much is looked at together.
const PIECE: usize = 1 << 20;
/// How many bytes on either side of a find are told.
const AROUND: usize = 48;
/// How many finds of one thing in one mapping are told with what stands around them.
const TOLD: usize = 3;

/// What is looked for, none of it as itself.
pub struct Wanted {
    name: String,
    masked: Finder<'static>,
}

impl Wanted {
    /// Bytes that are masked already.
    pub fn masked(name: impl Into<String>, masked: &[u8]) -> Self {
        Self { name: name.into(), masked: Finder::new(masked).into_owned() }
    }

    /// Bytes as they are; these become the masked ones in their place.
    pub fn bytes(name: impl Into<String>, mut bytes: Vec<u8>) -> Self {
        mask(&mut bytes);
        Self::masked(name, &bytes)
    }

    /// A text as programs hold it: a byte a letter (UTF-8, Latin-1), and two bytes a letter (UTF-16).
    pub fn text(name: &str, text: &str) -> [Self; 2] {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [
            Self::bytes(name, text.as_bytes().to_vec()),
            Self::bytes(format!("{name} in UTF-16"), wide),
        ]
    }
}

/// What was found, and where.
pub struct Sighting {
    /// Its name.
    pub what: String,
    /// How often in this mapping.
    pub times: usize,
    /// The mapping: rights, and what it is of.
    pub place: String,
    /// The first addresses, with what stands around them, masked.
    around: Vec<(u64, Vec<u8>)>,
}

impl fmt::Debug for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} times in {}", self.what, self.times, self.place)?;
        for (at, masked) in &self.around {
            let shown: String = masked
                .iter()
                .flat_map(|byte| std::ascii::escape_default(byte ^ MASK))
                .map(char::from)
                .collect();
            write!(f, "\n    at {at:x}: {shown}")?;
        }
        Ok(())
    }
}

/// What of it lies in the memory of the process with this folder below `/proc`; nothing where there
/// is no such process any more.
pub fn found(process: &Path, wanted: &[Wanted]) -> Vec<Sighting> {
    let memory = match File::open(process.join("mem")) {
        Ok(memory) => memory,
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => panic!("the memory of {} can't be read: {error}", process.display()),
    };
    let presence = Presence::of(process);
    let mut found = Vec::new();
    for mapping in maps::readable(process) {
        let mut sightings = Sightings::of(&mapping, wanted);
        for (start, end) in presence.stretches(&mapping) {
            // What is secret memory of the kernel's, or gone meanwhile, can't be read.
            sightings.look(start, end, |at, piece| memory.read_exact_at(piece, at).is_ok());
        }
        found.extend(sightings.end());
    }
    for (path, mapping) in maps::held(process) {
        let Ok(file) = File::open(path) else { continue };
        let mut sightings = Sightings::of(&mapping, wanted);
        sightings.look(0, mapping.end, |at, piece| file.read_exact_at(piece, at).is_ok());
        found.extend(sightings.end());
    }
    found
}

/// What is seen in one mapping.
struct Sightings<'a> {
    mapping: &'a Mapping,
    wanted: &'a [Wanted],
    longest: usize,
    seen: Vec<Option<Sighting>>,
    piece: Vec<u8>,
}

impl<'a> Sightings<'a> {
    fn of(mapping: &'a Mapping, wanted: &'a [Wanted]) -> Self {
        let longest = wanted.iter().map(|one| one.masked.needle().len()).max().unwrap_or(1);
        let seen = wanted.iter().map(|_| None).collect();
        Self { mapping, wanted, longest, seen, piece: Vec::new() }
    }

    fn end(self) -> impl Iterator<Item = Sighting> {
        self.seen.into_iter().flatten()
    }

    /// Looks through a stretch; `read` fills a piece from an address, or tells that it can't.
    fn look(&mut self, start: u64, end: u64, read: impl Fn(u64, &mut [u8]) -> bool) {
        let mut at = start;
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
            self.piece.resize(length, 0);
            if !read(at, &mut self.piece) {
                return;
            }
            mask(&mut self.piece);
            let is_last = length < PIECE;
            // What begins where two pieces overlap belongs to the second.
            let own = if is_last { length } else { length - self.longest + 1 };
            self.look_through(at, own);
            if is_last {
                return;
            }
            at += own as u64;
        }
    }

    /// Looks for what begins in the first `own` bytes of the piece from this address.
    fn look_through(&mut self, at: u64, own: usize) {
        for (one, seen) in self.wanted.iter().zip(&mut self.seen) {
            for place in one.masked.find_iter(&self.piece).take_while(|place| *place < own) {
                let seen = seen.get_or_insert_with(|| Sighting {
                    what: one.name.clone(),
                    times: 0,
                    place: self.mapping.name.clone(),
                    around: Vec::new(),
                });
                seen.times += 1;
                if seen.around.len() < TOLD {
                    let end = (place + one.masked.needle().len() + AROUND).min(self.piece.len());
                    let around = self.piece[place.saturating_sub(AROUND)..end].to_vec();
                    seen.around.push((at + place as u64, around));
                }
            }
        }
    }
}

/// Eight bytes at once: tests are not optimised, and this sees every byte of several processes.
fn mask(bytes: &mut [u8]) {
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ u64::from_ne_bytes([MASK; 8])).to_ne_bytes();
    }
    for byte in rest {
        *byte ^= MASK;
    }
}

/// The Python with the independent readers; says that it is skipped where there is none.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("VAULTMARK_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        #[allow(clippy::print_stderr)]
        {
            eprintln!("skipped: VAULTMARK_TEST_PYTHON names no Python; `cargo xtask test` sets it");
        }
    }
    python
}

/// The keys of a vault as a stranger's reader finds them, each as its bytes and in hexadecimal, as
/// SQLCipher takes them. The passphrase lies in a file.
pub fn keys(python: &Path, vault: &Path, login: &str, passphrase: &Path) -> Vec<Wanted> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/vault_keys.py");
    let told = Command::new(python)
        .args(["-B".as_ref(), script.as_os_str(), vault.as_os_str()])
        .arg(login)
        .arg(passphrase)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).unwrap();
    let mut keys = Vec::new();
    for line in told.lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let masked: Vec<u8> = (0..hex.len() / 2)
            .map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap())
            .collect();
        keys.push(Wanted::masked(name, &masked));
        let written: Vec<u8> = masked
            .iter()
            .flat_map(|byte| format!("{:02x}", byte ^ MASK).into_bytes())
            .map(|byte| byte ^ MASK)
            .collect();
        keys.push(Wanted::masked(format!("{name} in hexadecimal"), &written));
    }
    keys
}
