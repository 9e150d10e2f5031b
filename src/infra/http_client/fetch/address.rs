//! Which addresses are fetched from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// How many characters an address has at the most.
pub const LONGEST: usize = 2_000;

/// What no host on the internet has.
const NOT_PUBLIC: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    // A host of a public network, which answers machines in Azure alone: with their secrets.
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

/// What hosts on the internet have, IPv4 in other clothes left out.
const GLOBAL: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// But for these.
const NOT_GLOBAL: [Ipv6Net; 4] = [
    // The protocols' own, among them Teredo, benchmarks and ORCHID.
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    // 6to4, which embeds addresses of IPv4 and which nobody routes any more.
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];
/// How IPv4 is reached from networks without it.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn v4(octets: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::from_octets(octets), length)
}

const fn v6(segments: [u16; 8], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), length)
}

/// Whether a host on the internet can have this address: it is not of a private network, of this machine, of many
/// machines, or kept for other uses. One that stands for an address of IPv4 is judged by that.
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

/// Reads an address, without asking anybody: `http` or `https`, a host, no user, no password, at most 2,000 characters,
/// and a port that serves the web. What stands after a `#` is left out, because no server is told.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn check(text: &str) -> Result<Url, &'static str> {
    if text.chars().count() > LONGEST {
        return Err("The address has more than 2000 characters.");
    }
    let url = Url::parse(text).map_err(|_| "This is not an address such as https://host/a.jpg.")?;
    admit(url)
}

/// The same for an address that has been read.
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
    // Below 1024 live other services, such as those of mail: nobody is to make us knock there. Above it are web servers
    // like those on 8080 and 8443.
    if !matches!(url.port_or_known_default(), Some(80 | 443 | 1024..)) {
        return Err("The port of the address must be 80, 443 or above 1023.");
    }
    url.set_fragment(None);
    Ok(url)
}

/// The address of the host, if that is what stands there instead of its name. However it was spelled: a URL knows
/// `0x7f.1` and `2130706433` for what they are.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}
