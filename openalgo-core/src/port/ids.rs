//! Unique numbers, injected so that a run can be repeated.

use super::CryptoError;
use crate::id::IntentId;
use std::fmt;

/// Makes ids that never repeat.
pub trait IdSource: fmt::Debug + Send + Sync {
    /// A fresh intent id; later ids sort after earlier ones.
    fn make_intent_id(&self) -> Result<IntentId, CryptoError>;
}
