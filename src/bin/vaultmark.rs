//! The command line `vaultmark`; the same program is the decoder's worker process.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    // Before anything else: the worker confines itself while it is a single thread that holds
    // nothing.
    if words.nth(1).is_some_and(|verb| verb == vaultmark::DECODE_WORKER) {
        return vaultmark::media::worker::main(words);
    }
    // What was refused shows on the security page; an old kernel is no reason not to start.
    let _ = vaultmark::crypto::harden_process();
    vaultmark::cli::run(std::env::args_os())
}
