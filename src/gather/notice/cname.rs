//! The CNAME chains of the site's own hosts: by a CNAME in the site's zone, a tracker can be given a name of the site, and
//! is then a first party to the browser.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{RData, RecordType},
};
use tokio::task::JoinSet;
use url::Url;

use crate::{
    gather::network::Network,
    model::site,
    recording::{EventKind, NameLookup, Recording, VisitKind},
};

/// How many names are looked up at most; a site with more has put a random word into them.
const MOST: usize = 200;

/// How often a name may lead to another (RFC 1034, section 3.6.2, wants chains to be short).
const LONGEST: usize = 10;

/// How long a name server may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

/// Looks up every host of the target's own site that was asked for something and is not that of a page, in order.
pub(in crate::gather) async fn look_up(
    recording: &Recording,
    target: &Url,
    network: &Network,
) -> Vec<NameLookup> {
    let hosts = hosts(recording, target);
    if hosts.is_empty() {
        return Vec::new();
    }
    let resolver = resolver(network.dns_server);
    let mut running = JoinSet::new();
    let mut found = Vec::new();
    for (place, host) in hosts.into_iter().enumerate() {
        let unknown = |why: String| NameLookup {
            host: host.clone(),
            aliases: Vec::new(),
            problem: Some(why),
        };
        let elsewhere = network.dns_server.is_none() && network.destination(&host, 443).0 != host;
        match &resolver {
            _ if place >= MOST => {
                found.push(unknown(format!("more than {MOST} names were asked for")));
            }
            _ if elsewhere => found.push(unknown(
                "the command line says where it is; `--dns-server` says whom to ask for its name"
                    .to_owned(),
            )),
            Err(why) => found.push(unknown(why.clone())),
            Ok(resolver) => {
                let resolver = resolver.clone();
                running.spawn(async move { follow(&resolver, host).await });
            }
        }
    }
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(lookup) => found.push(lookup),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // Nobody ends them but the end of all.
            Err(_) => (),
        }
    }
    found.sort_by(|a, b| a.host.cmp(&b.host));
    found
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, String> {
    let builder = match server {
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut it| {
                it.port = server.port();
                it
            });
            let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => Resolver::builder_tokio().map_err(|error| failed(&error))?,
    };
    let mut builder = builder;
    builder.options_mut().timeout = ANSWER;
    builder.build().map_err(|error| failed(&error))
}

fn failed(error: &dyn std::error::Error) -> String {
    format!("no name server could be asked: {error}")
}

/// Follows a name from alias to alias.
async fn follow(resolver: &TokioResolver, host: String) -> NameLookup {
    let mut lookup = NameLookup { host: host.clone(), aliases: Vec::new(), problem: None };
    let mut name = host;
    while lookup.aliases.len() < LONGEST {
        // With a dot at its end a name is whole, and nothing is put after it.
        match resolver.lookup(format!("{name}."), RecordType::CNAME).await {
            Ok(answer) => {
                let alias = answer.answers().iter().find_map(|it| match &it.data {
                    RData::CNAME(alias) => Some(alias.to_string()),
                    _ => None,
                });
                let Some(alias) = alias else { return lookup };
                name = alias.trim_end_matches('.').to_ascii_lowercase();
                if lookup.aliases.contains(&name) {
                    return lookup;
                }
                lookup.aliases.push(name.clone());
            }
            Err(error) if error.is_nx_domain() && lookup.aliases.is_empty() => {
                lookup.problem = Some("the name server knows no such name".to_owned());
                return lookup;
            }
            // It is there, and has no other name.
            Err(error) if error.is_no_records_found() => return lookup,
            Err(error) => {
                lookup.problem = Some(error.to_string());
                return lookup;
            }
        }
    }
    lookup
}

/// Hosts of the target's own site from which something was asked, those of pages left out.
fn hosts(recording: &Recording, target: &Url) -> BTreeSet<String> {
    let own = site::of_url(target);
    let visits = recording.passes.iter().flat_map(|pass| &pass.visits);
    let mut pages: BTreeSet<String> =
        visits.clone().filter_map(|visit| site::host_of(&visit.url)).collect();
    pages.extend(visits.filter_map(|visit| site::host_of(&visit.asked)));
    pages.extend(target.host_str().map(str::to_ascii_lowercase));
    // A redirect of the start page may lead to another site, which is the one that is looked at.
    let landed = recording
        .passes
        .iter()
        .flat_map(|pass| &pass.visits)
        .find(|visit| visit.kind == VisitKind::Start)
        .and_then(|visit| Url::parse(&visit.url).ok())
        .and_then(|url| site::of_url(&url));
    let events = recording.passes.iter().flat_map(|pass| &pass.events);
    events
        .filter_map(|event| match &event.kind {
            EventKind::Request { url, .. }
            | EventKind::WebSocket { url, .. }
            | EventKind::WebTransport { url, .. } => site::host_of(url),
            _ => None,
        })
        .filter(|host| {
            let of = Some(site::of_host(host));
            (of == own || of == landed) && !pages.contains(host)
        })
        .filter(|host| host.parse::<std::net::IpAddr>().is_err())
        .collect()
}
