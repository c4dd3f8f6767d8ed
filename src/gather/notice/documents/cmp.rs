//! The cookie lists that consent managers load as data, as pages: what their settings show a visitor who
//! opens them is part of what the site publishes.
//!
//! Shapes, as their published scripts load them: `OneTrust` (`cdn.cookielaw.org/consent/…/LANGUAGE.json`),
//! Cookiebot (`consent.cookiebot.com/…/cc.js`), `CookieYes` (`cdn-cookieyes.com/…/audit-table/….json`) and Termly
//! (`app.termly.io/api/v1/snippets/websites/…`).

use std::{fmt::Write as _, path::Path, sync::LazyLock};

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::escape::escaped;

/// Whether an address is one at which a consent manager keeps its list.
pub(in crate::gather) fn is_list(url: &Url) -> bool {
    let (host, path) = (url.host_str().unwrap_or_default(), url.path());
    let json = Path::new(path).extension().is_some_and(|it| it == "json");
    match host {
        "cdn.cookielaw.org" | "cdn-ukwest.onetrust.com" | "cdn-apac.onetrust.com" => {
            json && path.starts_with("/consent/") && path.matches('/').count() >= 4
        }
        "consent.cookiebot.com" | "consent.cookiebot.eu" => path.ends_with("/cc.js"),
        "cdn-cookieyes.com" => json && path.contains("/audit-table/"),
        "app.termly.io" => path.starts_with("/api/v1/snippets/websites/"),
        _ => false,
    }
}

