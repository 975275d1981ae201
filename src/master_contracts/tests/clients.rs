//! What clients are told of a list, as it was recorded.

use super::*;
use openalgo_core::market::ContractClass;
use openalgo_core::value::Quantity;

/// As `contract/analyze/search` has them.
#[tokio::test]
async fn clients_find_what_was_recorded() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let open = world.open().await.unwrap();
    let found = |query: &str, exchange| -> Vec<String> {
        let found = open.index.search_as_clients_do(query, exchange);
        found.iter().map(|it| it.key().to_string()).collect()
    };
    let crude = [
        "MCX:CRUDEOIL18DEC26FUT",
        "MCX:CRUDEOIL19FEB27FUT",
        "MCX:CRUDEOIL19JAN27FUT",
    ];
    assert_eq!(found("CRUDEOIL FUT", Some(Exchange::Mcx)), crude);
    assert_eq!(found("reliance", Some(Exchange::Nse)), ["NSE:RELIANCE"]);
    assert_eq!(found("STATE BANK", Some(Exchange::Nse)), ["NSE:SBIN"]);
    let calls = ["01DEC26", "08DEC26", "15DEC26", "25JAN27", "29DEC26"];
    let calls = calls.map(|day| format!("NFO:NIFTY{day}26100CE"));
    assert_eq!(found("NIFTY 26100 CE", Some(Exchange::Nfo)), calls);
    assert_eq!(found("ZZZZZZ", None), [""; 0]);
    assert_eq!(found("'", None), [""; 0]);
    assert_eq!(found("_", Some(Exchange::Cds)), [""; 0]);
    let banks = found("BANK", Some(Exchange::Nse));
    assert_eq!((banks.len(), &*banks[0]), (25, "NSE:ARABANK"));
    let all = found("RELIANCE", None);
    assert_eq!(all.len(), 59);
    let first = [
        "NSE:RELIANCE",
        "BSE:RELIANCE",
        "NFO:RELIANCE23FEB27FUT",
        "NFO:RELIANCE25JAN27FUT",
        "NFO:RELIANCE29DEC26FUT",
        "NFO:RELIANCE29DEC261300CE",
        "NFO:RELIANCE29DEC261300PE",
    ];
    assert_eq!(all[..7], first);
}

/// As `contract/analyze/expiry` has them.
#[tokio::test]
async fn clients_are_told_the_expiries_that_were_recorded() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let open = world.open().await.unwrap();
    let list = open.index.list();
    let expiries = |exchange, base: &str, class| -> Vec<String> {
        let chain = list.chain(exchange, base).unwrap();
        let days = chain.expiries(class, open.index.date()).into_iter();
        days.map(|day| day.format("%d-%b-%y").to_string().to_uppercase())
            .collect()
    };
    let nifty = [
        "01-DEC-26",
        "08-DEC-26",
        "15-DEC-26",
        "29-DEC-26",
        "25-JAN-27",
    ];
    assert_eq!(
        expiries(Exchange::Nfo, "NIFTY", ContractClass::Options),
        nifty
    );
    let bank = ["29-DEC-26", "25-JAN-27"];
    assert_eq!(
        expiries(Exchange::Nfo, "BANKNIFTY", ContractClass::Options),
        bank
    );
    let sensex = ["03-DEC-26", "31-DEC-26"];
    assert_eq!(
        expiries(Exchange::Bfo, "SENSEX", ContractClass::Options),
        sensex
    );
    assert_eq!(
        expiries(Exchange::Mcx, "CRUDEOIL", ContractClass::Options),
        ["16-DEC-26"]
    );
    let rupees = ["29-DEC-26", "27-JAN-27", "24-FEB-27"];
    assert_eq!(
        expiries(Exchange::Cds, "USDINR", ContractClass::Futures),
        rupees
    );
    assert!(list.chain(Exchange::Nfo, "NOSUCH").is_none());
}

/// As `contract/analyze/symbol` has them, save where nothing is known.
#[tokio::test]
async fn clients_are_told_the_freeze_quantities_and_kinds_that_were_recorded() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let open = world.open().await.unwrap();
    let list = open.index.list();
    let find = |exchange, symbol: &str| {
        let key = InstrumentKey::new(exchange, symbol.parse().unwrap());
        list.find(&key).unwrap()
    };
    let option = find(Exchange::Nfo, "NIFTY01DEC2626100CE");
    assert_eq!(option.freeze_quantity().map(Quantity::get), Some(1_800));
    // Clients are told 1 there, and then slice orders into single units.
    assert_eq!(
        find(Exchange::Mcx, "CRUDEOIL18DEC26FUT").freeze_quantity(),
        None
    );
    let index = find(Exchange::NseIndex, "NIFTY");
    assert_eq!(index.kind().client_word(), "EQ");
}

#[tokio::test]
async fn freeze_quantities_come_from_a_file_of_the_data_folder() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let file = world.place.path().join("data/freeze-quantities.csv");
    let freeze = async || {
        let open = world.open().await.unwrap();
        let key = InstrumentKey::new(Exchange::Nfo, "NIFTY29DEC26FUT".parse().unwrap());
        open.index
            .find(&key)
            .unwrap()
            .freeze_quantity
            .map(Quantity::get)
    };
    assert_eq!(freeze().await, Some(1_800));
    fs::write(&file, "SYMBOL,VOL_FRZ_QTY\nNIFTY,1200\n").unwrap();
    assert_eq!(freeze().await, Some(1_200));
    let contracts = world.contracts();
    let first = contracts.open(&zerodha()).await.unwrap();
    contracts.forget_opened();
    let again = contracts.open(&zerodha()).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &again), "quantities are read again");
    // A file that is wrong keeps nobody from trading.
    fs::write(&file, "SYMBOL,VOL_FRZ_QTY\nNIFTY,many\n").unwrap();
    assert_eq!(freeze().await, Some(1_800));
    let folder = DataFolder::new(world.place.path().join("data"));
    let error = folder.read_freeze_quantities().unwrap_err().to_string();
    assert!(
        error.contains("row 2") && error.contains("'VOL_FRZ_QTY'"),
        "{error}"
    );
}
