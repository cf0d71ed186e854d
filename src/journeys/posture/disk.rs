//! Whether a file lies on an encrypted disk, as far as the kernel's device mapper tells.

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;

/// Layers of devices that are followed: LVM on LUKS on RAID is three.
const LAYERS: usize = 8;

pub(super) fn look(vault: &Path) -> Finding {
    const NAME: &str = "disk-encryption";
    const REMEDY: &str = "The vault is encrypted by itself; an encrypted disk also hides its size, \
                          its times and what other programs leave. Encrypt it with LUKS.";
    match is_encrypted(vault) {
        Some(true) => Finding::fine(NAME, "the vault lies on an encrypted disk"),
        Some(false) => {
            Finding::warning(NAME, "the vault lies on a disk that is not encrypted", REMEDY)
        }
        None => Finding::unknown(NAME, "the disk below the vault can't be seen", REMEDY),
    }
}

/// Whether the device of a file, or the device that it is, is encrypted all the way down to what it
/// is made of; `None` where the kernel shows no such device.
pub(super) fn is_encrypted(path: &Path) -> Option<bool> {
    device(path).and_then(|device| has_cipher(&device, LAYERS))
}

#[cfg(target_os = "linux")]
fn device(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

    let facts = fs::metadata(path).ok()?;
    let number = if facts.file_type().is_block_device() { facts.rdev() } else { facts.dev() };
    let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
    let link = Path::new("/sys/dev/block").join(format!("{major}:{minor}"));
    fs::canonicalize(link).ok()
}

#[cfg(not(target_os = "linux"))]
fn device(_path: &Path) -> Option<PathBuf> {
    None
}

fn has_cipher(device: &Path, layers: usize) -> Option<bool> {
    let kind = fs::read_to_string(device.join("dm/uuid")).unwrap_or_default();
    if kind.starts_with("CRYPT-") {
        return Some(true);
    }
    let below: Vec<PathBuf> = fs::read_dir(device.join("slaves"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| fs::canonicalize(entry.path()).ok())
        .collect();
    if below.is_empty() || layers == 0 {
        return Some(false);
    }
    // Readable where one of its parts is.
    Some(below.iter().all(|part| has_cipher(part, layers - 1) == Some(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(root: &Path, name: &str, uuid: &str, below: &[&str]) -> PathBuf {
        let device = root.join(name);
        fs::create_dir_all(device.join("dm")).unwrap();
        fs::create_dir_all(device.join("slaves")).unwrap();
        fs::write(device.join("dm/uuid"), uuid).unwrap();
        for part in below {
            std::os::unix::fs::symlink(root.join(part), device.join("slaves").join(part)).unwrap();
        }
        device
    }

    #[test]
    fn a_volume_is_as_closed_as_its_most_open_part() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let plain = made(root, "sda1", "", &[]);
        let sealed = made(root, "dm-0", "CRYPT-LUKS2-00", &["sda1"]);
        let volume = made(root, "dm-1", "LVM-abc", &["dm-0"]);
        let mixed = made(root, "dm-2", "LVM-def", &["dm-0", "sda1"]);
        let seen = [plain, sealed, volume, mixed].map(|device| has_cipher(&device, LAYERS));
        assert_eq!(seen, [Some(false), Some(true), Some(true), Some(false)]);
    }

    #[test]
    fn a_disk_that_is_not_there_is_not_judged() {
        assert_eq!(is_encrypted(Path::new("/nonexistent/file")), None);
    }
}
