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
    let kinds: [Worst; 12] = [
        ("a notice of 100,000 rows", "cookies.html", || table(100_000, "")),
        ("a notice of 1,000 rows of 150 cookies", "cookies.html", || {
            table(1000, &(0..150).map(|n| format!(" name_{n}_x,")).collect::<Vec<_>>().concat())
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
            packed("word/document.xml", &filler("w:t"))
        }),
        ("a Word document of entities", "policy.docx", || packed("word/document.xml", &entities())),
        ("an OpenDocument of 300 MB", "policy.odt", || packed("content.xml", &filler("text:p"))),
        ("a PDF whose pages hold themselves", "policy.pdf", circular_pdf),
        ("Markdown of 200,000 brackets", "policy.md", || "[".repeat(200_000).into_bytes()),
        ("Markdown of 20,000 quotations in each other", "policy.md", || {
            format!("{} cookie", "> ".repeat(20_000)).into_bytes()
        }),
    ];
    kinds.into_iter().map(|(what, name, make)| (what, name, make()))
}

fn table(rows: usize, more: &str) -> Vec<u8> {
    let mut page = [NOTICE, "<table><tr><th>Cookie<th>Purpose<th>Expires"].concat();
    for row in 0..rows {
        page.push_str(&format!("<tr><td>name{row}{more}<td>Counts visits<td>1 year"));
    }
    page.into_bytes()
}

/// 300 MB of the same, in an element of that name.
fn filler(element: &str) -> Vec<u8> {
    let mut text = format!("<?xml version='1.0'?><x><{element}>We use cookies.").into_bytes();
    text.resize(300 << 20, b'a');
    text.extend_from_slice(format!("</{element}></x>").as_bytes());
    text
}

/// Entities that hold each other ten times over.
fn entities() -> Vec<u8> {
    let mut text = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e0 'cookie'>".to_owned();
    for n in 1..12 {
        text.push_str(&format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10)));
    }
    text.push_str("]><x><w:p><w:t>&e11;</w:t></w:p></x>");
    text.into_bytes()
}

fn packed(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file(name, options).expect("an entry");
    archive.write_all(content).expect("an entry's content");
    archive.finish().expect("an archive").into_inner()
}

fn circular_pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] /Count 3 /Parent 2 0 R >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        "<< /Length 12 >>\nstream\nBT (a) Tj ET\nendstream",
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = pdf.len();
    pdf.push_str("xref\n0 5\n0000000000 65535 f \n");
    for place in places {
        pdf.push_str(&format!("{place:010} 00000 n \n"));
    }
    pdf.push_str(&format!("trailer << /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    pdf.into_bytes()
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
