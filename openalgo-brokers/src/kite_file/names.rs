//! What indices are called, and shares of other series.

use super::RefusedRow;
use super::columns::Fields;
use openalgo_core::market::Exchange;
use openalgo_core::value::Price;

/// Indices of NSE whose symbol is not their name without blanks.
const NSE: [(&str, &str); 5] = [
    ("NIFTY 50", "NIFTY"),
    ("NIFTY NEXT 50", "NIFTYNXT50"),
    ("NIFTY BANK", "BANKNIFTY"),
    ("NIFTY FIN SERVICE", "FINNIFTY"),
    ("NIFTY MID SELECT", "MIDCPNIFTY"),
];
/// Indices of BSE whose symbol is not the exchange's short name.
const BSE: [(&str, &str); 33] = [
    ("SNSX50", "SENSEX50"),
    ("SNXT50", "BSESENSEXNEXT50"),
    ("MID150", "BSE150MIDCAPINDEX"),
    ("LMI250", "BSE250LARGEMIDCAPINDEX"),
    ("MSL400", "BSE400MIDSMALLCAPINDEX"),
    ("AUTO", "BSEAUTO"),
    ("BSE CG", "BSECAPITALGOODS"),
    ("CARBON", "BSECARBONEX"),
    ("BSE CD", "BSECONSUMERDURABLES"),
    ("CPSE", "BSECPSE"),
    ("DOL30", "BSEDOLLEX30"),
    ("DOL100", "BSEDOLLEX100"),
    ("DOL200", "BSEDOLLEX200"),
    ("ENERGY", "BSEENERGY"),
    ("BSEFMC", "BSEFASTMOVINGCONSUMERGOODS"),
    ("FINSER", "BSEFINANCIALSERVICES"),
    ("GREENX", "BSEGREENEX"),
    ("BSE HC", "BSEHEALTHCARE"),
    ("INFRA", "BSEINDIAINFRASTRUCTUREINDEX"),
    ("INDSTR", "BSEINDUSTRIALS"),
    ("BSE IT", "BSEINFORMATIONTECHNOLOGY"),
    ("LRGCAP", "BSELARGECAP"),
    ("METAL", "BSEMETAL"),
    ("MIDCAP", "BSEMIDCAP"),
    ("MIDSEL", "BSEMIDCAPSELECTINDEX"),
    ("OILGAS", "BSEOIL&GAS"),
    ("POWER", "BSEPOWER"),
    ("REALTY", "BSEREALTY"),
    ("SMLCAP", "BSESMALLCAP"),
    ("SMLSEL", "BSESMALLCAPSELECTINDEX"),
    ("SMEIPO", "BSESMEIPO"),
    ("TECK", "BSETECK"),
    ("TELCOM", "BSETELECOM"),
];
/// Series of NSE that stand behind a share's symbol.
const SERIES: [&str; 10] = ["EQ", "BE", "BZ", "BL", "SM", "ST", "SZ", "IL", "IV", "RR"];

/// The symbol of an index, from the broker's name for it.
pub(super) fn index_symbol(exchange: Exchange, name: &str) -> String {
    let known: &[(&str, &str)] = match exchange {
        Exchange::NseIndex => &NSE,
        Exchange::BseIndex => &BSE,
        Exchange::Nse
        | Exchange::Nfo
        | Exchange::Cds
        | Exchange::Bse
        | Exchange::Bfo
        | Exchange::Bcd
        | Exchange::Mcx
        | Exchange::Ncdex
        | Exchange::Nco
        | Exchange::McxIndex
        | Exchange::GlobalIndex
        | Exchange::Crypto => &[],
    };
    let name = name.to_ascii_uppercase();
    let symbol = known.iter().find(|(theirs, _)| *theirs == name);
    symbol.map_or_else(
        || name.split_whitespace().collect(),
        |(_, symbol)| (*symbol).to_owned(),
    )
}

/// Characters of a date in the broker's symbols: `26DEC` of a month, `26D01` of a week.
const DATE: usize = 5;

/// The root of a contract: its name, and where a file leaves that empty, what stands before date,
/// strike and type in the broker's symbol.
pub(super) fn base_of<'a>(fields: &Fields<'a>) -> Result<&'a str, RefusedRow> {
    let name = fields.text("name");
    if !name.is_empty() {
        return Ok(name);
    }
    let from_symbol = || {
        let kind = fields.text("instrument_type");
        let rest = fields.text("tradingsymbol").strip_suffix(kind)?;
        let strike: Price = fields.text("strike").parse().ok()?;
        let rest = if strike.is_zero() {
            rest
        } else {
            rest.strip_suffix(&strike.to_decimal().normalize().to_string())?
        };
        let (base, date) = rest.split_at_checked(rest.len().checked_sub(DATE)?)?;
        // Both begin with the year, which the expiry has in its third and fourth digits.
        let is_date = date.get(..2) == fields.text("expiry").get(2..4);
        (is_date && !base.is_empty()).then_some(base)
    };
    from_symbol().ok_or_else(|| {
        let reason = "it is empty, and the trading symbol does not tell it either";
        fields.invalid("name", reason)
    })
}

/// A share's symbol without its series, and the series; `None` where there is none. `BAJAJ-AUTO`
/// has none.
pub(super) fn series_of(symbol: &str) -> Option<(&str, &str)> {
    let (base, series) = symbol.rsplit_once('-')?;
    (!base.is_empty() && SERIES.contains(&series)).then_some((base, series))
}
