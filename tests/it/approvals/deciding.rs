//! What a person decides, and what is checked then.

use super::{Desk, named, order, own, waiting};
use crate::exchange::name;
use crate::in_memory::traded;
use crate::risk::by;
use openalgo::core::account::{LimitName, SettingKey, SymbolRule};
use openalgo::core::id::PendingOrderId;
use openalgo::core::market::Exchange;
use openalgo::core::monitor::{AuditAction, Surface};
use openalgo::core::order::{NewOrder, OrderKind, OrderStatus, Product, Side, TradingMode};
use openalgo::core::port::UserRepository;
use openalgo::core::strategy::{Approval, ApprovalStatus};
use openalgo::core::value::NetQuantity;
use openalgo::engine::event::{Event, Next};
use openalgo::engine::service::{ApprovalError, ApproveError, SmartOrder, Stage};
use openalgo_core::testing::sample;

#[tokio::test(start_paused = true)]
async fn an_order_waits_and_is_placed_when_a_person_lets_it_go() {
    let desk = Desk::new().await;
    let mut events = desk.engine.subscribe();
    let pending = desk.queue(order(Side::Buy, 3)).await;
    let Next::Event(Event::PendingOrderQueued(told)) = events.next().await else {
        panic!("nobody was told");
    };
    assert_eq!(*told, pending);
    assert_eq!(pending.asked.broker, name());
    assert_eq!(pending.asked.mode, TradingMode::Live);
    let orders = desk.engine.orders();
    assert!(orders.list(desk.user(), 10).await.unwrap().is_empty());
    assert_eq!(desk.broker.count(), 0);

    let approved = desk.approve(pending.id).await.unwrap();
    let Next::Event(Event::PendingOrderDecided(told)) = events.next().await else {
        panic!("nobody was told");
    };
    assert!(matches!(told.approval, Approval::Approved { .. }));
    assert_eq!(*told, approved.pending);
    let id = approved.came_of.order().unwrap().public_id();
    let filled = orders.status(desk.user(), &id).await.unwrap().unwrap();
    assert_eq!(filled.status(), OrderStatus::Complete);
    assert_eq!(filled.intent.order.quantity.get(), 3);
    assert_eq!(desk.broker.count(), 1);

    let (status, stage) = desk.view(pending.id).await;
    assert_eq!(status, ApprovalStatus::Approved);
    assert!(matches!(stage, Stage::Placed(order) if order.public_id() == id));
    let record = desk.record().await;
    assert_eq!(record[0].action, AuditAction::PendingApprove);
    assert_eq!(record[0].by.user, Some(desk.user()));
    assert_eq!(record[0].by.surface, Surface::Embedded);
    assert_eq!(record[0].detail.as_deref(), Some("BUY 3 NSE:INFY"));
    desk.engine.stop().await;
}

