//! The programs of this installation: version and digest of the one that runs, and whether the
//! signature that lies beside each file is valid. Whose signature it is, paper tells: an altered
//! program could say of itself whatever it likes, so the fingerprint is compared with the sheet that
//! came with the medium, and the signature can be checked with `ssh-keygen` alone.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use vaultmark_crypto::{Sha512Hasher, fingerprint, verify_program};
use vaultmark_model::Digest;
use vaultmark_store::regular::{self, Links};

use super::Finding;

/// The files that an installation has; the window's is not in every one.
const PROGRAMS: &[&str] = &["vaultmark", "vaultmark-desktop"];
/// More than any signature has.
const SIGNATURE_BYTES: u64 = 4096;

/// Looks at the running program, at `helper`, and at what lies beside them under our names.
pub(super) fn look(helper: &Path) -> Vec<Finding> {
    let running = std::env::current_exe();
    let running = match &running {
        Ok(path) => path.as_path(),
        Err(_) => helper,
    };
    let digest = digest_of_running(running);
    let own = match &digest {
        Ok(digest) => format!("SHA-512 {}", digest.to_hex()),
        Err(error) => format!("its file can't be read ({error})"),
    };
    let mut signed = vec![Signed::of(running, digest)];
    signed.extend(others(running, helper).iter().map(|path| Signed::of(path, digest_of(path))));
    vec![
        Finding::unknown(
            "program",
            format!("{}, {own}", crate::PROGRAM),
            "Compare the digest with the sheet that came with the program, on another computer.",
        ),
        signatures(&signed),
    ]
}

/// The other programs, each once.
fn others(running: &Path, helper: &Path) -> Vec<PathBuf> {
    let known = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut seen = vec![known(running)];
    let beside = PROGRAMS.iter().map(|name| running.with_file_name(name));
    let all = std::iter::once(helper.to_owned()).chain(beside.filter(|path| path.is_file()));
    let mut found = Vec::new();
    for path in all {
        let place = known(&path);
        if !seen.contains(&place) {
            seen.push(place);
            found.push(path);
        }
    }
    found
}

/// What lies beside a program.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// A signature that is valid for it, by the key with this fingerprint.
    By(String),
    /// No signature.
    Missing,
    /// One that is not valid for it, and why.
    Bad(String),
}

struct Signed {
    name: String,
    standing: Standing,
}

