"""The parts of a mail (RFC 5322 and MIME, RFC 2045 to 2047), in time and memory linear in its size.

Not Python's own `email`: its parser of headers calls itself for each bracket, takes quadratic time
and hundreds of times the memory of a long header, and knows no limit of parts. What is read here is
what a reader of mail shows; how much of it is bounded, and what is cut is told.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from dedup.readers.encoding import Decoded, decode

HEADER = 16 * 2**10
"""Most bytes of one header (16 KiB); hardly any has one. With a higher value more is read of those
that are made to be long."""
HEADERS = 1000
"""Most headers of a part. With a higher value more are looked at."""
PARTS = 1000
"""Most parts of a mail. With a higher value more are looked at."""
DEEPEST = 30
"""Most parts inside each other. With a higher value more deeply forwarded mails are read."""

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*+)(?:\n|\Z)")
_BLANK = re.compile(rb"[ \t]*\r?(?:\n|\Z)")
_ENVELOPE = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]*\n)?\s*")
"""What may stand before the first header: a byte order mark, the line of an mbox, blank lines."""
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*+"?|[^;]*)', re.DOTALL)
_QUOTED = re.compile(rb"\\(.)", re.DOTALL)
_DIVIDER = re.compile(rb"^--(\S[^\r\n]{0,200}?)[ \t]*\r?$", re.MULTILINE)
_WORD = re.compile(rb"=\?([\w.:+-]{1,60})(?:\*[\w-]*)?\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(slots=True)
class Part:
    """A part of a mail, or the whole of it."""

    headers: dict[str, bytes]
    """Headers as they stand, unfolded, by name in small letters; the first of a name."""
    kind: str
    """Its type in small letters, such as `text/plain`."""
    parameters: dict[str, str]
    """Those of its type, by name in small letters."""
    body: bytes = b""
    """What it holds, decoded from what it was sent as; empty if it has parts."""
    parts: list[Part] = field(default_factory=list)
    """The parts it has, or the mail that it forwards."""

    @property
    def attached(self) -> bool:
        """Whether it is shown as a file, not as text."""
        return self.headers.get("content-disposition", b"").strip().lower().startswith(b"attach")

    def leaves(self, *, forwarded: bool = False) -> Iterator[Part]:
        """Yield the parts without parts, in order; those of forwarded mails only if asked for."""
        todo = [self]
        while todo:
            part = todo.pop()
            if not part.parts:
                yield part
            elif forwarded or part.kind != "message/rfc822":
                todo += reversed(part.parts)


def parsed(data: bytes, cut: list[str]) -> Part:
    r"""Return the parts of a mail; what was too much is added to `cut`, in a clause each.

    >>> mail = parsed(b"Subject: Rain\nContent-Type: text/html\n\n<p>Rain.", [])
    >>> mail.kind, mail.headers["subject"], mail.body
    ('text/html', b'Rain', b'<p>Rain.')
    """
    return _Parser(data, cut).part(_ENVELOPE.match(data).end(), len(data), 0)  # type: ignore[union-attr]  # it always matches


class _Parser:
    def __init__(self, data: bytes, cut: list[str]) -> None:
        self._data = data
        self._cut = cut
        self._number = 0

    def part(self, start: int, end: int, depth: int) -> Part:
        """Read the part that stands between two places."""
        self._number += 1
        headers, start = self._headers(start, end)
        kind, parameters = _typed(headers.get("content-type", b""))
        part = Part(headers, kind, parameters)
        inner: Iterator[tuple[int, int]] = iter(())
        if kind.startswith("multipart/"):
            inner = self._divided(parameters.get("boundary", ""), start, end)
        elif kind == "message/rfc822":
            inner = iter([(start, end)])
        for one in inner:
            if self._number >= PARTS:
                self._tell(f"the mail has more than {PARTS:,} parts; the others were not read")
                break
            if depth >= DEEPEST:
                self._tell(f"parts stand in more than {DEEPEST} others; those were not read")
                break
            part.parts.append(self.part(*one, depth + 1))
        if not part.parts:
            sent = headers.get("content-transfer-encoding", b"").strip().lower()
            part.body = _received(self._data[start:end], sent)
            if kind.startswith(("multipart/", "message/rfc822")):
                part.kind = "text/plain"  # nothing divides it
        return part

    def _headers(self, start: int, end: int) -> tuple[dict[str, bytes], int]:
        """Read headers from a place on; return where the body begins."""
        headers: dict[str, bytes] = {}
        number = 0
        while start < end and (found := _FIELD.match(self._data, start, end)):
            start = found.end()
            number += 1
            value = found[2]
            if len(value) > HEADER:
                self._tell(f"a header is longer than {HEADER >> 10} KiB; the rest was not read")
                value = value[:HEADER]
            if number <= HEADERS:
                headers.setdefault(found[1].decode().lower(), _FOLD.sub(b"", value).strip())
        if number > HEADERS:
            self._tell(f"the mail has more than {HEADERS:,} headers; the others were not read")
        blank = _BLANK.match(self._data, start, end)
        return headers, blank.end() if blank else start

    def _divided(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield where the parts stand that a boundary divides, or the first line that may be it."""
        mark = boundary.encode("utf-8", "surrogateescape")
        if not mark:
            first = _DIVIDER.search(self._data, start, end)
            if first is None:
                return
            mark = first[1]
        line = re.compile(rb"^--%b(--)?[ \t]*\r?$" % re.escape(mark), re.MULTILINE)
        before = None
        for found in line.finditer(self._data, start, end):
            if before is not None:
                yield before, _before_break(self._data, found.start())
            before = None if found[1] else min(found.end() + 1, end)
            if found[1]:
                return
        if before is not None:
            yield before, end

    def _tell(self, what: str) -> None:
        if what not in self._cut:
            self._cut.append(what)


