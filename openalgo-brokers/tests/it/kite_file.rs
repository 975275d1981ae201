//! The instrument file of Kite Connect: the recorded one, and files that are damaged.

use openalgo_brokers::kite_file::{
    ImplausibleError, InstrumentFile, InstrumentFileError, Listed, parse,
};
use openalgo_core::market::{Exchange, InstrumentKind};
use std::fmt::Write;

const RECORDED: &str = include_str!("../fixtures/kite-instruments.csv");
const HEADINGS: &str = "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,\
                        strike,tick_size,lot_size,instrument_type,segment,exchange";
/// As many rows as a real file has.
const ROWS: usize = 110_000;

fn read(rows: &[&str]) -> InstrumentFile {
    parse(&format!("{HEADINGS}\n{}\n", rows.join("\n"))).unwrap()
}

#[track_caller]
fn find<'a>(file: &'a InstrumentFile, key: &str) -> &'a Listed {
    let mut listed = file.listed.iter();
    listed
        .find(|listed| listed.instrument.key.to_string() == key)
        .unwrap()
}

/// The recorded file with shares added until it is as long as a real one.
fn grown() -> String {
    let mut text = RECORDED.trim_end().to_owned();
    for number in RECORDED.lines().count()..=ROWS {
        write!(
            text,
            "\n{},{number},GROWN{number},GROWN {number},0.0,,0,0.05,1,EQ,NSE,NSE",
            9_000_000 + number
        )
        .unwrap();
    }
    text
}

#[test]
fn the_recorded_file_is_read_whole() {
    let file = parse(RECORDED).unwrap();
    assert!(file.refused.is_empty(), "{:?}", file.refused.first());
    assert_eq!((file.listed.len(), file.foreign), (1_405, 0));
    assert_eq!(file.into_proven(None).unwrap().len(), 1_405);
}

/// As `contract/analyze/symbol` has them.
#[test]
fn instruments_are_named_as_clients_know_them() {
    let file = parse(RECORDED).unwrap();
    let option = find(&file, "NFO:NIFTY01DEC2626100CE");
    assert_eq!(&*option.broker_symbol, "NIFTY26D0126100CE");
    assert_eq!(option.instrument.kind, InstrumentKind::Call);
    assert_eq!(option.instrument.lot_size.get(), 75);
    let token = option.instrument.token.as_ref().unwrap();
    assert_eq!(token.as_str(), "10254594::::40057");
    let currency = find(&file, "CDS:USDINR29DEC26FUT");
    assert_eq!(currency.instrument.tick.to_string(), "0.0025");
    let crude = find(&file, "MCX:CRUDEOIL18DEC26FUT");
    assert_eq!(crude.instrument.lot_size.get(), 100);
    let share = find(&file, "NSE:RELIANCE");
    assert_eq!(&*share.instrument.name, "RELIANCE INDUSTRIES");
    let index = find(&file, "NSE_INDEX:NIFTY");
    assert_eq!(&*index.broker_symbol, "NIFTY 50");
    assert_eq!(&*index.broker_exchange, "NSE");
    for key in [
        "NSE_INDEX:BANKNIFTY",
        "NSE_INDEX:INDIAVIX",
        "NSE_INDEX:FINNIFTY",
        "NSE_INDEX:NIFTYNXT50",
        "NSE_INDEX:MIDCPNIFTY",
        "NSE_INDEX:NIFTYIT",
        "BSE_INDEX:SENSEX50",
        "NSE:BAJAJ-AUTO",
        "NSE:ESHCHEM-BE",
    ] {
        find(&file, key);
    }
}

#[test]
fn a_share_takes_its_plain_symbol_where_no_main_series_has_it() {
    let file = read(&[
        "1,1,ABC-BE,ABC,0,,0,0.05,1,EQ,NSE,NSE",
        "2,2,XYZ-EQ,XYZ,0,,0,0.05,1,EQ,NSE,NSE",
        "3,3,XYZ-BE,XYZ,0,,0,0.05,1,EQ,NSE,NSE",
    ]);
    let listed = file.listed.iter();
    let keys: Vec<_> = listed.map(|it| it.instrument.key.to_string()).collect();
    assert_eq!(keys, ["NSE:ABC", "NSE:XYZ", "NSE:XYZ-BE"]);
}

#[test]
fn a_strike_loses_its_noughts_and_keeps_its_paise() {
    let file = read(&[
        "1,1,X,VEDL,0,2026-12-29,292.50,0.05,1,CE,NFO-OPT,NFO",
        "2,2,X,VEDL,0,2026-12-29,290.0,0.05,1,PE,NFO-OPT,NFO",
        "3,3,X,NYSE,0,,0,0.05,1,EQ,NYSE,NYSE",
    ]);
    find(&file, "NFO:VEDL29DEC26292.5CE");
    find(&file, "NFO:VEDL29DEC26290PE");
    assert_eq!(file.foreign, 1);
}

