//! Which places are recognised.

use super::*;

fn on(file_system: &str) -> Option<SharedPlace> {
    let nothing = |_: &Path| false;
    judge(Path::new("/data"), &[file_system.to_owned()], &nothing)
}

fn at(path: &str) -> Option<SharedPlace> {
    judge(Path::new(path), &["ext4".to_owned()], &|_| false)
}

#[test]
fn disks_are_told_from_the_network_and_from_the_host() {
    for name in [
        "nfs",
        "nfs4",
        "cifs",
        "smbfs",
        "ceph",
        "fuse.sshfs",
        "fuse.rclone",
        "webdav",
    ] {
        let file_system = name.to_owned();
        assert_eq!(on(name), Some(SharedPlace::Network { file_system }));
    }
    for name in ["9p", "virtiofs", "vboxsf", "fuse.grpcfuse", "fakeowner"] {
        let file_system = name.to_owned();
        assert_eq!(on(name), Some(SharedPlace::Host { file_system }));
    }
    for name in [
        "ext4",
        "xfs",
        "btrfs",
        "zfs",
        "apfs",
        "overlay",
        "tmpfs",
        "fuse",
        "fuseblk",
        "fuse.gocryptfs",
        "fuse.fuse-overlayfs",
        "ecryptfs",
        "",
    ] {
        assert_eq!(on(name), None, "{name}");
    }
}

#[test]
fn one_name_of_several_is_enough() {
    let names = ["fuse", "fuse.sshfs"].map(str::to_owned);
    assert!(judge(Path::new("/data"), &names, &|_| false).is_some());
}

#[test]
fn folders_of_sync_programs_are_known_by_name() {
    for (path, root, program) in [
        ("/home/me/Dropbox", "/home/me/Dropbox", "Dropbox"),
        ("/home/me/Dropbox/a/b", "/home/me/Dropbox", "Dropbox"),
        (
            "/home/me/Dropbox (Personal)/a",
            "/home/me/Dropbox (Personal)",
            "Dropbox",
        ),
        (
            "/mnt/c/Users/me/OneDrive - Company/a",
            "/mnt/c/Users/me/OneDrive - Company",
            "OneDrive",
        ),
        (
            "/Volumes/GoogleDrive/My Drive/a",
            "/Volumes/GoogleDrive/My Drive",
            "Google Drive",
        ),
        (
            "/Users/me/Library/CloudStorage/OneDrive-Personal/a",
            "/Users/me/Library/CloudStorage/OneDrive-Personal",
            "OneDrive",
        ),
        (
            "/Users/me/Library/Mobile Documents/com~apple~CloudDocs/a",
            "/Users/me/Library/Mobile Documents",
            "iCloud Drive",
        ),
        ("/home/me/Nextcloud/a", "/home/me/Nextcloud", "Nextcloud"),
    ] {
        let (program, root) = (program.to_owned(), root.into());
        assert_eq!(
            at(path),
            Some(SharedPlace::Synced { program, root }),
            "{path}"
        );
    }
}

#[test]
fn similar_names_are_left_alone() {
    for path in [
        "/home/dropbox/a",
        "/home/me/Dropbox-old/a",
        "/home/me/NotDropbox/a",
        "/var/www/nextcloud/a",
        "/home/me/Library/a",
        "/srv/CloudStorage/OneDrives/a",
        "/home/me/.local/share/OpenAlgo/openalgo_data",
    ] {
        assert_eq!(at(path), None, "{path}");
    }
}

#[test]
fn folders_of_sync_programs_are_known_by_what_is_left_in_them() {
    for (marker, program) in [
        ("/srv/all/.stfolder", "Syncthing"),
        ("/srv/.dropbox.cache", "Dropbox"),
        ("/srv/all/data/.sync/ID", "Resilio Sync"),
    ] {
        let is_there = |path: &Path| path == Path::new(marker);
        let found = judge(Path::new("/srv/all/data"), &[], &is_there);
        let Some(SharedPlace::Synced { program: found, .. }) = found else {
            panic!("{marker}: {found:?}");
        };
        assert_eq!(found, program);
    }
    let elsewhere = |path: &Path| path == Path::new("/srv/other/.stfolder");
    assert_eq!(judge(Path::new("/srv/all/data"), &[], &elsewhere), None);
}

#[cfg(unix)]
#[test]
fn a_link_into_a_synced_folder_is_followed() {
    let place = tempfile::tempdir().unwrap();
    let synced = place.path().join("Dropbox");
    std::fs::create_dir(&synced).unwrap();
    let link = place.path().join("link");
    std::os::unix::fs::symlink(&synced, &link).unwrap();
    let found = SharedPlace::of(&link.join("data/not/there/yet"));
    assert!(
        matches!(found, Some(SharedPlace::Synced { .. })),
        "{found:?}"
    );
}
