//! Which addresses a public site may have us fetch from: those on the public internet.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// How long a name may take to resolve. One that takes longer is left to the browser, which has to resolve it too.
const RESOLVING: Duration = Duration::from_secs(4);

/// Where a host is, by the resolver of this machine.
pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let host = host.trim_matches(['[', ']']);
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    if addresses.is_empty() {
        return Err(io::Error::other(format!("{host} has no address")));
    }
    Ok(addresses)
}

/// Whether a name leads to an address inside a network, as far as that can be found out.
pub(super) async fn leads_inside(host: &str, port: u16) -> bool {
    match tokio::time::timeout(RESOLVING, resolve(host, port)).await {
        Ok(Ok(found)) => found.iter().any(|it| !is_public(it.ip())),
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Whether an address is on the public internet, and so not of this machine, of a network behind it, or of a service
/// that tells virtual machines about themselves.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

/// The special-purpose registry of IPv4 (RFC 6890 and its updates).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let protocols = (a, b, c) == (192, 0, 0);
    !(a == 0
        || a >= 240
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || benchmarks
        || protocols)
}

/// Global unicast addresses are in `2000::/3` (RFC 4291); loopback, link-local, local and multicast ones are not.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let documentation = first == 0x2001 && second == 0x0db8;
    first & 0xe000 == 0x2000 && !documentation
}

/// The IPv4 address that an IPv6 address stands for, by mapping, translation (RFC 6052) or 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        // Nothing and this machine, which have no counterpart.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// The address that a host is, or that its name always means (RFC 6761, section 6.3).
pub(super) fn own_machine(host: &str) -> Option<IpAddr> {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    match host.parse() {
        Ok(ip) => Some(ip),
        Err(_) if host == "localhost" || host.ends_with(".localhost") => {
            Some(IpAddr::from([127, 0, 0, 1]))
        }
        Err(_) => None,
    }
}

/// Whether a host is inside a network by its very name.
pub(super) fn is_inside(host: &str) -> bool {
    own_machine(host).is_some_and(|it| !is_public(it))
}

/// Address patterns for the browser that match every request to a host which is inside a network by its very name. They
/// match others too, such as `10.a.b.test`: ask [`is_inside`] about each.
pub(super) fn patterns() -> impl Iterator<Item = String> {
    const HOSTS: [&str; 10] =
        ["localhost", "*.localhost", "0.", "127.", "10.", "169.254.", "192.", "172.", "100.", "["];
    // Of the rest of what is reserved nothing is routed.
    HOSTS.into_iter().chain(["198.", "2??."]).map(|host| format!("*://{host}*"))
}

/// The same hosts for `--host-resolver-rules`, in which `*` is any run of characters: no connection is opened to them.
/// A name of four parts that begins like such an address is matched too; there is no telling them apart.
pub(super) fn unreachable() -> Vec<String> {
    let fixed = [
        "localhost",
        "*.localhost",
        "0.*.*.*",
        "127.*.*.*",
        "10.*.*.*",
        "169.254.*.*",
        "192.168.*.*",
        "[::1]",
        "[::]",
        "[::ffff:*]",
        "[fe80:*]",
        "[fc*:*]",
        "[fd*:*]",
    ];
    let shared = (16..32).map(|n| format!("172.{n}.*.*"));
    fixed
        .into_iter()
        .map(str::to_owned)
        .chain(shared)
        .map(|it| format!("MAP {it} ~NOTFOUND"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_leads_inside() {
        assert!(leads_inside("localhost", 80).await);
        assert!(!leads_inside("nowhere.invalid", 80).await);
    }

    #[test]
    fn what_is_inside_a_network_is_not_public() {
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }

    #[test]
    fn what_is_on_the_internet_is_public() {
        for public in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2a00:1450:4009::200e",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
