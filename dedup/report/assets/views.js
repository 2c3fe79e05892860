/* The views: each returns what stands in the page for an address. */
function findRow(href, title, meta) {
  return el('li', {}, el('a', { class: 'row', href }, el('div', { class: 'headline clip' }, title), el('div', { class: 'meta' }, meta)));
}

function finds(title, rows, all, total) {
  if (!rows.length) return null;
  return el('section', { class: 'card' }, el('h3', {}, title), el('ol', { class: 'finds' }, rows),
    total > rows.length && el('a', { class: 'all', href: all }, `All ${number(total)} →`));
}

function overview() {
  const of = block('overview');
  const { summary } = of;
  const stories = of.first.stories.map(([i, title, articles, sites, source]) => findRow(`#/story/${i}`, said(title, 160),
    [many(articles, 'article'), ' · ', many(sites, 'site'), source && [' · ', chip(source, 'agency')]]));
  const passages = (way) => of.first[way].map(([i, relation, words, text, at, places]) => findRow(`#/passage/${way}/${i}`, said(text, 260),
    [chip(RELATIONS[relation], way === 'within' ? 'within' : RELATION_KIND[RELATIONS[relation]]), ` ${many(words, 'word')} · `, said(at, 90), places > 2 ? ` · ${number(places)}\u00a0places` : '']));
  const nothing = !stories.length && !of.first.within.length && !of.first.across.length;
  return [
    el('div', { class: 'top' }, el('h1', { tabindex: -1 }, said(of.title)),
      el('div', { class: 'meta' }, [many(summary.articles, 'article'), `${number(of.site_count)} ${of.site_count === 1 ? 'site' : 'sites'}`, many(summary.words, 'word'), of.span].filter(Boolean).join(' · '))),
    el('section', { class: 'card' }, shareBar(of.shares), shareLegend(of.shares)),
    nothing ? el('section', { class: 'card none' }, 'Nothing stands twice in what was read.')
      : el('div', { class: 'grid thirds' },
        finds('Told twice in one article', passages('within'), '#/passages/within', of.counts.within),
        finds('Stories on several pages', stories, '#/stories', of.counts.stories),
        finds('Passages that articles share', passages('across'), '#/passages/across', of.counts.across)),
    el('div', { class: 'grid halves' },
      of.sites.length > 1 && el('section', { class: 'card' }, el('h3', {}, 'By site'), siteBars(of.sites, 14), of.site_count > 14 && el('a', { class: 'all', href: '#/sites' }, `All ${number(of.site_count)} sites →`)),
      of.time.bins.length > 0 && el('section', { class: 'card' }, el('h3', {}, `Words by ${of.time.unit} of publication`), timeChart(of.time),
        of.time.undated > 0 && el('p', { class: 'meta' }, `${many(of.time.undated, 'article')} without a date ${of.time.undated === 1 ? 'is' : 'are'} not in it.`))),
    of.left.some(([, shownOf, all]) => shownOf < all) && el('p', { class: 'meta note' }, 'Left out to keep this page small: ',
      of.left.filter(([, s, all]) => s < all).map(([what, s, all, file], n) => `${n ? '; ' : ''}${number(all - s)} of ${number(all)} ${what} (all are in ${file})`), '. The largest stay.'),
    el('p', { class: 'meta' }, el('a', { href: '#/about' }, 'How the words are divided, settings and limits')),
  ];
}

function storyRow(i) {
  const of = story(i);
  const first = of.original === null ? 'first unknown' : ['first: ', said(article(of.original).site || nameOf(of.original), 50)];
  return el('a', { class: 'row', href: `#/story/${i}` }, el('div', { class: 'headline' }, said(of.title)),
    el('div', { class: 'line meta' }, el('span', {}, many(of.size, 'article')), el('span', {}, many(of.sites, 'site')), el('span', {}, `${number(of.repeated)} words repeated`),
      el('span', {}, first), of.source && chip(of.source, 'agency')));
}

function options(first, values) { return [['', first], ...values.map((value) => [value, value.length > 48 ? `${value.slice(0, 48)}…` : value])]; }

