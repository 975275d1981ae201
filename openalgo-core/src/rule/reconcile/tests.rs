use super::*;
use crate::id::{IntentId, UserId};
use crate::order::{OrderKind, OrderStatus, Side};
use crate::testing::sample::{broker_id, intent, units, zerodha};
use crate::value::Price;
use uuid::Uuid;

fn sent(number: u128) -> OrderIntent {
    OrderIntent {
        id: IntentId::new(Uuid::from_u128(number)),
        ..intent(UserId::new(1), zerodha())
    }
}

/// The line of an order in a book whose broker carries no marks.
fn row(id: &str, intent: &OrderIntent) -> BookOrder {
    let order = &intent.order;
    BookOrder {
        broker_order_id: broker_id(id),
        tag: None,
        instrument: order.instrument.clone(),
        side: order.side,
        quantity: order.quantity,
        product: order.product,
        kind: order.kind,
        status: OrderStatus::Open,
        filled: units(0),
        average: Price::ZERO,
        message: None,
        placed_at: intent.at.plus(Duration::seconds(2)),
    }
}

struct Case {
    rows: Vec<BookOrder>,
    complete: bool,
    carries_tags: bool,
    asked_after: Duration,
    known: Vec<&'static str>,
}

impl Case {
    fn of(rows: Vec<BookOrder>) -> Self {
        Self {
            rows,
            complete: true,
            carries_tags: false,
            asked_after: GRACE,
            known: Vec::new(),
        }
    }

    /// The verdict on each intent, missing so many seconds after the first was sent if it was.
    fn judged(self, intents: &[(&OrderIntent, Option<i64>)]) -> Vec<Verdict<'static>> {
        let book = Box::leak(Box::new(OrderBook {
            orders: self.rows,
            complete: self.complete,
        }));
        let known = Box::leak(Box::new(self.known.into_iter().map(broker_id).collect()));
        let evidence = Evidence {
            book,
            asked_at: intents[0].0.at.plus(self.asked_after),
            carries_tags: self.carries_tags,
            known,
        };
        let suspects: Vec<_> = intents
            .iter()
            .map(|(intent, missing)| Suspect {
                intent,
                missing_since: missing.map(|after| intent.at.plus(Duration::seconds(after))),
            })
            .collect();
        judge(evidence, &suspects)
    }
}

fn arrived(verdict: &Verdict<'_>) -> Option<String> {
    match verdict {
        Verdict::Arrived(row) => Some(row.broker_order_id.to_string()),
        Verdict::NeverArrived | Verdict::Missing | Verdict::Open | Verdict::Unclear(_) => None,
    }
}

fn unclear(ids: &[&str]) -> Verdict<'static> {
    Verdict::Unclear(ids.iter().map(|id| broker_id(id)).collect())
}

#[test]
fn a_mark_decides_where_there_is_one() {
    let (ours, other) = (sent(1), sent(2));
    let mut marked = row("A", &ours);
    marked.tag = Some(ours.id.tag());
    // Changed by hand at the broker since; the mark stays.
    marked.quantity = units(99);
    let mut of_another = row("B", &ours);
    of_another.tag = Some(other.id.tag());
    let by_hand = row("C", &ours);
    let mut case = Case::of(vec![by_hand.clone(), of_another.clone(), marked]);
    case.carries_tags = true;
    case.asked_after = Duration::seconds(1);
    let verdicts = case.judged(&[(&ours, None), (&other, None)]);
    let met: Vec<_> = verdicts.iter().map(arrived).collect();
    assert_eq!(met, [Some("A".into()), Some("B".into())]);
    let mut case = Case::of(vec![by_hand]);
    case.carries_tags = true;
    case.asked_after = GRACE + APART;
    assert_eq!(case.judged(&[(&ours, Some(30))]), [Verdict::NeverArrived]);
}

#[test]
fn without_marks_an_order_is_known_by_what_it_is_and_when_it_was_sent() {
    let ours = sent(1);
    let same = row("A", &ours);
    let change = |change: fn(&mut BookOrder)| {
        let mut row = row("B", &sent(1));
        change(&mut row);
        row
    };
    let others = [
        change(|row| row.side = Side::Sell),
        change(|row| row.quantity = units(77)),
        change(|row| row.product = crate::order::Product::Cnc),
        change(|row| row.instrument = crate::testing::sample::instrument("OTHER")),
        change(|row| row.placed_at = row.placed_at.plus(Duration::minutes(3))),
        change(|row| row.placed_at = row.placed_at.plus(-Duration::minutes(3))),
    ];
    for other in others {
        let verdicts = Case::of(vec![other.clone(), same.clone()]).judged(&[(&ours, None)]);
        assert_eq!(arrived(&verdicts[0]), Some("A".into()), "{other:?}");
        let verdicts = Case::of(vec![other.clone()]).judged(&[(&ours, None)]);
        assert_eq!(verdicts, [Verdict::Missing], "{other:?}");
    }
}

