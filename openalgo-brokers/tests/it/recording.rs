//! Recordings of ticks: what is written is what is read, and damage is told.

use openalgo_brokers::recording::{
    Ending, Preamble, RecordingError, RecordingReader, RecordingWriter,
};
use openalgo_core::market::{
    Depth, DepthLevel, Exchange, Instrument, InstrumentKey, InstrumentKind, Tick, TickQuote,
    TickSource, Timestamp,
};
use openalgo_core::paper::PriceBand;
use openalgo_core::testing::sample::{self, price, units};
use openalgo_core::value::{Price, Quantity};
use proptest::prelude::*;
use std::io::{self, Read};

/// A share, and an option with everything that an instrument can have.
pub(crate) fn instruments() -> Vec<Instrument> {
    let share = |symbol: &str| Instrument {
        key: sample::instrument(symbol),
        name: "Infosys Ltd".into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: openalgo_core::value::Tick::try_new(price("0.05")).unwrap(),
        token: None,
        freeze_quantity: None,
    };
    let symbol = "NIFTY29DEC2626100CE".parse().unwrap();
    let option = Instrument {
        key: InstrumentKey::new(Exchange::Nfo, symbol),
        name: "NIFTY".into(),
        kind: InstrumentKind::Call,
        expiry: Some("2026-12-29".parse().unwrap()),
        strike: Some(price("26100")),
        lot_size: units(65),
        freeze_quantity: Some(units(1_800)),
        ..share("NIFTY")
    };
    vec![share("INFY"), share("TCS"), option]
}

pub(crate) fn begun() -> Timestamp {
    sample::at(0)
}

fn preamble() -> Preamble {
    Preamble {
        begun: begun(),
        instruments: instruments(),
    }
}

/// The bytes of a recording of these prices.
pub(crate) fn written(ticks: &[Tick]) -> Vec<u8> {
    let mut writer = RecordingWriter::begin(Vec::new(), &preamble()).unwrap();
    for tick in ticks {
        writer.push(tick).unwrap();
    }
    writer.finish().unwrap()
}

/// A source that gives a few bytes at a time, as a pipe does.
struct Slowly<'b>(&'b [u8]);

impl Read for Slowly<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let few = room.len().min(7);
        self.0.read(&mut room[..few])
    }
}

/// The prices up to the end or the damage.
fn read(bytes: &[u8]) -> (Vec<Tick>, Result<Ending, RecordingError>) {
    let mut ticks = Vec::new();
    let mut reader = match RecordingReader::open(Slowly(bytes)) {
        Ok(reader) => reader,
        Err(error) => return (ticks, Err(error)),
    };
    assert_eq!(*reader.preamble(), preamble());
    loop {
        match reader.next_block() {
            Ok(Some(block)) => ticks.extend(block),
            Ok(None) => return (ticks, Ok(reader.ending().unwrap())),
            Err(error) => return (ticks, Err(error)),
        }
    }
}

pub(crate) fn ltp(place: usize, ltp: &str, seconds: i64) -> Tick {
    let key = instruments()[place].key.clone();
    Tick::ltp(key, price(ltp), sample::at(seconds), TickSource::Simulated)
}

#[test]
fn the_bytes_are_those_that_are_documented() {
    let bytes = written(&[ltp(0, "1500.05", 1)]);
    let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex.concat(), GOLDEN);
    let (ticks, ending) = read(&bytes);
    assert_eq!(ticks, [ltp(0, "1500.05", 1)]);
    assert_eq!(ending.unwrap(), Ending::Whole);
}

const GOLDEN: &str = "\
    4f415449434b53017d000000de35a3de80e99cbbedbfb00603034e534504494e46590b496e666f737973204c\
    7464024551000002e80700034e5345035443530b496e666f737973204c7464024551000002e80700034e464f\
    134e494654593239444543323632363130304345054e494654590243450a323032362d31322d32390180adf4\
    f8018201e80701901c19000000090660a70973696d756c61746564000180f296bcedbfb00600e88ea70e";

