use super::*;
use futures_util::FutureExt;
use openalgo_core::account::RiskLimits;
use openalgo_core::port::{MockRiskRepository, MockUserRepository, StoreError};
use openalgo_core::testing::sample::zerodha;
use std::time::Duration;
use tokio::time::Instant;

const USER: UserId = UserId::new(1);

fn governor() -> Governor {
    let mut risk = MockRiskRepository::new();
    risk.expect_limits()
        .returning(|_| Ok(RiskLimits::default()));
    with(risk)
}

fn with(risk: MockRiskRepository) -> Governor {
    let mut users = MockUserRepository::new();
    users.expect_get().returning(|_| Err(StoreError::Closed));
    let names = Names::new(Arc::new(users));
    Governor::new(Limits::new(Arc::new(risk)), names)
}

fn segment(exchange: Exchange) -> Segment {
    Segment {
        user: USER,
        broker: zerodha(),
        exchange,
    }
}

fn allow(governor: &Governor, orders: u32) {
    let limits = RiskLimits {
        orders_per_second: NonZeroU32::new(orders),
        ..RiskLimits::default()
    };
    governor.limits.note(USER, limits);
    governor.look_again(USER);
}

async fn place(governor: &Governor, urgency: Urgency) -> Result<Place, GovernorError> {
    governor.place(segment(Exchange::Nse), urgency).await
}

