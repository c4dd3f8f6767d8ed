//! What a visitor can read on the page that is open: the flattened tree with its shadow roots, what its frames show, and
//! apart from that what is in the page and no visitor can see. What folds away and can be opened counts as seen.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use crate::gather::{
    cdp::{commands, connection::CdpError},
    tab::page::Tab,
};

/// How long a frame may take to write down what it shows: a notice may have a hundred thousand rows.
const ANSWER: Duration = Duration::from_secs(20);

/// A frame of fewer words than this has not shown what it is for, as far as we can read it.
const FEW_WORDS: usize = 15;

/// Frames beyond these are not read.
const MOST_FRAMES: usize = 24;

/// The script that reads one frame. It is a function of the part that is wanted and of what is handed to it.
const READER: &str = include_str!("rendered.js");

/// What one frame, or the whole page, shows.
#[derive(Debug, Deserialize)]
pub(super) struct Rendered {
    /// Whether the part that was asked for is there.
    pub(super) found: bool,
    /// What a visitor can read, as HTML.
    pub(super) seen: String,
    /// What is there and no visitor can see, as HTML.
    pub(super) unseen: String,
}

/// A frame of the page that may be read.
#[derive(Clone, Debug)]
struct Frame {
    session: String,
    id: String,
    /// The session and id of the frame that it lies in.
    parent: Option<usize>,
    url: String,
}

/// What the page shows, or only the part of it that a fragment names.
pub(super) async fn read(tab: &Tab, part: Option<&str>) -> Result<Rendered, CdpError> {
    let frames = frames(tab).await?;
    let mut whole = read_frame(tab, &frames, 0, part).await?;
    if !whole.seen.contains("<!--frame:") {
        return Ok(whole);
    }
    let mut texts = BTreeMap::new();
    for at in 1..frames.len() {
        // What has gone meanwhile, does not answer or shows nothing stays in the page as a frame that was not read.
        if frames[at].url.starts_with("chrome-error:") {
            continue;
        }
        let Ok(mut read) = read_frame(tab, &frames, at, None).await else { continue };
        if !is_blank(&read.seen) {
            if !speaks_of_cookies(&read.seen) {
                read.seen.clear();
                read.unseen.clear();
            }
            texts.insert(frames[at].id.clone(), (frames[at].url.clone(), read));
        }
    }
    let (seen, unseen) = put_together(&whole.seen, &texts, 0);
    whole.seen = seen;
    whole.unseen.push_str(&unseen);
    Ok(whole)
}

/// What a frame shows must be about cookies to be read as part of the notice: most frames are maps, films and
/// advertisements.
fn speaks_of_cookies(html: &str) -> bool {
    let text = html.to_lowercase();
    // A frame in it may be the one that does.
    text.contains("cookie") || text.contains("cwci") || text.contains("<!--frame:")
}

/// Whether hardly anything can be read in a frame. What lies in its own frames may be the text.
fn is_blank(html: &str) -> bool {
    let words = body_of(html).split('<').filter_map(|it| it.split_once('>'));
    words.flat_map(|it| it.1.split_whitespace()).take(FEW_WORDS).count() < FEW_WORDS
        && !html.contains("<!--frame:")
}

/// Replaces the mark of each frame by what the frame shows. A frame that was not read stays, as an empty one.
fn put_together(
    html: &str,
    texts: &BTreeMap<String, (String, Rendered)>,
    depth: usize,
) -> (String, String) {
    let (mut seen, mut unseen) = (String::with_capacity(html.len()), String::new());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--frame:") {
        let Some((id, after)) = after.split_once("-->") else { break };
        seen.push_str(before);
        rest = after;
        let Some((url, read)) = texts.get(id).filter(|_| depth < 5) else { continue };
        rest = rest.split_once("<!--/frame-->").map_or("", |it| it.1);
        if !read.seen.is_empty() {
            let body = body_of(&read.seen);
            let (inner, covered) = put_together(body, texts, depth + 1);
            let url = url.replace('&', "&amp;").replace('"', "&quot;");
            seen.push_str(&format!("<section data-frame=\"{url}\">{inner}</section>"));
            unseen.push_str(&read.unseen);
            unseen.push_str(&covered);
        }
    }
    seen.push_str(rest);
    (seen, unseen)
}

/// What is in the body of a page that the reader wrote.
fn body_of(html: &str) -> &str {
    let inner = html.split_once("<body>").map_or(html, |it| it.1);
    inner.rsplit_once("</body>").map_or(inner, |it| it.0)
}

/// The page's own frame first, then the others, each after the one that it lies in.
async fn frames(tab: &Tab) -> Result<Vec<Frame>, CdpError> {
    let mut found: Vec<Frame> = Vec::new();
    for session in tab.frame_sessions() {
        let tree = match tab.cdp().send(&session, &commands::frame_tree(), ANSWER).await {
            Ok(tree) => tree,
            // The page itself must answer; a frame may have gone meanwhile.
            Err(error) if found.is_empty() => return Err(error),
            Err(_) => continue,
        };
        let mut open = vec![&tree["frameTree"]];
        while let Some(node) = open.pop() {
            open.extend(node["childFrames"].as_array().into_iter().flatten());
            let text = |name: &str| node["frame"][name].as_str().map(str::to_owned);
            let Some(id) = text("id") else { continue };
            let parent = match text("parentId") {
                Some(parent) => match found.iter().position(|it| it.id == parent) {
                    Some(at) => Some(at),
                    None => continue,
                },
                // Of what has no parent only the page itself is read: not a window that it opened.
                None if found.is_empty() => None,
                None => continue,
            };
            if found.len() < MOST_FRAMES {
                let url = text("url").unwrap_or_default();
                found.push(Frame { session: session.clone(), id, parent, url });
            }
        }
    }
    if found.is_empty() {
        return Err(CdpError::Refused("Page.getFrameTree", "no frame".to_owned()));
    }
    Ok(found)
}

