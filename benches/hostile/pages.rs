//! Pages that are made to break scanners, put together at random; the same seed gives the same site.

use crumbcheck::demo::Site;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::bombs;

/// What is put into any text.
const WORDS: &[&str] = &[
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{9b}31m",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "\u{202e}evil\u{2066}",
    "\r\nerror: nothing is wrong",
    "{{ 7*7 }}{% raw %}",
    "]]>\u{0}",
    "\u{fffd}\u{feff}",
    "%00%0a%1b",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}",
    "=;,;=",
    "../../etc/passwd",
    "|table|`code`|",
    "İıßﬀ𝒳",
];

/// What scripts of the page do; `WORD` is one of the above, `N` a number.
const SCRIPTS: &[&str] = &[
    // What belongs to the language is no longer what it was.
    "Array.prototype.map = Array.prototype.filter = Array.prototype.find = null;",
    "JSON.stringify = () => { throw new Error('no') }; JSON.parse = () => null;",
    "Object.defineProperty(Object.prototype, 'toJSON', { get() { throw 1 } });",
    "Object.prototype.value = 'x'; Object.prototype.url = 'y'; Object.prototype.length = 7;",
    "window.Promise = null; window.setTimeout = () => 0; window.requestAnimationFrame = () => 0;",
    "Element.prototype.getBoundingClientRect = () => ({ x: NaN, y: Infinity, width: -1, height: 1e308 });",
    "Document.prototype.querySelectorAll = () => { throw new Error('no') };",
    "Document.prototype.elementFromPoint = () => document.body; Element.prototype.matches = () => true;",
    "Object.defineProperty(document, 'cookie', { get: () => { throw 1 }, set: () => { throw 2 } });",
    "Object.defineProperty(document, 'title', { get: () => ({ toString() { throw 1 } }) });",
    "Error.prepareStackTrace = () => 'WORD'; Error.stackTraceLimit = 0;",
    "Function.prototype.toString = () => 'WORD'; Function.prototype.call = Function.prototype.apply = null;",
    "Storage.prototype.setItem = new Proxy(Storage.prototype.setItem, { apply() { throw 'WORD' } });",
    "window.innerWidth = -5; window.innerHeight = 1e9; Object.defineProperty(window, 'scrollY', { value: NaN });",
    "for (const k of Object.getOwnPropertyNames(window)) { try { if (/^[A-Z]/.test(k)) delete window[k] } catch {} }",
    // Interfaces of consent that lie, throw, or never answer.
    "window.__tcfapi = () => { throw new Error('WORD') };",
    "window.__tcfapi = (c, v, f) => { for (let i = 0; i < 500; i++) f({ tcString: 'WORD'.repeat(999), eventStatus: {}, get gdprApplies() { throw 1 } }, i) };",
    "window.__gpp = (c, f) => f(new Proxy({}, { get: () => 'WORD' }), true);",
    "window.OneTrust = window.Cookiebot = window.UC_UI = new Proxy(function () {}, { get: (t, k) => t, apply: () => { throw 1 } });",
    "window.dataLayer = new Proxy([], { get() { throw 'WORD' } }); window.google_tag_data = 7;",
    // Too much of everything.
    "for (let i = 0; i < N; i++) document.cookie = 'c' + i + 'WORD=' + 'v'.repeat(i % 900);",
    "for (let i = 0; i < N; i++) { try { localStorage['k' + i + 'WORD'] = i } catch {} }",
    "try { localStorage['big'] = 'x'.repeat(4e6); localStorage['\\ud800'] = '\\udfff' } catch {}",
    "for (let i = 0; i < 60; i++) indexedDB.open('WORD\\udc00' + i);",
    "for (let i = 0; i < N; i++) new Image().src = 'https://t' + (i % 30) + '.hostile.example/i.svg?' + encodeURIComponent('WORD') + i;",
    "for (let i = 0; i < 300; i++) navigator.sendBeacon('/log', 'WORD'.repeat(50));",
    "for (let i = 0; i < 40; i++) new Worker(URL.createObjectURL(new Blob(['fetch(\"https://t1.hostile.example/w' + i + '\"); setInterval(() => 0, 1)'])));",
    "for (let i = 0; i < 30; i++) { const f = document.createElement('iframe'); f.src = i % 2 ? 'data:text/html,<script>document.cookie=1</script>' : 'about:blank#' + i; document.documentElement.append(f) }",
    "if (self === top || location.search.length < 60) { const f = document.createElement('iframe'); f.src = location.pathname + (location.search || '?') + 'x'; document.documentElement.append(f) }",
    "let deep = document.createElement('div'); const root = deep; for (let i = 0; i < 3000; i++) { const d = document.createElement('div'); deep.append(d); deep = d } addEventListener('load', () => document.body.append(root));",
    "addEventListener('load', () => { for (let i = 0; i < 300; i++) { const d = document.createElement('x-' + i); d.attachShadow({ mode: i % 2 ? 'open' : 'closed' }).innerHTML = '<button>Reject cookies WORD</button>'; document.body.append(d) } });",
    "addEventListener('load', () => { document.body.insertAdjacentHTML('beforeend', '<button>Accept all cookies</button>'.repeat(4000)) });",
    "addEventListener('load', () => document.body.setAttribute('data-x', 'WORD'.repeat(200000)));",
    "document.title = 'WORD'.repeat(50000);",
    "setInterval(() => { document.title = 'WORD' + Math.random() }, 1);",
    // Nothing stays where it is.
    "setInterval(() => { for (const b of document.querySelectorAll('button')) b.style.cssText = 'position:fixed;left:' + Math.random() * 900 + 'px;top:' + Math.random() * 500 + 'px' }, 5);",
    "setInterval(() => { const b = document.getElementById('banner'); if (b) b.outerHTML = b.outerHTML }, 15);",
    "addEventListener('click', (e) => { e.stopImmediatePropagation(); location.hash = Math.random() }, true);",
    "for (let i = 0; i < 400; i++) history.pushState({}, '', '?' + i + 'WORD');",
    "setTimeout(() => { document.open(); document.write('<title>gone</title>WORD'); document.close() }, 150);",
    "setTimeout(() => location.reload(), 250);",
    "setTimeout(() => { location = '/p' + (Math.random() * 9 | 0) + '.html' }, 200);",
    "setTimeout(() => { location = 'https://t2.hostile.example/loop' }, 400);",
    "setTimeout(() => window.close(), 100); setInterval(() => window.stop(), 40);",
    "setTimeout(() => document.documentElement.remove(), 120);",
    "addEventListener('load', () => { document.body.innerHTML = '' });",
    // What asks for the visitor.
    "for (let i = 0; i < 20; i++) setTimeout(() => { alert('WORD'); confirm('WORD'); prompt('WORD') }, i);",
    "addEventListener('beforeunload', (e) => { e.preventDefault(); e.returnValue = 'WORD' }); onunload = () => { for (let i = 0; i < 1e4; i++) navigator.sendBeacon('/u') };",
    "setInterval(() => window.open('https://t3.hostile.example/pop' + Math.random()), 20);",
    "setTimeout(() => { const a = document.createElement('a'); a.href = 'data:application/octet-stream,WORD'; a.download = '../../WORD'; a.click() }, 60);",
    "setTimeout(() => { const f = document.createElement('form'); f.method = 'post'; f.action = '/form'; document.documentElement.append(f); f.submit() }, 90);",
    "try { print(); document.documentElement.requestFullscreen(); document.documentElement.requestPointerLock() } catch {}",
    "navigator.serviceWorker && navigator.serviceWorker.register('/sw.js');",
    "debugger; setInterval(() => { debugger }, 10);",
    "console.log = console.error = null; for (let i = 0; i < 2000; i++) Promise.reject('WORD');",
    "throw new Error('WORD'.repeat(10000));",
    "try { new WebSocket('ws://127.0.0.1:INWARD/') } catch {} fetch('http://127.0.0.1:INWARD/').catch(() => 0); navigator.sendBeacon('http://localhost:INWARD/', 'WORD');",
    "setTimeout(() => { location = 'http://127.0.0.1:INWARD/' }, 200);",
    // What waits for somebody, and does too much then.
    "for (const type of ['mousemove', 'wheel', 'keydown']) addEventListener(type, () => { for (let i = 0; i < 300; i++) document.cookie = type + i + '=1' }, { passive: true });",
    "addEventListener('wheel', () => { const end = Date.now() + 3000; while (Date.now() < end); }, { passive: false });",
    "let shifts = 0; addEventListener('keydown', (e) => { shifts += 1; if (shifts > 2 || e.key !== 'Shift') location = '/gate/key' });",
    // Sockets and streams.
    "const s = new WebSocket('wss://socket.hostile.example/'); s.onopen = () => { for (let i = 0; i < 8; i++) s.send('x'.repeat(1e6)) };",
    "new EventSource('https://t4.hostile.example/hang'); fetch('https://t4.hostile.example/hang', { keepalive: true });",
    "fetch('https://t5.hostile.example/loop').catch(() => 0); fetch('https://nowhere.invalid:1/');",
    // Rare, because each takes all the time that a page may have.
    "HANG",
    "MEMORY",
];

