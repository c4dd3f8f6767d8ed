//! Pages that are too much in one way each.

use crumbcheck::demo::Site;

use crate::bombs::{circular_pdf, entities, filler, packed, table, unpacking_pdf};

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

const NOTICE: &str = "<!doctype html><title>Cookies</title><h1>Cookie policy</h1><p>We use the cookie <b>session</b>.</p>";

/// Each with what it is.
pub(crate) fn sites() -> impl Iterator<Item = (&'static str, Site)> {
    let scripts =
        TOO_MUCH.iter().map(|&(what, script)| (what, site(script, "cookies.html", NOTICE.into())));
    scripts.chain(notices().map(|(what, name, content)| (what, site("", name, content))))
}

/// What is too much, the name of its file, and what makes its content.
type Worst = (&'static str, &'static str, fn() -> Vec<u8>);

/// Notices that are too much, with the names of their files.
fn notices() -> impl Iterator<Item = (&'static str, &'static str, Vec<u8>)> {
    let kinds: [Worst; 13] = [
        ("a notice of 100,000 rows", "cookies.html", || table(NOTICE, 100_000, "")),
        ("a notice of 1,000 rows of 150 cookies", "cookies.html", || {
            table(
                NOTICE,
                1000,
                &(0..150).map(|n| format!(" name_{n}_x,")).collect::<Vec<_>>().concat(),
            )
        }),
        ("a notice of 3,000 tables in each other", "cookies.html", || {
            [NOTICE, &"<table><tr><td>".repeat(3000), "_ga"].concat().into_bytes()
        }),
        ("a notice of one sentence of 2 MB", "cookies.html", || {
            [NOTICE, "<p>We do not use ", &"cookies for advertising, unless ".repeat(64_000)]
                .concat()
                .into_bytes()
        }),
        ("a notice of 20,000 headings", "cookies.html", || {
            [NOTICE, &"<h2>Analytics cookies</h2><p>_ga, _gid</p>".repeat(20_000)]
                .concat()
                .into_bytes()
        }),
        ("a notice of 5,000 frames", "cookies.html", || {
            [NOTICE, &"<iframe width=500 height=500 src=/cookies.html?x></iframe>".repeat(5000)]
                .concat()
                .into_bytes()
        }),
        ("a Word document of 300 MB", "policy.docx", || {
            packed("word/document.xml", &filler("w:t", 300 << 20))
        }),
        ("a Word document of entities", "policy.docx", || packed("word/document.xml", &entities())),
        ("an OpenDocument of 300 MB", "policy.odt", || {
            packed("content.xml", &filler("text:p", 300 << 20))
        }),
        ("a PDF whose pages hold themselves", "policy.pdf", circular_pdf),
        ("a PDF whose page unpacks to 300 MB", "policy.pdf", || unpacking_pdf(300 << 20)),
        ("Markdown of 200,000 brackets", "policy.md", || "[".repeat(200_000).into_bytes()),
        ("Markdown of 20,000 quotations in each other", "policy.md", || {
            format!("{} cookie", "> ".repeat(20_000)).into_bytes()
        }),
    ];
    kinds.into_iter().map(|(what, name, make)| (what, name, make()))
}

fn site(script: &str, file: &str, content: Vec<u8>) -> Site {
    let page = format!(
        "<!doctype html><html lang=en><title>Too much</title><script>document.cookie = 'undeclared_thing=1; max-age=99999'; {script}</script>\
        <h1>Too much</h1><p>Words that a page has.</p><a href=/{file}>Cookies</a>\
        <div role=region aria-label=Cookies id=b><p>We use cookies.</p><button onclick=\"b.remove()\">Reject cookies</button></div></html>"
    );
    let toml =
        format!("start = 'https://www.worst.example/'\npages = []\n{ROUTES}[expect]\nexit = 3\n");
    let files = vec![
        ("www.worst.example/index.html".to_owned(), page.into_bytes()),
        (format!("www.worst.example/{file}"), content),
        ("site.toml".to_owned(), toml.into_bytes()),
    ];
    let routes = ("routes.toml".to_owned(), b"route = []".to_vec());
    Site::from_files("worst", files, vec![routes]).expect("a site")
}
