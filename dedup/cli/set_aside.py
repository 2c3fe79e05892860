"""Files that ended a run while they were read: the next run sets them aside.

Before a file is opened its name is written into a file of the index, which a process that dies
leaves as it is. Whoever adds to the index next finds it there, and has that file read first by a
process of its own, within bounds of time and memory. If that ends badly too, the file is set aside
until it changes; if not, the run ended for another reason, and the file is read as ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from dedup.cli.manifest import Stamp
from dedup.errors import Problem
from dedup.readers.discover import Found, visible
from dedup.readers.field_names import Given

SECONDS = 600.0
"""Most seconds for a file that ended a run. A higher value waits longer for it each time."""
MEMORY = 4 * 2**30
"""Bytes of memory that it may take (4 GiB). A higher value lets more of them through."""

NAME = "reading"
"""The file of an index that says what is being read."""

_PROGRAM = """
import json, sys
asked = json.loads(sys.argv[1])
sys.path[:] = asked["folders"]
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
except (ImportError, OSError, ValueError):
    pass
from dedup.readers import read
for _ in read([asked["path"]], fields=asked["fields"], problems=[], workers=1):
    pass
"""


class SetAside:
    """What is being read, and what is set aside, in a folder; in none where an index has none."""

    def __init__(self, folder: Path | None, fields: Given | None = None) -> None:
        self._file = folder / NAME if folder is not None and folder.is_dir() else None
        self._fields = dict(fields) if fields else None
        held = self._held()
        self._suspect = _entry(held.get("reading"))
        aside = held.get("aside")
        entries = map(_entry, aside if isinstance(aside, list) else [])
        self._aside = dict(entry for entry in entries if entry)

    def problem(self, found: Found, path: str, stamp: Stamp) -> Problem | None:
        """Return why a file is not read: it ended a run. Else note that it is being read."""
        if self._file is None:
            return None
        if self._aside.get(path) != stamp and self._suspect == (path, stamp):
            self._suspect = None
            if not survives(found.path, self._fields):
                self._aside[path] = stamp
        if self._aside.get(path) == stamp:
            self._write(None)
            what = "a run ended while it was read, and it is set aside until it changes"
            return Problem(visible(path), what, "take it out of the folder, or mend it")
        self._aside.pop(path, None)
        self._write((path, stamp))
        return None

    def done(self) -> None:
        """Note that nothing is being read."""
        if self._file is not None:
            self._write(None)

    def _held(self) -> dict[str, object]:
        try:
            held = json.loads(self._file.read_bytes()) if self._file else None
        except (OSError, ValueError):  # none yet, or a machine that went down
            return {}
        return held if isinstance(held, dict) else {}

    def _write(self, reading: tuple[str, Stamp] | None) -> None:
        assert self._file
        held = {"reading": reading, "aside": list(self._aside.items())}
        try:
            if held == {"reading": None, "aside": []}:
                self._file.unlink(missing_ok=True)
            else:  # in place and not synced: only the end of this process matters
                self._file.write_bytes(json.dumps(held).encode("ascii"))
        except OSError:  # a full disk is told by whoever stores the articles
            return


def survives(path: str, fields: Given | None) -> bool:
    """Return whether a process that only reads a file comes to its end."""
    asked = {"path": path, "fields": fields, "folders": sys.path, "memory": MEMORY}
    command = [sys.executable, "-c", _PROGRAM, json.dumps(asked)]
    null = subprocess.DEVNULL
    try:
        ended = subprocess.run(
            command, check=False, stdin=null, stdout=null, stderr=null, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _entry(value: object) -> tuple[str, Stamp] | None:
    match value:
        case [str(path), [int(size), int(changed)]]:
            return path, (size, changed)
    return None
