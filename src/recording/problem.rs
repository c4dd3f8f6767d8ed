//! What went wrong during a scan: the sentence is for people, the kind is for the program.

use serde::{Deserialize, Serialize};

/// Something that could not be done or observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where, such as `pass reject` or `browser`.
    pub place: String,
    /// What happened, as reports print it. No code reads it.
    pub message: String,
    /// Whether evidence is missing because of it. If so, no rule that needed it is satisfied.
    pub gap: bool,
    /// What sort of problem it is.
    #[serde(default, skip_serializing_if = "ProblemKind::is_other")]
    pub kind: ProblemKind,
    /// Index in the pass's `visits` of the page that it concerns, if it concerns one page only; otherwise the whole
    /// pass, or the whole scan, is affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<usize>,
}

impl Problem {
    /// Evidence is missing because of `kind`.
    pub fn gap(place: impl Into<String>, kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), gap: true, kind, visit: None }
    }

    /// Nothing is missing, but readers should know.
    pub fn remark(place: impl Into<String>, kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { gap: false, ..Self::gap(place, kind, message) }
    }

    /// The same, limited to one page of the pass.
    #[must_use]
    pub fn on_visit(self, visit: usize) -> Self {
        Self { visit: Some(visit), ..self }
    }

    /// What went wrong, for recordings written before there were kinds. This is the only place that compares
    /// messages, and it knows the sentences of format 1 exactly as they were written then.
    pub(super) fn infer_kind(&mut self) {
        const SENTENCES: &[(&str, ProblemKind)] = &[
            ("the browser went away", ProblemKind::BrowserGone),
            ("the scan was broken off", ProblemKind::Interrupted),
            ("the page crashed its renderer", ProblemKind::RendererCrashed),
            ("the browser's network process died, and cookies with it", ProblemKind::JarLost),
        ];
        if self.kind.is_other()
            && let Some((_, kind)) =
                SENTENCES.iter().find(|(sentence, _)| *sentence == self.message)
        {
            self.kind = *kind;
        }
    }
}

/// The sorts of problem that anything depends on, or may want to count.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The browser ended before the scan did.
    BrowserGone,
    /// The user stopped the scan.
    Interrupted,
    /// The process that draws a page died.
    RendererCrashed,
    /// The browser's network process died, and with it cookies that scripts had set.
    JarLost,
    /// Whether the cookie jar survived is not known.
    JarUnknown,
    /// A pass or a page was retried, and the retry is what counts.
    Retried,
    /// A pass or a page was retried, and the retry failed too.
    RetryFailed,
    /// A page could not be opened, or was not the page that was meant.
    PageNotObserved,
    /// A page stopped answering.
    PageHangs,
    /// A page could not be scrolled to its end.
    NotScrolled,
    /// Neither pointer nor wheel could be moved on a page, nor a key pressed.
    NotMoved,
    /// A public site asked for an address inside a network, which was not contacted.
    PrivateAddress,
    /// A page could not be searched for a banner.
    NotSearched,
    /// A page, frame or worker ran before it was watched.
    NotWatched,
    /// Cookies or storage could not be read at a checkpoint.
    CheckpointIncomplete,
    /// More happened than is recorded.
    TooMuch,
    /// The browser said something that could not be read.
    MessagesLost,
    /// Anything else.
    #[default]
    #[serde(other)]
    Other,
}

impl ProblemKind {
    // Serde wants a reference.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    fn is_other(&self) -> bool {
        *self == Self::Other
    }

    /// Whether something died, so that another attempt may see more.
    pub const fn is_death(self) -> bool {
        matches!(self, Self::BrowserGone | Self::RendererCrashed | Self::JarLost)
    }

    /// Whether the whole scan ended before it was over.
    pub const fn ends_scan(self) -> bool {
        matches!(self, Self::BrowserGone | Self::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_an_old_recording_is_known_by_its_exact_sentence() {
        let read = |text: &str| {
            let mut problem: Problem = serde_json::from_str(text).unwrap();
            problem.infer_kind();
            problem.kind
        };
        let old = r#"{"place": "browser", "message": "the browser went away", "gap": true}"#;
        assert_eq!(read(old), ProblemKind::BrowserGone);
        let other =
            r#"{"place": "browser", "message": "the browser went away twice", "gap": true}"#;
        assert_eq!(read(other), ProblemKind::Other);
        // Where there is a kind, the sentence may say what it likes.
        let new = r#"{"place": "", "message": "the browser went away", "gap": true, "kind": "jar-lost", "visit": 3}"#;
        assert_eq!(read(new), ProblemKind::JarLost);
        let later = r#"{"place": "", "message": "x", "gap": true, "kind": "of-a-later-version"}"#;
        assert_eq!(read(later), ProblemKind::Other);
    }

    #[test]
    fn a_problem_without_kind_and_visit_is_written_as_format_1_wrote_it() {
        let problem = Problem::gap("pass none", ProblemKind::Other, "x");
        let text = serde_json::to_string(&problem).unwrap();
        assert_eq!(text, r#"{"place":"pass none","message":"x","gap":true}"#);
    }
}
