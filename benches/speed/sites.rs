//! The sites that are scanned.

use crumbcheck::demo::Site;

const NOTICE: &str = "<!doctype html><html lang=en><head><title>Cookies</title></head><body><h1>Cookies</h1>\
    <p>We keep one cookie.</p><table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>\
    <tr><td>seen</td><td>Remembers that you were here</td><td>1 year</td></tr></table></body></html>";

/// Five requests: a page, its style, its script, a picture, and another site's script.
pub(crate) fn light() -> Site {
    let page = "<!doctype html><html lang=en><head><title>Light</title><link rel=stylesheet href=/s.css>\
        <script src=/a.js></script></head><body><h1>Light</h1><img src=/i.gif alt=''>\
        <script src=https://cdn.light.example/b.js></script><a href=/cookies>Cookies</a>BANNER</body></html>";
    let mut files = vec![
        file("www.light.example/index.html", page.replace("BANNER", BANNER)),
        file("www.light.example/cookies.html", NOTICE),
        file("www.light.example/s.css", "body { font: 16px sans-serif }"),
        file("www.light.example/a.js", "document.cookie = 'seen=1; max-age=31536000; secure';"),
        file("www.light.example/i.gif", PICTURE),
    ];
    files.push(file("cdn.light.example/b.js", "window.loaded = 1;"));
    made("light", files)
}

const BANNER: &str = "<div id=b role=region aria-label=Cookies hidden><p>We use cookies to see how this site is used.</p>\
    <button onclick=\"pick('yes')\">Accept cookies</button> <button onclick=\"pick('no')\">Reject cookies</button></div>\
    <script>b.hidden = /answer=/.test(document.cookie);\
    function pick(it) { document.cookie = 'answer=' + it + '; max-age=31536000; path=/; secure'; b.hidden = true }</script>";

/// One pixel; a picture in SVG is a document to Chromium and takes it far longer.
const PICTURE: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// A site of a public body: a banner whose message stays until it is hidden, a settings page, a session cookie, 25
/// requests for a page, and a tag for statistics that loads after consent and sends what it has collected after
/// `batch` milliseconds, if it collects at all.
fn public_body(name: &str, batch: Option<u32>) -> Site {
    let host = format!("www.{name}.example");
    let mut head = String::new();
    let mut files = Vec::new();
    for at in 0..3 {
        head.push_str(&format!("<link rel=stylesheet href=/style{at}.css>"));
        files.push(file(
            &format!("{host}/style{at}.css"),
            format!(".part{at} {{ margin: {at}px }}"),
        ));
    }
    for at in 0..6 {
        head.push_str(&format!("<script defer src=/part{at}.js></script>"));
        let script = format!(
            "document.addEventListener('DOMContentLoaded', () => {{ window.part{at} = document.querySelectorAll('a').length }});"
        );
        files.push(file(&format!("{host}/part{at}.js"), script));
    }
    let pictures: String = (0..14)
        .map(|at| format!("<img src='/i.gif?{at}' width=20 height=20 alt=''>"))
        .collect::<Vec<_>>()
        .concat();
    let send = batch.map_or("send()".to_owned(), |it| format!("setTimeout(send, {it})"));
    let tag = format!(
        "document.cookie = '_ga=GA1.1.1.1; max-age=63072000; path=/; secure';\
         const send = () => navigator.sendBeacon('https://stats.{name}-stats.example/collect?v=2', 'page_view'); {send};"
    );
    files.push(file(&format!("tag.{name}-stats.example/tag.js"), tag));
    files.push(file(&format!("stats.{name}-stats.example/collect"), ""));
    files.push(file(&format!("{host}/i.gif"), PICTURE));
    let banner = format!(
        "<div id=banner role=region aria-label='Cookies on this site' hidden><h2>Cookies on this site</h2>\
         <p>We use some essential cookies. We would like to set analytics cookies to see how you use this site.</p>\
         <button type=button onclick=pick('yes')>Accept analytics cookies</button>\
         <button type=button onclick=pick('no')>Reject analytics cookies</button> <a href=/cookies>View cookies</a></div>\
         <div id=thanks role=alert hidden><p>You have chosen. You can change your cookie settings at any time.</p>\
         <button type=button onclick='thanks.hidden = true'>Hide cookie message</button></div>\
         <script>const answer = /answer=(yes|no)/.exec(document.cookie);\
         const count = () => {{ const tag = document.createElement('script'); tag.src = 'https://tag.{name}-stats.example/tag.js'; document.head.append(tag) }};\
         banner.hidden = answer !== null; if (answer && answer[1] === 'yes') count();\
         function pick(it) {{ document.cookie = 'answer=' + it + '; max-age=31536000; path=/; secure'; banner.hidden = true; thanks.hidden = false; if (it === 'yes') count() }}</script>"
    );
    let page = |title: &str, text: &str| {
        format!(
            "<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body>{banner}<h1>{title}</h1>{text}{pictures}\
             <nav><a href=/>Home</a> <a href=/report>Report</a></nav><footer><a href=/cookies>Cookies</a></footer></body></html>"
        )
    };
    files.push(file(&format!("{host}/index.html"), page("Public body", "<p>What we do.</p>")));
    files.push(file(&format!("{host}/report.html"), page("Report", "<p>Tell us.</p>")));
    let settings = "<form id=f><fieldset><legend>Do you want to accept analytics cookies?</legend>\
        <label><input type=radio name=a value=yes> Yes</label><label><input type=radio name=a value=no> No</label></fieldset>\
        <button type=submit>Save cookie settings</button></form><script>f.onsubmit = (e) => { e.preventDefault(); pick(f.a.value);\
        if (f.a.value === 'no') document.cookie = '_ga=; max-age=0; path=/; secure' }</script>";
    let notice = format!(
        "<h2>Essential cookies</h2><table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>\
         <tr><td>session</td><td>Keeps your place</td><td>When you close your browser</td></tr>\
         <tr><td>answer</td><td>Keeps your cookie settings</td><td>1 year</td></tr></table>\
         <h2>Analytics cookies</h2><table><tr><th>Name</th><th>Purpose</th><th>Expires</th></tr>\
         <tr><td>_ga</td><td>Counts visits for Google Analytics</td><td>2 years</td></tr></table>{settings}"
    );
    files.push(file(&format!("{host}/cookies.html"), page("Cookies", &notice)));
    let route = |path: &str| {
        format!(
            "[[route]]\nhost = '{host}'\npath = '{path}'\nheaders = ['set-cookie: session=4f1d2c3b; Path=/; Secure; HttpOnly; SameSite=Lax']\n"
        )
    };
    files.push(file(
        "site.toml",
        format!(
            "start = 'https://{host}/'\n{}{}\n[expect]\nexit = 0\n",
            route("/"),
            route("/cookies")
        ),
    ));
    Site::from_files(name, files, vec![file("routes.toml", "route = []")]).expect("a site")
}

