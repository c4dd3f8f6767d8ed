// What a document has outstanding: timers, frames and idle moments that its scripts asked for, work that the browser
// does for them, and what plays. An expression, put into the hook: `watch(owner, name, values)` sets a breakpoint on a
// native function whose condition calls `note` with these values and is false; `release` takes all of them away.
((watch, Fault, release) => {
  const { apply, ownKeys } = Reflect;
  const { create, getOwnPropertyDescriptor } = Object;
  const { prototype: { toString } } = Function;
  const Later = Promise;
  const { abs, max } = Math;
  const number = Number;
  const string = String;
  const ended = Infinity;
  const now = performance.now.bind(performance);
  const { setTimeout: later, clearTimeout: dismiss, requestAnimationFrame: nextFrame, requestIdleCallback: nextIdle } = globalThis;
  const nothing = () => {};
  const { slice: cut } = string.prototype;
  const slice = (text, most) => apply(cut, text, [0, most]);
  // Shorter timers are over before anybody could ask for them.
  const SHORT = 50;
  const MOST_TIMERS = 500;
  const MOST_CALLS = 5000;
  // How often a timer may be set again by what it calls before it is one that comes back for ever.
  const ROUTINE = 3;

  // By the browser's number for them; those that have none by a name of ours.
  const timers = create(null);
  const chains = create(null);
  const played = [];
  let [held, chained, unnumbered, calls] = [0, 0, 0, 0];
  let [shortDue, jobDue, lastFrame, lastIdle, lastCall] = [-ended, -ended, -ended, -ended, -ended];
  let [rtc, lost, ours] = [false, false, false];

  // Nothing is proved of a document whose count is lost, and who calls so often would be slowed down by counting.
  const lose = () => {
    if (lost) return;
    lost = true;
    later(release, 0);
  };
  // Numbers count up: the one of a timer that is set and cleared at once is one less than the next.
  const nextNumber = () => {
    const mine = later(nothing, 1000);
    dismiss(mine);
    return mine + 1;
  };
  const delayOf = (given) => {
    if (given === undefined || given === null) return 0;
    // To read an object's number is to call the page.
    if (typeof given === "object" || typeof given === "function" || typeof given === "symbol") { lose(); return 0; }
    const delay = number(given) | 0;
    return delay > 0 ? delay : 0;
  };
  const optionOf = (given, name) => {
    if (typeof given !== "object" || given === null) return undefined;
    const own = getOwnPropertyDescriptor(given, name);
    if (own && !("value" in own)) lose();
    return own?.value;
  };
  const add = (name, at, delay, handler, period) => {
    if (held >= MOST_TIMERS) { lose(); return; }
    let comesBack = false;
    if (!period && chained < MOST_TIMERS) {
      const text = typeof handler === "function" ? apply(toString, handler, []) : "";
      const key = `${delay} ${slice(text, 160)}`;
      const chain = chains[key] ?? (chained += 1, { times: 0, due: -ended });
      chains[key] = chain;
      // Set again once it was due: what it calls sets it.
      if (chain.due > -ended && at >= chain.due - 5) chain.times += 1;
      chain.due = at + delay;
      comesBack = chain.times >= ROUTINE;
    }
    if (!(name in timers)) held += 1;
    const stack = delay >= 1000 ? slice(new Fault().stack, 2000) : "";
    timers[name] = { due: at + delay, delay, period, comesBack, stack };
  };
  const set = (handler, given, period) => {
    const [at, delay] = [now(), delayOf(given)];
    if (!period && delay < SHORT) {
      if (at + delay > shortDue) shortDue = at + delay;
    } else {
      add(nextNumber(), at, delay, handler, period ? (delay || 1) : 0);
    }
  };
  const unnumber = (delay, handler) => {
    const at = now();
    if (delay < SHORT) {
      if (at + delay > shortDue) shortDue = at + delay;
    } else {
      add(`n${(unnumbered += 1)}`, at, delay, handler, 0);
    }
  };
  const clear = (id) => {
    if (typeof id !== "number" && typeof id !== "string") return;
    if (id in timers) { delete timers[id]; held -= 1; }
  };

  const notes = {
    __proto__: null,
    timeout: (handler, delay) => set(handler, delay, false),
    interval: (handler, delay) => set(handler, delay, true),
    clear,
    frame: () => { lastFrame = now(); },
    idle: () => { lastIdle = now(); },
    task: (handler, options) => unnumber(delayOf(optionOf(options, "delay")), handler),
    abort: (delay) => unnumber(delayOf(delay), undefined),
    deferred: (_, options) => {
      const after = optionOf(options, "activateAfter");
      // Without it, it is sent as the page goes.
      if (after !== undefined) unnumber(delayOf(after), undefined);
    },
    message: nothing,
    job: () => { jobDue = max(jobDue, now() + 400); },
    work: () => { jobDue = max(jobDue, now() + 1500); },
    rtc: () => { rtc = true; },
    play: (_, element) => { if (played.length < 100) played[played.length] = element; else lose(); },
  };
  const note = (kind, one, two) => {
    if (ours || lost) return false;
    try {
      calls += 1;
      if (calls > MOST_CALLS) {
        lose();
        return false;
      }
      if (kind !== "clear") lastCall = now();
      notes[kind](one, two);
    } catch { lose(); }
    return false;
  };

  const of = (name) => globalThis[name]?.prototype;
  watch(globalThis, "setTimeout", "'timeout', arguments[0], arguments[1]");
  watch(globalThis, "setInterval", "'interval', arguments[0], arguments[1]");
  watch(globalThis, "clearTimeout", "'clear', arguments[0]");
  watch(globalThis, "clearInterval", "'clear', arguments[0]");
  watch(globalThis, "requestAnimationFrame", "'frame'");
  watch(globalThis, "requestIdleCallback", "'idle'");
  watch(globalThis, "fetchLater", "'deferred', null, arguments[1]");
  watch(globalThis, "postMessage", "'message'");
  watch(globalThis, "createImageBitmap", "'work'");
  watch(of("MessagePort"), "postMessage", "'message'");
  watch(of("BroadcastChannel"), "postMessage", "'message'");
  watch(of("Scheduler"), "postTask", "'task', arguments[0], arguments[1]");
  watch(of("Scheduler"), "yield", "'message'");
  watch(globalThis.AbortSignal, "timeout", "'abort', arguments[0]");
  watch(of("HTMLVideoElement"), "requestVideoFrameCallback", "'frame'");
  watch(of("HTMLMediaElement"), "play", "'play', null, this");
  for (const name of ["createAnswer", "setLocalDescription", "setRemoteDescription"]) {
    watch(of("RTCPeerConnection"), name, "'rtc'");
  }
  for (const name of ["digest", "encrypt", "decrypt", "sign", "verify", "importKey"]) {
    watch(of("SubtleCrypto"), name, "'job'");
  }
  for (const name of ["deriveBits", "deriveKey", "generateKey"]) {
    watch(of("SubtleCrypto"), name, "'work'");
  }
  watch(of("Navigator"), "getBattery", "'job'");
  watch(of("IDBObjectStore"), "put", "'job'");
  watch(of("IDBObjectStore"), "get", "'job'");
  watch(of("FileReader"), "readAsDataURL", "'job'");
  watch(of("FileReader"), "readAsText", "'job'");
  for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming"]) {
    watch(globalThis.WebAssembly, name, "'work'");
  }

  const getter = (owner, name) => owner && getOwnPropertyDescriptor(owner, name)?.get;
  const read = (get, it) => (get ? apply(get, it, []) : undefined);
  const paused = getter(of("HTMLMediaElement"), "paused");
  const finished = getter(of("HTMLMediaElement"), "ended");
  const state = getter(of("Document"), "readyState");
  const fonts = getter(of("Document"), "fonts");
  const fontStatus = getter(of("FontFaceSet"), "status");
  const playState = getter(of("Animation"), "playState");
  const currentTime = getter(of("Animation"), "currentTime");
  const rate = getter(of("Animation"), "playbackRate");
  const effect = getter(of("Animation"), "effect");
  const timing = of("AnimationEffect")?.getComputedTiming;
  const animations = of("Document")?.getAnimations;
  const byName = of("Document")?.getElementsByTagName;

  const plays = (element) => read(paused, element) === false && read(finished, element) === false;
  const animated = () => {
    const ends = [];
    if (!animations || !timing) return ends;
    const all = apply(animations, document, []);
    for (let at = 0; at < all.length && at < MOST_TIMERS; at += 1) {
      const its = read(effect, all[at]);
      if (!its || read(playState, all[at]) !== "running") continue;
      const end = apply(timing, its, []).endTime;
      const left = (end - number(read(currentTime, all[at]))) / (abs(number(read(rate, all[at]))) || 1);
      // What runs for ever brings nothing at its end.
      if (left > 0 && left < ended) ends[ends.length] = { left, delay: end };
    }
    return ends;
  };
  // Whatever was asked for before is over once this is: the browser keeps the order.
  const ask = (start, most) => new Later((done) => {
    ours = true;
    try { later(() => done(false), most); start(() => done(true)); } finally { ours = false; }
  });
  const outstanding = async () => {
    const asked = now();
    await ask((done) => later(done, 1), 2000);
    const framesAt = now();
    let frames = false;
    if (framesAt - lastFrame < 2000) {
      const came = await ask((done) => nextFrame(done), 250);
      frames = came ? lastFrame >= framesAt : now() - lastFrame < 1000;
    }
    const idleAt = now();
    let idles = false;
    if (nextIdle && idleAt - lastIdle < 5000) {
      const came = await ask((done) => nextIdle(done), 400);
      idles = came ? lastIdle >= idleAt : true;
    }
    const at = now();
    const due = [];
    let every = 0;
    for (const name of ownKeys(timers)) {
      const { due: then, delay, period, comesBack, stack } = timers[name];
      const left = then - at;
      if (then <= asked && !period) {
        delete timers[name];
        held -= 1;
      } else if (period && then <= asked || comesBack) {
        const again = period || delay;
        if (!every || again < every) every = again;
      } else {
        due[due.length] = { left: left > 0 ? left : 0, delay, every: period, stack };
      }
    }
    let media = false;
    if (byName) {
      for (const name of ["video", "audio"]) {
        const all = apply(byName, document, [name]);
        for (let at = 0; at < all.length && at < 100; at += 1) media = media || plays(all[at]);
      }
    }
    for (let at = 0; at < played.length; at += 1) media = media || plays(played[at]);
    const set = read(fonts, document);
    return {
      due, every, frames, idles, media, rtc, lost,
      soon: shortDue > asked,
      job: jobDue > at ? jobDue - at : 0,
      since: at - lastCall < 1e9 ? at - lastCall : 1e9,
      animations: animated(),
      loading: read(state, document) !== "complete" || set && read(fontStatus, set) === "loading",
    };
  };
  return { note, outstanding };
})
