//! The suite of [`WatchlistRepository`](crate::port::WatchlistRepository).

use super::Repositories;
use super::given::{is_duplicate, is_missing, nobody, share, user};
use crate::account::{Watchlist, WatchlistItems};
use crate::id::{UserId, WatchlistId, WatchlistName};

/// Runs the suite of watchlists; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! watchlist_contract {
    ($run:path) => {
        $crate::contract_cases! { watchlists on $run:
            a_new_list_is_empty_and_comes_last,
            a_list_keeps_its_instruments_in_order,
            a_name_is_taken_once_by_a_user,
            lists_are_arranged,
            a_removed_list_is_gone_with_what_was_on_it,
            a_list_that_is_not_there_is_named,
        }
    };
}

const UNKNOWN: WatchlistId = WatchlistId::new(99);

fn name(text: &str) -> WatchlistName {
    text.parse().unwrap()
}

async fn made(store: &Repositories, user: UserId, text: &str) -> Watchlist {
    store.watchlists.insert(user, &name(text)).await.unwrap()
}

async fn names(store: &Repositories, user: UserId) -> Vec<String> {
    let lists = store.watchlists.list(user).await.unwrap();
    lists.iter().map(|list| list.name.to_string()).collect()
}

fn items(symbols: &[&str]) -> WatchlistItems {
    WatchlistItems::try_new(symbols.iter().map(|it| share(it)).collect()).unwrap()
}

/// Lists stand in the order in which they were made, each user's apart.
pub async fn a_new_list_is_empty_and_comes_last(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    let list = made(store, one, "mornings").await;
    made(store, other, "mornings").await;
    made(store, one, "अ list").await;
    assert_eq!(list.items, WatchlistItems::default());
    assert_eq!(names(store, one).await, ["mornings", "अ list"]);
    let listed = store.watchlists.list(one).await.unwrap();
    assert_eq!(listed.first(), Some(&list));
}

/// Instruments come back in their order, and what is set next takes their place.
pub async fn a_list_keeps_its_instruments_in_order(store: &Repositories) {
    let user = user(store, "owner").await;
    let list = made(store, user, "mornings").await;
    let other = made(store, user, "evenings").await;
    for symbols in [&["TCS", "INFY", "RELIANCE"][..], &["RELIANCE", "TCS"], &[]] {
        let set = store.watchlists.set_items(list.id, &items(symbols)).await;
        set.unwrap();
        let listed = store.watchlists.list(user).await.unwrap();
        let expected = Watchlist {
            items: items(symbols),
            ..list.clone()
        };
        assert_eq!(listed, [expected, other.clone()]);
    }
}

/// Neither a new list nor another name for one may take a name that is in use.
pub async fn a_name_is_taken_once_by_a_user(store: &Repositories) {
    let user = user(store, "owner").await;
    let list = made(store, user, "mornings").await;
    let again = store.watchlists.insert(user, &name("mornings")).await;
    assert!(is_duplicate(&again));
    made(store, user, "evenings").await;
    let taken = store.watchlists.rename(list.id, &name("evenings")).await;
    assert!(is_duplicate(&taken));
    let renamed = store.watchlists.rename(list.id, &name("nights")).await;
    renamed.unwrap();
    assert_eq!(names(store, user).await, ["nights", "evenings"]);
}

/// Those that are named come first; the others follow as they were.
pub async fn lists_are_arranged(store: &Repositories) {
    let user = user(store, "owner").await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(made(store, user, name).await.id);
    }
    let [_, b, _, d] = ids[..] else {
        panic!("{ids:?}");
    };
    store.watchlists.arrange(user, &[d, b]).await.unwrap();
    assert_eq!(names(store, user).await, ["d", "b", "a", "c"]);
    made(store, user, "e").await;
    assert_eq!(names(store, user).await, ["d", "b", "a", "c", "e"]);
    let refused = store.watchlists.arrange(user, &[b, UNKNOWN]).await;
    assert!(is_missing(&refused));
    assert_eq!(names(store, user).await, ["d", "b", "a", "c", "e"]);
}

/// Its name is free again, and a new list of that name is empty.
pub async fn a_removed_list_is_gone_with_what_was_on_it(store: &Repositories) {
    let user = user(store, "owner").await;
    let list = made(store, user, "mornings").await;
    let set = store.watchlists.set_items(list.id, &items(&["TCS"])).await;
    set.unwrap();
    store.watchlists.delete(list.id).await.unwrap();
    assert_eq!(store.watchlists.list(user).await.unwrap(), []);
    made(store, user, "mornings").await;
    let listed = store.watchlists.list(user).await.unwrap();
    assert!(
        listed
            .iter()
            .all(|it| it.items == WatchlistItems::default())
    );
}

/// Nothing is made by changing what is not there, nor for a user who is not there.
pub async fn a_list_that_is_not_there_is_named(store: &Repositories) {
    let renamed = store.watchlists.rename(UNKNOWN, &name("a")).await;
    assert!(is_missing(&renamed));
    let set = store.watchlists.set_items(UNKNOWN, &items(&[])).await;
    assert!(is_missing(&set));
    assert!(is_missing(&store.watchlists.delete(UNKNOWN).await));
    let made = store.watchlists.insert(nobody(), &name("a")).await;
    assert!(is_missing(&made));
}