/// Brokers show a market order with the limit that protects it, and a stop order as what its
/// trigger made of it.
#[test]
fn without_marks_an_order_may_be_shown_under_another_price_type() {
    let price = |text: &str| text.parse::<Price>().unwrap();
    let (limit, trigger) = (price("100"), price("99"));
    let ours = |kind| {
        let mut ours = sent(1);
        ours.order.kind = kind;
        ours
    };
    let shown = |ours: &OrderIntent, kind| BookOrder {
        kind,
        ..row("A", ours)
    };
    let limit_at = |price| OrderKind::Limit { price };
    let stop_limit = OrderKind::StopLimit {
        price: limit,
        trigger,
    };
    let pairs = [
        (OrderKind::Market, limit_at(limit)),
        (OrderKind::StopMarket { trigger }, OrderKind::Market),
        (OrderKind::StopMarket { trigger }, limit_at(limit)),
        (stop_limit, limit_at(limit)),
    ];
    for (kind, as_shown) in pairs {
        let ours = ours(kind);
        let book = || Case::of(vec![shown(&ours, as_shown)]);
        let verdicts = book().judged(&[(&ours, None)]);
        assert_eq!(arrived(&verdicts[0]), Some("A".into()), "{as_shown:?}");
    }
    // Somebody may have modified it at the broker, so its absence is not proven.
    let ours = ours(limit_at(limit));
    let mut case = Case::of(vec![shown(&ours, limit_at(trigger))]);
    case.asked_after = GRACE + APART;
    assert_eq!(case.judged(&[(&ours, Some(30))]), [unclear(&["A"])]);
}

#[test]
fn what_may_be_two_things_is_for_the_user() {
    let (one, two) = (sent(1), sent(2));
    let lines = || vec![row("A", &one), row("B", &one)];
    let one_of_two = Case::of(lines()).judged(&[(&one, None)]);
    assert_eq!(one_of_two, [unclear(&["A", "B"])]);
    let same_line = Case::of(vec![row("A", &one)]).judged(&[(&one, None), (&two, None)]);
    assert_eq!(same_line, [unclear(&["A"]), unclear(&["A"])]);
    let mut case = Case::of(lines());
    case.known = vec!["A"];
    let rest = case.judged(&[(&one, None)]);
    assert_eq!(arrived(&rest[0]), Some("B".into()));
}

#[test]
fn absence_takes_two_complete_books_after_the_time_of_grace() {
    let ours = sent(1);
    for (complete, seconds, missing, expected) in [
        (true, 29, Some(20), Verdict::Open),
        (false, 300, Some(30), Verdict::Open),
        (true, 30, None, Verdict::Missing),
        (true, 34, Some(30), Verdict::Open),
        (true, 35, Some(30), Verdict::NeverArrived),
    ] {
        let mut case = Case::of(Vec::new());
        case.complete = complete;
        case.asked_after = Duration::seconds(seconds);
        assert_eq!(case.judged(&[(&ours, missing)]), [expected]);
    }
}

/// Until the time of grace is over, ours may still be on its way, and the line that of another.
#[test]
fn without_marks_a_line_counts_after_the_time_of_grace() {
    let ours = sent(1);
    for (complete, seconds, expected) in [
        (true, 29, None),
        (false, 30, None),
        (true, 30, Some("A".to_owned())),
    ] {
        let mut case = Case::of(vec![row("A", &ours)]);
        case.complete = complete;
        case.asked_after = Duration::seconds(seconds);
        let verdicts = case.judged(&[(&ours, None)]);
        assert_eq!(arrived(&verdicts[0]), expected);
    }
}

#[test]
fn a_mark_has_the_form_that_brokers_take_and_tells_orders_apart() {
    let id = |text: &str| IntentId::new(text.parse().unwrap());
    let one = id("0197f3c2-4be1-7a52-93d1-6f2f4b1c9a01");
    let two = id("0197f3c2-4be1-7a52-93d1-6f2f4b1c9a02");
    assert_eq!(one.tag().as_str().len(), 20);
    assert_eq!(one.tag().as_str().parse(), Ok(one.tag()));
    assert_ne!(one.tag(), two.tag());
    assert_eq!(
        IntentId::new(Uuid::from_u128(33)).tag().as_str(),
        "00000000000000000011"
    );
}