/// Pieces of markup.
const MARKUP: &[&str] = &[
    "<meta http-equiv=refresh content='0'>",
    "<meta http-equiv=refresh content='1;url=/p1.html'>",
    "<meta http-equiv=content-security-policy content=\"default-src 'none'; script-src 'unsafe-inline'\">",
    "<base href='javascript:WORD'>",
    "<base target=_blank href='https://t6.hostile.example/'>",
    "<plaintext>",
    "<!-- <script> --!> WORD",
    "<svg><foreignObject><iframe srcdoc='<button>Reject all cookies</button>'></iframe></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img src=x>",
    "<object data=/p2.html></object><embed src=/p3.html><frameset><frame src=/p1.html></frameset>",
    "<a href='/cookies?WORD'>Cookies WORD</a>",
    "<a href='javascript:while(1);'>Cookie policy</a>",
    // Links that act, whatever they say: `main.rs` sees that nobody follows one.
    "<a href='/gate/account/delete?yes=1'>Cookie policy</a>",
    "<a href='/gate/log-out'>Cookies WORD</a>",
    "<a href='/gate/cookies/accept-all'>Cookie notice</a>",
    "<a href='/gate/siop/prynu/cwcis'>Polisi cwcis</a>",
    "<a href='/gate/1'>Allgofnodi</a> <a href='/gate/2'>Konto löschen</a> <a href='/gate/3'>Jetzt kaufen: Cookies</a>",
    "<a href='/gate/4' data-method=delete>Cookie policy</a> <a href='/gate/5' aria-label='Sign out'>Cookies</a>",
    "<a href='/gate/cwcis?gweithred=derbyn'>Polisi cwcis</a> <a href='/gate/cookie-policy?cookies=accept'>Cookie policy</a>",
    "<a href='/gate/6?action=unsubscribe'>Privacy</a> <a href='/gate/7'>Gwaredu fy nghyfrif</a> <a href='/gate/8'>Quitter ce site</a>",
    "<link rel=alternate hreflang=cy href='/gate/cy/cwcis/derbyn'><a lang=cy href='/gate/cy/allgofnodi'>Cymraeg</a>",
    "<a href='#/log-out'>Cookies</a> <a href='#cookies'>Cookie policy</a>",
    "<form action=/gate/form><button>Cookie policy</button></form>",
    // Addresses that point into the network.
    "<a href='http://127.0.0.1:INWARD/cookies'>Cookie policy WORD</a>",
    "<a href='/inward'>Cookie notice</a>",
    "<link rel=icon href='http://127.0.0.1:INWARD/icon.png'><link rel=alternate hreflang=cy href='http://127.0.0.1:INWARD/cy'>",
    "<link rel=icon href='/inward'><a lang=cy href='/inward'>Cymraeg</a>",
    "<link rel=icon href='data:image/svg+xml,WORD'><link rel='icon icon icon' href='https://t8.hostile.example/hang'>",
    "<img src='http://localhost:INWARD/x'><iframe src='http://[::ffff:127.0.0.1]:INWARD/'></iframe>",
    "<iframe title='Cookie policy' width=900 height=600 src='http://2130706433:INWARD/'></iframe>",
    "<link rel=preconnect href='http://127.0.0.1:INWARD/'><meta http-equiv=refresh content='1;url=http://127.0.0.1:INWARD/'>",
    "<a href='/leave' accesskey=q class=govuk-exit-this-page>Exit this page</a>",
    "<form action=/form><input name=q><button>Reject cookies</button></form>",
    "<dialog open>WORD We use cookies <button>Reject</button></dialog>",
    "<div style='position:fixed;inset:0;z-index:2147483647'>WORD</div>",
    "<marquee>WORD</marquee><blink>",
    "<iframe sandbox srcdoc='<script>document.cookie=\"x=1\"</script>WORD'></iframe>",
    "<link rel=preload as=font href=/none><link rel=prefetch href=/loop><script src=/none.js></script>",
    "<script src='https://t7.hostile.example/hang'></script>",
    "<template shadowrootmode=closed><p>We use cookies</p><button>Accept</button></template>",
    "\u{0}\u{8}\u{b}",
];

