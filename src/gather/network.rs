//! How the tool reaches sites: the same answers for the browser and for requests outside it.

use std::{net::SocketAddr, str::FromStr};

use super::addresses;

/// Everything about the connection that the user may set. All of it holds for every request.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Where hosts really are, first match wins.
    pub routes: Vec<Route>,
    /// Whether certificates are left unchecked.
    pub insecure: bool,
    /// Whether a public site may have pages fetched from addresses inside a network.
    pub allow_private: bool,
    /// Proxy, as an address such as `http://proxy.test:3128`.
    pub proxy: Option<String>,
    /// Whom to ask what names lead to, in place of the name server of the machine.
    pub dns_server: Option<SocketAddr>,
}

/// Where a host really is, with curl's meanings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `--resolve HOST:PORT:ADDR`.
    Resolve {
        /// `None` is any host.
        host: Option<String>,
        /// `None` is any port.
        port: Option<u16>,
        /// The address to use.
        address: String,
    },
    /// `--connect-to HOST1:PORT1:HOST2:PORT2`.
    ConnectTo {
        /// `None` is any host.
        host: Option<String>,
        /// `None` is any port.
        port: Option<u16>,
        /// The host to connect to; `None` is the host of the request.
        to_host: Option<String>,
        /// The port to connect to; `None` is the port of the request.
        to_port: Option<u16>,
    },
}

impl Route {
    /// Reads the value of `--resolve`.
    ///
    /// # Errors
    /// If it is not `HOST:PORT:ADDR`.
    pub fn resolve(text: &str) -> Result<Self, String> {
        let [host, port, address] = fields::<3>(text, "HOST:PORT:ADDR")?;
        // curl allows several addresses; the first one is the one it tries first.
        let address = address.split(',').next().unwrap_or_default().to_owned();
        let bare = address.trim_matches(['[', ']']);
        if bare.parse::<std::net::IpAddr>().is_err() {
            return Err(format!("`{address}` is not an IP address; expected HOST:PORT:ADDR"));
        }
        let host = any_host(host.strip_prefix('+').unwrap_or(&host));
        Ok(Self::Resolve { host, port: any_port(&port)?, address })
    }

    /// Reads the value of `--connect-to`.
    ///
    /// # Errors
    /// If it is not `HOST1:PORT1:HOST2:PORT2`, or says something the browser cannot be told.
    pub fn connect_to(text: &str) -> Result<Self, String> {
        let [host, port, to_host, to_port] = fields::<4>(text, "HOST1:PORT1:HOST2:PORT2")?;
        let route = Self::ConnectTo {
            host: any_host(&host),
            port: any_port(&port)?,
            to_host: any_host(&to_host),
            to_port: any_port(&to_port)?,
        };
        match route {
            Self::ConnectTo { host: None, to_host: None, to_port: Some(_), .. } => Err(format!(
                "`{text}` changes only the port of every host, which the browser cannot be told; name HOST1 or HOST2"
            )),
            route => Ok(route),
        }
    }
}

impl Network {
    /// Where a connection to `host` and `port` really goes, as host and port.
    pub fn destination(&self, host: &str, port: u16) -> (String, u16) {
        let (mut host, mut port) = (host.to_ascii_lowercase(), port);
        // As in curl: first where to connect to, then what address that has.
        for route in &self.routes {
            if let Route::ConnectTo { host: from, port: at, to_host, to_port } = route
                && matches(from.as_deref(), *at, &host, port)
            {
                host = to_host.clone().unwrap_or(host);
                port = to_port.unwrap_or(port);
                break;
            }
        }
        for route in &self.routes {
            if let Route::Resolve { host: from, port: at, address } = route
                && matches(from.as_deref(), *at, &host, port)
            {
                return (address.clone(), port);
            }
        }
        (host, port)
    }

    /// The routes as Chromium's `--host-resolver-rules` has them; empty if there are none.
    pub fn resolver_rules(&self) -> String {
        let mut rules = Vec::new();
        for route in &self.routes {
            if let Route::ConnectTo { host, port, to_host, to_port } = route {
                let to_host = to_host.as_deref().or(host.as_deref()).unwrap_or_default();
                let (to_host, to_port) = self.resolved(to_host, to_port.or(*port));
                rules.push(map(host.as_deref(), *port, &to_host, to_port));
            }
        }
        for route in &self.routes {
            if let Route::Resolve { host, port, address } = route {
                rules.push(map(host.as_deref(), *port, address, None));
            }
        }
        rules.join(",")
    }