#[test]
fn a_contract_without_a_name_is_named_by_its_symbol() {
    let file = read(&[
        "1,1,BANKNIFTY18JAN23500CE,,0,2018-01-25,23500.0,0.05,40,CE,NFO-OPT,NFO",
        "2,2,NIFTY26D0126100PE,,0,2026-12-01,26100,0.05,75,PE,NFO-OPT,NFO",
        "3,3,VEDL26DEC292.5CE,,0,2026-12-29,292.50,0.05,1,CE,NFO-OPT,NFO",
        "4,4,360ONE26DECFUT,,0,2026-12-29,0,0.05,1,FUT,NFO-FUT,NFO",
        // Of another year, so that nobody knows what it is.
        "5,5,NIFTY25D0126100PE,,0,2026-12-01,26100,0.05,75,PE,NFO-OPT,NFO",
    ]);
    for key in [
        "NFO:BANKNIFTY25JAN1823500CE",
        "NFO:NIFTY01DEC2626100PE",
        "NFO:VEDL29DEC26292.5CE",
        "NFO:360ONE29DEC26FUT",
    ] {
        find(&file, key);
    }
    assert_eq!((file.refused[0].row, file.refused[0].column), (6, "name"));
}

#[test]
fn an_index_is_told_by_its_segment_only() {
    let file = read(&[
        "1,1,AUTO,AUTO,0,,0,0,0,EQ,INDICES,BSE",
        "2,2,AUTO,AUTO LTD,0,,0,0.05,1,EQ,BSE,BSE",
    ]);
    find(&file, "BSE_INDEX:BSEAUTO");
    let share = find(&file, "BSE:AUTO");
    assert_eq!(share.instrument.key.exchange, Exchange::Bse);
}

#[test]
fn what_is_wrong_with_a_row_is_named() {
    let good = "1,1,ABC,ABC,0,,0,0.05,1,EQ,NSE,NSE";
    let wrong = [
        ("x,1,A,A,0,,0,0.05,1,EQ,NSE,NSE", "instrument_token"),
        ("2,,A,A,0,,0,0.05,1,EQ,NSE,NSE", "exchange_token"),
        ("2,2,,A,0,,0,0.05,1,EQ,NSE,NSE", "tradingsymbol"),
        ("2,2,A,A,0,,0,NaN,1,EQ,NSE,NSE", "tick_size"),
        ("2,2,A,A,0,,0,0,1,EQ,NSE,NSE", "tick_size"),
        ("2,2,A,A,0,,0,0.05,0,EQ,NSE,NSE", "lot_size"),
        ("2,2,A,A,0,,0,0.05,-1,EQ,NSE,NSE", "lot_size"),
        ("2,2,A,,0,2026-12-29,0,0.05,1,FUT,NFO-FUT,NFO", "name"),
        ("2,2,A,A,0,29-12-2026,0,0.05,1,FUT,NFO-FUT,NFO", "expiry"),
        ("2,2,A,A,0,2026-12-29,nan,0.05,1,CE,NFO-OPT,NFO", "strike"),
        ("2,2,A,A,0,2026-12-29,0,0.05,1,PE,NFO-OPT,NFO", "strike"),
        (
            "2,2,A,A,0,2026-12-29,0,0.05,1,EQ,NFO,NFO",
            "instrument_type",
        ),
    ];
    for (row, column) in wrong {
        let file = read(&[good, row]);
        assert_eq!((file.listed.len(), file.refused.len()), (1, 1), "{row}");
        assert_eq!((file.refused[0].row, file.refused[0].column), (3, column));
    }
}

#[test]
fn a_whole_file_is_believed_and_a_little_that_is_wrong_is_left_out() {
    let text = grown();
    let listed = parse(&text).unwrap().into_proven(Some(ROWS)).unwrap();
    assert_eq!(listed.len(), ROWS);
    let one_wrong = text.replacen("GROWN 2000,0.0,,0,0.05", "GROWN 2000,0.0,,0,NaN", 1);
    let listed = parse(&one_wrong).unwrap().into_proven(Some(ROWS)).unwrap();
    assert_eq!(listed.len(), ROWS - 1);
}

#[test]
fn a_damaged_file_is_not_believed() {
    let text = grown();
    let proven = |text: &str| parse(text).unwrap().into_proven(Some(ROWS)).unwrap_err();

    let half = text.get(..text.len() / 2).unwrap();
    let error = proven(half);
    assert!(matches!(error, ImplausibleError::Size(_)), "{error}");

    let below = text.split_once('\n').unwrap().1;
    let error = proven(&format!("{text}\n{below}"));
    let told = "row 110002 of the instrument file: column 'tradingsymbol' makes NSE:RELIANCE, as \
                row 2 does";
    assert_eq!(error.to_string(), told);

    let error = proven(&text.replace(",0.05,", ",NaN,"));
    let ImplausibleError::TooManyRefused { first, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((first.row, first.column), (4, "tick_size"));
    assert!(error.to_string().contains("row 4"), "{error}");

    let error = proven(&format!("{HEADINGS}\n"));
    assert!(matches!(error, ImplausibleError::NoRows), "{error}");

    let without = text.replace(",NIFTY 50,NIFTY 50,", ",NIFTY 51,NIFTY 51,");
    let error = proven(&without);
    assert!(
        error.to_string().contains("column 'name' is NIFTY"),
        "{error}"
    );
}

#[test]
fn what_is_no_instrument_file_at_all_is_told_so() {
    let text = grown();
    let renamed = parse(&text.replacen("tick_size", "tick", 1)).unwrap_err();
    let told = renamed.to_string();
    assert!(
        told.starts_with("row 1 of the instrument file has no column 'tick_size'"),
        "{told}"
    );
    assert!(matches!(
        parse(" \n").unwrap_err(),
        InstrumentFileError::Empty
    ));
    let page = parse("\u{feff}<!DOCTYPE html><html>502</html>").unwrap_err();
    assert!(matches!(page, InstrumentFileError::WebPage), "{page}");
}
