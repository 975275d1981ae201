//! What call and put of one strike are worth together, exactly.

use crate::value::{Price, ValueError};

const TOO_LARGE: ValueError = ValueError::TooLarge { kind: "price" };

/// What a future costs that is made of a bought call and a sold put: the strike and the call,
/// without the put.
pub fn synthetic_future(strike: Price, call: Price, put: Price) -> Result<Price, ValueError> {
    let [strike, call, put] = [strike, call, put].map(Price::to_decimal);
    let bought = strike.checked_add(call).ok_or(TOO_LARGE)?;
    Price::try_new(bought.checked_sub(put).ok_or(TOO_LARGE)?)
}

/// What call and put cost together.
pub fn straddle(call: Price, put: Price) -> Result<Price, ValueError> {
    let sum = call.to_decimal().checked_add(put.to_decimal());
    Price::try_new(sum.ok_or(TOO_LARGE)?)
}
