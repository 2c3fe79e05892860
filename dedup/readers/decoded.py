"""A stream of bytes as text, piece by piece, in the encoding that it declares or looks to be in."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator

from dedup.errors import Problem
from dedup.readers.compression import begins, rest
from dedup.readers.encoding import SAMPLE, as_utf8, encoding_of, guessed, undecodable
from dedup.readers.protocol import Source


def decoded(
    stream: io.BufferedReader,
    source: Source,
    problems: list[Problem],
    declared: Callable[[bytes], str | None],
) -> Iterator[str]:
    """Yield the pieces; what cannot be decoded becomes U+FFFD, with one `Problem` at the end.

    `declared` finds in the first bytes which encoding they say to be in. The encoding is settled,
    by the rule of `dedup.readers.encoding`, where the first bytes stand that are not ASCII.
    """
    stream, marked = as_utf8(stream)
    head, stream = begins(stream, SAMPLE)
    said = "utf-8" if marked else declared(head)
    while (begin := stream.peek(1)) and begin.isascii() and encoding_of(begin, said)[0] == "utf-8":
        yield stream.read(len(begin)).decode("ascii")
    head, stream = begins(stream, SAMPLE)
    encoding, guess = ("utf-8", False) if marked else encoding_of(head, said, cut=True)
    if guess:
        problems.append(guessed(source.path, encoding))
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    lost = 0
    for raw in rest(stream):
        text = decoder.decode(raw)
        if "\ufffd" in text:
            lost += max(0, text.count("\ufffd") - raw.count(b"\xef\xbf\xbd"))
        yield text
    yield decoder.decode(b"", True)
    if lost:
        problems.append(undecodable(source.path, lost, encoding))
