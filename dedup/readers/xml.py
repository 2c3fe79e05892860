"""XML that may be hostile, broken or wrongly labelled, element by element.

Python's own expat does it, with everything that can do harm refused by its handlers, as defusedxml
does too; on top of it that would give neither recovery nor other encodings. Expat is used without
its namespaces, for which a prefix that nobody declared ends a document.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from html.entities import html5
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from dedup.errors import Problem
from dedup.readers.article_builder import counted
from dedup.readers.decoded import decoded
from dedup.readers.protocol import Source, UnreadableError

LARGEST = 1 << 24
"""Most characters of one element that is asked for (16 Mi); one inside counts for `_NODE` more."""
_NODE = 100
_DEEPEST = 10_000
"""Most elements around one that is asked for."""
_NAME = 200
"""Most bytes of the name of an element that is looked for."""
_SPACES = 200
"""Most namespaces at one place."""

PREFIXES = {
    "backend.userland.com/rss": "",
    "backend.userland.com/rss091": "",
    "backend.userland.com/rss2": "",
    "blogs.law.harvard.edu/tech/rss": "",
    "channel.netscape.com/rdf/simple/0.9": "",
    "iptc.org/std/newsml/2003-10-10": "",
    "iptc.org/std/nitf/2006-10-18": "",
    "iptc.org/std/nar/2006-10-01": "",
    "my.netscape.com/rdf/simple/0.9": "",
    "news.yandex.ru": "yandex:",
    "purl.oclc.org/ooxml/wordprocessingml/main": "w:",
    "purl.org/atom/ns": "atom:",
    "purl.org/dc/elements/1.0": "dc:",
    "purl.org/dc/elements/1.1": "dc:",
    "purl.org/dc/terms": "dcterms:",
    "purl.org/rss/1.0": "",
    "purl.org/rss/1.0/modules/content": "content:",
    "rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "schemas.openxmlformats.org/wordprocessingml/2006/main": "w:",
    "search.yahoo.com/mrss": "media:",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office:",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text:",
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "www.w3.org/1999/02/22-rdf-syntax-ns": "rdf:",
    "www.w3.org/1999/xhtml": "",
    "www.w3.org/2005/atom": "atom:",
}
"""What elements of a namespace are called here; those of all others keep the prefix they have.

The names are without what writers get wrong: the scheme, capitals, and a `/` or `#` at the end.
"""

_ATOM = ("feed", "entry")
"""Roots that are Atom's, whatever namespace they say to be of, if it is none of `PREFIXES`."""

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""")
_SCHEME = re.compile("https?://")
_GROWS = re.compile("[<&%]")
"""What text must hold to declare or call an entity."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REMEDY = "fetch it again, or mend what wrote it"


class Found(NamedTuple):
    """An element that was asked for."""

    element: Element
    """The whole of it; names are as `PREFIXES` has them, those of attributes as they stand."""
    line: int
    """The line it begins on, from 1."""
    outer: tuple[tuple[str, Mapping[str, str]], ...]
    """Names and attributes of the elements around it, from the root."""

    @property
    def lang(self) -> str | None:
        """Its `xml:lang`, or the nearest around it."""
        every = [self.element.attrib, *(attributes for _, attributes in reversed(self.outer))]
        return next((lang for inner in every if (lang := inner.get("xml:lang"))), None)


def elements(
    stream: io.BufferedReader, source: Source, problems: list[Problem], *wanted: str
) -> Iterator[Found]:
    """Yield the elements of these names, none inside another; the next one frees the last.

    Where the XML is broken, that element is left out and reading goes on at the next. One that is
    larger than `LARGEST` is left out, too; a bare `&` is mended. The entities that are known are
    those of HTML, and single characters that a document names itself. A DTD from elsewhere counts
    as empty: nothing is fetched. Raises `UnreadableError` for a document that declares other
    entities of text, which can grow without end or name files.
    """
    reading = _Reading(wanted, source, problems)
    empty = True
    pieces = Mended(decoded(stream, source, problems, _declared))
    for text in pieces:
        piece = _FORBIDDEN.sub(" ", text.lstrip() if empty else text)  # a declaration comes first
        empty = empty and not piece
        data = reading.again + piece.encode("utf-8", "replace")
        while data:
            data = reading.after(data)
            yield from reading.found
            reading.found.clear()
            if reading.refused:
                raise reading.refused
    if pieces.number:
        what = f"{counted(pieces.number, 'bare ampersand')} mended"
        problems.append(Problem(source.path, what, "write &amp;", skipped=False))
    if empty:
        raise UnreadableError("the file holds no text", "fill it, or delete it")
    reading.ends()


