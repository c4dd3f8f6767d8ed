//! What the frames of a page hold that was fetched without a browser: services that write notices for others have them
//! embedded.

use scraper::{ElementRef, Html, Selector};
use url::Url;

/// Frames beyond these are not read.
pub(super) const MOST: usize = 4;

/// Addresses of the frames of a page that a visitor can read, in the order of the page.
pub(super) fn frames(at: &Url, content: &str) -> Vec<Url> {
    let Ok(frames) = Selector::parse("iframe, frame, object, embed") else { return Vec::new() };
    let html = Html::parse_document(content);
    let mut found: Vec<Url> = Vec::new();
    for frame in html.select(&frames).filter(|it| !is_out_of_sight(*it)) {
        // Frames that a script fills when they come into view keep the address in another attribute.
        let names = ["src", "data", "data-src", "data-lazy-src"];
        let source = names.iter().find_map(|name| frame.attr(name).filter(|it| !it.is_empty()));
        let Some(url) = source.and_then(|it| at.join(it.trim()).ok()) else { continue };
        if matches!(url.scheme(), "http" | "https") && url != *at && !found.contains(&url) {
            found.push(url);
        }
    }
    found.truncate(MOST);
    found
}

/// The page with what a frame shows after its own text.
pub(super) fn with_frame(page: &str, url: &Url, shown: &str) -> String {
    let at = page.rfind("</body>").unwrap_or(page.len());
    let (before, after) = page.split_at(at);
    let address = url.as_str().replace('&', "&amp;").replace('"', "&quot;");
    let html = Html::parse_document(shown);
    let body = Selector::parse("body").ok();
    let body = body.and_then(|it| html.select(&it).next()).map(|it| it.inner_html());
    let body = body.unwrap_or_default();
    format!("{before}<section data-frame=\"{address}\">{body}</section>{after}")
}

/// Whether a frame is one of those that measure, and which no visitor sees.
fn is_out_of_sight(frame: ElementRef<'_>) -> bool {
    let pixels =
        |name| frame.attr(name).and_then(|it| it.trim_end_matches("px").parse::<u32>().ok());
    let is_small =
        pixels("width").is_some_and(|it| it < 100) || pixels("height").is_some_and(|it| it < 50);
    let outer = frame.ancestors().filter_map(ElementRef::wrap);
    is_small
        || std::iter::once(frame).chain(outer).any(|it| {
            let style = it.attr("style").unwrap_or_default().to_lowercase().replace(' ', "");
            it.attr("hidden").is_some()
                || matches!(it.value().name(), "noscript" | "template")
                || ["display:none", "visibility:hidden"].iter().any(|hides| style.contains(hides))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(content: &str) -> Vec<String> {
        let at = Url::parse("https://www.club.test/cookies").unwrap();
        frames(&at, content).into_iter().map(Url::into).collect()
    }

    #[test]
    fn frames_that_a_visitor_can_read_are_found() {
        for (content, url) in [
            (r#"<iframe src="/policy/7">"#, "https://www.club.test/policy/7"),
            (
                r#"<iframe width=800 src=" //texts.test/7?a=1&amp;b=2 ">"#,
                "https://texts.test/7?a=1&b=2",
            ),
            (
                r#"<object data="policy.pdf" type="application/pdf"></object>"#,
                "https://www.club.test/policy.pdf",
            ),
            (r#"<embed src="https://texts.test/8">"#, "https://texts.test/8"),
            (
                r#"<iframe loading=lazy src="" data-src="https://texts.test/9">"#,
                "https://texts.test/9",
            ),
        ] {
            assert_eq!(found(content), [url], "{content}");
        }
    }

    #[test]
    fn frames_that_nobody_sees_are_not() {
        for content in [
            r#"<iframe src="https://count.test/" width="1" height="1">"#,
            r#"<iframe src="https://count.test/" style="display: none">"#,
            r#"<div hidden><iframe src="https://count.test/"></iframe></div>"#,
            r#"<noscript><iframe src="https://count.test/"></iframe></noscript>"#,
            r#"<iframe src="javascript:void(0)"></iframe><iframe srcdoc="x"></iframe><iframe src="/cookies">"#,
            "<p>iframe src=https://count.test/</p>",
        ] {
            assert_eq!(found(content), [""; 0], "{content}");
        }
        let many = ["a", "b", "c", "d", "e", "f"]
            .map(|it| format!("<iframe src=/{it}></iframe>"))
            .concat();
        assert_eq!(found(&many).len(), MOST);
    }

    #[test]
    fn what_a_frame_shows_follows_the_page() {
        let url = Url::parse("https://texts.test/?a=1&b=%22").unwrap();
        let page = with_frame(
            "<html><body><h1>Cookies</h1></body></html>",
            &url,
            "<title>x</title><p>sid</p>",
        );
        assert_eq!(
            page,
            "<html><body><h1>Cookies</h1><section data-frame=\"https://texts.test/?a=1&amp;b=%22\"><p>sid</p></section></body></html>"
        );
    }
}
