//! The frames of a page, cross-origin ones too, and where each lies in the window.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::gather::{
    cdp::{commands, connection::CdpError},
    tab::page::{RootsError, Tab},
};

/// How long a frame may take to answer a question.
const ANSWER: Duration = Duration::from_secs(3);

/// Frames beyond these are not looked at: pages full of advertisements have hundreds.
const MOST: usize = 24;

/// A frame that a visitor can see.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The session that it answers in.
    session: String,
    /// Its own name for itself.
    id: String,
    /// Its address.
    pub(super) url: String,
    /// The frame it lies in, by place, with the number of its element there.
    parent: Option<(usize, u32)>,
    /// Whether its element lies over the page.
    pub(super) over: bool,
    /// Backend numbers of its closed shadow roots.
    closed: Vec<u32>,
    /// Why those could not be looked for, if so.
    pub(super) unsearched: Option<String>,
}

/// Where a frame's element lies in its parent.
#[derive(Debug, Deserialize)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    over: bool,
    shown: bool,
    reached: bool,
}

/// The page's own frame first, then every visible frame in it.
pub(super) async fn visible_frames(tab: &Tab) -> Result<Vec<Frame>, CdpError> {
    let mut frames: Vec<Frame> = Vec::new();
    for session in tab.frame_sessions() {
        let tree = tab.cdp().send(&session, &commands::frame_tree(), ANSWER).await;
        let tree = match tree {
            Ok(tree) => tree,
            // The page itself must answer; a frame may have gone meanwhile.
            Err(error) if frames.is_empty() => return Err(error),
            Err(_) => continue,
        };
        // A page without frames, which most are, needs no more than this.
        let mut open = vec![&tree["frameTree"]];
        while let Some(node) = open.pop() {
            if frames.len() >= MOST {
                break;
            }
            open.extend(node["childFrames"].as_array().into_iter().flatten());
            if let Some(frame) = visible_frame(tab, &session, &node["frame"], &frames).await {
                frames.push(frame);
            }
        }
    }
    find_closed_roots(tab, &mut frames).await;
    Ok(frames)
}

/// The addresses of windows that the page has opened.
pub(super) async fn windows(tab: &Tab) -> Vec<String> {
    let mut addresses = Vec::new();
    for session in tab.frame_sessions().iter().skip(1) {
        let Ok(tree) = tab.cdp().send(session, &commands::frame_tree(), ANSWER).await else {
            continue;
        };
        let frame = &tree["frameTree"]["frame"];
        let address = frame["url"].as_str().unwrap_or_default();
        if frame["parentId"].is_null() && address.starts_with("http") {
            // The browser keeps the fragment apart.
            let fragment = frame["urlFragment"].as_str().unwrap_or_default();
            addresses.push(format!("{address}{fragment}"));
        }
    }
    addresses
}

/// Looks for the closed shadow roots of every frame, which only the browser can show.
async fn find_closed_roots(tab: &Tab, frames: &mut [Frame]) {
    let mut sessions: Vec<String> = Vec::new();
    for at in 0..frames.len() {
        let session = frames[at].session.clone();
        if sessions.contains(&session) {
            continue;
        }
        match tab.closed_roots(&session).await {
            Ok(roots) => {
                for root in roots {
                    // Without a frame of its own it is of the session's own document, which comes first.
                    let of = frames.iter_mut().find(|it| {
                        it.session == session && root.frame.as_ref().is_none_or(|id| *id == it.id)
                    });
                    if let Some(frame) = of {
                        frame.closed.push(root.node);
                    }
                }
            }
            // A frame may have gone meanwhile; the page itself must answer.
            Err(RootsError::Cdp(_)) if at > 0 => (),
            Err(RootsError::Cdp(CdpError::Refused(_, why))) => frames[at].unsearched = Some(why),
            Err(error) => frames[at].unsearched = Some(error.to_string()),
        }
        sessions.push(session);
    }
}

/// One frame of a tree, if it is the page's own or can be seen in a frame that is known.
async fn visible_frame(
    tab: &Tab,
    session: &str,
    described: &Value,
    known: &[Frame],
) -> Option<Frame> {
    let id = described["id"].as_str()?.to_owned();
    let url = described["url"].as_str().unwrap_or_default().to_owned();
    let mut frame = Frame {
        session: session.to_owned(),
        id,
        url,
        parent: None,
        over: false,
        closed: Vec::new(),
        unsearched: None,
    };
    let Some(parent) = described["parentId"].as_str() else {
        return known.is_empty().then_some(frame);
    };
    let at = known.iter().position(|it| it.id == parent)?;
    let owner = commands::frame_owner(&frame.id);
    let owner = tab.cdp().send(&known[at].session, &owner, ANSWER).await.ok()?;
    let node = owner["backendNodeId"].as_u64().and_then(|id| u32::try_from(id).ok())?;
    frame.parent = Some((at, node));
    let place = known[at].element(tab, node, None).await.ok()?;
    frame.over = place.over || known[at].over;
    (place.shown && place.width * place.height > 1500.0).then_some(frame)
}

impl Frame {
    /// What `expression` is in a world of this frame that shares its document but not its scripts.
    pub(super) async fn ask(&self, tab: &Tab, expression: &str) -> Result<Value, CdpError> {
        self.ask_in(tab, self.world(tab).await?, expression).await
    }

