"""A stream of bytes as text, piece by piece, in the encoding that it declares or looks to be in."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from contextlib import suppress

from dedup.errors import Problem
from dedup.readers.compression import begins, rest
from dedup.readers.encoding import SAMPLE, as_utf8, guess, undecodable
from dedup.readers.protocol import Source


def decoded(
    stream: io.BufferedReader,
    source: Source,
    problems: list[Problem],
    declared: Callable[[bytes], str],
) -> Iterator[str]:
    """Yield the pieces; what cannot be decoded becomes U+FFFD, with one `Problem` at the end.

    `declared` finds in the first bytes which encoding they say to be in. A byte order mark wins
    over it, and so does what the bytes look like, if it is no encoding or they are not in it.
    """
    head, stream = begins(as_utf8(stream), SAMPLE)
    encoding = declared(head)
    encoding = encoding if _holds(head, encoding) else guess(head)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    lost = 0
    for raw in rest(stream):
        text = decoder.decode(raw)
        lost += max(0, text.count("\ufffd") - raw.count(b"\xef\xbf\xbd"))
        yield text
    yield decoder.decode(b"", True)
    if lost:
        problems.append(undecodable(source.path, lost, encoding))


def _holds(head: bytes, encoding: str) -> bool:
    """Return whether bytes are in an encoding, which may be none of text at all (`hex`, `idna`)."""
    with suppress(LookupError, UnicodeError):
        head[:2].decode(encoding, "replace")  # LookupError where it is none of text
        for errors in ("replace", "strict"):
            codecs.getincrementaldecoder(encoding)(errors).decode(head)  # may end within one
        return True
    return False