/// Of two who decide at once, and of one who decides twice, the second is told what there is.
#[tokio::test(start_paused = true)]
async fn nothing_is_placed_twice() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let (one, other) = tokio::join!(desk.approve(id), desk.approve(id));
    let [placed, told] = if one.is_ok() {
        [one, other]
    } else {
        [other, one]
    };
    let order = placed.unwrap().came_of.order().unwrap().public_id();
    let expected = format!("pending order {id} was approved already (order {order})");
    assert_eq!(told.unwrap_err().to_string(), expected);
    assert_eq!(desk.refusal(id).await, expected);
    assert_eq!(desk.broker.count(), 1);
    assert_eq!(desk.actions().await, [AuditAction::PendingApprove]);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_rejected_order_is_never_placed() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let approvals = desk.engine.approvals();
    let owner = by(&desk.place.owner);
    let reason = Some("too large".parse().unwrap());
    let rejected = approvals.reject(desk.user(), id, (reason.clone(), owner));
    let rejected = rejected.await.unwrap();
    assert!(matches!(rejected.approval, Approval::Rejected { reason: it, .. } if it == reason));
    let expected = format!("pending order {id} was rejected already");
    assert_eq!(desk.refusal(id).await, expected);
    let again = approvals.reject(desk.user(), id, (None, owner)).await;
    assert_eq!(again.unwrap_err().to_string(), expected);
    assert_eq!(desk.broker.count(), 0);
    let record = desk.record().await;
    assert_eq!(record.len(), 1);
    assert_eq!(record[0].action, AuditAction::PendingReject);
    let detail = record[0].detail.as_deref();
    assert_eq!(detail, Some("BUY 1 NSE:INFY: too large"));
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn only_what_is_decided_can_be_removed() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let approvals = desk.engine.approvals();
    let owner = by(&desk.place.owner);
    let early = approvals.delete(desk.user(), id, owner).await;
    assert!(matches!(early, Err(ApprovalError::StillWaits(it)) if it == id));
    desk.approve(id).await.unwrap();
    approvals.delete(desk.user(), id, owner).await.unwrap();
    let gone = approvals.delete(desk.user(), id, owner).await;
    assert!(matches!(gone, Err(ApprovalError::NotFound(_))));
    let orders = desk.engine.orders().list(desk.user(), 10).await.unwrap();
    assert_eq!(orders.len(), 1);
    let actions = [AuditAction::PendingDelete, AuditAction::PendingApprove];
    assert_eq!(desk.actions().await, actions);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn nobody_decides_for_somebody_else() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let other = sample::new_user("other");
    let other = UserRepository::insert(&*desk.place.store, &other)
        .await
        .unwrap();
    let approvals = desk.engine.approvals();
    let approved = approvals.approve(other.id, id, by(&other)).await;
    let missing = ApproveError::Approval(ApprovalError::NotFound(id)).to_string();
    assert_eq!(approved.unwrap_err().to_string(), missing);
    let rejected = approvals.reject(other.id, id, (None, by(&other))).await;
    assert!(matches!(rejected, Err(ApprovalError::NotFound(_))));
    assert!(approvals.list(other.id, None).await.unwrap().is_empty());
    assert_eq!(
        desk.refusal(PendingOrderId::new(99)).await,
        "there is no pending order 99"
    );
    assert_eq!(desk.status(id).await, ApprovalStatus::Pending);
    desk.engine.stop().await;
}

