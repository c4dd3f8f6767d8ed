//! Every place that opens an address, follows a link, presses a control or sends a user's secret, and the gate in front of
//! it. A new one fails here until it is behind a gate and listed.

use std::{collections::BTreeMap, fs};

use regex::Regex;

use crate::support::files_under;

/// A way of reaching a site, as a regular expression over the sources, and where it may stand.
struct Reach {
    what: &'static str,
    pattern: &'static str,
    /// Files, and how often at most; 0 is any number, for what is behind the gate already.
    places: &'static [(&'static str, usize)],
    /// What decides there whether it may happen.
    gate: &'static str,
}

const REACHES: &[Reach] = &[
    Reach {
        what: "navigates the browser",
        pattern: r"commands::navigate\(",
        // The preflight goes to a page that it answers itself; a tab leaves for an empty page.
        places: &[("src/gather/browser/preflight.rs", 1), ("src/gather/tab/page.rs", 2)],
        gate: "`Visitor::arrive`, the only caller of `Tab::go`",
    },
    Reach {
        what: "opens a page in a tab",
        pattern: r"\.go\(",
        places: &[("src/gather/visit/visitor.rs", 1)],
        gate: "whoever calls `Visitor::arrive`",
    },
    Reach {
        what: "opens a page as a visitor",
        pattern: r"\.(?:arrive|open_briefly)\(|\.open\(VisitKind",
        places: &[
            // The banner's own settings, after `links::deed_of_address`.
            ("src/gather/choice/by_heuristic.rs", 1),
            // The start page again, and the page that `links::second_page` or the user names.
            ("src/gather/choice/verify.rs", 1),
            // Pages that `links::cookies_pages` lets through.
            ("src/gather/choice/withdraw.rs", 1),
            // Links that `links::that_only_show` or `OwnSite::may_show` let through, or the address of `notice URL`.
            ("src/gather/notice/search.rs", 1),
            // The target, and pages that the user names.
            ("src/gather/scan/cloaking_check.rs", 1),
            ("src/gather/scan/pass.rs", 4),
            ("src/gather/visit/visitor.rs", 2),
        ],
        gate: "src/gather/links.rs, or the user named the address",
    },
    Reach {
        what: "makes a request outside the browser",
        pattern: r"Client::builder|client\.get\(|reqwest::(?:get|Client)|TcpStream::connect|UdpSocket|lookup_host",
        // To resolve a name contacts nobody but the resolver.
        places: &[("src/gather/addresses.rs", 1), ("src/gather/notice/fetch.rs", 2)],
        gate: "`Fetcher::permitted_addresses` and `SiteSecrets::headers_for`",
    },
    Reach {
        what: "fetches a page",
        pattern: r"\.(?:fetch|fetch_at_most)\(",
        places: &[
            ("src/cli/lists.rs", 1),
            ("src/gather/notice/fetch.rs", 4),
            // After `OwnSite::may_show`.
            ("src/gather/notice/own_site.rs", 1),
            // Lists that pages loaded themselves.
            ("src/gather/notice/related.rs", 1),
        ],
        gate: "the user named the address, the page loads it by itself, or src/gather/links.rs",
    },
    Reach {
        what: "sends pointer, wheel, finger or key",
        pattern: r"commands::(?:mouse|wheel|touch|enter|shift)\(",
        places: &[("src/gather/tab/input.rs", 3), ("src/gather/tab/person.rs", 5)],
        gate: "`ChoiceDriver::only_chooses` and `forbidden`; `Tab::be_a_person` presses nothing that a page shows",
    },
    Reach {
        what: "builds an input event",
        pattern: r"Input::Dispatch(?:Mouse|Key|Touch)Event \{",
        places: &[("src/gather/cdp/commands.rs", 0)],
        gate: "the commands above",
    },
    Reach {
        what: "presses a control",
        pattern: r"[^.]\.(?:press|press_at|press_by_key|enter)\(",
        places: &[
            ("src/gather/choice/by_heuristic.rs", 0),
            ("src/gather/choice/by_autoconsent.rs", 0),
            ("src/gather/choice/by_recipe.rs", 0),
            ("src/gather/choice/by_settings.rs", 0),
            ("src/gather/choice/driver.rs", 0),
            ("src/gather/choice/withdraw.rs", 0),
        ],
        gate: "`ChoiceDriver::only_chooses` and `forbidden`",
    },
    Reach {
        what: "acts from a script of ours",
        pattern: r"\.click\(|\.submit\(|requestSubmit|dispatchEvent\(|location\.(?:assign|replace)\(|location(?:\.href)? = |new XMLHttpRequest|[.]sendBeacon[(]|window\.open\(|\bfetch\(['\x22`]",
        places: &[],
        gate: "none: scripts of ours look and do nothing",
    },
    Reach {
        what: "loads an image by a script of ours",
        pattern: r"new Image\b|\.src = ",
        // The icons that the page names, or the one that every browser tries.
        places: &[("src/gather/tab/icons.rs", 2)],
        gate: "`Recorder::is_refused`, as every request of a page",
    },
    Reach {
        what: "decides about the user's secrets",
        pattern: r"headers_for\(",
        places: &[
            ("src/gather/notice/fetch.rs", 1),
            ("src/gather/record/recorder.rs", 1),
            ("src/gather/secrets.rs", 0),
        ],
        gate: "`SiteSecrets::headers_for`",
    },
    Reach {
        what: "changes a request of the browser",
        pattern: r"commands::(?:go_on|refuse|fulfil_html)\(",
        places: &[("src/gather/browser/preflight.rs", 0), ("src/gather/record/recorder.rs", 3)],
        gate: "`SiteSecrets::headers_for` and `Hub::is_refused`",
    },
    Reach {
        what: "handles a password",
        pattern: r"Credentials::new\(|basic_auth|Authorization",
        places: &[
            ("src/cli/args.rs", 0),
            ("src/cli/credentials.rs", 0),
            ("src/cli/demo.rs", 0),
            ("src/cli/lists.rs", 0),
            ("src/gather/secrets.rs", 0),
            ("src/pipeline/scan.rs", 0),
        ],
        gate: "`SiteSecrets::bind`, the only way to use them",
    },
];

