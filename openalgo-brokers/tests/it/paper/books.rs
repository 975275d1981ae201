//! What must be true of the books of an account at every moment.

use super::world::World;
use openalgo_core::order::Side;
use openalgo_core::portfolio::Position;
use openalgo_core::value::{Money, NetQuantity};

impl World {
    /// What must be true at every moment.
    pub(super) fn check(&self) {
        let funds = &self.ledger.funds;
        let sum = |amounts: Vec<Money>| {
            amounts
                .into_iter()
                .fold(Money::ZERO, |sum, amount| sum.plus(amount).unwrap())
        };
        let paid = self.ledger.holdings.iter().map(|holding| holding.paid);
        let kept = funds.available.plus(funds.used_margin).unwrap();
        assert_eq!(
            kept.plus(sum(paid.collect())).unwrap(),
            funds.total_capital.plus(funds.realized_pnl).unwrap(),
            "cash, reserve and what was paid for holdings are the capital and what was earned"
        );
        let reserved = self.ledger.positions.iter().map(|position| position.margin);
        let waiting = self.ledger.orders.iter().map(|order| order.margin);
        let gtts = self.ledger.reservations.iter().map(|it| it.margin);
        let all = reserved.chain(waiting).chain(gtts);
        assert_eq!(funds.used_margin, sum(all.collect()));
        let earned = self
            .ledger
            .positions
            .iter()
            .map(|position| position.realized_pnl);
        assert_eq!(funds.realized_pnl, sum(earned.collect()));
        let today = self.ledger.positions.iter().map(|p| p.today_realized_pnl);
        assert_eq!(funds.today_realized_pnl, sum(today.collect()));
        assert_eq!(
            self.earned_on_days(),
            self.before_resets.plus(funds.summed_pnl).unwrap()
        );
        for position in &self.ledger.positions {
            self.check_position(position);
        }
    }

    /// What the days that are summed up come to.
    pub(super) fn earned_on_days(&self) -> Money {
        let days = self.days.iter().map(|day| day.realized);
        days.fold(Money::ZERO, |sum, day| sum.plus(day).unwrap())
    }

    /// A position is the sum of its fills, and its profit is what they cost and it is worth.
    pub(super) fn check_position(&self, position: &Position) {
        let (mut net, mut cash) = (NetQuantity::FLAT, Money::ZERO);
        let key = &position.key;
        let fills = self.trades.iter();
        for fill in fills.filter(|f| f.instrument == key.instrument && f.product == key.product) {
            let units = NetQuantity::from(fill.quantity);
            let value = fill.value().unwrap();
            let (units, flow) = match fill.side {
                Side::Buy => (units, value.negated()),
                Side::Sell => (units.negated(), value),
            };
            net = net.plus(units).unwrap();
            cash = cash.plus(flow).unwrap();
        }
        let moved = self.movements.iter();
        for it in moved.filter(|it| it.instrument == key.instrument && it.product == key.product) {
            net = net.plus(it.units).unwrap();
            cash = cash.plus(it.cash).unwrap();
        }
        assert_eq!(position.quantity, net);
        let ltp = self.ltp[&key.instrument];
        let worth = ltp.times(net.size()).unwrap();
        let worth = if net.is_short() {
            worth.negated()
        } else {
            worth
        };
        let marked = position.clone().marked_at(ltp).unwrap();
        let profit = position.realized_pnl.plus(marked.unrealized_pnl).unwrap();
        assert_eq!(profit, cash.plus(worth).unwrap());
    }
}