/// What would be refused now goes on waiting, with the reason told.
#[tokio::test(start_paused = true)]
async fn prices_and_limits_of_now_are_checked() {
    let desk = Desk::new().await;
    let risk = desk.engine.risk();
    let owner = by(&desk.place.owner);
    let limit: LimitName = "order_value".parse().unwrap();
    let set = risk.change_limit(desk.user(), limit.parse("1000").unwrap(), owner);
    set.await.unwrap();
    let pending = desk.queue(order(Side::Buy, 10)).await;
    assert_eq!(pending.asked.last_price, Some(sample::price("100")));
    desk.place.price("100.05");
    let refusal = desk.refusal(pending.id).await;
    assert!(refusal.contains("order_value"), "{refusal}");
    let (status, stage) = desk.view(pending.id).await;
    assert_eq!(status, ApprovalStatus::Pending);
    let moved = sample::price("100.05");
    assert!(matches!(stage, Stage::Waits { last: Some(last) } if last == moved));
    assert_eq!(desk.broker.count(), 0);
    assert!(!desk.actions().await.contains(&AuditAction::PendingApprove));

    desk.place.price("99.95");
    desk.approve(pending.id).await.unwrap();
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_number_of_orders_and_the_list_of_symbols_are_checked() {
    let desk = Desk::new().await;
    let risk = desk.engine.risk();
    let owner = by(&desk.place.owner);
    let (first, second) = (
        desk.queue(order(Side::Buy, 1)).await.id,
        desk.queue(order(Side::Buy, 2)).await.id,
    );
    let limit: LimitName = "daily_orders".parse().unwrap();
    let set = risk.change_limit(desk.user(), limit.parse("1").unwrap(), owner);
    set.await.unwrap();
    desk.approve(first).await.unwrap();
    let refusal = desk.refusal(second).await;
    assert!(refusal.contains("daily_orders"), "{refusal}");
    risk.clear_limits(desk.user(), owner).await.unwrap();
    let deny =
        openalgo::core::account::LimitChange::Symbol(traded(Exchange::Nse), Some(SymbolRule::Deny));
    risk.change_limit(desk.user(), deny, owner).await.unwrap();
    let refusal = desk.refusal(second).await;
    assert!(refusal.contains("INFY"), "{refusal}");
    assert_eq!(desk.status(second).await, ApprovalStatus::Pending);
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_halt_holds_for_what_waits() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let (risk, owner) = (desk.engine.risk(), by(&desk.place.owner));
    let reason = "prices look wrong".parse().unwrap();
    risk.halt(desk.user(), reason, owner).await.unwrap();
    let refusal = desk.refusal(id).await;
    assert!(refusal.starts_with("trading is halted since"), "{refusal}");
    assert_eq!(desk.status(id).await, ApprovalStatus::Pending);
    assert_eq!(desk.broker.count(), 0);
    let queued = desk
        .engine
        .keyed_orders()
        .place(desk.user(), order(Side::Buy, 1))
        .await;
    assert!(queued.is_err());
    risk.resume(desk.user(), owner).await.unwrap();
    desk.approve(id).await.unwrap();
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// An order goes where it was asked to go, or it goes on waiting.
#[tokio::test(start_paused = true)]
async fn what_is_routed_otherwise_by_now_goes_on_waiting() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let settings = desk.engine.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    assert_eq!(
        desk.refusal(id).await,
        format!(
            "pending order {id} was asked for when orders went to 'fake' (live); now they go to \
             'paper' (analyze)"
        )
    );
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    assert!(desk.engine.brokers().disconnect(desk.user(), &name()));
    let refusal = desk.refusal(id).await;
    assert_eq!(
        refusal,
        "log in at the broker 'fake' again: you have logged out"
    );
    assert_eq!(desk.status(id).await, ApprovalStatus::Pending);
    // Nobody need be logged in for an order to be put before a person.
    let other = desk.queue(order(Side::Buy, 2)).await.id;
    let brokers = desk.engine.brokers();
    brokers
        .connect(desk.user(), desk.broker.session())
        .await
        .unwrap();
    for id in [id, other] {
        desk.approve(id).await.unwrap();
    }
    assert_eq!(desk.broker.count(), 2);
    desk.engine.stop().await;
}

/// There was nothing to do for it then; what is held later is another matter.
#[tokio::test(start_paused = true)]
async fn a_smart_order_that_came_to_nothing_is_not_let_go_with_all_others() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let smart = SmartOrder {
        order: order(Side::Buy, 1),
        position: NetQuantity::try_new(2).unwrap(),
    };
    let id = waiting(keyed.smart(desk.user(), smart).await.unwrap())
        .pending
        .id;
    let desk = Box::pin(super::crash::cut_off(desk, id)).await;
    let (approvals, owner) = (desk.engine.approvals(), by(&desk.place.owner));
    let all = approvals.approve_all(desk.user(), owner).await.unwrap();
    assert!(all.is_empty(), "{all:?}");
    desk.approve(id).await.unwrap();
    desk.engine.stop().await;
}

