// Runs in the main world of every frame before any script of the page. `BINDING` is replaced by a
// name drawn for each scan; the page never sees it. Everything is captured first, because a page
// may change what it likes afterwards, and nothing here may throw into the page.
(() => {
  const report = globalThis.BINDING;
  if (!report) return;
  delete globalThis.BINDING;
  const { stringify } = JSON;
  const text = String;
  const Fault = Error;
  const tell = (api, data) => {
    try {
      const stack = new Fault().stack.split("\n").slice(3, 35).join("\n");
      report(stringify({ ...data, api, frame: location.href, origin: globalThis.origin, stack }));
    } catch {}
  };

  const cookie = globalThis.Document && Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  if (cookie) {
    const { get, set } = cookie;
    Object.defineProperty(Document.prototype, "cookie", {
      configurable: true,
      enumerable: true,
      get: function cookie() { return get.call(this); },
      set: function cookie(value) {
        const line = text(value);
        const done = set.call(this, line);
        let stuck = false;
        try {
          const pair = line.split(";")[0].trim();
          stuck = get.call(this).split("; ").includes(pair);
        } catch {}
        tell("document.cookie", { line, stuck });
        return done;
      },
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
      CookieStore.prototype[method] = { [method](...given) {
        try { tell(`cookieStore.${method}`, { line: line(...given), stuck: method === "set" }); } catch {}
        return original.apply(this, given);
      } }[method];
    }
  }

  if (globalThis.Storage) {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = { setItem(key, value) {
      let store = "local";
      try { if (this === sessionStorage) store = "session"; } catch {}
      tell("storage", { store, key: text(key) });
      return setItem.call(this, key, value);
    } }.setItem;
  }
  if (globalThis.IDBFactory) {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = { open(...given) {
      tell("storage", { store: "indexeddb", key: text(given[0]) });
      return open.apply(this, given);
    } }.open;
  }
  if (globalThis.CacheStorage) {
    const { open } = CacheStorage.prototype;
    CacheStorage.prototype.open = { open(...given) {
      tell("storage", { store: "cache", key: text(given[0]) });
      return open.apply(this, given);
    } }.open;
  }

  // Every real browser refuses a window that no visitor asked for; the headless one does not.
  if (globalThis.Document) {
    const { open } = globalThis;
    globalThis.open = { open(...given) {
      if (navigator.userActivation?.isActive) return open.apply(this, given);
      tell("popup", { key: text(given[0] ?? "") });
      return null;
    } }.open;
  }
})();
