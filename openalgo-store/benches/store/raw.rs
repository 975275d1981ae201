//! The yardstick: SQLCipher's C API with nothing above it.

#![expect(unsafe_code, reason = "the C API has no other kind of caller")]

use libsqlite3_sys as ffi;
use std::ffi::{CStr, CString, c_int};
use std::ptr;
use std::slice;

/// What the store sets too, so that both do the same work.
const SETTINGS: &str = "
    PRAGMA cipher_page_size = 4096;
    PRAGMA kdf_iter = 256000;
    PRAGMA cipher_hmac_algorithm = HMAC_SHA512;
    PRAGMA cipher_kdf_algorithm = PBKDF2_HMAC_SHA512;
    PRAGMA busy_timeout = 5000;
    SELECT count(*) FROM sqlite_master;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;";

/// A keyed connection.
pub(crate) struct Connection(*mut ffi::sqlite3);

impl Connection {
    pub(crate) fn open(path: &str, key: &str) -> Self {
        let path = CString::new(path).unwrap();
        let mut raw = ptr::null_mut();
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_URI;
        // SAFETY: the path is a C string, and the place for the handle outlives the call.
        let code = unsafe { ffi::sqlite3_open_v2(path.as_ptr(), &raw mut raw, flags, ptr::null()) };
        assert_eq!(code, ffi::SQLITE_OK);
        let connection = Self(raw);
        connection.execute(&format!(
            "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{key}'\"; {SETTINGS}"
        ));
        connection
    }

    pub(crate) fn execute(&self, sql: &str) {
        let sql = CString::new(sql).unwrap();
        // SAFETY: the handle is open, the text is a C string, and nothing is called back.
        let code = unsafe {
            ffi::sqlite3_exec(self.0, sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut())
        };
        assert_eq!(code, ffi::SQLITE_OK);
    }

    pub(crate) fn prepare(&self, sql: &str) -> Statement<'_> {
        let length = c_int::try_from(sql.len()).unwrap();
        let mut raw = ptr::null_mut();
        // SAFETY: the handle is open, and the text has the length that is said.
        let code = unsafe {
            ffi::sqlite3_prepare_v3(
                self.0,
                sql.as_ptr().cast(),
                length,
                ffi::SQLITE_PREPARE_PERSISTENT,
                &raw mut raw,
                ptr::null_mut(),
            )
        };
        assert_eq!(code, ffi::SQLITE_OK, "{sql}");
        Statement {
            raw,
            connection: self,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: no statement outlives its connection, which is closed once.
        let code = unsafe { ffi::sqlite3_close(self.0) };
        assert_eq!(code, ffi::SQLITE_OK);
    }
}

/// A cell that is about to be written.
pub(crate) enum Cell {
    Null,
    Whole(i64),
    Real(f64),
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

/// A prepared statement.
pub(crate) struct Statement<'c> {
    raw: *mut ffi::sqlite3_stmt,
    connection: &'c Connection,
}

impl Statement<'_> {
    /// Runs a statement that gives no rows, and gives the number of the last row inserted.
    pub(crate) fn insert(&mut self, cells: &[Cell]) -> i64 {
        self.bind(cells);
        assert!(!self.step());
        self.reset();
        // SAFETY: the handle is open.
        unsafe { ffi::sqlite3_last_insert_rowid(self.connection.0) }
    }

    /// Binds the cells, which must live until the statement is reset.
    pub(crate) fn bind(&mut self, cells: &[Cell]) {
        for (place, cell) in (1..).zip(cells) {
            // SAFETY: the statement is live, and a text outlives its use by it.
            let code = unsafe {
                match cell {
                    Cell::Null => ffi::sqlite3_bind_null(self.raw, place),
                    Cell::Whole(number) => ffi::sqlite3_bind_int64(self.raw, place, *number),
                    Cell::Real(number) => ffi::sqlite3_bind_double(self.raw, place, *number),
                    Cell::Text(text) => ffi::sqlite3_bind_text(
                        self.raw,
                        place,
                        text.as_ptr().cast(),
                        c_int::try_from(text.len()).unwrap(),
                        ffi::SQLITE_STATIC(),
                    ),
                }
            };
            assert_eq!(code, ffi::SQLITE_OK);
        }
    }

    /// Goes to the next row, if there is one.
    pub(crate) fn step(&mut self) -> bool {
        // SAFETY: the statement is live.
        match unsafe { ffi::sqlite3_step(self.raw) } {
            ffi::SQLITE_ROW => true,
            ffi::SQLITE_DONE => false,
            code => {
                // SAFETY: the handle is open, and the text is read before anything else is done.
                let said = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.connection.0)) };
                panic!("a statement failed with {code}: {said:?}")
            }
        }
    }

    pub(crate) fn reset(&mut self) {
        // SAFETY: the statement is live.
        assert_eq!(unsafe { ffi::sqlite3_reset(self.raw) }, ffi::SQLITE_OK);
    }

    pub(crate) fn whole(&self, column: c_int) -> i64 {
        // SAFETY: the statement stands on a row.
        unsafe { ffi::sqlite3_column_int64(self.raw, column) }
    }

    pub(crate) fn real(&self, column: c_int) -> f64 {
        // SAFETY: the statement stands on a row.
        unsafe { ffi::sqlite3_column_double(self.raw, column) }
    }

    /// The text in a column of the present row, unless it is NULL.
    pub(crate) fn optional_text(&self, column: c_int) -> Option<&str> {
        // SAFETY: the statement stands on a row; the text stays until the next step, which needs
        // the statement for itself. Its length is asked for after it.
        let bytes = unsafe {
            let text = ffi::sqlite3_column_text(self.raw, column);
            if text.is_null() {
                return None;
            }
            let length = ffi::sqlite3_column_bytes(self.raw, column);
            slice::from_raw_parts(text, usize::try_from(length).unwrap())
        };
        Some(str::from_utf8(bytes).unwrap())
    }

    pub(crate) fn text(&self, column: c_int) -> &str {
        self.optional_text(column).unwrap()
    }

    /// Looks at every column of the present row.
    pub(crate) fn touch(&self, columns: c_int) -> usize {
        (0..columns)
            .map(|column| {
                // SAFETY: the statement stands on a row.
                unsafe {
                    match ffi::sqlite3_column_type(self.raw, column) {
                        ffi::SQLITE_INTEGER => usize::from(self.whole(column) != 0),
                        ffi::SQLITE_FLOAT => usize::from(self.real(column) > 0.0),
                        ffi::SQLITE_NULL => 0,
                        _ => self.text(column).len(),
                    }
                }
            })
            .sum()
    }
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        // SAFETY: the statement is live, and is given back once.
        unsafe { ffi::sqlite3_finalize(self.raw) };
    }
}
