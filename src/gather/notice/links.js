(() => {
  // Links in shadow roots are links like any other.
  const trees = [document];
  for (let at = 0; at < trees.length && trees.length < 500; at += 1) {
    for (const element of trees[at].querySelectorAll("*")) if (element.shadowRoot) trees.push(element.shadowRoot);
  }
  const all = (selector) => trees.flatMap((tree) => [...tree.querySelectorAll(selector)]);
  const text = (element) => (element.textContent || "").replace(/\s+/g, " ").trim().slice(0, 200);
  const label = (element) => [element.getAttribute("aria-label"), element.title].filter(Boolean).join(" ").replace(/\s+/g, " ").trim().slice(0, 200);
  // A banner is known by its role, its name, or because it lies over the page. A page that is called after cookies as a whole
  // is no banner.
  const named = (element) => /cookie|consent|cmp|gdpr|cwci/i.test(`${element.id} ${element.getAttribute("class") || ""} ${element.getAttribute("aria-label") || ""}`);
  const isBanner = (element) =>
    element.matches("[role=dialog],[role=alertdialog],[aria-modal=true],dialog") ||
    (named(element) && (element.matches("[role=region],aside,section,form,div") && element.querySelector("button,[role=button],input[type=submit]"))) ||
    (getComputedStyle(element).position === "fixed" && element.textContent.length < 3000 && /cookie|cwci/i.test(element.textContent));
  const isInBanner = (link) => {
    for (let at = link.parentElement; at && at !== document.body && !at.matches("main,nav,footer,header"); at = at.parentElement) {
      if (isBanner(at)) return true;
    }
    return false;
  };
  // Libraries send such links by another method than the one that shows a page.
  const ACTS = "[data-method]:not([data-method=get i]),[data-turbo-method]:not([data-turbo-method=get i]),[hx-post],[hx-put],[hx-patch],[hx-delete],[data-confirm],[data-turbo-confirm],[hx-confirm],[download]";
  const links = all("a[href],area[href]").slice(0, 5000).map((link) => ({
    text: text(link) || label(link),
    label: label(link),
    href: typeof link.href === "string" ? link.href : link.href.baseVal,
    banner: isInBanner(link),
    acts: link.matches(ACTS),
  }));
  // What opens something on this page and says that it is about cookies or privacy.
  const controls = all("button,[role=button],summary,a:not([href]),a[href^='javascript:']")
    .filter((control) => control.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !isInBanner(control))
    .map((control) => text(control) || label(control))
    .filter((it) => it && it.length <= 60 && /cookie|cwci|privacy|preifatrwydd/i.test(it))
    .slice(0, 20);
  return { links, controls };
})()
