use std::{fmt::Write as _, io::BufRead as _};

use cookie::Cookie;
use serde::Serialize;
use url::Url;

use super::{
    Failure,
    args::{ClassifyArgs, TextOrJson},
    input, json, print,
};
use crate::{
    classify::{self, Knowledge, Shape, Traits},
    exit::Exit,
    interpret,
    model::{Basis, Category, Classification, Party, SourceId, site},
    recording::redact::Redactor,
    report::terminal_safe,
};

#[derive(Serialize)]
struct Answer {
    query: String,
    category: Category,
    basis: Basis,
    organisation: Option<String>,
}

/// What one argument, or one line of standard input, asks about.
enum Query {
    Cookie { name: String, domain: String, long_lived: Option<bool>, shape: Option<Shape> },
    Host(String),
    Address(String),
}

/// `crumbcheck classify`.
pub(super) fn classify(args: &ClassifyArgs) -> Result<Exit, Failure> {
    let knowledge = Knowledge::embedded().with_overrides(args.category.clone());
    if let Some(recording) = &args.list_unknown {
        return list_unknown(args, recording, &knowledge);
    }
    let mut queries = Vec::new();
    for query in &args.queries {
        if query == "-" {
            for line in std::io::stdin().lock().lines() {
                let line = line.map_err(|error| {
                    Failure::usage(
                        format!("standard input could not be read: {error}"),
                        "give one name, host, address or Set-Cookie line on each line",
                    )
                })?;
                queries.extend(Some(line.trim().to_owned()).filter(|it| !it.is_empty()));
            }
        } else {
            queries.push(query.clone());
        }
    }
    let answers: Vec<Answer> = queries
        .into_iter()
        .map(|query| {
            let class = answer(&query, args, &knowledge);
            Answer {
                query,
                category: class.category,
                basis: class.basis,
                organisation: class.organisation,
            }
        })
        .collect();
    let text = match args.format {
        TextOrJson::Json => json(&answers)?,
        TextOrJson::Terminal => answers.iter().fold(String::new(), |mut text, answer| {
            write_answer(&mut text, answer, &knowledge);
            text
        }),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn write_answer(text: &mut String, answer: &Answer, knowledge: &Knowledge) {
    let _ = writeln!(text, "{}: {}", terminal_safe(&answer.query), answer.category);
    let basis = &answer.basis;
    let _ = writeln!(
        text,
        "  {} ({}, {} confidence)",
        terminal_safe(&basis.entry),
        basis.source,
        basis.confidence.name()
    );
    if let Some(organisation) = &answer.organisation {
        let _ = writeln!(text, "  run by {}", terminal_safe(organisation));
        for it in knowledge.conditions(organisation) {
            let _ = writeln!(text, "  may be kept without consent as {}: {}", it.ground(), it.text);
        }
    }
}

fn answer(query: &str, args: &ClassifyArgs, knowledge: &Knowledge) -> Classification {
    let set_by = args
        .set_by
        .as_ref()
        .map(|it| if it.contains("://") { it.clone() } else { format!("https://{it}/") });
    match read(query, knowledge) {
        Query::Host(host) => knowledge.host(&host),
        Query::Address(url) => knowledge.request(&url),
        Query::Cookie { name, domain, long_lived, shape } => {
            const LONG: u64 = 30 * 86_400;
            let class = knowledge.cookie(&name, &domain, set_by.as_deref(), &[]);
            if !class.is_open() {
                return class;
            }
            let long_lived = args.lifetime.map(|it| it.as_secs() > LONG).or(long_lived);
            let writer = set_by.as_deref().and_then(site::host_of).unwrap_or_default();
            let traits = Traits {
                host: if domain.is_empty() { &writer } else { &domain },
                long_lived: long_lived == Some(true),
                shape,
                ..Traits::default()
            };
            classify::score_name(&name, traits).unwrap_or(class)
        }
    }
}

fn read(query: &str, knowledge: &Knowledge) -> Query {
    let header = ["set-cookie:", "cookie:"]
        .iter()
        .find(|it| query.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it)))
        .map(|it| query[it.len()..].trim());
    let is_cookie = header.is_some() || (query.contains('=') && query.contains(';'));
    if is_cookie && let Ok(cookie) = Cookie::parse(header.unwrap_or(query).to_owned()) {
        return Query::Cookie {
            name: cookie.name().to_owned(),
            domain: cookie.domain().unwrap_or_default().to_owned(),
            long_lived: cookie.max_age().map(|it| it.whole_days() > 30),
            shape: shape(cookie.value()),
        };
    }
    if Url::parse(query).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "wss" | "ws")) {
        return Query::Address(query.to_owned());
    }
    if let Some((name, domain)) = query.rsplit_once('@') {
        let (name, domain) = (name.to_owned(), domain.to_owned());
        return Query::Cookie { name, domain, long_lived: None, shape: None };
    }
    let known = || !knowledge.cookie(query, "", None, &[]).is_open();
    // `//cdn.example.org/x.js` and `example.org:8443/x` are addresses that lost their scheme.
    if let Some(host) = classify::host_in(query).filter(|_| !known()) {
        let rest = query.trim_start_matches('/');
        return match rest.split_once('/') {
            Some((_, path)) if !path.is_empty() => Query::Address(format!("https://{host}/{path}")),
            _ => Query::Host(host),
        };
    }
    let (name, domain) = (query.to_owned(), String::new());
    Query::Cookie { name, domain, long_lived: None, shape: None }
}

