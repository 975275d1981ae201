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

impl FromSql<diesel::sql_types::Text, Sqlite> for Text {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        // SQLite would take any bytes for a text.
        match value.value_type() {
            Some(SqliteType::Text) => {
                let bytes =
                    <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
                Ok(Self(String::from_utf8(bytes).ok()))
            }
            _ => Ok(Self(None)),
        }
    }

    fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
        value.map_or(Ok(Self(None)), Self::from_sql)
    }
}

impl ToSql<diesel::sql_types::Text, Sqlite> for Text {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let text = self.as_str().ok_or("the cell holds no text")?;
        out.set_value(text);
        Ok(IsNull::No)
    }
}
