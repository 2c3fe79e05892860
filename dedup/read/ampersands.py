"""A bare `&` in XML, as in `?a=1&b=2` and `R&D`: the fault that ends feeds most often."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