function stories() {
  const rows = (block('stories') || []).map((_, i) => i);
  const facts = rows.map((i) => {
    const of = story(i);
    const members = of.members.map((row) => [article(row[0]), ROLES[row[1]]]);
    return {
      sites: new Set(members.map(([m]) => m.site)), roles: new Set(members.map(([, role]) => role)), source: of.source, size: of.size,
      from: members.map(([m]) => m.published || '').filter(Boolean).sort()[0] || '', spread: of.sites, repeated: of.repeated,
      hay: [of.title, of.id, of.source, ...members.map(([m]) => `${m.title || ''} ${m.id} ${m.site}`)].join(' '),
    };
  });
  const values = (pick) => [...new Set(facts.flatMap(pick))].filter(Boolean).sort((x, y) => x.localeCompare(y)).slice(0, 2000);
  return [el('h2', { tabindex: -1 }, 'Stories'), el('p', { class: 'meta' }, 'Articles that are versions of one article.'), listing('stories', {
    rows, what: 'story', hay: (i) => facts[i].hay, left: leftOut('stories'), draw: storyRow,
    filters: (state, change) => [
      select('site', 'Site', options('any', values((f) => [...f.sites])), state, change),
      select('agency', 'Agency', options('any', values((f) => [f.source])), state, change),
      select('role', 'With a', options('any role', ROLES), state, change),
      field('size', 'Articles, least', 'number', state, change, { min: 2 }),
      field('since', 'From day', 'date', state, change),
      field('until', 'To day', 'date', state, change),
    ],
    test: (i, s) => (!s.site || facts[i].sites.has(s.site)) && (!s.agency || facts[i].source === s.agency) && (!s.role || facts[i].roles.has(s.role))
      && (!s.size || facts[i].size >= Number(s.size)) && (!s.since || (facts[i].from && facts[i].from.slice(0, 10) >= s.since)) && (!s.until || (facts[i].from && facts[i].from.slice(0, 10) <= s.until)),
    orders: [
      ['reach', 'reach', (x, y) => facts[y].spread - facts[x].spread || facts[y].size - facts[x].size || facts[y].repeated - facts[x].repeated],
      ['words', 'words repeated', (x, y) => facts[y].repeated - facts[x].repeated],
      ['size', 'articles', (x, y) => facts[y].size - facts[x].size || facts[y].repeated - facts[x].repeated],
      ['new', 'newest first', (x, y) => facts[y].from.localeCompare(facts[x].from)],
    ],
  })];
}

