//! Amounts as they are written in India: `12,34,567.50`.

use openalgo::core::value::Money;

/// An amount with Indian digit groups and two decimals, more only where they say something.
pub(crate) fn rupees(amount: Money) -> String {
    let text = amount.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{fraction}", grouped(whole))
}

/// The same with a sign in front, as profits are written.
pub(crate) fn rupees_signed(amount: Money) -> String {
    let plus = if amount.is_negative() || amount.is_zero() {
        ""
    } else {
        "+"
    };
    format!("{plus}{}", rupees(amount))
}

/// Groups of two digits, but three at the end.
fn grouped(whole: &str) -> String {
    let mut grouped = String::new();
    let length = whole.len();
    for (position, digit) in whole.chars().enumerate() {
        let left = length.saturating_sub(position);
        let boundary = left >= 3 && left % 2 == 1;
        if position > 0 && boundary {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_in_lakhs_and_crores() {
        let written = |text: &str| rupees(text.parse().unwrap());
        assert_eq!(written("0"), "0.00");
        assert_eq!(written("999.5"), "999.50");
        assert_eq!(written("1000"), "1,000.00");
        assert_eq!(written("-123456.7825"), "-1,23,456.7825");
        assert_eq!(written("10000000"), "1,00,00,000.00");
    }

    #[test]
    fn profits_carry_their_sign() {
        assert_eq!(rupees_signed("12".parse().unwrap()), "+12.00");
        assert_eq!(rupees_signed("-12".parse().unwrap()), "-12.00");
        assert_eq!(rupees_signed(Money::ZERO), "0.00");
    }
}