const BANNERS: &[&str] = &[
    "<div id=banner role=dialog aria-label='Cookies WORD'><p>We use cookies. WORD</p><button>Accept all</button><button>Reject all WORD</button></div>",
    "<div id=banner><p>We use cookies to WORD.</p><button onclick=\"this.parentNode.remove();document.cookie='ok=0;max-age=9999'\">Reject all cookies</button></div>",
    "<div id=banner><p>Rydym yn defnyddio cwcis WORD</p><button disabled>Gwrthod</button><button style='opacity:0'>Derbyn</button></div>",
    "<div id=banner onclick='this.hidden = true'><p>Cookies! WORD</p><input type=submit value='Refuse'><input type=checkbox checked>Ads</div>",
    "<div id=banner><p>This site uses cookies</p><a href='/loop'>Reject</a><a href='mailto:WORD'>Accept</a></div>",
    "",
];

/// The site that `seed` gives, with `pages` pages.
/// `inward` is a port of this machine that nobody may reach.
pub(crate) fn site(seed: u64, pages: u64, inward: u16) -> Site {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let host = "www.hostile.example";
    let names: Vec<String> = (0..pages)
        .map(|at| if at == 0 { "index.html".to_owned() } else { format!("p{at}.html") })
        .collect();
    for name in &names {
        files.push((format!("{host}/{name}"), page(&mut rng)));
    }
    if rng.random_bool(0.6) {
        files.push((format!("{host}/cookies.html"), notice(&mut rng)));
    } else {
        // One that takes much memory or time.
        let (name, content) = bombs::any(&mut rng, NOTICE);
        for (_, page) in &mut files {
            *page = replaced(page, b"<a href=/cookies>", format!("<a href=/{name}>").as_bytes());
        }
        files.push((format!("{host}/{name}"), content));
    }
    files.push((format!("{host}/sw.js"), SERVICE_WORKER.as_bytes().to_vec()));
    files.push((format!("{host}/leave.html"), b"<title>left</title>".to_vec()));
    let mut routes = String::from(ROUTES);
    if rng.random_bool(0.3) {
        routes.push_str(&format!(
            "[[route]]\nhost = '{host}'\npath = '/'\nheaders = [{}]\n",
            header(&mut rng)
        ));
    }
    let paths: Vec<String> = names[1..].iter().map(|it| format!("'/{it}'")).collect();
    let toml = format!(
        "start = 'https://{host}/'\npages = [{}]\n{routes}[expect]\nexit = 3\n",
        paths.join(", ")
    );
    files.push(("site.toml".to_owned(), toml.into_bytes()));
    for (_, content) in &mut files {
        *content = replaced(content, b"INWARD", inward.to_string().as_bytes());
    }
    let routes = ("routes.toml".to_owned(), b"route = []".to_vec());
    Site::from_files("hostile", files, vec![routes]).expect("a site")
}

