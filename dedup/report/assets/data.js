/* The data of the report: blocks of JSON in the page, parsed when a view asks for them. */
const PER_CHUNK = 200;
const parsed = new Map();

function block(name) {
  if (!parsed.has(name)) {
    const node = document.getElementById(`d-${name}`);
    parsed.set(name, node ? JSON.parse(node.textContent) : null);
  }
  return parsed.get(name);
}

/* Record `i` of a table that is cut into chunks of PER_CHUNK. */
function record(table, i) {
  const chunk = block(`${table}-${Math.floor(i / PER_CHUNK)}`);
  return chunk && chunk[i % PER_CHUNK];
}

function named(kind, i) {
  return i === null || i === undefined || i < 0 ? '' : block('names')[kind][i];
}

function article(i) {
  const row = block('articles')[i];
  const [id, title, site, owner, published, words, repeated, agency, url, author, role, stories, paragraphs] = row;
  return {
    i, id, title, site: named('sites', site), owner: named('owners', owner), published, words, repeated,
    agency: named('agencies', agency), url, author, role: role < 0 ? '' : ROLES[role], stories, paragraphs,
  };
}

function story(i) {
  const row = block('stories')[i];
  const [id, title, kept, reason, original, source, sites, repeated, words, runners, members, size] = row;
  return {
    i, id, title, kept, reason: named('reasons', reason), original, source: named('agencies', source), sites,
    repeated, words, runners, members, size,
  };
}

function member(row) {
  const [of, role, credit, inKept, ofKept, lag, sure, supersedes, added, changed, cut] = row;
  return {
    article: of, role: ROLES[role], credit: named('agencies', credit), inKept: inKept / 1000, ofKept: ofKept / 1000,
    lag, sure: sure / 1000, supersedes, added, changed, cut,
  };
}

/* An index that keeps no texts has their lengths alone. */
const unkept = (words) => `(${many(words, 'word')} that the index did not keep)`;

function textOf(i) {
  const [written, words, standing, standingSpans, places, count, matches, length] = record('texts', i);
  const at = [];
  for (let n = 0; n < places.length; n += 2) at.push({ article: places[n], paragraph: places[n + 1] });
  const text = written || (words ? unkept(words) : '');
  return { i, text, words, standing: !!standing, standingSpans, places: at, count, matches, length };
}

function matchOf(i) {
  const [a, b, relation, reason, evidence, jaccard, containment, run, scopes, spans] = record('matches', i);
  return {
    i, a, b, relation: RELATIONS[relation], reason: named('reasons', reason), evidence, jaccard: jaccard / 1000,
    containment: containment / 1000, run, scopes, spans,
  };
}

/* A passage: two places with what they share; of a text that stands twice, all of it. */
function passage(way, i) {
  const [m, a, ap, b, bp, words, others, relation, scope] = block('passages')[way][i];
  const common = { i, way, words, others, relation: RELATIONS[relation], scope };
  if (m < 0) {
    const text = -m - 1;
    const { length } = textOf(text).text;
    return {
      ...common, a: { text, article: a, paragraph: ap }, b: { text, article: b, paragraph: bp },
      spans: [0, length, 0, length], match: null,
    };
  }
  const match = matchOf(m);
  if (scope === 0 && ap > bp) { /* in the order of the article */
    const spans = [];
    for (let n = 0; n < match.spans.length; n += 4) spans.push([match.spans[n + 2], match.spans[n + 3], match.spans[n], match.spans[n + 1]]);
    spans.sort((x, y) => x[0] - y[0]);
    return {
      ...common, a: { text: match.b, article: b, paragraph: bp }, b: { text: match.a, article: a, paragraph: ap },
      spans: spans.flat(), match,
    };
  }
  return {
    ...common, a: { text: match.a, article: a, paragraph: ap }, b: { text: match.b, article: b, paragraph: bp },
    spans: match.spans, match,
  };
}

function cluster(i) {
  const [id, size, articles, sites, scope, standing, kept, reason, runners, members] = block('clusters')[i];
  const places = (flat) => {
    const found = [];
    for (let n = 0; n < flat.length; n += 4) {
      found.push({ text: flat[n], article: flat[n + 1], paragraph: flat[n + 2], similarity: flat[n + 3] / 1000 });
    }
    return found;
  };
  return {
    i, id, size, articles, sites, scope, standing: !!standing, kept: places(kept)[0],
    reason: named('reasons', reason), runners: places(runners), members: places(members),
  };
}

/* The paragraphs of an article that the report holds: {n, text}, with gaps as {n, to, gap: true}. */
function paragraphs(i) {
  const flat = record('paragraphs', i) || [];
  const found = [];
  let next = 0;
  for (let k = 0; k < flat.length; k += 2) {
    if (flat[k] > next) found.push({ n: next, to: flat[k] - 1, gap: true });
    found.push({ n: flat[k], text: flat[k + 1] });
    next = flat[k] + 1;
  }
  const total = article(i).paragraphs;
  if (next < total) found.push({ n: next, to: total - 1, gap: true });
  return found;
}

/* What shares an article: how it is called, and where it stands. */
function nameOf(i) {
  const of = article(i);
  return of.title || of.id;
}

function placeName(at) {
  const of = article(at.article);
  return [of.site || of.id, at.paragraph === undefined ? '' : `¶${at.paragraph}`].filter(Boolean).join(' ');
}
