//! Secrets and names planted through every front door: in no file, and in no memory of a process
//! that has closed the folder.

use crate::leaks::Leaks;
use crate::victim::{Victim, say, victim_folder};
use crate::world::World;
use openalgo::OpenAlgo;
use openalgo::core::account::{BrokerConnection, BrokerCredentials, BrokerTokens, TelegramConfig};
use openalgo::core::id::UserId;
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{NewOrder, Product, Side};
use openalgo::core::port::RandomSource;
use openalgo::crypto::{MasterKey, SystemRandom};
use openalgo::store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What is planted. It is no part of the program, whose own constants are in its memory too.
#[derive(Serialize, Deserialize)]
struct Canaries {
    username: String,
    email: String,
    password: String,
    strategy: String,
    order_id: String,
    tokens: [String; 7],
    symbol: String,
}

impl Canaries {
    /// Makes them, and keeps them beside the data folder.
    async fn make(world: &World) {
        let mut id = [0; 8];
        SystemRandom.fill(&mut id).unwrap();
        let canary = |what: &str| format!("{what}-{:016x}", u64::from_ne_bytes(id));
        let app = world.open().await;
        let canaries = Self {
            username: canary("u"),
            email: canary("e") + "@example.com",
            password: canary("P@ssword"),
            strategy: canary("s"),
            order_id: canary("o"),
            tokens: [1, 2, 3, 4, 5, 6, 7].map(|number| canary(&format!("t{number}"))),
            symbol: contract(&app).await,
        };
        app.close().await;
        fs::write(Self::path(world), serde_json::to_string(&canaries).unwrap()).unwrap();
    }

    fn path(world: &World) -> PathBuf {
        world.root().join("canaries.json")
    }

    async fn order(&self, app: &OpenAlgo, number: usize) -> NewOrder {
        let key = InstrumentKey::new(Exchange::Nfo, Symbol::try_new(&self.symbol).unwrap());
        let instrument = app.market().instrument(&key).await.unwrap();
        NewOrder {
            product: Product::Nrml,
            strategy: Some(self.strategy.clone()),
            client_order_id: Some(format!("{}-{number}", self.order_id).parse().unwrap()),
            ..NewOrder::market(key, Side::Buy, instrument.lot_size)
        }
    }

    fn read(world: &World) -> Self {
        serde_json::from_slice(&fs::read(Self::path(world)).unwrap()).unwrap()
    }
}

/// A symbol that is made at run time: those of shares are constants of the program.
async fn contract(app: &OpenAlgo) -> String {
    let instruments = app.market().instruments().await.unwrap();
    let found = instruments.search("NIFTY CE", Some(Exchange::Nfo), 1);
    found[0].key.symbol.to_string()
}

/// A user with everything, and some orders.
async fn plant(world: &World) -> OpenAlgo {
    let canaries = Canaries::read(world);
    let app = world.open().await;
    let (name, email) = (
        canaries.username.parse().unwrap(),
        canaries.email.parse().unwrap(),
    );
    let password = SecretString::from(canaries.password.as_str());
    let user = app.users().create(name, email, &password).await.unwrap().id;
    app.users().create_api_key(user).await.unwrap();
    app.close().await;
    let store = store(world);
    plant_tokens(&store, user, &canaries.tokens).await;
    store.close().await;
    let app = world.open().await;
    for number in 0..100 {
        let order = canaries.order(&app, number).await;
        app.orders().place(user, order).await.unwrap();
    }
    app
}

fn master(world: &World) -> MasterKey {
    let digits = fs::read_to_string(world.key()).unwrap();
    MasterKey::from_hex(&SecretString::from(digits.trim())).unwrap()
}

/// The database, for what has no front door yet.
fn store(world: &World) -> Store {
    let options = StoreOptions {
        keys: Keys::of(&master(world), Arc::new(SystemRandom)),
        clock: Arc::clone(&world.clock) as _,
        mode: OpenMode::Existing,
        anchor: AnchorRule::Without,
    };
    Store::open(&world.data().join("main.db"), options).unwrap()
}