/// Pages are not text throughout.
fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

/// Every host that the pages name, for the routes that lead them here: all else is where it is.
pub(crate) fn hosts() -> impl Iterator<Item = String> {
    let numbered = (0..30).map(|n| format!("t{n}.hostile.example"));
    ["www", "socket"].map(|it| format!("{it}.hostile.example")).into_iter().chain(numbered)
}

const NOTICE: &str = "<!doctype html><title>Cookies</title><h1>Cookie policy</h1><p>We use the cookie <b>session</b>.</p>";

const SERVICE_WORKER: &str = "onfetch = (e) => { if (Math.random() < 0.3) e.respondWith(new Response('garbage')) }; \
    oninstall = () => skipWaiting(); onactivate = (e) => e.waitUntil(clients.claim()); \
    cookieStore.set('from-worker', '1'); fetch('https://t9.hostile.example/sw'); \
    fetch('http://127.0.0.1:INWARD/sw').catch(() => 0);";

const ROUTES: &str = "
[[route]]
host = '*'
path = '/loop'
loop = true
[[route]]
host = '*'
path = '/hang'
hang = true
[[route]]
host = 'www.hostile.example'
path = '/inward'
redirect = 'http://127.0.0.1:INWARD/'
[[route]]
host = 'socket.hostile.example'
path = '*'
websocket = true
[[route]]
host = 't*.hostile.example'
path = '*'
status = 200
headers = ['set-cookie: t=1; SameSite=None; Secure', 'set-cookie: =nameless', 'set-cookie: bad\u{e9}name=\u{ff}; Domain=.example; Max-Age=99999999999999999999']
";

