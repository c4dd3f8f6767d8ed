[...document.querySelectorAll("a[href]")].slice(0, 5000).map((link) => {
  // A banner is known by its role, its name, or because it lies over the page. A page that is called after cookies as a whole
  // is no banner.
  const named = (element) => /cookie|consent|cmp|gdpr|cwci/i.test(`${element.id} ${element.getAttribute("class") || ""} ${element.getAttribute("aria-label") || ""}`);
  const isBanner = (element) =>
    element.matches("[role=dialog],[role=alertdialog],[aria-modal=true],dialog") ||
    (named(element) && (element.matches("[role=region],aside,section,form,div") && element.querySelector("button,[role=button],input[type=submit]"))) ||
    (getComputedStyle(element).position === "fixed" && element.textContent.length < 3000 && /cookie|cwci/i.test(element.textContent));
  let banner = false;
  for (let at = link.parentElement; at && at !== document.body && !at.matches("main,nav,footer,header"); at = at.parentElement) {
    if (isBanner(at)) {
      banner = true;
      break;
    }
  }
  return {
    text: (link.textContent || link.getAttribute("aria-label") || link.title || "").replace(/\s+/g, " ").trim().slice(0, 200),
    href: link.href,
    banner,
  };
})
