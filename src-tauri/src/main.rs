//! The window's program: secures the process (environment, memory, network) and reserves memory for
//! keys before anything else happens, then opens the window.

// No console window beside it on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

use vaultmark::WipingAllocator;
use vaultmark_desktop::{Start, run};

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator::new();

/// Bytes of locked memory for keys: small enough for the default limit of an ordinary account.
const ARENA: usize = 256 * 1024;

fn main() -> ExitCode {
    // Before a thread of ours starts, the toolkit is initialised or a database is opened.
    secure();
    let arena = vaultmark::crypto::reserve_arena(ARENA);
    let outcome = match arena {
        Ok(_) => Start::from_environment().and_then(|start| run(context(), start)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is no window to say it in.
            #[allow(clippy::print_stderr)]
            {
                eprintln!("vaultmark-desktop: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// A build that a WebDriver may drive takes its orders over loopback, by the environment.
#[cfg(feature = "automation")]
fn secure() {
    // What was refused shows on the security page.
    let _ = vaultmark::crypto::harden_process();
}

#[cfg(not(feature = "automation"))]
fn secure() {
    vaultmark::startup::secure(vaultmark::startup::Program::Window);
    vaultmark::startup::reap_inherited();
}

/// The configuration, the capabilities and the user interface, all compiled in.
fn context() -> tauri::Context {
    tauri::generate_context!()
}
