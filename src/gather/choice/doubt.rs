//! What may be a banner although nothing of it was understood. "No banner" is said only where nothing looks like one.

use super::{
    detected::{answer, call},
    frames,
};
use crate::gather::{cdp::connection::CdpError, tab::page::Tab};

/// Words of consent in the languages of Europe: enough to know that something asks, not what.
const MENTIONS: &str = "cookie|cwci|briwsion|consent|privacy|preifatrwydd|datenschutz|einwillig|confidentialit|vie privée|privacidad|galletas|riservatezza|privatezza|toestemming|prywatno|ciastecz|privacidade|samtyck|samtykke|evästeet";

/// Words for cookies alone, for parts of the page that nothing else marks as a banner.
const COOKIES: &str =
    "cookie|cwci|briwsion|galletas|ciastecz|evästeet|kapsel|informasjonskapsl|süti|piškot|biscotti";

/// What those speak of who count, follow or recognise visits; for what lies over the page, where cookies need no mention.
pub(super) const TRACKS: &str = "analytics|statisti|\\b(?:count|measure|track|record|monitor|note|log)\\w* (?:\\w+ ){0,3}(?:visit|visitor|use|usage|traffic|click|audience)|clarity|hotjar|matomo|piwik|plausible|doubleclick|advert|personali[sz]|tracking|\\bgdpr\\b|\\brgpd\\b|dsgvo|\\bccpa\\b|third part(?:y|ies)|partners|mesure d.audience|werbung|webanalyse|publicidad|publicite|pubblicit|advertentie|reklam";

/// Objects that consent platforms put into the page; each is documented by its maker.
const PLATFORMS: &str = "['__tcfapi','__gpp','OneTrust','OptanonWrapper','Cookiebot','CookieControl','Didomi','UC_UI','tarteaucitron','klaro','_iub','CookieYes','cookieyes','CookieFirst','truste','Osano','axeptioSDK','quantserve'].filter((name) => name in window)";

/// Why something on the page may be a banner, if anything may.
pub(super) async fn possible_banner(tab: &Tab) -> Result<Option<String>, CdpError> {
    let frames = frames::visible_frames(tab).await?;
    // What is embedded in the text, such as a video, asks for itself alone.
    for (at, frame) in frames.iter().enumerate().filter(|(at, it)| *at == 0 || it.over) {
        let suspects = async {
            frame.load_finder(tab).await?;
            let layer = at > 0;
            let ask = call("suspects", &[MENTIONS.into(), TRACKS.into(), layer.into()]);
            let mut suspects: Vec<String> = answer(frame.ask(tab, &ask).await?)?;
            let inflow = frame.ask(tab, &call("inflow", &[COOKIES.into()])).await?;
            suspects.extend(answer::<Vec<String>>(inflow)?);
            Ok(suspects)
        };
        match suspects.await {
            Ok(suspects) => {
                if let Some(suspect) = suspects.first() {
                    return Ok(Some(format!(
                        "something that may be a consent banner could not be understood: {suspect}"
                    )));
                }
            }
            // A frame may go away while it is looked at; the page itself must answer.
            Err(_) if at > 0 => (),
            Err(error) => return Err(error),
        }
    }
    if let Some(why) = frames.into_iter().find_map(|it| it.unsearched) {
        return Ok(Some(format!(
            "closed parts of the page could not be searched for a banner: {why}"
        )));
    }
    let platforms: Vec<String> = answer(tab.evaluate_in_page(PLATFORMS).await?)?;
    Ok(platforms.first().map(|platform| {
        format!("the page runs a consent platform ({platform}) but shows no banner")
    }))
}
