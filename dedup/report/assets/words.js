/* Words, and what two texts share. Case, accents and punctuation make no difference, as in dedup. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N}])+/gu;
const ACCENTS = /[\u0300-\u036f\u064b-\u0652]/g;
const TABLE = 250000; /* cells of a table of words by words; above, a part is cut at words that stand once */
const MOST_WORDS = 6000; /* of a paragraph that are compared */
const RUN = 3; /* words in a row by which paragraphs find their counterpart */
const ALIKE = 0.25; /* share of the shorter paragraph's runs that its counterpart holds at least */

function tokens(text) {
  const found = [];
  for (const match of text.matchAll(WORD)) {
    found.push({ word: match[0].normalize('NFKD').replace(ACCENTS, '').toLowerCase(), start: match.index, end: match.index + match[0].length });
    if (found.length >= MOST_WORDS) break;
  }
  return found;
}

/* Return the stretches [i, j, n] that two lists of words share, in order, as many words as can be. */
function shared(a, b) {
  const blocks = [];
  const push = (i, j, n) => {
    const last = blocks[blocks.length - 1];
    if (last && last[0] + last[2] === i && last[1] + last[2] === j) last[2] += n;
    else if (n) blocks.push([i, j, n]);
  };
  const walk = (a0, a1, b0, b1) => {
    let head = 0;
    while (a0 + head < a1 && b0 + head < b1 && a[a0 + head] === b[b0 + head]) head += 1;
    push(a0, b0, head);
    a0 += head; b0 += head;
    let tail = 0;
    while (a1 - tail > a0 && b1 - tail > b0 && a[a1 - tail - 1] === b[b1 - tail - 1]) tail += 1;
    a1 -= tail; b1 -= tail;
    if (a1 > a0 && b1 > b0) {
      if ((a1 - a0) * (b1 - b0) <= TABLE) table(a, b, a0, a1, b0, b1, push);
      else {
        const cuts = anchors(a, b, a0, a1, b0, b1);
        let [i, j] = [a0, b0];
        for (const [x, y] of cuts) { walk(i, x, j, y); push(x, y, 1); i = x + 1; j = y + 1; }
        if (cuts.length) walk(i, a1, j, b1);
      }
    }
    push(a1, b1, tail);
  };
  walk(0, a.length, 0, b.length);
  return blocks;
}

/* The longest common subsequence of two short lists, by the usual table. */
function table(a, b, a0, a1, b0, b1, push) {
  const width = b1 - b0 + 1;
  const best = new Uint16Array((a1 - a0 + 1) * width);
  for (let i = a1 - a0 - 1; i >= 0; i -= 1) {
    for (let j = b1 - b0 - 1; j >= 0; j -= 1) {
      best[i * width + j] = a[a0 + i] === b[b0 + j]
        ? best[(i + 1) * width + j + 1] + 1
        : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    }
  }
  let [i, j] = [0, 0];
  while (i < a1 - a0 && j < b1 - b0) {
    if (a[a0 + i] === b[b0 + j]) { push(a0 + i, b0 + j, 1); i += 1; j += 1; }
    else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i += 1;
    else j += 1;
  }
}

/* Words that stand once on either side, in an order that both have (patience diff, B. Cohen). */
function anchors(a, b, a0, a1, b0, b1) {
  const once = (words, from, to) => {
    const seen = new Map();
    for (let i = from; i < to; i += 1) seen.set(words[i], seen.has(words[i]) ? -1 : i);
    return seen;
  };
  const inB = once(b, b0, b1);
  const pairs = [...once(a, a0, a1)].filter(([word, i]) => i >= 0 && inB.get(word) >= 0).map(([word, i]) => [i, inB.get(word)]).sort((x, y) => x[0] - y[0]);
  const tops = [];
  const before = pairs.map(() => -1);
  pairs.forEach(([, j], n) => {
    let [low, high] = [0, tops.length];
    while (low < high) { const mid = (low + high) >> 1; if (pairs[tops[mid]][1] < j) low = mid + 1; else high = mid; }
    before[n] = low ? tops[low - 1] : -1;
    tops[low] = n;
  });
  const chain = [];
  for (let n = tops.length ? tops[tops.length - 1] : -1; n >= 0; n = before[n]) chain.push(pairs[n]);
  return chain.reverse();
}

/* The characters of both texts that are shared, as spans [a0, a1, b0, b1]; words alone count. */
function sharedSpans(a, b) {
  const [left, right] = [tokens(a), tokens(b)];
  const blocks = shared(left.map((t) => t.word), right.map((t) => t.word));
  const spans = [];
  for (const [i, j, n] of blocks) spans.push([left[i].start, left[i + n - 1].end, right[j].start, right[j + n - 1].end]);
  return { spans, shared: blocks.reduce((sum, block) => sum + block[2], 0), left: left.length, right: right.length };
}

function runs(text) {
  const words = tokens(text).map((t) => t.word);
  const length = Math.min(RUN, Math.max(1, words.length));
  const found = new Set();
  for (let i = 0; i + length <= words.length; i += 1) found.add(words.slice(i, i + length).join(' '));
  return found;
}

/* Pair the paragraphs of two articles: [{left, right}] in the order of the right one. */
function aligned(left, right) {
  const where = new Map();
  const leftRuns = left.map((p) => runs(p.body));
  leftRuns.forEach((set, i) => set.forEach((run) => where.set(run, [...(where.get(run) || []), i])));
  const offers = [];
  right.forEach((p, j) => {
    const own = runs(p.body);
    const hits = new Map();
    own.forEach((run) => (where.get(run) || []).forEach((i) => hits.set(i, (hits.get(i) || 0) + 1)));
    hits.forEach((n, i) => {
      const least = Math.min(own.size, leftRuns[i].size);
      if (n / least >= ALIKE) offers.push([n / Math.max(own.size, leftRuns[i].size), n, i, j]);
    });
  });
  offers.sort((x, y) => y[0] - x[0] || y[1] - x[1] || Math.abs(x[2] - x[3]) - Math.abs(y[2] - y[3]));
  const partner = new Map();
  const taken = new Set();
  for (const [, , i, j] of offers) {
    if (!partner.has(j) && !taken.has(i)) { partner.set(j, i); taken.add(i); }
  }
  const rows = [];
  const told = new Set();
  const tellUpTo = (end) => {
    for (let i = 0; i < end; i += 1) if (!taken.has(i) && !told.has(i)) { told.add(i); rows.push({ left: left[i], right: null }); }
  };
  right.forEach((p, j) => {
    const i = partner.get(j);
    if (i !== undefined) tellUpTo(i);
    rows.push({ left: i === undefined ? null : left[i], right: p });
  });
  tellUpTo(left.length);
  return rows;
}
