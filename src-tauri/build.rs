//! Grants the window exactly the commands of `src/registry.rs`: their names become the program's
//! `default` permission, the only one of its own that `capabilities/main.json` asks for. A command
//! that is not a row there is refused before it reaches the shell.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the rows stand.
const REGISTRY: &str = "src/registry.rs";

fn main() {
    if let Err(error) = run() {
        println!("cargo::error={error}");
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={REGISTRY}");
    // The user interface is compiled in: a new one makes a new program.
    println!("cargo::rerun-if-changed=../ui/dist");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let permissions = write_permissions(&out.join("permissions"), &commands(REGISTRY)?)?;
    let pattern: &'static str = Box::leak(permissions.into_boxed_str());
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern(pattern);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}

/// The names in the registry's rows, `topic::name => ...;`.
fn commands(path: &str) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(path)?;
    let rows = text.lines().filter(|line| !line.trim().starts_with("//")).filter_map(|line| {
        let (path, _) = line.trim().split_once(" => ")?;
        let (_, name) = path.split_once("::")?;
        name.chars().all(|c| c.is_ascii_lowercase() || c == '_').then(|| name.to_owned())
    });
    Ok(rows.collect())
}

/// One permission a command, and the set of them all; the pattern that finds the file.
fn write_permissions(folder: &Path, commands: &[String]) -> io::Result<String> {
    let mut text = String::from("[default]\ndescription = \"Every command of the registry.\"\n");
    let names: Vec<String> =
        commands.iter().map(|name| format!("\"{}\"", identifier(name))).collect();
    text.push_str(&format!("permissions = [{}]\n", names.join(", ")));
    for name in commands {
        text.push_str(&format!(
            "\n[[permission]]\nidentifier = \"{}\"\ncommands.allow = [\"{name}\"]\n",
            identifier(name)
        ));
    }
    fs::create_dir_all(folder)?;
    let file = folder.join("commands.toml");
    // Unchanged files keep their time, so that nothing is built again for nothing.
    if fs::read_to_string(&file).ok().as_deref() != Some(text.as_str()) {
        fs::write(&file, text)?;
    }
    Ok(folder.join("*.toml").to_string_lossy().into_owned())
}

/// `allow-item-open` of `item_open`.
fn identifier(command: &str) -> String {
    format!("allow-{}", command.replace('_', "-"))
}
