//! What people do on a page without wanting anything from it: they move the pointer, turn the wheel and touch a key. Many
//! sites load their tags only then.

use std::time::Duration;

use headless_chrome::protocol::cdp::{
    Input::{
        DispatchKeyEventTypeOption as Key, DispatchMouseEventTypeOption as Mouse,
        DispatchTouchEventTypeOption as Touch,
    },
    types::Method,
};
use serde::{Deserialize, Serialize};

use super::page::Tab;
use crate::{
    gather::cdp::{commands, connection::CdpError},
    model::Gesture,
};

/// How long the page may take to feel one of them. A page that hangs feels none.
const FELT: Duration = Duration::from_secs(2);

/// Time between two movements, one frame: what moves faster reaches a page as one movement.
const PAUSE: Duration = Duration::from_millis(16);

/// Finds places that are neither links nor controls, so that nothing is hovered over that a visitor could press, and
/// whether the focus is where no key can do anything.
const PLACES: &str = "(() => {
    const acts = 'a,area,button,input,select,textarea,label,summary,details,iframe,object,embed,video,audio,canvas,[role],[onclick],[onmouseover],[onmouseenter],[contenteditable],[tabindex]';
    const isFree = (x, y) => {
        for (let at = document.elementFromPoint(x, y), n = 0; at && n < 60; at = at.parentElement || at.getRootNode().host, n += 1) {
            if (at === document.body || at === document.documentElement) return true;
            if (at.matches(acts) && !at.matches('[role=main],[role=banner],[role=contentinfo],[role=region],[role=document],[role=presentation]')) return false;
            if (getComputedStyle(at).cursor === 'pointer') return false;
        }
        return document.elementFromPoint(x, y) !== null;
    };
    const places = [];
    for (const down of [0.5, 0.35, 0.65, 0.2, 0.8]) {
        for (const across of [0.5, 0.3, 0.7, 0.1, 0.9, 0.015, 0.985]) {
            const [x, y] = [Math.round(innerWidth * across), Math.round(innerHeight * down)];
            if (places.length < 1 && isFree(x, y)) places.push([x, y]);
        }
    }
    let focus = document.activeElement;
    while (focus && focus.shadowRoot && focus.shadowRoot.activeElement) focus = focus.shadowRoot.activeElement;
    const isFocused = Boolean(focus) && focus !== document.body && focus !== document.documentElement;
    return { free: places, isFocused, height: innerHeight };
})()";

/// Where on a page something may be done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Places {
    free: Vec<(f64, f64)>,
    is_focused: bool,
    height: f64,
}

impl Tab {
    /// Moves the pointer, turns the wheel and, if `with_key`, presses a key that does nothing, by the browser's input
    /// events; returns what was done. Nothing is pressed that a page shows, and no key while a field or link has the
    /// focus.
    pub(in crate::gather) async fn be_a_person(
        &self,
        with_key: bool,
        is_phone: bool,
    ) -> Result<Vec<Gesture>, CdpError> {
        let found = self.evaluate(PLACES).await?;
        let found: Places = serde_json::from_value(found)
            .map_err(|error| CdpError::Refused("Runtime.evaluate", error.to_string()))?;
        let mut done = Vec::new();
        // The edge belongs to nothing but the page.
        let (x, y) = found.free.first().copied().unwrap_or((1.0, found.height / 2.0));
        for step in [0.0, 2.0, 5.0] {
            let moved = commands::mouse(Mouse::MouseMoved, x + step, y + step, false);
            let (felt, ()) = tokio::join!(self.feel(&moved), tokio::time::sleep(PAUSE));
            felt?;
        }
        done.push(Gesture::Pointer);
        let presses_key = with_key && !found.is_focused;
        // Upwards, at the top: the page feels it and stays where it is, since some take scrolling for consent, and the
        // page is scrolled elsewhere.
        let wheel = commands::wheel(x, y, -120.0);
        let (down, up) = (commands::shift(Key::RawKeyDown), commands::shift(Key::KeyUp));
        let keys = async {
            if presses_key {
                // The order is that of sending.
                let (down, up) = tokio::join!(self.feel(&down), self.feel(&up));
                down.and(up)?;
            }
            Ok::<(), CdpError>(())
        };
        let (turned, pressed) = tokio::join!(self.feel(&wheel), keys);
        turned?;
        done.push(Gesture::Wheel);
        if is_phone {
            // It moves so far that no page can take it for a tap.
            for (kind, at) in [
                (Touch::TouchStart, Some((x, y))),
                (Touch::TouchMove, Some((x, (y - 60.0).max(1.0)))),
                (Touch::TouchMove, Some((x, (y - 90.0).max(1.0)))),
                (Touch::TouchEnd, None),
            ] {
                self.feel(&commands::touch(kind, at)).await?;
                tokio::time::sleep(PAUSE).await;
            }
            done.push(Gesture::Touch);
        }
        pressed?;
        if presses_key {
            done.push(Gesture::Key);
        }
        Ok(done)
    }

    /// Sends an input event. A page that takes its time over it goes on feeling it.
    async fn feel<C: Method + Serialize + Sync>(&self, event: &C) -> Result<(), CdpError> {
        self.cdp().send(self.session(), event, FELT).await.map(drop)
    }
}
