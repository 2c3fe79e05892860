/* Bars, a timeline, a heat map and a graph, drawn by hand: each is a few boxes or lines. */
function key(kind) { return el('span', { class: `key k-${kind}`, 'aria-hidden': 'true' }); }

function shareBar(words, thin = false) {
  const total = words.reduce((sum, n) => sum + n, 0);
  const said = KINDS.map((kind, i) => (words[i] ? `${KIND_NAMES[kind]} ${percent(words[i], total)}` : '')).filter(Boolean).join(', ');
  return el('div', { class: thin ? 'shares thin' : 'shares', role: 'img', 'aria-label': said || 'no words' },
    KINDS.map((kind, i) => words[i] > 0 && el('span', { class: `k-${kind}`, style: { 'flex-grow': words[i] } })));
}

function shareLegend(words) {
  const total = words.reduce((sum, n) => sum + n, 0);
  return el('ul', { class: 'legend' }, KINDS.map((kind, i) => el('li', {},
    key(kind), el('b', {}, percent(words[i], total)), ` ${KIND_NAMES[kind]} `, el('span', { class: 'quiet' }, number(words[i])))));
}

function siteBars(sites, most) {
  return el('div', { class: 'bars' }, sites.slice(0, most).map(([name, words, articles]) => [
    el('div', { class: 'name' }, name === '' ? el('span', { class: 'quiet' }, 'no site named') : said(name, 60)),
    shareBar(words, true),
    el('div', { class: 'number' }, many(articles, 'article')),
  ]));
}

function timeChart(time) {
  const most = Math.max(...time.bins.map((bin) => bin[1].reduce((sum, n) => sum + n, 0)), 1);
  const label = (bin) => bin[0].replace('T', ' ');
  const columns = time.bins.map((bin) => {
    const total = bin[1].reduce((sum, n) => sum + n, 0);
    const title = `${label(bin)}: ${many(bin[2], 'article')}, ${many(total, 'word')}`;
    return el('span', { title }, KINDS.map((kind, i) => bin[1][i] > 0
      && el('span', { class: `k-${kind}`, style: { height: `${(100 * bin[1][i]) / most}%` } })));
  });
  const middle = time.bins[Math.floor(time.bins.length / 2)];
  return [
    el('div', { class: 'time', role: 'img', 'aria-label': `Words by ${time.unit}, ${label(time.bins[0])} to ${label(time.bins[time.bins.length - 1])}` }, columns),
    el('div', { class: 'axis' }, el('span', {}, label(time.bins[0])), time.bins.length > 4 && el('span', {}, label(middle)),
      time.bins.length > 1 && el('span', {}, label(time.bins[time.bins.length - 1]))),
  ];
}

/* A lag on the scale of a story: far ones are drawn nearer, by the square root. */
function lagTrack(lag, reach, first) {
  if (!lag && !first) return '';
  const place = (s) => `${(100 * (Math.sign(s) * Math.sqrt(Math.abs(s) / reach.most) * 0.94 + reach.zero)) / (1 + reach.zero)}%`;
  const [least, most] = first ? [0, 0] : lag;
  const track = el('span', { class: 'track', 'aria-hidden': 'true' });
  const [from, to] = [parseFloat(place(least)), parseFloat(place(most))];
  if (to > from) track.append(el('span', { class: 'span', style: { left: `${from}%`, width: `${to - from}%` } }));
  else track.append(el('span', { class: first ? 'first' : '', style: { left: `${from}%` } }));
  return track;
}

function meter(share) {
  return el('span', { class: 'meter', 'aria-hidden': 'true' }, el('span', { style: { width: `${100 * Math.min(1, share)}%` } }));
}

