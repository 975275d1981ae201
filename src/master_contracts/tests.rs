//! Lists that are taken, damaged, changed behind the program's back, and found again.

mod clients;
mod meeting;

use super::*;
use async_trait::async_trait;
use openalgo_core::market::{Exchange, Instrument, InstrumentKey, SizeRule};
use openalgo_core::testing::{FakeClock, FakeRandom};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const RECORDED: &str = include_str!("../../openalgo-brokers/tests/fixtures/kite-instruments.csv");
/// As many rows as a real file has.
const ROWS: usize = 110_000;

/// The records, in memory.
#[derive(Debug, Default)]
struct Records {
    kept: Mutex<Vec<MasterContract>>,
    /// Where whoever asks next is held up.
    at_newest: Mutex<Option<Gate>>,
    at_keep: Mutex<Option<Gate>>,
}

/// Holds somebody up until it is opened.
type Gate = tokio::sync::oneshot::Receiver<()>;

async fn pass(gate: &Mutex<Option<Gate>>) {
    let gate = gate.lock().unwrap().take();
    if let Some(gate) = gate {
        gate.await.unwrap();
    }
}

#[async_trait]
impl MasterContractRepository for Records {
    async fn list(&self) -> Result<Vec<MasterContract>, StoreError> {
        Ok(self.kept.lock().unwrap().iter().take(1).cloned().collect())
    }

    async fn newest(&self, broker: &BrokerName) -> Result<Vec<MasterContract>, StoreError> {
        let is_of = |it: &&MasterContract| it.broker == *broker;
        let found = self
            .kept
            .lock()
            .unwrap()
            .iter()
            .filter(is_of)
            .cloned()
            .collect();
        pass(&self.at_newest).await;
        Ok(found)
    }

    async fn keep(&self, contract: &MasterContract) -> Result<(), StoreError> {
        {
            let mut kept = self.kept.lock().unwrap();
            kept.insert(0, contract.clone());
            kept.truncate(2);
        }
        pass(&self.at_keep).await;
        Ok(())
    }
}

struct World {
    place: TempDir,
    records: Arc<Records>,
    random: Arc<FakeRandom>,
    clock: Arc<FakeClock>,
}

