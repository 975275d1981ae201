//! Users, where it matters that one writer decides.

use crate::support::{Place, user};

#[tokio::test]
async fn one_of_those_who_ask_at_once_is_the_admin() {
    let place = Place::new();
    let store = place.create();
    let (one, two) = tokio::join!(user(&store, "one"), user(&store, "two"));
    assert_ne!(one.is_admin, two.is_admin);
    let later = user(&store, "later").await;
    assert!(!later.is_admin);
    let users = store.users();
    for inserted in [&one, &two, &later] {
        let stored = users.get(inserted.id).await.unwrap();
        assert_eq!(stored.is_admin, inserted.is_admin);
    }
    let owner = if one.is_admin { one } else { two };
    assert_eq!(users.owner().await.unwrap().unwrap().id, owner.id);
}

#[tokio::test]
async fn a_one_time_code_is_used_by_one_of_two() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    let id = user(&store, "owner").await.id;
    let (one, two) = tokio::join!(users.use_totp_step(id, 7), users.use_totp_step(id, 7));
    assert_ne!(one.unwrap(), two.unwrap());
}