    /// The same in a world that is known.
    pub(super) async fn ask_in(
        &self,
        tab: &Tab,
        world: u32,
        expression: &str,
    ) -> Result<Value, CdpError> {
        tab.evaluate_in(&self.session, expression, Some(world)).await
    }

    /// Loads the finder and hands it the closed shadow roots.
    pub(super) async fn load_finder(&self, tab: &Tab) -> Result<(), CdpError> {
        let world = self.world(tab).await?;
        let roots = &self.closed;
        self.ask_in(tab, world, "globalThis.closedRoots = []; true").await?;
        for &node in roots {
            let object =
                tab.cdp().send(&self.session, &commands::as_object(node, world), ANSWER).await?;
            let object = object["object"]["objectId"].as_str().unwrap_or_default();
            let call = commands::call_on(object, "function () { closedRoots.push(this); }");
            tab.cdp().send(&self.session, &call, ANSWER).await?;
        }
        let load = format!("{}; true", include_str!("finder.js").trim_end());
        self.ask_in(tab, world, &load).await.map(drop)
    }

    /// Loads what reads the settings of a banner, beside the finder that is loaded.
    pub(super) async fn load_sheet_reader(&self, tab: &Tab) -> Result<(), CdpError> {
        let load = format!("{}; true", include_str!("sheet.js").trim_end());
        self.ask_in(tab, self.world(tab).await?, &load).await.map(drop)
    }

    async fn world(&self, tab: &Tab) -> Result<u32, CdpError> {
        let command = commands::isolated_world(&self.id);
        let answer = tab.cdp().send(&self.session, &command, ANSWER).await?;
        answer["executionContextId"]
            .as_u64()
            .and_then(|id| id.try_into().ok())
            .ok_or(CdpError::Refused("Page.createIsolatedWorld", "no world".to_owned()))
    }

    /// Where one of this frame's own frames lies, and whether a press at `point` of it would reach
    /// it.
    async fn element(
        &self,
        tab: &Tab,
        node: u32,
        point: Option<(f64, f64)>,
    ) -> Result<Place, CdpError> {
        let world = self.world(tab).await?;
        let object =
            tab.cdp().send(&self.session, &commands::as_object(node, world), ANSWER).await?;
        let object = object["object"]["objectId"].as_str().unwrap_or_default();
        let (x, y) = point.unwrap_or((-1.0, -1.0));
        let function =
            FRAME_ELEMENT.replace("AT_X", &x.to_string()).replace("AT_Y", &y.to_string());
        let call = commands::call_on(object, &function);
        let mut answer = tab.cdp().send(&self.session, &call, ANSWER).await?;
        serde_json::from_value(answer["result"]["value"].take())
            .map_err(|error| CdpError::Refused("Runtime.callFunctionOn", error.to_string()))
    }
}

/// Turns a point of a frame into one of the window; `None` if something else lies over the frame
/// there.
pub(super) async fn window_point(
    tab: &Tab,
    frames: &[Frame],
    frame: usize,
    (mut x, mut y): (f64, f64),
) -> Result<Option<(f64, f64)>, CdpError> {
    let mut at = frame;
    while let Some((parent, node)) = frames.get(at).and_then(|frame| frame.parent) {
        let Some(outer) = frames.get(parent) else { break };
        let place = outer.element(tab, node, Some((x, y))).await?;
        if !place.reached {
            return Ok(None);
        }
        (x, y) = (x + place.x, y + place.y);
        at = parent;
    }
    Ok(Some((x, y)))
}

/// Asked of a frame's element in its parent.
const FRAME_ELEMENT: &str = "function () {
    const up = (element) => element.parentElement || element.getRootNode().host || null;
    if (AT_X >= 0 && (this.getBoundingClientRect().bottom < 0 || this.getBoundingClientRect().top > innerHeight)) {
        this.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    }
    const box = this.getBoundingClientRect();
    const style = getComputedStyle(this);
    const x = box.x + this.clientLeft + (parseFloat(style.paddingLeft) || 0);
    const y = box.y + this.clientTop + (parseFloat(style.paddingTop) || 0);
    let over = false;
    for (let at = this; at && at !== document.body; at = up(at)) {
        if (['fixed', 'sticky'].includes(getComputedStyle(at).position) || at.matches('[role=dialog],[role=alertdialog],dialog[open]')) over = true;
    }
    const shown = box.width > 1 && box.height > 1 && this.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    let hit = document.elementFromPoint(x + AT_X, y + AT_Y);
    while (hit && hit.shadowRoot && hit !== this) {
        const inner = hit.shadowRoot.elementFromPoint(x + AT_X, y + AT_Y);
        if (!inner || inner === hit) break;
        hit = inner;
    }
    // In a closed shadow root the hit is its host.
    const reached = hit === this || (this.getRootNode().host && hit === this.getRootNode().host) || false;
    return { x, y, width: box.width, height: box.height, over, shown, reached: Boolean(reached) };
}";

/// The place of the frame of that id.
pub(super) fn position(frames: &[Frame], id: &str) -> Option<usize> {
    frames.iter().position(|frame| frame.id == id)
}