function storyView(i) {
  const of = story(i);
  const members = of.members.map(member);
  const links = (block('links') || {})[i] || [];
  const why = (m) => { const link = links.find(([x, y]) => (x === of.original && y === m) || (y === of.original && x === m)); return link && link[2] === of.original ? link[4].map((r) => named('reasons', r).replace(/^the other\b/, 'this one')).join('; ') : ''; };
  const ends = members.flatMap((m) => m.lag || []);
  const reach = { most: Math.max(...ends.map(Math.abs), 1), zero: ends.some((s) => s < 0) ? 0.5 : 0.04 };
  const timed = ends.length > 0;
  const sure = members.filter((m) => m.article !== of.original && m.sure).map((m) => m.sure);
  const bounds = sure.length ? `${percent(Math.min(...sure), 1)}${Math.min(...sure) < Math.max(...sure) ? ` to ${percent(Math.max(...sure), 1)}` : ''} sure` : 'how sure is not known';
  const others = members.filter((m) => m.article !== of.kept);
  const telling = others.slice().sort((x, y) => y.changed - x.changed || y.added - x.added)[0] || members[0];
  const pick = { left: of.kept, right: telling.article };
  const result = el('div', {});
  const compare = () => result.replaceChildren(...sideBySide(pick.left, pick.right));
  const choose = (side, label) => el('label', {}, label, el('select', { name: side, on: { change: (e) => { pick[side] = Number(e.target.value); compare(); } } },
    members.map((m) => el('option', { value: m.article, selected: m.article === pick[side] }, `${article(m.article).site || ''} ${nameOf(m.article)}`.trim().slice(0, 90)))));
  const row = (m) => el('tr', { class: m.article === of.kept ? 'kept' : '' },
    el('td', {}, m.article === of.kept && [chip('kept', 'kept'), ' '], m.role !== 'kept' && chip(m.role, m.article === of.original ? 'first' : '')),
    el('td', { class: 'name' }, articleLine(m.article)),
    timed && el('td', { 'data-label': 'later' }, m.article === of.original ? 'first' : later(m.lag), lagTrack(m.lag, reach, m.article === of.original)),
    sure.length > 0 && el('td', { 'data-label': 'sure' }, m.article !== of.original && m.sure ? [meter(m.sure), percent(m.sure, 1), why(m.article) && el('div', { class: 'meta' }, said(why(m.article)))] : ''),
    el('td', { class: 'nums', 'data-label': 'in kept' }, m.article === of.kept ? '' : [meter(m.inKept), percent(m.inKept, 1)]),
    el('td', { class: 'nums', 'data-label': 'of kept' }, m.article === of.kept ? '' : [meter(m.ofKept), percent(m.ofKept, 1)]),
    el('td', { class: 'nums', 'data-label': 'paragraphs' }, [m.added && `+${m.added}`, m.changed && `~${m.changed}`, m.cut && `−${m.cut}`].filter(Boolean).join(' ')),
    el('td', {}, m.article !== of.kept && el('button', { type: 'button', class: 'plain', on: { click: () => { pick.left = of.kept; pick.right = m.article; tools.querySelector('[name=left]').value = of.kept; tools.querySelector('[name=right]').value = m.article; compare(); tools.scrollIntoView(); result.previousElementSibling.querySelector('select').focus(); } } }, 'compare', el('span', { class: 'hidden' }, ` ${nameOf(m.article)} with the kept version`))));
  const tools = el('div', { class: 'tools' }, choose('left', 'Left'), choose('right', 'Right'),
    el('button', { type: 'button', on: { click: () => { [pick.left, pick.right] = [pick.right, pick.left]; tools.querySelector('[name=left]').value = pick.left; tools.querySelector('[name=right]').value = pick.right; compare(); } } }, 'swap'));
  if (members.length > 1) setTimeout(compare, 0); /* the story stands before its texts are compared */
  return [
    crumb('#/stories', 'Stories', neighbours('story', i, block('stories').length)),
    el('h2', { tabindex: -1 }, said(of.title)),
    el('p', { class: 'meta' }, `${many(of.size, 'article')} · ${many(of.sites, 'site')} · ${number(of.repeated)} words repeated · story ${of.id}`, of.source && [' · text of ', chip(of.source, 'agency')]),
    el('section', { class: 'card' }, facts([
      ['Kept', [placed(of.kept), ' ', el('span', { class: 'quiet' }, `— ${of.reason}`)]],
      ['First', of.original === null ? 'unknown' : [placed(of.original), ' ', el('span', { class: 'quiet' }, `— ${bounds}`)]],
      ['Next best', of.runners.length > 0 && of.runners.map((r, n) => [n ? '; ' : '', placed(r)])],
    ])),
    el('section', { class: 'card' }, el('div', { class: 'scroll' }, el('table', { class: 'stack' },
      el('thead', {}, el('tr', {}, el('th', {}, 'role'), el('th', {}, 'article'), timed && el('th', {}, 'later'), sure.length > 0 && el('th', {}, 'sure, and why'), el('th', {}, 'in kept'), el('th', {}, 'of kept'), el('th', {}, '¶'), el('th', {}))),
      el('tbody', {}, members.map(row)))),
    of.size > members.length && el('p', { class: 'meta' }, `${many(of.size - members.length, 'further article')} of this story are not in this report.`),
    el('p', { class: 'meta', style: { 'margin-top': '0.8rem' } }, timed && 'later: than the first · ', sure.length > 0 && 'sure: that the first had it before this one · ', 'in kept: share of its words that the kept version holds · of kept: share of the kept version’s words that it holds · ¶: paragraphs added, changed, cut')),
    members.length > 1 && el('section', { class: 'versions' }, el('h3', {}, 'Two versions side by side'), tools, result),
  ];
}

function neighbours(what, i, count) {
  return [i > 0 && el('a', { href: `#/${what}/${i - 1}`, 'data-key': 'k', rel: 'prev' }, 'previous'), i + 1 < count && el('a', { href: `#/${what}/${i + 1}`, 'data-key': 'j', rel: 'next' }, 'next')];
}

function passageRow(p) {
  const text = textOf(p.a.text).text.slice(p.spans[0], p.spans[p.spans.length - 3]);
  return el('a', { class: 'row', href: `#/passage/${p.way}/${p.i}` }, el('div', { class: 'headline clip' }, said(text, 300)),
    el('div', { class: 'line meta' }, relationChip(p.relation, p.scope), el('span', {}, many(p.words, 'word')), el('span', {}, said(nameOf(p.a.article), 70), ` ¶${p.a.paragraph}`, ' ↔ ', p.scope === 0 ? '' : said(nameOf(p.b.article), 70), ` ¶${p.b.paragraph}`), p.others > 0 && el('span', {}, `${many(p.others, 'further place')}`)));
}

