use proptest::prelude::*;

use super::*;

/// A moment of 2026-11-30.
const NOW: i64 = 1_796_040_000;

fn at(url: &str) -> Origin {
    Origin::new(url, false).unwrap()
}

/// What a browser keeps of a line from that address: name, domain with a dot if it is for hosts under it too, path,
/// and how long; or why it refuses it.
fn kept(url: &str, line: &str) -> String {
    let cookie = SetCookie::parse(line);
    match cookie.scope(&at(url)) {
        Err(why) => format!("{why:?}"),
        Ok(scope) => {
            let dot = if scope.host_only { "" } else { "." };
            let kept = cookie.lifetime(NOW).map_or("session".to_owned(), |it| it.to_string());
            format!("{}@{dot}{}{} {kept}", cookie.name, scope.domain, scope.path)
        }
    }
}

#[test]
fn names_and_values_end_where_browsers_end_them() {
    for (line, name, value) in [
        ("a=b", "a", "b"),
        (" a \t= b c ; Path=/", "a", "b c"),
        ("a=b=c", "a", "b=c"),
        ("a=\"b;c\"", "a", "\"b"),
        ("bare", "", "bare"),
        ("=b", "", "b"),
        ("a=", "a", ""),
        ("", "", ""),
        (";a=b", "", ""),
    ] {
        let cookie = SetCookie::parse(line);
        assert_eq!((cookie.name.as_str(), cookie.value.as_str()), (name, value), "{line:?}");
    }
}

#[test]
fn the_last_attribute_of_a_name_counts() {
    let cookie = SetCookie::parse(
        "a=b; path=/x; PATH = /y; SameSite=None; samesite=bogus; SECURE=no; httponly",
    );
    assert_eq!(cookie.asked_path(), Some("/y"));
    assert_eq!(cookie.same_site, SameSite::Unset);
    assert!(cookie.secure && cookie.http_only && !cookie.partitioned);
    // Even if it is not valid.
    assert_eq!(SetCookie::parse("a=b; Max-Age=60; Max-Age=soon").lifetime(NOW), None);
    // But one that is too long was never there.
    let long = "q".repeat(1025);
    assert_eq!(SetCookie::parse(&format!("a=b; Path=/x; Path=/{long}")).asked_path(), Some("/x"));
}

#[test]
fn lifetimes_are_those_of_browsers() {
    for (attributes, seconds) in [
        ("", None),
        ("Max-Age=60", Some(60)),
        ("Max-Age=+60", Some(60)),
        ("Max-Age=-1", Some(-1)),
        ("Max-Age=99999999999999999999", Some(i64::MAX)),
        ("Max-Age=-99999999999999999999", Some(i64::MIN)),
        ("Max-Age=60s", None),
        ("Max-Age=", None),
        ("Max-Age=-", None),
        ("Max-Age=1.5", None),
        ("Expires=Mon, 30 Nov 2026 13:20:00 GMT; Max-Age=60", Some(60)),
        ("Expires=Mon, 30 Nov 2026 12:01:00 GMT; Max-Age=x", Some(60)),
        ("Expires=0", None),
        ("Expires=Thu, 01 Jan 1970 00:00:00 UTC", Some(-NOW)),
    ] {
        let cookie = SetCookie::parse(&format!("a=b; {attributes}"));
        assert_eq!(cookie.lifetime(NOW), seconds, "{attributes}");
    }
}

