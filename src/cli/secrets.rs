//! Passphrases: asked for without echo, or read from a file or standard input; never an argument.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd as _;
use std::path::Path;

use vaultmark_crypto::{Passphrase, SecretBytes};

use crate::AppError;
use crate::cli::arguments::Common;

/// The most bytes of a passphrase.
const BYTES: usize = 4096;

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
    if path == Path::new("-") {
        // Not through the buffer of `Stdin`, which stays in memory.
        let input = io::stdin().as_fd().try_clone_to_owned();
        let input = input.map_err(AppError::io("reading", "standard input"))?;
        return first_line(&mut File::from(input), Path::new("standard input"));
    }
    first_line(&mut File::open(path).map_err(AppError::io("reading", path))?, path)
}

/// Every byte that is read lies in one piece of memory, which is overwritten.
fn first_line(source: &mut dyn Read, path: &Path) -> Result<Passphrase, AppError> {
    // Room for a line end of two bytes, and for one byte that is too many.
    let mut buffer = vec![0; BYTES + 3];
    let filled = fill_line(source, &mut buffer);
    let read = SecretBytes::new(buffer);
    let read = &read[..filled.map_err(AppError::io("reading", path))?];
    let is_cut = read.len() > BYTES + 2 && !read.contains(&b'\n');
    let line = read.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let carriage = line.iter().rev().take_while(|byte| **byte == b'\r').count();
    let line = &line[..line.len() - carriage];
    let refuse = |why: String| Err(AppError::Invalid { what: "the passphrase", why });
    if is_cut || line.len() > BYTES {
        return refuse(format!(
            "the first line of {} has more than {BYTES} bytes; nothing of it was used",
            path.display()
        ));
    }
    match std::str::from_utf8(line) {
        Ok(text) => Ok(Passphrase::new(text.to_owned())),
        Err(_) => refuse(format!("the first line of {} is not UTF-8 text", path.display())),
    }
}

/// Reads until there is a line end, the source ends or the buffer is full.
fn fill_line(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() && !buffer[..filled].contains(&b'\n') {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_taken_whole_or_refused() {
        let most = "x".repeat(BYTES);
        let long = "y".repeat(BYTES + 1);
        for (text, wanted) in [
            ("correct horse", Some("correct horse")),
            ("correct horse \r\nnot this", Some("correct horse ")),
            ("\nnot this", Some("")),
            ("", Some("")),
            (&format!("{most}\r\n"), Some(&*most)),
            (&most, Some(&*most)),
            (&long, None),
            (&format!("{most}\r\r\rmore\n"), None),
            (&format!("{long}\n"), None),
            (&"z".repeat(BYTES * 3), None),
        ] {
            let read = first_line(&mut text.as_bytes(), Path::new("f"));
            match (read, wanted) {
                (Ok(read), Some(wanted)) => assert_eq!(read.expose(), wanted),
                (Err(AppError::Invalid { why, .. }), None) => {
                    assert!(why.contains("more than 4096 bytes"), "{why}");
                }
                (read, wanted) => panic!("{read:?} for {wanted:?}"),
            }
        }
        assert!(first_line(&mut &b"\xff\n"[..], Path::new("f")).is_err());
    }
}
