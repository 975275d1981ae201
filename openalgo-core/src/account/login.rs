//! Where logins come from.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The place on the network that a login comes from, as coarse as guessing is counted.
///
/// An IPv6 network hands out 2⁶⁴ addresses to each customer, so those of one network count as
/// one; an IPv4 address that is written as an IPv6 one is the IPv4 address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoginAddress(Box<str>);

impl LoginAddress {
    /// This machine, for a frontend without a network.
    pub fn local() -> Self {
        Self("local".into())
    }

    /// The address as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<IpAddr> for LoginAddress {
    fn from(address: IpAddr) -> Self {
        let text = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        };
        Self(text.into())
    }
}

impl fmt::Display for LoginAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
