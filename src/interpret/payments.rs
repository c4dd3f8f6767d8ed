//! Whether the pages of a recording take payments. What prevents fraud in payments is needed only there.

use url::Url;

use super::{context::Context, events::Meaning};
use crate::{
    classify::{self, Knowledge},
    model::{Category, Classification, VisitStatus},
    recording::{Recording, VisitKind},
};

/// Whether a visitor of the pages that were opened can pay or donate: a frame of a payment service was there in which one
/// does, or, since forms leave no trace in a recording, the address of a page says so.
pub(super) fn are_taken(recording: &Recording) -> bool {
    let passes = &recording.passes;
    let mut requests = passes.iter().flat_map(|it| &it.events);
    let framed = requests.any(|event| {
        Meaning::contact(&event.kind)
            .is_some_and(|it| it.kind == "document" && classify::is_payment_frame(it.url))
    });
    let mut visits = passes.iter().flat_map(|it| &it.visits);
    framed
        || visits.any(|it| {
            it.status == VisitStatus::Ok
                && it.kind != VisitKind::Notice
                && Url::parse(&it.url).is_ok_and(|url| classify::is_payment_path(url.path()))
        })
}

/// What is said of a cookie or storage item that is essential only to somebody who pays, where nobody does.
pub(super) fn doubt(
    reader: &Context<'_>,
    (name, host): (&str, &str),
    class: &Classification,
) -> Option<Classification> {
    let knowledge: &Knowledge = reader.knowledge;
    let only_there =
        class.category == Category::Essential && knowledge.is_only_for_payments(name, host, class);
    if !only_there || reader.takes_payments {
        return None;
    }
    let mut doubt = Classification::unknown("it");
    doubt.organisation.clone_from(&class.organisation);
    doubt.basis.entry = format!(
        "it is essential only where somebody pays, and no page that was opened takes payments: {}",
        class.basis.entry
    );
    Some(doubt)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{
        interpret,
        tests::{SITE, recording},
    };
    use crate::{
        classify::Knowledge,
        model::{Category, Classification},
        recording::Recording,
    };

    /// A visit of `url` on which Stripe kept its cookies and showed `frames`.
    fn visit(url: &str, frames: &[&str]) -> Recording {
        let at = |event: Value| {
            let mut event = event;
            for (key, value) in [("at", json!(5)), ("visit", json!(0)), ("target", json!("page"))] {
                event[key] = value;
            }
            event
        };
        let cookie = |url: &str, header: &str| {
            at(json!({ "event": "set-cookie", "id": "1", "url": url, "header": header,
                "partition": null, "status": "stored" }))
        };
        let mut events = vec![
            cookie(SITE, "__stripe_mid=1; Secure; Max-Age=31536000"),
            cookie("https://m.stripe.com/6", "m=1; Secure; SameSite=None; Max-Age=63072000"),
            cookie(SITE, "sessionid=1; HttpOnly"),
        ];
        events.extend(frames.iter().map(|frame| {
            at(json!({ "event": "request", "id": "2", "url": frame, "method": "GET",
                "kind": "document", "document": frame, "initiated_by": "parser",
                "initiators": [], "redirected_from": null }))
        }));
        let none = json!({ "state": "none" });
        let mut recording = recording("none", &none, &json!(events), &json!([]));
        recording.passes[0].visits[0].url = url.to_owned();
        recording
    }

    fn classes(recording: &Recording) -> Vec<(String, Classification)> {
        let evidence = interpret(recording, &Knowledge::embedded());
        let mut found = Vec::new();
        let _ = evidence.everywhere(|seen| {
            found.extend(seen.cookies().map(|(it, _)| (it.key.name.clone(), it.class.clone())));
        });
        found
    }

    #[track_caller]
    fn fraud_cookies_are(recording: &Recording, category: Category) {
        let classes = classes(recording);
        assert_eq!(classes.len(), 3, "{classes:?}");
        for (name, class) in classes {
            let expected = if name == "sessionid" { Category::Essential } else { category };
            assert_eq!(class.category, expected, "{name}: {class:?}");
        }
    }

    #[test]
    fn what_prevents_fraud_in_payments_is_essential_where_somebody_pays() {
        let watching = "https://js.stripe.com/v3/m-outer-34.html";
        let card = "https://js.stripe.com/v3/elements-inner-card-1.html";
        fraud_cookies_are(&visit(SITE, &[watching, card]), Category::Essential);
        fraud_cookies_are(
            &visit("https://www.shop.test/give/donate", &[watching]),
            Category::Essential,
        );
        fraud_cookies_are(&visit(SITE, &[watching]), Category::Unknown);
        fraud_cookies_are(&visit("https://www.shop.test/news", &[]), Category::Unknown);
    }

    #[test]
    fn the_basis_says_why_it_is_open() {
        let classes = classes(&visit(SITE, &[]));
        let (_, class) = classes.iter().find(|it| it.0 == "__stripe_mid").unwrap();
        assert!(
            class.basis.entry.starts_with("it is essential only where somebody pays"),
            "{class:?}"
        );
        assert_eq!(class.organisation.as_deref(), Some("Stripe"));
    }
}