def _before_break(data: bytes, at: int) -> int:
    """Return where the line break before a boundary begins: it belongs to the boundary."""
    at -= data[at - 1 : at] == b"\n"
    return at - (data[at - 1 : at] == b"\r")


def _typed(value: bytes) -> tuple[str, dict[str, str]]:
    kind = value.partition(b";")[0].strip().lower().decode("ascii", "replace")
    parameters: dict[str, str] = {}
    for name, told in _PARAMETER.findall(value):
        clean = _QUOTED.sub(rb"\1", told[1:].removesuffix(b'"')) if told[:1] == b'"' else told
        key, extended, _ = name.decode("ascii", "replace").lower().partition("*")
        if extended and b"'" in clean:  # RFC 2231: charset'language'percent-encoded
            clean = unquote_to_bytes(clean.rpartition(b"'")[2])
        parameters.setdefault(key, clean.strip().decode("utf-8", "surrogateescape"))
    return (kind if "/" in kind else "text/plain"), parameters


def _received(body: bytes, sent: bytes) -> bytes:
    """Undo what a body was sent as; what is damaged gives what can be had of it."""
    if sent == b"base64":
        digits = _NOT_BASE64.sub(b"", body)
        digits = digits[: len(digits) - (len(digits) % 4 == 1)]
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
    return binascii.a2b_qp(body) if sent == b"quoted-printable" else body


def header(raw: bytes, *encodings: str | None) -> Decoded:
    r"""Return what a header says, its encoded words (RFC 2047) decoded, on one line.

    Both they and bytes that stand there against the rules are UTF-8 if they can be; else the former
    are as they say, and both in one of the `encodings` of the mail's own text.

    >>> header(b"=?utf-8?q?J=C3?= =?utf-8?q?=B6rg?= <j@desk.example>").text
    'Jörg <j@desk.example>'
    >>> header(b"=?iso-8859-1?Q?Fr=C3=B6sche?= in May\x85", "cp1252").text
    'Frösche in May…'
    """
    pieces: list[tuple[str, bytes]] = []  # encoding, bytes
    at = 0
    for word in _WORD.finditer(raw):
        between = raw[at : word.start()]
        at = word.end()
        if not (pieces and pieces[-1][0] and between.isspace()):
            pieces.append(("", between))
        name = word[1].decode().lower()
        if word[2] in b"bB":
            said = _received(word[3], b"base64")
        else:
            said = binascii.a2b_qp(word[3].replace(b"_", b" "))
        if pieces[-1][0] == name:  # a character may be parted between two words
            said = pieces.pop()[1] + said
        pieces.append((name, said))
    pieces.append(("", raw[at:]))
    read = [decode(said, *filter(None, (name, *encodings))) for name, said in pieces]
    text = " ".join("".join(found.text for found in read).split())
    return next((found for found in read if found.guessed), read[0])._replace(text=text, lost=0)
