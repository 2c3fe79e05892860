"""A mail (`.eml`, RFC 5322 and MIME): a press release, a newsletter or an alert as one article."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TypeVar

from dedup.errors import Problem
from dedup.readers import markup
from dedup.readers.article_builder import Records
from dedup.readers.compression import entire
from dedup.readers.encoding import decode, undecodable
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

_T = TypeVar("_T")
_U = TypeVar("_U")

_STUB = 5
"""Times as many words in the HTML of a mail as in its plain text, so that the latter is a stub."""
_SLOW = frozenset(("idna", "punycode"))
"""Encodings of host names, which take quadratic time for texts."""
_HOST = re.compile(r"@([\w.-]+\.\w+)")
_LIST = re.compile(r"<?([\w-]+(?:\.[\w-]+)*\.[a-z][\w-]+)>?\s*$", re.IGNORECASE)
_SOFT = re.compile(r"(?<!^--) \r?\n(?!-- \r?\n)", re.MULTILINE)
"""A line break of flowed text that is none (RFC 3676)."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the one article of a mail.

    The text is the mail's plain text or, where there is none or only a stub ("see the HTML"), its
    HTML; attachments are left alone. The title is its subject, the author its sender's name, the
    date when it was sent. The site is the domain of the sender's address, else of the list's id:
    lists are run by mailing services in their own names. The id is the `Message-ID`, which two
    copies of a mail share, else the source's name. Raises `UnreadableError` if there is no text.
    """
    data = entire(stream, source, problems, "mail", "leave its attachments out")
    try:
        mail = message_from_bytes(data, policy=policy.default)
        text = _text(mail, source, problems)
    except RecursionError as error:
        what = "the mail has parts inside parts beyond all measure"
        raise UnreadableError(what, "save its text as .txt") from error
    if not text or text.isspace():
        raise UnreadableError("the mail holds no text", "nothing, or save its attachments")
    sender = _header(mail, "From")
    host = _HOST.search(sender) or _LIST.search(_header(mail, "List-ID"))
    record = {
        "id": _header(mail, "Message-ID").strip("<>[] "),
        "text": text,
        "title": " ".join(_header(mail, "Subject").split()),
        "author": parseaddr(sender)[0] or sender.partition("<")[0].strip(),
        "site": host[1].lower() if host else None,
        "date": _date(mail),
        "lang": _header(mail, "Content-Language").partition(",")[0].strip(),
    }
    records = Records(problems, None, source.site, source.path)
    article = records.article(record, source.name, source.path)
    if article is not None:
        yield article


def _tried(what: Callable[[], _T], otherwise: _U) -> _T | _U:
    """Do what the library may fail at: it raises nearly anything for headers that are broken."""
    try:
        return what()
    except RecursionError:
        raise
    except Exception:
        return otherwise


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header decoded, as it stands if it is broken, or empty."""
    raws = (str(value) for key, value in mail.raw_items() if key.lower() == name.lower())
    raw = next(raws, "")
    if raw.isascii():
        return raw and _tried(lambda: str(mail[name]), raw)
    return decode(raw.encode("utf-8", "surrogateescape"))[0]  # bytes as they are, against the rules


def _date(mail: EmailMessage) -> str:
    def moment() -> str:
        sent: datetime | None = mail["Date"].datetime
        if sent is None:
            return _header(mail, "Date")
        # "-0000" is UTC told by a machine that does not know its zone; Python gives it no zone
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).isoformat()

    return _tried(moment, _header(mail, "Date"))


def _text(mail: EmailMessage, source: Source, problems: list[Problem]) -> str:
    plain = _decoded(_body(mail, "plain"), source, problems)
    html = _decoded(_body(mail, "html"), source, problems)
    if not html:
        return plain
    marked = markup.text(html)
    return marked if len(marked.split()) > _STUB * len(plain.split()) else plain


def _body(mail: EmailMessage, kind: str) -> EmailMessage | None:
    """Find the part that a reader sees first; if need be, in a mail that this one forwards."""
    body = _tried(lambda: mail.get_body((kind,)), None)
    if isinstance(body, EmailMessage):
        return body
    for part in mail.walk():
        is_shown = _tried(part.get_content_disposition, None) != "attachment"
        if (
            part.get_content_type() == f"text/{kind}"
            and is_shown
            and isinstance(part, EmailMessage)
        ):
            return part
    # parts that nothing divides: the library leaves them as one text
    return mail if mail.get_content_maintype() == "multipart" and not mail.is_multipart() else None


def _decoded(part: EmailMessage | None, source: Source, problems: list[Problem]) -> str:
    """Decode a part as it says, or, where that is wrong or unknown, as what it looks like."""
    if part is None:
        return ""
    data: object = _tried(lambda: part.get_payload(decode=True), b"")
    if not isinstance(data, bytes):
        return ""
    charset = _tried(lambda: str(part.get_content_charset("")), "")
    try:
        name = codecs.lookup(charset).name
        text, used, lost = data.decode("ascii" if name in _SLOW else name), name, 0
    except (LookupError, UnicodeError, ValueError):
        text, used, lost, _ = decode(data)
    if lost:
        problems.append(undecodable(source.path, lost, used))
    if _tried(lambda: part.get_param("format"), None) == "flowed":
        text = _SOFT.sub(
            "" if _tried(lambda: part.get_param("delsp"), None) == "yes" else " ", text
        )
    return text.replace("\r\n", "\n")