/// Sends an order that is on the wire at once, and says when.
async fn send(governor: &Governor, urgency: Urgency) -> Instant {
    let place = place(governor, urgency).await.unwrap();
    place.leave_with(async { Instant::now() }).await
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_order_of_a_second_waits_for_the_next() {
    let (governor, begin) = (governor(), Instant::now());
    for _ in 0..10 {
        assert_eq!(send(&governor, Urgency::Entry).await, begin);
    }
    let second = begin + Duration::from_secs(1);
    assert_eq!(send(&governor, Urgency::Entry).await, second);
}

#[tokio::test(start_paused = true)]
async fn exits_go_before_entries_that_came_first() {
    let governor = governor();
    allow(&governor, 1);
    send(&governor, Urgency::Entry).await;
    let (entry, exit) = tokio::join!(
        send(&governor, Urgency::Entry),
        send(&governor, Urgency::Exit)
    );
    assert_eq!(entry - exit, Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn segments_do_not_wait_for_each_other() {
    let governor = governor();
    allow(&governor, 1);
    let begin = Instant::now();
    for exchange in [Exchange::Nse, Exchange::Nfo, Exchange::Mcx] {
        let place = governor.place(segment(exchange), Urgency::Entry).await;
        place.unwrap().leave_with(async {}).await;
    }
    assert_eq!(Instant::now(), begin);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_was_not_used_is_somebody_elses_at_once() {
    let (governor, begin) = (governor(), Instant::now());
    allow(&governor, 1);
    let unused = place(&governor, Urgency::Entry).await.unwrap();
    let give_back = async { drop(unused) };
    let (sent, ()) = tokio::join!(send(&governor, Urgency::Entry), give_back);
    assert_eq!(sent, begin);
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_does_not_keep_the_next_from_going() {
    let governor = governor();
    allow(&governor, 1);
    let begin = send(&governor, Urgency::Entry).await;
    let first = place(&governor, Urgency::Entry);
    let impatient = timeout(Duration::from_millis(500), first);
    let (gone, sent) = tokio::join!(impatient, send(&governor, Urgency::Entry));
    assert!(gone.is_err());
    assert_eq!(sent - begin, Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_raised_lets_those_who_wait_through() {
    let governor = governor();
    allow(&governor, 1);
    let begin = send(&governor, Urgency::Entry).await;
    let raise = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        allow(&governor, 3);
    };
    let (one, other, ()) = tokio::join!(
        send(&governor, Urgency::Entry),
        send(&governor, Urgency::Entry),
        raise
    );
    let soon = begin + Duration::from_millis(300);
    assert_eq!((one, other), (soon, soon));
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_could_not_leave_in_time_is_refused_at_once_and_an_exit_is_not() {
    let governor = governor();
    allow(&governor, 1);
    send(&governor, Urgency::Entry).await;
    let mut line: Vec<_> = (0..30)
        .map(|_| Box::pin(place(&governor, Urgency::Entry)))
        .collect();
    for waiting in &mut line {
        assert!(waiting.now_or_never().is_none());
    }
    let refused = place(&governor, Urgency::Entry).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "risk limit orders_per_second: 1 orders a second leave for NSE at 'zerodha', and 30 wait \
         already, so this was not sent; `openalgo risk set orders_per_second COUNT` changes the \
         limit"
    );
    let mut exit = Box::pin(place(&governor, Urgency::Exit));
    assert!((&mut exit).now_or_never().is_none());
    drop(line);
    exit.await.unwrap().leave_with(async {}).await;
}

#[tokio::test(start_paused = true)]
async fn exits_that_keep_coming_keep_no_entry_for_ever() {
    let governor = governor();
    allow(&governor, 1);
    let begin = send(&governor, Urgency::Entry).await;
    let exits = async {
        for _ in 0..60 {
            let next = send(&governor, Urgency::Exit);
            // The next one comes before this one has left.
            tokio::join!(send(&governor, Urgency::Exit), next);
        }
    };
    let entry = async {
        let refused = place(&governor, Urgency::Entry).await.unwrap_err();
        assert!(matches!(refused, GovernorError::Late { .. }), "{refused}");
        Instant::now()
    };
    let (told, ()) = tokio::join!(entry, exits);
    let waited = told - begin;
    assert!(
        (LONGEST_WAIT..LONGEST_WAIT + Duration::from_secs(3)).contains(&waited),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_governor_that_closes_tells_everybody() {
    let governor = governor();
    allow(&governor, 1);
    send(&governor, Urgency::Entry).await;
    let close = async { governor.close() };
    let (entry, exit, ()) = tokio::join!(
        place(&governor, Urgency::Entry),
        place(&governor, Urgency::Exit),
        close
    );
    for told in [entry, exit, place(&governor, Urgency::Exit).await] {
        assert_eq!(told.unwrap_err(), GovernorError::Stopped);
    }
}

#[tokio::test(start_paused = true)]
async fn exits_leave_at_the_usual_rate_when_limits_cannot_be_read() {
    let mut risk = MockRiskRepository::new();
    risk.expect_limits().returning(|_| Err(StoreError::Closed));
    let (governor, begin) = (with(risk), Instant::now());
    for _ in 0..10 {
        assert_eq!(send(&governor, Urgency::Exit).await, begin);
    }
    assert!(send(&governor, Urgency::Exit).await > begin);
}

/// When in between it went out is known to nobody here: a place may not be free a second after
/// somebody meant to send.
#[tokio::test(start_paused = true)]
async fn a_place_counts_from_when_the_order_really_left() {
    let governor = governor();
    allow(&governor, 1);
    let place = place(&governor, Urgency::Entry).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let sending = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Instant::now()
    };
    let (left, next) = tokio::join!(place.leave_with(sending), send(&governor, Urgency::Entry));
    assert_eq!(next - left, Duration::from_secs(1));
}

/// A broker that hangs keeps nobody for as long as it hangs.
#[tokio::test(start_paused = true)]
async fn an_order_without_an_answer_has_left_after_a_while() {
    let governor = governor();
    allow(&governor, 1);
    let begin = Instant::now();
    let hangs = place(&governor, Urgency::Entry).await.unwrap();
    let answer = hangs.leave_with(async {
        tokio::time::sleep(Duration::from_secs(15)).await;
        Instant::now()
    });
    let (answered, exit) = tokio::join!(answer, send(&governor, Urgency::Exit));
    assert_eq!(answered - begin, Duration::from_secs(15));
    assert_eq!(exit - begin, ON_THE_WAY + Duration::from_secs(1));
}
