//! Refusing file systems on which a vault's lock or its fsync means nothing.
//!
//! Network file systems are refused, and so is FUSE unless it drives a local block device
//! (`fuseblk`: NTFS and exFAT sticks): the kernel can't tell `sshfs` from a local FUSE, and two
//! computers on one share would both believe that they own the vault. Folders shared by a virtual
//! machine's host (9p, virtiofs, vboxsf) are refused for the same reason.

use std::path::Path;

use crate::StoreError;

/// `f_type` values of statfs(2) and `linux/magic.h`.
const NETWORK: &[(u32, &str)] = &[
    (0x0000_6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0000_517b, "SMB"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x786f_4256, "a virtual machine's shared folder"),
    (0x0000_564c, "NCP"),
];
const FUSE: u32 = 0x6573_5546;

/// Refuses `folder` where it lies on a network file system.
pub(crate) fn check(folder: &Path) -> Result<(), StoreError> {
    #[cfg(target_os = "linux")]
    if let Ok(facts) = rustix::fs::statfs(folder) {
        // The field is signed on some architectures; the magic numbers have 32 bits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let magic = facts.f_type as u32;
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        if let Some(kind) = refused(magic, mounted_as(&mounts, folder)) {
            return Err(StoreError::NetworkFileSystem { path: folder.to_path_buf(), kind });
        }
    }
    let _ = (NETWORK, FUSE, folder);
    Ok(())
}

/// The kind by which a file system is refused, if it is.
fn refused(magic: u32, mounted_as: Option<&str>) -> Option<&'static str> {
    if magic == FUSE {
        return (mounted_as != Some("fuseblk")).then_some("FUSE");
    }
    NETWORK.iter().find(|(number, _)| *number == magic).map(|(_, kind)| *kind)
}

/// The file system type of the mount that holds `folder`, by its longest mount point; proc(5),
/// `/proc/pid/mountinfo`.
fn mounted_as<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    mounts
        .lines()
        .filter_map(|line| {
            let (left, right) = line.split_once(" - ")?;
            let point = left.split(' ').nth(4)?.replace("\\040", " ");
            folder.starts_with(&point).then(|| (point.len(), right.split(' ').next()))
        })
        .max_by_key(|(length, _)| *length)?
        .1
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 8:17 / /media/a\\040stick rw - fuseblk /dev/sdb1 rw
41 22 0:50 / /mnt/far rw - fuse.sshfs far: rw
";

    #[test]
    fn local_disks_and_sticks_pass_and_shares_do_not() {
        for (magic, folder, expected) in [
            (0xef53, "/home/vault", None),
            (FUSE, "/media/a stick/vault", None),
            (FUSE, "/mnt/far/vault", Some("FUSE")),
            (FUSE, "/elsewhere", Some("FUSE")),
            (0x6969, "/home/vault", Some("NFS")),
            (0xff53_4d42, "/home/vault", Some("CIFS")),
        ] {
            assert_eq!(refused(magic, mounted_as(MOUNTS, Path::new(folder))), expected);
        }
    }

    #[test]
    fn this_computers_temporary_folder_passes() {
        check(tempfile::tempdir().unwrap().path()).unwrap();
    }
}
