use super::*;
use crate::testing::sample::at;
use proptest::prelude::*;

fn limit(orders: u32) -> NonZeroU32 {
    NonZeroU32::new(orders).unwrap()
}

fn millis(millis: i64) -> Timestamp {
    at(0).plus(Duration::milliseconds(millis))
}

#[test]
fn a_place_is_free_again_a_second_after_its_order_left() {
    let mut window = Window::new(limit(2));
    assert_eq!(window.take(millis(0)), Next::Now);
    window.leave(millis(300));
    assert_eq!(window.take(millis(400)), Next::Now);
    assert_eq!(window.take(millis(400)), Next::At(millis(1_300)));
    window.leave(millis(700));
    assert_eq!(window.take(millis(1_299)), Next::At(millis(1_300)));
    assert_eq!(window.take(millis(1_300)), Next::Now);
    assert_eq!(window.take(millis(1_300)), Next::At(millis(1_700)));
}

#[test]
fn while_all_are_on_their_way_nobody_can_tell_when() {
    let mut window = Window::new(limit(1));
    assert_eq!(window.take(millis(0)), Next::Now);
    assert_eq!(window.take(millis(5_000)), Next::AfterDeparture);
    window.give_back();
    assert_eq!(window.take(millis(5_000)), Next::Now);
}

#[test]
fn a_smaller_limit_counts_what_has_left() {
    let mut window = Window::new(limit(3));
    for left in [0, 100, 200] {
        assert_eq!(window.take(millis(left)), Next::Now);
        window.leave(millis(left));
    }
    window.set_limit(limit(1));
    assert_eq!(window.take(millis(300)), Next::At(millis(1_200)));
    window.set_limit(limit(4));
    assert_eq!(window.take(millis(300)), Next::Now);
}

#[test]
fn a_clock_that_is_set_back_stops_nobody() {
    let mut window = Window::new(limit(1));
    assert_eq!(window.take(millis(3_600_000)), Next::Now);
    window.leave(millis(3_600_000));
    assert_eq!(window.take(millis(0)), Next::Now);
}

proptest! {
    /// However long orders take from the window to the wire, no second sees more than the limit,
    /// and nobody waits for longer than a second once all that were let through have left.
    #[test]
    fn no_second_sees_more_than_the_limit(
        orders in 1..6_u32,
        delays in prop::collection::vec(0..700_i64, 1..60),
        gaps in prop::collection::vec(0..200_i64, 60),
    ) {
        let mut window = Window::new(limit(orders));
        let mut left = Vec::new();
        let mut underway: Vec<i64> = Vec::new();
        let mut now = 0;
        for (delay, gap) in delays.iter().zip(&gaps) {
            now += gap;
            loop {
                underway.sort_unstable();
                while underway.first().is_some_and(|due| *due <= now) {
                    let due = underway.remove(0);
                    window.leave(millis(due));
                    left.push(due);
                }
                match window.take(millis(now)) {
                    Next::Now => break,
                    Next::At(free) => {
                        let free = (free.to_micros() - millis(0).to_micros()) / 1_000;
                        prop_assert!(free > now && free <= now + 1_000);
                        now = underway.first().map_or(free, |due| free.min(*due));
                    }
                    Next::AfterDeparture => now = *underway.first().unwrap(),
                }
            }
            underway.push(now + delay);
        }
        left.extend(underway);
        left.sort_unstable();
        let most = usize::try_from(orders).unwrap();
        for (index, first) in left.iter().enumerate() {
            let within = left.iter().skip(index).filter(|it| **it < first + 1_000).count();
            prop_assert!(within <= most, "{within} in the second from {first}: {left:?}");
        }
    }
}
