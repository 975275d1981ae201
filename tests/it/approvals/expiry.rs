//! Orders that nobody decides on in time.

use super::{Desk, order};
use openalgo::core::account::SettingKey;
use openalgo::core::order::Side;
use openalgo::core::strategy::{Approval, ApprovalStatus};
use openalgo::engine::event::{Event, Next};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn an_order_lapses_by_itself() {
    let desk = Desk::new().await;
    let settings = desk.engine.settings();
    settings
        .set(SettingKey::ApprovalExpiry, "15")
        .await
        .unwrap();
    let early = desk.queue(order(Side::Buy, 1)).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    let late = desk.queue(order(Side::Buy, 1)).await;
    let mut events = desk.engine.subscribe();
    let told = loop {
        match events.next().await {
            Next::Event(Event::PendingOrderDecided(told)) => break told,
            Next::Event(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((told.id, told.approval), (early.id, Approval::Expired));
    assert_eq!(
        desk.refusal(early.id).await,
        format!("pending order {} has lapsed", early.id)
    );
    desk.approve(late.id).await.unwrap();
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// Unless it is said otherwise, none outlives its session.
#[tokio::test(start_paused = true)]
async fn an_order_lapses_with_its_session_even_while_nobody_runs() {
    let desk = Desk::new().await;
    let pending = desk.queue(order(Side::Buy, 1)).await;
    let lapses = pending.asked.expires_at.unwrap();
    assert_eq!(lapses.to_ist().format("%H:%M").to_string(), "03:00");
    desk.engine.stop().await;
    let span = lapses.since(desk.place.ports().clock.now());
    tokio::time::sleep(span.to_std().unwrap()).await;
    let engine = desk.place.start().await;
    // Whoever looks later finds it marked, and nothing else happens to it.
    let expired = Some(ApprovalStatus::Expired);
    let listed = engine.approvals().list(desk.user(), expired).await.unwrap();
    assert!(matches!(listed.as_slice(), [only] if only.pending.id == pending.id));
    let desk = Desk { engine, ..desk };
    assert_eq!(
        desk.refusal(pending.id).await,
        format!("pending order {} has lapsed", pending.id)
    );
    assert_eq!(desk.broker.count(), 0);
    desk.engine.stop().await;
}
