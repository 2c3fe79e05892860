"""A fragment of HTML, as feeds, agencies and mails carry it, to text with a paragraph a line.

Only tokens are told apart here, because the breaks between paragraphs need no tree. That is why
nesting costs nothing, and why no library is used: those that build a tree (lxml, selectolax) would
have JSON and mail need an extra, and Python's own `html.parser` takes quadratic time for tags that
never end (CVE-2025-6069, open in Python 3.11.7: 300 kB take minutes).
"""

# Names of elements as a string: a list would take a line for each.
# ruff: noqa: SIM905

from __future__ import annotations

import re
from collections import Counter
from html import unescape

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav"
    " ol option p pre section summary table tbody tfoot thead tr ul".split()
)
"""Elements before and after which a paragraph ends; all others are part of a line."""

DROPPED = frozenset(
    "applet audio button canvas head iframe math noembed noframes noscript object script select"
    " style svg template textarea title video".split()
)
"""Elements that go with all they hold, because no reader sees it as text of the article."""

_CODE = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
"""Where elements end whose content is no HTML, so that a `<p>` in it is none."""

_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*(?:[-:][a-z0-9]+)*+)(?=[\s/<>]|\Z)", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"""(?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+""")
_UNQUOTED = re.compile(r"[^<>]*+")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_ENDLESS = re.compile(r"&#\d{8,}+;?")
"""No character, and of 4,300 digits and more nothing that Python takes for a number."""

_INDENTED = re.compile(r"\n[ \t]{3,}+(?=\S)")
_FLUSH = re.compile(r"\n(?=\S)")

_BLOCK, _BR = "\x1e", "\x1f"
"""Stand for breaks while the text is put together; separators of records and units in ASCII."""
_MARKS = dict.fromkeys(BLOCKS, _BLOCK) | {"br": _BR, "td": " ", "th": " "}
_SEPARATORS = str.maketrans(_BLOCK + _BR, "  ")
_TWO_BR = re.compile(rf"{_BLOCK}|{_BR}\s*{_BR}")  # white space includes both


def text(fragment: str) -> str:
    r"""Return the text of a fragment: a paragraph a line, white space folded, entities decoded.

    Paragraphs end at elements in `BLOCKS` (so captions and cells' rows are lines of their own) and
    at two `<br>`; one `<br>` is a space, unless it is all the fragment has to tell lines apart.
    Comments and what is in `DROPPED` are left out. Without any break, so in plain text or with tags
    such as `<b>` only, lines are as they stand. Takes any garbage: a tag that never ends is left
    out up to the next `<`; a `<` that begins no tag is a character.

    >>> text("<p>Rain is <b>d</b>ue.<p>It will&nbsp;last.<script>track()</script></p>")
    'Rain is due.\nIt will last.'
    >>> text("Rain.<br />\n<br />Sun."), text("Rain &amp; sun\n\nA < B")
    ('Rain.\nSun.', 'Rain & sun\n\nA < B')
    """
    if "<" not in fragment:
        return _decoded(fragment)
    joined = "".join(_pieces(_CDATA.sub("", fragment).translate(_SEPARATORS)))
    if _BLOCK not in joined and _BR not in joined:
        return joined
    lines = _folded(_TWO_BR.split(joined))
    return "\n".join(lines if len(lines) > 1 else _folded(re.split(f"[{_BLOCK}{_BR}]", joined)))


def _folded(paragraphs: list[str]) -> list[str]:
    lines = (line for paragraph in paragraphs for line in _typed(paragraph))
    return [line for line in (" ".join(line.split()) for line in lines) if line]


def _typed(paragraph: str) -> list[str]:
    """Part what is typed as with a typewriter: indented lines begin paragraphs, others do not."""
    if "\n" in paragraph and _FLUSH.search(paragraph):
        return _INDENTED.split(paragraph)
    return [paragraph]


def _pieces(fragment: str) -> list[str]:
    """Cut a fragment into text and the marks of its breaks, in time linear in its length."""
    cut = _Cut()
    spare = len(fragment)  # characters that may be looked at in vain
    end = 0
    while (start := fragment.find("<", end)) >= 0:
        cut.pieces.append(_decoded(fragment[end:start]))
        name = _NAME.match(fragment, start)
        if name is None:
            end = _no_tag(fragment, start)
            cut.pieces.append("<" if end == start + 1 else "")
            continue
        end = _after(_ATTRIBUTES, fragment, name.end()) if spare > 0 else start
        if fragment[end : end + 1] != ">":
            spare -= end - start
            end = _after(_UNQUOTED, fragment, name.end())
        empty = fragment.startswith("/", end - 1)
        end += fragment.startswith(">", end)
        element = name[2].lower()
        if element not in DROPPED:
            cut.pieces.append(_MARKS.get(element, ""))
        elif name[1]:
            cut.closes(element)
        elif element in _CODE and not empty:
            closing = _CODE[element].search(fragment, end)
            end = closing.start() if closing else len(fragment)
        elif not empty:
            cut.opens(element)
    cut.pieces.append(_decoded(fragment[end:]))
    return cut.pieces


class _Cut:
    """Text and marks so far, without those of elements to drop that are closed."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._open: list[tuple[str, int]] = []  # elements to drop, and how many pieces came before
        self._names: Counter[str] = Counter()

    def opens(self, element: str) -> None:
        self._open.append((element, len(self.pieces)))
        self._names[element] += 1

    def closes(self, element: str) -> None:
        """Drop all since the element was opened; one that never is closed drops nothing."""
        while self._names[element]:
            other, before = self._open.pop()
            self._names[other] -= 1
            if other == element:
                del self.pieces[before:]
                return


def _no_tag(fragment: str, start: int) -> int:
    """Find where a comment or declaration ends; what is neither is a character of the text."""
    if fragment.startswith("<!--", start):
        end = fragment.find("-->", start + 2)
        return end + 3 if end >= 0 else len(fragment)
    if fragment.startswith(("<!", "<?", "</"), start):
        end = _after(_UNQUOTED, fragment, start + 2)
        return end + fragment.startswith(">", end)
    return start + 1


def _after(pattern: re.Pattern[str], fragment: str, start: int) -> int:
    match = pattern.match(fragment, start)
    return match.end() if match else start


def _decoded(piece: str) -> str:
    return unescape(_ENDLESS.sub("\ufffd", piece)) if "&" in piece else piece