#[test]
fn dates_are_read_in_every_form_that_browsers_read() {
    for text in [
        "Mon, 30 Nov 2026 12:01:00 GMT",
        "Monday, 30-Nov-26 12:01:00 GMT",
        "Mon Nov 30 12:01:00 2026",
        "Mon, 30 Nov 2026 12:01:00 UTC",
        "Mon, 30 Nov 2026 12:01:00 +0000",
        "Mon Nov 30 2026 12:01:00 GMT+0000 (Coordinated Universal Time)",
        "30 Nov 2026 12:01:00",
        "Monday, 30 November 2026 12:01:00 GMT",
        "2026-NOV-30 12:1:0",
        "\"30/nov/2026 12:01:00\"",
        "30 Nov 2026 12:01:00.5 13:00:00 1 Dec 1999",
        "30 Nov 2026 012:001:00",
    ] {
        assert_eq!(date(text), Some(NOW + 60), "{text}");
    }
    for text in [
        "2026-11-30T12:01:00Z",
        "30 Nov 2026",
        "30 Nov 2026 12:01",
        "30 Nov 2026 12:01:00Z",
        "30th Nov 2026 12:01:00",
        "31 Nov 2026 12:01:00",
        "29 Feb 2027 12:01:00",
        "0 Nov 2026 12:01:00",
        "30 Nov 2026 24:00:00",
        "30 Nov 2026 12:60:00",
        "30 Nov 2026 23:59:60",
        "30 Foo 2026 12:01:00",
        "30 Nov 123456 12:01:00",
        "1796040000",
        "never",
        "",
    ] {
        assert_eq!(date(text), None, "{text}");
    }
    assert_eq!(date("29 Feb 2028 00:00:00"), Some(1_835_395_200));
    assert_eq!(date("1 Jan 69 00:00:00"), date("1 Jan 2069 00:00:00"));
    assert_eq!(date("1 Jan 70 00:00:00"), Some(0));
    assert!(date("1 Jan 99999 00:00:00").is_some_and(|it| it > LONGEST_LIFETIME));
}

#[test]
fn domains_are_those_that_a_host_may_set() {
    let www = "https://www.shop.example/a/b?c=/d";
    for (url, line, expected) in [
        (www, "a=b", "a@www.shop.example/a session"),
        (www, "a=b; Path=x", "a@www.shop.example/a session"),
        (www, "a=b; Domain=", "a@www.shop.example/a session"),
        (www, "a=b; Domain=www.shop.example; Path=/", "a@.www.shop.example/ session"),
        (www, "a=b; Domain=.SHOP.example; Path=/", "a@.shop.example/ session"),
        (www, "a=b; Domain=..shop.example", "Domain"),
        (www, "a=b; Domain=shop.example.", "Domain"),
        (www, "a=b; Domain=example", "Domain"),
        (www, "a=b; Domain=other.example", "Domain"),
        (www, "a=b; Domain=x.www.shop.example", "Domain"),
        (www, "a=b; Domain=op.example", "Domain"),
        (www, "a=b; Domain=www.shop.example:443", "Domain"),
        (www, "a=b; Domain=%77ww.shop.example", "Domain"),
        (www, "a=b; Domain=shöp.example", "Domain"),
        ("https://127.0.0.1/", "a=b; Domain=127.0.0.1", "a@127.0.0.1/ session"),
        ("https://127.0.0.1/", "a=b; Domain=127.1", "Domain"),
        ("https://127.0.0.1/", "a=b; Domain=0.0.1", "Domain"),
        ("https://[::1]/", "a=b; Domain=[::1]", "a@[::1]/ session"),
        ("https://intranet/", "a=b; Domain=intranet", "a@intranet/ session"),
        ("https://police.uk/", "a=b; Domain=police.uk", "a@police.uk/ session"),
        ("https://gwent.police.uk/", "a=b; Domain=police.uk", "Domain"),
        (
            "https://www.gwent.police.uk/",
            "a=b; Domain=gwent.police.uk",
            "a@.gwent.police.uk/ session",
        ),
    ] {
        assert_eq!(kept(url, line), expected, "{line} at {url}");
    }
}

