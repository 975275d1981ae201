//! Canaries for what has a place in the database and no front door yet.

use super::planted::Canaries;
use crate::world::World;
use chrono::Duration;
use openalgo::core::account::{
    ApiScope, ApiScopes, BrokerConnection, BrokerCredentials, BrokerTokens, NewApiToken,
    NewSession, PasswordHash, TelegramConfig, WatchlistItems,
};
use openalgo::core::id::{GttId, UserId};
use openalgo::core::market::InstrumentKey;
use openalgo::core::monitor::{
    AuditAction, AuditEntry, Author, LatencyMetric, NewOrderLog, Operation, Surface,
};
use openalgo::core::order::{
    Gtt, GttKeeper, GttLeg, GttLegs, GttProduct, GttStatus, NewOrder, Product, Side, TradingMode,
    TriggerSide,
};
use openalgo::core::port::RandomSource;
use openalgo::core::strategy::{
    BasketPlace, BotKey, Decision, Direction, NewPendingOrder, NewStrategy, PendingGtt, Platform,
    Schedule, StrategyPlan, StrategySymbol,
};
use openalgo::core::value::{Money, Quantity};
use openalgo::crypto::{MasterKey, SystemRandom};
use openalgo::store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use openalgo_core::testing::sample::{price, zerodha};
use secrecy::SecretString;
use std::fmt::Write;
use std::sync::Arc;

/// Requests of the day, and as many latencies.
const REQUESTS: u32 = 375;

/// Whose rows they are, and about what.
pub(super) struct Owner {
    pub(super) user: UserId,
    pub(super) instrument: InstrumentKey,
}

/// Plants one row or more in every table that no service writes to.
pub(super) async fn plant(
    (world, master): (&World, &MasterKey),
    owner: &Owner,
    canaries: &mut Canaries,
) {
    let options = StoreOptions {
        keys: Keys::of(master, Arc::new(SystemRandom)),
        clock: Arc::clone(&world.clock) as _,
        mode: OpenMode::Existing,
        anchor: AnchorRule::Hold,
    };
    let store = Store::open(&world.data().join("main.db"), options).unwrap();
    plant_logins(&store, owner, canaries).await;
    plant_token(&store, owner, canaries).await;
    plant_strategy(&store, owner, canaries).await;
    plant_pending(&store, owner, canaries).await;
    plant_gtt(&store, owner, canaries).await;
    plant_watchlist(&store, owner, canaries).await;
    plant_bot(&store, owner, canaries).await;
    plant_requests(&store, owner, canaries).await;
    store.close().await;
}

async fn plant_logins(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let connection = BrokerConnection {
        user: owner.user,
        broker: zerodha(),
        client_id: Some(canaries.text("the client id at a broker", "client")),
        user_broker_id: Some(canaries.text("the broker's id of the user", "broker-user")),
        credentials: BrokerCredentials {
            api_key: Some(canaries.secret("the key of a broker's application", "app-key")),
            api_secret: Some(canaries.secret("the secret of a broker's application", "app-secret")),
        },
        tokens: BrokerTokens {
            auth: Some(canaries.secret("a broker's access token", "auth")),
            refresh: Some(canaries.secret("a broker's refresh token", "refresh")),
            feed: Some(canaries.secret("a broker's feed token", "feed")),
        },
        is_revoked: false,
        expires_at: None,
    };
    let connections = store.broker_connections();
    connections.upsert(&connection).await.unwrap();
    let session = NewSession {
        token_id: "token-of-the-session".parse().unwrap(),
        user: owner.user,
        broker: Some(zerodha()),
        token: canaries.secret("the token of a session", "session"),
        feed_token: Some(canaries.secret("the feed token of a session", "session-feed")),
        device: Some(canaries.text("a device", "device")),
        expires_at: store.now().plus(Duration::days(1)),
    };
    store.sessions().insert(&session).await.unwrap();
    let bot = TelegramConfig {
        user: owner.user,
        chat_id: Some(canaries.text("a chat", "chat")),
        bot_token: Some(canaries.secret("the token of a bot", "bot")),
        is_active: true,
        send_order_updates: true,
        send_position_updates: true,
        send_daily_summary: true,
    };
    store.telegram().upsert(&bot).await.unwrap();
}

async fn plant_token(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes).unwrap();
    let mut digits = String::with_capacity(64);
    for byte in bytes {
        write!(digits, "{byte:02x}").unwrap();
    }
    canaries.add_hex("a named API key", &digits);
    let token = NewApiToken {
        user: owner.user,
        name: canaries
            .text("the name of an API key", "n")
            .parse()
            .unwrap(),
        key_hash: PasswordHash::new("$argon2id$fake"),
        key: SecretString::from(digits),
        scopes: ApiScopes::try_new([ApiScope::Read]).unwrap(),
        expires_at: None,
    };
    store.api_tokens().insert(&token).await.unwrap();
}

