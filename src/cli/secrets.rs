//! Passphrases: asked for without echo, or read from a file or standard input; never an argument.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use vaultmark_crypto::Passphrase;

use crate::AppError;
use crate::cli::arguments::Common;

/// The most bytes of a passphrase.
const BYTES: u64 = 4096;

/// The passphrase of an existing slot.
///
/// # Errors
/// Where the file can't be read or there is no terminal to ask at.
pub fn passphrase(common: &Common) -> Result<Passphrase, AppError> {
    match &common.passphrase_file {
        Some(path) => from_file(path),
        None => ask("Passphrase: "),
    }
}

/// A new passphrase, asked for twice.
///
/// # Errors
/// As [`passphrase`]; where the two differ.
pub fn new_passphrase(common: &Common) -> Result<Passphrase, AppError> {
    if let Some(path) = &common.passphrase_file {
        return from_file(path);
    }
    let first = ask("New passphrase (at least 15 characters): ")?;
    let second = ask("The same again: ")?;
    if first.expose() == second.expose() {
        Ok(first)
    } else {
        Err(AppError::Invalid {
            what: "the passphrase",
            why: "the two entries differ; nothing was made".into(),
        })
    }
}

fn ask(prompt: &str) -> Result<Passphrase, AppError> {
    let typed =
        rpassword::prompt_password(prompt).map_err(AppError::io("asking at", "the terminal"))?;
    Ok(Passphrase::new(typed))
}

/// The first line of the file, without its line end; `-` is standard input.
fn from_file(path: &Path) -> Result<Passphrase, AppError> {
    let mut line = String::new();
    let read = |source: &mut dyn Read, line: &mut String| {
        BufReader::new(source.take(BYTES)).read_line(line)
    };
    if path == Path::new("-") {
        read(&mut std::io::stdin().lock(), &mut line)
            .map_err(AppError::io("reading", "standard input"))?;
    } else {
        let mut file = std::fs::File::open(path).map_err(AppError::io("reading", path))?;
        read(&mut file, &mut line).map_err(AppError::io("reading", path))?;
    }
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    Ok(Passphrase::new(line))
}
