//! Whose files can be read. A broker that has a form of its own is one more line here.

use openalgo_brokers::kite_file::{self, InstrumentFile, InstrumentFileError};
use openalgo_core::id::BrokerName;

/// Reads the file in which a broker lists its instruments.
pub(super) type Parser = fn(&str) -> Result<InstrumentFile, InstrumentFileError>;

const PARSERS: [(&str, Parser); 1] = [("zerodha", kite_file::parse)];

/// What reads the files of a broker.
pub(super) fn parser_of(broker: &BrokerName) -> Option<Parser> {
    let known = PARSERS.iter().find(|(name, _)| *name == broker.as_str());
    known.map(|(_, parser)| *parser)
}

/// The brokers whose files can be read, for people.
pub(super) fn readable() -> String {
    PARSERS.map(|(name, _)| name).join(", ")
}
