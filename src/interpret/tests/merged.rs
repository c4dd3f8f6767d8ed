//! Items whose names have a random part are one item, and it is what all of them are.

use super::*;

/// Five cookies that one visitor got; `last` writes the last of them.
fn many(last: &str, jar: &Value) -> Vec<ObservedCookie> {
    let mut events: Vec<Value> = (100_000..100_004)
        .map(|at| set(10, &format!("view_{at}=1; Path=/; Secure; HttpOnly"), &json!("stored")))
        .collect();
    events.push(set(10, last, &json!("stored")));
    let case = case("none", &json!({ "state": "none" }), &json!(events), jar);
    let mut found = Vec::new();
    let _ = case.everywhere(|seen| {
        found = seen.cookies_and_attempts().map(|(it, _)| it.clone()).collect();
    });
    found
}

#[test]
fn many_cookies_of_a_kind_are_one_that_is_as_safe_as_the_least_of_them() {
    let all = many("view_100004=1; Path=/; Secure; HttpOnly", &json!([]));
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].key.name, "view_*");
    assert!(all[0].secure && all[0].http_only && !all[0].probe);
    assert_eq!(all[0].seen.len(), 1, "one place is named once");
    assert!(!all[0].seen[0].at_end);
    let all = many("view_100004=1; Path=/", &json!([]));
    assert!(!all[0].secure && !all[0].http_only);
    // One of them is still there at the end.
    let all = many("view_100004=1; Path=/", &json!([held("view_100002", "www.shop.test")]));
    assert!(all[0].seen[0].at_end);
}

#[test]
fn a_kind_with_one_that_was_kept_is_no_probe() {
    let mut events = Vec::new();
    for at in 100_000..100_005 {
        events.push(script(10, &format!("view_{at}=1; path=/"), true));
        if at != 100_003 {
            events.push(script(11, &format!("view_{at}=; path=/; max-age=0"), false));
        }
    }
    let none = json!({ "state": "none" });
    let found = case("none", &none, &json!(events), &json!([]));
    assert_eq!(cookies(&found), ["view_*@www.shop.test unset"]);
    events.push(script(12, "view_100003=; path=/; max-age=0", false));
    assert!(cookies(&case("none", &none, &json!(events), &json!([]))).is_empty());
}

#[test]
fn an_attribute_that_is_not_written_is_not_set() {
    for (written, same_site) in [
        ("Strict", SameSite::Strict),
        ("Lax", SameSite::Lax),
        ("None", SameSite::None),
        ("", SameSite::Unset),
    ] {
        let mut cookie = held("left", "www.shop.test");
        cookie["same_site"] = if written.is_empty() { Value::Null } else { json!(written) };
        let found = case("none", &json!({ "state": "none" }), &json!([]), &json!([cookie]));
        let mut seen = None;
        let _ = found.everywhere(|it| seen = it.cookies().next().map(|it| it.0.same_site));
        assert_eq!(seen, Some(same_site), "{written}");
    }
}

#[test]
fn what_a_start_page_that_was_seen_lacked_is_missing_from_that_page() {
    let mut recording = recording("none", &json!({ "state": "none" }), &json!([]), &json!([]));
    recording.passes[0].problems.push(Problem {
        place: "page".to_owned(),
        message: "a frame did not answer".to_owned(),
        gap: true,
        kind: ProblemKind::default(),
        visit: Some(0),
    });
    let gaps = |recording: &Recording| -> Vec<Option<usize>> {
        let case = interpret(recording, &Knowledge::embedded());
        case.pass(Pass::None).unwrap().gaps.iter().map(|it| it.visit).collect()
    };
    assert_eq!(gaps(&recording), [Some(0)]);
}
