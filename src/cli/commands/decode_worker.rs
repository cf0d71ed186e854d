//! The hidden verb that turns this program into the decoder's worker process: a socket as standard
//! input, no paths, no keys.

use crate::AppError;
use crate::cli::Ending;

/// Serves until the socket closes.
pub fn run() -> Result<Ending, AppError> {
    let words = std::env::args_os().skip(2);
    let code = vaultmark_media::worker::main(words);
    Ok(if code == std::process::ExitCode::SUCCESS { Ending::Done } else { Ending::Failed })
}
