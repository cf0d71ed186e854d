//! The command line `vaultmark`; the same program is the decoder's worker process.

use std::process::ExitCode;

fn main() -> ExitCode {
    vaultmark::cli::run(std::env::args_os())
}
