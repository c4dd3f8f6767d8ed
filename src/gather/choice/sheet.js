// Reads the settings of a banner as one sheet: everything that answers a question, whether it is shown or not, and everything
// else that can be pressed. Runs after finder.js in the same world, and changes nothing on the page but how far it is scrolled.
(() => {
  const { squeeze, roots, up, contains, visible, there, named, label, over, pressable, operable, kindOf, leads, off, opens, hitAt, middle, TYPED, frame } = finder.tools;
  const TOGGLE = "input[type=checkbox],input[type=radio],[role=switch],[role=checkbox],[role=menuitemcheckbox],[role=radio],[role=menuitemradio],[aria-pressed],select,input[type=range],[role=slider],[role=listbox],[role=combobox]";
  const STATE = /^(?:on|off|yes|no|an|aus|ein|oui|non|si|s\u00ed|ja|nee|nein|tak|nie|sim|n\u00e3o|active|inactive|enabled|disabled|allowed|blocked|activ\u00e9|d\u00e9sactiv\u00e9|aktiv|inaktiv|i|o|\u2713|\u2717|\u2714|\u2716)$/i;
  const ON = /^(?:on|active|activated|checked|enabled|selected|true|yes|allowed|granted|accepted|ison|isactive|ischecked|1)$/i;
  const OFF = /^(?:off|inactive|deactivated|unchecked|disabled|false|no|denied|blocked|rejected|refused|isoff|0)$/i;
  const SWITCHY = /switch|toggle|toggler|slider|tgl|chk|check|tick|knob|pill|onoff|lever|(?:^|[\s_-])sw(?:$|[\s_-])/i;
  const CLOSES = /close|dismiss|exit/i;
  const was = (finder.was ||= new WeakMap());
  finder.answered ||= new WeakSet();
  const deep = (scope, selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]).filter((it) => contains(scope, it));

  // What a part that clips its content without letting it be scrolled does not show.
  const clipped = (element, scope) => {
    const box = element.getBoundingClientRect();
    for (let at = up(element); at && at !== document.body; at = up(at)) {
      const style = getComputedStyle(at);
      const clip = at.getBoundingClientRect();
      const hides = (value) => value === "hidden" || value === "clip";
      if (hides(style.overflowY) && (box.bottom <= clip.top + 1 || box.top >= clip.bottom - 1)) return true;
      if (hides(style.overflowX) && (box.right <= clip.left + 1 || box.left >= clip.right - 1)) return true;
      if (at === scope) break;
    }
    return false;
  };
  const outers = (input) => {
    const found = [];
    for (let at = up(input), i = 0; at && i < 3; at = up(at), i += 1) if (!at.matches("label") && at.matches("[aria-pressed],[aria-checked],[role=switch],[role=checkbox],[role=radio]")) found.push(at);
    return found;
  };
  // What is folded up is not drawn, and is called the same.
  const textOf = (it) => squeeze(it && (it.innerText || it.textContent));
  const isInput = (it) => it.matches("input,select");
  const aria = (it) => {
    const value = it.getAttribute("aria-checked") ?? it.getAttribute("aria-pressed");
    return value === "true" ? true : value === "false" ? false : null;
  };

  const isLayer = (it) => it.matches("dialog[open],[role=dialog],[role=alertdialog]") || getComputedStyle(it).position === "fixed";
  // A layer with answers of its own, such as a list of partners, that lies over what saves or stands in its place.
  const layerOver = (control) => {
    const holds = (it) => it && deep(it, TOGGLE).length > 0;
    if (!visible(control)) {
      const layers = deep(document.documentElement, "dialog,[role=dialog],[role=alertdialog],div,section,aside").filter((it) => visible(it) && isLayer(it) && !contains(it, control) && holds(it));
      return layers.at(-1) || null;
    }
    const hit = hitAt(middle(control));
    if (!hit || contains(control, hit)) return null;
    let layer = null;
    for (let at = hit; at && at !== document.body; at = up(at)) if (isLayer(at) && !contains(at, control)) layer = at;
    return holds(layer) ? layer : null;
  };

  // The part of the page whose choices are stored together by a control.
  const scopeOf = (control) => {
    const holds = (at) => deep(at, TOGGLE).length > 0;
    // In the text of a page: the smallest part that holds all the answers that the whole of it holds.
    const smallest = (whole) => {
      const count = deep(whole, TOGGLE).length;
      for (let at = up(control); at && at !== whole; at = up(at)) if (deep(at, TOGGLE).length === count) return at;
      return whole;
    };
    let form = null;
    let layer = null;
    for (let at = up(control); at && at !== document.documentElement; at = up(at)) {
      if (at.matches("dialog,[role=dialog],[role=alertdialog]") || getComputedStyle(at).position === "fixed") {
        if (holds(at)) return at;
        layer ||= at;
      }
      if (at.matches("form") && holds(at)) form ||= at;
      if (at.matches("main") && !layer) return form || smallest(at);
    }
    return form || layer || smallest(document.body);
  };

  const kind = (it) => {
    if (it.matches("select,[role=listbox],[role=combobox]")) return "select";
    if (it.matches("input[type=range],[role=slider]")) return "range";
    if (it.matches("[type=radio],[role=radio],[role=menuitemradio]")) return "radio";
    return it.matches("[type=checkbox],[role=checkbox],[role=menuitemcheckbox]") ? "checkbox" : "switch";
  };
  const texts = (element, without) => {
    let text = squeeze(element.innerText || element.textContent);
    for (const other of without) {
      const own = squeeze(other.innerText);
      if (own && own !== text) text = text.split(own).join(" ");
    }
    return squeeze(text);
  };
  // The largest part around something that holds no other answer.
  const rowOf = (element, toggles, scope) => {
    let row = element;
    for (let at = up(element); at && at !== scope && at !== document.body; at = up(at)) {
      if (toggles.some((other) => other !== element && !contains(element, other) && !contains(other, element) && contains(at, other))) break;
      row = at;
    }
    return row;
  };
  const tokens = (element) => [element.getAttribute("class") || "", ...[...element.attributes].filter((it) => /^(?:data-(?:state|on|checked|active|value|enabled|status|selected)|aria-checked|aria-pressed|checked|value)$/.test(it.name)).map((it) => (it.value === "" ? "true" : it.value))]
    .join(" ").replace(/([a-z])([A-Z])/g, "$1 $2").split(/[\s_]+|-+/).filter(Boolean);
  const guess = (element, peers) => {
    const own = tokens(element).concat(STATE.test(squeeze(element.innerText)) ? [squeeze(element.innerText)] : []);
    const on = own.some((it) => ON.test(it));
    const is = own.some((it) => OFF.test(it)) ? (on ? null : false) : on ? true : null;
    if (is !== null) { was.set(element, is); return is; }
    // It had the sign of being on, or those like it have.
    if (was.has(element) && was.get(element) !== null) return false;
    const base = tokens(element);
    return base.length > 0 && peers.some((peer) => peer !== element && tokens(peer).some((it) => ON.test(it)) && base.every((it) => tokens(peer).includes(it))) ? false : null;
  };
  // What only looks like a switch: it can be pressed, is as small as one, and says nothing or no more than a state.
  const plain = (scope, toggles) => {
    const found = deep(scope, "span,div,i,b,em,a,button,label,p,li,td,svg,img,s,u,small,strong,[tabindex],[onclick]").concat(deep(scope, "*").filter((it) => it.tagName.includes("-") && !it.childElementCount));
    const box = scope.getBoundingClientRect();
    const small = found.filter((it) => {
      if (!(it instanceof HTMLElement) || !visible(it) || clipped(it, scope)) return false;
      const { width, height, right, top } = it.getBoundingClientRect();
      if (width < 12 || width > 160 || height < 8 || height > 64) return false;
      const text = label(it);
      const shown = squeeze(it.innerText);
      if (/\p{L}/u.test(text) && !STATE.test(shown)) return false;
      if (/[\u00d7\u2715\u2716xX]/.test(shown) && shown.length < 3 && !STATE.test(shown)) return false;
      const name = `${it.getAttribute("class") || ""} ${it.id}`;
      if (CLOSES.test(name) || opens(it) || it.closest("summary,[role=tab],[aria-expanded]")) return false;
      if (right > box.right - 70 && top < box.top + 60 && !SWITCHY.test(name) && it.closest("button,a,[role=button]")) return false;
      if (toggles.some((toggle) => contains(it, toggle) || contains(toggle, it) || [...(toggle.labels || [])].some((own) => contains(own, it)))) return false;
      if (it.closest("label")?.control) return false;
      const style = getComputedStyle(it);
      const points = style.cursor === "pointer" || it.hasAttribute("onclick") || it.hasAttribute("tabindex") || it.matches("button,a,[role=button]");
      return points || SWITCHY.test(name) || tokens(it).some((token) => ON.test(token) || OFF.test(token));
    });
    return small.filter((it) => !small.some((other) => other !== it && contains(other, it)));
  };

  // Buttons of which every row has one that refuses and one that agrees, and the row each belongs to.
  const rowButtons = (scope, [refuse, agree]) => {
    const rows = new Map();
    if (refuse.length === 0) return rows;
    const buttons = deep(scope, "button,input[type=button],input[type=submit],a,[role=button],span,div").filter((it) => pressable(it) && !leads(it));
    const says = (it) => label(it) || squeeze(it.textContent);
    const yes = buttons.filter((it) => agree.includes(says(it)));
    for (const no of buttons.filter((it) => refuse.includes(says(it)))) {
      const others = [...buttons].filter((it) => it !== no && refuse.includes(says(it)));
      let row = up(no);
      for (let at = row; at && at !== scope && !others.some((other) => contains(at, other)); at = up(at)) row = at;
      rows.set(no, row);
      for (const it of yes) if (contains(row, it)) rows.set(it, row);
    }
    // One that stands there once refuses everything.
    return new Set(rows.values()).size > 1 ? rows : new Map();
  };

  const read = (control, rowLabels) => {
    const layer = layerOver(control);
    const scope = layer || scopeOf(control);
    finder.scope = scope;
    const rows = rowButtons(scope, rowLabels || [[], []]);
    const held = deep(scope, TOGGLE).filter((it) => !rows.has(it) && !it.matches("[role=tab],[aria-expanded],[class*=accordion i]"));
    // Of something around a box, the box says what it is.
    const real = held.filter((it) => isInput(it) || (!held.some((other) => isInput(other) && contains(it, other)) && !(it.matches("label") && it.control)));
    const guessed = plain(scope, [...real, ...rows.keys()]);
    const all = [...real, ...guessed, ...rows.keys()];
    const toggles = [];
    for (const input of all) {
      const labels = [...(input.labels || [])];
      const around = outers(input);
      const shown = (rows.has(input) ? [input] : [input, ...labels, ...around, input.nextElementSibling, input.parentElement])
        .find((it) => it && it !== scope && there(it, { visibilityProperty: true }) && !clipped(it, scope) && (it !== input.parentElement || it.getBoundingClientRect().height < 200));
      const isPlain = guessed.includes(input);
      const inRow = rows.get(input);
      const type = isPlain ? "plain" : inRow ? "radio" : kind(input);
      const row = rowOf(input, all, scope);
      const others = all.filter((other) => other !== input && !contains(input, other));
      const entries = input.matches("select") ? [...input.options].map((it) => squeeze(it.text)) : [];
      const spoken = (it) => [...it.childNodes].map((node) => (node === input || contains(node, input) ? "" : node.textContent)).join(" ");
      let name = squeeze(labels.map((it) => (entries.length > 0 ? spoken(it) : it.innerText || it.textContent)).join(" ")) || input.getAttribute("aria-label") || named(input) || (isInput(input) ? "" : label(input)) || "";
      if (!/\p{L}{2}/u.test(name) || (type !== "radio" && STATE.test(name))) {
        for (let at = input; at; at = up(at)) {
          const text = squeeze(at.innerText || at.textContent).split(" ").filter((word) => type === "radio" || !STATE.test(word)).join(" ");
          if (/\p{L}{2}/u.test(text)) { name = text; break; }
          if (at === row) break;
        }
        if (!/\p{L}{2}/u.test(name)) {
          const before = row.previousElementSibling;
          const text = before && !all.some((other) => contains(before, other)) ? squeeze(before.innerText) : "";
          name = text || name;
        }
      }
      const set = input.closest("fieldset,[role=radiogroup],[role=group]");
      const legend = inRow ? texts(inRow, [...rows.keys()].filter((it) => contains(inRow, it))).slice(0, 160) : squeeze((set && (textOf(set.querySelector("legend,h1,h2,h3,h4,h5")) || set.getAttribute("aria-label") || named(set))) || (type === "radio" ? texts(rowOf(input.parentElement || input, all.filter((it) => it.name !== input.name || !input.name), scope), [input, ...labels]) : "")).slice(0, 160);
      const pressed = !isInput(input) && input.hasAttribute("aria-pressed");
      const peers = pressed && input.parentElement ? [...input.parentElement.children].filter((it) => it.hasAttribute("aria-pressed")) : [];
      // Visitors read what stands on a button; the row of a pair is that of both.
      if (peers.length > 1 && /\p{L}{2}/u.test(input.innerText)) name = squeeze(input.innerText);
      const asked = peers.length > 1 ? squeeze(rowOf(input.parentElement, all.filter((it) => !peers.includes(it)), scope).textContent).slice(0, 60) : "";
      let on = inRow ? aria(input) ?? (finder.answered.has(input) || null) : isPlain ? guess(input, guessed) : isInput(input) ? (input.indeterminate ? null : input.checked) : aria(input);
      if (isInput(input) && around.some((it) => aria(it) !== null && aria(it) !== on)) on = null;
      if (type === "select") on = null;
      if (type === "range") on = raised(input);
      const index = toggles.push({
        input, shown: shown || null, row: Boolean(inRow),
        said: {
          label: squeeze(name).slice(0, 120), state: type === "range" ? step(input, row) : "", group: inRow ? `row ${inRow.textContent.replace(/[^\p{L}\p{N}]+/gu, "").slice(0, 200)}` : input.name || (set && (set.id || textOf(set.querySelector("legend")))) || (peers.length > 1 ? `pressed ${peers.map((it) => squeeze(it.innerText)).join("/")} ${asked}` : ""), legend,
          about: squeeze(row.innerText || row.textContent).slice(0, 200), kind: peers.length > 1 && type === "switch" ? "radio" : type, on,
          fixed: off(input) || Boolean(input.closest("fieldset[disabled]")) || input.getAttribute("aria-readonly") === "true" || (shown && getComputedStyle(shown).pointerEvents === "none" && shown !== input.nextElementSibling),
          shown: Boolean(shown),
          choices: entries,
          chosen: input.matches("select") && input.selectedIndex >= 0 ? input.selectedIndex : null,
        },
      }) - 1;
      toggles[index].said.fixed = Boolean(toggles[index].said.fixed);
    }
    finder.toggles = toggles;
    const taken = (it) => it === control || toggles.some(({ input, shown }) => contains(input, it) || contains(it, input) || shown === it || [...(input.labels || [])].includes(it));
    const inner = deep(scope, "button,input[type=button],input[type=submit],a,[role=button],summary,[role=tab],[role=link],[aria-expanded],[onclick],[tabindex],label,span,div,p,li,h2,h3,h4,dt")
      .filter((it) => visible(it) && !clipped(it, scope) && (opens(it) || isFold(it) || (pressable(it) && operable(it))) && !off(it) && !taken(it) && !it.matches(TYPED));
    const parts = inner.filter((it) => !inner.some((other) => other !== it && contains(other, it) && kindOf(other) !== "other")).slice(0, 200);
    finder.parts = parts;
    const save = finder.controls.includes(control) ? control : null;
    return {
      toggles: toggles.map((it) => it.said),
      parts: parts.map((it) => ({
        label: label(it).slice(0, 200), tab: it.matches("[role=tab]"), opens: opens(it) || isFold(it) || Boolean(target(it)), open: isOpen(it),
        leads: Boolean(leads(it)), typed: Boolean(it.form && it.form.querySelector(TYPED)),
      })),
      prose: texts(scope, toggles.flatMap(({ input }) => [...(input.labels || [])])).slice(0, 4000),
      scrolls: scrollers(scope).some((it) => it.scrollTop + it.clientHeight < it.scrollHeight - 4),
      frames: deep(scope, "iframe").filter((it) => visible(it) && it.getBoundingClientRect().height > 40).length,
      save_disabled: off(control),
      save_shown: Boolean(save && control.isConnected && (layer || visible(control))),
      covers: Boolean(layer),
    };
  };
  // Whether a slider stands above its lowest step, and what it calls the step it is at.
  const raised = (it) => {
    const [value, least] = it.matches("input") ? [it.value, it.min || "0"] : [it.getAttribute("aria-valuenow"), it.getAttribute("aria-valuemin") || "0"];
    return value === null || Number.isNaN(Number(value)) ? null : Number(value) > Number(least);
  };
  const step = (it, row) => {
    const spoken = it.getAttribute("aria-valuetext");
    const named = [...(it.list?.options || [])].find((option) => option.value === it.value);
    const near = [row, it.nextElementSibling, it.parentElement?.querySelectorAll("input,select").length === 1 && it.parentElement];
    const beside = near.filter(Boolean).map((at) => (at.matches("output") ? at : at.querySelector("output"))).find(Boolean);
    return squeeze(spoken || (beside && beside.textContent) || (named && named.label !== named.value && named.label) || "");
  };
  const target = (it) => {
    const id = it.getAttribute("aria-controls") || (it.getAttribute("href") || "").match(/^#(.+)/)?.[1] || it.dataset.target?.replace("#", "") || it.dataset.tab || it.dataset.bsTarget?.replace("#", "");
    const part = id && it.getRootNode().getElementById?.(id);
    return part && finder.scope && contains(finder.scope, part) ? part : null;
  };
  // A heading that folds and unfolds what stands below it.
  const isFold = (it) => /(?:^|[\s_-])(?:tab|accordion|collaps\w*|expand\w*|fold\w*|disclosure|chevron|caret)(?:$|[\s_-])/i.test(it.getAttribute("class") || "") && (getComputedStyle(it).cursor === "pointer" || it.matches("button,a,[role=button]"));
  const isOpen = (it) => {
    if (it.matches("summary")) return Boolean(it.parentElement?.open);
    for (const name of ["aria-expanded", "aria-selected"]) if (it.hasAttribute(name)) return it.getAttribute(name) === "true";
    return null;
  };
  const scrollers = (scope) => [scope, ...deep(scope, "*")].filter((it) => it.scrollHeight > it.clientHeight + 8 && it.clientHeight > 20 && /auto|scroll/.test(getComputedStyle(it).overflowY));

  // Where something can be hit once it has been scrolled there; it is not waited for to come to rest.
  const aim = async (element, also) => {
    if (!element || !element.isConnected) return { gone: true };
    const reach = () => {
      const at = middle(element);
      const hit = hitAt(at);
      const near = (it) => it && (hit === it || contains(it, hit) || (contains(hit, it) && hit.matches("label")));
      return { gone: false, ...at, ours: Boolean(hit && (near(element) || near(also) || [...(also?.labels || [])].some(near))), by: hit ? squeeze(`${hit.tagName} ${hit.id} ${hit.className}`).slice(0, 80) : null };
    };
    const now = reach();
    if (now.ours && window === top) return now;
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    await frame();
    return reach();
  };

  Object.assign(finder, {
    sheet: (index, rows) => read(finder.controls[index], rows),
    // Where to press an answer, or a part of the settings.
    aimToggle(index) {
      const toggle = finder.toggles[index];
      // A button of a row says nothing of having been pressed.
      if (toggle?.row) finder.answered.add(toggle.input);
      return aim(toggle?.shown, toggle?.input);
    },
    aimPart: (index) => aim(finder.parts[index]),
    focusToggle(index) {
      const element = finder.toggles[index]?.input;
      if (!element?.isConnected) return false;
      element.focus({ preventScroll: true });
      return element.getRootNode().activeElement === element;
    },
    isOn(index) {
      const toggle = finder.toggles[index];
      if (!toggle?.input.isConnected) return null;
      if (toggle.row) return aria(toggle.input) ?? finder.answered.has(toggle.input);
      if (toggle.said.kind === "range") return raised(toggle.input);
      return toggle.said.kind === "plain" ? guess(toggle.input, finder.toggles.filter((it) => it.said.kind === "plain").map((it) => it.input)) : isInput(toggle.input) ? toggle.input.checked : aria(toggle.input);
    },
    // Scrolls every part of the settings on by most of what it shows.
    async scrollOn() {
      for (const it of scrollers(finder.scope)) it.scrollTop += Math.max(40, it.clientHeight * 0.8);
      await frame();
      return true;
    },
  });
})()