impl World {
    fn new() -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            records: Arc::default(),
            random: Arc::default(),
            clock: Arc::new(FakeClock::at("2026-11-25T08:30:00+05:30")),
        }
    }

    /// The lists as a process has them that was just started.
    fn contracts(&self) -> MasterContracts {
        let tools = (Arc::clone(&self.random) as _, Arc::clone(&self.clock) as _);
        let folder = DataFolder::new(self.place.path().join("data"));
        MasterContracts::new(folder, Arc::clone(&self.records) as _, tools)
    }

    async fn take(&self, text: impl AsRef<[u8]>) -> Result<Taken, TakeContractError> {
        self.take_of_size(text, SizeRule::AsBefore).await
    }

    async fn take_of_size(
        &self,
        text: impl AsRef<[u8]>,
        size: SizeRule,
    ) -> Result<Taken, TakeContractError> {
        let path = self.place.path().join("instruments.csv");
        fs::write(&path, text).unwrap();
        let from = LocalFile(path);
        self.contracts()
            .take(&zerodha(), (&from, size), &|_| {})
            .await
    }

    async fn open(&self) -> Result<Arc<OpenContract>, OpenContractError> {
        self.contracts().open(&zerodha()).await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.path().join("data/master_contracts").join(name)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.place.path().join("data/master_contracts")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

fn zerodha() -> BrokerName {
    "zerodha".parse().unwrap()
}

fn nifty(open: &OpenContract) -> bool {
    let key = InstrumentKey::new(Exchange::NseIndex, "NIFTY".parse().unwrap());
    open.index.find(&key).is_some()
}

/// The recorded file with another share, as the one of another day.
fn another() -> String {
    format!(
        "{}\n9000001,1,ANOTHER,ANOTHER LTD,0.0,,0,0.05,1,EQ,NSE,NSE\n",
        RECORDED.trim_end()
    )
}

/// The recorded file with shares added until it is as long as a real one.
fn grown() -> String {
    let mut text = RECORDED.trim_end().to_owned();
    for number in RECORDED.lines().count()..=ROWS {
        let feed = 9_000_000 + number;
        let row = format!("{feed},{number},GROWN{number},GROWN {number},0.0,,0,0.05,1,EQ,NSE,NSE");
        write!(text, "\n{row}").unwrap();
    }
    text
}

#[tokio::test]
async fn a_list_is_found_again_with_all_that_it_says() {
    let world = World::new();
    let unknown = world.open().await.unwrap_err();
    assert!(
        matches!(unknown, OpenContractError::Unknown { .. }),
        "{unknown}"
    );
    let taken = world.take(RECORDED).await.unwrap();
    assert_eq!(
        (taken.contract.instruments, taken.contract.refused),
        (1_405, 0)
    );
    assert_eq!(taken.contract.date.to_string(), "2026-11-25");
    assert!(taken.contract.taken_from.ends_with("instruments.csv"));
    assert!(taken.before.is_none());
    assert_eq!(world.files(), ["zerodha.json"]);

    let open = world.open().await.unwrap();
    assert_eq!(open.contract, taken.contract);
    let list = open.index.list();
    let option = list
        .by_broker_symbol(Exchange::Nfo, "NIFTY26D0126100CE")
        .unwrap();
    assert_eq!(option.symbol(), "NIFTY01DEC2626100CE");
    assert_eq!(option.token(), Some("10254594::::40057"));
    let parsed = openalgo_brokers::kite_file::parse(RECORDED).unwrap().listed;
    assert_eq!(list.len(), parsed.len());
    for row in parsed {
        let found = list.find(&row.instrument.key).unwrap();
        let found_again = Instrument {
            freeze_quantity: None,
            ..found.to_instrument().unwrap()
        };
        assert_eq!(found_again, row.instrument);
        assert_eq!(found.broker_symbol(), &*row.broker_symbol);
        assert_eq!(found.broker_exchange(), &*row.broker_exchange);
    }
}

#[tokio::test]
async fn a_new_list_takes_the_place_of_the_one_before_which_is_kept() {
    let world = World::new();
    let first = world.take(RECORDED).await.unwrap().contract;
    let second = world.take(another()).await.unwrap();
    assert_eq!(second.before, Some(first));
    assert_eq!(world.open().await.unwrap().index.len(), 1_406);
    assert_eq!(world.files(), ["zerodha.json", "zerodha.previous.json"]);
}

#[tokio::test]
async fn a_list_in_memory_is_not_read_again_until_it_is_another_or_another_day() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let contracts = world.contracts();
    let first = contracts.open(&zerodha()).await.unwrap();
    let again = contracts.open(&zerodha()).await.unwrap();
    assert!(Arc::ptr_eq(&first, &again));
    world.clock.advance(chrono::Duration::days(1));
    let next_day = contracts.open(&zerodha()).await.unwrap();
    assert_eq!(next_day.index.date().to_string(), "2026-11-26");
    world.take(another()).await.unwrap();
    assert_eq!(contracts.open(&zerodha()).await.unwrap().index.len(), 1_406);
}

#[tokio::test]
async fn rows_that_cannot_be_used_are_left_out_and_told() {
    let world = World::new();
    let one_wrong = another().replace("ANOTHER LTD,0.0,,0,0.05", "ANOTHER LTD,0.0,,0,NaN");
    assert_eq!(one_wrong.matches("NaN").count(), 1);
    let taken = world.take(one_wrong).await.unwrap();
    assert_eq!(
        (taken.contract.instruments, taken.contract.refused),
        (1_405, 1)
    );
    let [told] = taken.refused.as_slice() else {
        panic!("{taken:?}")
    };
    assert!(
        told.contains("row 1407") && told.contains("'tick_size'"),
        "{told}"
    );
}

