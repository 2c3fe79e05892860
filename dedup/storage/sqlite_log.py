"""The truth of an index: one SQLite file of rows that are written once, each with its sum.

Every table is (number, record), so that pages are only ever filled up in order; whatever is looked
up by anything but a number is in `dedup.storage.postings.segment`. A record is the xxh3_64 of its
number and content, and the content. As all numbers up to those in the head must be there, but for
those that were cut out, a row that a damaged page hides is found missing.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from io import FileIO
from itertools import islice
from pathlib import Path

from xxhash import xxh3_64_digest, xxh3_64_intdigest

from dedup.errors import DamagedError, OutputError
from dedup.storage import codec

TABLES = ("head", "state", "articles", "texts", "events", "tail")
HEAD, MANIFEST, META, GAPS = 1, 2, 3, 4  # rows of `head`
BLANK = {"texts": codec.NO_TEXT, "articles": codec.NO_ARTICLE}
"""What stands for rows that were cut out, by table."""

_CREATE = "CREATE TABLE {}(number INTEGER PRIMARY KEY, record BLOB NOT NULL)"
_APPLICATION = 0x44444958
_SUM = 8
_WAL = 4096  # pages of the write-ahead log after which it is moved into the file: 16 MB
_ROWS = 256  # rows that one statement writes: threads change at each
_CACHE = -4096  # kilobytes of pages held in memory


class Log:
    """An open log. Whatever SQLite finds wrong is a `DamagedError`, or an `OutputError`.

    `head` are the rows of that table in a log that is made new; without them none is.
    """

    def __init__(
        self, file: Path, *, read_only: bool, head: Sequence[tuple[int, bytes]] = ()
    ) -> None:
        self.file = file
        mode = "ro" if read_only else "rwc" if head else "rw"
        with self.guarded():
            try:
                self._connect(f"mode={mode}", head, read_only=read_only)
            except sqlite3.OperationalError:
                if not read_only or file.with_name(f"{file.name}-wal").exists():
                    raise
                self._connect("immutable=1", head, read_only=True)  # a disk that nobody writes

    def _connect(self, mode: str, head: Sequence[tuple[int, bytes]], *, read_only: bool) -> None:
        self._base = sqlite3.connect(
            f"{self.file.absolute().as_uri()}?{mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=10,
        )
        try:
            self._prepare(head, read_only=read_only)
        except BaseException:
            self._base.close()
            raise

    def _prepare(self, head: Sequence[tuple[int, bytes]], *, read_only: bool) -> None:
        run = self._base.execute
        run(f"PRAGMA cache_size={_CACHE}")
        if not read_only:
            run("PRAGMA journal_mode=WAL")
            run("PRAGMA synchronous=FULL")
            run("PRAGMA fullfsync=ON")  # the drive's own memory too, where it is another matter
            run(f"PRAGMA wal_autocheckpoint={_WAL}")
        if run("PRAGMA application_id").fetchone()[0] == _APPLICATION:
            self._refuse_strangers()
            return
        if read_only or not head or run("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise self.damaged("is no index of dedup")
        with self.transaction():
            for table in TABLES:
                run(_CREATE.format(table))
            self.put("head", head)
            run(f"PRAGMA application_id={_APPLICATION}")

    def _refuse_strangers(self) -> None:
        """Raise `DamagedError` for anything but our tables: triggers and views run when used."""
        known = {("table", table, _CREATE.format(table)) for table in TABLES}
        there = set(self._base.execute("SELECT type, name, sql FROM sqlite_master").fetchall())
        if there != known:
            names = sorted({str(name) for _, name, _ in there ^ known})
            raise self.damaged(f"holds {', '.join(names[:3])}, which dedup did not make")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what SQLite raises into errors of dedup."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
                raise self.damaged(str(error)) from error
            raise OutputError(
                f"{self.file}: {error}; look for space on the disk and the rights to the folder"
            ) from error
        except sqlite3.DatabaseError as error:
            raise self.damaged(str(error)) from error

    def damaged(self, what: str) -> DamagedError:
        """Return the error that says what is wrong with this file, and what to do."""
        return DamagedError(
            f"{self.file}: {what}; put back a copy of the index from before, or build it again"
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is put in the block, or, when it raises, nothing of it."""
        with self.guarded():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read in the block as of one moment, whatever another process commits meanwhile."""
        with self.guarded():
            self._base.execute("BEGIN")
            try:
                yield
            finally:
                self._base.execute("ROLLBACK")

    def changes(self) -> int:
        """Return a number that is another one when another process has committed."""
        with self.guarded():
            return int(self._base.execute("PRAGMA data_version").fetchone()[0])

    def put(self, table: str, rows: Iterable[tuple[int, bytes]]) -> None:
        """Write rows, in place of those of the same number."""
        rest = iter(rows)
        while some := list(islice(rest, _ROWS)):
            values: list[object] = []
            for number, record in some:
                values += number, xxh3_64_digest(record, number) + record
            places = ",".join(["(?,?)"] * len(some))
            self._base.execute(f"INSERT OR REPLACE INTO {table} VALUES {places}", values)

    def drop(self, table: str, last: int, most: int) -> None:
        """Delete up to `most` rows whose numbers are at most `last`."""
        self._base.execute(
            f"DELETE FROM {table} WHERE number IN "
            f"(SELECT number FROM {table} WHERE number <= ? ORDER BY number LIMIT ?)",
            (last, most),
        )

    def get(self, table: str, numbers: Sequence[int]) -> list[bytes]:
        """Return rows by number, in the order asked for; all of them must be there."""
        if not numbers:
            return []
        first, last = numbers[0], numbers[-1]
        values: tuple[object, ...] = (first, last)
        query = f"SELECT number, record FROM {table} WHERE number BETWEEN ? AND ?"
        if last - first >= len(numbers) or list(numbers) != list(range(first, last + 1)):
            query = f"SELECT number, record FROM json_each(?) CROSS JOIN {table} ON number = value"
            values = (json.dumps(sorted(set(numbers))),)
        with self.guarded():
            rows = self._base.execute(query, values).fetchall()
        held = dict(self._whole(table, rows))
        if len(held) < len(numbers) and (missing := set(numbers) - held.keys()):
            edges = self.gaps(table)
            for number in sorted(missing):
                if not bisect_right(edges, number) % 2:
                    raise self.damaged(f"row {number} of {table} is missing")
                held[number] = BLANK[table]
        return [held[number] for number in numbers]

    def gaps(self, table: str) -> list[int]:
        """Return where rows were cut out: from the first number up to the second, and so on."""
        found = dict(self.rows("head", GAPS, GAPS)).get(GAPS)
        edges: list[int] = json.loads(zlib.decompress(found)).get(table, []) if found else []
        return edges

    def cut(self, gaps: Mapping[str, list[int]]) -> None:
        """Delete rows, by table as `gaps` returns them: all that were cut out so far."""
        for table, edges in gaps.items():
            for first, end in zip(edges[::2], edges[1::2], strict=True):
                self._base.execute(
                    f"DELETE FROM {table} WHERE number >= ? AND number < ?", (first, end)
                )
        self.put("head", [(GAPS, zlib.compress(json.dumps(dict(gaps)).encode(), 1))])

    def rows(self, table: str, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Yield the rows from number `first` to `last`, in order; what is not there is left out."""
        return self._select(
            f"SELECT number, record FROM {table} WHERE number BETWEEN ? AND ? ORDER BY number",
            (first, last),
            table,
        )

    def _select(
        self, query: str, values: tuple[object, ...], table: str
    ) -> Iterator[tuple[int, bytes]]:
        with self.guarded():
            yield from self._whole(table, self._base.execute(query, values))

    def _whole(self, table: str, rows: Iterable[tuple[int, object]]) -> Iterator[tuple[int, bytes]]:
        """Yield the numbers and contents of rows, as long as they are what was written."""
        for number, record in rows:
            if isinstance(record, bytes):  # else of a page that is zeros
                content = record[_SUM:]
                if record[:_SUM] == xxh3_64_digest(content, number):
                    yield number, content
                    continue
            raise self.damaged(f"row {number} of {table} is not what was written")

    def verify(self) -> list[str]:
        """Return what SQLite finds wrong with the file itself."""
        with self.guarded():
            rows = self._base.execute("PRAGMA integrity_check(20)").fetchall()
        return [str(row) for (row,) in rows if row != "ok"]

    def copy(self, file: Path) -> None:
        """Write the log into a new file as of one moment; others may write meanwhile."""
        with self.guarded(), closing(sqlite3.connect(file, isolation_level=None)) as copied:
            copied.execute("PRAGMA synchronous=OFF")  # who asks for it brings it to the disk
            self._base.backup(copied)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, as far as no reader needs it."""
        with self.guarded():
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def shrink(self) -> None:
        """Write the file anew without what was deleted or overwritten, of which nothing is left."""
        with self.guarded():
            self._base.execute("VACUUM")
        self.checkpoint()

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        self._base.close()


# -- The commit mark: how far the log has come, so that a lost end is seen

_NOTE = struct.Struct("<QQ")


class Reached:
    """The note in `file`, which is made with the first batch."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._open: FileIO | None = None

    def read(self) -> int:
        """Return the last batch that was noted; 0 where there is no note, or none that can be read.

        >>> Reached(Path("missing")).read()
        0
        """
        try:
            batch, digest = _NOTE.unpack(self.file.read_bytes())
        except (OSError, struct.error):
            return 0
        return int(batch) if digest == _digest(batch) else 0

    def note(self, batch: int) -> None:
        """Note a batch that is on the disk; a note that cannot be written stays behind."""
        with suppress(OSError):
            if self._open is None:
                self._open = self.file.open("r+b" if self.file.exists() else "xb", buffering=0)
            self._open.seek(0)
            self._open.write(_NOTE.pack(batch, _digest(batch)))

    def close(self) -> None:
        """Let go of the file; closing twice does no harm."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _digest(batch: int) -> int:
    return xxh3_64_intdigest(_NOTE.pack(batch, 0))
