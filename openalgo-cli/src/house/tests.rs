//! Commands that meet in one process.

use super::*;
use crate::args::{Cli, Command};
use crate::open::Opening;
use crate::request::Style;
use crate::run;
use crate::ui::Ui;
use clap::Parser;
use serde_json::json;
use std::pin::pin;
use std::task::{Context, Waker};
use tempfile::TempDir;

const BUY: &str = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";

/// A place with a data folder in it, and the process that owns it.
struct Place(TempDir);

impl Place {
    async fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.elsewhere("init").await.unwrap();
        place
    }

    fn parse(&self, line: &str) -> Cli {
        let (data, key) = (self.0.path().join("data"), self.0.path().join("master.key"));
        let data = format!("--data-dir={}", data.display());
        let key = format!("--key-source=file:{}", key.display());
        let words = ["openalgo", &data, &key].into_iter();
        Cli::try_parse_from(words.chain(line.split_whitespace())).unwrap()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = self.parse(line).command;
        command.resolve(None).unwrap();
        command
    }

    /// Runs a command as another process does.
    async fn elsewhere(&self, line: &str) -> Outcome {
        let output = run::run(self.parse(line), Ui::new(true)).await?;
        Ok(output.unwrap())
    }

    /// Opens the folder for a command, and answers for it.
    async fn open(&self, line: &str) -> (Arc<House>, Endpoint) {
        let mut target = Target::new(&self.parse(line).global).unwrap();
        let opening = target.open(&self.command(line)).await.unwrap();
        let Opening::Done(open) = opening else {
            panic!("{opening:?}");
        };
        let stay = match line {
            "unlock" => Stay::Held,
            _ => Stay::Once(None),
        };
        let (house, endpoint) = House::open(target, open, stay);
        (house, endpoint.unwrap())
    }
}

fn request(command: Command) -> Request {
    Request {
        command,
        user: None,
        style: Style {
            color: false,
            width: None,
            program: "openalgo".to_owned(),
        },
        world: World::default(),
    }
}

async fn close(house: Arc<House>, endpoint: Endpoint) {
    house.leave();
    endpoint.stop().await;
    house.close().await.unwrap();
}

/// The check stands still meanwhile, since nobody drives it on.
#[tokio::test]
async fn orders_are_placed_while_the_database_is_checked() {
    let place = Place::new().await;
    let (house, endpoint) = place.open("db check").await;
    let (progress, mut steps) = Progress::here();
    let check = request(place.command("db check"));
    let mut check = Box::pin(house.run(check, Origin::Here, progress));
    tokio::select! {
        biased;
        _step = steps.recv() => {}
        _done = &mut check => panic!("it has not said that it begins"),
    }
    let placed = place.elsewhere(BUY).await.unwrap();
    assert_eq!(placed.data["idempotent_replay"], false);
    let checked = check.as_mut().await.unwrap().unwrap();
    assert_eq!(checked.data["sound"], true);
    drop(check);
    close(house, endpoint).await;
    let orders = place.elsewhere("order list").await.unwrap();
    assert_eq!(orders.data.as_array().unwrap().len(), 1);
}

/// As it is with a folder whose engine does not start.
#[tokio::test]
async fn what_a_process_cannot_run_waits_until_it_ends() {
    let place = Place::new().await;
    // Opened without its engine.
    let (house, endpoint) = place.open("db accept-older --yes").await;
    let looked = place.elsewhere("db check").await.unwrap();
    assert_eq!(looked.data["sound"], true);
    for line in [BUY, "db accept-older --yes", "unlock"] {
        let (progress, _steps) = Progress::here();
        let request = request(place.command(line));
        let mut waiting = pin!(house.run(request, Origin::Elsewhere, progress));
        let now = std::future::ready(());
        tokio::select! {
            biased;
            outcome = &mut waiting => panic!("{line}: {outcome:?}"),
            () = now => {}
        }
        house.leave();
        assert!(waiting.await.is_none(), "{line}");
        house.leaving.send_replace(false);
    }
    close(house, endpoint).await;
    place.elsewhere(BUY).await.unwrap();
}

/// Whoever sends the request: the process that holds the folder looks for itself.
#[tokio::test]
async fn a_key_that_opens_nothing_closes_nothing() {
    let place = Place::new().await;
    let (house, endpoint) = place.open("unlock").await;
    let sent = json!({ "Key": { "Change": {
        "with": { "Passphrase": "guessed" },
        "kind": { "Rotate": { "passphrase": "guessed", "keep_old": null } },
    } } });
    let command = serde_json::from_value(sent).unwrap();
    let (progress, _steps) = Progress::here();
    // Set each time the folder is opened again.
    let key = house.key.subscribe();
    let refused = house.run(request(command), Origin::Elsewhere, progress);
    let refused = refused.await.unwrap().unwrap_err();
    assert_eq!(refused.exit, Exit::Locked, "{refused:?}");
    assert!(!key.has_changed().unwrap());
    place.elsewhere(BUY).await.unwrap();
    close(house, endpoint).await;
}

/// A future that nobody in a runtime drives panics at the first thing that blocks.
#[tokio::test]
async fn a_folder_is_given_up_when_the_command_panics_that_is_alone_with_it() {
    let place = Place::new().await;
    let line = "db accept-older --yes";
    let (house, endpoint) = place.open(line).await;
    let (alone, accept) = (Arc::clone(&house), request(place.command(line)));
    let (progress, _steps) = Progress::here();
    let running = std::thread::Builder::new().spawn(move || {
        let mut running = pin!(alone.run(accept, Origin::Here, progress));
        let mut context = Context::from_waker(Waker::noop());
        while running.as_mut().poll(&mut context).is_pending() {}
    });
    assert!(running.unwrap().join().is_err(), "it has not panicked");
    given_up(house, endpoint).await;
    place.elsewhere(BUY).await.unwrap();
}

/// As a panic leaves it, in a process that keeps the folder unlocked.
#[tokio::test]
async fn a_holder_gives_the_folder_up_when_what_was_alone_with_it_breaks_off() {
    let place = Place::new().await;
    let (house, endpoint) = place.open("unlock").await;
    let accept = request(place.command("db accept-older --yes"));
    let (progress, _steps) = Progress::here();
    let mut alone = Box::pin(house.run(accept, Origin::Elsewhere, progress));
    while house.inside.try_read().is_ok() {
        tokio::select! {
            biased;
            outcome = &mut alone => panic!("{outcome:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(alone);
    given_up(house, endpoint).await;
}

async fn given_up(house: Arc<House>, endpoint: Endpoint) {
    assert!(*house.leaving.borrow(), "callers come again for ever");
    endpoint.stop().await;
    let error = house.close().await.unwrap_err();
    assert!(error.message.contains("broke off"), "{error:?}");
}
