//! Where requests may go whose URL somebody chose through the API: to servers outside of this machine and its network,
//! unless a setting allows those.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Parses a URL. `allowed_by` is the name of the setting that allows private addresses.
///
/// # Errors
/// The reason completes a sentence whose subject is the URL.
pub fn parse(text: &str, allow_private: bool, allowed_by: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "must be a URL such as https://example.com".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https:// or http://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user name or a password".to_owned());
    }
    if url.host_str().is_none() {
        return Err("must have a host".to_owned());
    }
    if !allow_private && (is_this_machine(&url) || address_of(&url).is_some_and(|address| !is_public(address))) {
        return Err(format!(
            "must not be an address of this machine or a private network; the setting {allowed_by} allows it"
        ));
    }
    Ok(url)
}

fn address_of(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Returns whether a URL leads to this machine, as far as one can tell without asking for its name.
#[must_use]
pub fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost" || host.ends_with(".localhost") || address_of(url).is_some_and(|address| address.is_loopback())
}

/// Resolves names to public addresses only: a name of a public server may lead to a private address later.
#[derive(Debug, Clone, Copy)]
pub struct Resolver {
    /// Whether private addresses are allowed, too.
    pub allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| allow_private || is_public(found.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} has no public address", name.as_str()).into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Returns whether an address is reachable from everywhere.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Shared by carriers, of protocols, and for benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    // Translated addresses lead to the one inside.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] || segments[0] == 0x2002 {
        let at = if segments[0] == 0x2002 { 1 } else { 6 };
        let [[a, b], [c, d]] = [segments[at].to_be_bytes(), segments[at + 1].to_be_bytes()];
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || segments[0] & 0xfe00 == 0xfc00
        || segments[0] & 0xffc0 == 0xfe80
        || segments[..6] == [0; 6]
        || segments[..2] == [0x2001, 0xdb8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_servers_are_targets() {
        for good in ["https://example.com/hook", "http://8.8.8.8:8080/", "https://[2606:4700::1111]/x?y=1"] {
            assert!(parse(good, false, "setting").is_ok(), "{good}");
        }
        for bad in [
            "ftp://example.com",
            "file:///etc/passwd",
            "example.com",
            "https://user:secret@example.com",
            "http://localhost:1",
            "http://127.0.0.1",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://10.0.0.1",
            "http://169.254.169.254/latest",
            "http://100.64.0.1",
            "http://192.168.1.1",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
        ] {
            assert!(parse(bad, false, "setting").is_err(), "{bad}");
        }
        assert!(parse("http://127.0.0.1:1", true, "setting").is_ok());
        assert!(parse("ftp://127.0.0.1:1", true, "setting").is_err());
    }
}
