// Writes down what a visitor can read on a page, as HTML without scripts: the flattened tree, with shadow roots, and apart from
// it what is in the page and no visitor can see. Runs in a world of its own, in every frame that is read. `handed` comes from
// outside: the closed shadow roots, and the names of frames by their elements.
((part, handed) => {
  const LEFT_OUT = /^(script|style|template|noscript|link|meta|head|canvas|textarea|svg)$/;
  const FRAME = /^(iframe|frame|object|embed)$/;
  const VOID = /^(area|base|br|col|embed|hr|img|input|source|track|wbr)$/;
  // What decides how an element looks, and what it loads, has done its work.
  const DROPPED = /^(style|hidden|src|srcset|sizes|integrity|nonce|on.*)$/;
  const DEEPEST = 400;
  const closed = new Map(handed.roots.map((root) => [root.host, root]));
  const rootOf = (element) => element.shadowRoot || closed.get(element) || null;
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const words = (element) => (element.textContent || "").replace(/\s+/g, " ").trim();

  const documents = [document];
  for (let at = 0; at < documents.length && documents.length < 2000; at += 1) {
    for (const element of documents[at].querySelectorAll("*")) {
      const root = rootOf(element);
      if (root) documents.push(root);
    }
  }

  // Controls by the id of what they open.
  const openers = new Map();
  const note = (ids, control) => {
    for (const id of (ids || "").split(/\s+/)) {
      const name = id.replace(/^#/, "");
      if (name) openers.set(name, [...(openers.get(name) || []), control]);
    }
  };
  const OPENS = ["aria-controls", "aria-owns", "data-target", "data-bs-target", "data-open", "data-modal", "data-toggle", "popovertarget", "commandfor", "for"];
  for (const tree of documents) {
    for (const control of tree.querySelectorAll(OPENS.map((name) => `[${name}]`).join(","))) {
      for (const name of OPENS) note(control.getAttribute(name), control);
    }
    for (const link of tree.querySelectorAll("a[href^='#']")) {
      const id = link.getAttribute("href").slice(1);
      if (id && !/\s/.test(id)) note(id, link);
    }
  }
  // What shows a dialog by a script is known by what it says only.
  const dialogOpeners = documents.flatMap((tree) => [...tree.querySelectorAll("button,[role=button],a[href^='#'],a:not([href]),a[href^='javascript:']")])
    .filter((control) => words(control).length <= 60 && /cookie|cwci|privacy|preifatrwydd/i.test(words(control)));
  const isOperable = (control, element, context) => {
    if (!control || control === element || element.contains(control)) return false;
    // What is in a part that was opened is seen once that is open.
    if (context.opened && context.opened.contains(control)) return getComputedStyle(control).display !== "none";
    const box = control.getBoundingClientRect();
    return box.width > 2 && box.height > 2 && control.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  // Whether a control says that it opens something else.
  const opensAnother = (control, name, element) => (control.getAttribute(name) || "").split(/\s+/).some((id) => {
    const named = id && control.getRootNode().getElementById?.(id.replace(/^#/, ""));
    return named && named !== element && !named.contains(element) && !element.contains(named);
  });
  // What looks like the title of a fold: short, and it takes a press.
  const heads = (before, element, context) => {
    if (!before || before.localName === "details" || words(before).length > 200) return false;
    // A title with a fold of its own opens that.
    const folds = (it) => it.localName === "details" || (getComputedStyle(it).display === "none" && !LEFT_OUT.test(it.localName) && words(it));
    if ([...before.querySelectorAll("*")].some(folds)) return false;
    const marked = "[aria-expanded],button,[role=button],[role=tab],summary,input[type=checkbox],input[type=radio]";
    const inner = before.matches(marked) ? before : before.querySelector(marked);
    if (inner && OPENS.some((name) => opensAnother(inner, name, element))) return false;
    if (inner) return isOperable(inner, element, context) || isOperable(before, element, context);
    return getComputedStyle(before).cursor === "pointer" && isOperable(before, element, context);
  };
  const showsMore = (after, element, context) => {
    const control = after && (after.matches("button,[role=button],[aria-expanded]") ? after : after.querySelector(":scope > button, :scope > [role=button]"));
    return Boolean(control) && /\b(show|more|all|view|expand|list|details|dangos|mwy|gweld|rhestr)\b/i.test(words(control)) && isOperable(control, element, context);
  };
  // The tab of a panel that no attribute ties to one: tabs and panels are in the same order.
  const tabOf = (panel) => {
    for (let around = panel.parentElement; around; around = around.parentElement) {
      const list = [...around.querySelectorAll("[role=tablist]")].find((it) => !panel.contains(it));
      if (!list) continue;
      const panels = [...around.querySelectorAll("[role=tabpanel]")].filter((it) => it.parentElement === panel.parentElement);
      const tabs = [...list.querySelectorAll("[role=tab]")];
      return tabs.length === panels.length ? tabs[panels.indexOf(panel)] : null;
    }
    return null;
  };
  const canBeOpened = (element, context) => {
    if (element.getAttribute("hidden") === "until-found") return true;
    if (element.id && (openers.get(element.id) || []).some((control) => isOperable(control, element, context))) return true;
    const labels = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    if (element.getAttribute("role") === "tabpanel") {
      const root = element.getRootNode();
      if (labels.some((id) => isOperable(root.getElementById?.(id), element, context))) return true;
      if (isOperable(tabOf(element), element, context)) return true;
    }
    if (element.matches("dialog,[role=dialog],[role=alertdialog],[aria-modal=true],[popover]") && dialogOpeners.some((control) => isOperable(control, element, context))) return true;
    if (heads(element.previousElementSibling, element, context)) return true;
    const table = element.matches("tr,tbody") ? element.closest("table") : null;
    return [element.nextElementSibling, table && table.nextElementSibling].some((after) => showsMore(after, element, context));
  };

  const color = (text) => {
    const numbers = /^rgba?\(([^)]+)\)/.exec(text);
    if (!numbers) return null;
    const [red, green, blue, alpha] = numbers[1].split(/[ ,/]+/).map(Number);
    return { channels: [red, green, blue], alpha: alpha === undefined || Number.isNaN(alpha) ? 1 : alpha };
  };
  const isAlike = (one, other) => one.every((value, at) => Math.abs(value - other[at]) <= 12);
  const isNothingButWhite = (text) => text.trim() === "";

  // A label for screen readers, beside what is seen, is no part of its own.
  const isLabel = (element) => {
    const text = words(element);
    return text.length <= 60 && !element.querySelector("td,li,dt,tr") && !element.matches("td,li,dt,tr,table");
  };
  // Whether an element and all in it cannot be seen.
  const isCovered = (element, style, context) => {
    if (style.display === "none") return true;
    if (Number(style.opacity) < 0.05 && !context.opened) return true;
    if (style.contentVisibility === "hidden" && !context.opened) return true;
    if (context.opened || style.display === "contents" || element === document.body || element === document.documentElement) return false;
    const box = element.getBoundingClientRect();
    const clips = /hidden|clip/.test(style.overflowX) || /hidden|clip/.test(style.overflowY);
    if ((box.width <= 1 || box.height <= 1) && clips) return true;
    if (/inset\((50|100)%/.test(style.clipPath) || (/rect\((0|1)px[ ,]+(0|1)px[ ,]+(0|1)px[ ,]+(0|1)px\)/.test(style.clip) && style.position === "absolute")) return true;
    if (style.transform !== "none" && box.width < 1 && box.height < 1) return true;
    const isLeft = style.direction === "ltr" && box.right + scrollX <= 0;
    return box.width > 0 && box.height > 0 && (isLeft || box.bottom + scrollY <= 0);
  };
  const isTextSeen = (style, context) => {
    if (style.visibility !== "visible" && !context.opened) return false;
    if (parseFloat(style.fontSize) < 2 || parseFloat(style.textIndent) <= -500) return false;
    const drawn = color(style.webkitTextFillColor || style.color) || color(style.color);
    if (!drawn || /text/.test(style.webkitBackgroundClip || "")) return true;
    if (drawn.alpha < 0.05) return false;
    return !(context.back && isAlike(drawn.channels, context.back));
  };
  // A banner lies over the page or calls itself a dialog, speaks of cookies, and has something to press. A notice may be in a
  // dialog too, but is longer.
  const isBanner = (element, style) => {
    if (part !== null || element.matches("html,body,header,nav,footer,main")) return false;
    if (!/fixed|sticky/.test(style.position) && !element.matches("[role=dialog],[role=alertdialog],[aria-modal=true],dialog")) return false;
    const text = words(element);
    return text.length < 3000 && /cookie|cwci|consent/i.test(text) && Boolean(element.querySelector("button,[role=button],input[type=submit]")) && !element.querySelector("nav,main,h1,article,table,dl");
  };
  // What an element passes on to what is in it.
  const within = (element, style, context, opened) => {
    const next = { ...context, depth: context.depth + 1, style };
    if (opened) next.opened = element;
    if (style.backgroundImage !== "none") next.back = null;
    const back = color(style.backgroundColor);
    if (back && back.alpha > 0.9) next.back = back.channels;
    else if (back && back.alpha > 0.05) next.back = null;
    return next;
  };

  const attributes = (element) => [...element.attributes]
    .filter(({ name }) => !DROPPED.test(name))
    .map(({ name, value }) => ` ${name}="${value.slice(0, 2000).replace(/&/g, "&amp;").replace(/"/g, "&quot;")}"`)
    .join("");

  const frame = (element) => {
    const quoted = (name, value) => ` ${name}="${(value || "").slice(0, 2000).replace(/&/g, "&amp;").replace(/"/g, "&quot;")}"`;
    const tag = /frame/.test(element.localName) ? "iframe" : "object";
    const from = tag === "iframe" ? quoted("src", element.src || "about:srcdoc") : quoted("data", element.data || element.src) + quoted("type", element.type);
    return `<${tag}${from}${quoted("title", element.title)}></${tag}>`;
  };

  const children = (element) => {
    const root = rootOf(element);
    if (root) return root.childNodes;
    if (element.localName === "slot" && element.assignedNodes) {
      const assigned = element.assignedNodes();
      if (assigned.length) return assigned;
    }
    return element.childNodes;
  };

  // What of a node is seen and what is not, each as HTML.
  const write = (node, context) => {
    if (node.nodeType === 3) {
      const text = escaped(node.data);
      if (isNothingButWhite(node.data)) return [text, ""];
      return isTextSeen(context.style, context) ? [text, ""] : ["", text];
    }
    if (node.nodeType !== 1 || context.depth > DEEPEST) return ["", ""];
    const name = node.localName;
    if (LEFT_OUT.test(name)) return ["", ""];
    const style = getComputedStyle(node);
    if (isBanner(node, style)) return ["", ""];
    let opened = false;
    if (isCovered(node, style, context) && !isLabel(node)) {
      opened = canBeOpened(node, context);
      if (!opened) return ["", words(node) ? hidden(node, 0) : ""];
    } else if (name === "details" && !node.open) {
      opened = true;
    } else if ((name === "select" || (style.visibility !== "visible" && !context.opened)) && (name === "select" || canBeOpened(node, context))) {
      opened = true;
    }
    if (FRAME.test(name)) {
      const box = node.getBoundingClientRect();
      // An empty one is what remains where a frame could not be read.
      return [box.width >= 200 && box.height >= 80 ? `<!--frame:${handed.frames.get(node) || ""}-->${frame(node)}<!--/frame-->` : "", ""];
    }
    const tag = /^[a-z][a-z0-9-]*$/.test(name) ? name : "div";
    const start = `<${tag}${attributes(node)}>`;
    if (VOID.test(tag)) return [start, ""];
    const next = within(node, style, context, opened);
    let [seen, unseen, cells] = ["", "", ""];
    for (const child of children(node)) {
      const [shown, covered] = write(child, next);
      seen += shown;
      unseen += covered;
      // A row of which one cell is hidden keeps its columns.
      if (tag === "tr") cells += covered || (child.nodeType === 1 ? "<td></td>" : "");
    }
    return [`${start}${seen}</${tag}>`, unseen && `<${tag}>${tag === "tr" ? cells : unseen}</${tag}>`];
  };
  // All that is in an element which is not seen.
  const hidden = (node, depth) => {
    if (node.nodeType === 3) return escaped(node.data);
    if (node.nodeType !== 1 || LEFT_OUT.test(node.localName) || depth > DEEPEST) return "";
    const tag = /^[a-z][a-z0-9-]*$/.test(node.localName) ? node.localName : "div";
    let inner = "";
    for (const child of children(node)) inner += hidden(child, depth + 1);
    return VOID.test(tag) ? "" : `<${tag}>${inner}</${tag}>`;
  };
  const contextOf = (element) => {
    const above = [];
    for (let at = element; at; at = at.parentElement || at.getRootNode().host) above.unshift(at);
    let context = { depth: 0, opened: null, back: [255, 255, 255], style: getComputedStyle(document.documentElement) };
    for (const outer of above.slice(0, -1)) {
      const style = getComputedStyle(outer);
      // What a link leads to is shown by following it.
      context = within(outer, style, context, isCovered(outer, style, context));
    }
    return { ...context, depth: 0 };
  };

  // The part that a fragment names: the element itself, or what follows the title or anchor that it names.
  const partNodes = () => {
    for (const tree of documents) {
      const found = tree.getElementById?.(part) || tree.querySelector(`[name="${CSS.escape(part)}"]`);
      if (!found) continue;
      const level = (element) => Number(/^H([1-6])$/.exec(element.tagName)?.[1] || 0);
      if (words(found).length >= 200 || found.querySelector("table,dl,ul,p")) return [found];
      // An anchor inside a title names what the title heads, and an empty one what follows the block that it is in.
      let title = found.closest("h1,h2,h3,h4,h5,h6,summary") || found;
      while (!words(title) && !title.nextElementSibling && title.parentElement && title.parentElement !== document.body) title = title.parentElement;
      while (!level(title) && title.parentElement && words(title.parentElement) === words(title) && title.parentElement !== document.body) title = title.parentElement;
      const nodes = [title];
      let limit = level(title) || 7;
      for (let next = title.nextElementSibling; next; next = next.nextElementSibling) {
        if (limit === 7 && nodes.length === 1 && level(next)) limit = level(next);
        else if (level(next) && level(next) <= limit) break;
        nodes.push(next);
      }
      if (nodes.length > 1) return nodes;
      return title.parentElement ? [title.parentElement] : nodes;
    }
    return null;
  };

  const wanted = part === null ? [document.body || document.documentElement] : partNodes();
  if (!wanted) return { found: false, seen: "", unseen: "" };
  let [seen, unseen] = ["", ""];
  for (const node of wanted) {
    let context = contextOf(node);
    if (part !== null) context = within(node, getComputedStyle(node), context, isCovered(node, getComputedStyle(node), context));
    const [shown, covered] = write(node, context);
    seen += shown;
    unseen += covered;
  }
  const language = document.documentElement.lang.replace(/[^\w-]/g, "");
  // Where the page is in other languages stands in its head.
  const others = [...document.querySelectorAll("link[rel~=alternate][hreflang]")].slice(0, 60)
    .map((link) => `<link rel="alternate"${["hreflang", "type", "href"].map((name) => (name in link && link[name] ? ` ${name}="${String(link[name]).slice(0, 2000).replace(/&/g, "&amp;").replace(/"/g, "&quot;")}"` : "")).join("")}>`)
    .join("");
  const whole = `<!doctype html><html lang="${language}"><head><title>${escaped(document.title)}</title>${others}</head><body>${seen}</body></html>`;
  return { found: true, seen: whole, unseen: unseen.slice(0, 500000) };
})
