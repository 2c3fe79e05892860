/* What several views are made of: lists with filters, marked text, two texts side by side. */
const PAGE = 50;
const kept = new Map(); /* what was typed and chosen in each list, for the way back */

function chip(text, kind) { return el('span', { class: kind ? `chip c-${kind}` : 'chip' }, text); }

function relationChip(relation, scope) {
  const within = scope === 0 && RELATION_KIND[relation] !== 'standing';
  return chip(relation, within ? 'within' : RELATION_KIND[relation]);
}

function select(name, label, options, state, change) {
  return el('label', {}, label, el('select', { name, on: { change: (e) => { state[name] = e.target.value; change(); } } },
    options.map(([value, text]) => el('option', { value, selected: String(state[name] || '') === String(value) }, text))));
}

function field(name, label, type, state, change, more = {}) {
  return el('label', more.search ? { class: 'search' } : {}, label,
    el('input', { name, type, value: state[name] || '', ...more, search: null, on: { input: (e) => { state[name] = e.target.value; change(); } } }));
}

/* A list that is searched, filtered and sorted as a whole, and drawn a page at a time. */
function listing(name, { rows, filters, test, orders, draw, what, left, hay }) {
  if (!kept.has(name)) kept.set(name, { pages: 1 });
  const state = kept.get(name);
  const list = el('ol', { class: 'rows', id: 'rows' });
  const count = el('span', { role: 'status' });
  const more = el('button', { class: 'more', type: 'button' }, `Show ${PAGE} more`);
  const lower = new Map();
  const words = () => (state.q || '').toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (row, wanted) => {
    if (!lower.has(row)) lower.set(row, hay(row).toLowerCase());
    return wanted.every((word) => lower.get(row).includes(word));
  };
  let found = [];
  const page = () => {
    const from = list.childElementCount;
    add(list, found.slice(from, state.pages * PAGE).map((row) => el('li', {}, draw(row))));
    more.hidden = found.length <= list.childElementCount;
  };
  const update = () => {
    const wanted = words();
    found = rows.filter((row) => test(row, state) && (!wanted.length || holds(row, wanted)));
    const order = orders && (orders.find(([value]) => value === state.order) || orders[0])[2];
    if (order) found.sort(order);
    list.replaceChildren();
    page();
    count.textContent = `${many(found.length, what)}${found.length < rows.length ? ` of ${number(rows.length)}` : ''}`;
    none.hidden = found.length > 0;
  };
  const none = el('p', { class: 'none' }, 'Nothing here fits. ', el('button', { type: 'button', on: { click: () => { kept.set(name, { pages: 1 }); show(); } } }, 'Clear the filters'));
  let wait = 0;
  const changed = () => { state.pages = 1; clearTimeout(wait); wait = setTimeout(update, rows.length > 5000 ? 120 : 0); };
  more.addEventListener('click', () => {
    const next = list.childElementCount;
    state.pages += 1;
    page();
    const link = list.children[next] && list.children[next].querySelector('a');
    if (link) link.focus();
  });
  const bar = el('form', { class: 'filters', role: 'search', on: { submit: (e) => e.preventDefault() } },
    field('q', 'Search', 'search', state, changed, { search: true, id: 'search', placeholder: 'words, ids, sites', autocomplete: 'off' }),
    filters(state, changed),
    orders && select('order', 'Sorted by', orders, state, changed));
  update();
  return [bar, el('div', { class: 'found meta' }, count, left && el('span', {}, left)), list, none, more];
}