function passages(way) {
  const data = block('passages') || { within: [], across: [] };
  const rows = ['within', 'across'].flatMap((name) => data[name].map((_, i) => passage(name, i)));
  const sites = new Map();
  const siteOf = (i) => { if (!sites.has(i)) sites.set(i, article(i).site); return sites.get(i); };
  const all = [...new Set(rows.flatMap((p) => [siteOf(p.a.article), siteOf(p.b.article)]))].filter(Boolean).sort().slice(0, 2000);
  if (way) { if (!kept.has('passages')) kept.set('passages', { pages: 1 }); kept.get('passages').scope = way; }
  return [el('h2', { tabindex: -1 }, 'Passages'), el('p', { class: 'meta' }, 'What two places share word for word, the longest first.'), listing('passages', {
    rows, what: 'passage', left: leftOut('passages'), draw: passageRow,
    hay: (p) => [textOf(p.a.text).text, article(p.a.article).id, nameOf(p.a.article), article(p.b.article).id, nameOf(p.b.article), siteOf(p.a.article), siteOf(p.b.article)].join(' '),
    filters: (state, change) => [
      select('scope', 'Where', [['', 'anywhere'], ['within', 'within one article'], ['across', 'across articles']], state, change),
      select('relation', 'Relation', options('any', RELATIONS.slice(0, 5)), state, change),
      select('site', 'Site', options('any', all), state, change),
      field('least', 'Words, least', 'number', state, change, { min: 0 }),
    ],
    test: (p, s) => (!s.scope || p.way === s.scope) && (!s.relation || p.relation === s.relation) && (!s.least || p.words >= Number(s.least)) && (!s.site || siteOf(p.a.article) === s.site || siteOf(p.b.article) === s.site),
    orders: [['words', 'words', (x, y) => y.words - x.words], ['places', 'places', (x, y) => y.others - x.others || y.words - x.words]],
  })];
}

function matchFacts(match) {
  return match && [
    ['Why', said(match.reason)], ['Longest run', many(match.run, 'word')], ['Evidence', `${match.evidence} words`],
    ['Similarity', `Jaccard ${match.jaccard.toFixed(2)}, containment ${match.containment.toFixed(2)}`],
  ];
}

function passageView(way, i) {
  const p = passage(way, i);
  const texts = [...new Set([p.a.text, p.b.text])].map(textOf);
  return [
    crumb(`#/passages/${way}`, 'Passages', neighbours(`passage/${way}`, i, block('passages')[way].length)),
    el('h2', { tabindex: -1 }, p.scope === 0 ? 'Told twice in one article' : 'In two articles'),
    el('p', { class: 'meta' }, relationChip(p.relation, p.scope), ` ${many(p.words, 'shared word')}, ${SCOPE_NAMES[p.scope]}`),
    twoTexts(p),
    p.a.article !== p.b.article && el('p', {}, el('a', { class: 'all', href: `#/compare/${p.a.article}/${p.b.article}` }, 'The two articles side by side →')),
    el('section', { class: 'card' }, facts([...(matchFacts(p.match) || [['Why', 'the same words']]), ['Stands in', texts.map((text) => placesOf(text))]])),
  ];
}

function clusterRow(i) {
  const of = cluster(i);
  return el('a', { class: 'row', href: `#/cluster/${i}` }, el('div', { class: 'headline clip' }, said(textOf(of.kept.text).text, 300)),
    el('div', { class: 'line meta' }, chip(of.standing ? 'standing text' : SCOPE_NAMES[of.scope], of.standing ? '' : of.scope === 0 ? 'within' : 'reused'), el('span', {}, many(of.size, 'place')), el('span', {}, many(of.articles, 'article')), el('span', {}, many(of.sites, 'site')), el('span', {}, 'kept in ', said(nameOf(of.kept.article), 70))));
}

function clusters() {
  const data = block('clusters') || [];
  const rows = data.map((_, i) => i);
  return [el('h2', { tabindex: -1 }, 'Clusters'), el('p', { class: 'meta' }, 'Paragraphs that are versions of one text, with the one to keep. Those of stories come first, then those of several sites, by the words that they repeat; standing text comes last.'), listing('clusters', {
    rows, what: 'cluster', left: leftOut('clusters'), draw: clusterRow,
    hay: (i) => { const of = cluster(i); return [of.id, textOf(of.kept.text).text, ...of.members.slice(0, 30).map((m) => `${article(m.article).id} ${article(m.article).site}`)].join(' '); },
    filters: (state, change) => [
      select('scope', 'Where', [['', 'anywhere'], ...SCOPE_NAMES.map((name, n) => [n, name])], state, change),
      select('kind', 'Kind', [['', 'any'], ['news', 'news'], ['standing', 'standing text']], state, change),
      field('least', 'Places, least', 'number', state, change, { min: 2 }),
    ],
    test: (i, s) => (s.scope === undefined || s.scope === '' || data[i][4] === Number(s.scope)) && (!s.kind || (s.kind === 'standing') === !!data[i][5]) && (!s.least || data[i][1] >= Number(s.least)),
    orders: [['reach', 'reach', (x, y) => x - y], ['places', 'places', (x, y) => data[y][1] - data[x][1] || x - y], ['sites', 'sites', (x, y) => data[y][3] - data[x][3] || x - y]],
  })];
}

