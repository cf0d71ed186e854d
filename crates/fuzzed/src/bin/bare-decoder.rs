//! The decoder without its walls: the baseline of what they cost. Nothing of this crate is shipped.

use std::process::ExitCode;

fn main() -> ExitCode {
    vaultmark_media::fuzzing::serve_without_walls()
}