/// The list at `url` as a page, if its body is one.
pub(in crate::gather) fn page(url: &Url, body: &str) -> Option<String> {
    let rows = match url.host_str()? {
        "consent.cookiebot.com" | "consent.cookiebot.eu" => cookiebot(body),
        host => {
            let value: Value = serde_json::from_str(body).ok()?;
            match host {
                "cdn-cookieyes.com" => cookieyes(&value),
                "app.termly.io" => termly(&value),
                _ => onetrust(&value),
            }
        }
    };
    if rows.is_empty() {
        return None;
    }
    let mut page =
        String::from("<title>Cookies</title><h1>Cookies</h1><p>We use these cookies.</p>");
    let mut section: Option<&str> = None;
    for row in &rows {
        if section != Some(row.section.as_str()) {
            if section.is_some() {
                page.push_str("</table>");
            }
            let _ = write!(
                page,
                "<h2>{}</h2><table><tr><th>Name</th><th>Domain</th><th>Purpose</th><th>Expires</th></tr>",
                escaped(&row.section)
            );
            section = Some(&row.section);
        }
        let cells = [&row.name, &row.host, &row.purpose, &row.lasts];
        page.push_str("<tr>");
        for cell in cells {
            let _ = write!(page, "<td>{}</td>", escaped(cell));
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
    Some(page)
}

/// A cookie in a list; what is not said is empty.
#[derive(Default)]
struct Row {
    section: String,
    name: String,
    host: String,
    purpose: String,
    lasts: String,
}

fn text(value: &Value, key: &str) -> String {
    match &value[key] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

/// `DomainData.Groups[].FirstPartyCookies[]` and `….Hosts[].Cookies[]`; `Length` counts days.
fn onetrust(value: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in list(&value["DomainData"], "Groups") {
        let section = text(group, "GroupName");
        let own = list(group, "FirstPartyCookies");
        let others = list(group, "Hosts").flat_map(|host| list(host, "Cookies"));
        for cookie in own.chain(others) {
            let days = text(cookie, "Length");
            let session = cookie["IsSession"].as_bool().or(cookie["isSession"].as_bool());
            rows.push(Row {
                section: section.clone(),
                name: text(cookie, "Name"),
                host: text(cookie, "Host"),
                purpose: text(cookie, "description"),
                lasts: match (session, days.as_str()) {
                    (Some(true), _) => "Session".to_owned(),
                    (_, "" | "0") => String::new(),
                    (_, days) => format!("{days} days"),
                },
            });
        }
    }
    rows
}

/// `CookieConsentDialog.cookieTableNecessary = [["name","provider","purpose","expiry",…],…];`
fn cookiebot(script: &str) -> Vec<Row> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| {
        #[allow(clippy::expect_used, reason = "the pattern is fixed and a test uses it")]
        Regex::new(
            r"cookieTable(Necessary|Preference|Statistics|Advertising|Unclassified)\s*=\s*\[",
        )
        .expect("a valid pattern")
    });
    let mut rows = Vec::new();
    for found in TABLE.captures_iter(script) {
        let (Some(whole), Some(kind)) = (found.get(0), found.get(1)) else { continue };
        // The list ends where JSON says that it does.
        let from = &script[whole.end() - 1..];
        let read = serde_json::Deserializer::from_str(from).into_iter::<Value>().next();
        let Some(Ok(Value::Array(cookies))) = read else { continue };
        let section = match kind.as_str() {
            "Necessary" => "Necessary cookies",
            "Preference" => "Preference cookies",
            "Statistics" => "Statistics cookies",
            "Advertising" => "Marketing cookies",
            _ => "Cookies that are not classified",
        };
        for cookie in cookies {
            let at = |place: usize| cookie[place].as_str().unwrap_or_default().to_owned();
            rows.push(Row {
                section: section.to_owned(),
                name: at(0),
                host: at(1),
                purpose: at(2),
                lasts: at(3),
            });
        }
    }
    rows
}

/// `[{"name": "Necessary", "cookies": [{"cookie_id": …, "duration": …, "description": …}]}]`
fn cookieyes(value: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in value.as_array().into_iter().flatten() {
        for cookie in list(group, "cookies") {
            let name = [text(cookie, "cookie_id"), text(cookie, "name")];
            rows.push(Row {
                section: text(group, "name"),
                name: name.into_iter().find(|it| !it.is_empty()).unwrap_or_default(),
                host: text(cookie, "domain"),
                purpose: text(cookie, "description"),
                lasts: text(cookie, "duration"),
            });
        }
    }
    rows
}

/// `{"cookies": {"essential": [{"name": …, "en_us": purpose, "expire": …, "domain": …}]}}`
fn termly(value: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    let groups = value["cookies"].as_object().into_iter().flatten();
    for (group, cookies) in groups {
        for cookie in cookies.as_array().into_iter().flatten() {
            let purpose =
                [text(cookie, "purpose"), text(cookie, "en_us"), text(cookie, "description")];
            rows.push(Row {
                section: format!("{} cookies", group.replace('_', " ")),
                name: text(cookie, "name"),
                host: text(cookie, "domain"),
                purpose: purpose.into_iter().find(|it| !it.is_empty()).unwrap_or_default(),
                lasts: text(cookie, "expire"),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice;

    #[track_caller]
    fn declared(url: &str, body: &str) -> Vec<String> {
        let url = Url::parse(url).unwrap();
        assert!(is_list(&url), "{url}");
        let page = page(&url, body).unwrap_or_default();
        notice::read("x", &page)
            .declarations
            .into_iter()
            .map(|it| {
                let category = it.category.map_or("-", |it| it.name());
                let lasts = it.lifetime.as_written.unwrap_or_default();
                format!("{} {category} {lasts}", it.patterns.join(" "))
            })
            .collect()
    }

    #[test]
    fn lists_of_four_consent_managers() {
        for (url, body) in [
            (
                "https://cdn.cookielaw.org/consent/1a/2b/en.json",
                r#"{"DomainData":{"Groups":[{"GroupName":"Strictly Necessary Cookies","FirstPartyCookies":[{"Name":"sid_a","Host":"a.test","IsSession":true,"Length":"0","description":"Keeps you signed in"}],"Hosts":[]},{"GroupName":"Performance Cookies","FirstPartyCookies":[],"Hosts":[{"Cookies":[{"Name":"_ga","Host":"a.test","IsSession":false,"Length":"730","description":"Counts"}]}]}]}}"#,
            ),
            (
                "https://consent.cookiebot.com/1a/cc.js",
                r#"x();CookieConsentDialog.cookieTableNecessary = [["sid_a","a.test","Keeps you signed in","Session","HTTP","1",""]];CookieConsentDialog.cookieTableStatistics = [["_ga","Google","Counts","730 days","HTTP","1",""]];"#,
            ),
            (
                "https://cdn-cookieyes.com/client_data/1a/audit-table/2b.json",
                r#"[{"name":"Necessary","cookies":[{"cookie_id":"sid_a","duration":"Session","description":"Keeps you signed in"}]},{"name":"Analytics","cookies":[{"cookie_id":"_ga","duration":"730 days","description":"Counts"}]}]"#,
            ),
            (
                "https://app.termly.io/api/v1/snippets/websites/1a",
                r#"{"cookies":{"essential":[{"name":"sid_a","expire":"Session","purpose":"Keeps you signed in","domain":"a.test"}],"performance":[{"name":"_ga","expire":"730 days","purpose":"Counts"}]}}"#,
            ),
        ] {
            assert_eq!(
                declared(url, body),
                ["sid_a essential Session", "_ga performance 730 days"],
                "{url}"
            );
        }
    }

    #[test]
    fn what_is_no_list_is_none() {
        let url = |text| Url::parse(text).unwrap();
        for other in [
            "https://cdn.cookielaw.org/scripttemplates/otSDKStub.js",
            "https://a.test/consent/1/2/en.json",
            "https://consent.cookiebot.com/uc.js",
        ] {
            assert!(!is_list(&url(other)), "{other}");
        }
        for body in ["", "{}", "[]", "<html>", r#"{"DomainData":{"Groups":7}}"#] {
            assert_eq!(page(&url("https://cdn.cookielaw.org/consent/1/2/en.json"), body), None);
            assert_eq!(page(&url("https://consent.cookiebot.com/1/cc.js"), body), None);
        }
        let hostile = r#"[{"name":"<script>","cookies":[{"cookie_id":"<img>","duration":"<","description":"&"}]}]"#;
        let page = page(&url("https://cdn-cookieyes.com/x/audit-table/y.json"), hostile).unwrap();
        assert!(!page.contains("<script>") && !page.contains("<img>"), "{page}");
    }
}
