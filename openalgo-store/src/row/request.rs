//! The column `request` of orders, and of those that wait for approval.

use openalgo_core::order::RequestKey;

/// The texts between which the requests are that came under a key: from the first on, and before
/// the second. What follows the blank is the hash of the body.
pub(crate) fn texts_of(key: &RequestKey) -> (String, String) {
    let RequestKey { kind, id, .. } = key;
    // The character after a blank is the exclamation mark.
    (format!("{kind} {id} "), format!("{kind} {id}!"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::id::UserId;
    use openalgo_core::monitor::BodyHash;
    use openalgo_core::order::{OrderRequest, RequestKind};

    fn text(id: &str, body: u8) -> String {
        let request = OrderRequest {
            kind: RequestKind::Basket,
            id: id.parse().unwrap(),
            body: BodyHash::new([body; 32]),
        };
        request.to_string()
    }

    #[test]
    fn ids_that_begin_alike_are_kept_apart() {
        let key = RequestKey {
            user: UserId::new(1),
            kind: RequestKind::Basket,
            id: "mine".parse().unwrap(),
        };
        let (from, before) = texts_of(&key);
        let is_within = |text: String| from <= text && text < before;
        assert!(is_within(text("mine", 0)) && is_within(text("mine", 0xff)));
        for other in ["mine-1", "mine!", "min", "mine~", "minf"] {
            assert!(!is_within(text(other, 7)), "{other}");
        }
    }
}
