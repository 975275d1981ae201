//! A list is asked for while another takes its place.

use super::*;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything takes that is not held up; the clock is paused.
const LONG: Duration = Duration::from_mins(1);

fn gate(at: &Mutex<Option<Gate>>) -> oneshot::Sender<()> {
    let (open, gate) = oneshot::channel();
    *at.lock().unwrap() = Some(gate);
    open
}

fn take(world: &World, contracts: &Arc<MasterContracts>) -> JoinHandle<Taken> {
    let path = world.place.path().join("another.csv");
    fs::write(&path, another()).unwrap();
    let contracts = Arc::clone(contracts);
    tokio::spawn(async move {
        let (from, broker) = (LocalFile(path), zerodha());
        let taking = contracts.take(&broker, (&from, SizeRule::AsBefore), &|_| {});
        taking.await.unwrap()
    })
}

fn open(contracts: &Arc<MasterContracts>) -> JoinHandle<Arc<OpenContract>> {
    let contracts = Arc::clone(contracts);
    tokio::spawn(async move { contracts.open(&zerodha()).await.unwrap() })
}

/// Neither of them may say that the file was changed, or break it.
async fn both_are_sound(
    world: &World,
    opening: JoinHandle<Arc<OpenContract>>,
    taking: JoinHandle<Taken>,
) {
    let (open, taken) = (opening.await.unwrap(), taking.await.unwrap());
    assert!(open.instead_of.is_none(), "{:?}", open.instead_of);
    assert_eq!(world.files(), ["zerodha.json", "zerodha.previous.json"]);
    let found = world.open().await.unwrap();
    assert_eq!(found.contract, taken.contract);
    assert!(found.instead_of.is_none(), "{:?}", found.instead_of);
    fs::remove_file(world.file("zerodha.json")).unwrap();
    assert_eq!(world.open().await.unwrap().index.len(), 1_405);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_opened_between_note_and_name_is_sound() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let contracts = Arc::new(world.contracts());
    let named = gate(&world.records.at_keep);
    let mut taking = take(&world, &contracts);
    assert!(timeout(LONG, &mut taking).await.is_err(), "it is noted");
    let mut opening = open(&contracts);
    assert!(timeout(LONG, &mut opening).await.is_err(), "it waits");
    named.send(()).unwrap();
    both_are_sound(&world, opening, taking).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_swapped_while_the_one_before_is_opened_is_sound() {
    let world = World::new();
    world.take(RECORDED).await.unwrap();
    let contracts = Arc::new(world.contracts());
    let read = gate(&world.records.at_newest);
    let mut opening = open(&contracts);
    assert!(timeout(LONG, &mut opening).await.is_err(), "it has asked");
    let mut taking = take(&world, &contracts);
    assert!(timeout(LONG, &mut taking).await.is_err(), "it waits");
    read.send(()).unwrap();
    both_are_sound(&world, opening, taking).await;
}