def _declared(head: bytes) -> str | None:
    """Return the encoding that a document declares; none of wide characters, for it was read."""
    declared = _DECLARED.match(head)
    name = declared[1].decode() if declared else ""
    return None if name.lower().startswith(("utf-16", "utf-32", "ucs-")) else name


class _NestedError(Exception):
    """An element that nothing ends before the next one of its name, which begins there."""

    def __init__(self, name: str, at: int) -> None:
        super().__init__(f"<{name}> begins in another")
        self.at = at  # noted at once: expat goes on to the end of what it has


class _Reading:
    """A parser, where it stands, and what it has found."""

    def __init__(self, wanted: Sequence[str], source: Source, problems: list[Problem]) -> None:
        self.found: list[Found] = []
        self.refused: UnreadableError | None = None
        self.again = b""
        """What has to be looked at once more with what follows."""
        self._wanted = wanted
        names = "|".join(name.rpartition(":")[2] for name in wanted)
        self._resume = re.compile(rf"<(?:[\w.-]+:)?(?:{names})[\s/>]".encode())
        self._source = source
        self._problems = problems
        self._around: list[tuple[str, str, Mapping[str, str]]] = []  # as written, name, attributes
        self._spaces: list[Mapping[str, str | None]] = [{"": ""}]  # what stands for each prefix
        self._inside: list[str] = []  # open elements, from the one that is asked for
        self._builder: TreeBuilder | None = None  # None in an element that is too large
        self._rooted = False
        self._size = self._line = self._lines = 0
        self._parser: expat.XMLParserType | None = None
        self._begin()

    def _begin(self) -> None:
        """Make a parser that stands inside all elements that are open."""
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.specified_attributes = True  # no defaults, which a DTD can make grow, too
        # An external DTD, which may or may not be there, counts as read and empty. So an entity
        # that nobody declared is no error, and nothing is ever fetched.
        parser.UseForeignDTD(True)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        parser.ExternalEntityRefHandler = self._external
        parser.EntityDeclHandler = self._declares
        prologue = "".join(f"<{written}>" for written, _, _ in self._around).encode()
        parser.Parse(prologue, False)
        parser.SkippedEntityHandler = self._skips
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._closes
        parser.CharacterDataHandler = self._holds
        self._first = self._lines
        self._begins = self._fed = len(prologue)

    def after(self, data: bytes) -> bytes:
        """Parse data, and return what is left of it: something only if it is broken."""
        if self._parser is None:
            resume = self._resume.search(data)
            start = resume.start() if resume else max(0, len(data) - _NAME)
            self._lines += data.count(b"\n", 0, start)
            data = data[start:]
            if resume is None:
                self.again = data
                return b""
            self._begin()
        self.again = b""
        assert self._parser is not None
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            return self._broken(error, data, self._parser.ErrorByteIndex)
        except _NestedError as error:
            return self._broken(error, data, error.at)
        except UnreadableError as error:
            self.refused = error
        self._lines += data.count(b"\n")
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > LARGEST:
            what = f"a tag or comment is larger than {LARGEST >> 20} MiB"
            self.refused = UnreadableError(what, _REMEDY)
        return b""

    def ends(self) -> None:
        """Add a `Problem` for elements that nothing ends."""
        try:
            if self._parser is not None:
                self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            self._broken(error, b"", self._fed)

    def _broken(self, error: Exception, data: bytes, at: int) -> bytes:
        """Add a `Problem`, unless the document is whole; return the data after the fault."""
        start = max(0, at - self._fed)
        fresh = self._fed == self._begins
        self._lines += data.count(b"\n", 0, start)
        if self._around or self._inside or not self._rooted:
            line = self._first + getattr(error, "lineno", self._lines - self._first + 1)
            why = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else error
            message = f"is broken ({why})" if data else "breaks off"
            lost = f"; the <{self._inside[0]}> there was left out" if self._builder else ""
            problem = Problem(self._source.at(line), f"the XML {message}{lost}", _REMEDY)
            self._problems.append(problem)
        self._parser = None
        self._builder = None
        self._inside.clear()
        del self._spaces[1 + len(self._around) :]
        return data[1 if fresh and start == 0 else start :]  # not the same again

    def _external(self, context: str, *_: object) -> int:
        assert self._parser is not None
        self._parser.ExternalEntityParserCreate(context).Parse(b"", True)
        return 1

    def _declares(self, name: str, parameter: bool, value: str | None, *more: str | None) -> None:
        """Refuse an entity that may do harm.

        A parameter entity without markup or from elsewhere, which counts as empty, does none, nor
        does one character, nor what no parser reads (a picture, by its notation).
        """
        if parameter and (value is None or not _GROWS.search(value)):
            return
        if more[-1] or (value is not None and len(value) == 1 and value not in "&<%"):
            return
        what = f"the document declares the entity {name!r}, which may grow or name files; refused"
        raise UnreadableError(what, "take the declaration (<!ENTITY) out, if you trust it")

    def _skips(self, name: str, parameter: bool) -> None:
        if not parameter:
            self._holds(html5.get(f"{name};", f"&{name};"))

    def _starts(self, written: str, attributes: dict[str, str]) -> None:
        self._rooted = True
        spaces = self._spaces[-1]
        new = {name[6:]: called(uri) for name, uri in attributes.items() if name[:5] == "xmlns"}
        if new and len(spaces) < _SPACES:
            spaces = {**spaces, **new}
        prefix, _, local = written.rpartition(":")
        known = spaces.get(prefix)
        if len(self._spaces) == 1 and local in _ATOM and not known:
            spaces, known = {**spaces, prefix: "atom:"}, "atom:"
        self._spaces.append(spaces)
        name = written if known is None else known + local
        if not self._inside and name not in self._wanted:
            self._around.append((written, name, attributes))
            if len(self._around) > _DEEPEST:
                raise UnreadableError(f"elements are nested more than {_DEEPEST:,} deep", _REMEDY)
            return
        if not self._inside:
            assert self._parser is not None
            self._line = self._first + self._parser.CurrentLineNumber
            self._builder = TreeBuilder()
            self._size = 0
        elif name == self._inside[0]:
            assert self._parser is not None
            raise _NestedError(name, self._parser.CurrentByteIndex)
        self._inside.append(name)
        if self._builder is not None:
            self._builder.start(name, attributes)
            self._grows(_NODE + sum(map(len, attributes.values())))

    def _closes(self, _: str) -> None:
        self._spaces.pop()
        if not self._inside:
            self._around.pop()
            return
        name = self._inside.pop()
        if self._builder is None:
            return
        self._builder.end(name)
        if not self._inside:
            outer = tuple((name, attributes) for _, name, attributes in self._around)
            self.found.append(Found(self._builder.close(), self._line, outer))
            self._builder = None

    def _holds(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)
            self._grows(len(text))

    def _grows(self, more: int) -> None:
        self._size += more
        if self._size > LARGEST:
            self._builder = None
            what = f"the <{self._inside[0]}> is larger than {LARGEST >> 20} MiB"
            self._problems.append(Problem(self._source.at(self._line), what, _REMEDY))


