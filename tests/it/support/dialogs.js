/* Draws the settings that `plan` describes, and stores what was chosen in them. */
consent.run = function () { if (/m/.test(this.get())) this.count(); };
consent.run();
const on = plan.purposes.map((it) => it.on);
let scrolled = false;
function row(purpose, at) {
  const { name, kind } = purpose;
  const flip = (it, sign) => { it.onclick = () => { on[at] = !on[at]; sign(it); }; sign(it); };
  const html = (text) => { const it = document.createElement('div'); it.innerHTML = text; return it; };
  let it;
  if (kind === 'box' || kind === 'opt-out' || kind === 'inverted') {
    const label = kind === 'opt-out' ? `Opt out of ${name}` : name;
    it = html(`<label><input type="checkbox"> ${label}</label>`);
    const box = it.querySelector('input');
    box.checked = kind === 'box' ? on[at] : !on[at];
    box.onchange = () => { on[at] = kind === 'box' ? box.checked : !box.checked; };
  } else if (kind === 'hidden-box') {
    it = html(`${name} <label style="display: inline-block; width: 40px; height: 20px; background: #080; cursor: pointer"><input type="checkbox" style="display: none"></label>`);
    const box = it.querySelector('input');
    box.checked = on[at];
    box.onchange = () => { on[at] = box.checked; };
  } else if (kind === 'switch' || kind === 'pressed') {
    it = html(`${name} <button type="button" ${kind === 'switch' ? 'role="switch"' : ''}></button>`);
    flip(it.querySelector('button'), (button) => { button.setAttribute(kind === 'switch' ? 'aria-checked' : 'aria-pressed', on[at]); button.textContent = on[at] ? 'On' : 'Off'; });
  } else if (kind === 'answers') {
    it = html(`<fieldset><legend>${name}?</legend><label><input type="radio" name="q${at}" value="y"> Yes</label> <label><input type="radio" name="q${at}" value="n"> No</label></fieldset>`);
    it.querySelector(`[value=${on[at] ? 'y' : 'n'}]`).checked = true;
    it.onchange = (event) => { on[at] = event.target.value === 'y'; };
  } else if (kind === 'list') {
    it = html(`<label>${name} <select><option value="y">Allow</option><option value="n">Do not allow</option></select></label>`);
    const list = it.querySelector('select');
    list.value = on[at] ? 'y' : 'n';
    list.onchange = () => { on[at] = list.value === 'y'; };
  } else if (kind === 'steps') {
    it = html(`<label>${name} <input type="range" min="0" max="2"></label>`);
    const slider = it.querySelector('input');
    slider.value = on[at] ? 2 : 0;
    const say = () => { on[at] = slider.value !== '0'; slider.setAttribute('aria-valuetext', ['Off', 'Some', 'Everything'][slider.value]); };
    slider.oninput = say;
    say();
  } else if (kind === 'row') {
    it = html(`${name} <button type="button">Allow</button> <button type="button">Deny</button>`);
    const [allow, deny] = it.querySelectorAll('button');
    allow.onclick = () => { on[at] = true; };
    deny.onclick = () => { on[at] = false; };
  } else if (kind === 'slider') {
    it = html(`<label>${name} <input type="range" min="0" max="3"></label>`);
    it.querySelector('input').value = on[at] ? 3 : 0;
    it.onchange = (event) => { on[at] = event.target.value !== '0'; };
  } else {
    it = html(`${name} <${kind === 'mute' ? 'b' : 'span'} class="${kind === 'mute' ? 'x' : 'sw'}"></${kind === 'mute' ? 'b' : 'span'}>`);
    flip(it.lastElementChild, (sign) => { sign.style.background = on[at] ? '#080' : '#999'; if (kind === 'plain') sign.classList.toggle('on', on[at]); });
  }
  return it;
}
function settings() {
  const style = '<style>.sw, .x { display: inline-block; width: 44px; height: 22px; border-radius: 11px; cursor: pointer; }</style>';
  const prose = plan.purposes.some((it) => it.kind === 'inverted') ? '<p>Tick whatever we should not use.</p>' : '<p>Choose what we may use.</p>';
  const parts = plan.parts.map((it, at) => (it.how === 'details' ? '' : it.how === 'words' ? `<button type="button" data-at="${at}" class="opens">${it.label}</button> ` : `<button type="button" data-at="${at}" class="opens" aria-expanded="false">${it.label}</button> `)).join('');
  const box = show(`<div class="box" role="dialog" aria-label="Cookie settings">${style}<h2>Cookie settings</h2>${prose}<div class="list" style="max-height: 220px; overflow: auto"></div>${parts}<p><button class="save">Save choices</button></p></div>`, {
    '.save'(box) {
      if (on.some(Boolean)) document.cookie = 'larkhill_agreed=1; path=/; max-age=31536000; Secure';
      consent.store(plan.stores === 'words' ? (on.some(Boolean) ? '7m' : 'rejected') : on.some(Boolean) ? '7m' : '7');
      box.remove();
    },
  });
  const list = box.querySelector('.list');
  const holders = [null, ...plan.parts].map((part, at) => {
    const holder = document.createElement(part && part.how === 'details' ? 'details' : 'section');
    if (part && part.how === 'details') holder.innerHTML = `<summary>${part.label}</summary>`;
    list.append(holder);
    if (part && part.how !== 'details') holder.hidden = true;
    if (!part || !plan.lazy || part.how === 'details') fill(holder, at);
    return holder;
  });
  function fill(holder, part) {
    holder.append(...plan.purposes.map((it, at) => [it, at]).filter(([it]) => it.part === part).map(([it, at]) => row(it, at)));
    if (plan.purposes.some((it) => it.part === part && it.below)) holder.prepend(Object.assign(document.createElement('div'), { style: 'height: 400px', textContent: 'What follows is about what we use.' }));
  }
  for (const button of box.querySelectorAll('.opens')) {
    button.onclick = () => {
      const at = Number(button.dataset.at) + 1;
      holders.forEach((holder, other) => {
        if (!plan.parts[other - 1] || plan.parts[other - 1].how === 'details') return;
        if (plan.lazy && !holder.hidden) holder.replaceChildren();
        holder.hidden = other !== at;
      });
      if (plan.lazy) fill(holders[at], at);
      for (const it of box.querySelectorAll('[aria-expanded]')) it.setAttribute('aria-expanded', it === button);
    };
  }
}
if (!consent.get()) show(`<div class="bar">We would like to use cookies. <button class="yes">Accept all</button> <button class="more">Cookie settings</button></div>`, { '.yes': choose('7m'), '.more'(banner) { banner.remove(); settings(); } });