/// What can be wrong with the file of a day, and what is told of it.
fn damaged(text: &str) -> Vec<(&'static str, Vec<u8>, String)> {
    let (half, _) = text.split_at(text.len() / 2);
    let (_, below) = text.split_once('\n').unwrap();
    let (first, rest) = text.split_at(100_000);
    let no_text = [first.as_bytes(), &[0xff], rest.as_bytes()].concat();
    let line = first.matches('\n').count() + 1;
    let duplicate = "row 110002 of the instrument file: column 'tradingsymbol' makes NSE:RELIANCE, \
                     as row 2 does";
    let nan = "row 4 of the instrument file: column 'tick_size' cannot be 'NaN'";
    let renamed = "row 1 of the instrument file has no column 'lot_size'";
    let no_index = text.replace(",NIFTY 50,NIFTY 50,", ",NIFTY 51,NIFTY 51,");
    let told = |text: &str| text.to_owned();
    vec![
        (
            "truncated",
            half.into(),
            told("and the last one had 110000"),
        ),
        (
            "doubled",
            format!("{text}\n{below}").into(),
            told(duplicate),
        ),
        ("empty", Vec::new(), told("the instrument file is empty")),
        ("NaN", text.replace(",0.05,", ",NaN,").into(), told(nan)),
        (
            "renamed",
            text.replacen("lot_size", "lots", 1).into(),
            told(renamed),
        ),
        (
            "page",
            "<!DOCTYPE html><html>502</html>".into(),
            told("a web page"),
        ),
        (
            "no text",
            no_text,
            format!("row {line} of the instrument file is no text"),
        ),
        ("no index", no_index.into(), told("column 'name' is NIFTY")),
    ]
}

/// Whatever is wrong with the file of today, yesterday's goes on to be used.
#[tokio::test]
async fn a_damaged_file_changes_nothing_and_the_error_says_where_it_is_damaged() {
    let (world, text) = (World::new(), grown());
    let yesterday = world.take(&text).await.unwrap().contract;
    assert_eq!(yesterday.instruments, 110_000);
    world.clock.advance(chrono::Duration::days(1));
    for (how, file, told) in damaged(&text) {
        let error = world.take(file).await.unwrap_err().to_string();
        assert!(error.contains(&told), "{how}: {error}");
        assert_eq!(world.files(), ["zerodha.json"], "{how}");
    }
    let gone = LocalFile(world.place.path().join("nowhere.csv"));
    let contracts = world.contracts();
    let missing = contracts
        .take(&zerodha(), (&gone, SizeRule::AsBefore), &|_| {})
        .await;
    let missing = missing.unwrap_err().to_string();
    assert!(missing.contains("nowhere.csv cannot be read"), "{missing}");
    let open = world.open().await.unwrap();
    assert_eq!((&open.contract, open.index.len()), (&yesterday, 110_000));
    assert!(nifty(&open) && open.instead_of.is_none());
}

#[tokio::test]
async fn a_list_of_another_size_is_taken_by_whoever_has_looked_at_it() {
    let world = World::new();
    world.take(grown()).await.unwrap();
    assert!(world.take(RECORDED).await.is_err());
    let taken = world.take_of_size(RECORDED, SizeRule::Any).await.unwrap();
    assert_eq!(taken.contract.instruments, 1_405);
}

#[tokio::test]
async fn a_file_that_was_changed_behind_the_back_is_not_used() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    world.take(another()).await.unwrap();
    let change = |name: &str| {
        let path = world.file(name);
        let changed = fs::read_to_string(&path)
            .unwrap()
            .replacen(",75,", ",7,", 1);
        fs::write(path, changed).unwrap();
    };
    change("zerodha.json");
    let open = world.open().await.unwrap();
    assert_eq!(open.index.len(), 1_405, "the list before is used");
    let why = open.instead_of.as_ref().unwrap().to_string();
    assert!(
        why.contains("zerodha.json was changed by somebody else"),
        "{why}"
    );
    change("zerodha.previous.json");
    let refused = world.open().await.unwrap_err().to_string();
    assert!(
        refused.contains("zerodha.json was changed by somebody else"),
        "{refused}"
    );

    // Taking the list again mends it.
    world.take(another()).await.unwrap();
    assert!(world.open().await.unwrap().instead_of.is_none());
}