function clusterView(i) {
  const of = cluster(i);
  const best = textOf(of.kept.text);
  const versions = new Map();
  of.members.forEach((m) => versions.set(m.text, [...(versions.get(m.text) || []), m]));
  const place = (m) => el('li', {}, el('a', { href: `#/article/${m.article}` }, said(nameOf(m.article), 110)), ' ', el('span', { class: 'meta' }, said(placeName(m), 90)));
  const version = ([text, members]) => {
    const body = text === best.i ? best.text : bothIn(best.text, textOf(text).text);
    return el('section', { class: 'card' },
      el('p', { class: 'meta' }, text === best.i ? [chip('kept', 'kept'), ` ${of.reason}`] : `${percent(members[0].similarity, 1)} similar to the kept one`),
      el('p', { class: 'prose', dir: 'auto' }, body),
      el('div', { class: 'sources' }, el('ul', {}, members.slice(0, 60).map(place), members.length > 60 && el('li', { class: 'meta' }, `and ${many(members.length - 60, 'more place')}`))));
  };
  const order = [...versions].sort((x, y) => (y[0] === best.i) - (x[0] === best.i) || y[1][0].similarity - x[1][0].similarity);
  return [
    crumb('#/clusters', 'Clusters', neighbours('cluster', i, block('clusters').length)),
    el('h2', { tabindex: -1 }, `One text in ${many(of.size, 'place')}`),
    el('p', { class: 'meta' }, `${many(of.articles, 'article')} · ${many(of.sites, 'site')} · ${SCOPE_NAMES[of.scope]} · cluster ${of.id}`, of.standing && ' · standing text of a site'),
    el('section', { class: 'card' }, facts([
      ['Kept in', [placed(of.kept.article), ` ¶${of.kept.paragraph} `, el('span', { class: 'quiet' }, `— ${of.reason}`)]],
      ['Next best', of.runners.length > 0 && of.runners.map((m, n) => [n ? '; ' : '', placed(m.article), ` ¶${m.paragraph}`])],
    ])),
    el('div', { class: 'grid' }, order.slice(0, 40).map(version)),
    order.length > 40 && el('p', { class: 'meta' }, `${many(order.length - 40, 'further version')} are not shown.`),
    of.size > of.members.length && el('p', { class: 'meta' }, `${many(of.size - of.members.length, 'further place')} are in clusters.jsonl.`),
  ];
}

function articles() {
  const data = block('articles') || [];
  const row = (i) => {
    const of = article(i);
    return el('a', { class: 'row', href: `#/article/${i}` }, el('div', { class: 'headline' }, said(of.title || of.id)),
      el('div', { class: 'line meta' }, of.site && el('span', {}, said(of.site, 60)), of.published && el('span', {}, moment(of.published)), el('span', {}, `${percent(of.repeated, of.words)} of ${many(of.words, 'word')} elsewhere too`), of.role && chip(of.role), of.agency && chip(of.agency, 'agency')));
  };
  return [el('h2', { tabindex: -1 }, 'Articles'), listing('articles', {
    rows: data.map((_, i) => i), what: 'article', left: leftOut('articles'), draw: row,
    hay: (i) => { const of = article(i); return [of.id, of.title, of.site, of.owner, of.agency, of.author].join(' '); },
    filters: (state, change) => [
      select('site', 'Site', options('any', block('names').sites), state, change),
      select('agency', 'Agency', options('any', block('names').agencies), state, change),
      select('role', 'Role', options('any', ROLES), state, change),
      field('since', 'From day', 'date', state, change), field('until', 'To day', 'date', state, change),
    ],
    test: (i, s) => { const of = data[i]; return (!s.site || named('sites', of[2]) === s.site) && (!s.agency || named('agencies', of[7]) === s.agency) && (!s.role || ROLES[of[10]] === s.role) && (!s.since || (of[4] && of[4].slice(0, 10) >= s.since)) && (!s.until || (of[4] && of[4].slice(0, 10) <= s.until)); },
    orders: [['repeated', 'words elsewhere', (x, y) => data[y][6] - data[x][6] || x - y], ['share', 'share elsewhere', (x, y) => data[y][6] / (data[y][5] || 1) - data[x][6] / (data[x][5] || 1) || x - y], ['new', 'newest first', (x, y) => String(data[y][4] || '').localeCompare(String(data[x][4] || ''))], ['id', 'id', (x, y) => (data[x][0] < data[y][0] ? -1 : 1)]],
  })];
}