fn any_price() -> impl Strategy<Value = Price> {
    let units = prop_oneof![0_i64..20_000_000, 0..999_999_999_999_999_i64];
    units.prop_map(|units| Price::try_new(rust_decimal::Decimal::new(units, 4)).unwrap())
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    let span = prop_oneof![0_i64..10_000_000, -3_000_000_000_000..3_000_000_000_000_i64];
    span.prop_map(|micros| sample::at(0).plus(chrono::Duration::microseconds(micros)))
}

fn any_quantity() -> impl Strategy<Value = Quantity> {
    prop_oneof![0_i64..5_000, 0..99_999_999_999_i64].prop_map(units)
}

prop_compose! {
    fn any_quote()(
        day in [any_price(), any_price(), any_price(), any_price()],
        volume: i64,
        bid in prop::option::of(any_price()),
        ask in prop::option::of(any_price()),
        quantities in [any_quantity(), any_quantity()],
        oi: Option<i64>,
        band in prop::option::of([prop::option::of(any_price()), prop::option::of(any_price())]),
    ) -> TickQuote {
        let [open, high, low, prev_close] = day;
        let [bid_quantity, ask_quantity] = quantities;
        let band = band.map(|[low, high]| PriceBand { low, high });
        TickQuote { open, high, low, prev_close, volume, bid, ask, bid_quantity, ask_quantity, oi, band }
    }
}

prop_compose! {
    fn any_level()(price in any_price(), quantity in any_quantity(), orders: u32) -> DepthLevel {
        DepthLevel { price, quantity, orders }
    }
}