impl Signed {
    fn of(program: &Path, digest: io::Result<Digest>) -> Self {
        let name = program.file_name().unwrap_or(program.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let standing = match (signature_beside(program), digest) {
            (Ok(None), _) => Standing::Missing,
            (Ok(Some(armored)), Ok(digest)) => match verify_program(&armored, &digest) {
                Ok(key) => Standing::By(fingerprint(&key)),
                Err(error) => Standing::Bad(error.to_string()),
            },
            (Err(error), _) => Standing::Bad(format!("its signature can't be read: {error}")),
            (_, Err(error)) => Standing::Bad(format!("its file can't be read: {error}")),
        };
        Self { name, standing }
    }
}

/// `vaultmark.sig` of `vaultmark`.
fn signature_beside(program: &Path) -> io::Result<Option<String>> {
    let mut name: OsString = program.as_os_str().to_owned();
    name.push(".sig");
    let file = match regular::open(Path::new(&name), Links::Followed) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut armored = String::new();
    file.take(SIGNATURE_BYTES + 1).read_to_string(&mut armored)?;
    Ok(Some(armored))
}

fn signatures(signed: &[Signed]) -> Finding {
    const NAME: &str = "program-signature";
    const REPLACE: &str = "Do not use this program: install it again from the medium on which it \
                           came, and tell its keeper.";
    const COMPARE: &str = "Compare the fingerprint with the sheet on paper that came with the \
                           program: a key of somebody else's signs as well.";
    const LAY: &str = "Lay the signature file that came with each program beside it; without one, \
                       compare the digest with the sheet on paper.";
    let bad = signed.iter().find_map(|one| match &one.standing {
        Standing::Bad(why) => Some(format!("`{0}.sig` is not valid for `{0}`: {why}", one.name)),
        _ => None,
    });
    if let Some(seen) = bad {
        return Finding::warning(NAME, seen, REPLACE);
    }
    let names = |of: &dyn Fn(&Standing) -> bool| {
        let names =
            signed.iter().filter(|one| of(&one.standing)).map(|one| format!("`{}`", one.name));
        names.collect::<Vec<_>>().join(" and ")
    };
    let missing = names(&|standing| *standing == Standing::Missing);
    let with = names(&|standing| *standing != Standing::Missing);
    if !missing.is_empty() && !with.is_empty() {
        let seen = format!("{with}: signed; no signature lies beside {missing}");
        return Finding::warning(NAME, seen, REPLACE);
    }
    if !missing.is_empty() {
        return Finding::unknown(NAME, format!("no signature lies beside {missing}"), LAY);
    }
    let mut keys: Vec<&str> = signed
        .iter()
        .filter_map(|one| match &one.standing {
            Standing::By(key) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    keys.dedup();
    match keys.as_slice() {
        [key] => {
            let all = names(&|_| true);
            // Any key can sign: whose it is, this program can't know.
            Finding::unknown(NAME, format!("{all}: signed by {key}"), COMPARE)
        }
        several => {
            let seen = format!("the programs are signed by different keys: {}", several.join(", "));
            Finding::warning(NAME, seen, REPLACE)
        }
    }
}

/// The running program's bytes, even where another file has taken its place since.
fn digest_of_running(path: &Path) -> io::Result<Digest> {
    if cfg!(target_os = "linux") {
        return digest(File::open("/proc/self/exe")?);
    }
    digest_of(path)
}

fn digest_of(path: &Path) -> io::Result<Digest> {
    digest(regular::open(path, Links::Followed)?)
}

fn digest(mut file: File) -> io::Result<Digest> {
    let mut hasher = Sha512Hasher::new();
    io::copy(&mut file, &mut hasher)?;
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journeys::posture::State;

    fn signed(standings: &[Standing]) -> Finding {
        let one = |(name, standing): (&&str, &Standing)| Signed {
            name: (*name).to_owned(),
            standing: match standing {
                Standing::By(key) => Standing::By(key.clone()),
                Standing::Missing => Standing::Missing,
                Standing::Bad(why) => Standing::Bad(why.clone()),
            },
        };
        signatures(&PROGRAMS.iter().zip(standings).map(one).collect::<Vec<_>>())
    }

    #[test]
    fn the_worst_of_the_programs_decides() {
        let by = |key: &str| Standing::By(key.into());
        let bad = || Standing::Bad("no".into());
        for (standings, state, word) in [
            (vec![by("A")], State::Unknown, "signed by A"),
            (vec![by("A"), by("A")], State::Unknown, "`vaultmark` and `vaultmark-desktop`"),
            (vec![Standing::Missing, Standing::Missing], State::Unknown, "no signature"),
            (vec![by("A"), by("B")], State::Warning, "different keys: A, B"),
            (vec![by("A"), Standing::Missing], State::Warning, "beside `vaultmark-desktop`"),
            (
                vec![Standing::Missing, bad()],
                State::Warning,
                "`vaultmark-desktop.sig` is not valid",
            ),
        ] {
            let found = signed(&standings);
            assert_eq!(found.state, state, "{standings:?}");
            assert!(found.seen.contains(word), "{}", found.seen);
            assert!(found.remedy.is_some());
        }
    }

    #[test]
    fn a_file_that_is_no_signature_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("vaultmark");
        std::fs::write(&program, "program").unwrap();
        let standing = || Signed::of(&program, digest_of(&program)).standing;
        assert_eq!(standing(), Standing::Missing);
        for text in ["", "no signature", &"A".repeat(10_000)] {
            std::fs::write(folder.path().join("vaultmark.sig"), text).unwrap();
            assert!(matches!(standing(), Standing::Bad(_)), "{text:.20}");
        }
        std::fs::remove_file(folder.path().join("vaultmark.sig")).unwrap();
        std::fs::create_dir(folder.path().join("vaultmark.sig")).unwrap();
        assert!(matches!(standing(), Standing::Bad(_)));
        assert!(others(&program, &program).is_empty());
    }
}
