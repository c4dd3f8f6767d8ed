//! Before the scan: does a third-party cookie stick in this browser? Some builds, and every fresh
//! browser context with default settings, refuse them, which would make half of a scan invisible.

use std::time::Duration;

use headless_chrome::protocol::cdp::{Page, Runtime, Target};
use tokio::sync::mpsc;

use crate::{
    gather::cdp::{
        commands,
        connection::{Cdp, CdpError, CdpEvent},
    },
    recording::ThirdPartyCookies,
};

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Two sites that do not exist: every request to them is answered by us and does not leave this machine.
const TOP: &str = "https://top.crumbcheck-one.example/";
const FRAME: &str = "https://frame.crumbcheck-two.example/";

/// Opens a page with a frame of another site that sets a cookie, and looks whether the jar has it.
pub(in crate::gather) async fn third_party_cookies(
    cdp: &Cdp,
    events: &mut mpsc::Receiver<CdpEvent>,
) -> ThirdPartyCookies {
    match tokio::time::timeout(LIMIT, ask(cdp, events)).await {
        Ok(Ok(true)) => ThirdPartyCookies::Allowed,
        Ok(Ok(false)) => ThirdPartyCookies::Blocked,
        Ok(Err(error)) => ThirdPartyCookies::Unknown { why: error.to_string() },
        Err(_) => {
            ThirdPartyCookies::Unknown { why: "the preflight did not end in time".to_owned() }
        }
    }
}

async fn ask(cdp: &Cdp, events: &mut mpsc::Receiver<CdpEvent>) -> Result<bool, CdpError> {
    let context = cdp.send("", &commands::create_context(), LIMIT).await?;
    let context = text(&context["browserContextId"]);
    let page = cdp.send("", &commands::create_page(&context), LIMIT).await?;
    let attach = Target::AttachToTarget { target_id: text(&page["targetId"]), flatten: Some(true) };
    let session = text(&cdp.send("", &attach, LIMIT).await?["sessionId"]);
    cdp.send(&session, &Page::Enable { enable_file_chooser_opened_event: None }, LIMIT).await?;
    cdp.send(&session, &Runtime::Enable(None), LIMIT).await?;
    let patterns = [format!("{TOP}*"), format!("{FRAME}*")];
    cdp.send(&session, &commands::intercept(&patterns, false), LIMIT).await?;
    let navigation = cdp.send(&session, &commands::navigate(TOP), LIMIT);
    let outer = format!("<!doctype html><title>t</title><iframe src='{FRAME}'></iframe>");
    let inner = "<!doctype html><script>document.cookie='probe=1; Secure; SameSite=None'</script>";
    while let Some(event) = events.recv().await {
        match event.method.as_str() {
            "Fetch.requestPaused" if event.session == session => {
                let request = text(&event.params["requestId"]);
                let url = event.params["request"]["url"].as_str().unwrap_or_default();
                let html = if url.starts_with(FRAME) { inner } else { &outer };
                cdp.fire(&session, &commands::fulfil_html(&request, html));
            }
            "Page.loadEventFired" if event.session == session => break,
            _ => (),
        }
    }
    navigation.await?;
    let jar = cdp.send("", &commands::jar(&context), LIMIT).await?;
    let stuck = jar["cookies"].as_array().into_iter().flatten().any(|it| it["name"] == "probe");
    cdp.send("", &commands::dispose_context(&context), LIMIT).await?;
    Ok(stuck)
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