prop_compose! {
    fn any_tick()(
        place in 0_usize..3,
        ltp in any_price(),
        quote in prop::option::of(any_quote()),
        depth in prop::option::of((prop::collection::vec(any_level(), 0..6), prop::collection::vec(any_level(), 0..6), any_time())),
        exchange_time in prop::option::of(any_time()),
        received_at in any_time(),
        source in prop_oneof![4 => Just(TickSource::Simulated), 1 => Just(TickSource::Recorded), 1 => Just(TickSource::Broker(sample::zerodha()))],
    ) -> Tick {
        let instrument = instruments()[place].key.clone();
        let depth = depth.map(|(bids, asks, timestamp)| Depth { instrument: instrument.clone(), bids, asks, timestamp });
        Tick { instrument, ltp, quote, depth, exchange_time, received_at, source }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(ticks in prop::collection::vec(any_tick(), 0..50)) {
        let (read, ending) = read(&written(&ticks));
        prop_assert_eq!(read, ticks);
        prop_assert_eq!(ending.unwrap(), Ending::Whole);
    }

    #[test]
    fn of_a_file_that_was_cut_the_beginning_is_read(ticks in prop::collection::vec(any_tick(), 0..30), keep in 0.0..1.0_f64, zeros in 0_usize..30) {
        let mut bytes = written(&ticks);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a part of a length is a length")]
        let kept = (bytes.len() as f64 * keep) as usize;
        bytes.truncate(kept);
        bytes.resize(kept + zeros, 0);
        match read(&bytes) {
            (read, Ok(_)) => prop_assert_eq!(&read[..], &ticks[..read.len()]),
            (read, Err(error)) => {
                prop_assert!(read.is_empty(), "{error}");
                let in_head = matches!(error, RecordingError::NoRecording | RecordingError::NothingRecorded | RecordingError::Version { .. });
                prop_assert!(in_head, "{error}");
            }
        }
    }

    #[test]
    fn a_byte_that_was_changed_is_told_and_nothing_wrong_is_read(ticks in prop::collection::vec(any_tick(), 1..30), at: prop::sample::Index, flip in 1_u8..) {
        let mut bytes = written(&ticks);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let (read, ending) = read(&bytes);
        prop_assert_eq!(&read[..], &ticks[..read.len()]);
        let is_told = !matches!(ending, Ok(Ending::Whole));
        prop_assert!(is_told, "byte {at}: {ending:?}");
    }

    #[test]
    fn whatever_a_file_holds_is_an_answer(mut bytes: Vec<u8>, is_recording: bool) {
        if is_recording {
            let mut head = written(&[]);
            head.append(&mut bytes);
            bytes = head;
        }
        let (read, _) = read(&bytes);
        prop_assert!(read.is_empty());
    }
}

/// The beginning of a recording, and its blocks of prices: each tick of another source than the
/// one before begins one.
fn blocks() -> (Vec<u8>, Vec<Vec<u8>>) {
    let sources = [
        TickSource::Simulated,
        TickSource::Recorded,
        TickSource::Simulated,
    ];
    let mut ticks = Vec::new();
    let (mut ends, mut whole) = (vec![written(&[]).len()], Vec::new());
    for source in sources {
        ticks.push(Tick {
            source,
            ..ltp(0, "1500", 1)
        });
        whole = written(&ticks);
        ends.push(whole.len());
    }
    let blocks = ends.windows(2).map(|ends| whole[ends[0]..ends[1]].to_vec());
    (whole[..ends[0]].to_vec(), blocks.collect())
}

#[test]
fn damage_in_the_middle_is_an_error_that_says_where() {
    let (head, blocks) = blocks();
    let mut bytes = [head.clone(), blocks.concat()].concat();
    let at = head.len() + blocks[0].len();
    bytes[at + 12] ^= 1;
    let (read, error) = read(&bytes);
    assert_eq!(read.len(), 1);
    let error = error.unwrap_err();
    let expected = format!(
        "block 2 of the recording, at byte {at}, is damaged: what comes before it is sound"
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn blocks_that_changed_places_are_told() {
    let (head, mut blocks) = blocks();
    // They hold the same.
    blocks.swap(0, 2);
    let (read, ending) = read(&[head, blocks.concat()].concat());
    assert!(read.is_empty());
    assert!(matches!(
        ending,
        Err(RecordingError::Damaged { block: 1, .. })
    ));
}

#[test]
fn other_files_and_later_formats_are_called_so() {
    assert!(matches!(read(b"").1, Err(RecordingError::NoRecording)));
    assert!(matches!(
        read(b"symbol,price\nINFY,1500").1,
        Err(RecordingError::NoRecording)
    ));
    let mut later = written(&[]);
    later[7] = 9;
    let error = read(&later).1.unwrap_err();
    let expected =
        "the recording is in version 9 of the format, and this program reads version 1: update it";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_price_of_an_instrument_that_is_not_listed_is_refused() {
    let mut writer = RecordingWriter::begin(Vec::new(), &preamble()).unwrap();
    let foreign = Tick {
        instrument: sample::instrument("SBIN"),
        ..ltp(0, "1", 0)
    };
    assert!(matches!(
        writer.push(&foreign),
        Err(RecordingError::NotListed(_))
    ));
}

#[test]
fn a_usual_price_takes_few_bytes() {
    let tick = |second: i64| {
        let mut tick = ltp(0, "1500", second);
        let step = rust_decimal::Decimal::new(5 * (second % 7), 2);
        tick.ltp = Price::try_new(tick.ltp.to_decimal() + step).unwrap();
        tick.quote = Some(TickQuote {
            open: price("1490"),
            high: price("1510.5"),
            low: price("1480"),
            prev_close: price("1495.1"),
            volume: 1_000_000 + second * 137,
            bid: Some(tick.ltp),
            ask: Some(price("1500.4")),
            bid_quantity: units(10 + second % 90),
            ask_quantity: units(40),
            oi: None,
            band: None,
        });
        tick
    };
    let ticks: Vec<_> = (0..10_000).map(tick).collect();
    let bytes = written(&ticks);
    assert_eq!(read(&bytes).0, ticks);
    assert!(
        bytes.len() < 20 * ticks.len(),
        "{} bytes each",
        bytes.len() / ticks.len()
    );
}
