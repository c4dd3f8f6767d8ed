//! Whether a banner that no visit found, or a choice that none of its controls makes, may be there all the same.

use super::{Banner, Category, ClaimKind, Evidence, PassEvidence, UnknownControl};

impl PassEvidence {
    /// Why a choice may be there that the pass did not find, if something that can be pressed was not understood: in the
    /// banner, or on the page.
    pub(super) fn not_understood(&self, evidence: &Evidence) -> Option<String> {
        const MOST: usize = 3;
        let banner = match &self.banner {
            Banner::Found { facts, .. } => facts.not_understood.as_slice(),
            Banner::Absent | Banner::Doubtful { .. } => &[],
        };
        let page = self.choices.iter().flat_map(|it| &it.not_understood);
        let unknown = banner.iter().chain(page).filter(|it| evidence.may_choose(it));
        let mut labels: Vec<String> = Vec::new();
        for control in unknown {
            let label = match control.label.trim() {
                "" => "a control without words".to_owned(),
                label => format!("`{}`", label.chars().take(60).collect::<String>()),
            };
            if !labels.contains(&label) && labels.len() < MOST {
                labels.push(label);
            }
        }
        (!labels.is_empty()).then(|| format!("what {} does was not understood", labels.join(", ")))
    }
}

impl Evidence {
    /// Whether a control that was not understood may make a choice for all that is known. A link to the notice makes none,
    /// unless the notice has something to choose by.
    pub fn may_choose(&self, control: &UnknownControl) -> bool {
        let Ok(notice) = self.notice() else { return control.may_choose() };
        let bare = |url: &str| {
            let url = url.split(['?', '#']).next().unwrap_or_default();
            url.trim_end_matches('/').to_owned()
        };
        let leads_there =
            control.address.as_ref().is_some_and(|it| bare(it) == bare(&notice.source));
        let has_choices = notice.claims.iter().any(|it| {
            matches!(
                it.kind,
                ClaimKind::ControlPresent
                    | ClaimKind::RefusalPossible
                    | ClaimKind::WithdrawalPossible
            )
        });
        control.may_choose() && (has_choices || !leads_there)
    }

    /// Why a banner may be there that a pass did not find, if it found none. What another visitor saw speaks for one, and
    /// so does a notice of a choice: somebody who asks for consent has something to ask about.
    pub fn missed_banner(&self, of_pass: &PassEvidence) -> Option<String> {
        match &of_pass.banner {
            Banner::Found { .. } => return None,
            Banner::Doubtful { why } => {
                return Some(format!("something may be a consent banner: {why}"));
            }
            Banner::Absent => (),
        }
        self.missed_by_a_visit().or_else(|| {
            self.words_of_a_choice().map(|it| format!("it found no banner, although {it}"))
        })
    }

    /// What another visit saw of a banner, where one saw none.
    pub fn missed_by_a_visit(&self) -> Option<String> {
        for (pass, other) in self.passes() {
            let look = other.second_look.as_ref();
            match &other.banner {
                Banner::Found { .. } => {
                    let pass = pass.title();
                    return Some(format!("it found no banner, and the {pass} pass found one"));
                }
                Banner::Doubtful { why } => {
                    return Some(format!("something may be a consent banner: {why}"));
                }
                Banner::Absent if look.is_some_and(|it| it.banner.is_some()) => {
                    return Some(
                        "a consent banner was seen only by a browser that did not identify this program"
                            .to_owned(),
                    );
                }
                Banner::Absent => (),
            }
        }
        None
    }

    /// Where the notice says that something waits for consent, or declares something that has to. That visitors can refuse
    /// may mean the settings of their browser.
    pub fn words_of_a_choice(&self) -> Option<String> {
        let notice = self.notice().ok()?;
        let offers = notice.claims.iter().find(|it| {
            matches!(
                it.kind,
                ClaimKind::ConsentRequired
                    | ClaimKind::ConsentBeforeSet
                    | ClaimKind::BlockedOnRefusal
                    | ClaimKind::ConsentMode
            )
        });
        if let Some(claim) = offers {
            return Some(format!("the notice says: {}", claim.quote));
        }
        let optional = notice.declarations.iter().find(|it| {
            // Who keeps an objection asks nobody for consent to it.
            !it.keeps_an_objection()
                && it
                    .said_category()
                    .is_some_and(|it| it.needs_consent() && it != Category::Functional)
        })?;
        Some(format!("the notice declares `{}`, which needs consent", optional.as_written))
    }
}
