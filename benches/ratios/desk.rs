//! What every bench works with: a folder on the disk, vaults, the real decoder program, and a fair
//! contest of two pieces of work.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vaultmark::crypto::{KdfParameters, Passphrase};
use vaultmark::model::Marking;
use vaultmark::model::policy::{ExportPolicy, Policy};
use vaultmark::store::{LockedVault, NewVault};
use vaultmark::{DecoderProgram, Session, ambient};

use crate::allocator::plainly;
use crate::boxes::Imports;
use crate::made::Media;

/// What can go wrong: a sentence.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Whose vaults they are.
pub const PERSON: &str = "bench";
/// Guards made input alone.
pub const PASSPHRASE: &str = "a passphrase for benchmarks only";

/// A folder of one's own, and what several benches share.
pub struct Desk {
    folder: TempDir,
    /// Made by the first that needs it.
    pub media: OnceCell<Media>,
    /// The same for imported boxes.
    pub imports: OnceCell<Imports>,
}

impl Desk {
    /// A folder on the same disk as the target directory: `/tmp` may be memory, where nothing
    /// that is flushed costs anything.
    pub fn new() -> Outcome<Self> {
        let folder =
            tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        Ok(Self { folder, media: OnceCell::new(), imports: OnceCell::new() })
    }

    /// A path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a vault, with its session.
    pub fn vault(&self, name: &str) -> Outcome<Session> {
        let new = NewVault {
            officer: PERSON.into(),
            passphrase: passphrase(),
            policy: Policy::new(Marking::new("UNCLASSIFIED")?, ExportPolicy::Single),
            kdf: KdfParameters::floor_argon2id(),
        };
        let (session, _sheet) =
            Session::create(&self.path(name), new, ambient::system(), decoder())?;
        Ok(session)
    }
}

/// The passphrase of every vault that a desk makes.
pub fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.into())
}

/// Signs in to a vault that a desk has made.
pub fn sign_in(vault: &Path) -> Outcome<Session> {
    sign_in_with(vault, decoder())
}

/// The same with decoders of the caller's.
pub fn sign_in_with(vault: &Path, decoder: DecoderProgram) -> Outcome<Session> {
    let locked = LockedVault::open(vault, ambient::system())?;
    Session::unlock(locked, PERSON, &passphrase(), ambient::system(), decoder)
        .map_err(|(_, error)| error.into())
}

/// The command-line program of this build.
pub fn program() -> PathBuf {
    let named = std::env::var_os("VAULTMARK_BENCH_PROGRAM").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_vaultmark").into())
}

fn decoder() -> DecoderProgram {
    DecoderProgram { program: program(), workers: threads() }
}

/// The threads that ours uses, and so every baseline.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A folder of the real data, if it is there.
pub fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/data").join(name);
    path.exists().then_some(path)
}

/// How long `work` takes. What was written before is on the disk first, so that nobody pays for
/// another's bytes.
pub fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(T, Duration)> {
    rustix::fs::sync();
    let start = Instant::now();
    let value = work()?;
    Ok((value, start.elapsed()))
}

/// Both take turns for some rounds; the least time of each, ours first. Each says itself how long
/// it took, so that making ready and clearing away do not count.
pub fn contest(
    rounds: u32,
    mut ours: impl FnMut(u32) -> Outcome<Duration>,
    mut baseline: impl FnMut(u32) -> Outcome<Duration>,
) -> Outcome<(Duration, Duration)> {
    let (mut best, mut best_baseline) = (Duration::MAX, Duration::MAX);
    for round in 0..rounds {
        best_baseline = best_baseline.min(plainly(|| baseline(round))?);
        best = best.min(ours(round)?);
    }
    Ok((best, best_baseline))
}

/// The middle one.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Runs `work` for every number below `count` on all threads; the first error ends it.
pub fn in_parallel(count: usize, work: impl Fn(usize) -> Outcome<()> + Sync) -> Outcome<()> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let run = || -> Result<(), String> {
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if at >= count {
                return Ok(());
            }
            work(at).map_err(|error| error.to_string())?;
        }
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads()).map(|_| scope.spawn(run)).collect();
        for one in all {
            one.join().map_err(|_| "a thread broke off")??;
        }
        Ok(())
    })
}
