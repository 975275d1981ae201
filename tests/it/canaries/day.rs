//! A day's worth of data, with a canary in everything that somebody gives the program or gets from
//! it.
//!
//! To add a canary: plant `canaries.text(…)`, or `canaries.add(…)` what the program made, through
//! the front door that it has, here; through the store, in `rows`, if it has none yet. Nothing else
//! is to be done: whatever is planted is looked for everywhere.

use super::planted::Canaries;
use super::rows::{self, Owner};
use crate::login::{address, code};
use crate::world::World;
use chrono::Duration;
use openalgo::core::account::User;
use openalgo::core::id::UserId;
use openalgo::core::market::{Exchange, InstrumentKey};
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, OrderKind, Product, Side};
use openalgo::crypto::MasterKey;
use openalgo::engine::service::LoginRequest;
use openalgo::{KeySource, OpenAlgo};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::fmt::Debug;
use std::fs;

/// From the morning of the world back to before the market opens.
const BEFORE_OPENING: Duration = Duration::minutes(-90);
/// Minutes from 09:00 to the opening at 09:15.
const TO_OPENING: i64 = 15;
/// Minutes from the opening at 09:15 to the close at 15:30.
pub(super) const SESSION: usize = 375;

pub(super) const PASSPHRASE: &str = "the passphrase of the folder";

/// Makes a folder with everything in it and trades for a whole day; it is open afterwards.
pub(super) async fn live_through(world: &World, canaries: &mut Canaries) -> OpenAlgo {
    world.clock.advance(BEFORE_OPENING);
    let app = world.open().await;
    let instrument = contract(&app).await;
    canaries.add("the symbol", instrument.symbol.as_str());
    let user = plant_people(&app, canaries).await;
    app.close().await;
    let owner = Owner {
        user: user.id,
        instrument,
    };
    let master = plant_keys(world, canaries).await;
    rows::plant((world, &master), &owner, canaries).await;
    drop(master);
    lock_with_passphrase(world, canaries).await;
    let app = open(world, canaries).await;
    plant_logins(world, &app, &user, canaries).await;
    plant_halt(&app, user.id, canaries).await;
    world.clock.advance(Duration::minutes(TO_OPENING));
    Box::pin(trade(world, &app, &owner, canaries)).await;
    app
}

/// Opens the folder as it is after the keys were planted, where other processes reach it.
pub(super) async fn open(world: &World, canaries: &Canaries) -> OpenAlgo {
    let passphrase = canaries.find(PASSPHRASE);
    let builder = world.builder().reachable();
    let builder = builder.key_source(KeySource::Passphrase(passphrase));
    builder.open().await.unwrap()
}

/// Says everything that an error says to where nothing secret may be said.
pub(super) fn refused<T: Debug, E: Error>(outcome: Result<T, E>) {
    let error = outcome.unwrap_err();
    tracing::error!(%error, ?error, "refused, as it should be");
}

/// A symbol that is made at run time: those of shares are constants of the program.
async fn contract(app: &OpenAlgo) -> InstrumentKey {
    let instruments = app.market().instruments().await;
    instruments.search("NIFTY CE", Some(Exchange::Nfo), 1)[0]
        .key
        .clone()
}

async fn plant_people(app: &OpenAlgo, canaries: &mut Canaries) -> User {
    let name = canaries.text("the user name", "u").parse().unwrap();
    let email = canaries.text("the e-mail address", "e") + "@example.com";
    let password = canaries.secret("the first password", "P@ssword");
    let weak = canaries.secret("a password that is too weak", "weak");
    let users = app.users();
    let user = users.create(name, email.parse().unwrap(), &password);
    let user = user.await.unwrap();
    refused(users.set_password(user.id, &weak, None).await);
    let password = canaries.secret("the password", "P@ssword");
    users.set_password(user.id, &password, None).await.unwrap();
    for which in ["an API key that was replaced", "the API key"] {
        let key = users.create_api_key(user.id).await.unwrap();
        canaries.add_hex(which, key.expose_secret());
    }
    user
}

/// Makes a recovery key, and gives the master key.
async fn plant_keys(world: &World, canaries: &mut Canaries) -> MasterKey {
    let digits = SecretString::from(fs::read_to_string(world.key()).unwrap().trim());
    canaries.add_hex("the master key", digits.expose_secret());
    let master = MasterKey::from_hex(&digits).unwrap();
    let database = master.database_key().to_hex();
    canaries.add_hex("the database key", database.expose_secret());
    let files = world.builder().open_folder().await.unwrap();
    let recovery = files.make_recovery_key().await.unwrap();
    canaries.add_recovery("the recovery key", &recovery);
    let mistyped = recovery.expose_secret().replacen(' ', "Z ", 1);
    let with = KeySource::Recovery(mistyped.into());
    refused(world.builder().key_source(with).open_folder().await);
    let with = canaries.secret("what is no recovery key", "recovery");
    let with = KeySource::Recovery(with);
    refused(world.builder().key_source(with).open_folder().await);
    master
}

