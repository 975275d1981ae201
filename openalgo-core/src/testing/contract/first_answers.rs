//! The suite of [`IdempotencyRepository`](crate::port::IdempotencyRepository).

use super::Repositories;
use super::given::{is_duplicate, is_missing, nobody, user};
use crate::id::UserId;
use crate::monitor::{BodyHash, FirstAnswer, IdempotencyKey, REMEMBERED};
use crate::port::Clock;

/// Runs the suite of remembered answers; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! first_answer_contract {
    ($run:path) => {
        $crate::contract_cases! { first_answers on $run:
            an_answer_is_remembered_for_seven_days,
            a_key_is_of_one_user_and_one_operation,
            the_first_answer_stands,
            a_forgotten_key_may_be_used_again,
            what_is_forgotten_is_removed,
            only_somebody_is_answered,
        }
    };
}

fn answer(store: &Repositories, user: UserId, (operation, id): (&str, &str)) -> FirstAnswer {
    FirstAnswer {
        key: IdempotencyKey {
            user,
            operation: operation.parse().unwrap(),
            id: id.parse().unwrap(),
        },
        body: BodyHash::new([0xa7; 32]),
        answer: r#"{"status":"success"}"#.into(),
        at: store.clock.now(),
    }
}

async fn found(store: &Repositories, key: &IdempotencyKey) -> Option<FirstAnswer> {
    let now = store.clock.now();
    store.first_answers.find(key, now).await.unwrap()
}

/// It comes back as it was given until seven days are over.
pub async fn an_answer_is_remembered_for_seven_days(store: &Repositories) {
    let user = user(store, "owner").await;
    let given = answer(store, user, ("cancelorder", "a-1"));
    assert_eq!(found(store, &given.key).await, None);
    store.first_answers.remember(&given).await.unwrap();
    let last = chrono::Duration::microseconds(1);
    let almost = REMEMBERED.checked_sub(&last).unwrap();
    store.clock.advance(almost);
    assert_eq!(found(store, &given.key).await, Some(given.clone()));
    store.clock.advance(last);
    assert_eq!(found(store, &given.key).await, None);
}

/// The same id of another user, or for something else, is another request.
pub async fn a_key_is_of_one_user_and_one_operation(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    let given = answer(store, one, ("cancelorder", "a-1"));
    store.first_answers.remember(&given).await.unwrap();
    for different in [
        answer(store, other, ("cancelorder", "a-1")),
        answer(store, one, ("modifyorder", "a-1")),
        answer(store, one, ("cancelorder", "a-2")),
    ] {
        assert_eq!(found(store, &different.key).await, None);
        store.first_answers.remember(&different).await.unwrap();
    }
    assert_eq!(found(store, &given.key).await, Some(given));
}

/// A second answer under the same key is refused.
pub async fn the_first_answer_stands(store: &Repositories) {
    let user = user(store, "owner").await;
    let first = answer(store, user, ("cancelorder", "a-1"));
    store.first_answers.remember(&first).await.unwrap();
    let second = FirstAnswer {
        body: BodyHash::new([1; 32]),
        ..first.clone()
    };
    assert!(is_duplicate(&store.first_answers.remember(&second).await));
    assert_eq!(found(store, &first.key).await, Some(first));
}

/// After seven days the same id begins anew, whether or not anybody cleaned up.
pub async fn a_forgotten_key_may_be_used_again(store: &Repositories) {
    let user = user(store, "owner").await;
    let first = answer(store, user, ("cancelorder", "a-1"));
    store.first_answers.remember(&first).await.unwrap();
    store.clock.advance(REMEMBERED);
    let second = answer(store, user, ("cancelorder", "a-1"));
    store.first_answers.remember(&second).await.unwrap();
    assert_eq!(found(store, &second.key).await, Some(second));
}

/// Cleaning up takes the old and leaves the young.
pub async fn what_is_forgotten_is_removed(store: &Repositories) {
    let user = user(store, "owner").await;
    let old = answer(store, user, ("cancelorder", "a-1"));
    store.first_answers.remember(&old).await.unwrap();
    store.clock.advance(REMEMBERED);
    let young = answer(store, user, ("cancelorder", "a-2"));
    store.first_answers.remember(&young).await.unwrap();
    let now = store.clock.now();
    assert_eq!(store.first_answers.purge(now).await.unwrap(), 1);
    assert_eq!(store.first_answers.purge(now).await.unwrap(), 0);
    assert_eq!(found(store, &young.key).await, Some(young));
}

/// A user who is not there got no answer.
pub async fn only_somebody_is_answered(store: &Repositories) {
    let given = answer(store, nobody(), ("cancelorder", "a-1"));
    assert!(is_missing(&store.first_answers.remember(&given).await));
}