/* Rows ran, columns had it first; the darker, the more words. */
function heatMap(rows, open) {
  const total = (which) => rows.reduce((sums, row) => sums.set(row[which], (sums.get(row[which]) || 0) + row[3]), new Map());
  const top = (which, most) => [...total(which)].sort((x, y) => y[1] - x[1]).slice(0, most).map(([name]) => name);
  const [ran, from] = [top(0, 24), top(1, 16)];
  const cells = new Map(rows.map((row) => [JSON.stringify([row[0], row[1]]), row]));
  const most = Math.max(...rows.map((row) => row[3]), 1);
  const cell = (site, source) => {
    const row = cells.get(JSON.stringify([site, source]));
    if (!row) return el('td', { class: site === source ? 'self' : '' });
    const depth = Math.round(14 + 76 * Math.sqrt(row[3] / most));
    const node = el('td', { title: `${many(row[2], 'article')}, ${many(row[3], 'word')}`, style: { background: `color-mix(in srgb, var(--reused) ${depth}%, var(--card))`, color: depth > 60 ? '#1f1e1a' : 'var(--ink)' } },
      el('a', { href: open(site), style: { color: 'inherit', 'text-decoration': 'none' }, 'aria-label': `${site} ran ${row[3]} words of ${source}` }, compact(row[3])));
    return node;
  };
  return el('div', { class: 'scroll' }, el('table', { class: 'heat' },
    el('thead', {}, el('tr', {}, el('th', {}, el('span', { class: 'hidden' }, 'ran it')), from.map((name) => el('th', { scope: 'col' }, el('span', {}, said(name, 40)))))),
    el('tbody', {}, ran.map((site) => el('tr', {}, el('th', { scope: 'row' }, said(site, 40)), from.map((source) => cell(site, source)))))));
}

function compact(n) { return n >= 1e6 ? `${(n / 1e6).toFixed(1)}m` : n >= 9950 ? `${Math.round(n / 1000)}k` : n >= 1000 ? `${(n / 1000).toFixed(1)}k` : String(n); }

/* Sites on a circle, an arrow from who had a text first to who ran it. */
function flowGraph(rows) {
  const weight = new Map();
  rows.forEach(([site, source, , words]) => [site, source].forEach((name) => weight.set(name, (weight.get(name) || 0) + words)));
  const names = [...weight].sort((x, y) => y[1] - x[1]).slice(0, 22).map(([name]) => name);
  const [wide, high, ring] = [760, 560, 205];
  const at = new Map(names.map((name, i) => {
    const turn = (2 * Math.PI * i) / names.length - Math.PI / 2;
    return [name, { x: wide / 2 + ring * Math.cos(turn), y: high / 2 + ring * Math.sin(turn), turn }];
  }));
  const shownRows = rows.filter((row) => at.has(row[0]) && at.has(row[1]));
  const most = Math.max(...shownRows.map((row) => row[3]), 1);
  const edges = shownRows.map((row) => {
    const [to, from] = [at.get(row[0]), at.get(row[1])];
    const [cx, cy] = [wide / 2 + (to.x + from.x - wide) * 0.31, high / 2 + (to.y + from.y - high) * 0.31];
    const away = Math.hypot(to.x - cx, to.y - cy) || 1;
    const end = [to.x - ((to.x - cx) / away) * 13, to.y - ((to.y - cy) / away) * 13];
    return svg('path', { class: row[4] * 2 > row[2] ? 'edge agency' : 'edge', d: `M${from.x},${from.y} Q${cx},${cy} ${end[0]},${end[1]}`, 'stroke-width': 1 + 5 * Math.sqrt(row[3] / most), 'marker-end': 'url(#arrow)' },
      svg('title', {}, `${row[0]} ran ${many(row[3], 'word')} of ${row[1]}, in ${many(row[2], 'article')}`));
  });
  const picture = svg('svg', { viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': 'Arrows lead from who had a text first to who ran it; the heat map has the same numbers.' },
    svg('defs', {}, svg('marker', { id: 'arrow', viewBox: '0 0 6 6', refX: 3, refY: 3, markerWidth: 12, markerHeight: 12, orient: 'auto', markerUnits: 'userSpaceOnUse' }, svg('path', { d: 'M0,0 L6,3 L0,6 z' }))), edges);
  const nodes = names.map((name) => {
    const { x, y, turn } = at.get(name);
    const right = Math.cos(turn) >= -0.01;
    const label = svg('text', { x: x + (right ? 12 : -12), y: y + 4 + 10 * Math.sin(turn), 'text-anchor': Math.abs(Math.cos(turn)) < 0.2 ? 'middle' : right ? 'start' : 'end', dy: Math.abs(Math.cos(turn)) < 0.2 ? 12 * Math.sign(Math.sin(turn)) : 0 }, name.length > 30 ? `${name.slice(0, 30)}…` : name);
    const node = svg('circle', { class: 'node', cx: x, cy: y, r: 3.5 + 5 * Math.sqrt(weight.get(name) / weight.get(names[0])) });
    const point = (on) => () => {
      edges.forEach((edge, i) => edge.classList.toggle('dim', on && !shownRows[i].slice(0, 2).includes(name)));
    };
    [node, label].forEach((part) => { part.addEventListener('pointerenter', point(true)); part.addEventListener('pointerleave', point(false)); });
    return [node, label];
  });
  add(picture, nodes);
  return { picture, left: weight.size - names.length };
}
