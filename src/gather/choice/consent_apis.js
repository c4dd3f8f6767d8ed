// Asks the consent interfaces of a page what has been agreed to. Runs in the page's own world, where
// they are; whatever they throw counts as no answer.
(async () => {
  const said = [];
  const soon = (ask) => Promise.race([new Promise(ask), new Promise((done) => setTimeout(done, 400))]).catch(() => undefined);
  const attempt = async (ask) => {
    try {
      const signal = await ask();
      if (signal) said.push(signal);
    } catch {}
  };
  const sorted = (source, choices) => {
    const of = (wanted) => Object.keys(choices).filter((name) => choices[name] === wanted).map(String);
    return { source, granted: of(true), denied: of(false) };
  };
  await attempt(async () => {
    if (typeof window.__tcfapi !== "function") return null;
    const data = await soon((done) => window.__tcfapi("getTCData", 2, (data, ok) => done(ok ? data : undefined)));
    if (!data) return null;
    return { ...sorted("tcf", Object.fromEntries(Object.entries(data.purpose?.consents || {}).map(([id, yes]) => [`purpose ${id}`, Boolean(yes)]))), text: String(data.tcString || "") };
  });
  await attempt(async () => {
    if (typeof window.__gpp !== "function") return null;
    const data = await soon((done) => window.__gpp("ping", done));
    return data?.gppString ? { source: "gpp", text: String(data.gppString) } : null;
  });
  await attempt(() => {
    // https://developers.google.com/tag-platform/security/guides/consent: later commands win.
    if (!Array.isArray(window.dataLayer)) return null;
    const state = {};
    for (const entry of window.dataLayer) {
      if (entry?.[0] !== "consent" || !["default", "update"].includes(entry[1]) || typeof entry[2] !== "object") continue;
      for (const [name, value] of Object.entries(entry[2])) {
        if (value === "granted" || value === "denied") state[name] = value === "granted";
      }
    }
    // Security and functionality storage are not optional purposes.
    for (const name of ["security_storage", "functionality_storage"]) delete state[name];
    return Object.keys(state).length ? sorted("google-consent-mode", state) : null;
  });
  await attempt(() => {
    const active = window.OnetrustActiveGroups ?? window.OptanonActiveGroups;
    if (typeof active !== "string") return null;
    const groups = window.OneTrust?.GetDomainData?.()?.Groups || [];
    const optional = groups.filter((group) => !/always/i.test(group.Status || "")).map((group) => group.CustomGroupId || group.OptanonGroupId);
    const on = active.split(",").filter(Boolean);
    const granted = optional.length ? on.filter((id) => optional.includes(id)) : on.filter((id) => id !== "C0001" && id !== "1");
    return { source: "onetrust", granted, denied: optional.filter((id) => !on.includes(id)) };
  });
  await attempt(() => {
    const consent = window.Cookiebot?.consent;
    if (!consent) return null;
    const { preferences, statistics, marketing } = consent;
    return sorted("cookiebot", { preferences: Boolean(preferences), statistics: Boolean(statistics), marketing: Boolean(marketing) });
  });
  await attempt(() => {
    const found = /(?:^|; )CookieControl=([^;]*)/.exec(document.cookie);
    if (!found) return null;
    const state = JSON.parse(decodeURIComponent(found[1]));
    return sorted("civic", Object.fromEntries(Object.entries(state.optionalCookies || {}).map(([name, value]) => [name, value === "accepted"])));
  });
  await attempt(() => {
    const manager = window.klaro?.getManager?.();
    if (!manager?.consents) return null;
    const required = new Set((manager.config?.services || []).filter((it) => it.required).map((it) => it.name));
    return sorted("klaro", Object.fromEntries(Object.entries(manager.consents).filter(([name]) => !required.has(name))));
  });
  await attempt(() => {
    const preferences = window.CookieConsent?.getUserPreferences?.();
    if (!preferences?.acceptedCategories) return null;
    const needed = (name) => /^(necessary|essential|required|strictly)/i.test(name);
    return {
      source: "vanilla-cookieconsent",
      granted: preferences.acceptedCategories.filter((name) => !needed(name)),
      denied: preferences.rejectedCategories.filter((name) => !needed(name)),
    };
  });
  return said;
})()
