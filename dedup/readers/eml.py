"""A mail (`.eml`, RFC 5322 and MIME): a press release, a newsletter or an alert as one article."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

from dedup.errors import Problem
from dedup.readers import markup, mime
from dedup.readers.article_builder import Records
from dedup.readers.compression import entire
from dedup.readers.encoding import Decoded, decode
from dedup.readers.mime import Part
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

_STUB = 5
"""Times as many words in the HTML of a mail as in its plain text, so that the latter is a stub; a
higher value takes fewer for one."""
_NOTE = 60
"""Words up to which a mail may be a note to what comes with it ("please find attached"). With a
higher value longer ones are taken for one."""
_RELEASE = 2
"""Times as many words in what comes with a note as in the note. With a higher value fewer do."""
_LINE = 1000
"""Most bytes of a header that says one thing: a date, an id, a sender."""
_CHARSETS = 3
"""Encodings of its text that headers are tried in. With a higher value more parts count."""
_HOST = re.compile(r"@([\w.-]+\.\w+)")
_LIST = re.compile(r"<?([\w-]+(?:\.[\w-]+)*\.[a-z][\w-]+)>?\s*$", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_SOFT = re.compile(r"(?<!^--) \r?\n(?!-- \r?\n)", re.MULTILINE)
"""A line break of flowed text that is none (RFC 3676)."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the one article of a mail.

    The text is the mail's plain text or, where there is none or only a stub ("see the HTML"), its
    HTML; where all that is a note ("please find attached"), the longest text that is attached or
    forwarded. The title is its subject, the author its sender's name, the date when it was sent.
    The site is the domain of the sender's address, else of the list's id: lists are run by mailing
    services in their own names. The id is the `Message-ID`, which two copies of a mail share, else
    the source's name. Raises `UnreadableError` if there is no text.
    """
    data = entire(stream, source, problems, "mail", "leave its attachments out")
    cut: list[str] = []
    mail = mime.parsed(data, cut)
    problems += [Problem(source.path, what, "nothing", skipped=False) for what in cut]
    found = _text(mail)
    if not found.text or found.text.isspace():
        raise UnreadableError("the mail holds no text", "nothing, or save its attachments")
    doubts = dict.fromkeys(found.problems(source.path))
    encodings = [found.encoding, *(part.parameters.get("charset") for part in mail.leaves())]

    def told(name: str, most: int = _LINE) -> str:
        said = mime.header(mail.headers.get(name, b"")[:most], *encodings[:_CHARSETS])
        doubts.update(dict.fromkeys(said.problems(source.path)))
        return said.text

    sender = told("from")
    host = _HOST.search(sender) or _LIST.search(told("list-id"))
    record = {
        "id": told("message-id").strip("<>[] "),
        "text": found.text,
        "title": told("subject", mime.HEADER),
        "author": _name(sender),
        "site": host[1].lower() if host else None,
        "date": _date(told("date")),
        "lang": told("content-language").partition(",")[0].strip(),
    }
    problems += doubts
    records = Records(problems, None, source.site, source.path)
    article = records.article(record, source.name, source.path)
    if article is not None:
        yield article


def _name(sender: str) -> str | None:
    """Return the name of a sender, else the address.

    >>> _name('"Reed, Ann" <ann@desk.example>'), _name("ann@desk.example (Ann)")
    ('Reed, Ann', 'ann@desk.example')
    """
    name, bracket, address = sender.partition("<")
    name = name.strip()
    if name.startswith('"'):
        name = name.strip('"').replace('\\"', '"')
    else:
        name = _COMMENT.sub("", name).strip() if bracket else _COMMENT.sub("", name).split(",")[0]
    for told in (name, address.partition(">")[0]):
        if any(map(str.isalnum, told)):
            return told.strip()
    return None


def _date(told: str) -> str:
    try:
        sent = parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError, OverflowError):
        return told
    # "-0000" is UTC told by a machine that does not know its zone; Python gives it no zone
    return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).isoformat()


def _text(mail: Part) -> Decoded:
    """Return the text that a reader sees first or, if that is a stub, what comes with it."""
    best = _shown(list(mail.leaves()), attached=False)
    every = list(mail.leaves(forwarded=True))
    note = len(best.text.split())
    if note <= _NOTE:
        for other in (_shown(every, attached=False), *_attached(every)):
            if len(other.text.split()) > _RELEASE * max(note, len(best.text.split()) // _RELEASE):
                best = other
    return best


def _shown(leaves: list[Part], *, attached: bool) -> Decoded:
    """Return the first plain text of some parts or, if that is a stub, the first HTML."""
    plain, html = (
        next((part for part in leaves if part.kind == kind and part.attached == attached), None)
        for kind in ("text/plain", "text/html")
    )
    text = _decoded(plain) if plain else Decoded("", "utf-8")
    if html is None:
        return text
    marked = _decoded(html)
    is_stub = len(marked.text.split()) > _STUB * len(text.text.split())
    return marked if is_stub else text


def _attached(leaves: list[Part]) -> Iterator[Decoded]:
    for part in leaves:
        if part.attached and part.kind in ("text/plain", "text/html"):
            yield _decoded(part)


def _decoded(part: Part) -> Decoded:
    """Decode a part as it says, or, where that is wrong or unknown, as what it looks like."""
    found = decode(part.body, part.parameters.get("charset"))
    text = found.text.replace("\r\n", "\n")
    if part.kind == "text/html":
        return found._replace(text=markup.text(text))
    if part.parameters.get("format", "").lower() == "flowed":
        text = _SOFT.sub("" if part.parameters.get("delsp", "").lower() == "yes" else " ", text)
    return found._replace(text=text)
