//! How a page shows that visitors pay on it: `data/payments.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::facts::is_within;
use crate::model::site;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    frames: Vec<Frame>,
    words: Vec<String>,
}

/// A frame in which visitors pay.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    host: String,
    path: Option<String>,
    #[allow(dead_code, reason = "it is there for whoever reads or checks the rows")]
    source: String,
}

/// Whether visitors pay or donate in the frame at this address.
pub fn is_payment_frame(url: &str) -> bool {
    let Some(host) = site::host_of(url) else { return false };
    let path = url.split(['?', '#']).next().unwrap_or_default();
    load().frames.iter().any(|frame| {
        is_within(&host, &frame.host)
            && frame.path.as_deref().is_none_or(|part| path.contains(part))
    })
}

/// Whether the path of a page says that visitors pay or donate on it.
pub fn is_payment_path(path: &str) -> bool {
    let path = path.to_lowercase();
    let mut words = path.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.any(|word| load().words.iter().any(|it| it == word))
}

fn load() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    // A test reads it; what does not parse there never ships.
    DATA.get_or_init(|| toml::from_str(include_str!("data/payments.toml")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_can_be_read() {
        let data: Data = toml::from_str(include_str!("data/payments.toml")).unwrap();
        assert!(data.frames.len() > 5 && data.words.len() > 10);
        for frame in &data.frames {
            assert!(site::looks_like_host(&frame.host), "{}", frame.host);
            assert!(frame.source.starts_with("https://"), "{}", frame.host);
        }
        assert!(data.words.iter().all(|it| it.chars().all(char::is_lowercase)));
    }

    #[test]
    fn a_frame_in_which_visitors_pay() {
        for (url, pays) in [
            ("https://js.stripe.com/v3/elements-inner-card-1f2e.html#wait=false", true),
            ("https://js.stripe.com/v3/elements-inner-payment-7.html", true),
            ("https://js.stripe.com/v3/embedded-checkout-inner-0.html", true),
            ("https://buy.stripe.com/test_1", true),
            // Stripe watches for fraud from these on every page.
            ("https://js.stripe.com/v3/m-outer-3437.html", false),
            ("https://js.stripe.com/v3/controller-with-preconnect-9.html", false),
            ("https://m.stripe.network/inner.html", false),
            ("https://www.paypal.com/smart/buttons?style=1", true),
            ("https://www.paypal.com/uk/home", false),
            ("https://shop.test/elements-inner-card.html", false),
            ("about:blank", false),
        ] {
            assert_eq!(is_payment_frame(url), pays, "{url}");
        }
    }

    #[test]
    fn a_path_that_says_so() {
        for (path, pays) in [
            ("/donate", true),
            ("/get-involved/make-a-donation", true),
            ("/shop/checkout/", true),
            ("/rhoi/cyfrannu", true),
            ("/", false),
            ("/paying-attention", false),
            ("/about/donors", false),
        ] {
            assert_eq!(is_payment_path(path), pays, "{path}");
        }
    }
}
