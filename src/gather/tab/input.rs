//! What a visitor does with pointer and keys, when the page felt it, and what the window shows.

use std::time::{Duration, Instant};

use headless_chrome::protocol::cdp::Input;

use super::page::{ANSWER, Tab};
use crate::gather::{
    cdp::{commands, connection::CdpError},
    record::tab_state::PressKind,
};

/// How long the page may take to say that it felt a press. Where it does not, nobody listens, or it hangs.
const FELT: Duration = Duration::from_millis(500);

/// How long a click may follow a press that began.
const CLICKED: Duration = Duration::from_millis(150);

/// How long the browser may take to say everything that it knew before a press.
const BARRIER: Duration = Duration::from_millis(500);

/// When a press reached the page, by the page's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gather) struct PressTimes {
    /// The pointer or the key went down.
    pub(in crate::gather) began: Instant,
    /// It was a click.
    pub(in crate::gather) clicked: Instant,
}

impl Tab {
    /// Presses and releases the left button at a point of the page, as a visitor's mouse does.
    pub(in crate::gather) async fn press(&self, x: f64, y: f64) -> Result<PressTimes, CdpError> {
        use Input::DispatchMouseEventTypeOption::{MouseMoved, MousePressed, MouseReleased};
        self.barrier().await;
        let sent_at = Instant::now();
        let moves = [(MouseMoved, false), (MousePressed, true), (MouseReleased, false)];
        let sent = moves.map(|(kind, down)| {
            self.cdp().send(self.session(), &commands::mouse(kind, x, y, down), ANSWER)
        });
        for answer in sent {
            match answer.await {
                // A click that loads another page may take the answer with it.
                Ok(_) | Err(CdpError::TimedOut(..)) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(self.press_times(sent_at).await)
    }

    /// Presses and releases the Enter key, as a visitor who uses no mouse does.
    pub(in crate::gather) async fn enter(&self) -> Result<PressTimes, CdpError> {
        use Input::DispatchKeyEventTypeOption::{KeyDown, KeyUp};
        self.barrier().await;
        let sent_at = Instant::now();
        for kind in [KeyDown, KeyUp] {
            let key = commands::enter(kind);
            match self.cdp().send(self.session(), &key, ANSWER).await {
                Ok(_) | Err(CdpError::TimedOut(..)) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(self.press_times(sent_at).await)
    }

    /// Presses and releases an arrow key.
    pub(in crate::gather) async fn arrow(&self, points_down: bool) -> Result<(), CdpError> {
        use Input::DispatchKeyEventTypeOption::{KeyDown, KeyUp};
        for kind in [KeyDown, KeyUp] {
            self.cdp().send(self.session(), &commands::arrow(kind, points_down), ANSWER).await?;
        }
        Ok(())
    }

    /// Goes once to the page and once to the jar and back, so that what they reported before the press has been read
    /// before it.
    async fn barrier(&self) {
        let page = self.cdp().send(self.session(), &commands::evaluate("1", None), BARRIER);
        let jar = self.cdp().send("", &commands::jar(&self.context), BARRIER);
        // One that does not answer reports nothing either.
        let _ = tokio::join!(page, jar);
    }

    /// When the page felt what was sent at that moment; without a word from it, that moment itself.
    async fn press_times(&self, sent_at: Instant) -> PressTimes {
        // The clocks agree to a fraction of a millisecond.
        let earliest = sent_at.checked_sub(Duration::from_millis(2)).unwrap_or(sent_at);
        let waiting_since = Instant::now();
        loop {
            let changed = self.state.changed();
            let felt = self.state.presses_since(earliest);
            let down = felt.iter().find(|it| it.kind == PressKind::Down).map(|it| it.at);
            let click = felt.iter().find(|it| it.kind == PressKind::Click).map(|it| it.at);
            let began = down.or(click).unwrap_or(sent_at);
            let left =
                if down.is_some() { CLICKED } else { FELT }.saturating_sub(waiting_since.elapsed());
            if click.is_some() || left.is_zero() || self.cdp().is_closed() {
                return PressTimes { began, clicked: click.unwrap_or(began) };
            }
            // Either way the loop looks again.
            let _ = tokio::time::timeout(left, changed).await;
        }
    }

    /// Moves the pointer to the upper and lower edge of the window, leaves it at the lower, and waits for what that shows.
    pub(in crate::gather) async fn sweep(&self) {
        use Input::DispatchMouseEventTypeOption::MouseMoved;
        /// Scripts that listen to the pointer leave out what follows within a fifth of a second.
        const HEARD: Duration = Duration::from_millis(230);
        /// What moves faster than frames reaches the page as one movement.
        const FRAME: Duration = Duration::from_millis(16);
        let size = self.evaluate("[innerWidth, innerHeight]").await.unwrap_or_default();
        let (width, height) =
            (size[0].as_f64().unwrap_or(800.0), size[1].as_f64().unwrap_or(600.0));
        let is_heard = self.hears_pointer().await;
        let edges = [(3.0, is_heard), (height / 2.0, false), (height - 3.0, is_heard)];
        for (y, is_edge) in edges.into_iter().chain([(height - 2.0, false)]) {
            let command = commands::mouse(MouseMoved, width / 2.0, y, false);
            let moved = self.cdp().send(self.session(), &command, ANSWER);
            let pause = tokio::time::sleep(if is_edge { HEARD } else { FRAME });
            // A page that does not hear the pointer does not show what it hides from it.
            let _ = tokio::join!(moved, pause);
        }
        self.calm_down().await;
    }

    /// Whether a script of the page listens to the movements of the pointer, or may for all that is known.
    async fn hears_pointer(&self) -> bool {
        const BY_PROPERTY: &str = "[window, document, document.documentElement, document.body].some((it) => it && (it.onmousemove || it.onpointermove))";
        self.state.open_now().hears_pointer
            || self.evaluate_in_page(BY_PROPERTY).await.map_or(true, |it| it != false)
    }

    /// What the window shows, as a JPEG in base64 at half its size.
    pub(in crate::gather) async fn picture(&self) -> Result<String, CdpError> {
        let place = self.evaluate("[scrollX, scrollY, innerWidth, innerHeight]").await?;
        let side = |at: usize| place[at].as_f64().unwrap_or_default();
        let command = commands::picture((side(0), side(1)), (side(2), side(3)), 0.5);
        let answer = self.cdp().send(self.session(), &command, ANSWER).await?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }

    /// What is around a point of the window, at its full size.
    pub(in crate::gather) async fn picture_around(
        &self,
        x: f64,
        y: f64,
    ) -> Result<String, CdpError> {
        const SIZE: (f64, f64) = (420.0, 140.0);
        let place = self.evaluate("[scrollX, scrollY]").await?;
        let start = |at: usize, middle: f64, size: f64| {
            place[at].as_f64().unwrap_or_default() + (middle - size / 2.0).max(0.0)
        };
        let from = (start(0, x, SIZE.0), start(1, y, SIZE.1));
        let command = commands::picture(from, SIZE, 1.0);
        let answer = self.cdp().send(self.session(), &command, ANSWER).await?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }
}
