//! Pages that are too much in one way each.

use crumbcheck::demo::Site;

/// What each does, and the script that does it.
const TOO_MUCH: &[(&str, &str)] = &[
    (
        "one message of 100 MB over a socket",
        "const s = new WebSocket('wss://socket.worst.example/'); s.onopen = () => s.send('x'.repeat(1e8));",
    ),
    ("100,000 cookies", "for (let i = 0; i < 1e5; i++) document.cookie = 'c' + i + '=' + i;"),
    (
        "100,000 items of storage",
        "for (let i = 0; i < 1e5; i++) { try { localStorage.setItem('k' + i, 'v') } catch {} }",
    ),
    ("10,000 popups", "for (let i = 0; i < 1e4; i++) window.open('https://t.worst.example/' + i);"),
    (
        "10,000 beacons",
        "for (let i = 0; i < 1e4; i++) navigator.sendBeacon('https://t.worst.example/' + i, 'x'.repeat(60));",
    ),
    (
        "300 frames of other sites",
        "addEventListener('load', () => { for (let i = 0; i < 300; i++) { const f = document.createElement('iframe'); f.src = 'https://f' + i % 30 + '.worst.example/'; document.body.append(f) } });",
    ),
    (
        "300,000 elements",
        "addEventListener('load', () => { document.body.insertAdjacentHTML('beforeend', '<p><button>Reject cookies</button>'.repeat(150000)) });",
    ),
    (
        "20,000 listeners",
        "for (let i = 0; i < 2e4; i++) { const f = new Function('document.addEventListener(\"keydown\", () => ' + i + ')'); f() }",
    ),
    (
        "all the memory that it gets",
        "setTimeout(() => { const all = window.all = []; while (true) all.push(new Uint8Array(5e7).fill(1)) }, 300);",
    ),
    ("a loop without end, at once", "while (true);"),
    (
        "a loop without end, in each frame",
        "addEventListener('load', () => { for (let i = 0; i < 3; i++) { const f = document.createElement('iframe'); f.src = 'https://loop' + i + '.worst.example/'; document.body.append(f) } });",
    ),
    ("a thousand dialogs", "setTimeout(() => { for (let i = 0; i < 1e3; i++) alert(i) }, 100);"),
    ("a navigation without end", "setTimeout(() => { location = '/?' + Math.random() }, 30);"),
];

const ROUTES: &str = "
[[route]]
host = 'socket.worst.example'
path = '*'
websocket = true
[[route]]
host = 'loop*.worst.example'
path = '*'
headers = ['content-type: text/html']
body = '<script>setTimeout(() => { while (true); }, 100)</script>'
[[route]]
host = 'f*.worst.example'
path = '*'
headers = ['content-type: text/html', 'set-cookie: t=1; SameSite=None; Secure']
body = '<p>words</p>'
[[route]]
host = 't.worst.example'
path = '*'
body = ''
";

/// Each with what it is.
pub(crate) fn sites() -> impl Iterator<Item = (&'static str, Site)> {
    TOO_MUCH.iter().map(|&(what, script)| (what, site(script)))
}

fn site(script: &str) -> Site {
    let page = format!(
        "<!doctype html><html lang=en><title>Too much</title><script>document.cookie = 'undeclared_thing=1; max-age=99999'; {script}</script>\
        <h1>Too much</h1><p>Words that a page has.</p><a href=/cookies>Cookies</a>\
        <div role=region aria-label=Cookies id=b><p>We use cookies.</p><button onclick=\"b.remove()\">Reject cookies</button></div></html>"
    );
    let notice = "<!doctype html><title>Cookies</title><h1>Cookie policy</h1><p>We use the cookie <b>session</b>.</p>";
    let toml =
        format!("start = 'https://www.worst.example/'\npages = []\n{ROUTES}[expect]\nexit = 3\n");
    let files = vec![
        ("www.worst.example/index.html".to_owned(), page.into_bytes()),
        ("www.worst.example/cookies.html".to_owned(), notice.as_bytes().to_vec()),
        ("site.toml".to_owned(), toml.into_bytes()),
    ];
    let routes = ("routes.toml".to_owned(), b"route = []".to_vec());
    Site::from_files("worst", files, vec![routes]).expect("a site")
}