/* What is marked in a paragraph: where else it stands, and what it shares with other texts. */
function marksOf(own, at) {
  const marks = [];
  const { text } = own;
  if (own.standing) marks.push([0, text.length, 'standing', { whole: true }]);
  else if (own.count > 1) {
    const twice = own.places.filter((place) => place.article === at.article).length > 1;
    marks.push([0, text.length, twice ? 'within' : 'reused', { whole: true }]);
  }
  own.standingSpans.forEach(([from, to]) => marks.push([from, to, 'standing', { standing: true }]));
  own.matches.forEach((n) => {
    const match = matchOf(n);
    const [other, from] = match.a === own.i ? [match.b, 0] : [match.a, 2];
    const here = textOf(other).places.some((place) => place.article === at.article);
    const kind = RELATION_KIND[match.relation];
    for (let k = 0; k < match.spans.length; k += 4) marks.push([match.spans[k + from], match.spans[k + from + 1], here && kind !== 'standing' ? 'within' : kind, { match, other }]);
  });
  return marks;
}

function articleView(i) {
  const of = article(i);
  const seen = new Set();
  const sharers = new Map();
  const aside = el('aside', { 'aria-live': 'polite' });
  const wide = matchMedia('(min-width: 46.01rem)');
  let opened = null;
  const close = () => {
    if (opened) { opened.node.setAttribute('aria-expanded', 'false'); opened.panel.remove(); }
    opened = null;
  };
  const open = (prose, own, at) => (node, targets) => {
    const again = opened && opened.node === node;
    close();
    hint.hidden = !again;
    if (again) return;
    node.setAttribute('aria-expanded', 'true');
    opened = { node, panel: sourcesOf(targets, own, at) };
    if (wide.matches) aside.prepend(opened.panel); else prose.after(opened.panel);
  };
  const para = (p) => {
    if (p.gap) return el('div', { class: 'para' }, el('span', { class: 'n' }, p.n === p.to ? p.n : `${p.n}–${p.to}`), el('span', { class: 'gap' }, `${many(p.to - p.n + 1, 'paragraph')} of its own, not in this report`));
    const own = textOf(p.text);
    const at = { article: i, paragraph: p.n };
    const marks = marksOf(own, at);
    marks.forEach((mark) => { seen.add(mark[2]); if (mark[2] !== 'standing') sharing(sharers, mark, own, i); });
    const prose = el('div', { class: 'prose', dir: 'auto' });
    add(prose, [marked(own.text, marks, open(prose, own, at)), own.length > own.text.length && el('span', { class: 'gap' }, ` … ${number(own.length - own.text.length)} more characters`)]);
    return el('div', { class: 'para' }, el('span', { class: 'n' }, p.n), el('div', {}, prose));
  };
  const text = paragraphs(i).map(para);
  const names = { reused: 'stands in another article', within: 'stands twice in this article', rewrite: 'reworded elsewhere', quoted: 'quoted elsewhere too', standing: 'standing text or template' };
  const hint = el('div', { class: 'small' }, seen.size > 0 ? [
    el('p', {}, Object.entries(names).filter(([kind]) => seen.has(kind)).map(([kind, name]) => el('div', {}, el('mark', { class: `m-${kind}` }, name)))),
    el('p', { class: 'quiet' }, 'Click marked words, or press Enter on them, to see where else they stand.')] : el('p', { class: 'quiet' }, 'Nothing of it stands elsewhere.'));
  const top = [...sharers].sort((x, y) => y[1] - x[1]).slice(0, 8);
  add(aside, [hint, top.length > 0 && el('div', { class: 'small' }, el('h3', {}, 'Shares most with'), el('ul', {}, top.map(([other]) => el('li', {},
    el('a', { href: `#/compare/${i}/${other}` }, said(nameOf(other), 90)), ' ', el('span', { class: 'meta' }, said(article(other).site, 50))))))]);
  return [
    crumb('#/articles', 'Articles'),
    el('h2', { tabindex: -1 }, said(of.title || of.id)),
    el('section', { class: 'card' }, facts([
      ['Site', of.site && [said(of.site), of.owner && of.owner !== of.site && [' (', said(of.owner), ')']]], ['Id', said(of.id)], ['Published', moment(of.published)], ['Author', of.author && said(of.author)],
      ['Address', of.url && outward(of.url)], ['Agency', of.agency && chip(of.agency, 'agency')],
      ['Length', `${many(of.words, 'word')} in ${many(of.paragraphs, 'paragraph')}; ${number(of.repeated)} (${percent(of.repeated, of.words)}) are in paragraphs that share words with another place`],
      ['Stories', of.stories.length > 0 && of.stories.map((s, n) => [n ? '; ' : '', el('a', { href: `#/story/${s}` }, said(story(s).title, 90))])],
    ])),
    el('section', { class: 'reader' }, el('div', {}, text), aside),
  ];
}

/* Add the characters of a mark to each other article that has them. */
function sharing(sharers, mark, own, i) {
  const text = mark[3].whole ? own : textOf(mark[3].other);
  new Set(text.places.map((place) => place.article)).forEach((other) => {
    if (other !== i) sharers.set(other, (sharers.get(other) || 0) + mark[1] - mark[0]);
  });
}