async fn plant_tokens(store: &Store, user: UserId, tokens: &[String; 7]) {
    let [key, secret, auth, refresh, feed, telegram, client] = tokens;
    let sealed = |text: &String| Some(SecretString::from(text.as_str()));
    let connection = BrokerConnection {
        user,
        broker: "zerodha".parse().unwrap(),
        client_id: Some(client.clone()),
        user_broker_id: None,
        credentials: BrokerCredentials {
            api_key: sealed(key),
            api_secret: sealed(secret),
        },
        tokens: BrokerTokens {
            auth: sealed(auth),
            refresh: sealed(refresh),
            feed: sealed(feed),
        },
        is_revoked: false,
        expires_at: None,
    };
    store
        .broker_connections()
        .upsert(&connection)
        .await
        .unwrap();
    let bot = TelegramConfig {
        user,
        chat_id: None,
        bot_token: sealed(telegram),
        is_active: true,
        send_order_updates: true,
        send_position_updates: true,
        send_daily_summary: true,
    };
    store.telegram().upsert(&bot).await.unwrap();
}

/// All that was planted in a folder that is closed now, and its keys.
async fn planted(world: &World) -> Leaks {
    let app = world.open().await;
    let owner = app.users().owner().await.unwrap();
    let api_key = app.users().api_key(owner.id).await.unwrap().unwrap().key;
    assert_eq!(app.orders().list(owner.id, 1_000).await.unwrap().len(), 100);
    app.close().await;
    let master = master(world);
    let database_key = master.database_key().to_hex();
    let canaries = Canaries::read(world);
    let mut secrets: Vec<(&str, Vec<u8>)> = vec![
        ("the user name", canaries.username.into()),
        ("the e-mail address", canaries.email.into()),
        ("the password", canaries.password.into()),
        ("the symbol", canaries.symbol.into()),
        ("the strategy", canaries.strategy.into()),
        ("an order id", canaries.order_id.into()),
    ];
    secrets.extend(canaries.tokens.map(|token| ("a token", token.into())));
    secrets.push(("the API key", api_key.expose_secret().into()));
    secrets.push(("the master key", bytes_of(master.to_hex().expose_secret())));
    secrets.push(("the database key", bytes_of(database_key.expose_secret())));
    Leaks::of(&secrets)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let pair = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(pair).collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What a killed process leaves, and what is there after the next one has closed the folder.
#[tokio::test]
async fn no_file_of_the_folder_gives_anything_away() {
    if let Some(folder) = victim_folder() {
        let _app = plant(&World::at(&folder)).await;
        say("planted");
        std::future::pending::<()>().await;
    }
    let world = World::new();
    Canaries::make(&world).await;
    let test = "canaries::no_file_of_the_folder_gives_anything_away";
    let mut victim = Victim::start(test, world.root());
    assert_eq!(victim.words().next().as_deref(), Some("planted"));
    victim.kill();
    let killed: Vec<_> = files_in(&world.data())
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    assert!(killed.iter().any(|(_, path)| path.ends_with("main.db-wal")));
    let leaks = planted(&world).await;
    let closed = files_in(&world.data()).into_iter();
    let closed = closed.map(|path| (fs::read(&path).unwrap(), path));
    for (content, path) in killed.into_iter().chain(closed) {
        let found = leaks.found(&content);
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}

/// Takes a dump of everything in a process that is alive; `None` where no debugger may.
fn core_dump(process: u32, folder: &Path) -> Option<Vec<u8>> {
    let made = Command::new("gcore")
        .arg("-o")
        .arg(folder.join("core"))
        .arg(process.to_string())
        .output();
    if made.as_ref().is_ok_and(|made| made.status.success()) {
        return Some(fs::read(folder.join(format!("core.{process}"))).unwrap());
    }
    assert!(
        std::env::var_os("OPENALGO_TEST_NEEDS_GDB").is_none(),
        "{made:?}"
    );
    None
}

#[test]
fn a_process_that_closed_the_folder_holds_nothing_of_it() {
    if let Some(folder) = victim_folder() {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async { plant(&World::at(&folder)).await.close().await });
        drop(runtime);
        say("closed");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        return;
    }
    let world = World::new();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(Canaries::make(&world));
    let test = "canaries::a_process_that_closed_the_folder_holds_nothing_of_it";
    let mut victim = Victim::start(test, world.root());
    assert_eq!(victim.words().next().as_deref(), Some("closed"));
    let Some(dump) = core_dump(victim.id(), world.root()) else {
        eprintln!("skipped: there is no gcore, or it may not look into other processes");
        return;
    };
    victim.kill();
    let leaks = runtime.block_on(planted(&world));
    let found = leaks.found(&dump);
    assert!(found.is_empty(), "{} places: {found:#?}", found.len());
}