/// What a smart order comes to depends on what is held when it is approved.
#[tokio::test(start_paused = true)]
async fn a_smart_order_is_computed_when_it_is_approved() {
    let desk = Desk::new().await;
    let smart = SmartOrder {
        order: order(Side::Buy, 5),
        position: NetQuantity::try_new(5).unwrap(),
    };
    let keyed = desk.engine.keyed_orders();
    let first = waiting(keyed.smart(desk.user(), smart.clone()).await.unwrap());
    let second = waiting(keyed.smart(desk.user(), smart).await.unwrap());
    let (first, second) = (first.pending, second.pending);
    assert_eq!(first.asked.position_size.map(NetQuantity::get), Some(5));
    let slot = (traded(Exchange::Nse), Product::Mis);
    desk.broker
        .change(|ledger| ledger.trade(slot, Side::Buy, 2));
    let approved = desk.approve(first.id).await.unwrap();
    let placed = approved.came_of.order().unwrap().intent.order.clone();
    assert_eq!((placed.side, placed.quantity.get()), (Side::Buy, 3));
    let nothing = desk.approve(second.id).await.unwrap();
    let matched = "Positions Already Matched. No Action needed.";
    assert_eq!(nothing.came_of.to_string(), matched);
    let Approval::NothingToDo { why, .. } = nothing.pending.approval else {
        panic!("{nothing:?}");
    };
    assert_eq!(why.as_str(), matched);
    // It is decided: nothing is left of it that could trade later.
    assert_eq!(desk.status(second.id).await, ApprovalStatus::Approved);
    let approvals = desk.engine.approvals();
    assert!(approvals.open(desk.user()).await.unwrap().is_empty());
    let again = desk.approve(second.id).await.unwrap_err();
    assert!(matches!(
        again,
        ApproveError::Approval(ApprovalError::Decided { .. })
    ));
    let slot = (traded(Exchange::Nse), Product::Mis);
    desk.broker
        .change(|ledger| ledger.trade(slot, Side::Sell, 2));
    let owner = by(&desk.place.owner);
    let all = approvals.approve_all(desk.user(), owner).await.unwrap();
    assert!(all.is_empty(), "{all:?}");
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// A hedge is there before what it covers, whatever the numbers are.
#[tokio::test(start_paused = true)]
async fn of_a_basket_those_that_buy_go_first() {
    let desk = Desk::new().await;
    let lone = desk.queue(order(Side::Sell, 9)).await.id;
    let basket = vec![
        order(Side::Sell, 1),
        order(Side::Buy, 2),
        order(Side::Sell, 3),
        order(Side::Buy, 4),
    ];
    let keyed = desk.engine.keyed_orders();
    let legs = keyed.basket(desk.user(), basket, None).await.unwrap();
    let rows: Vec<_> = legs
        .into_iter()
        .map(|leg| {
            let row = waiting(leg.outcome.unwrap()).pending.asked.basket.unwrap();
            (leg.number, row.row)
        })
        .collect();
    assert_eq!(rows, [(1, 0), (2, 1), (3, 2), (4, 3)]);
    assert_eq!(desk.broker.count(), 0);

    let approvals = desk.engine.approvals();
    let all = approvals.approve_all(desk.user(), by(&desk.place.owner));
    let all = all.await.unwrap();
    let units: Vec<_> = all
        .iter()
        .map(|one| {
            let approved = one.outcome.as_ref().unwrap();
            let order = approved.came_of.order().unwrap();
            order.intent.order.quantity.get()
        })
        .collect();
    assert_eq!(units, [9, 1, 2, 3, 4]);
    assert_eq!(all[0].id, lone);
    let sent = desk.broker.change(|ledger| {
        let orders = ledger.orders.iter();
        orders.map(|it| it.quantity.get()).collect::<Vec<_>>()
    });
    assert_eq!(sent, [9, 2, 4, 1, 3]);
    desk.engine.stop().await;
}

/// What is refused keeps nothing else from being placed.
#[tokio::test(start_paused = true)]
async fn each_of_several_is_told_by_itself() {
    let desk = Desk::new().await;
    let limited = NewOrder {
        kind: OrderKind::Limit {
            price: sample::price("100"),
        },
        ..order(Side::Buy, 1)
    };
    let ids = [
        desk.queue(limited).await.id,
        PendingOrderId::new(77),
        desk.queue(order(Side::Buy, 2)).await.id,
    ];
    let approvals = desk.engine.approvals();
    let told = approvals.approve_each(desk.user(), &ids, by(&desk.place.owner));
    let told = told.await;
    let outcomes: Vec<_> = told.iter().map(|it| (it.id, it.outcome.is_ok())).collect();
    assert_eq!(outcomes, [(ids[0], true), (ids[1], false), (ids[2], true)]);
    assert_eq!(desk.broker.count(), 2);
    desk.engine.stop().await;
}

/// A person may place an order with its sender's id before it is let go; it is the same one then.
#[tokio::test(start_paused = true)]
async fn an_order_that_somebody_placed_by_its_id_is_not_placed_again() {
    let desk = Desk::new().await;
    let asked = named("client-1", order(Side::Buy, 1));
    let id = desk.queue(asked.clone()).await.id;
    let orders = desk.engine.orders();
    let placed = orders.place(desk.user(), asked).await.unwrap();
    let approved = desk.approve(id).await.unwrap();
    assert!(approved.replayed);
    assert_eq!(approved.came_of.order().unwrap().id, placed.order.id);

    let id = desk.queue(named("client-2", order(Side::Buy, 1))).await.id;
    let other = named("client-2", order(Side::Buy, 2));
    orders.place(desk.user(), other).await.unwrap();
    let refusal = desk.refusal(id).await;
    assert!(refusal.contains(own("client-2").as_str()), "{refusal}");
    assert_eq!(desk.status(id).await, ApprovalStatus::Pending);
    assert_eq!(desk.broker.count(), 2);
    desk.engine.stop().await;
}