/* Where else marked words stand: the same text, and each text they are shared with. */
function sourcesOf(targets, own, at) {
  const box = el('div', { class: 'sources' });
  targets.forEach((target) => {
    if (target.standing) add(box, [el('p', { class: 'meta' }, 'Standing text of the site inside a paragraph.')]);
    else if (target.whole) add(box, [el('p', { class: 'meta' }, own.standing ? 'Standing text of a site; it stands in' : 'The same text stands in'), placesOf(own, at)]);
    else {
      const other = textOf(target.other);
      const first = other.places.find((place) => place.article !== at.article);
      add(box, [
        el('p', { class: 'meta' }, relationChip(target.match.relation, 2), ` ${target.match.reason}; longest run ${many(target.match.run, 'word')}`), placesOf(other),
        el('details', {}, el('summary', { class: 'small' }, 'what differs there'), el('p', { class: 'prose', dir: 'auto' }, bothIn(own.text, other.text))),
        first && el('a', { class: 'all', href: `#/compare/${at.article}/${first.article}` }, 'both articles side by side →'),
      ]);
    }
  });
  return box;
}

function compareView(a, b) {
  return [
    el('div', { class: 'crumb' }, el('a', { href: '#/articles' }, '← Articles'), el('span', { class: 'end' }, el('a', { href: `#/compare/${b}/${a}` }, 'swap'))),
    el('h2', { tabindex: -1 }, 'Two articles side by side'), sideBySide(a, b),
  ];
}

function sitesView() {
  const data = block('sites') || { folded: [], plain: [] };
  const { sites } = block('overview');
  const state = kept.get('sites') || { owners: '', agency: 'with' };
  kept.set('sites', state);
  const host = el('div', {});
  const draw = () => {
    const base = state.owners ? data.folded : data.plain;
    const rows = base.map(([site, source, n, words, agencyN, agencyWords]) => {
      if (state.agency === 'without') return [site, source, n - agencyN, words - agencyWords, 0];
      return state.agency === 'only' ? [site, source, agencyN, agencyWords, agencyN] : [site, source, n, words, agencyN];
    }).filter((row) => row[2] > 0);
    if (!rows.length) { host.replaceChildren(el('p', { class: 'none' }, 'No site ran another’s text, as far as is known.')); return; }
    const { picture, left } = flowGraph(rows);
    host.replaceChildren(el('div', { class: 'grid halves' },
      el('section', { class: 'card' }, el('h3', {}, 'Who ran (rows) whose text (columns), in words'), heatMap(rows, (site) => (state.owners ? '#/stories' : `#/stories/site/${encodeURIComponent(site)}`))),
      el('section', { class: 'card' }, el('h3', {}, 'From who had it first to who ran it'), picture, el('p', { class: 'meta' }, key('agency'), 'mostly agency copy ', key('reused'), 'other text. ', left > 0 && `${many(left, 'site')} with fewer words are not drawn.`))));
  };
  const tools = el('form', { class: 'filters' },
    select('owners', 'Sites', [['', 'one by one'], ['folded', 'one owner as one']], state, draw),
    select('agency', 'Agency copy', [['with', 'with'], ['without', 'without'], ['only', 'alone']], state, draw));
  draw();
  return [
    el('h2', { tabindex: -1 }, 'Who runs whose text'), el('p', { class: 'meta' }, 'Of stories whose first publisher, or whose agency, is known. A word counts where the kept version has it too.'),
    tools, el('div', { style: { 'margin-top': '1rem' } }, host),
    sites.length > 0 && el('section', { class: 'card' }, el('h3', {}, 'What each site’s words are'), shareLegend(block('overview').shares), el('div', { style: { 'margin-top': '1rem' } }, siteBars(sites, 400))),
  ];
}

function standing() {
  const data = block('standing') || { sites: [], templates: [] };
  return [
    el('h2', { tabindex: -1 }, 'Standing text'), el('p', { class: 'meta' }, 'What sites put on pages of all kinds, and formulas that are filled anew each time. No story or passage is made of it.'),
    data.sites.length === 0 && data.templates.length === 0 && el('p', { class: 'none' }, 'None was found.'),
    el('div', { class: 'grid halves' }, data.sites.map(([site, rows, all]) => el('section', { class: 'card' }, el('h3', {}, site === '' ? 'no site named' : said(site)),
      el('ol', { class: 'finds' }, rows.map(([i, places]) => el('li', {}, el('div', { class: 'clip', style: { 'margin-top': '0.5rem' } }, said(textOf(i).text, 220)), el('p', { class: 'meta' }, many(places, 'place'))))),
      all > rows.length && el('p', { class: 'meta' }, `and ${number(all - rows.length)} more`)))),
    data.templates.length > 0 && el('section', { class: 'card', style: { 'margin-top': '1rem' } }, el('h3', {}, 'Templates'), el('ol', { class: 'finds' }, data.templates.map((i) => {
      const match = matchOf(i);
      return el('li', { style: { padding: '0.7rem 0' } }, el('p', { class: 'prose', dir: 'auto' }, bothIn(textOf(match.a).text, textOf(match.b).text)), el('p', { class: 'meta' }, said(match.reason)));
    })), data.all > data.templates.length && el('p', { class: 'meta' }, `and ${number(data.all - data.templates.length)} more pairs in matches.jsonl`)),
  ];
}

