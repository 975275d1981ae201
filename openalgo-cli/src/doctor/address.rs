//! The address at which the owner of the folder runs the commands of other processes.

use super::Finding;
use openalgo::Owner;
use std::path::Path;

const ADDRESS: &str = "address";

/// Whether other processes can have their commands run while this owner has the folder.
pub(crate) fn examine_address(owner: &Owner, folder: &Path) -> Finding {
    let Some(address) = &owner.address else {
        return Finding::warning(
            ADDRESS,
            "there is none: other commands wait until whoever has the folder has ended",
            "set XDG_RUNTIME_DIR to a folder that only you can use; the newest file in the folder \
             logs says what was tried",
        );
    };
    let said = format!("process {} answers at {address}", owner.pid);
    let in_folder = std::path::absolute(folder).unwrap_or_else(|_error| folder.to_owned());
    // Pipes of Windows are in no folder.
    if cfg!(unix) && Path::new(address).parent() != Some(&in_folder) {
        let why = "the path of the data folder is too long for a socket, or its disk takes none";
        return Finding::ok(ADDRESS, format!("{said}; {why}"));
    }
    Finding::ok(ADDRESS, said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use openalgo::SystemClock;
    use openalgo::core::port::Clock;

    fn found(address: Option<&str>) -> Finding {
        let owner = Owner {
            pid: 42,
            address: address.map(str::to_owned),
            version: "1.2.3".to_owned(),
            since: SystemClock.now(),
        };
        examine_address(&owner, Path::new("/data"))
    }

    #[test]
    fn an_owner_that_nobody_reaches_is_a_warning() {
        assert_eq!(found(None).verdict, Verdict::Warning);
        assert_eq!(found(Some("/data/control.sock")).verdict, Verdict::Ok);
    }

    #[cfg(unix)]
    #[test]
    fn an_address_elsewhere_says_why() {
        assert!(!found(Some("/data/control.sock")).said.contains("too long"));
        let elsewhere = found(Some("/run/user/1000/openalgo/8a7b.sock"));
        assert_eq!(elsewhere.verdict, Verdict::Ok);
        assert!(elsewhere.said.contains("too long"), "{}", elsewhere.said);
    }
}
