//! What became of the published notice, and whose fault it is where it could not be read.

use crate::{
    classify::Knowledge,
    model::{Notice, NoticeState, VisitStatus, site},
    notice,
    recording::{NoticeFailure, NoticePage, Recording, VisitKind},
};

/// A page with fewer words than this does not say what a site stores, whatever they are.
const FEW_WORDS: usize = 15;
/// A page with more words than this says something of its own, whatever is in its frames.
const OWN_WORDS: usize = 120;

/// The notice as far as it was found and read.
pub(super) fn notice_state(recording: &Recording, knowledge: &Knowledge) -> NoticeState {
    if let Some(page) = &recording.notice.page {
        let read = |it: &NoticePage| notice::read_with_unseen(&it.url, &it.content, &it.unseen);
        let more: Vec<Notice> = recording.notice.more.iter().map(read).collect();
        let joined = notice::joined(read(page), more);
        if !joined.is_notice && asks_to_sign_in(page) {
            let why = "it asks visitors to sign in".to_owned();
            return NoticeState::Unreadable { url: page.url.clone(), why, by_us: false };
        }
        return match unread_part(&joined, page, knowledge) {
            Some(why) => NoticeState::Unreadable { url: page.url.clone(), why, by_us: true },
            None => NoticeState::Read(Box::new(joined)),
        };
    }
    match &recording.notice.problem {
        Some(NoticeFailure::NotLinked { why }) => NoticeState::Missing { why: why.clone() },
        Some(NoticeFailure::Gone { url, why }) => {
            NoticeState::Missing { why: format!("the notice should be at {url}, but {why}") }
        }
        Some(NoticeFailure::Unreadable { url, why }) => NoticeState::Unreadable {
            url: url.clone(),
            why: why.clone(),
            by_us: !is_refused_to_all(recording, url),
        },
        Some(NoticeFailure::NotSought { why }) => NoticeState::NotSought { why: why.clone() },
        None => NoticeState::NotSought { why: "the notice was not looked for".to_owned() },
    }
}

/// Whether a page is for those who have an account.
fn asks_to_sign_in(page: &NoticePage) -> bool {
    let field = page.content.match_indices("<input").any(|(at, _)| {
        let rest = &page.content[at..];
        let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
        attribute(tag, "type").is_some_and(|it| it.eq_ignore_ascii_case("password"))
    });
    field || is_for_signing_in(&page.url)
}

/// Whether an address is that of a page for signing in.
fn is_for_signing_in(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    ["login", "log-in", "signin", "sign-in", "mewngofnodi"].contains(&last)
}

/// Where the words of a page may be that does not read like a notice, if they are where we do not read.
fn unread_part(notice: &Notice, page: &NoticePage, knowledge: &Knowledge) -> Option<String> {
    if notice.is_notice {
        return None;
    }
    let words = notice.text.split_whitespace().count();
    let frames = frames(&page.content);
    let is_trackers = |it: &&Frame<'_>| {
        let host = site::host_of(it.source).unwrap_or_default();
        knowledge.host(&host).category.tracks()
    };
    let mut shown = frames.iter().filter(|it| !is_trackers(it));
    if let Some(frame) = shown.find(|it| words < OWN_WORDS || it.is_about_policies()) {
        let source = frame.source.split(['?', '#']).next().unwrap_or_default();
        let of = if source.is_empty() { String::new() } else { format!(" ({source})") };
        return Some(format!("its words may be in a frame{of}, which was not read"));
    }
    (words < FEW_WORDS).then(|| {
        format!("it shows {words} words, so that what it says may be in a picture or come later")
    })
}

/// Whether the server answered with an error that it gives to everybody, or with a page for signing in. Who is sent away
/// otherwise may have been taken for a robot.
fn is_refused_to_all(recording: &Recording, url: &str) -> bool {
    let visits = recording.passes.iter().flat_map(|pass| &pass.visits);
    let visits =
        visits.filter(|it| it.kind == VisitKind::Notice && (it.asked == url || it.url == url));
    let opened = |status| visits.clone().filter(move |it| it.status == status);
    if opened(VisitStatus::Ok).any(|it| is_for_signing_in(&it.url)) {
        return true;
    }
    let visits =
        visits.filter(|it| it.status == VisitStatus::HttpError).filter_map(|it| it.http_status);
    let fetches = recording.fetches.iter().filter(|it| it.url == url);
    visits
        .chain(fetches.filter_map(|it| it.status))
        .any(|status| status >= 400 && !matches!(status, 403 | 407 | 429))
}

/// Another document that a page shows.
struct Frame<'a> {
    source: &'a str,
    /// All of its tag.
    tag: &'a str,
}

impl Frame<'_> {
    fn is_about_policies(&self) -> bool {
        let tag = self.tag.to_lowercase();
        ["cookie", "policy", "privacy", "consent", "legal", "notice"]
            .iter()
            .any(|word| tag.contains(word))
    }
}