#[tokio::test]
async fn a_file_that_is_gone_is_told_so() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    world.take(another()).await.unwrap();
    fs::remove_file(world.file("zerodha.json")).unwrap();
    let open = world.open().await.unwrap();
    let why = open.instead_of.as_ref().unwrap().to_string();
    assert!(why.ends_with("zerodha.json is gone"), "{why}");
    fs::remove_file(world.file("zerodha.previous.json")).unwrap();
    let refused = world.open().await.unwrap_err().to_string();
    assert!(refused.ends_with("zerodha.json is gone"), "{refused}");
}

/// Killed after the database was told of the new list, and before its file had its name.
#[tokio::test]
async fn a_list_whose_taking_was_cut_short_is_found_all_the_same() {
    for has_moved_the_old in [false, true] {
        let world = World::new();
        world.take(RECORDED).await.unwrap();
        let new = world.take(another()).await.unwrap().contract;
        fs::rename(world.file("zerodha.json"), world.file("zerodha.json.new")).unwrap();
        if !has_moved_the_old {
            let old = world.file("zerodha.previous.json");
            fs::rename(old, world.file("zerodha.json")).unwrap();
        }
        let open = world.open().await.unwrap();
        assert_eq!(open.contract, new);
        assert!(open.instead_of.is_none());
        assert_eq!(world.files(), ["zerodha.json", "zerodha.previous.json"]);
    }
}

/// Killed before the database was told: what lies there is nobody's list.
#[tokio::test]
async fn a_list_that_nobody_was_told_of_is_not_used() {
    let world = World::new();
    let known = world.take(RECORDED).await.unwrap().contract;
    fs::write(world.file("zerodha.json.new"), "{}").unwrap();
    fs::write(world.file("zerodha.download"), "half").unwrap();
    let open = world.open().await.unwrap();
    assert_eq!(open.contract, known);
    world.take(another()).await.unwrap();
    assert_eq!(world.files(), ["zerodha.json", "zerodha.previous.json"]);
}

#[tokio::test]
async fn how_far_it_is_can_be_watched() {
    let world = World::new();
    let path = world.place.path().join("instruments.csv");
    fs::write(&path, RECORDED).unwrap();
    let steps = Mutex::new(Vec::new());
    let watch = |step| steps.lock().unwrap().push(step);
    let from = LocalFile(path);
    let contracts = world.contracts();
    contracts
        .take(&zerodha(), (&from, SizeRule::Any), &watch)
        .await
        .unwrap();
    let length = u64::try_from(RECORDED.len()).unwrap();
    let whole = TakeStep::Coming {
        done: length,
        of: length,
    };
    assert_eq!(
        *steps.lock().unwrap(),
        [whole, TakeStep::Proving, TakeStep::Writing]
    );
}

#[tokio::test]
async fn a_list_of_a_broker_whose_form_nobody_knows_is_refused() {
    let world = World::new();
    let path = world.place.path().join("instruments.csv");
    fs::write(&path, RECORDED).unwrap();
    let (from, upstox) = (LocalFile(path), "upstox".parse().unwrap());
    let contracts = world.contracts();
    let refused = contracts
        .take(&upstox, (&from, SizeRule::Any), &|_| {})
        .await;
    let refused = refused.unwrap_err().to_string();
    assert_eq!(
        refused,
        "lists of upstox cannot be read, only those of zerodha"
    );
    assert!(!world.place.path().join("data").exists());
}
