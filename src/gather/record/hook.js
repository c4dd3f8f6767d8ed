// Runs in the main world of every frame before any script of the page. `LEDGER` is replaced by ledger.js, `BINDING` by a
// name drawn for each scan; the page never sees it. Everything is captured first, because a page
// may change what it likes afterwards, and nothing here may throw into the page.
(() => {
  const report = globalThis.BINDING;
  if (!report) return;
  delete globalThis.BINDING;
  const { stringify } = JSON;
  const text = String;
  const Fault = Error;
  const Address = URL;
  // The page's own clock, in milliseconds since 1970. The finer one stands still while a machine sleeps.
  const { timeOrigin } = performance;
  const fineNow = performance.now.bind(performance);
  const coarseNow = Date.now;
  const { abs } = Math;
  const when = () => {
    const [fine, coarse] = [timeOrigin + fineNow(), coarseNow()];
    return abs(fine - coarse) < 50 ? fine : coarse;
  };
  const send = (api, data) => {
    try {
      const moment = when();
      const stack = new Fault().stack.split("\n").slice(3, 35).join("\n");
      const { href } = location;
      let frame = href;
      if (href.startsWith("about:")) {
        // A frame without an address of its own belongs to the document that made it.
        const { baseURI } = document;
        frame = new Address(baseURI).origin === globalThis.origin ? baseURI : `${globalThis.origin}/`;
      }
      report(stringify({ ...data, api, frame, origin: globalThis.origin, stack, when: moment }));
    } catch {}
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

  // A function that looks like the one that it stands for, to `toString` too.
  const call = Reflect.apply;
  const standIn = (native, apply) => new Proxy(native, { apply });

  const cookie = globalThis.Document && Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  if (cookie) {
    const { get, set } = cookie;
    Object.defineProperty(Document.prototype, "cookie", {
      configurable: true,
      enumerable: true,
      get,
      set: standIn(set, (target, self, [value]) => {
        const line = text(value);
        const done = call(target, self, [line]);
        let stuck = false;
        try {
          const pair = line.split(";")[0].trim();
          stuck = call(get, self, []).split("; ").includes(pair);
        } catch {}
        send("document.cookie", { line, stuck });
        return done;
      }),
    });
  }

  if (globalThis.CookieStore) {
    const line = (name, value) => {
      if (typeof name !== "object" || name === null) return `${name}=${value}; Path=/`;
      let made = `${name.name}=${name.value ?? ""}; Path=${name.path ?? "/"}`;
      if (name.domain) made += `; Domain=${name.domain}`;
      if (name.expires) made += `; Expires=${new Date(Number(name.expires)).toUTCString()}`;
      if (name.sameSite) made += `; SameSite=${name.sameSite}`;
      if (name.partitioned) made += "; Partitioned";
      return `${made}; Secure`;
    };
    for (const method of ["set", "delete"]) {
      const original = CookieStore.prototype[method];
      CookieStore.prototype[method] = standIn(original, (target, self, given) => {
        try { send(`cookieStore.${method}`, { line: line(...given), stuck: method === "set" }); } catch {}
        return call(target, self, given);
      });
    }
  }

  if (globalThis.Storage) {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = standIn(setItem, (target, self, given) => {
      let store = "local";
      try { if (self === sessionStorage) store = "session"; } catch {}
      try { send("storage", { store, key: text(given[0]) }); } catch {}
      return call(target, self, given);
    });
  }
  if (globalThis.IDBFactory) {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = standIn(open, (target, self, given) => {
      try { send("storage", { store: "indexeddb", key: text(given[0]) }); } catch {}
      return call(target, self, given);
    });
  }
  if (globalThis.CacheStorage) {
    const { open } = CacheStorage.prototype;
    CacheStorage.prototype.open = standIn(open, (target, self, given) => {
      try { send("storage", { store: "cache", key: text(given[0]) }); } catch {}
      return call(target, self, given);
    });
  }
  if (globalThis.FileSystemDirectoryHandle) {
    for (const method of ["getFileHandle", "getDirectoryHandle"]) {
      const original = FileSystemDirectoryHandle.prototype[method];
      FileSystemDirectoryHandle.prototype[method] = standIn(original, (target, self, given) => {
        try { if (given[1]?.create) send("storage", { store: "opfs", key: text(given[0]) }); } catch {}
        return call(target, self, given);
      });
    }
  }

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
      debug(native, `globalThis.BINDING(0, ${values})`);
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
    Object.defineProperty(globalThis, "BINDING", { value: calls, enumerable: false });
    const watch = (owner, name, api, detail = "''") => {
      const of = owner && Object.getOwnPropertyDescriptor(owner, name);
      const native = of?.value ?? of?.get;
      if (typeof native === "function") debug(native, `globalThis.BINDING(${stringify(api)}, ${detail})`);
    };
    const proto = (name) => globalThis[name]?.prototype;
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

  // Every real browser refuses a window that no visitor opened; the headless one does not.
  if (globalThis.Document) {
    const { open } = globalThis;
    globalThis.open = standIn(open, (target, self, given) => {
      if (navigator.userActivation?.isActive) return call(target, self, given);
      send("popup", { key: text(given[0] ?? "") });
      return null;
    });
    // What Chrome has and its build without windows lacks.
    if (!globalThis.chrome) {
      const native = (make) => standIn(make, (target, self, given) => call(target, self, given));
      const { timing } = performance;
      const [begun, seconds] = [Date.now(), (ms) => ms / 1000];
      const value = {
        app: { isInstalled: false, InstallState: { DISABLED: "disabled", INSTALLED: "installed", NOT_INSTALLED: "not_installed" }, RunningState: { CANNOT_RUN: "cannot_run", READY_TO_RUN: "ready_to_run", RUNNING: "running" } },
        csi: native(function csi() { return { onloadT: timing.domContentLoadedEventEnd, startE: timing.navigationStart, pageT: fineNow(), tran: 15 }; }),
        loadTimes: native(function loadTimes() { return { requestTime: seconds(timing.navigationStart), startLoadTime: seconds(begun), commitLoadTime: seconds(timing.responseStart), finishLoadTime: seconds(timing.loadEventEnd), navigationType: "Other", wasFetchedViaSpdy: false, wasNpnNegotiated: true, connectionInfo: "http/1.1" }; }),
      };
      Object.defineProperty(globalThis, "chrome", { value, writable: true, enumerable: true, configurable: false });
    }
  }
})();
