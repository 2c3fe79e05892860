"""A store copied as it stands: beside a writer into another folder, or into any other store."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dedup.errors import DamagedError
from dedup.progress import Progress
from dedup.storage import rebuild
from dedup.storage.local import MARK
from dedup.storage.postings.lsm import SUFFIX, Part, file_name
from dedup.storage.protocol import PAST, PLACES, Batch, Derive, Store, places
from dedup.storage.sqlite_log import HEAD, MANIFEST, Log, Reached

_TEXTS, _ARTICLES, _EVENTS = 8192, 512, 4096  # in one batch
_TIMES = 20  # how often files may be merged away while they are copied


def duplicate(folder: Path, to: Path) -> None:
    """Copy the store in `folder` into the empty folder `to`, as of one moment.

    A process may write it meanwhile. Files of postings are never changed, so they become hard
    links where the two folders are on one disk. Raises `DamagedError` for a log that is damaged.
    """
    with closing(Log(folder / "log", read_only=True)) as log:
        for _ in range(_TIMES):
            with ExitStack() as stack:
                held = dict(_held(folder, stack))  # a file that is merged away stays readable
                (to / "log").unlink(missing_ok=True)
                log.copy(to / "log")
                with closing(Log(to / "log", read_only=True)) as copied:
                    head, manifest = map(json.loads, copied.get("head", [HEAD, MANIFEST]))
                names = [file_name(Part.of(part).file) for part in manifest["parts"]]
                held |= _held(folder, stack, set(names) - held.keys())
                if held.keys() >= set(names):
                    for name in names:
                        _same(folder / name, held[name], to / name)
                    break
        else:
            raise DamagedError(
                f"{folder}: its files of postings are missing; open the index for writing and "
                "search it, which makes them again from the log"
            )
    (to / MARK).write_bytes((folder / MARK).read_bytes())
    with closing(Reached(to / "reached")) as reached:
        reached.note(head["batch"])


def _held(
    folder: Path, stack: ExitStack, names: set[str] | None = None
) -> Iterator[tuple[str, BinaryIO]]:
    """Open files of postings, all or those of some names; what is not there is left out."""
    if names is None:
        names = {path.name for path in folder.glob(f"*{SUFFIX}")}
    for name in names:
        try:
            yield name, stack.enter_context((folder / name).open("rb"))
        except FileNotFoundError:
            continue


def _same(path: Path, opened: BinaryIO, to: Path) -> None:
    """Make `to` the file that is open: a link to it, or else a copy."""
    try:
        os.link(path, to)
        if os.path.samestat(os.fstat(opened.fileno()), to.stat()):
            return
        to.unlink()  # another file of that name: none is written twice, but nothing hangs on it
    except OSError:
        to.unlink(missing_ok=True)
    with to.open("xb") as out:
        shutil.copyfileobj(opened, out, 1 << 20)


# -- Into a store of any kind


def copied(source: Store, target: Store, derive: Derive, progress: Progress) -> None:
    """Put all that `source` holds into `target`, which is empty: numbers, marks, events and blobs.

    In a block of `Store.still` of the source.
    """
    progress.stage("copy", source.texts + source.last_seq)
    for low in range(0, source.texts, _TEXTS):
        texts = source.read_texts(np.arange(low, min(low + _TEXTS, source.texts)))
        target.append(Batch(texts=texts, postings=rebuild.living(derive(texts, low), texts, low)))
        progress.advance(len(texts.key))
    for low in range(1, source.last_seq + 1, _ARTICLES):
        stored = source.read_articles(range(low, min(low + _ARTICLES, source.last_seq + 1)))
        target.append(Batch(articles=stored, postings={PLACES: places(stored)}))
        progress.advance(len(stored))
    last = 0
    while events := source.events(last, _EVENTS):
        for low in range(last + 1, events[0][0], _EVENTS):  # past ones; the others keep numbers
            target.append(Batch(events=[(PAST, {})] * min(_EVENTS, events[0][0] - low)))
        target.append(Batch(events=[(kind, data) for _, kind, data in events]))
        last = events[-1][0]
    blobs = {name: source.state(name) or b"" for name in source.names()}
    target.append(Batch(state=blobs))
