//! Names of entries: one safe set, the same on every file system.
//!
//! A name is a relative path of NFC text whose parts are letters, digits and `. _ - + = @ , ( )`
//! or a space inside. It is at most [`PATH_BYTES`] bytes and [`DEPTH`] parts deep, no part is a
//! Windows device, and no two names are one where case does not count.

use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use vaultmark_model::text::is_invisible;

use crate::refusal::Refusal;

/// The most bytes of a path.
pub const PATH_BYTES: usize = 240;
/// The most parts of a path, folders and file together.
pub const DEPTH: usize = 8;

/// The most folders of one bag. Paths a few parts deep, each in folders of its own, would else take
/// many times the memory that they take in the archive.
pub const FOLDERS: usize = 10_000;

/// Characters beside letters and digits.
const PUNCTUATION: &[char] = &['.', '_', '-', '+', '=', '@', ',', '(', ')', ' '];

/// Names that Windows gives to devices, with or without an extension ("Naming Files, Paths, and
/// Namespaces"), COM¹²³ and LPT¹²³ included (superscripts are not in the safe set anyway).
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "conin$", "conout$", "clock$", "com0", "com1", "com2", "com3",
    "com4", "com5", "com6", "com7", "com8", "com9", "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5",
    "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A name's bytes as a checked text.
///
/// # Errors
/// The [`Refusal`] of the first rule that it breaks; the worst are looked for first.
pub fn check_bytes(bytes: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Refusal::NameEncoding { entry: shown(&String::from_utf8_lossy(bytes)) })?;
    check(text)?;
    Ok(text)
}

/// Checks a name.
///
/// # Errors
/// The [`Refusal`] of the first rule that it breaks.
pub fn check(name: &str) -> Result<(), Refusal> {
    let entry = || shown(name);
    if name.is_empty() {
        return Err(Refusal::NameEmpty { entry: entry() });
    }
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with(['/', '\\', '~']) || drive {
        return Err(Refusal::NameAbsolute { entry: entry() });
    }
    if name.split(['/', '\\']).any(|part| matches!(part, "." | "..")) {
        return Err(Refusal::NameClimbs { entry: entry() });
    }
    if name.contains('\\') {
        return Err(Refusal::NameBackslash { entry: entry() });
    }
    if name.len() > PATH_BYTES {
        return Err(Refusal::NameLength { entry: entry(), limit: PATH_BYTES });
    }
    if name.ends_with('/') {
        return Err(Refusal::NameFolder { entry: entry() });
    }
    if !is_nfc(name) {
        return Err(Refusal::NameNotNfc { entry: entry() });
    }
    for (depth, part) in name.split('/').enumerate() {
        if depth >= DEPTH {
            return Err(Refusal::NameDepth { entry: entry(), limit: DEPTH });
        }
        check_part(part, &entry)?;
    }
    Ok(())
}

fn check_part(part: &str, entry: &dyn Fn() -> String) -> Result<(), Refusal> {
    if part.is_empty() {
        return Err(Refusal::NameEmpty { entry: entry() });
    }
    if let Some(character) = part.chars().find(|c| !is_safe(*c)) {
        return Err(Refusal::NameCharacter { entry: entry(), character });
    }
    if part.starts_with(['.', ' ', '-']) || part.ends_with(['.', ' ', '-']) {
        return Err(Refusal::NameEdge { entry: entry() });
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    if DEVICES.contains(&stem.as_str()) {
        return Err(Refusal::NameDevice { entry: entry() });
    }
    Ok(())
}

/// Letters and digits of any script with the marks that they combine with, and the punctuation.
fn is_safe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || PUNCTUATION.contains(&c);
    }
    let is_letter_or_mark =
        c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    is_letter_or_mark && !is_unseen(c)
}

/// Letters and marks by which two names can look the same: those that show as nothing, and variation
/// selectors.
fn is_unseen(c: char) -> bool {
    let selects = matches!(c,
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    selects || is_invisible(c)
}

/// What a name becomes where case does not count: compatibility form, upper and lower case (full
/// case folding for practical purposes: `ß` and `SS` meet), composed again.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

/// Names that are already taken, where case does not count; folders are remembered too, because
/// `a` and `a/b`, or `A/x` and `a/y`, can't both be unpacked.
#[derive(Default)]
pub struct Taken {
    /// Folded path → whether it is a file, and the spelling where that differs from the folding.
    paths: HashMap<String, (bool, Option<Box<str>>)>,
    /// The folder of the last name, which needs no second look.
    last_folder: String,
    folders: usize,
}

/// Why a name can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// An earlier name, with which it collides.
    Collides(String),
    /// There would be more than [`FOLDERS`].
    TooManyFolders,
}

