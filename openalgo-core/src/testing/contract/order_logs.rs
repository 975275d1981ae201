//! The suite of [`OrderLogRepository`](crate::port::OrderLogRepository).

use super::Repositories;
use super::given::{is_missing, nobody, user};
use crate::id::UserId;
use crate::monitor::NewOrderLog;
use crate::port::OrderLogQuery;
use std::time::Duration;

/// Runs the suite of the log of requests; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! order_log_contract {
    ($run:path) => {
        $crate::contract_cases! { order_logs on $run:
            a_request_is_listed_as_kept,
            the_newest_requests_come_first_and_no_more_than_asked,
            requests_are_listed_by_user,
            those_that_failed_are_found_behind_others,
            a_request_of_nobody_known_is_refused,
        }
    };
}

/// A request of which only what must be known is known.
fn bare(user: Option<UserId>, endpoint: &str) -> NewOrderLog {
    NewOrderLog {
        user,
        endpoint: endpoint.into(),
        method: "POST".into(),
        request: None,
        response: None,
        status_code: None,
        latency: None,
        ip_address: None,
        user_agent: None,
    }
}

async fn kept(store: &Repositories, user: Option<UserId>, endpoint: &str) {
    let log = bare(user, endpoint);
    store.order_logs.insert(&log).await.unwrap();
}

async fn endpoints(store: &Repositories, user: Option<UserId>, limit: u32) -> Vec<String> {
    let query = OrderLogQuery {
        user,
        failed: false,
        limit,
    };
    let logs = store.order_logs.list(&query).await.unwrap();
    logs.into_iter().map(|log| log.entry.endpoint).collect()
}

/// Every field comes back, those that are absent as absent.
pub async fn a_request_is_listed_as_kept(store: &Repositories) {
    let user = user(store, "owner").await;
    let full = NewOrderLog {
        request: Some(r#"{"symbol":"INFY"}"#.into()),
        response: Some(r#"{"status":"success"}"#.into()),
        status_code: Some(200),
        latency: Some(Duration::from_millis(12)),
        ip_address: Some("127.0.0.1".into()),
        user_agent: Some("curl".into()),
        ..bare(Some(user), "placeorder")
    };
    store.order_logs.insert(&full).await.unwrap();
    store.order_logs.insert(&bare(None, "ping")).await.unwrap();
    let query = OrderLogQuery {
        user: None,
        failed: false,
        limit: 10,
    };
    let logs = store.order_logs.list(&query).await.unwrap();
    let entries: Vec<_> = logs.into_iter().map(|log| log.entry).collect();
    assert_eq!(entries, [bare(None, "ping"), full]);
}

/// A limit cuts off what is old, never what is new.
pub async fn the_newest_requests_come_first_and_no_more_than_asked(store: &Repositories) {
    for endpoint in ["one", "two", "three"] {
        kept(store, None, endpoint).await;
    }
    assert_eq!(endpoints(store, None, 2).await, ["three", "two"]);
    assert_eq!(endpoints(store, None, 0).await, [""; 0]);
    assert_eq!(endpoints(store, None, u32::MAX).await.len(), 3);
}

/// The list of one user holds that user's requests, that of everybody all.
pub async fn requests_are_listed_by_user(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    kept(store, Some(owner), "one").await;
    kept(store, Some(other), "two").await;
    kept(store, None, "three").await;
    assert_eq!(endpoints(store, Some(owner), 10).await, ["one"]);
    assert_eq!(endpoints(store, None, 10).await, ["three", "two", "one"]);
}

/// The limit counts what is asked for, not what is looked at. What is no JSON has not failed.
pub async fn those_that_failed_are_found_behind_others(store: &Repositories) {
    let owner = user(store, "owner").await;
    let answers = [
        ("first", Some(r#"{"status":"error","message":"no"}"#)),
        (
            "second",
            Some(r#"{"error":{"code":"no"},"status":"error"}"#),
        ),
        (
            "done",
            Some(r#"{"status":"success","data":[{"status":"error"}]}"#),
        ),
        ("many", Some(r#"[{"status":"error"}]"#)),
        ("text", Some("error")),
        ("cut", Some(r#"{"status":"error""#)),
        ("none", None),
    ];
    for (endpoint, answer) in answers {
        let log = NewOrderLog {
            response: answer.map(str::to_owned),
            ..bare(Some(owner), endpoint)
        };
        store.order_logs.insert(&log).await.unwrap();
    }
    for (user, limit, expected) in [
        (Some(owner), 10, &["second", "first"][..]),
        (None, 1, &["second"]),
        (Some(nobody()), 10, &[]),
    ] {
        let failed = true;
        let query = OrderLogQuery {
            user,
            failed,
            limit,
        };
        let logs = store.order_logs.list(&query).await.unwrap().into_iter();
        let endpoints: Vec<_> = logs.map(|log| log.entry.endpoint).collect();
        assert_eq!(endpoints, expected, "{query:?}");
    }
}

/// A request is somebody's or nobody's, never that of a user who is not there.
pub async fn a_request_of_nobody_known_is_refused(store: &Repositories) {
    let log = bare(Some(nobody()), "ping");
    let refused = store.order_logs.insert(&log).await;
    assert!(is_missing(&refused), "{refused:?}");
}