def called(uri: str) -> str | None:
    """Return what the elements of a namespace are called by, before their own name; see `PREFIXES`.

    >>> called("https://www.w3.org/2005/Atom/"), called(""), called("urn:other")
    ('atom:', '', None)
    """
    name = _SCHEME.sub("", uri.strip().lower()).rstrip("/#")
    return PREFIXES.get(name) if name else ""


# -- A bare `&` in XML, as in `?a=1&b=2` and `R&D`

_LONGEST = 64
"""Most characters of a reference, such as `&CounterClockwiseContourIntegral;`."""
_BARE = re.compile(r"&(?!#\d{1,9};|#x[0-9A-Fa-f]{1,8};|[A-Za-z_:][\w:.-]{0,60};)")
_BEGIN, _END = "<![CDATA[", "]]>"


class Mended:
    """The pieces of a document with every bare `&` written `&amp;`, but in CDATA, where it may be.

    >>> "".join(Mended(iter(["<a>R&D, <![CDATA[R&", "D]]> &am", "p;</a>"])))
    '<a>R&amp;D, <![CDATA[R&D]]> &amp;</a>'
    """

    def __init__(self, pieces: Iterator[str]) -> None:
        self.number = 0
        """How many there were so far."""
        self._pieces = pieces

    def __iter__(self) -> Iterator[str]:
        text, inside = "", False
        for piece in self._pieces:
            text += piece
            done: list[str] = []
            while (at := text.find(_END if inside else _BEGIN)) >= 0:
                at += len(_END if inside else _BEGIN)
                done.append(self._mended(text[:at], inside))
                text, inside = text[at:], not inside
            kept = max(0, len(text) - len(_END) + 1) if inside else _whole(text)
            done.append(self._mended(text[:kept], inside))
            text = text[kept:]
            yield "".join(done)
        yield self._mended(text, inside)

    def _mended(self, text: str, inside: bool) -> str:
        if inside or "&" not in text:
            return text
        text, number = _BARE.subn("&amp;", text)
        self.number += number
        return text


def _whole(text: str) -> int:
    """Find where a reference or a mark begins that the next piece may go on with."""
    end = len(text)
    starts = (
        text.rfind("&", max(0, end - _LONGEST)),
        text.rfind("<", max(0, end - len(_BEGIN) + 1)),
    )
    return min((start for start in starts if start >= 0), default=end)