/* Text with spans marked: `marks` are [start, end, kind, target] in its characters, in any order. */
function marked(text, marks, open) {
  const cuts = [...new Set([0, text.length, ...marks.flatMap(([from, to]) => [from, to])])].filter((n) => n >= 0 && n <= text.length).sort((x, y) => x - y);
  const rank = ['within', 'reused', 'rewrite', 'quoted', 'same', 'standing'];
  const parts = [];
  for (let n = 0; n + 1 < cuts.length; n += 1) {
    const [from, to] = [cuts[n], cuts[n + 1]];
    const over = marks.filter((mark) => mark[0] <= from && mark[1] >= to).sort((x, y) => rank.indexOf(x[2]) - rank.indexOf(y[2]));
    const piece = text.slice(from, to);
    const last = parts[parts.length - 1];
    const same = last && last.over.length === over.length && over.every((mark, i) => mark === last.over[i]);
    if (same) last.piece += piece;
    else parts.push({ piece, over });
  }
  return parts.map(({ piece, over }) => {
    if (!over.length) return piece;
    const kind = over[0][2];
    if (!open) return el('mark', { class: `m-${kind}` }, piece);
    const node = el('mark', { class: `m-${kind}`, role: 'button', tabindex: 0, 'aria-expanded': 'false' }, piece);
    const act = () => open(node, over.map((mark) => mark[3]));
    node.addEventListener('click', act);
    node.addEventListener('keydown', (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); act(); } });
    return node;
  });
}

/* Both texts with every word that differs struck out or underlined. */
function changes(left, right) {
  const { spans } = sharedSpans(left, right);
  const side = (text, tag, from, to) => {
    const parts = [];
    let end = 0;
    for (const span of [...spans, null]) {
      const [start, stop] = span ? [span[from], span[to]] : [text.length, text.length];
      const between = text.slice(end, start);
      if (between) parts.push(/[\p{L}\p{N}]/u.test(between) ? edges(between, tag) : between);
      if (stop > start) parts.push(text.slice(start, stop));
      end = stop;
    }
    return parts;
  };
  return [side(left, 'del', 0, 1), side(right, 'ins', 2, 3)];
}

/* One text with what another one had struck out in its place. */
function bothIn(left, right) {
  const { spans } = sharedSpans(left, right);
  const parts = [];
  let [i, j] = [0, 0];
  const differing = (text, tag) => (/[\p{L}\p{N}]/u.test(text) ? edges(text, tag) : null);
  for (const [i0, i1, j0, j1] of [...spans, [left.length, left.length, right.length, right.length]]) {
    const [gone, fresh] = [differing(left.slice(i, i0), 'del'), differing(right.slice(j, j0), 'ins')];
    if (gone) parts.push(gone, fresh ? '' : ' ');
    parts.push(fresh || right.slice(j, j0), right.slice(j0, j1));
    [i, j] = [i1, j1];
  }
  return parts;
}

/* What differs, marked from its first word to its last; spaces and signs apart from these are not. */
function edges(text, tag) {
  const first = text.search(/[\p{L}\p{N}]/u);
  let last = text.length;
  while (last > first && !/[\p{L}\p{N}\p{M}]/u.test(text[last - 1]) && !/[\udc00-\udfff]/.test(text[last - 1])) last -= 1;
  let start = first;
  while (start > 0 && !/\s/.test(text[start - 1])) start -= 1;
  while (last < text.length && !/\s/.test(text[last])) last += 1;
  return [text.slice(0, start), el(tag, {}, text.slice(start, last)), text.slice(last)];
}

function bodyOf(p) {
  const { text, length } = textOf(p.text);
  return { n: p.n, body: text, cut: length > text.length };
}

const label = (n) => el('span', { class: 'n' }, `¶${n}`);

/* Two articles, paragraph beside paragraph; what one lacks has an empty place beside it. */
function sideBySide(a, b) {
  const [left, right] = [a, b].map((i) => paragraphs(i));
  const rows = aligned(left.filter((p) => !p.gap).map(bodyOf), right.filter((p) => !p.gap).map(bodyOf));
  const pair = el('div', { class: 'pair' }, [a, b].map((i) => el('div', { class: 'head' }, articleLine(i))));
  let same = 0;
  for (const row of rows) {
    if (row.left && row.right) {
      const [one, other] = changes(row.left.body, row.right.body);
      if (![one, other].flat(2).some((x) => x instanceof Node)) same += 1;
      pair.append(el('div', { class: 'prose', dir: 'auto' }, label(row.left.n), one), el('div', { class: 'prose', dir: 'auto' }, label(row.right.n), other));
    } else {
      const own = row.left || row.right;
      const cell = el('div', { class: 'prose alone', dir: 'auto' }, label(own.n), el(row.left ? 'del' : 'ins', {}, own.body));
      const empty = el('div', { class: 'alone empty' });
      pair.append(...(row.left ? [cell, empty] : [empty, cell]));
    }
  }
  const gaps = [...left, ...right].filter((p) => p.gap).reduce((sum, p) => sum + p.to - p.n + 1, 0);
  return [
    el('p', { class: 'meta' }, `${many(rows.filter((r) => r.left && r.right).length, 'paragraph')} side by side, ${number(same)} of them the same word for word; `,
      el('del', {}, 'struck out'), ' stands in the left one alone, ', el('ins', {}, 'underlined'), ' in the right one alone.',
      gaps ? ` ${many(gaps, 'paragraph')} that nothing else repeats are not in this report.` : ''),
    pair,
  ];
}