async fn plant_strategy(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let strategy = NewStrategy {
        user: owner.user,
        webhook_id: canaries.text("a webhook", "hook").parse().unwrap(),
        plan: StrategyPlan {
            name: canaries
                .text("a webhook strategy", "alerts")
                .parse()
                .unwrap(),
            description: Some(canaries.text("what a strategy does", "it")),
            platform: Platform::TradingView,
            direction: Direction::Long,
            schedule: Schedule::Positional,
        },
        is_active: true,
        symbols: vec![StrategySymbol {
            instrument: owner.instrument.clone(),
            quantity: Quantity::ONE,
            product: Product::Nrml,
        }],
    };
    store.strategies().insert(&strategy).await.unwrap();
}

async fn plant_pending(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let id = canaries.text("the id of an order that waits for approval", "w");
    let below = GttLeg::new(TriggerSide::Below, price("95"), None);
    let trigger = canaries.text("the id of a GTT that waits for approval", "g");
    let pending = NewPendingOrder {
        user: owner.user,
        broker: zerodha(),
        mode: TradingMode::Live,
        order: NewOrder {
            client_order_id: Some(id.parse().unwrap()),
            ..NewOrder::market(owner.instrument.clone(), Side::Buy, Quantity::ONE)
        },
        position_size: None,
        gtt: Some(PendingGtt {
            legs: GttLegs::try_new(vec![below]).unwrap(),
            trigger_id: Some(trigger.parse().unwrap()),
            expires_at: None,
        }),
        basket: Some(BasketPlace {
            basket: canaries.text("a basket", "b").parse().unwrap(),
            row: 0,
        }),
        request: None,
        last_price: None,
        expires_at: None,
    };
    let orders = store.pending_orders();
    let kept = orders.insert(&[pending]).await.unwrap();
    let reason = canaries.text("why an order was refused", "no");
    let reason = Some(reason.parse().unwrap());
    let refused = Decision::Reject { reason };
    let entry = AuditEntry {
        by: Author {
            user: Some(owner.user),
            surface: Surface::Cli,
        },
        action: AuditAction::PendingReject,
        object: format!("pending order {}", kept[0].id),
        detail: None,
        at: store.now(),
    };
    let decided = orders.decide(kept[0].id, &refused, &entry).await;
    assert!(decided.unwrap());
}

async fn plant_gtt(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let now = store.now();
    let leg = GttLeg::new(TriggerSide::Below, price("100"), None);
    let gtt = Gtt {
        id: GttId::new(0),
        user: owner.user,
        broker: zerodha(),
        trigger_id: canaries.text("the id of a GTT", "g").parse().unwrap(),
        mode: TradingMode::Live,
        keeper: GttKeeper::Local,
        instrument: owner.instrument.clone(),
        side: Side::Sell,
        quantity: Quantity::ONE,
        product: GttProduct::Nrml,
        legs: GttLegs::try_new(vec![leg]).unwrap(),
        status: GttStatus::Active,
        message: Some(canaries.text("what is said of a GTT", "gm")),
        strategy: Some(canaries.text("the strategy of a GTT", "gs")),
        last_price: None,
        margin: Money::ZERO,
        expires_at: now.plus(Duration::days(365)),
        created_at: now,
        updated_at: now,
    };
    store.gtt_orders().insert(&gtt).await.unwrap();
}

async fn plant_watchlist(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let name = canaries.text("a watchlist", "list").parse().unwrap();
    let lists = store.watchlists();
    let list = lists.insert(owner.user, &name).await.unwrap();
    let items = WatchlistItems::try_new(vec![owner.instrument.clone()]).unwrap();
    lists.set_items(list.id, &items).await.unwrap();
}

async fn plant_bot(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let bot = BotKey {
        user: owner.user,
        bot: "canary".parse().unwrap(),
    };
    let kept = canaries.text("what a bot keeps", "kept-by-bot");
    let kept = [("thought".to_owned(), Some(kept))].into();
    store.bot_states().save(&bot, &kept).await.unwrap();
}

async fn plant_requests(store: &Store, owner: &Owner, canaries: &mut Canaries) {
    let log = NewOrderLog {
        user: Some(owner.user),
        endpoint: "placeorder".into(),
        method: "POST".into(),
        request: Some(canaries.text("a logged request", "q")),
        response: Some(canaries.text("a logged answer", "p")),
        status_code: Some(200),
        latency: None,
        ip_address: Some(canaries.text("the address of a caller", "ip")),
        user_agent: Some(canaries.text("the program of a caller", "agent")),
    };
    let order = canaries.text("an order whose latency was measured", "l");
    let mut metric = LatencyMetric {
        user: Some(owner.user),
        broker: zerodha(),
        order_id: Some(order),
        operation: Operation::Place,
        latency: std::time::Duration::from_millis(5),
        split: None,
        created_at: store.now(),
    };
    for _ in 0..REQUESTS {
        store.order_logs().insert(&log).await.unwrap();
        store.latency_metrics().insert(&metric).await.unwrap();
        metric.created_at = metric.created_at.plus(Duration::minutes(1));
    }
}