async fn read_frame(
    tab: &Tab,
    frames: &[Frame],
    at: usize,
    part: Option<&str>,
) -> Result<Rendered, CdpError> {
    let Some(frame) = frames.get(at) else {
        return Err(CdpError::Refused("Page.getFrameTree", "no such frame".to_owned()));
    };
    let world = world(tab, frame).await?;
    let evaluate = async |expression: &str| {
        let command = commands::evaluate(expression, Some(world));
        tab.cdp().send(&frame.session, &command, ANSWER).await
    };
    evaluate("globalThis.handed = { roots: [], frames: new Map() }; true").await?;
    // Without them what they hold is not read, which is what the page's own scripts would see.
    for root in tab.closed_roots(&frame.session).await.unwrap_or_default() {
        let is_here = match &root.frame {
            Some(id) => *id == frame.id,
            // Of the session's own document.
            None => frames.iter().position(|it| it.session == frame.session) == Some(at),
        };
        if is_here {
            hand(tab, frame, world, root.node, "handed.roots.push(this);").await?;
        }
    }
    for child in frames.iter().filter(|it| it.parent == Some(at)) {
        let owner = tab.cdp().send(&frame.session, &commands::frame_owner(&child.id), ANSWER).await;
        let owner = owner.ok().and_then(|it| it["backendNodeId"].as_u64());
        if let Some(node) = owner.and_then(|it| u32::try_from(it).ok()) {
            let id = Value::from(child.id.as_str());
            hand(tab, frame, world, node, &format!("handed.frames.set(this, {id});")).await?;
        }
    }
    let part = Value::from(part);
    let mut answer = evaluate(&format!("({})({part}, handed)", READER.trim_end())).await?;
    if let Some(error) = answer["exceptionDetails"]["exception"]["description"].as_str() {
        return Err(CdpError::Refused("Runtime.evaluate", error.to_owned()));
    }
    serde_json::from_value(answer["result"]["value"].take())
        .map_err(|error| CdpError::Refused("Runtime.evaluate", error.to_string()))
}

async fn world(tab: &Tab, frame: &Frame) -> Result<u32, CdpError> {
    let command = commands::isolated_world(&frame.id);
    let answer = tab.cdp().send(&frame.session, &command, ANSWER).await?;
    answer["executionContextId"]
        .as_u64()
        .and_then(|id| id.try_into().ok())
        .ok_or(CdpError::Refused("Page.createIsolatedWorld", "no world".to_owned()))
}

/// Runs `statement` in a world with a node as `this`.
async fn hand(
    tab: &Tab,
    frame: &Frame,
    world: u32,
    node: u32,
    statement: &str,
) -> Result<(), CdpError> {
    let command = commands::as_object(node, world);
    let object = match tab.cdp().send(&frame.session, &command, ANSWER).await {
        Ok(object) => object,
        // It is no longer there, or not of this document.
        Err(CdpError::Refused(..)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let object = object["object"]["objectId"].as_str().unwrap_or_default();
    let call = commands::call_on(object, &format!("function () {{ {statement} }}"));
    match tab.cdp().send(&frame.session, &call, ANSWER).await {
        Ok(_) | Err(CdpError::Refused(..)) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, unseen: &str) -> (String, Rendered) {
        let seen = format!("<!doctype html><html><head></head><body>{text}</body></html>");
        let url = "https://other.test/?a=1&b=\"".to_owned();
        (url, Rendered { found: true, seen, unseen: unseen.to_owned() })
    }

    #[test]
    fn what_a_frame_shows_stands_where_the_frame_is() {
        let texts = BTreeMap::from([
            (
                "A".to_owned(),
                shown("<p>a</p><!--frame:B--><iframe></iframe><!--/frame-->", "<i>x</i>"),
            ),
            ("B".to_owned(), shown("<p>b</p>", "<i>y</i>")),
        ]);
        let page = "<h1>1</h1><!--frame:A--><iframe></iframe><!--/frame--><!--frame:C--><iframe src=\"c\"></iframe><!--/frame--><p>2</p>";
        let (seen, unseen) = put_together(page, &texts, 0);
        assert_eq!(
            seen,
            "<h1>1</h1><section data-frame=\"https://other.test/?a=1&amp;b=&quot;\"><p>a</p>\
             <section data-frame=\"https://other.test/?a=1&amp;b=&quot;\"><p>b</p></section></section><iframe src=\"c\"></iframe><!--/frame--><p>2</p>"
        );
        assert_eq!(unseen, "<i>x</i><i>y</i>");
    }

    #[test]
    fn a_frame_of_hardly_a_word_was_not_read() {
        let page = |text: &str| {
            format!(
                "<html><head><title>Our policy on cookies</title></head><body>{text}</body></html>"
            )
        };
        assert!(is_blank(&page("")));
        assert!(is_blank(&page("<div><p>Please wait while it loads</p></div>")));
        assert!(!is_blank(&page(&"<p>seven words of a map and more</p>".repeat(3))));
        assert!(!is_blank(&page("<!--frame:B--><iframe></iframe><!--/frame-->")));
    }

    #[test]
    fn frames_that_name_each_other_end() {
        let texts = BTreeMap::from([("A".to_owned(), shown("x<!--frame:A--><!--/frame-->", ""))]);
        assert_eq!(
            put_together("<!--frame:A--><!--/frame-->", &texts, 0).0.matches('x').count(),
            5
        );
    }
}