impl Taken {
    /// Takes a name.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn take(&mut self, name: &str) -> Result<(), NotTaken> {
        let folder = name.rfind('/').map_or("", |at| &name[..at]);
        if folder != self.last_folder {
            for (at, _) in name.match_indices('/') {
                self.insert(&name[..at], false)?;
            }
            self.last_folder = folder.to_owned();
        }
        self.insert(name, true)
    }

    fn insert(&mut self, path: &str, file: bool) -> Result<(), NotTaken> {
        let key = folded(path);
        let spelling = (key != path).then(|| path.into());
        match self.paths.get(&key) {
            None => {
                self.folders += usize::from(!file);
                if self.folders > FOLDERS {
                    return Err(NotTaken::TooManyFolders);
                }
                self.paths.insert(key, (file, spelling));
                Ok(())
            }
            Some((false, known)) if !file && *known == spelling => Ok(()),
            Some((_, known)) => {
                Err(NotTaken::Collides(known.as_ref().map_or(key, ToString::to_string)))
            }
        }
    }
}

/// The most characters of a name that are shown.
const SHOWN: usize = 200;

/// A foreign name as it may be shown: nothing that steers a terminal, not endless.
pub(crate) fn shown(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => vaultmark_model::text::shown(&name[..end]) + "…",
        None => vaultmark_model::text::shown(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bundles_and_of_people_are_safe() {
        for name in [
            "data/media/00112233445566778899aabbccddeeff.tif",
            "data/media/00112233445566778899aabbccddeeff.tif.part-0001-of-0002",
            "data/annotations/coco.json",
            "data/labels/Bäume (2024).txt",
            "data/ラベル/日本語.txt",
            "data/हिन्दी.txt",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_unsafe_name_is_refused_for_its_own_reason() {
        let kind = |name: &str| match check_bytes(name.as_bytes()) {
            Ok(_) => "accepted".to_owned(),
            Err(refusal) => {
                format!("{refusal:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
            }
        };
        for (name, expected) in [
            ("", "NameEmpty"),
            ("/etc/passwd", "NameAbsolute"),
            ("\\\\server\\share", "NameAbsolute"),
            ("C:x.txt", "NameAbsolute"),
            ("~/x", "NameAbsolute"),
            ("../x", "NameClimbs"),
            ("data/../../x", "NameClimbs"),
            ("data\\..\\x", "NameClimbs"),
            ("./data/x", "NameClimbs"),
            ("data\\x", "NameBackslash"),
            ("data/", "NameFolder"),
            ("data//x", "NameEmpty"),
            ("data/a:b", "NameCharacter"),
            ("data/a%20b", "NameCharacter"),
            ("data/a\nb", "NameCharacter"),
            ("data/a\0b", "NameCharacter"),
            ("data/a\u{202e}gpj.exe", "NameCharacter"),
            ("data/a\u{200d}b", "NameCharacter"),
            ("data/e\u{34f}x", "NameCharacter"),
            ("data/a\u{3164}b", "NameCharacter"),
            ("data/a\u{fe0f}b", "NameCharacter"),
            ("data/.hidden", "NameEdge"),
            ("data/x.", "NameEdge"),
            ("data/x ", "NameEdge"),
            ("data/-rf", "NameEdge"),
            ("data/CON", "NameDevice"),
            ("data/nul.txt", "NameDevice"),
            ("data/Com1.tar.gz", "NameDevice"),
            ("data/aux /x", "NameEdge"),
            ("data/u\u{308}ber", "NameNotNfc"),
            ("a/b/c/d/e/f/g/h/i", "NameDepth"),
        ] {
            assert_eq!(kind(name), expected, "{name:?}");
        }
        assert_eq!(kind(&"a".repeat(241)), "NameLength");
        assert!(matches!(check_bytes(b"data/\xff"), Err(Refusal::NameEncoding { .. })));
    }

    #[test]
    fn names_that_are_one_file_somewhere_collide() {
        for (first, second) in [
            ("data/a", "data/A"),
            ("data/a", "data/a"),
            ("data/a", "data/a/b"),
            ("data/a/b", "data/a"),
            ("data/A/x", "data/a/y"),
            ("data/straße", "data/STRASSE"),
            ("data/ﬁ", "data/fi"),
            ("data/ÉTÉ", "data/été"),
        ] {
            let mut taken = Taken::default();
            assert_eq!(taken.take(first), Ok(()));
            assert!(taken.take(second).is_err(), "{first} {second}");
        }
        let mut taken = Taken::default();
        for name in ["data/A/x", "data/A/y", "data/b", "data/A/z", "data/bb/c"] {
            assert_eq!(taken.take(name), Ok(()), "{name}");
        }
    }
}
