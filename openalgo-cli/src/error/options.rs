//! Why something about options is not told or done, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::core::analytics::PayoffError;
use openalgo::core::rule::strike::OffsetError;
use openalgo::core::value::ValueError;
use openalgo::engine::market::{LookupError, OptionError};
use openalgo::engine::service::{
    ChainError, GreeksError, LegSetError, OptionLegError, OptionsOrderError,
};

impl From<OffsetError> for CliError {
    fn from(error: OffsetError) -> Self {
        Self::new(Exit::Usage, "offset", &error).hint("give ATM, ITM1 or OTM1, and so on")
    }
}

impl From<PayoffError> for CliError {
    fn from(error: PayoffError) -> Self {
        Self::refused("legs", &error).hint("give --leg up to fifty times")
    }
}

impl From<ValueError> for CliError {
    fn from(error: ValueError) -> Self {
        Self::refused("value", &error).hint("see the command with --help")
    }
}

impl CliError {
    /// What may have a price the next time.
    fn no_price(error: &dyn std::fmt::Display) -> Self {
        Self::new(Exit::Unavailable, "no_price", error)
            .hint("try again; `openalgo market status` shows whether it is traded now")
    }
}

impl From<OptionError> for CliError {
    fn from(error: OptionError) -> Self {
        if let OptionError::NoPrice {
            source: LookupError::Market(_),
            ..
        } = error
        {
            return Self::no_price(&error);
        }
        let hint = match &error {
            OptionError::NoPrice { .. } => "`openalgo symbols search WORDS` finds underlyings",
            OptionError::NoStrikes { .. } | OptionError::NoExpiry => {
                "`openalgo symbols expiries NAME --options` lists the days that there are"
            }
            OptionError::OutOfRange(_) | OptionError::NoSuchOption(_) => {
                "`openalgo chain NAME --all` lists the strikes that there are"
            }
            _ => "`openalgo symbols search WORDS` finds contracts",
        };
        Self::refused("option", &error).hint(hint)
    }
}

impl From<ChainError> for CliError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Option(error) => error.into(),
            ChainError::NoOptionPrice { .. }
            | ChainError::NoPrice {
                source: LookupError::Market(_),
                ..
            } => Self::no_price(&error),
            other => Self::refused("option_chain", &chain(&other))
                .hint("`openalgo symbols expiries NAME --options` lists the days that there are"),
        }
    }
}

impl From<GreeksError> for CliError {
    fn from(error: GreeksError) -> Self {
        match error {
            GreeksError::Option(error) => error.into(),
            GreeksError::NoOptionPrice(source) => source.into(),
            GreeksError::NotAnOption(symbol) => {
                let message = format!("{symbol} is no option");
                Self::refused("not_an_option", &message)
                    .hint("name one such as NIFTY01DEC2626100CE, or see `openalgo chain NIFTY`")
            }
            GreeksError::Expired(_) => Self::refused("expired", &error)
                .hint("`openalgo symbols expiries NAME --options` lists the days that there are"),
            GreeksError::NotComputable(_) | GreeksError::NotPositive => {
                Self::refused("not_computable", &error).hint("no number is made up in its place")
            }
            other => Self::new(Exit::Unavailable, "greeks", &chain(&other))
                .hint("give what the underlying costs on the last day with --forward"),
        }
    }
}

impl From<LegSetError> for CliError {
    fn from(error: LegSetError) -> Self {
        if let LegSetError::NoPrice {
            source: LookupError::Market(_),
            ..
        } = error
        {
            return Self::no_price(&error);
        }
        let hint = match &error {
            LegSetError::NoContract { .. } => {
                "name futures and options, such as NIFTY01DEC2626100CE"
            }
            LegSetError::Mixed { .. } => "look at the legs of each underlying by themselves",
            LegSetError::NoPrice { .. } => "`openalgo symbols search WORDS` finds contracts",
            _ => "`openalgo payoff --help` shows examples",
        };
        Self::refused("legs", &error).hint(hint)
    }
}

impl From<OptionLegError> for CliError {
    fn from(error: OptionLegError) -> Self {
        match error {
            OptionLegError::Option(error) => error.into(),
            OptionLegError::Id(error) => error.into(),
            other => Self::refused("leg", &other),
        }
    }
}

impl From<OptionsOrderError> for CliError {
    fn from(error: OptionsOrderError) -> Self {
        match error {
            OptionsOrderError::Route(error) => error.into(),
            OptionsOrderError::Place(error) => error.into(),
            OptionsOrderError::NoRealPrices => Self::refused("no_real_prices", &error)
                .hint("name the option's symbol with `openalgo order place`"),
            other => Self::new(Exit::Usage, "legs", &other).hint("give --leg up to twenty times"),
        }
    }
}