    /// The machines that the user leads hosts to, as Chromium's `--ip-address-space-overrides` has them: its pages are
    /// treated as those of the public internet, so that it refuses to let them reach into the network.
    pub fn public_places(&self) -> String {
        let mut places = Vec::new();
        for route in &self.routes {
            let (host, port) = match route {
                Route::ConnectTo { port, to_host, to_port, .. } => {
                    self.resolved(to_host.as_deref().unwrap_or_default(), to_port.or(*port))
                }
                Route::Resolve { port, address, .. } => (address.clone(), *port),
            };
            let Some(ip) = addresses::own_machine(&host) else { continue };
            let host = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
            let ports = port.map_or_else(|| vec![80, 443], |port| vec![port]);
            for port in ports {
                let place = format!("{host}:{port}=public");
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        places.join(",")
    }

    /// Whether the user says where a host is.
    pub fn leads(&self, host: &str, port: u16) -> bool {
        self.destination(host, port) != (host.to_ascii_lowercase(), port)
    }

    fn resolved(&self, host: &str, port: Option<u16>) -> (String, Option<u16>) {
        for route in &self.routes {
            if let Route::Resolve { host: from, port: at, address } = route
                && from.as_deref().is_none_or(|from| from == host)
                && at.is_none_or(|at| Some(at) == port)
            {
                return (address.clone(), port);
            }
        }
        (host.to_owned(), port)
    }
}

fn map(host: Option<&str>, port: Option<u16>, to_host: &str, to_port: Option<u16>) -> String {
    let mut rule = format!("MAP {}", host.unwrap_or("*"));
    if let Some(port) = port {
        rule.push_str(&format!(":{port}"));
    }
    rule.push(' ');
    // Chromium wants brackets around IPv6 addresses, as in addresses of pages.
    if to_host.contains(':') && !to_host.starts_with('[') {
        rule.push_str(&format!("[{to_host}]"));
    } else {
        rule.push_str(to_host);
    }
    if let Some(port) = to_port {
        rule.push_str(&format!(":{port}"));
    }
    rule
}

fn matches(from: Option<&str>, at: Option<u16>, host: &str, port: u16) -> bool {
    from.is_none_or(|from| from == host) && at.is_none_or(|at| at == port)
}

fn any_host(text: &str) -> Option<String> {
    (!text.is_empty() && text != "*").then(|| text.to_ascii_lowercase())
}

fn any_port(text: &str) -> Result<Option<u16>, String> {
    match text {
        "" | "*" => Ok(None),
        text => u16::from_str(text).map(Some).map_err(|_| format!("`{text}` is not a port")),
    }
}

/// Splits at colons that are not inside the brackets of an IPv6 address; the last field takes what
/// remains, so that a bare IPv6 address may stand there.
fn fields<const N: usize>(text: &str, expected: &str) -> Result<[String; N], String> {
    let mut fields = vec![String::new()];
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ':' if depth <= 0 && fields.len() < N => {
                fields.push(String::new());
                continue;
            }
            _ => (),
        }
        if let Some(field) = fields.last_mut() {
            field.push(c);
        }
    }
    fields.try_into().map_err(|_| format!("`{text}` is not of the form {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(routes: Vec<Route>) -> Network {
        Network { routes, ..Network::default() }
    }

    #[test]
    fn empty_and_star_are_any_host() {
        for text in ["::127.0.0.1:8443", "*:*:127.0.0.1:8443", "*::127.0.0.1:8443"] {
            let network = network(vec![Route::connect_to(text).unwrap()]);
            assert_eq!(
                network.destination("a.test", 443),
                ("127.0.0.1".to_owned(), 8443),
                "{text}"
            );
            assert_eq!(network.resolver_rules(), "MAP * 127.0.0.1:8443");
        }
    }

    #[test]
    fn the_first_match_wins_and_the_rest_is_left_alone() {
        let network = network(vec![
            Route::connect_to("a.test:443:b.test:").unwrap(),
            Route::resolve("b.test:443:10.0.0.1").unwrap(),
            Route::resolve("*:80:10.0.0.2").unwrap(),
        ]);
        assert_eq!(network.destination("A.test", 443), ("10.0.0.1".to_owned(), 443));
        assert_eq!(network.destination("c.test", 443), ("c.test".to_owned(), 443));
        assert_eq!(network.destination("c.test", 80), ("10.0.0.2".to_owned(), 80));
        assert_eq!(
            network.resolver_rules(),
            "MAP a.test:443 10.0.0.1:443,MAP b.test:443 10.0.0.1,MAP *:80 10.0.0.2"
        );
    }

    #[test]
    fn ipv6_stands_in_brackets() {
        let route = Route::resolve("a.test:443:[::1]").unwrap();
        assert_eq!(network(vec![route]).resolver_rules(), "MAP a.test:443 [::1]");
        let route = Route::resolve("a.test:443:::1").unwrap();
        assert_eq!(network(vec![route]).resolver_rules(), "MAP a.test:443 [::1]");
    }

    #[test]
    fn where_the_user_leads_hosts_counts_as_public() {
        let network = network(vec![
            Route::connect_to("*:443:127.0.0.1:8443").unwrap(),
            Route::connect_to("a.test:443:b.test:").unwrap(),
            Route::resolve("b.test:443:[::1]").unwrap(),
            Route::resolve("c.test:*:10.0.0.7").unwrap(),
        ]);
        assert_eq!(
            network.public_places(),
            "127.0.0.1:8443=public,[::1]:443=public,10.0.0.7:80=public,10.0.0.7:443=public"
        );
        assert!(network.leads("x.test", 443) && !network.leads("127.0.0.1", 80));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in ["a.test:443", "a.test:x:127.0.0.1", "a.test:443:b.test", ""] {
            assert!(Route::resolve(text).is_err(), "{text}");
        }
        for text in ["a.test", "a:1:b", "a:1:b:x", ":::8443"] {
            assert!(Route::connect_to(text).is_err(), "{text}");
        }
    }
}
