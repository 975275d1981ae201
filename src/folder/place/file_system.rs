//! What the system calls the file system of a path.

use std::path::Path;

/// The numbers by which Linux knows file systems that are not of this machine alone, or not on its
/// disks; from
/// `linux/magic.h` and `stat.c` of the GNU coreutils.
#[cfg(target_os = "linux")]
const NUMBERS: &[(u32, &str)] = &[
    (0x0000_517B, "smbfs"),
    (0x0000_564C, "ncp"),
    (0x0000_6969, "nfs"),
    (0x00C3_6400, "ceph"),
    (0x0102_1997, "9p"),
    (0x0102_1994, "tmpfs"),
    (0x0116_1970, "gfs2"),
    (0x0BD0_0BD0, "lustre"),
    (0x1983_0326, "beegfs"),
    (0x4750_4653, "gpfs"),
    (0x5346_414F, "afs"),
    (0x6B41_4653, "afs"),
    (0x7375_7245, "coda"),
    (0x7461_636F, "ocfs2"),
    (0x786F_4256, "vboxsf"),
    (0x7C7C_6673, "prl_fs"),
    (0x8584_58F6, "ramfs"),
    (0xBACB_ACBC, "vmhgfs"),
    (0xFE53_4D42, "smb2"),
    (0xFF53_4D42, "cifs"),
];

/// What is known about the file system: by its number, and by the table of mounts, which alone
/// knows the kinds of `fuse`.
#[cfg(target_os = "linux")]
pub(super) fn names(path: &Path) -> Vec<String> {
    let table = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    let by_table = by_table(&String::from_utf8_lossy(&table), path);
    let known = existing(path).and_then(|it| rustix::fs::statfs(it).ok());
    let number = known.and_then(|it| it.f_type.to_le_bytes().first_chunk().copied());
    let by_number = number.and_then(|it| by_number(u32::from_le_bytes(it)));
    by_number.into_iter().chain(by_table).collect()
}

/// macOS tells the name.
#[cfg(target_vendor = "apple")]
pub(super) fn names(path: &Path) -> Vec<String> {
    let known = existing(path).and_then(|it| rustix::fs::statfs(it).ok());
    let name = known.map(|it| {
        let bytes = it.f_fstypename.iter().flat_map(|byte| byte.to_le_bytes());
        let bytes: Vec<u8> = bytes.take_while(|byte| *byte != 0).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    name.into_iter().collect()
}

/// Elsewhere the path itself tells.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn names(_path: &Path) -> Vec<String> {
    Vec::new()
}

/// The nearest part of a path that is there.
#[cfg(unix)]
fn existing(path: &Path) -> Option<&Path> {
    path.ancestors().find(|it| it.exists())
}

#[cfg(target_os = "linux")]
fn by_number(number: u32) -> Option<String> {
    let known = NUMBERS.iter().find(|(known, _)| *known == number);
    known.map(|(_, name)| (*name).to_owned())
}

/// The kind of the mount that a path lies in, from lines such as
/// `36 35 98:0 / /mnt rw,noatime master:1 - fuse.sshfs me@host: rw`.
#[cfg(target_os = "linux")]
fn by_table(table: &str, path: &Path) -> Option<String> {
    let mounts = table.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let point = unescape(mount.split(' ').nth(4)?);
        Some((point, kind.split(' ').next()?))
    });
    // Of two at the same point the later one covers the other.
    let of_path = mounts
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| point.len());
    of_path.map(|(_, kind)| kind.to_owned())
}

/// The table writes these four as octal numbers.
#[cfg(target_os = "linux")]
fn unescape(point: &str) -> String {
    point
        .replace(r"\040", " ")
        .replace(r"\011", "\t")
        .replace(r"\012", "\n")
        .replace(r"\134", "\\")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
36 27 0:40 / /mnt/my\\040nas rw,nosuid shared:2 master:1 - nfs4 nas:/export rw
37 27 0:41 / /home/me/remote rw - fuse.sshfs me@host: rw
38 27 0:42 / /twice rw - tmpfs tmpfs rw
39 38 0:43 / /twice rw - cifs //nas/share rw
a line that is none";

    #[test]
    fn the_mount_nearest_to_a_path_tells() {
        let kind = |path| by_table(TABLE, Path::new(path));
        for (path, expected) in [
            ("/home/me/data", "ext4"),
            ("/mnt/my nas/data", "nfs4"),
            ("/mnt/my nasty/data", "ext4"),
            ("/home/me/remote", "fuse.sshfs"),
            ("/twice/over", "cifs"),
        ] {
            assert_eq!(kind(path).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(by_table("", Path::new("/home")), None);
    }

    #[test]
    fn numbers_are_those_of_the_kernel() {
        assert_eq!(by_number(0x6969).as_deref(), Some("nfs"));
        assert_eq!(by_number(0xFF53_4D42).as_deref(), Some("cifs"));
        assert_eq!(by_number(0x0102_1994).as_deref(), Some("tmpfs"));
        // ext4, overlay.
        for disk in [0xEF53, 0x794C_7630] {
            assert_eq!(by_number(disk), None);
        }
    }

    #[test]
    fn this_system_names_the_file_system_of_a_path_that_is_not_there_yet() {
        assert_eq!(names(Path::new("/proc/none/such")), ["proc"]);
    }
}