/// The frames of a page as a browser writes it that are large enough to be read.
fn frames(content: &str) -> Vec<Frame<'_>> {
    const MOST: usize = 20;
    let starts = ["<iframe", "<frame ", "<object", "<embed"];
    let mut found = Vec::new();
    for start in starts {
        for (at, _) in content.match_indices(start).take(MOST) {
            let rest = &content[at..];
            let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
            let source = attribute(tag, "src").or_else(|| attribute(tag, "data"));
            let size = |name| {
                attribute(tag, name).and_then(|it| it.trim_end_matches("px").parse::<u32>().ok())
            };
            let is_tiny = [size("width"), size("height")].into_iter().flatten().any(|it| it < 50);
            let style = attribute(tag, "style").unwrap_or_default().replace(' ', "");
            let is_hidden = style.contains("display:none")
                || style.contains("visibility:hidden")
                || tag.contains(" hidden");
            let written_here = attribute(tag, "srcdoc").is_some();
            if !is_tiny && !is_hidden && (source.is_some_and(|it| !it.is_empty()) || written_here) {
                found.push(Frame { source: source.unwrap_or_default(), tag });
            }
        }
    }
    found
}

/// An attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(at) = tag[from..].find(name).map(|at| from + at) {
        let before = tag[..at].chars().next_back();
        from = at + name.len();
        let Some(value) = tag[from..].trim_start().strip_prefix('=') else { continue };
        if before.is_some_and(|it| it.is_whitespace() || it == '"' || it == '\'') {
            let value = value.trim_start();
            return Some(match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
                _ => value.split_whitespace().next().unwrap_or_default(),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(content: &str) -> Option<String> {
        let page = NoticePage {
            url: "https://a.test/cookies".to_owned(),
            content: content.to_owned(),
            ..NoticePage::default()
        };
        let read = notice::read(&page.url, &page.content);
        unread_part(&read, &page, &Knowledge::embedded())
    }

    #[test]
    fn words_in_a_frame_are_not_read() {
        for frame in [
            r#"<iframe src="https://texts.lawyers.test/p/7?lang=en" width="700" height="800"></iframe>"#,
            r#"<object data="https://texts.lawyers.test/p/7" type="text/html"></object>"#,
            "<iframe title='Our policy' src='https://texts.lawyers.test/p/7'></iframe>",
        ] {
            let why = why(&format!("<h1>Cookies</h1>{frame}"));
            assert_eq!(
                why.as_deref(),
                Some(
                    "its words may be in a frame (https://texts.lawyers.test/p/7), which was not read"
                ),
                "{frame}"
            );
        }
    }

    #[test]
    fn a_page_for_those_with_an_account_is_no_notice() {
        let page = |url: &str, content: &str| NoticePage {
            url: url.to_owned(),
            content: content.to_owned(),
            ..NoticePage::default()
        };
        let form = r#"<form><input name=u><input type="password" name=p></form>"#;
        assert!(asks_to_sign_in(&page("https://a.test/cookies", form)));
        assert!(asks_to_sign_in(&page(
            "https://a.test/login?next=/cookies",
            "<p>Welcome back</p>"
        )));
        assert!(!asks_to_sign_in(&page("https://a.test/cookies", "<input type=text>")));
        assert!(!asks_to_sign_in(&page("https://a.test/login-cookies", "")));
    }

    #[test]
    fn frames_that_nobody_reads_do_not_count() {
        let shop = "<p>We sell shoes, boots and sandals in leather and felt, made by hand in our own workshop by the river.</p>";
        for frame in [
            "",
            r#"<iframe src="https://www.googletagmanager.com/ns.html?id=GTM-1"></iframe>"#,
            r#"<iframe src="https://x.test/p" style="display: none"></iframe>"#,
            r#"<iframe src="https://x.test/p" width="1" height="1"></iframe>"#,
            r#"<iframe data-src="https://x.test/p"></iframe>"#,
        ] {
            assert_eq!(why(&format!("{shop}{frame}")), None, "{frame}");
        }
        let long = shop.repeat(10);
        let map = r#"<iframe src="https://maps.test/m"></iframe>"#;
        assert_eq!(why(&format!("{long}{map}")), None);
        let policy = r#"<iframe src="https://maps.test/cookie-policy"></iframe>"#;
        assert!(why(&format!("{long}{policy}")).is_some());
    }

    #[test]
    fn a_page_of_hardly_a_word_may_be_a_picture() {
        assert!(
            why(r#"<h1>Cookies</h1><img src="policy.png">"#)
                .unwrap()
                .starts_with("it shows 1 words")
        );
    }

    #[test]
    fn a_notice_is_read_whatever_frames_it_has() {
        let table = "<h1>Cookies</h1><p>This page lists the cookies that this site uses.</p><table><tr><th>Cookie</th><th>Purpose</th><th>Expires</th></tr><tr><td>sid</td><td>Keeps you signed in</td><td>1 hour</td></tr></table>";
        assert_eq!(why(&format!(r#"{table}<iframe src="https://x.test/policy"></iframe>"#)), None);
    }
}