fn header(rng: &mut StdRng) -> &'static str {
    pick(
        rng,
        &[
            "'content-security-policy: sandbox allow-scripts'",
            "'set-cookie: __Host-x=1', 'set-cookie: a b c', 'set-cookie: ;;;', 'set-cookie: \u{e9}=\u{ff}; Expires=Thu, 99 Foo 0000'",
            "'content-type: text/html; charset=utf-16'",
            "'refresh: 0; url=/p1.html'",
            "'clear-site-data: \"*\"'",
            "'cross-origin-opener-policy: same-origin', 'cross-origin-embedder-policy: require-corp'",
            "'content-disposition: attachment; filename=\"../../x\"'",
            "'link: </p1.html>; rel=prerender, </x.js>; rel=preload; as=script'",
        ],
    )
}

fn page(rng: &mut StdRng) -> Vec<u8> {
    let mut page = String::from("<!doctype html><html lang=en><head><title>");
    page.push_str(pick(rng, WORDS));
    page.push_str(
        "</title><script>document.cookie = 'undeclared_thing=1; max-age=99999';</script>",
    );
    for _ in 0..rng.random_range(1..5) {
        let script = filled(rng, pick_script);
        // Each in a block of its own, so that one that throws does not keep the next from running.
        page.push_str(&format!("<script>{{{script}}}</script>"));
    }
    page.push_str(
        "</head><body><h1>Hostile</h1><p>Words that a page has.</p><a href=/cookies>Cookies</a>",
    );
    for _ in 0..rng.random_range(0..4) {
        page.push_str(&filled(rng, |rng| pick(rng, MARKUP)));
    }
    page.push_str(&filled(rng, |rng| pick(rng, BANNERS)));
    page.push_str("</body></html>");
    let mut bytes = page.into_bytes();
    for _ in 0..rng.random_range(0..3) {
        let at = rng.random_range(0..bytes.len());
        bytes.insert(at, pick(rng, &[0xff, 0x00, 0xc3, 0xed, b'<', b'"']));
    }
    bytes
}

fn pick_script(rng: &mut StdRng) -> &'static str {
    loop {
        let script = pick(rng, SCRIPTS);
        // Each of these takes all the time, or memory, that a page may have.
        if !matches!(script, "HANG" | "MEMORY") {
            return script;
        }
        if rng.random_bool(0.3) {
            return match script {
                "HANG" => "setTimeout(() => { while (true); }, 300);",
                _ => {
                    "setTimeout(() => { const all = []; for (let i = 0; i < 400; i++) all.push(new Uint8Array(1e6).fill(i)); window.all = all }, 100);"
                }
            };
        }
    }
}

fn notice(rng: &mut StdRng) -> Vec<u8> {
    let mut page = String::from(
        "<!doctype html><title>Cookies</title><h1>Cookie policy</h1><p>We use cookies.</p><table><tr><th>Cookie<th>Purpose<th>Expires",
    );
    for row in 0..rng.random_range(0..200) {
        let (name, purpose) = (pick(rng, WORDS), pick(rng, WORDS));
        page.push_str(&format!(
            "<tr><td>n{row}{name}<td>{purpose}<td>{} years",
            rng.random_range(0..1_000_000)
        ));
    }
    page.push_str("</table>");
    page.push_str(&filled(rng, |rng| pick(rng, MARKUP)));
    page.into_bytes()
}

fn filled(rng: &mut StdRng, which: impl Fn(&mut StdRng) -> &'static str) -> String {
    let text = which(rng).replace("WORD", &script_safe(pick(rng, WORDS)));
    let number = pick(rng, &["10", "300", "3000"]);
    text.replace("< N;", &format!("< {number};"))
}

/// Line breaks would end a string of a script.
fn script_safe(word: &str) -> String {
    word.replace('\r', "\\r")
        .replace('\n', "\\n")
        .replace("</script>", "<\\/script>")
        .replace(['\'', '"'], "")
}

fn pick<T: Copy>(rng: &mut StdRng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}
