//! Writes `ui/src/ipc/bindings.ts` anew: `cargo run -p vaultmark-desktop --example bindings`.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/ipc/bindings.ts");
    let scratch = tempfile::tempdir()?;
    std::fs::write(file, vaultmark_desktop::bindings(scratch.path())?)?;
    Ok(())
}
