/* Addresses, keys and the colour scheme. */
const main = document.getElementById('view');
const VIEWS = [
  [/^\/?$/, overview, 'overview'], [/^\/stories$/, stories, 'stories'],
  [/^\/stories\/site\/(.*)$/, (site) => { kept.set('stories', { pages: 1, site: decodeURIComponent(site) }); return stories(); }, 'stories'],
  [/^\/story\/(\d+)$/, (i) => storyView(Number(i)), 'stories'],
  [/^\/passages(?:\/(within|across))?$/, passages, 'passages'], [/^\/passage\/(within|across)\/(\d+)$/, (way, i) => passageView(way, Number(i)), 'passages'],
  [/^\/clusters$/, clusters, 'clusters'], [/^\/cluster\/(\d+)$/, (i) => clusterView(Number(i)), 'clusters'],
  [/^\/articles$/, articles, 'articles'], [/^\/article\/(\d+)$/, (i) => articleView(Number(i)), 'articles'],
  [/^\/compare\/(\d+)\/(\d+)$/, (a, b) => compareView(Number(a), Number(b)), 'articles'],
  [/^\/sites$/, sitesView, 'sites'], [/^\/standing$/, standing, 'standing'], [/^\/about$/, about, 'about'],
];
const places = new Map(); /* how far each address was scrolled, for the way back */
let here = null;
let moved = false;

function show() {
  const path = location.hash.replace(/^#/, '');
  const found = VIEWS.find(([pattern]) => pattern.test(path)) || VIEWS[0];
  let content;
  try { content = found[1](...(found[0].exec(path) || []).slice(1)); } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError || error instanceof URIError)) throw error;
    content = el('p', { class: 'none' }, 'There is nothing at this address. ', el('a', { href: '#/' }, 'Back to the overview'));
  }
  main.replaceChildren();
  add(main, [content]);
  document.querySelectorAll('nav a').forEach((a) => (a.dataset.view === found[2] ? a.setAttribute('aria-current', 'page') : a.removeAttribute('aria-current')));
  const current = document.querySelector('nav a[aria-current]');
  if (current) current.parentElement.scrollLeft = Math.max(0, current.offsetLeft - 80);
  window.scrollTo({ top: moved ? places.get(path) || 0 : 0, behavior: 'instant' });
  const heading = main.querySelector('h1, h2');
  if (heading && here !== null) heading.focus({ preventScroll: true });
  here = path;
}

window.addEventListener('popstate', () => { moved = true; });
window.addEventListener('hashchange', () => { show(); moved = false; });
document.querySelector('.skip').addEventListener('click', (e) => { e.preventDefault(); main.focus(); });
document.addEventListener('click', (e) => { if (e.target.closest && e.target.closest('a[href^="#"]')) { places.set(here, window.scrollY); setTimeout(() => { moved = false; }, 0); } }, true);

/* Light or dark: as the system says, until the switch is used. */
const scheme = matchMedia('(prefers-color-scheme: dark)');
const button = document.getElementById('theme');
const stored = () => { try { return localStorage.getItem('dedup-theme'); } catch { return null; } };
function paint() {
  const theme = stored() || (scheme.matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = theme;
  button.lastElementChild.textContent = theme === 'dark' ? 'Light' : 'Dark';
}
let chosen = null;
function turn() {
  chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try { localStorage.setItem('dedup-theme', chosen); } catch { /* it lasts as long as the page */ }
  document.documentElement.dataset.theme = chosen;
  button.lastElementChild.textContent = chosen === 'dark' ? 'Light' : 'Dark';
}
scheme.addEventListener('change', () => { if (!chosen) paint(); });
button.addEventListener('click', turn);

/* Keys: everything can be reached by Tab and Enter too. */
const help = document.getElementById('keys');
document.getElementById('keys-open').addEventListener('click', () => help.showModal());
function step(by) {
  const link = main.querySelector(`.crumb [data-key="${by > 0 ? 'j' : 'k'}"]`);
  if (link) { link.click(); return; }
  const rows = [...main.querySelectorAll('a.row')];
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(document.activeElement) + by))];
  if (next) { next.focus(); next.scrollIntoView({ block: 'nearest' }); }
}
const GO = ['', 'stories', 'passages', 'clusters', 'articles', 'sites', 'standing', 'about'];
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || help.open) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
  if (e.key === 'Escape') {
    if (typing) e.target.blur();
    else { const back = main.querySelector('.crumb a'); if (back) back.click(); }
    return;
  }
  if (typing) return;
  const search = document.getElementById('search');
  const act = {
    '/': () => { if (search) search.focus(); else { location.hash = '#/stories'; setTimeout(() => document.getElementById('search').focus(), 50); } },
    j: () => step(1), k: () => step(-1), t: turn, '?': () => help.showModal(),
  }[e.key] || (/^[1-8]$/.test(e.key) ? () => { location.hash = `#/${GO[Number(e.key) - 1]}`; } : null);
  if (act) { e.preventDefault(); act(); }
});

paint();
/* The overview stands before the other data: it is drawn while these are still being read. */
if (/^#?\/?$/.test(location.hash)) show();
else if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', show);
else show();

/* What most views need is parsed while nobody waits for it. */
window.addEventListener('load', () => {
  const names = ['names', 'articles', 'stories', 'links', 'passages', 'clusters'];
  const idle = window.requestIdleCallback || ((f) => setTimeout(f, 50));
  const next = () => { const name = names.shift(); if (name) { block(name); idle(next); } };
  idle(next);
});
