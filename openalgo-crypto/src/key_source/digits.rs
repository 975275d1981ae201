//! Files that hold a key as 64 hex digits.

use crate::MasterKey;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// The longest such file: 64 digits and the end of the line as Windows writes it.
const MAX_LEN: usize = 66;

/// Opens a file; `None` for what is there and is no file.
pub(super) fn open_file(path: &Path) -> io::Result<Option<File>> {
    // Before opening: a pipe in its place would make the open wait for ever.
    if fs::metadata(path)?.is_file() {
        File::open(path).map(Some)
    } else {
        Ok(None)
    }
}

/// Reads the key; `None` for anything else.
pub(super) fn read_key(file: &mut File) -> io::Result<Option<MasterKey>> {
    let text = read_short(file)?;
    let digits = text.as_ref().map(|text| text.trim_ascii_end());
    Ok(digits.and_then(|digits| MasterKey::from_digits(digits).ok()))
}

/// Reads a file of at most [`MAX_LEN`] bytes into a buffer that is wiped; `None` for a longer one.
fn read_short(file: &mut File) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // One byte more than a key file has: a file that fills the buffer is too long.
    let mut bytes = Zeroizing::new(vec![0; MAX_LEN + 1]);
    let mut length = 0;
    while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => length = length.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok((length <= MAX_LEN).then_some(bytes))
}