/// With a tag that sends five seconds after it was loaded.
pub(crate) fn typical() -> Site {
    public_body("typical", Some(5000))
}

/// The same site with a tag that sends at once.
pub(crate) fn prompt() -> Site {
    public_body("prompt", None)
}

/// A page without a banner, which is waited for until it can no longer be expected.
pub(crate) fn no_banner() -> Site {
    let page = "<!doctype html><html lang=en><head><title>No banner</title></head><body><h1>No banner</h1>\
        <a href=/cookies>Cookies</a></body></html>";
    let files = vec![
        file("www.no-banner.example/index.html", page),
        file("www.no-banner.example/cookies.html", NOTICE),
    ];
    made("no-banner", files)
}

/// Four hundred requests from forty hosts.
pub(crate) fn heavy() -> Site {
    let mut page = String::from(
        "<!doctype html><html lang=en><head><title>Heavy</title></head><body><h1>Heavy</h1><a href=/cookies>Cookies</a>",
    );
    let mut files = vec![file("www.heavy.example/cookies.html", NOTICE)];
    for host in 0..40 {
        let name = format!("part{host}.heavy{host}.example");
        let script = format!("document.cookie = 'p{host}=1; max-age=600; secure';");
        files.push(file(&format!("{name}/tag.js"), &script));
        files.push(file(&format!("{name}/i.gif"), PICTURE));
        page.push_str(&format!("<script src=https://{name}/tag.js async></script>"));
        for picture in 0..9 {
            page.push_str(&format!("<img src='https://{name}/i.gif?{picture}' alt=''>"));
        }
    }
    page.push_str(BANNER);
    page.push_str("</body></html>");
    files.push(file("www.heavy.example/index.html", &page));
    made("heavy", files)
}

/// Asks for something five times a second for as long as it is open.
pub(crate) fn never_idle() -> Site {
    let page = "<!doctype html><html lang=en><head><title>Never idle</title></head><body><h1>Never idle</h1>\
        <a href=/cookies>Cookies</a><script>setInterval(() => fetch('/i.gif?' + performance.now()), 200)</script>BANNER</body></html>";
    made(
        "never-idle",
        vec![
            file("www.never-idle.example/index.html", page.replace("BANNER", BANNER)),
            file("www.never-idle.example/cookies.html", NOTICE),
            file("www.never-idle.example/i.gif", PICTURE),
        ],
    )
}

/// A page of many pictures.
pub(crate) fn many(size: usize) -> Site {
    let mut page = String::from(
        "<!doctype html><html lang=en><head><title>Many</title></head><body><a href=/cookies>Cookies</a>",
    );
    for picture in 1..size {
        page.push_str(&format!(
            "<img src='https://p{}.many.example/i.gif?{picture}' alt=''>",
            picture % 20
        ));
    }
    page.push_str("</body></html>");
    let mut files = vec![
        file("www.many.example/index.html", &page),
        file("www.many.example/cookies.html", NOTICE),
    ];
    files.extend((0..20).map(|host| file(&format!("p{host}.many.example/i.gif"), PICTURE)));
    made("many", files)
}

fn file(path: &str, content: impl AsRef<[u8]>) -> (String, Vec<u8>) {
    (path.to_owned(), content.as_ref().to_vec())
}

fn made(name: &str, mut files: Vec<(String, Vec<u8>)>) -> Site {
    files.push(file(
        "site.toml",
        format!("start = 'https://www.{name}.example/'\n[expect]\nexit = 0\n"),
    ));
    Site::from_files(name, files, vec![file("routes.toml", "route = []")]).expect("a site")
}