/// The part of a source that runs in the program.
fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

#[test]
fn nothing_reaches_a_site_around_the_gates() {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut sources = BTreeMap::new();
    for path in files_under(&std::path::Path::new(root).join("src")) {
        let name = path.strip_prefix(root).expect("a file of this tree").display().to_string();
        let is_source = path.extension().is_some_and(|it| it == "rs" || it == "js");
        if is_source && !name.contains("/demo/") && !name.ends_with("tests.rs") {
            sources.insert(name, fs::read_to_string(&path).expect("a readable source"));
        }
    }
    let mut wrong = Vec::new();
    for Reach { what, pattern, places, gate } in REACHES {
        let pattern = Regex::new(pattern).expect("a valid pattern");
        for (name, text) in &sources {
            let code: String = without_tests(text)
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .fold(String::new(), |all, line| all + line + "\n");
            let found = pattern.find_iter(&code).count();
            let allowed = places.iter().find(|(file, _)| file == name).map(|it| it.1);
            match allowed {
                Some(0) => (),
                Some(most) if found <= most => (),
                None if found == 0 => (),
                _ => wrong.push(format!(
                    "{name} {what} in {found} places; put it behind {gate}, and list it in tests/it/gates.rs"
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A list of places that no longer exist hides new ones.
#[test]
fn every_listed_place_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for Reach { what, pattern, places, .. } in REACHES {
        let pattern = Regex::new(pattern).expect("a valid pattern");
        for (name, most) in *places {
            let text = fs::read_to_string(root.join(name)).unwrap_or_default();
            let found = pattern.find_iter(without_tests(&text)).count();
            assert!(*most == 0 || found >= *most, "{name} {what} in {found} places, not {most}");
        }
    }
}