#[test]
fn what_browsers_refuse_is_refused_for_its_reason() {
    let (secure, plain) = ("https://shop.example/", "http://shop.example/");
    let fits = format!("a={}", "x".repeat(4095));
    let large = format!("a={}", "x".repeat(4096));
    for (url, line, expected) in [
        (secure, "", "Empty"),
        (secure, "=; Path=/", "Empty"),
        (secure, fits.as_str(), "a@shop.example/ session"),
        (secure, large.as_str(), "TooLarge"),
        (secure, "a=b\u{1}", "ControlCharacter"),
        (secure, "a=b; x=\u{7f}", "ControlCharacter"),
        (secure, "a=b\tc", "ControlCharacter"),
        (secure, "a=b; Foo\tx=1", "ControlCharacter"),
        (secure, "a\t=\tb\t;\tPath=/\t", "a@shop.example/ session"),
        (secure, "bare-token; Max-Age=60", "@shop.example/ 60"),
        (secure, "=a=b", "Nameless"),
        (secure, "a=b; SameSite=None", "SameSiteNone"),
        (secure, "a=b; SameSite=None; Secure", "a@shop.example/ session"),
        (secure, "a=b; Partitioned", "Partitioned"),
        (secure, "a=b; Partitioned; Secure", "a@shop.example/ session"),
        (plain, "a=b; Secure", "Secure"),
        ("http://localhost/", "a=b; Secure", "a@localhost/ session"),
        (secure, "__Host-a=b; Secure; Path=/", "__Host-a@shop.example/ session"),
        (secure, "__hOST-a=b; Secure", "Prefix"),
        (secure, "__Host-a=b; Secure; Path=/; Domain=shop.example", "Prefix"),
        (secure, "__Host-a=b; Path=/", "Prefix"),
        (secure, "__secure-a=b", "Prefix"),
        (secure, "__Secure-a=b; Secure", "__Secure-a@shop.example/ session"),
        (secure, "__Http-a=b; Secure", "Prefix"),
        (secure, "__Http-a=b; Secure; HttpOnly", "__Http-a@shop.example/ session"),
        (secure, "__Host-Http-a=b; Secure; HttpOnly", "Prefix"),
        (
            secure,
            "__Host-Http-a=b; Secure; HttpOnly; Path=/",
            "__Host-Http-a@shop.example/ session",
        ),
        (secure, "=__Host-a; Secure; Path=/", "Prefix"),
        (secure, "__Hostile=b", "__Hostile@shop.example/ session"),
    ] {
        assert_eq!(kept(url, line), expected, "{line:?} at {url}");
    }
    let script = Origin::new(secure, true).unwrap();
    assert_eq!(SetCookie::parse("a=b; HttpOnly").scope(&script), Err(Refusal::HttpOnly));
    assert!(Origin::new("data:text/html,x", true).is_none());
}

#[test]
fn headers_are_read_as_the_octets_they_are() {
    assert_eq!(SetCookie::from_header("nÃ©=â‚¬").name, "né");
    assert_eq!(SetCookie::from_header("nÃ©=â‚¬").value, "€");
    assert_eq!(SetCookie::from_header("né=b").name, "né", "it is UTF-8 already");
    assert_eq!(SetCookie::from_header("ŵ=b").name, "ŵ");
    for octet in 0..=255_u8 {
        let read =
            (0..=0x2122).filter_map(char::from_u32).filter(|it| windows_1252(*it) == Some(octet));
        assert_eq!(read.count(), 1, "{octet:x}");
    }
}

proptest! {
    /// Lines are written by strangers.
    #[test]
    fn any_line_is_read(line in ".{0,80}", path in "[a-z/]{0,9}") {
        let origin = at(&format!("https://www.shop.example/{path}"));
        let cookie = SetCookie::from_header(&line);
        let _ = cookie.lifetime(NOW);
        if let Ok(scope) = cookie.scope(&origin) {
            prop_assert!(cookie.name.len() + cookie.value.len() <= NAME_AND_VALUE);
            prop_assert!(scope.path.starts_with('/'));
            prop_assert_eq!(scope.domain, "www.shop.example");
        }
    }

    /// A cookie goes to the host that set it and to nobody outside its site.
    #[test]
    fn no_cookie_leaves_the_site(host in "([a-z]{1,3}\\.){1,3}(example|co\\.uk|police\\.uk|test)", asked in "\\.?([a-z]{1,3}\\.){0,3}(example|co\\.uk|police\\.uk|test)") {
        let origin = at(&format!("https://{host}/"));
        for asked in [asked.as_str(), &host, host.split_once('.').map_or("", |it| it.1)] {
            let Ok(scope) = SetCookie::parse(&format!("a=b; Domain={asked}")).scope(&origin) else { continue };
            let within = host.strip_suffix(&scope.domain).is_some_and(|it| it.is_empty() || it.ends_with('.'));
            prop_assert!(within && (scope.host_only || site::of_host(&scope.domain) == site::of_host(&host)));
        }
    }

    /// Every second of every day that a calendar has, in three forms.
    #[test]
    fn a_date_is_the_calendars(seconds in -11_000_000_000_i64..250_000_000_000) {
        let time = jiff::Timestamp::from_second(seconds).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        for form in ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%B-%Y %H:%M:%S", "%b %d %H:%M:%S %Y UTC"] {
            let text = time.strftime(form).to_string();
            prop_assert_eq!(date(&text), Some(seconds), "{}", text);
        }
    }
}