function about() {
  const { summary, left, title } = block('overview');
  const problems = block('problems') || { rows: [], all: 0 };
  const table = (values) => facts(Object.entries(values || {}).map(([name, value]) => [name.replaceAll('_', ' '), said(Array.isArray(value) ? value.join(', ') || 'none' : value)]));
  const recall = summary.expected_recall;
  const counts = ['articles', 'skipped', 'paragraphs', 'words', 'distinct_texts', 'repeated_paragraphs', 'matches', 'clusters', 'stories', 'links', 'credited'];
  return [
    el('h2', { tabindex: -1 }, 'About this report'), el('p', { class: 'meta' }, said(title)),
    el('section', { class: 'card' }, el('h3', {}, 'How the words are divided'), facts([
      ['original', 'stand nowhere else, or stand here in the version that is kept'],
      ['agency copy', 'in an article that credits an agency, or repeats an agency’s text'],
      ['reused', 'stand in another article too, which has the version that is kept or came first'],
      ['repeated in one article', 'the same article has them already'],
      ['quoted', 'quoted speech that another text quotes too'],
      ['standing text', 'footers, notices and promotions of a site, and formulas'],
    ].map(([name, what]) => [name, what])), el('p', { class: 'meta' }, 'Each word counts once; of several kinds the lower one in this list.')),
    el('div', { class: 'grid halves' },
      el('section', { class: 'card' }, el('h3', {}, 'Counts'), table(Object.fromEntries(counts.filter((name) => name in summary).map((name) => [name, number(summary[name])]))),
        el('p', { class: 'meta' }, 'Pairs by relation: ', Object.entries(summary.relations || {}).map(([name, n]) => `${name} ${number(n)}`).join(' · '), '. ', 'By scope: ', Object.entries(summary.scopes || {}).map(([name, n]) => `${name} ${number(n)}`).join(' · '), '. A pair may meet in several scopes; texts that are the same word for word count under identical and in no scope.')),
      el('section', { class: 'card' }, el('h3', {}, 'What this report cannot say'), el('ul', {},
        recall && el('li', {}, `Of pairs of paragraphs that are ${recall.jaccard} similar, ${(100 * recall.recall).toFixed(1)}% are expected to be found; of more similar ones more.`),
        summary.hot_buckets && summary.hot_buckets.uncompared > 0 && el('li', {}, `${number(summary.hot_buckets.uncompared)} pairs of very common texts were not compared one by one.`),
        el('li', {}, 'It knows what was scanned and nothing else: a text may have been elsewhere first.'),
        el('li', {}, 'Who had a story first is a likelihood, given with how sure it is.'),
        el('li', {}, 'Paragraphs that share nothing with any other are not in this page.'),
        left.filter(([, s, all]) => s < all).map(([what, s, all, file]) => el('li', {}, `${number(s)} of ${number(all)} ${what} are shown, the largest; all are in ${file}.`)))),
      el('section', { class: 'card' }, el('h3', {}, 'Settings'), table(summary.settings)),
      el('section', { class: 'card' }, el('h3', {}, 'Versions'), table({ dedup: summary.version, ...summary.versions }), el('h3', { style: { 'margin-top': '1rem' } }, 'Seconds a stage'), table(summary.timings))),
    el('section', { class: 'card' }, el('h3', {}, `Problems while reading (${number(problems.all)})`), problems.rows.length === 0 ? el('p', { class: 'quiet' }, 'None.')
      : el('div', { class: 'scroll' }, el('table', { class: 'stack' }, el('thead', {}, el('tr', {}, ['where', 'what', 'remedy'].map((name) => el('th', {}, name)))),
        el('tbody', {}, problems.rows.map((row) => el('tr', {}, row.map((cell) => el('td', {}, said(cell, 400)))))))),
    problems.all > problems.rows.length && el('p', { class: 'meta' }, `${number(problems.all - problems.rows.length)} more are in problems.jsonl`)),
  ];
}
