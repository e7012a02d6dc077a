//! The client of a request: the address of the connection, or the one reported by a trusted proxy.

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;
use rollcall_auth::network;

/// The header to which proxies append the address of their own peer.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of a request's client, in the extensions of every request that came over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// The client's address: the connection's peer, or the one reported by a trusted proxy.
    pub(crate) ip: IpAddr,
    /// Whether a trusted proxy forwarded the request.
    pub(crate) forwarded: bool,
}

impl ClientAddress {
    /// Returns the address of a request. `None` if it did not come over a connection, as in tests.
    pub(crate) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied()
    }

    /// Finds the client of a request from `peer`: the last address in `X-Forwarded-For` that is not a trusted proxy, if
    /// the peer is one.
    pub(crate) fn read(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |ip: &IpAddr| trusted_proxies.iter().any(|network| network.contains(ip));
        if !is_trusted(&peer) {
            return Self { ip: peer, forwarded: false };
        }
        let hops = headers.get_all(FORWARDED_FOR).iter().rev().filter_map(|value| value.to_str().ok());
        let mut ip = peer;
        for hop in hops.flat_map(|value| value.rsplit(',')) {
            // A client can put anything to the left of what the proxies wrote, so this stops at an invalid address.
            let Some(hop) = read_hop(hop) else { break };
            ip = hop;
            if !is_trusted(&hop) {
                break;
            }
        }
        Self { ip, forwarded: ip != peer }
    }

    /// Returns what limits count by, see [`network`].
    pub(crate) fn key(self) -> IpAddr {
        network(self.ip)
    }

    /// Returns whether the client runs on this machine, without a proxy in between.
    pub(crate) fn is_local(self) -> bool {
        self.ip.is_loopback() && !self.forwarded
    }
}

/// Returns the address that a request came from. `None` if it did not come over a connection, as in tests.
pub(crate) fn address_of(extensions: &Extensions) -> Option<IpAddr> {
    ClientAddress::of(extensions).map(|client| client.ip)
}

/// Parses an address as written by proxies: alone, with a port, or in brackets.
fn read_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    let ip = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|addr| addr.ip()));
    ip.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(peer: &str, forwarded_for: &[&str]) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        ClientAddress::read(peer.parse().unwrap(), &headers, &trusted).ip.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(read("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(read("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(read("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(read("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_believed() {
        assert_eq!(read("10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(read("10.0.0.1", &["203.0.113.9", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(read("10.0.0.1", &["198.51.100.1, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn addresses_may_have_ports_and_brackets() {
        assert_eq!(read("::1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(read("::1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(read("::1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn limits_count_an_ipv6_network_as_one_client() {
        let key = |ip: &str| ClientAddress { ip: ip.parse().unwrap(), forwarded: false }.key().to_string();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(key("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