/* The two texts of a passage: what they share is marked, or what differs where they are versions. */
function twoTexts(p) {
  const [left, right] = [p.a, p.b].map((side) => textOf(side.text));
  const versions = ['identical', 'duplicate', 'rewrite'].includes(p.relation) && p.a.text !== p.b.text;
  let [one, other] = versions ? changes(left.text, right.text) : [null, null];
  if (!versions) {
    const kind = p.scope === 0 && RELATION_KIND[p.relation] !== 'standing' ? 'within' : RELATION_KIND[p.relation];
    const marks = (from, to) => { const found = []; for (let n = 0; n < p.spans.length; n += 4) found.push([p.spans[n + from], p.spans[n + to], kind]); return found; };
    [one, other] = [marked(left.text, marks(0, 1)), marked(right.text, marks(2, 3))];
  }
  return el('div', { class: 'pair two' }, [p.a, p.b].map((side) => el('div', { class: 'head' }, articleLine(side.article), el('div', { class: 'meta' }, `paragraph ${side.paragraph}`))),
    el('div', { class: 'prose', dir: 'auto' }, one), el('div', { class: 'prose', dir: 'auto' }, other));
}

/* An article as one line: its title, leading to it, then its site and time. */
function articleLine(i) {
  const of = article(i);
  const facts = [of.site && said(of.site, 60), moment(of.published), of.agency && [chip(of.agency, 'agency')], !of.title ? null : said(of.id, 80)].filter(Boolean);
  return [
    el('a', { class: 'headline', href: `#/article/${i}` }, said(of.title || of.id, 140)),
    el('div', { class: 'meta' }, facts.map((fact, n) => [n ? ' · ' : '', fact])),
  ];
}

/* An article named in a sentence: a link, and the site if the name does not begin with it. */
function placed(i) {
  const of = article(i);
  const name = of.title || of.id;
  return [el('a', { href: `#/article/${i}` }, said(name, 110)), of.site && !name.startsWith(of.site) && [' (', said(of.site, 60), ')']];
}

/* Where a text stands: a list of places, each leading to its article. */
function placesOf(text, apart) {
  const places = text.places.filter((at) => !apart || at.article !== apart.article || at.paragraph !== apart.paragraph);
  const hidden = text.count - text.places.length;
  return el('ul', {}, places.slice(0, 60).map((at) => el('li', {}, el('a', { href: `#/article/${at.article}` }, said(nameOf(at.article), 110)), ' ', el('span', { class: 'meta' }, said(placeName(at), 90)))),
    (places.length > 60 || hidden > 0) && el('li', { class: 'meta' }, `and ${many(Math.max(0, places.length - 60) + hidden, 'more place')}`));
}

function crumb(back, text, ...end) {
  return el('div', { class: 'crumb' }, el('a', { href: back }, `← ${text}`), end.length ? el('span', { class: 'end' }, end) : null);
}

function facts(rows) {
  return el('dl', {}, rows.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false).map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function leftOut(what) {
  const row = block('overview').left.find(([name]) => name === what);
  if (!row || row[1] === row[2]) return '';
  return `${number(row[2] - row[1])} smaller ones are left out; they are in ${row[3]}`;
}
