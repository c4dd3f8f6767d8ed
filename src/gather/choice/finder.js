// Runs in an isolated world of each frame and keeps its finds there between calls.
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
  const up = (element) => element.parentElement || element.getRootNode().host || null;
  const contains = (outer, inner) => {
    for (let at = inner; at; at = up(at)) if (at === outer) return true;
    return false;
  };
  // What is shown of an element, shadow trees in it included: `innerText` ends at their hosts. `trees` are the shadow
  // roots of the document, which most have none of.
  const said = (element, trees) => {
    const own = (node) => {
      if (node.nodeType === Node.TEXT_NODE) return node.data;
      return node instanceof HTMLElement && !node.matches("style,script,template") && node.checkVisibility() ? node.innerText : "";
    };
    const inside = trees.filter((root) => contains(element, root.host));
    return squeeze([element.innerText, ...inside.flatMap((root) => [...root.childNodes].map(own))].join(" "));
  };
  // Whether it cannot be scrolled into the window: it is fixed, and no part of what is fixed around it scrolls.
  const fixed = (element) => {
    for (let at = element; at && at !== document.body; at = up(at)) {
      const style = getComputedStyle(at);
      if (at !== element && /auto|scroll/.test(style.overflowY) && at.scrollHeight > at.clientHeight + 4) return false;
      if (style.position === "fixed") return true;
    }
    return false;
  };
  const there = (element, style) => {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0) return false;
    if (!element.checkVisibility(style)) return false;
    // What is fixed outside the window cannot be scrolled into it.
    const out = box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth;
    return !(out && fixed(element));
  };
  const visible = (element) => there(element, { opacityProperty: true, visibilityProperty: true });
  const named = (element) => {
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const root = element.getRootNode();
    return squeeze(ids.map((id) => root.getElementById?.(id)?.textContent || "").join(" "));
  };
  // What is shown; where that is only a sign, what is read out.
  const label = (element) => {
    const shown = squeeze(element.innerText || (element.matches("input") ? element.value : ""));
    if (/\p{L}{2}/u.test(shown)) return shown;
    const image = element.querySelector("img[alt],svg[aria-label],svg title");
    return squeeze(
      element.getAttribute("aria-label") || named(element) || element.title || element.getAttribute("alt") ||
      (image && (image.getAttribute("alt") || image.getAttribute("aria-label") || image.textContent)) || shown,
    );
  };
  const over = (element) => {
    for (let at = element; at && at !== document.body; at = up(at)) {
      if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return true;
      if (["dialog", "alertdialog"].includes(at.getAttribute("role")) || at.matches("dialog[open]")) return true;
    }
    return false;
  };
  const SURE = "button,input[type=button],input[type=submit],input[type=image],a,[role=button]";
  const LIKE = "label,summary,[onclick],[tabindex],[class*=btn i],[class*=button i],[role=link]";
  // The label of a box or radio button answers a question; it is an option and no button. A label
  // whose box nobody sees is a button in all but name.
  const answers = (element) => {
    const box = element.matches("label") && element.control;
    if (!box || !box.matches("[type=radio],[type=checkbox]")) return false;
    return box.type === "radio" || Boolean(box.form) || visible(box);
  };
  const pressable = (element) => {
    if (element.matches(SURE)) return true;
    if (answers(element)) return false;
    // Something that only looks or behaves like a button: the innermost of its kind.
    if (element.matches(LIKE)) return !element.querySelector(`${SURE},${LIKE},input`);
    return element.childElementCount === 0 && element.matches("span,div,p,li") &&
      element.textContent.length < 60 && getComputedStyle(element).cursor === "pointer" && !element.closest(`${SURE},${LIKE}`);
  };
  const TYPED = "input:not([type]),input[type=text],input[type=email],input[type=tel],input[type=password],input[type=search],input[type=number],input[type=date],input[type=file],textarea";
  const TOGGLE = "input[type=checkbox],input[type=radio],[role=switch],[role=checkbox],[role=radio],button[aria-pressed]";
  const kindOf = (element) => {
    if (element.tagName === "A" && element.hasAttribute("href")) return "link";
    if (element.form && element.type === "submit") return "submit";
    return element.matches("button,input,a,[role=button]") ? "button" : "other";
  };
  // Whether a link's address can be read; which site it is of is decided by who asks.
  const stays = (element) => kindOf(element) !== "link" || URL.canParse(element.href, location.href);
  const off = (element) => Boolean(element.disabled || element.getAttribute("aria-disabled") === "true");
  // What opens or shuts a part of the page.
  const opens = (element) => element.matches("summary,[role=tab],[aria-expanded],[data-toggle],[data-bs-toggle]");
  // Whether a visitor would take it for something to press. What only has a class like a button's may be one's inside.
  const operable = (element) => {
    if (element.parentElement?.closest(SURE)) return false;
    if (element.matches(TOGGLE) || (element.matches("label") && element.control)) return false;
    if (kindOf(element) !== "other") return true;
    return element.matches("summary,[role=link],[onclick]") || getComputedStyle(element).cursor === "pointer";
  };
  // A link that leads to another page and is not just a button in a link's clothes.
  const leads = (element) => {
    const to = element.getAttribute("href") || "";
    if (kindOf(element) !== "link" || to === "" || to.startsWith("#") || to.startsWith("javascript:")) return null;
    try {
      const url = new URL(element.href, location.href);
      if (!/^https?:$/.test(url.protocol)) return null;
      return url.href.split("#")[0] === location.href.split("#")[0] ? null : url.href;
    } catch {
      return null;
    }
  };

  // Colours, as sRGB with alpha over what is behind them.
  const rgba = (text) => {
    const found = /rgba?\(([^)]+)\)/.exec(text);
    if (!found) return null;
    const parts = found[1].split(/[ ,/]+/).map(Number);
    return parts.length < 3 || parts.some(Number.isNaN) ? null : [parts[0], parts[1], parts[2], parts[3] ?? 1];
  };
  const blend = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = up(at)) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const color = rgba(style.backgroundColor);
      if (color && color[3] > 0) layers.push(color);
      if (color && color[3] === 1) break;
    }
    return layers.reduceRight((below, top) => blend(top, below), [255, 255, 255, 1]);
  };
  // WCAG 2.2, relative luminance and contrast ratio.
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return Math.round(((light + 0.05) / (dark + 0.05)) * 100) / 100;
  };
  const written = (color) => (color ? `rgb(${color.slice(0, 3).map(Math.round).join(", ")})` : "");

  // Where something can be hit: its middle, or that of its first line.
  const middle = (element) => {
    const lines = element.getClientRects();
    const box = lines.length > 1 && element.matches("a,span") ? lines[0] : element.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const hitAt = (at) => {
    let hit = document.elementFromPoint(at.x, at.y);
    for (let i = 0; hit && i < 20; i += 1) {
      const root = hit.shadowRoot || closed().find((it) => it.host === hit);
      const inner = root && root.elementFromPoint(at.x, at.y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  };
  const frame = () => new Promise((done) => { setTimeout(done, 250); requestAnimationFrame(done); });

  // Longer texts are links in prose, or whole paragraphs that can be pressed.
  const LONGEST = 200;

  const finder = {
    controls: [],
    list() {
      this.controls = roots()
        .flatMap((root) => [...root.querySelectorAll(`${SURE},${LIKE},span,div,p,li`)])
        .filter((element) => pressable(element) && label(element).length <= LONGEST && (label(element) || element.matches(SURE)) && visible(element))
        .slice(0, 3000);
      return this.controls.map((element) => {
        const form = element.form;
        return {
          text: label(element),
          kind: kindOf(element),
          role: element.getAttribute("role"),
          disabled: off(element),
          opens: opens(element),
          posts: form && kindOf(element) === "submit" ? new URL(form.action, location.href).href : null,
          stays: stays(element),
          leads: leads(element),
          here: kindOf(element) === "link" && !leads(element) && !/^(#|javascript:|$)/.test(element.getAttribute("href") || ""),
          folded: element.tagName === "SUMMARY" && !element.parentElement?.open,
          over: over(element),
          foot: Boolean(element.closest("footer,[role=contentinfo],[id*=footer i],[class*=footer i]")),
          operable: operable(element),
          typed: Boolean(form && form.querySelector(TYPED)),
          answers: element.hasAttribute("aria-pressed"),
          selected: element.getAttribute("aria-selected") === "true",
        };
      });
    },
    // The smallest part around each control whose text, the controls' own left out, speaks of consent.
    // `loose` takes a part that lies over the page even if it does not.
    scopes(indices, mentions, loose) {
      const speaks = new RegExp(mentions, "i");
      const labels = indices.map((index) => [this.controls[index], label(this.controls[index])]).filter(([, text]) => text).sort((a, b) => b[1].length - a[1].length);
      const scopes = new Map();
      const trees = roots().slice(1);
      const end = (at) => !at || at === document.body || at === document.documentElement;
      for (const index of indices) {
        let last = null;
        let found = false;
        let at = up(this.controls[index]);
        // A frame of its own may hold nothing but the banner, straight in its body.
        if (end(at) && at === document.body && window !== top) at = document.body;
        for (; !end(at) || (at === document.body && window !== top); at = up(at)) {
          const whole = at.matches("details:not([open])") ? squeeze(at.textContent) : said(at, trees);
          if (whole.length > 8000) break;
          let text = whole;
          for (const [control, own] of labels) if (contains(at, control)) text = text.split(own).join(" ");
          last = over(at) ? at : last;
          const called = `${at.getAttribute("aria-label") || ""} ${named(at)} ${at.title || ""} ${over(at) ? `${at.id} ${(at.getAttribute("class") || "").replace(/[_-]/g, " ")}` : ""}`;
          // Some say what it is about on their buttons alone.
          const alone = !loose && (over(at) || !at.closest("footer,nav")) && labels.filter(([control, own]) => contains(at, control) && !leads(control) && speaks.test(own)).length > 1;
          if (alone || speaks.test(text) || text.includes("\u{1F36A}") || speaks.test(called)) {
            scopes.set(at, [...(scopes.get(at) || []), index]);
            found = true;
            break;
          }
        }
        if (!found && loose && last) scopes.set(last, [...(scopes.get(last) || []), index]);
      }
      const all = [...scopes.keys()];
      const outer = all.filter((scope) => !all.some((other) => other !== scope && contains(other, scope)));
      return outer.map((scope) => {
        const inside = this.controls.map((it, index) => [it, index]).filter(([it]) => contains(scope, it));
        return {
          text: said(scope, trees).slice(0, 600),
          over: over(scope),
          answers: [scope, ...trees.filter((root) => contains(scope, root.host))].flatMap((it) => [...it.querySelectorAll(TOGGLE)]).length,
          controls: indices.filter((index) => contains(scope, this.controls[index])),
          others: inside.map(([, index]) => index).filter((index) => !indices.includes(index) && !off(this.controls[index]) && operable(this.controls[index])),
          language: scope.closest("[lang]")?.lang || scope.getRootNode().host?.closest("[lang]")?.lang || document.documentElement.lang || null,
          pattern: scope.closest(".govuk-cookie-banner") || scope.querySelector(".govuk-cookie-banner__message,.govuk-button") ? "govuk"
            : scope.closest("#nhsuk-cookie-banner") || scope.querySelector("[class*=nhsuk-cookie]") ? "nhs" : null,
        };
      });
    },
    // Size and colours of a control.
    looks(index) {
      const element = this.controls[index];
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const ground = behind(element);
      const ink = rgba(style.color);
      return {
        size: [Math.round(box.width), Math.round(box.height)],
        font_px: parseFloat(style.fontSize) || 0,
        weight: parseInt(style.fontWeight, 10) || 400,
        color: style.color,
        background: written(ground),
        contrast: ink && ground ? contrast(ground[3] ? blend(ink, ground) : ink, ground) : null,
      };
    },
    // Whether the page's own content is out of reach.
    walled(index) {
      const banner = this.controls[index];
      const hits = [];
      for (const x of [0.15, 0.5, 0.85]) {
        for (const y of [0.15, 0.5, 0.85]) hits.push(hitAt({ x: innerWidth * x, y: innerHeight * y }));
      }
      const page = hits.filter((hit) => hit && !over(hit) && !contains(hit, banner));
      const style = [document.documentElement, document.body].map((it) => it && getComputedStyle(it));
      const locked = style.some((it) => it && ["hidden", "clip"].includes(it.overflowY)) && document.documentElement.scrollHeight > innerHeight + 40;
      const blurred = hits.some((hit) => {
        for (let at = hit; at; at = up(at)) if (/blur/.test(getComputedStyle(at).filter)) return true;
        return false;
      });
      return page.length === 0 || locked || (blurred && over(banner));
    },
    // How much of the page's own content, in percent, can be hit nowhere although it is scrolled: a layer or a lock keeps it
    // out of reach. `null` where there is no content to go by.
    covered() {
      const own = [];
      const walk = document.createTreeWalker(document.body || document.documentElement, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node && own.length < 400; node = walk.nextNode()) {
        const element = node.parentElement;
        if (!element || node.data.trim().length < 2 || element.matches("script,style,noscript,template,option") || over(element)) continue;
        if (element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) own.push([element, node]);
      }
      if (own.length === 0) return null;
      const blocked = new Map();
      const isBlocked = (x, y) => {
        const key = `${Math.round(x / 24)} ${Math.round(y / 24)}`;
        if (!blocked.has(key)) {
          const hit = hitAt({ x: (Math.round(x / 24) * 24) || 1, y: (Math.round(y / 24) * 24) || 1 });
          blocked.set(key, Boolean(hit && over(hit)));
        }
        return blocked.get(key);
      };
      const locks = (element) => element && ["hidden", "clip"].includes(getComputedStyle(element).overflowY);
      const page = document.scrollingElement || document.documentElement;
      const locked = locks(document.documentElement) || (locks(document.body) && getComputedStyle(document.documentElement).overflowY === "visible");
      const [least, most] = locked ? [scrollY, scrollY] : [0, Math.max(0, page.scrollHeight - innerHeight)];
      const range = document.createRange();
      const reached = ([element, node]) => {
        if (element.closest("[inert]")) return false;
        for (let at = element; at; at = up(at)) if (/blur/.test(getComputedStyle(at).filter) || getComputedStyle(at).pointerEvents === "none") return false;
        range.selectNodeContents(node);
        const box = range.getClientRects()[0];
        if (!box) return true;
        const x = Math.min(Math.max(box.x + Math.min(box.width, 80) / 2, 1), innerWidth - 1);
        const y = box.y + box.height / 2;
        const hit = y > 0 && y < innerHeight && hitAt({ x, y });
        if (hit && (contains(element, hit) || contains(hit, element)) && !over(hit)) return true;
        // Where scrolling may bring it.
        const top = Math.max(y + scrollY - most, 1);
        const bottom = Math.min(y + scrollY - least, innerHeight - 1);
        for (let at = top; at <= bottom; at += 24) if (!isBlocked(x, at)) return Math.abs(at - y) > 1 || !hit || !over(hit);
        return false;
      };
      return Math.round((100 * own.filter((it) => !reached(it)).length) / own.length);
    },
    // What may be a banner although its buttons say nothing we know. `mentions` is in many languages; `tracks` are words of
    // those who count and follow visits, for what lies over the page; `layer` says that the whole frame lies over it.
    suspects(mentions, tracks, layer) {
      const speaks = new RegExp(mentions, "i");
      const follows = new RegExp(tracks, "i");
      const NAMED = /cookie|consent|privacy|gdpr|rgpd|dsgvo|\bcmp\b|cmp[-_]|cmpbox|tracking/i;
      const names = (element) => [element.id, element.getAttribute("class"), element.getAttribute("aria-label"), named(element), element.title, element.getAttribute("name"), element.getAttribute("data-testid")].filter(Boolean).join(" ");
      const found = [];
      const say = (text) => { if (!found.includes(text)) found.push(text); };
      const [page, ...trees] = roots();
      const controls = [page, ...trees].flatMap((root) => [...root.querySelectorAll(`${SURE},${LIKE},span,div,p,li`)])
        .filter((element) => pressable(element) && visible(element)).slice(0, 3000);
      // What leads to another page chooses nothing; what has an address of this one does. Some buttons wait for an answer.
      const acts = controls.filter((element) => !leads(element) && (!off(element) || element.matches("button,input")) && !element.closest("nav,[role=navigation],[role=search],[role=toolbar],[role=menu]"));
      const judge = (element, isLayer) => {
        const text = said(element, trees);
        if (text.length > 4000) return;
        const inside = acts.filter((control) => contains(element, control));
        if (inside.length === 0) return;
        const name = names(element);
        const title = text.length >= 3 ? text.slice(0, 160) : `a layer called ${squeeze(name).slice(0, 120)}`;
        if (text.length >= 12 && speaks.test(text)) return say(title);
        if (!isLayer) return;
        if (NAMED.test(name) || follows.test(text)) return say(title);
        // A question over the page that is answered by one of several buttons, and no form to fill in.
        let prose = text;
        for (const control of inside) prose = prose.split(label(control)).join(" ");
        const buttons = inside.filter((control) => kindOf(control) !== "link" || !leads(control));
        const typed = element.querySelector(TYPED) || element.matches("header,nav,[role=banner],[role=alert]");
        if (buttons.length > 1 && !typed && prose.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length > 5) say(title);
      };
      for (const root of [page, ...trees]) {
        const hosts = trees.map((tree) => tree.host).filter((host) => host.getRootNode() === root);
        for (const element of [...root.querySelectorAll("div,section,aside,dialog,form,footer,header,nav,p,article,ul,table"), ...hosts]) {
          if (found.length >= 3) return found;
          const position = getComputedStyle(element).position;
          const isLayer = position === "fixed" || element.matches("[role=dialog],[role=alertdialog],dialog[open]");
          const apart = isLayer || position === "sticky" || NAMED.test(names(element)) || (element.matches("[role=region],[role=alert],section,aside") && speaks.test(names(element)));
          if (apart && visible(element)) judge(element, isLayer);
        }
        for (const frame of root.querySelectorAll("iframe")) {
          const name = `${names(frame)} ${frame.src}`;
          if (visible(frame) && over(frame) && NAMED.test(name)) say(`a frame over the page: ${squeeze(name).slice(0, 120)}`);
        }
      }
      if (layer && document.body) judge(document.body, true);
      return found;
    },
    // A part of the text with two buttons or more that speaks of cookies: a banner in the flow of the
    // page, in words we do not know.
    inflow(mentions) {
      const speaks = new RegExp(mentions, "i");
      // A link that stays on its page, or only adds a question to its address, may choose just as well.
      const stays = (element) => {
        const to = leads(element);
        return element.hasAttribute("href") && (!to || to.split("?")[0] === location.href.split(/[?#]/)[0]);
      };
      const buttons = roots()
        .flatMap((root) => [...root.querySelectorAll("button,input[type=button],input[type=submit],[role=button],a")])
        .filter((element) => !element.disabled && visible(element) && (!element.matches("a:not([role=button])") || stays(element)));
      const found = [];
      const trees = roots().slice(1);
      for (const button of buttons.slice(0, 500)) {
        for (let at = up(button); at && at !== document.body && !at.matches("main,article,footer,nav"); at = up(at)) {
          const text = said(at, trees);
          if (text.length > 1500) break;
          if (speaks.test(text) && buttons.filter((other) => contains(at, other)).length > 1) {
            found.push(text.slice(0, 160));
            break;
          }
        }
      }
      return found;
    },
    // Where in this frame to press a control, and whether the press would reach it.
    aim(index) {
      globalThis.lastPressed = this.controls[index];
      return this.point(this.controls[index]);
    },
    // The same for a box, switch or radio button.
    aimOption(index) {
      return this.point(this.toggles[index]?.shown, this.toggles[index]?.input);
    },
    checked(index) {
      const input = this.toggles[index]?.input;
      if (!input) return null;
      return input.matches("input") ? input.checked : [input.getAttribute("aria-checked"), input.getAttribute("aria-pressed")].includes("true");
    },
    async point(element, also) {
      if (!element || !element.isConnected) return { gone: true };
      const before = middle(element);
      if (before.x < 0 || before.y < 0 || before.x > innerWidth || before.y > innerHeight || window !== top) {
        element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      }
      let at = middle(element);
      // A banner that slides in is pressed when it has come to rest.
      for (let i = 0; i < 90; i += 1) {
        await frame();
        const next = middle(element);
        const still = Math.abs(next.x - at.x) < 1 && Math.abs(next.y - at.y) < 1;
        at = next;
        if (still && i > 0) break;
      }
      const hit = hitAt(at);
      const near = (it) => it && (hit === it || contains(it, hit) || (contains(hit, it) && hit.matches("label")));
      const ours = Boolean(hit && (near(element) || near(also) || [...(also?.labels || [])].some(near)));
      return { gone: false, ...at, ours, by: ours || !hit ? null : squeeze(`${hit.tagName} ${hit.id} ${hit.className}`).slice(0, 80) };
    },
    // What a control says and is, for controls that others found.
    describe(index) {
      const element = this.controls[index];
      return element ? { text: label(element).slice(0, 80), kind: element.matches(TOGGLE) ? "option" : kindOf(element), shown: element.isConnected && there(element, { visibilityProperty: true }), leads: leads(element) } : null;
    },
    // What a selector finds and a visitor can see, as controls; shadow roots are looked into.
    pick(selector) {
      const found = roots().flatMap((root) => [...root.querySelectorAll(selector)]);
      this.controls = found.filter((it) => visible(it) || (it.matches("input") && there(it.labels?.[0] || it, { visibilityProperty: true })));
      this.toggles = this.controls.map((input) => ({ input, shown: visible(input) ? input : input.labels?.[0] || input }));
      return this.controls.map((it) => ({ text: label(it).slice(0, 80), kind: it.matches(TOGGLE) ? "option" : kindOf(it), leads: leads(it) }));
    },
    focus(index) {
      const element = this.controls[index];
      if (!element?.isConnected) return false;
      element.focus({ preventScroll: true });
      return element.getRootNode().activeElement === element;
    },
    // Whether the control that was pressed last can still be hit where it is.
    hittable() {
      const element = globalThis.lastPressed;
      if (!element || !element.isConnected || !visible(element)) return false;
      const hit = hitAt(middle(element));
      return Boolean(hit && contains(element, hit));
    },
  };
  finder.tools = { squeeze, roots, up, contains, visible, there, named, label, over, pressable, operable, kindOf, leads, off, opens, hitAt, middle, TYPED, frame };
  finder.was = globalThis.finder?.was;
  finder.answered = globalThis.finder?.answered;
  globalThis.finder = finder;
})()
