"""What tasks write of articles beside their rows: texts, paragraphs and tokens, in plain files.

Spark gets a row an article, which says in which part of these files the rest of it is. So no text
and no list of paragraphs goes through Java. A task writes parts of its own, under a name that no
other has: rows of a task that was cut short, and the parts that they name, are never read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from dedup.text.arrays import TextArrays
from dedup.text.corpus import move_stretches

PARAGRAPH = np.dtype(
    [
        ("start", np.int32),
        ("end", np.int32),
        ("high", np.uint64),
        ("low", np.uint64),
        ("ending", np.uint8),
        ("size", np.int32),
        ("words", np.int32),
    ]
)
"""What is known of a paragraph: first character and one past the last, both halves of the key, how
it ends, its tokens and its words."""

TEXT, PARAGRAPHS, TOKENS, FLAGS = "text", "paragraphs", "tokens", "flags"
_KINDS: dict[str, Any] = {
    TEXT: np.uint8,
    PARAGRAPHS: PARAGRAPH,
    TOKENS: np.uint32,
    FLAGS: np.uint8,
}


class Parts(NamedTuple):
    """A folder of such parts."""

    folder: str

    @contextmanager
    def new(self) -> Iterator[Part]:
        """Open a new part for writing; it is whole when the block has ended."""
        Path(self.folder).mkdir(parents=True, exist_ok=True)
        name = uuid4().hex
        with ExitStack() as files:
            yield Part(
                name,
                {kind: files.enter_context(self.place(name, kind).open("wb")) for kind in _KINDS},
                dict.fromkeys(_KINDS, 0),
            )

    def array(self, name: str, kind: str) -> npt.NDArray[Any]:
        """Return what a part has of a kind, mapped from its file."""
        return mapped(self.place(name, kind), _KINDS[kind])

    def place(self, name: str, kind: str) -> Path:
        """Return where a part has what is of a kind."""
        return Path(self.folder, f"{name}.{kind}")

    def texts(
        self,
        names: Sequence[str],
        part: npt.NDArray[np.int32],
        first: npt.NDArray[np.int64],
        sizes: npt.NDArray[np.int32],
    ) -> TextArrays:
        """Gather texts: of each the part, by its place in `names`, its first token and its size."""
        offsets = np.append(0, np.cumsum(sizes, dtype=np.int64))
        tokens, flags = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint8)
        for number in np.unique(part).tolist():
            some = np.flatnonzero(part == number)
            held = (self.array(names[number], kind) for kind in (TOKENS, FLAGS))
            lengths = sizes[some].astype(np.int64)
            move_stretches(*held, first[some], lengths, offsets[some], tokens, flags)
        return TextArrays(tokens, offsets, flags)


class Part(NamedTuple):
    """A part that is being written."""

    name: str
    files: dict[str, Any]
    sizes: dict[str, int]

    def add(self, kind: str, values: npt.NDArray[Any]) -> int:
        """Append values of a kind; return how many there were before."""
        before = self.sizes[kind]
        self.files[kind].write(np.ascontiguousarray(values, _KINDS[kind]).tobytes())
        self.sizes[kind] += len(values)
        return before


def mapped(place: Path, kind: Any) -> npt.NDArray[Any]:
    """Return the values of a plain file; pages of it are read as they are asked for."""
    if not place.stat().st_size:
        return np.zeros(0, kind)
    # Kernels take arrays that can be written to; what is written goes to no file.
    return np.asarray(np.memmap(place, kind, "c"))