/// The shape of a value, as a recording describes it.
fn shape(value: &str) -> Option<Shape> {
    Shape::of(value.chars().count(), Some(!Redactor::Keep.parts(value).is_empty()))
}

/// Prints the items of a recording that no source knows: each deserves a row in our facts.
fn list_unknown(
    args: &ClassifyArgs,
    recording: &std::path::Path,
    knowledge: &Knowledge,
) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Unknown {
        kind: &'static str,
        name: String,
        at: String,
        set_by: Option<String>,
        sent_to: Vec<String>,
    }
    let recording = input::recording(recording)?;
    let evidence = interpret::interpret(&recording, knowledge);
    let mut found = Vec::new();
    // Missing evidence does not matter to a list of what was seen.
    let _ = evidence.everywhere(|slice| {
        let unknown = |class: &Classification| {
            class.category == Category::Unknown
                || class.basis.source.is_guess()
                || class.basis.source == SourceId::Notice
        };
        for (cookie, _) in slice.cookies().filter(|(it, _)| unknown(&it.class)) {
            found.push(Unknown {
                kind: "cookie",
                name: cookie.key.name.clone(),
                at: cookie.key.domain.clone(),
                set_by: cookie.set_by.url.clone(),
                sent_to: cookie.sent_to.clone(),
            });
        }
        for (item, _) in slice.storage().filter(|(it, _)| unknown(&it.class)) {
            found.push(Unknown {
                kind: "storage",
                name: item.key.key.clone(),
                at: item.key.origin.clone(),
                set_by: item.set_by.url.clone(),
                sent_to: Vec::new(),
            });
        }
        let third = slice.hosts().filter(|(it, _)| it.party == Party::Third);
        for (host, _) in third.filter(|(it, _)| unknown(&it.class)) {
            found.push(Unknown {
                kind: "host",
                name: host.host.to_string(),
                at: host.site.clone(),
                set_by: host.initiators.first().cloned(),
                sent_to: Vec::new(),
            });
        }
    });
    let text = match args.format {
        TextOrJson::Json => json(&found)?,
        TextOrJson::Terminal if found.is_empty() => {
            "Every item in the recording is known.\n".to_owned()
        }
        TextOrJson::Terminal => found.iter().fold(String::new(), |mut text, it| {
            let _ = writeln!(
                text,
                "{} {} at {}",
                it.kind,
                terminal_safe(&it.name),
                terminal_safe(&it.at)
            );
            if let Some(by) = &it.set_by {
                let _ = writeln!(text, "  by {}", terminal_safe(by));
            }
            if !it.sent_to.is_empty() {
                let _ = writeln!(text, "  sent to {}", terminal_safe(&it.sent_to.join(", ")));
            }
            text
        }),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}
