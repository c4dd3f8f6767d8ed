// Runs in an isolated world of the main document and keeps its finds there between calls.
// It changes nothing on the page.
(() => {
  const squeeze = (text) => (text || "").replace(/\s+/g, " ").trim();
  // Closed shadow roots are handed in from outside, where the browser shows them.
  const closed = () => (globalThis.closedRoots || []).filter((root) => root.isConnected);
  const roots = () => {
    const found = [document, ...closed()];
    for (let i = 0; i < found.length; i += 1) {
      for (const element of found[i].querySelectorAll("*")) {
        if (element.shadowRoot) found.push(element.shadowRoot);
      }
    }
    return found;
  };
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0) return false;
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const up = (element) => element.parentElement || element.getRootNode().host || null;
  const label = (element) =>
    squeeze(element.getAttribute("aria-label") || element.innerText || element.value || element.title);
  const over = (element) => {
    for (let at = element; at && at !== document.body; at = up(at)) {
      if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return true;
      if (["dialog", "alertdialog"].includes(at.getAttribute("role")) || at.matches("dialog[open]")) return true;
    }
    return false;
  };
  const PRESSABLE = "button,input[type=button],input[type=submit],a,[role=button]";
  const TYPED = "input:not([type]),input[type=text],input[type=email],input[type=tel],input[type=password],input[type=search],input[type=number],input[type=date],input[type=file],textarea";

  const finder = {
    controls: [],
    list() {
      this.controls = roots()
        .flatMap((root) => [...root.querySelectorAll(PRESSABLE)])
        .filter((element) => !element.disabled && label(element).length <= 80 && visible(element))
        .slice(0, 3000);
      return this.controls.map((element) => {
        const link = element.tagName === "A" && element.hasAttribute("href");
        const form = element.form;
        let stays = true;
        if (link) {
          const to = new URL(element.href, location.href);
          stays = to.protocol === "javascript:" || (to.origin === location.origin && !element.target);
        }
        return {
          text: label(element),
          kind: link ? "link" : form && element.type === "submit" ? "submit" : "button",
          stays,
          typed: Boolean(form && (form.querySelector(TYPED) || new URL(form.action, location.href).origin !== location.origin)),
        };
      });
    },
    // The smallest part around each control whose text, the controls' own left out, speaks of consent.
    scopes(indices, mentions) {
      const speaks = new RegExp(mentions, "i");
      const labels = indices.map((index) => label(this.controls[index])).filter(Boolean).sort((a, b) => b.length - a.length);
      const scopes = new Map();
      for (const index of indices) {
        for (let at = up(this.controls[index]); at && at !== document.body && at !== document.documentElement; at = up(at)) {
          let text = squeeze(at.innerText);
          if (text.length > 4000) break;
          for (const own of labels) text = text.split(own).join(" ");
          if (speaks.test(text)) {
            scopes.set(at, [...(scopes.get(at) || []), index]);
            break;
          }
        }
      }
      const contains = (outer, inner) => {
        for (let at = inner; at; at = up(at)) if (at === outer) return true;
        return false;
      };
      const all = [...scopes.keys()];
      const outer = all.filter((scope) => !all.some((other) => other !== scope && contains(other, scope)));
      return outer.map((scope) => ({
        text: squeeze(scope.innerText).slice(0, 600),
        over: over(scope),
        controls: indices.filter((index) => contains(scope, this.controls[index])),
      }));
    },
    // What may be a banner although its buttons say nothing we know. `mentions` is in many languages.
    suspects(mentions) {
      const speaks = new RegExp(mentions, "i");
      const named = "[id*=cookie i],[class*=cookie i],[id*=consent i],[class*=consent i],[role=dialog],[role=alertdialog],dialog[open]";
      const found = [];
      for (const root of roots()) {
        for (const element of root.querySelectorAll("div,section,aside,dialog,form,footer,header,nav,p")) {
          if (found.length >= 3) return found;
          const apart = element.matches(named) || ["fixed", "sticky"].includes(getComputedStyle(element).position);
          if (!apart || !visible(element)) continue;
          const text = squeeze(element.innerText);
          if (text.length < 12 || text.length > 4000 || !speaks.test(text)) continue;
          if (element.querySelector("button,input[type=button],input[type=submit],[role=button]")) found.push(text.slice(0, 160));
        }
        for (const frame of root.querySelectorAll("iframe")) {
          const name = `${frame.title} ${frame.id} ${frame.name} ${frame.className} ${frame.src}`;
          if (visible(frame) && over(frame) && /cookie|consent|privacy|cmp/i.test(name)) found.push(`a frame over the page: ${squeeze(name).slice(0, 120)}`);
        }
      }
      return found;
    },
    // A part of the text with two buttons or more that speaks of cookies: a banner in the flow of the
    // page, in words we do not know.
    inflow(mentions) {
      const speaks = new RegExp(mentions, "i");
      const buttons = roots()
        .flatMap((root) => [...root.querySelectorAll("button,input[type=button],input[type=submit],[role=button]")])
        .filter((element) => !element.disabled && visible(element));
      const found = [];
      for (const button of buttons.slice(0, 500)) {
        for (let at = up(button); at && at !== document.body && !at.matches("main,article,footer,nav"); at = up(at)) {
          const text = squeeze(at.innerText);
          if (text.length > 1500) break;
          if (speaks.test(text) && buttons.filter((other) => at.contains(other)).length > 1) {
            found.push(text.slice(0, 160));
            break;
          }
        }
      }
      return found;
    },
    async aim(index) {
      const element = this.controls[index];
      const frame = () => new Promise((done) => { setTimeout(done, 250); requestAnimationFrame(done); });
      if (!element.isConnected) return { gone: true };
      const middle = () => {
        const box = element.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      };
      const before = middle();
      if (before.x < 0 || before.y < 0 || before.x > innerWidth || before.y > innerHeight) {
        element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      }
      let at = middle();
      // A banner that slides in is pressed when it has come to rest.
      for (let i = 0; i < 40; i += 1) {
        await frame();
        const next = middle();
        const still = Math.abs(next.x - at.x) < 1 && Math.abs(next.y - at.y) < 1;
        at = next;
        if (still && i > 0) break;
      }
      let hit = document.elementFromPoint(at.x, at.y);
      for (let i = 0; hit && i < 20; i += 1) {
        const root = hit.shadowRoot || closed().find((it) => it.host === hit);
        const inner = root && root.elementFromPoint(at.x, at.y);
        if (!inner || inner === hit) break;
        hit = inner;
      }
      const ours = Boolean(hit && (hit === element || element.contains(hit) || hit.contains(element) && hit.matches("label")));
      return { gone: false, ...at, ours, by: ours || !hit ? null : squeeze(`${hit.tagName} ${hit.id} ${hit.className}`).slice(0, 80) };
    },
  };
  globalThis.finder = finder;
})()
