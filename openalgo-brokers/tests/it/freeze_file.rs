//! Freeze quantities from files: ours, NSE's, and what is neither.

use openalgo_brokers::freeze_file::{FreezeFileError, built_in, parse};
use openalgo_core::market::Exchange;
use openalgo_core::value::Quantity;

fn units(text: &str, (exchange, underlying): (Exchange, &str)) -> Option<i64> {
    let quantity = parse(text).unwrap().of(exchange, underlying)?;
    Some(quantity.get())
}

#[test]
fn the_indices_of_nse_come_with_the_program() {
    let known = built_in().unwrap();
    let of = |underlying| known.of(Exchange::Nfo, underlying).map(Quantity::get);
    // As `contract/analyze/symbol/nifty_option` has it.
    assert_eq!(of("NIFTY"), Some(1_800));
    assert_eq!(of("BANKNIFTY"), Some(900));
    assert_eq!(of("NIFTYIT"), None);
    assert_eq!(known.of(Exchange::Bfo, "NIFTY"), None);
    assert_eq!((known.len(), known.is_empty()), (5, false));
}

#[test]
fn a_file_has_our_form_or_that_of_nse() {
    let ours = "exchange,symbol,freeze_qty\nBFO,SENSEX,1000\nMCX,gold,10\n";
    assert_eq!(units(ours, (Exchange::Bfo, "SENSEX")), Some(1_000));
    assert_eq!(units(ours, (Exchange::Mcx, "GOLD")), Some(10));
    let theirs = "\u{feff}SR_NO,SYMBOL    ,VOL_FRZ_QTY\r\n1,M&M       ,\"53,900\"\r\n";
    assert_eq!(units(theirs, (Exchange::Nfo, "M&M")), Some(53_900));
    // Of what is there twice, the later counts.
    let twice = "SYMBOL,VOL_FRZ_QTY\nNIFTY,1\nNIFTY,2\n";
    assert_eq!(units(twice, (Exchange::Nfo, "NIFTY")), Some(2));
}

#[test]
fn newer_quantities_leave_those_alone_that_they_do_not_name() {
    let newer = parse("SYMBOL,VOL_FRZ_QTY\nNIFTY,1200\nSBIN,30000\n").unwrap();
    let known = built_in().unwrap().updated_by(newer);
    let of = |underlying| known.of(Exchange::Nfo, underlying).map(Quantity::get);
    assert_eq!(
        (of("NIFTY"), of("SBIN"), of("BANKNIFTY")),
        (Some(1_200), Some(30_000), Some(900))
    );
}

#[test]
fn what_is_wrong_is_named_by_row_and_column() {
    let head = "exchange,symbol,freeze_qty";
    for (row, column) in [
        ("XX,NIFTY,1", "exchange"),
        ("NSE,NIFTY,1", "exchange"),
        ("NFO,,1", "symbol"),
        ("NFO,NIFTY,0", "freeze_qty"),
        ("NFO,NIFTY,-1", "freeze_qty"),
        ("NFO,NIFTY,nan", "freeze_qty"),
    ] {
        let error = parse(&format!("{head}\nNFO,OTHER,1\n{row}\n")).unwrap_err();
        let told = format!("row 3 of the freeze quantities: column '{column}'");
        assert!(error.to_string().starts_with(&told), "{row}: {error}");
    }
    let missing = parse("exchange,symbol,qty\nNFO,NIFTY,1\n").unwrap_err();
    assert!(
        missing.to_string().contains("no column 'freeze_qty'"),
        "{missing}"
    );
    assert!(matches!(parse(head).unwrap_err(), FreezeFileError::Empty));
    assert!(parse("<html>").is_err());
    assert!(parse("").is_err());
}
