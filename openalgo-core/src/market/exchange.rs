//! Exchange codes of the OpenAlgo vocabulary.

use crate::wire::wire_enum;

wire_enum! {
    /// An exchange segment (`docs/vocabulary.md`).
    pub enum Exchange as "exchange" {
        /// NSE cash equity.
        Nse = "NSE",
        /// NSE equity derivatives.
        Nfo = "NFO",
        /// NSE currency derivatives.
        Cds = "CDS",
        /// BSE cash equity.
        Bse = "BSE",
        /// BSE equity derivatives.
        Bfo = "BFO",
        /// BSE currency derivatives.
        Bcd = "BCD",
        /// MCX commodities.
        Mcx = "MCX",
        /// NCDEX commodities.
        Ncdex = "NCDEX",
        /// NSE commodities.
        Nco = "NCO",
        /// NSE indices: quoted, not traded.
        NseIndex = "NSE_INDEX",
        /// BSE indices: quoted, not traded.
        BseIndex = "BSE_INDEX",
        /// MCX indices: quoted, not traded.
        McxIndex = "MCX_INDEX",
        /// World indices: quoted, not traded.
        GlobalIndex = "GLOBAL_INDEX",
        /// Crypto venues.
        Crypto = "CRYPTO",
    }
}

impl Exchange {
    /// Whether this is a cash segment, where an order needs no lot size.
    pub fn is_cash(self) -> bool {
        matches!(self, Self::Nse | Self::Bse)
    }

    /// Whether this code holds indices, which have quotes but take no orders.
    pub fn is_index(self) -> bool {
        matches!(
            self,
            Self::NseIndex | Self::BseIndex | Self::McxIndex | Self::GlobalIndex
        )
    }

    /// Whether contracts with an expiry trade here.
    pub fn is_derivative(self) -> bool {
        !self.is_cash() && !self.is_index()
    }

    /// Where options on an underlying of this exchange trade; `None` for indices without any.
    pub fn option_exchange(self) -> Option<Self> {
        match self {
            Self::Nse | Self::NseIndex | Self::Nfo => Some(Self::Nfo),
            Self::Bse | Self::BseIndex | Self::Bfo => Some(Self::Bfo),
            Self::Mcx | Self::Cds | Self::Bcd | Self::Nco | Self::Ncdex | Self::Crypto => {
                Some(self)
            }
            Self::McxIndex | Self::GlobalIndex => None,
        }
    }
}
