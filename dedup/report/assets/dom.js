/* Elements and numbers. What the data hold reaches the page as text nodes alone.
   KINDS, RELATIONS and ROLES, which the data name by number, are set before (`page.py`). */
const KIND_NAMES = {
  original: 'original', agency: 'agency copy', reused: 'reused', within: 'repeated in one article',
  quoted: 'quoted', standing: 'standing text',
};
const RELATION_KIND = {
  identical: 'reused', duplicate: 'reused', passage: 'reused', rewrite: 'rewrite', quote: 'quoted',
  template: 'standing', boilerplate: 'standing',
};
const SCOPE_NAMES = ['within one article', 'within one site', 'across sites'];
const LONGEST_NAME = 240;

/* Control characters are shown as pictures of the same length, so spans stay where they are. */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
function shown(text) {
  return String(text).replace(CONTROLS, (c) => (c < ' ' ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : '\ufffd'));
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    node.append(child instanceof Node ? child : document.createTextNode(shown(child)));
  }
  return node;
}

function dress(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (name === 'style') for (const [rule, v] of Object.entries(value)) node.style.setProperty(rule, v);
    else node.setAttribute(name, value === true ? '' : value);
  }
  return node;
}

function el(tag, attributes, ...children) {
  return add(dress(document.createElement(tag), attributes), children);
}

function svg(tag, attributes, ...children) {
  return add(dress(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes), children);
}

/* A name or title from the data: its direction is its own, and it is cut where it has no end. */
function said(text, most = LONGEST_NAME) {
  const whole = String(text === null || text === undefined ? '' : text);
  return el('bdi', { dir: 'auto' }, whole.length > most ? `${whole.slice(0, most)}…` : whole);
}

/* A link out of the page, if the address is one of the web; else its text. */
function outward(address) {
  let url = null;
  try { url = new URL(address); } catch { url = null; }
  if (!url || !['http:', 'https:'].includes(url.protocol)) return said(address);
  return el('a', { href: url.href, rel: 'noopener noreferrer nofollow', target: '_blank' }, said(address, 90));
}

const number = (n) => Number(n).toLocaleString('en-US');
const many = (n, what, plural = `${what}s`) => `${number(n)} ${Number(n) === 1 ? what : plural}`;

function percent(part, whole) {
  if (!whole) return '–';
  const share = (100 * part) / whole;
  if (part && share < 0.1) return '<0.1%';
  if (part < whole && share > 99.9) return '>99.9%';
  return `${share < 10 ? share.toFixed(1).replace(/\.0$/, '') : Math.round(share)}%`;
}

const UNITS = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
function duration(seconds) {
  let rest = Math.floor(Math.abs(seconds));
  const parts = [];
  for (const [unit, length] of UNITS) {
    if (rest >= length || parts.length) {
      parts.push(rest >= length ? `${Math.floor(rest / length)} ${unit}` : '');
      rest %= length;
    }
  }
  return parts.slice(0, 2).filter(Boolean).join(' ') || '0 s';
}

/* How much later something was, from the least and most seconds; never more exact than known. */
function later(lag) {
  if (!lag) return '';
  const [least, most] = lag;
  if (least < 0 && most > 0) return `${duration(-least)} earlier to ${duration(most)} later`;
  if (!least && !most) return 'same time';
  const [near, far] = [Math.abs(least), Math.abs(most)].sort((x, y) => x - y);
  const way = most > 0 ? 'later' : 'earlier';
  if (near === far) return `${duration(far)} ${way}`;
  return near ? `${duration(near)} to ${duration(far)} ${way}` : `within ${duration(far)}${most > 0 ? '' : ' earlier'}`;
}

function moment(iso) {
  if (!iso) return '';
  const [day, time = ''] = String(iso).split('T');
  const zone = time.slice(5).replace(/^[:.\d]+/, '');
  return [day, time.slice(0, 5), zone].filter(Boolean).join(' ');
}
