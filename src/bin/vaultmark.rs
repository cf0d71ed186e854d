//! The command line `vaultmark`; the same program is the decoder's worker process.

use std::process::ExitCode;

use vaultmark::WipingAllocator;
use vaultmark::startup::{self, Program};

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator::new();

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    // Before anything else: the worker confines itself while it is a single thread that holds
    // nothing. It was started with an empty environment and inherits the network seal.
    match words.nth(1) {
        Some(verb) if verb == vaultmark::DECODE_WORKER => {
            ALLOCATOR.leave_as_it_was(true);
            return vaultmark::media::worker::main(words);
        }
        Some(verb) if verb == startup::PROBE => return startup::probe_forbidden(words),
        _ => {}
    }
    startup::secure(Program::CommandLine);
    vaultmark::cli::run(std::env::args_os())
}
