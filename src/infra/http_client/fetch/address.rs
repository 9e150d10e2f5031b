//! Validates URLs and IP addresses for fetches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// The maximum length of a URL in characters.
pub const LONGEST: usize = 2_000;

/// Address ranges of IPv4 that are not public.
const NOT_PUBLIC: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    // Azure's wire server: a public address that returns secrets to machines in Azure.
    v4([168, 63, 129, 16], 32),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The global unicast range of IPv6.
const GLOBAL: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// Its ranges that are not public.
const NOT_GLOBAL: [Ipv6Net; 4] = [
    // Protocol assignments, such as Teredo, benchmarking and ORCHID.
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // 6to4, which embeds IPv4 addresses and is no longer routed.
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
/// Translated IPv4 addresses (NAT64).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn v4(octets: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from_octets(octets), length)
}

const fn v6(segments: [u16; 8], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), length)
}

/// Whether a host on the internet can have this address: it is not private, loopback, multicast or reserved. An IPv6
/// address that represents an IPv4 address is checked as that.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            if let Some(within) = address.to_ipv4_mapped() {
                return is_public(within.into());
            }
            if NAT64.contains(&address) {
                let [.., a, b, c, d] = address.octets();
                return is_public(Ipv4Addr::new(a, b, c, d).into());
            }
            GLOBAL.contains(&address) && !NOT_GLOBAL.iter().any(|net| net.contains(&address))
        }
    }
}

/// Parses a URL without any request. Allowed: `http` or `https`, a host, no user or password, up to 2,000 characters,
/// and a web port. Removes the fragment, which is never sent to a server.
///
/// # Errors
/// Returns the error message for the user.
pub fn check(text: &str) -> Result<Url, &'static str> {
    if text.chars().count() > LONGEST {
        return Err("The address has more than 2000 characters.");
    }
    let url = Url::parse(text).map_err(|_| "This is not an address such as https://host/a.jpg.")?;
    admit(url)
}

/// Same as [`check`] for a parsed URL.
pub(super) fn admit(mut url: Url) -> Result<Url, &'static str> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("The address must begin with https:// or http://.");
    }
    if url.host().is_none() {
        return Err("The address names no host.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("The address must not have a user or a password in it.");
    }
    // Ports below 1024 belong to other services, such as mail, which must not be reachable through this server. Web
    // servers also use higher ports such as 8080 and 8443.
    if !matches!(url.port_or_known_default(), Some(80 | 443 | 1024..)) {
        return Err("The port of the address must be 80, 443 or above 1023.");
    }
    url.set_fragment(None);
    Ok(url)
}

/// Returns the IP address if the host is one instead of a name. The URL parser has already normalized spellings such
/// as `0x7f.1` and `2130706433`.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}
