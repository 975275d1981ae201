//! How limits and the kill switch look.

use crate::request::Style;
use crate::session::Session;
use crate::shell;
use crate::show::{Entry, Output, Sheet, exact_time, fields, full_time, number, rupees};
use openalgo::core::account::{Halt, LimitAmount, LimitChange, LimitName, RiskLimits};
use openalgo::core::id::Username;
use openalgo::core::order::TradingMode;
use openalgo::core::rule::governor::ORDERS_A_SECOND;
use openalgo::core::value::Money;
use openalgo::engine::service::RiskToday;
use serde_json::{Value, json};

/// Whose limits they are, and how wide the terminal is.
pub(super) struct View<'a> {
    style: &'a Style,
    user: Option<&'a Username>,
}

impl<'a> View<'a> {
    pub(super) fn of(session: &'a Session<'_>) -> Self {
        Self {
            style: &session.style,
            user: session.user.as_ref(),
        }
    }

    /// Everything there is to be said.
    pub(super) fn all(
        &self,
        (limits, today): (&RiskLimits, Option<&RiskToday>),
        halt: Option<&Halt>,
    ) -> Output {
        let goes_to = today.map_or_else(
            || "Orders go nowhere: no broker is chosen.\n".to_owned(),
            |today| match today.mode {
                TradingMode::Paper => format!("Orders go to {}: no real money.\n", today.broker),
                TradingMode::Live => format!("Orders go to {}, live.\n", today.broker),
            },
        );
        let text = [
            self.table(limits, today),
            symbols(limits),
            goes_to,
            self.halted(halt),
        ];
        let mut data = limits_json(limits);
        if let Some(fields) = data.as_object_mut() {
            fields.insert("today".to_owned(), today.map_or(Value::Null, today_json));
            fields.insert("trading".to_owned(), halt_json(halt));
        }
        Output::new(data, text.concat())
    }

    /// Whether trading is halted.
    pub(super) fn state(&self, halt: Option<&Halt>) -> Output {
        Output::new(halt_json(halt), self.halted(halt))
    }

    fn table(&self, limits: &RiskLimits, today: Option<&RiskToday>) -> String {
        let mut sheet = Sheet::fitting(self.style, &["Limit", "#Value", "#Used today"]);
        for name in LimitName::ALL {
            sheet.row([
                Entry::new(name),
                Entry::new(value(limits, *name)),
                Entry::new(used(*name, today)),
            ]);
        }
        sheet.or("")
    }

    fn halted(&self, halt: Option<&Halt>) -> String {
        match halt {
            None => "Trading is not halted.\n".to_owned(),
            Some(halt) => fields(&[
                ("Trading", "halted".to_owned()),
                ("Since", full_time(halt.since)),
                ("Reason", halt.reason.to_string()),
                ("Resume", self.resume()),
            ]),
        }
    }

    /// The command that lifts the halt of the user that was named, or of the owner.
    fn resume(&self) -> String {
        let whose = self
            .user
            .map(|name| format!(" --user {}", shell::word(name.as_str().as_ref())));
        format!("openalgo risk resume{}", whose.unwrap_or_default())
    }
}

/// A limit that was changed.
pub(super) fn changed(limits: &RiskLimits, change: &LimitChange) -> Output {
    let text = match change {
        LimitChange::OrderValue(None)
        | LimitChange::OrderQuantity(None)
        | LimitChange::DailyLoss(None)
        | LimitChange::DailyOrders(None) => format!("{change}: it does not bind any more."),
        LimitChange::OrdersPerSecond(None) => {
            format!("{change}: the usual {ORDERS_A_SECOND} hold.")
        }
        LimitChange::Symbol(..) => format!("{change}.\n{}", symbols(limits)),
        _ => format!("{change}: it holds from now on."),
    };
    Output::new(limits_json(limits), text)
}

pub(super) fn cleared() -> Output {
    let text = "All limits and symbol rules are off; `openalgo risk set` and `symbol` set them.";
    Output::new(limits_json(&RiskLimits::default()), text)
}

pub(super) fn resumed(was_halted: bool) -> Output {
    let text = if was_halted {
        "Orders are taken again."
    } else {
        "Trading was not halted."
    };
    Output::new(halt_json(None), text)
}

fn value(limits: &RiskLimits, name: LimitName) -> String {
    let amount = |limit: Option<LimitAmount>| limit.map(|limit| rupees(limit.get()));
    let value = match name {
        LimitName::OrderValue => amount(limits.order_value),
        LimitName::OrderQuantity => limits.order_quantity.map(|it| it.to_string()),
        LimitName::DailyLoss => amount(limits.daily_loss),
        LimitName::DailyOrders => limits.daily_orders.map(|it| it.to_string()),
        LimitName::OrdersPerSecond => {
            let usual = || Some(format!("{ORDERS_A_SECOND} (usual)"));
            limits
                .orders_per_second
                .map(|it| it.to_string())
                .or_else(usual)
        }
    };
    value.unwrap_or_else(|| "off".to_owned())
}

fn used(name: LimitName, today: Option<&RiskToday>) -> String {
    let used = match name {
        LimitName::DailyLoss => {
            let loss = |profit: Money| {
                if profit.is_negative() {
                    rupees(profit.negated())
                } else {
                    rupees(Money::ZERO)
                }
            };
            today.and_then(|today| today.profit).map(loss)
        }
        LimitName::DailyOrders => today.map(|today| today.orders.to_string()),
        LimitName::OrderValue | LimitName::OrderQuantity | LimitName::OrdersPerSecond => None,
    };
    used.unwrap_or_else(|| "-".to_owned())
}

fn symbols(limits: &RiskLimits) -> String {
    if limits.symbols.is_empty() {
        return "All symbols may be traded.\n".to_owned();
    }
    let rules = limits.symbols.iter();
    let lines = rules.map(|(symbol, rule)| format!("  {rule:<5} {symbol}\n"));
    format!("Symbols:\n{}", lines.collect::<String>())
}

fn limits_json(limits: &RiskLimits) -> Value {
    let amount = |limit: Option<LimitAmount>| limit.map(|limit| number(limit.get()));
    let rules = limits.symbols.iter().map(|(key, rule)| {
        json!({
            "symbol": key.symbol,
            "exchange": key.exchange,
            "rule": rule,
        })
    });
    json!({
        "order_value": amount(limits.order_value),
        "order_quantity": limits.order_quantity,
        "daily_loss": amount(limits.daily_loss),
        "daily_orders": limits.daily_orders,
        "orders_per_second": limits.orders_per_second.unwrap_or(ORDERS_A_SECOND),
        "symbols": rules.collect::<Vec<_>>(),
    })
}

fn today_json(today: &RiskToday) -> Value {
    json!({
        "mode": today.mode,
        "broker": today.broker,
        "orders": today.orders,
        "profit": today.profit.map(number),
    })
}

fn halt_json(halt: Option<&Halt>) -> Value {
    json!({
        "halted": halt.is_some(),
        "reason": halt.map(|halt| &halt.reason),
        "since": halt.map(|halt| exact_time(halt.since)),
    })
}
