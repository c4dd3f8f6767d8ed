use super::{read_category, seconds, value};
use crate::model::{
    CategoryBasis, Claim, ClaimKind, Declaration, DeclaredLifetime, Link, LinkKind, Notice,
    NoticeFound, NoticeProblem, NoticeProblemKind, NoticeSetting, NoticeState, Translation,
    WrittenLifetime,
};

pub(super) fn read_state(state: &str, body: &[&str]) -> NoticeState {
    let why = "the server answered 503".to_owned();
    match state {
        "" => NoticeState::Read(Box::new(read_notice(body))),
        "other" => NoticeState::Read(Box::new(Notice { is_notice: false, ..read_notice(body) })),
        "missing" => NoticeState::Missing { why: "looked at the links of 1 page".to_owned() },
        "unreadable" | "unreadable by-us" => NoticeState::Unreadable {
            url: "https://shop.test/cookies".to_owned(),
            why,
            by_us: state.ends_with("by-us"),
        },
        "not-sought" => NoticeState::NotSought { why },
        _ => panic!("unknown state `{state}`"),
    }
}

/// Lines of a notice that are about what is around it.
pub(super) fn is_around(line: &str) -> bool {
    ["found ", "looked ", "translation "].iter().any(|it| line.starts_with(it))
}

fn read_claim_kind(name: &str) -> ClaimKind {
    *ClaimKind::ALL
        .iter()
        .find(|it| it.name() == name)
        .unwrap_or_else(|| panic!("no kind of claim is called {name}"))
}

pub(super) fn read_setting(lines: &[&str]) -> NoticeSetting {
    let mut setting = NoticeSetting::default();
    let mut other: Vec<&str> = Vec::new();
    for line in lines {
        match line.split_once(' ').unwrap() {
            ("found", "given") => setting.found = NoticeFound::Given,
            ("found", "guess") => {
                setting.found = NoticeFound::Guess { how: "many sites have it there".to_owned() };
            }
            ("looked", when) => {
                let (year, month) = when.split_once('-').unwrap();
                setting.looked = Some((year.parse().unwrap(), month.parse().unwrap()));
            }
            ("translation", "unreadable") => setting.translations.push(Translation::Unreadable {
                url: "https://shop.test/cy".to_owned(),
                why: "the server answers 500".to_owned(),
            }),
            ("translation", rest) => other.push(rest.strip_prefix("cy ").unwrap()),
            _ => panic!("cannot read `{line}`"),
        }
    }
    if !other.is_empty() {
        let source = "https://shop.test/cy".to_owned();
        let notice = Notice { source, language: "cy".to_owned(), ..read_notice(&other) };
        setting.translations.push(Translation::Read(Box::new(notice)));
    }
    setting
}

pub(super) fn read_notice(lines: &[&str]) -> Notice {
    let mut notice = Notice {
        schema: Notice::SCHEMA.to_owned(),
        source: "https://shop.test/cookies".to_owned(),
        language: "en".to_owned(),
        is_notice: true,
        declarations: Vec::new(),
        hidden: Vec::new(),
        claims: Vec::new(),
        links: Vec::new(),
        reviewed: None,
        problems: Vec::new(),
        also: Vec::new(),
        retired: Vec::new(),
        text: String::new(),
    };
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["declare", name, ..] => notice.declarations.push(declaration(name, &words)),
            ["hide", name, ..] => notice.hidden.push(declaration(name, &words)),
            ["also", url] => notice.also.push(url.to_owned()),
            ["claim", kind, quote, ..] => notice.claims.push(Claim {
                kind: read_claim_kind(kind),
                categories: value(&words, "categories")
                    .map_or_else(Vec::new, |it| it.split(',').map(read_category).collect()),
                provider: value(&words, "provider"),
                quote: quote.replace('_', " "),
            }),
            ["reviewed", when] => notice.reviewed = Some(when.to_owned()),
            ["source", url] => notice.source = url.to_owned(),
            ["link", url] => {
                notice.links.push(Link { kind: LinkKind::ThirdPartyNotice, url: url.to_owned() });
            }
            ["text", ..] => notice.text.push_str(line["text".len()..].trim()),
            ["problem", kind] => notice.problems.push(NoticeProblem {
                kind: match kind {
                    "truncated" => NoticeProblemKind::InputTruncated,
                    "table" => NoticeProblemKind::TableNotUnderstood,
                    "patterns" => NoticeProblemKind::TooManyPatterns,
                    _ => panic!("unknown problem `{kind}`"),
                },
                message: "it is too long".to_owned(),
            }),
            _ => panic!("cannot read `{line}`"),
        }
    }
    notice
}

fn declaration(name: &str, words: &[&str]) -> Declaration {
    Declaration {
        as_written: name.to_owned(),
        patterns: vec![name.to_owned()],
        provider: value(words, "provider"),
        domain: value(words, "domain"),
        purpose: value(words, "purpose"),
        category: value(words, "category").map(|it| read_category(&it)),
        category_basis: value(words, "category").map(|_| {
            let inferred = words.contains(&"inferred");
            if inferred { CategoryBasis::Inferred } else { CategoryBasis::Stated }
        }),
        section: value(words, "section"),
        lifetime: declared_lifetime(value(words, "life").as_deref()),
    }
}

fn declared_lifetime(written: Option<&str>) -> DeclaredLifetime {
    let Some(written) = written else { return DeclaredLifetime::absent() };
    let (kind, from, to) = match written {
        "session" => (WrittenLifetime::Session, None, None),
        "persistent" => (WrittenLifetime::Persistent, None, None),
        "instant" => (WrittenLifetime::Instant, None, None),
        "event" => (WrittenLifetime::Event, None, None),
        "unreadable" => (WrittenLifetime::Unreadable, None, None),
        _ => {
            if let Some((from, to)) = written.split_once("..") {
                (WrittenLifetime::Range, Some(from), Some(to))
            } else if let Some(length) = written.strip_prefix("session/") {
                (WrittenLifetime::SessionOrDuration, Some(length), None)
            } else {
                (WrittenLifetime::Duration, Some(written), None)
            }
        }
    };
    let length = |it: &str| u64::try_from(seconds(it)).unwrap();
    DeclaredLifetime {
        kind,
        as_written: Some(written.to_owned()),
        seconds: from.map(length),
        max_seconds: to.map(length),
        sliding: false,
    }
}
