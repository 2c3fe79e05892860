"""Opening what was found, decompressed, and telling by its beginning what a pipe holds."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from dedup.read.find import STDIN, Found
from dedup.read.source import UnreadableError
from dedup.read.streams import begins, compression, expanded, joined, rest

_OBJECT = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*\{")
"""How JSON lines begin, with any byte order mark, in UTF-8 or UTF-16."""
_HEAD = 1 << 16
"""Blank bytes at the start of a pipe after which it is taken for text."""


@contextmanager
def opened(found: Found, suffix: str) -> Iterator[io.BufferedReader]:
    """Open a file, or standard input, and decompress it by the suffix of its name.

    A pipe has no such name; its first bytes tell. Raises OSError or `UnreadableError`.
    """
    if found.path == STDIN:
        buffer = getattr(sys.stdin, "buffer", None)  # no standard input at all: None
        if buffer is None:
            raise UnreadableError("there is no standard input", "pipe something in, or name a file")
        yield _pipe(joined(rest(buffer)))
        return
    with Path(found.path).open("rb") as file:
        yield _pipe(file) if found.piped else expanded(file, suffix)


def _pipe(stream: io.BufferedReader) -> io.BufferedReader:
    head, stream = begins(stream, 6)
    return expanded(stream, compression(head))


def sniffed(stream: io.BufferedReader) -> tuple[io.BufferedReader, str]:
    r"""Tell by its beginning what a stream holds: the stream, whole, and `.jsonl` or `.txt`.

    >>> sniffed(joined(iter([b"\n ", b'{"text": "Rain."}'])))[1]
    '.jsonl'
    """
    head = b""
    for piece in rest(stream):
        head += piece
        if head.strip() or len(head) > _HEAD:
            break
    return joined(chain([head], rest(stream))), ".jsonl" if _OBJECT.match(head) else ".txt"
