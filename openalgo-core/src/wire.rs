//! Words that a closed set of values has on the wire and in the database.

use thiserror::Error;

/// A word that stands for none of the values of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown {kind} '{word}'; it must be one of {}", allowed.join(", "))]
pub struct UnknownWord {
    /// What was being read, such as `exchange`.
    pub kind: &'static str,
    /// The word as given.
    pub word: Box<str>,
    /// The words there are.
    pub allowed: &'static [&'static str],
}

/// Declares a closed enum whose variants each have one word, with reading, writing and serde.
///
/// The word is exact: `buy` is not `BUY`. Frontends that accept other spellings map them first.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident as $kind:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// Every value, in the order in which the words are listed to people.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// Every word, in the same order.
            pub const WORDS: &'static [&'static str] = &[ $( $word, )+ ];

            /// The word of this value on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::wire::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err($crate::wire::UnknownWord {
                        kind: $kind,
                        word: word.into(),
                        allowed: Self::WORDS,
                    }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use wire_enum;
