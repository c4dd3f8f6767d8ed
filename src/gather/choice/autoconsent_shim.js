// Goes before autoconsent's bundle, in its world: messages are text, clicks are messages, and it looks when it is told to.
// Between two looks it waits for half a second, from the second on for a change of the page too.
(() => {
  const { setTimeout: later, clearTimeout: dismiss, MutationObserver: Observer } = window;
  const PAUSE = 500;
  let finds = false;
  // Whether it was told to look: not at all, while it was looking already, or before the look that is under way.
  const [NOT, AGAIN, NOW] = [0, 1, 2];
  let told = NOT;
  let wakers = [];
  const pauses = new Map();
  const wake = () => {
    const woken = wakers;
    wakers = [];
    for (const it of woken) it();
  };
  window.autoconsentSendMessage = (message) => {
    if (message.type === "cmpDetected") finds = true;
    return Promise.resolve(BINDING(JSON.stringify(message)));
  };
  window.setTimeout = (does, after, ...given) => {
    if (finds || after !== PAUSE || typeof does !== "function") return later(does, after, ...given);
    if (told === AGAIN) {
      told = NOW;
      wake();
      return later(does, 0);
    }
    if (told === NOW) {
      told = NOT;
      BINDING(JSON.stringify({ type: "looked" }));
    }
    const id = later(() => { pauses.delete(id); does(); }, after);
    pauses.set(id, does);
    return id;
  };
  window.MutationObserver = class extends Observer {
    constructor(does) {
      super(does);
      wakers.push(() => does([], this));
    }
  };
  window.autoconsentLook = () => {
    const waiting = [...pauses];
    told = waiting.length > 0 ? NOW : AGAIN;
    pauses.clear();
    for (const [id, does] of waiting) { dismiss(id); does(); }
    wake();
  };
  window.autoconsentPressed = [];
  HTMLElement.prototype.click = function () {
    const index = window.autoconsentPressed.push(this) - 1;
    BINDING(JSON.stringify({ type: "press", index }));
  };
})();
