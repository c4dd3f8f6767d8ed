// Runs in the main world of every frame before any script of the page. `LEDGER` is replaced by ledger.js, `BINDING` by a
// name drawn for each scan. Everything is captured first, because a page may change what it likes afterwards, and nothing
// here may throw into the page.

// By this name the conditions of breakpoints reach what is in here. What a script declares at its top is no property of
// `window`, so that no page can list it.
let BINDING;
(() => {
  const report = globalThis.BINDING;
  if (!report) return;
  delete globalThis.BINDING;
  const { stringify } = JSON;
  const call = Reflect.apply;
  const { split, trim } = String.prototype;
  const { slice, join, includes } = Array.prototype;
  const text = String;
  const Fault = Error;
  const Address = URL;
  // The page's own clock, in milliseconds since 1970. The finer one stands still while a machine sleeps.
  const { timeOrigin } = performance;
  const fineNow = performance.now.bind(performance);
  const coarseNow = Date.now;
  const { abs } = Math;
  const when = () => {
    const fine = timeOrigin + fineNow();
    const coarse = coarseNow();
    return abs(fine - coarse) < 50 ? fine : coarse;
  };
  // What is reported, with when and where it happened; `ours` lines of the stack are about what is in here, and about the
  // condition that called it.
  const described = (api, data, ours) => {
    const moment = when();
    const { stack: whole } = new Fault();
    // A page may have its own way of writing them.
    const lines = typeof whole === "string" ? call(split, whole, ["\n"]) : [];
    const stack = call(join, call(slice, lines, [ours, ours + 32]), ["\n"]);
    const { href } = location;
    let frame = href;
    if (href.startsWith("about:")) {
      // A frame without an address of its own belongs to the document that made it.
      const { baseURI } = document;
      frame = new Address(baseURI).origin === globalThis.origin ? baseURI : `${globalThis.origin}/`;
    }
    return { ...data, api, frame, origin: globalThis.origin, stack, when: moment };
  };
  const send = (api, data, ours = 5) => {
    try { report(stringify(described(api, data, ours))); } catch {}
  };

  // The moment of a press: what the page's handlers do comes after it. Ours is the first listener there is.
  if (globalThis.Document) {
    const { addEventListener } = EventTarget.prototype;
    const pressed = ({ isTrusted, type }) => {
      if (!isTrusted) return;
      try { report(stringify({ api: "press", key: type, when: when() })); } catch {}
    };
    for (const type of ["pointerdown", "keydown", "click"]) {
      addEventListener.call(globalThis, type, pressed, { capture: true, passive: true });
    }
  }

  // What scripts write is seen by breakpoints that never stop anybody, like what they read. Each condition calls one of
  // these, with `this` and the arguments, before the browser does what was asked for.
  const soon = globalThis.queueMicrotask;
  const jar = globalThis.Document && Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  // Whether a cookie stuck is known once it was set: before anything else is reported, and at the latest when the script
  // has ended.
  let unsettled = null;
  const settle = () => {
    if (!unsettled) return;
    const { self, pair, data } = unsettled;
    unsettled = null;
    let stuck = false;
    try { stuck = call(includes, call(split, call(jar.get, self, []), ["; "]), [pair]); } catch {}
    try { report(stringify({ ...data, stuck })); } catch {}
  };
  const cookieLine = (name, value) => {
    if (typeof name !== "object" || name === null) return `${name}=${value}; Path=/`;
    let made = `${name.name}=${name.value ?? ""}; Path=${name.path ?? "/"}`;
    if (name.domain) made += `; Domain=${name.domain}`;
    if (name.expires) made += `; Expires=${new Date(Number(name.expires)).toUTCString()}`;
    if (name.sameSite) made += `; SameSite=${name.sameSite}`;
    if (name.partitioned) made += "; Partitioned";
    return `${made}; Secure`;
  };
  const item = (store, key) => ["storage", { store, key: text(key) }];
  const written = {
    __proto__: null,
    cookie: (_, given) => ["document.cookie", { line: text(given[0]) }],
    set: (_, given) => ["cookieStore.set", { line: cookieLine(given[0], given[1]), stuck: true }],
    delete: (_, given) => ["cookieStore.delete", { line: cookieLine(given[0], given[1]), stuck: false }],
    setItem: (self, given) => {
      let store = "local";
      try { if (self === sessionStorage) store = "session"; } catch {}
      return item(store, given[0]);
    },
    indexeddb: (_, given) => item("indexeddb", given[0]),
    cache: (_, given) => item("cache", given[0]),
    opfs: (_, given) => (given[1]?.create ? item("opfs", given[0]) : null),
  };

  // A function that looks like the one that it stands for, also to `toString`.
  const shown = new WeakMap();
  const { get: shownOf, set: show } = WeakMap.prototype;
  const standIn = (native, apply, name = native.name) => {
    const made = new Proxy(native, { apply });
    call(show, shown, [made, `function ${name}() { [native code] }`]);
    return made;
  };

  // What scripts read and listen to is seen by breakpoints that never stop anybody: their condition reports, and is
  // false. Nothing that a page can see is replaced.
  if (typeof debug === "function" && globalThis.Document) {
    const known = new Set();
    const has = Set.prototype.has.bind(known);
    const add = Set.prototype.add.bind(known);
    let left = 500;
    const counted = [];
    const count = (owner, name, values) => {
      const native = owner && Object.getOwnPropertyDescriptor(owner, name)?.value;
      if (typeof native !== "function") return;
      debug(native, `BINDING(0, ${values})`);
      counted[counted.length] = native;
    };
    const release = undebug;
    const { note, outstanding } = LEDGER(count, Fault, () => {
      for (let at = 0; at < counted.length; at += 1) release(counted[at]);
    });
    // What is watched for its own sake and is work that the browser does for the page too.
    const works = { __proto__: null, webrtc: "rtc", audio: "work", "client-hints": "job" };
    const calls = (api, detail, one, two) => {
      if (api === 0) return note(detail, one, two);
      if (api === 1) return outstanding();
      settle();
      if (api === 2) {
        try {
          if (detail === "indexeddb" || detail === "cache") note("job");
          const made = written[detail](one, two);
          if (made && detail === "cookie") {
            const pair = call(trim, call(split, made[1].line, [";"])[0], []);
            unsettled = { self: one, pair, data: described(made[0], made[1], 4) };
            soon(settle);
          } else if (made) {
            send(made[0], made[1]);
          }
        } catch {}
        return false;
      }
      if (api in works) note(works[api]);
      // Of most listeners nothing is worth telling.
      if (detail === null) return false;
      const key = `${api} ${detail} ${new Fault().stack}`;
      if (left < 0 || has(key)) return false;
      left -= 1;
      if (left < 0) {
        send("call", { key: "watching", detail: "full" });
      } else {
        add(key);
        send("call", { key: api, detail });
      }
      return false;
    };
    BINDING = calls;
    const watch = (owner, name, api, detail = "''") => {
      const of = owner && Object.getOwnPropertyDescriptor(owner, name);
      const native = of?.value ?? of?.get;
      if (typeof native === "function") debug(native, `BINDING(${stringify(api)}, ${detail})`);
    };
    const proto = (name) => globalThis[name]?.prototype;
    const watchWrites = (owner, name, by) => {
      const of = owner && Object.getOwnPropertyDescriptor(owner, name);
      const native = of?.value ?? of?.set;
      if (typeof native === "function") debug(native, `BINDING(2, '${by}', this, arguments)`);
    };
    watchWrites(proto("Document"), "cookie", "cookie");
    watchWrites(proto("CookieStore"), "set", "set");
    watchWrites(proto("CookieStore"), "delete", "delete");
    watchWrites(proto("Storage"), "setItem", "setItem");
    watchWrites(proto("IDBFactory"), "open", "indexeddb");
    watchWrites(proto("CacheStorage"), "open", "cache");
    watchWrites(proto("FileSystemDirectoryHandle"), "getFileHandle", "opfs");
    watchWrites(proto("FileSystemDirectoryHandle"), "getDirectoryHandle", "opfs");
    watch(proto("HTMLCanvasElement"), "toDataURL", "canvas");
    watch(proto("HTMLCanvasElement"), "toBlob", "canvas");
    watch(proto("CanvasRenderingContext2D"), "getImageData", "canvas");
    watch(proto("OffscreenCanvas"), "convertToBlob", "canvas");
    watch(proto("CanvasRenderingContext2D"), "measureText", "fonts", "String(this.font).slice(0, 60)");
    watch(proto("WebGLRenderingContext"), "getParameter", "webgl", "String(arguments[0])");
    watch(proto("WebGL2RenderingContext"), "getParameter", "webgl", "String(arguments[0])");
    watch(proto("WebGLRenderingContext"), "getExtension", "webgl", "String(arguments[0])");
    watch(proto("WebGL2RenderingContext"), "getExtension", "webgl", "String(arguments[0])");
    watch(proto("OfflineAudioContext"), "startRendering", "audio");
    watch(proto("RTCPeerConnection"), "createDataChannel", "webrtc");
    watch(proto("RTCPeerConnection"), "createOffer", "webrtc");
    watch(proto("NavigatorUAData"), "getHighEntropyValues", "client-hints", "String(arguments[0]).slice(0, 200)");
    watch(proto("Navigator"), "hardwareConcurrency", "hardware", "'cores'");
    watch(proto("Navigator"), "deviceMemory", "hardware", "'memory'");
    watch(proto("Navigator"), "plugins", "hardware", "'plugins'");
    watch(proto("MutationObserver"), "observe", "page-changes", "arguments[1] && arguments[1].subtree && (arguments[0] === document || arguments[0] === document.documentElement || arguments[0] === document.body) ? (arguments[1].characterData ? 'text' : 'nodes') : null");
    watch(proto("EventTarget"), "addEventListener", "listens", "/^(key|input$|beforeinput$|change$|mousemove$|pointermove$|scroll$|touchmove$|paste$|copy$)/.test(arguments[0]) ? String(arguments[0]) + ' ' + (this === window ? 'window' : this === document ? 'document' : String(this && this.localName)) : null");
    send("call", { key: "watching", detail: "" });
  }

  // What stands in for a native function is shown as that.
  if (globalThis.Document) {
    const { toString } = Function.prototype;
    Object.defineProperty(Function.prototype, "toString", { writable: true, configurable: true, enumerable: false, value: standIn(toString, (target, self, given) => {
      const text = typeof self === "function" ? call(shownOf, shown, [self]) : undefined;
      return text ?? call(target, self, given);
    }) });
  }

  // Every real browser refuses a window that no visitor opened; the headless one does not.
  if (globalThis.Document) {
    const { open } = globalThis;
    globalThis.open = standIn(open, (target, self, given) => {
      if (navigator.userActivation?.isActive) return call(target, self, given);
      send("popup", { key: text(given[0] ?? "") }, 4);
      return null;
    });
    // What Chrome has and its build without windows lacks.
    if (!globalThis.chrome) {
      const native = (make) => standIn(make, (target, self, given) => call(target, self, given), make.name);
      const { timing } = performance;
      const [begun, seconds] = [Date.now(), (ms) => ms / 1000];
      const value = {
        app: { isInstalled: false, InstallState: { DISABLED: "disabled", INSTALLED: "installed", NOT_INSTALLED: "not_installed" }, RunningState: { CANNOT_RUN: "cannot_run", READY_TO_RUN: "ready_to_run", RUNNING: "running" } },
        csi: native(function csi() { return { onloadT: timing.domContentLoadedEventEnd, startE: timing.navigationStart, pageT: fineNow(), tran: 15 }; }),
        loadTimes: native(function loadTimes() { return { requestTime: seconds(timing.navigationStart), startLoadTime: seconds(begun), commitLoadTime: seconds(timing.responseStart), finishLoadTime: seconds(timing.loadEventEnd), navigationType: "Other", wasFetchedViaSpdy: false, wasNpnNegotiated: true, connectionInfo: "http/1.1" }; }),
      };
      Object.defineProperty(globalThis, "chrome", { value, writable: true, enumerable: true, configurable: false });

      // Nor has it the viewer of documents, which Chrome names five times among its plugins.
      const own = (proto, properties) => Object.create(proto, Object.fromEntries(Object.entries(properties).map(([name, it]) => [name, { value: it, enumerable: /^\d+$/.test(name), configurable: true }])));
      const list = (proto, items, key) => own(proto, {
        ...items,
        ...Object.fromEntries(items.map((it) => [it[key], it])),
        length: items.length,
        item: native(function item(at) { return items[at] ?? null; }),
        namedItem: native(function namedItem(name) { return items.find((it) => it[key] === name) ?? null; }),
      });
      const description = "Portable Document Format";
      const types = ["application/pdf", "text/pdf"].map((type) => own(MimeType.prototype, { type, suffixes: "pdf", description }));
      const viewers = ["PDF Viewer", "Chrome PDF Viewer", "Chromium PDF Viewer", "Microsoft Edge PDF Viewer", "WebKit built-in PDF"];
      const plugins = viewers.map((name) => own(Plugin.prototype, { name, filename: "internal-pdf-viewer", description, length: 2, ...types }));
      const answers = { plugins: list(PluginArray.prototype, plugins, "name"), mimeTypes: list(MimeTypeArray.prototype, types, "type"), pdfViewerEnabled: true };
      const { navigator } = globalThis;
      let told = 0;
      for (const [name, answer] of Object.entries(answers)) {
        const accessor = Object.getOwnPropertyDescriptor(Navigator.prototype, name);
        if (!accessor?.get) continue;
        Object.defineProperty(Navigator.prototype, name, { ...accessor, get: standIn(accessor.get, (target, self, given) => {
          if (self !== navigator) return call(target, self, given);
          if (name === "plugins" && told < 20) {
            told += 1;
            send("call", { key: "hardware", detail: "plugins" }, 4);
          }
          return answer;
        }, `get ${name}`) });
      }
    }
  }
})();
