//! Operations on a whole data folder that are killed with `kill -9`, at one moment after another.
//!
//! Each kill begins with the same folder, and afterwards the folder opens, everything that was
//! acknowledged is in it, and the operation goes through when it is asked for again.

mod backup;
mod compaction;
mod migration;
mod restore;
mod rotation;
mod trial;

use crate::restore::{login, store};
use crate::world::{World, market};
use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use openalgo::core::account::User;
use openalgo::core::order::{NewOrder, Side};
use openalgo::crypto::key_source::KeyFile;
use openalgo::{OpenAlgo, OpenFolder};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Orders that are there before the operation begins.
const ORDERS: usize = 200;
/// Requests that make the file large enough to be killed in the middle of.
const FILL: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO order_logs (endpoint, method, request_data)
    SELECT 'placeorder', 'POST', hex(randomblob(1000)) FROM n;";

/// A data folder with orders and secrets, and what is known of it.
struct Prepared {
    world: World,
    owner: User,
    orders: BTreeSet<String>,
    api_key: String,
    recovery: SecretString,
}

impl Prepared {
    async fn new() -> Self {
        let world = World::new();
        let (app, owner) = world.open_with_owner().await;
        let api_key = api_key(&app, &owner).await;
        let orders: BTreeSet<String> = (0..ORDERS).map(|n| format!("before-{n}")).collect();
        for id in &orders {
            let order = NewOrder {
                client_order_id: Some(id.parse().unwrap()),
                ..market(Side::Buy, 1)
            };
            app.orders().place(owner.id, order).await.unwrap();
        }
        app.close().await;
        let recovery = files(&world).await.make_recovery_key().await.unwrap();
        let store = store(&world);
        let connections = store.broker_connections();
        connections.upsert(&login(&owner)).await.unwrap();
        store.close().await;
        let prepared = Self {
            world,
            owner,
            orders,
            api_key,
            recovery,
        };
        prepared.raw().batch_execute(FILL).unwrap();
        prepared
    }

    fn root(&self) -> &Path {
        self.world.root()
    }

    /// The database as somebody with the key sees it, past the store.
    fn raw(&self) -> SqliteConnection {
        raw(&self.world, &self.world.data().join("main.db"))
    }

    /// Remembers the folder and its key as they are now.
    fn keep(&self) {
        let kept = self.root().join("kept");
        copy_files(&self.world.data(), &kept.join("data"));
        fs::copy(self.world.key(), kept.join("master.key")).unwrap();
    }

    /// Puts everything back as it was, and removes whatever else is there.
    fn put_back(&self) {
        for name in names(self.root()) {
            let path = self.root().join(&name);
            match name.as_str() {
                "kept" => {}
                _ if path.is_dir() => fs::remove_dir_all(path).unwrap(),
                _ => fs::remove_file(path).unwrap(),
            }
        }
        let kept = self.root().join("kept");
        copy_files(&kept.join("data"), &self.world.data());
        fs::copy(kept.join("master.key"), self.world.key()).unwrap();
    }

    /// Opens what is in the place of a world with whatever key its vault names, and sees that
    /// every order and every secret is there, and also that order which was acknowledged since.
    async fn assert_whole(&self, world: &World, acknowledged: &[String]) {
        let app = OpenAlgo::builder().data_dir(world.data()).existing_only();
        let app = app.clock(Arc::clone(&world.clock) as _);
        let app = app.without_market_watch().open().await.unwrap();
        let report = app.check().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        let orders = app.orders().list(self.owner.id, u32::MAX).await.unwrap();
        let ids = orders
            .iter()
            .map(|order| &order.intent.order.client_order_id);
        let stored: BTreeSet<String> = ids.flatten().map(ToString::to_string).collect();
        assert_eq!(stored.len(), orders.len(), "none is there twice");
        let mut expected = self.orders.iter().chain(acknowledged);
        assert_eq!(expected.find(|id| !stored.contains(*id)), None, "is lost");
        assert_eq!(api_key(&app, &self.owner).await, self.api_key);
        app.close().await;
        let store = store(world);
        let logins = store.broker_connections().list(self.owner.id).await;
        let secret = logins.unwrap().remove(0).credentials.api_secret.unwrap();
        assert_eq!(secret.expose_secret(), "secret of the application");
        store.close().await;
    }
}

/// A folder without an engine.
async fn files(world: &World) -> OpenFolder {
    let builder = world.builder().existing_only();
    builder.open_folder().await.unwrap()
}

/// A database under the key of a world.
fn raw(world: &World, path: &Path) -> SqliteConnection {
    let key = KeyFile { path: world.key() }.load().unwrap();
    let key = key.database_key().to_hex();
    let mut c = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let key = format!("PRAGMA key = \"x'{}'\"", key.expose_secret());
    c.batch_execute(&key).unwrap();
    c
}

async fn api_key(app: &OpenAlgo, owner: &User) -> String {
    let key = app.users().api_key(owner.id).await.unwrap();
    key.unwrap().key.expose_secret().to_owned()
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}
