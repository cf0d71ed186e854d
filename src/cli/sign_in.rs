//! From the command line's options to a session.

use std::path::Path;

use vaultmark_model::ProjectId;
use vaultmark_store::vault::LockedVault;

use super::arguments::Common;
use super::{output, secrets};
use crate::{AppError, DecoderProgram, Session, ambient, journeys};

/// The vault's folder, which must be given.
pub fn folder(common: &Common) -> Result<&Path, AppError> {
    common.vault.as_deref().ok_or(AppError::Invalid {
        what: "the command",
        why: "it needs a vault: give `--vault DIR` or set VAULTMARK_VAULT".into(),
    })
}

/// Signs in to the vault, does the work and locks: the closing checkpoint covers what the work changed.
pub fn with_session<T>(
    common: &Common,
    work: impl FnOnce(&Session) -> Result<T, AppError>,
) -> Result<T, AppError> {
    let session = session(common)?;
    let done = work(&session);
    // What was asked for is done and recorded, or not, whatever becomes of this.
    if let Err(error) = session.lock() {
        output::warn(&format!("the end of the session could not be recorded: {error}"));
    }
    done
}

/// The same with the project that is meant.
pub fn with_project<T>(
    common: &Common,
    work: impl FnOnce(&Session, ProjectId) -> Result<T, AppError>,
) -> Result<T, AppError> {
    with_session(common, |session| {
        let project = journeys::projects::find(session, common.project.as_deref())?;
        work(session, project)
    })
}

fn session(common: &Common) -> Result<Session, AppError> {
    let ambient = ambient::system();
    let locked = LockedVault::open(folder(common)?, ambient.clone())?;
    let name = common.login.as_deref().ok_or(AppError::Invalid {
        what: "the command",
        why: "it needs a name to sign in with: give `--as NAME` or set VAULTMARK_AS".into(),
    })?;
    let passphrase = secrets::passphrase(common)?;
    Session::unlock(locked, name, &passphrase, ambient, decoder()?).map_err(|(_, error)| error)
}

/// This program, as its own decoder worker.
pub fn decoder() -> Result<DecoderProgram, AppError> {
    let program = std::env::current_exe().map_err(AppError::io("finding", "this program"))?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(DecoderProgram { program, workers })
}
