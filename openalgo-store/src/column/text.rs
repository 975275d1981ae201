//! TEXT columns.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::{Sqlite, SqliteType, SqliteValue};

/// A cell of a TEXT column; empty when it holds something that is no text.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub(crate) struct Text(Option<String>);

impl Text {
    /// The text in the cell.
    pub(crate) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

/// How the character begins that Diesel puts in place of bytes that are no UTF-8.
const REPLACED: u8 = 0xef;

/// Makes something of the text in a cell, or of `None` where it holds something that is no text.
pub(super) fn read<T>(
    cell: Option<SqliteValue<'_, '_, '_>>,
    make: impl FnOnce(Option<&str>) -> T,
) -> T {
    // SQLite would take any bytes for a text.
    match cell {
        Some(mut value) if matches!(value.value_type(), Some(SqliteType::Text)) => {
            let text = value.read_text();
            if !text.as_bytes().contains(&REPLACED) {
                return make(Some(text));
            }
            // The character may have been there before. The bytes tell; asking for them copies the
            // cell, which is too much for every cell.
            make(str::from_utf8(value.read_blob()).ok())
        }
        Some(_) | None => make(None),
    }
}

impl FromSql<diesel::sql_types::Text, Sqlite> for Text {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::from_nullable_sql(Some(value))
    }

    fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
        Ok(Self(read(value, |text| text.map(str::to_owned))))
    }
}

impl ToSql<diesel::sql_types::Text, Sqlite> for Text {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let text = self.as_str().ok_or("the cell holds no text")?;
        out.set_value(text);
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::Text;
    use diesel::dsl::sql;
    use diesel::prelude::*;
    use diesel::sqlite::SqliteConnection;

    #[test]
    fn only_what_is_text_is_read_as_text() {
        let mut c = SqliteConnection::establish(":memory:").unwrap();
        let mut read = |cell: &str| -> Text {
            let cell = sql::<diesel::sql_types::Text>(&format!("SELECT {cell}"));
            cell.get_result(&mut c).unwrap()
        };
        for text in ["", "INFY", "रुपया", "\u{fffd}", "\u{ffff}"] {
            assert_eq!(read(&format!("'{text}'")).as_str(), Some(text));
        }
        for cell in [
            "CAST(x'41ff' AS TEXT)",
            "CAST(x'efbf' AS TEXT)",
            "x'41'",
            "1",
            "NULL",
        ] {
            assert_eq!(read(cell).as_str(), None, "{cell}");
        }
    }
}
