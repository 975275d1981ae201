//! The suite of [`LatencyMetricRepository`](crate::port::LatencyMetricRepository).

use super::Repositories;
use super::given::{broker, is_missing, nobody, user};
use crate::monitor::{LatencyMetric, LatencySplit, Operation};
use crate::port::Clock;
use std::time::Duration;

/// Runs the suite of latencies; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! latency_metric_contract {
    ($run:path) => {
        $crate::contract_cases! { latency_metrics on $run:
            a_measurement_is_listed_as_kept,
            the_parts_of_a_measurement_are_kept_to_the_microsecond,
            the_newest_measurements_come_first_and_no_more_than_asked,
            a_list_holds_the_measurements_of_the_user_who_is_asked_for,
            a_measurement_of_nobody_known_is_refused,
        }
    };
}

fn metric(store: &Repositories, millis: u64) -> LatencyMetric {
    LatencyMetric {
        user: None,
        broker: broker(),
        order_id: None,
        operation: Operation::Place,
        latency: Duration::from_millis(millis),
        split: None,
        created_at: store.clock.now(),
    }
}

/// Every field comes back; what is finer than a millisecond does not.
pub async fn a_measurement_is_listed_as_kept(store: &Repositories) {
    let user = user(store, "owner").await;
    let measured = Operation::ALL.iter().map(|operation| LatencyMetric {
        user: Some(user),
        order_id: Some("Z1".into()),
        operation: *operation,
        ..metric(store, 7)
    });
    for expected in measured {
        let finer = LatencyMetric {
            latency: Duration::from_micros(7_900),
            ..expected.clone()
        };
        store.latency_metrics.insert(&finer).await.unwrap();
        let newest = store.latency_metrics.list(None, None, 1).await.unwrap();
        assert_eq!(newest, [expected]);
    }
    let bare = metric(store, 0);
    store.latency_metrics.insert(&bare).await.unwrap();
    let newest = store.latency_metrics.list(None, None, 1).await.unwrap();
    assert_eq!(newest, [bare]);
}

/// Parts are finer than the whole: what this program takes by itself is less than a millisecond.
pub async fn the_parts_of_a_measurement_are_kept_to_the_microsecond(store: &Repositories) {
    let split = LatencySplit {
        queue: Duration::from_nanos(1_999),
        own: Duration::from_micros(250),
        broker: Duration::from_secs(15),
    };
    let measured = LatencyMetric {
        split: Some(split),
        ..metric(store, 15_000)
    };
    store.latency_metrics.insert(&measured).await.unwrap();
    let kept = store.latency_metrics.list(None, None, 1).await.unwrap();
    let expected = LatencySplit {
        queue: Duration::from_micros(1),
        ..split
    };
    assert_eq!(kept.first().and_then(|it| it.split), Some(expected));
}

/// A limit cuts off what is old; a broker's list holds that broker's alone.
pub async fn the_newest_measurements_come_first_and_no_more_than_asked(store: &Repositories) {
    let (one, two, three) = (metric(store, 1), metric(store, 2), metric(store, 3));
    let elsewhere = LatencyMetric {
        broker: "angel".parse().unwrap(),
        ..metric(store, 4)
    };
    for kept in [&one, &elsewhere, &two, &three] {
        store.latency_metrics.insert(kept).await.unwrap();
    }
    let metrics = &store.latency_metrics;
    let of_one = metrics.list(None, Some(broker()), 2).await.unwrap();
    assert_eq!(of_one, [three.clone(), two.clone()]);
    let of_all = metrics.list(None, None, 10).await.unwrap();
    assert_eq!(of_all, [three, two, elsewhere, one]);
}

/// What belongs to another user, or to nobody, takes no place in a user's list.
pub async fn a_list_holds_the_measurements_of_the_user_who_is_asked_for(store: &Repositories) {
    let (owner, guest) = (user(store, "owner").await, user(store, "guest").await);
    let measured = [Some(owner), Some(guest), None].map(|user| LatencyMetric {
        user,
        ..metric(store, 1)
    });
    for kept in &measured {
        store.latency_metrics.insert(kept).await.unwrap();
    }
    let [of_owner, of_guest, _] = measured;
    for (user, kept) in [(owner, of_owner), (guest, of_guest)] {
        for broker in [None, Some(broker())] {
            let listed = store.latency_metrics.list(Some(user), broker, 1).await;
            assert_eq!(listed.unwrap(), std::slice::from_ref(&kept));
        }
    }
}

/// A measurement is somebody's or nobody's, never that of a user who is not there.
pub async fn a_measurement_of_nobody_known_is_refused(store: &Repositories) {
    let stray = LatencyMetric {
        user: Some(nobody()),
        ..metric(store, 1)
    };
    let refused = store.latency_metrics.insert(&stray).await;
    assert!(is_missing(&refused), "{refused:?}");
}