async fn lock_with_passphrase(world: &World, canaries: &mut Canaries) {
    let mut change = world.builder();
    for which in ["a passphrase that was changed", PASSPHRASE] {
        let files = change.open_folder().await.unwrap();
        let passphrase = KeySource::Passphrase(canaries.secret(which, "green boats"));
        files.move_key(passphrase.clone()).await.unwrap();
        change = world.builder().key_source(passphrase);
    }
    let wrong = KeySource::Passphrase(canaries.secret("a mistyped passphrase", "green boots"));
    refused(world.builder().key_source(wrong).open_folder().await);
}

async fn plant_logins(world: &World, app: &OpenAlgo, user: &User, canaries: &mut Canaries) {
    let (logins, factor) = (app.logins(), app.second_factor());
    let request = |password: SecretString| LoginRequest {
        username: user.username.clone(),
        password,
        code: None,
        device: None,
        from: address("203.0.113.7"),
        earlier: None,
    };
    let wrong = canaries.secret("a mistyped password", "P@ssword");
    refused(logins.login(request(wrong)).await);
    let stranger = canaries.text("the name of nobody", "nobody");
    let unknown = LoginRequest {
        username: stranger.parse().unwrap(),
        ..request(canaries.find("the password"))
    };
    refused(logins.login(unknown).await);

    let begun = factor.begin(user).unwrap();
    canaries.add_totp("an authenticator that was not enrolled", &begun.secret);
    let none = SecretString::from("000000");
    refused(factor.enrol(user.id, &begun.secret, &none).await);
    let begun = factor.begin(user).unwrap();
    canaries.add_totp("the secret of the authenticator", &begun.secret);
    let shown = code(world, &begun.secret);
    factor.enrol(user.id, &begun.secret, &shown).await.unwrap();
    world.clock.advance(Duration::minutes(1));

    let with_code = LoginRequest {
        code: Some(code(world, &begun.secret)),
        device: Some(canaries.text("the device of a login", "laptop")),
        ..request(canaries.find("the password"))
    };
    let token = logins.login(with_code).await.unwrap().token;
    canaries.add_hex("the token of a login", token.expose_secret());
    canaries.add_hex(
        "the secret of a login's token",
        token.expose_secret().split_at(16).1,
    );
    logins.session(&token).await.unwrap();
    let forged = canaries.secret("a forged token", "token");
    refused(logins.session(&forged).await);
    world.clock.advance(Duration::minutes(-1));
}

async fn plant_halt(app: &OpenAlgo, user: UserId, canaries: &mut Canaries) {
    let by = Author {
        user: Some(user),
        surface: Surface::Embedded,
    };
    let reason = canaries
        .text("why trading was halted", "h")
        .parse()
        .unwrap();
    app.risk().halt(user, reason, by).await.unwrap();
    app.risk().resume(user, by).await.unwrap();
}

/// An order in every minute of the session, bought and sold in turn; in every tenth, one that rests.
async fn trade(world: &World, app: &OpenAlgo, owner: &Owner, canaries: &mut Canaries) {
    let strategy = canaries.text("the strategy of an order", "s");
    let ids = canaries.text("the id of an order", "o");
    let market = app.market();
    let instrument = market.instrument(&owner.instrument).await.unwrap();
    let order = |number: usize| NewOrder {
        product: Product::Nrml,
        strategy: Some(strategy.clone()),
        client_order_id: Some(format!("{ids}-{number}").parse().unwrap()),
        ..NewOrder::market(
            owner.instrument.clone(),
            if number.is_multiple_of(2) {
                Side::Buy
            } else {
                Side::Sell
            },
            instrument.lot_size,
        )
    };
    for minute in 0..SESSION {
        let mut order = order(minute);
        if minute.is_multiple_of(10) {
            let ltp = market.quote(&owner.instrument).await.unwrap().ltp;
            let price = instrument.tick.steps_from(ltp, -5).unwrap();
            order.kind = OrderKind::Limit { price };
        }
        app.orders().place(owner.user, order).await.unwrap();
        app.catch_up().await.unwrap();
        world.clock.advance(Duration::minutes(1));
    }
}
