//! A folder that is restored from a backup trades nothing by itself.

use crate::world::{World, market, reliance};
use openalgo::backup::{Backup, BackupSecret, RestoreTarget};
use openalgo::core::account::{
    BrokerConnection, BrokerCredentials, BrokerTokens, NewSession, User,
};
use openalgo::core::monitor::{AuditAction, AuditEntry, Author, Surface};
use openalgo::core::order::{Product, Side};
use openalgo::core::port::{AuditQuery, Clock};
use openalgo::core::strategy::{
    Direction, NewStrategy, Platform, Schedule, StrategyPlan, StrategySymbol,
};
use openalgo::core::value::Quantity;
use openalgo::crypto::key_source::KeyFile;
use openalgo::engine::HaltedError;
use openalgo::engine::service::PlaceOrderError;
use openalgo::store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use openalgo::{DataFolder, KeySource, PlaceRule};
use openalgo_core::testing::{FakeRandom, sample};
use std::path::Path;
use std::sync::Arc;

const PASSPHRASE: &str = "three plain words";

/// The database of a folder that nobody has open.
pub(crate) fn store(world: &World) -> Store {
    let key = KeyFile { path: world.key() }.load().unwrap();
    let options = StoreOptions {
        keys: Keys::of(&key, Arc::new(FakeRandom::default())),
        clock: Arc::clone(&world.clock) as _,
        mode: OpenMode::Existing,
        anchor: AnchorRule::Hold,
    };
    Store::open(&world.data().join("main.db"), options).unwrap()
}

/// A login at a broker, with everything that is sealed in it.
pub(crate) fn login(owner: &User) -> BrokerConnection {
    BrokerConnection {
        user: owner.id,
        broker: sample::zerodha(),
        client_id: None,
        user_broker_id: None,
        credentials: BrokerCredentials {
            api_key: Some("application".into()),
            api_secret: Some("secret of the application".into()),
        },
        tokens: BrokerTokens {
            auth: Some("auth".into()),
            refresh: Some("refresh".into()),
            feed: Some("feed".into()),
        },
        is_revoked: false,
        expires_at: None,
    }
}

fn session(world: &World, owner: &User) -> NewSession {
    NewSession {
        token_id: "token-of-the-session".parse().unwrap(),
        user: owner.id,
        broker: None,
        token: "token".into(),
        feed_token: Some("feed".into()),
        device: None,
        expires_at: world.clock.now().plus(chrono::Duration::days(1)),
    }
}

fn strategy(owner: &User) -> NewStrategy {
    NewStrategy {
        user: owner.id,
        webhook_id: "an-unguessable-webhook".parse().unwrap(),
        plan: StrategyPlan {
            name: "momentum".parse().unwrap(),
            description: None,
            platform: Platform::TradingView,
            direction: Direction::Long,
            schedule: Schedule::Positional,
        },
        is_active: true,
        symbols: vec![StrategySymbol {
            instrument: reliance(),
            quantity: Quantity::ONE,
            product: Product::Mis,
        }],
    }
}

/// Everything that could trade by itself.
async fn fill(world: &World, owner: &User) {
    let store = store(world);
    let connections = store.broker_connections();
    connections.upsert(&login(owner)).await.unwrap();
    store
        .sessions()
        .insert(&session(world, owner))
        .await
        .unwrap();
    store.strategies().insert(&strategy(owner)).await.unwrap();
    store.close().await;
}

async fn back_up(world: &World, path: &Path) {
    let app = world.open().await;
    let files = app.files();
    files
        .back_up(path, &PASSPHRASE.into(), &|_| {})
        .await
        .unwrap();
    app.close().await;
}

async fn restore(backup: &Path, copy: &World) {
    let target = RestoreTarget {
        folder: DataFolder::new(copy.data()),
        place: PlaceRule::OwnDisk,
        key_source: Some(KeySource::File(copy.key())),
        clock: Arc::clone(&copy.clock) as _,
    };
    let secret = BackupSecret::Passphrase(PASSPHRASE.into());
    let backup = Backup::open(backup).unwrap();
    backup.restore(secret, target, &|_| {}).await.unwrap();
}

/// What could trade is off, what is known stays, and the audit log says so.
async fn assert_disarmed(copy: &World, owner: &User) {
    let store = store(copy);
    let connections = store.broker_connections().list(owner.id).await.unwrap();
    let [login] = &connections[..] else {
        panic!("{connections:?}");
    };
    let tokens = &login.tokens;
    assert!(tokens.auth.is_none() && tokens.refresh.is_none() && tokens.feed.is_none());
    assert!(login.is_revoked && login.credentials.api_secret.is_some());
    let now = copy.clock.now();
    assert_eq!(
        store.sessions().active(owner.id, now).await.unwrap().len(),
        0
    );
    let strategies = store.strategies().list(owner.id).await.unwrap();
    assert_eq!((strategies.len(), strategies[0].is_active), (1, false));
    let query = AuditQuery {
        user: None,
        limit: 9,
    };
    let expected = AuditEntry {
        by: Author {
            user: None,
            surface: Surface::Engine,
        },
        action: AuditAction::RiskHalt,
        object: format!("user {}", owner.id),
        detail: Some("restored from a backup".into()),
        at: now,
    };
    assert_eq!(store.audit_log().list(query).await.unwrap(), [expected]);
    store.close().await;
}

#[tokio::test]
async fn a_restored_folder_trades_only_when_somebody_says_so() {
    let (world, copy) = (World::new(), World::new());
    let (app, owner) = world.open_with_owner().await;
    app.close().await;
    fill(&world, &owner).await;
    let backup = world.root().join("backup.oab");
    back_up(&world, &backup).await;
    copy.clock.advance(chrono::Duration::minutes(5));
    restore(&backup, &copy).await;
    assert_disarmed(&copy, &owner).await;

    let app = copy.open().await;
    let refused = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    let Err(PlaceOrderError::Halted(HaltedError::Halted(halt, _))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(halt.reason.as_str(), "restored from a backup");
    assert_eq!(halt.since, copy.clock.now());
    let by = Author {
        user: Some(owner.id),
        surface: Surface::Embedded,
    };
    assert!(app.risk().resume(owner.id, by).await.unwrap());
    let order = market(Side::Buy, 1);
    app.orders().place(owner.id, order).await.unwrap();
    app.close().await;

    // The original goes on as ever.
    let app = world.open().await;
    let order = market(Side::Buy, 1);
    app.orders().place(owner.id, order).await.unwrap();
    app.close().await;
}
