//! A bundle's bytes: the file itself, or what a sealed file holds, opened into sealed memory so that
//! nothing readable is ever on disk.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::Arc;

use vaultmark_bundle::{Limits, Quarantined};
use vaultmark_media::worker::memfd_from;
use vaultmark_store::regular::{self, Links};

use crate::{AppError, Session};

/// How a file sealed by `age` begins (C2SP age, "Header").
const AGE: &[u8] = b"age-encryption.org/v1\n";
/// The most bytes of a sealed bundle, which is opened in memory.
const SEALED_BYTES: u64 = 4 << 30;

/// Walks the bundle's frame. `session` opens one that is sealed to its person.
pub(super) fn quarantine(path: &Path, session: Option<&Session>) -> Result<Quarantined, AppError> {
    let open = || regular::open(path, Links::Followed).map_err(AppError::io("opening", path));
    let mut file = open()?;
    let mut start = [0; 22];
    let sealed = file.read_exact(&mut start).is_ok() && start == AGE;
    if !sealed {
        return Ok(Quarantined::open_file(file, &Limits::default())?);
    }
    let Some(session) = session else {
        return Err(AppError::Sealed { path: path.to_owned() });
    };
    let mut opened = session.vault().unseal(open()?)?;
    let memory = memfd_from(&mut opened, SEALED_BYTES)?;
    let len = memory.size();
    let file = memory.as_fd().try_clone_to_owned().map_err(AppError::io("opening", path))?;
    Ok(Quarantined::open(Arc::new(File::from(file)), len, &Limits::default())?)
}
