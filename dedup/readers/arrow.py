"""Parquet and Arrow (Feather): one article a row, its fields in columns of their names."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from dedup.errors import Problem
from dedup.readers.article_builder import Records
from dedup.readers.compression import begins, seekable
from dedup.readers.csv import chosen
from dedup.readers.encoding import decode
from dedup.readers.field_names import named
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 1024
"""Rows that become Python objects at once."""
_BUFFER = 1 << 20
"""Bytes of a column that are read at once; without it that is all of it in a row group."""
_FILE = b"ARROW1"
"""How Arrow's file format begins; its stream format has no such mark."""
_SOUGHT = (_FILE, b"PAR1")
"""How the formats begin that have their table of contents at the end."""

_Choice = Callable[["pa.Schema"], Mapping[str, int]]
"""Says which columns are read: their places, from 0, by the name that a record has them under."""
_Batches = Iterator[dict[str, "pa.Array"]]
"""The columns that are read, by the name that a record has them under: some rows after others."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the articles of a Parquet or Arrow file or an Arrow stream, one row after another.

    Memory holds one batch of rows, as big as the file has them (Arrow) or a thousand rows and a
    page of each column (Parquet). What cannot be sought in goes through a temporary file. A row
    without an id gets the source's name and its number, from 1. Times become ISO 8601, in UTC if
    the column has a zone.
    Raises `UnreadableError` without a column of texts, for damaged data, and without pyarrow.
    """
    return (article for _, article in rows(stream, source, problems))


def rows(
    stream: io.BufferedReader, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, Article]]:
    """Yield what `read` does, each with the number of its row, from 1."""
    try:
        import pyarrow as pa
    except ImportError as error:
        what = "reading Parquet and Arrow needs the package pyarrow"
        raise UnreadableError(what, "type: pip install 'news-dedup[arrow]'") from error
    made = Records(problems, source.fields, source.site, source.path)
    number = 0
    try:
        for columns in _batches(stream, partial(readable, source=source, problems=problems)):
            for record in records(columns, source.path, problems):
                number += 1
                where = source.at(number)
                article = made.article(record, f"{source.name}:{number}", where)
                if article is not None:
                    yield number, article
    except (pa.ArrowException, OSError, UnicodeDecodeError, SystemError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the data
            raise
        said = (str(error).splitlines() or [""])[0]
        what = f"the data is damaged ({said}); what comes before was read"
        raise UnreadableError(what, "fetch it again, or write it again") from error


def _batches(stream: io.BufferedReader, choice: _Choice) -> _Batches:
    head, stream = begins(stream, len(_FILE))
    if not head.startswith(_SOUGHT):
        yield from _stream(stream, choice)
        return
    with seekable(stream) as file:
        yield from (_file if head == _FILE else _parquet)(file, choice)


def _parquet(file: IO[bytes], choice: _Choice) -> _Batches:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False) as table:
        schema = table.schema_arrow
        names = {name: schema.names[place] for name, place in choice(schema).items()}
        for batch in table.iter_batches(_ROWS, columns=[*names.values()], use_threads=False):
            yield {name: batch.column(theirs) for name, theirs in names.items()}


def _file(file: IO[bytes], choice: _Choice) -> _Batches:
    import pyarrow as pa

    with pa.ipc.open_file(file) as table:
        places = choice(table.schema)
    options = pa.ipc.IpcReadOptions(included_fields=[*places.values()], use_threads=False)
    with pa.ipc.open_file(file, options=options) as table:
        for number in range(table.num_record_batches):
            columns = table.get_batch(number).columns
            _checked(columns)
            yield dict(zip(places, columns, strict=True))


def _stream(stream: io.BufferedReader, choice: _Choice) -> _Batches:
    import pyarrow as pa

    with pa.ipc.open_stream(stream) as batches:
        places = choice(batches.schema)
        for batch in batches:
            columns = {name: batch.column(place) for name, place in places.items()}
            _checked(columns.values())
            yield columns


def _checked(columns: Iterable[pa.Array]) -> None:
    """Raise an `ArrowException` for damaged columns, which may lead out of their own memory.

    Texts are checked as bytes: those that are no UTF-8 are mended later.
    """
    import pyarrow as pa

    bytes_of = {
        pa.string(): pa.binary(),
        pa.large_string(): pa.large_binary(),
        pa.string_view(): pa.binary_view(),
    }
    for column in columns:
        kind = bytes_of.get(column.type)
        (column.view(kind) if kind else column).validate(full=True)


def readable(schema: pa.Schema, source: Source, problems: list[Problem]) -> Mapping[str, int]:
    """Choose the columns; nested ones are of no use: they count as missing, with a `Problem`.

    Raises `UnreadableError` where none holds texts.
    """
    fields = named(source.fields)
    places = chosen(schema.names, fields)
    kinds = {name: schema.field(place).type for name, place in places.items()}
    texts = [name for name in fields["text"] if name in kinds]
    if not any(_holds_text(kinds[name]) for name in texts):
        what = f"the column {texts[0]!r} holds {kinds[texts[0]]}, not text"
        raise UnreadableError(what, "make it one of strings, or name another: --field text=NAME")
    for name, kind in kinds.items():
        if not _plain(kind):
            del places[name]
            what = f"the column {name!r} holds {kind}; it counts as missing"
            remedy = "make it one of strings"
            problems.append(Problem(source.path, what, remedy, skipped=False))
    return places


def _holds_text(kind: pa.DataType) -> bool:
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return is_string(kind) or _is_binary(kind)


def is_string(kind: pa.DataType) -> bool:
    """Return whether values of a type are text, however long and however they lie in memory."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind))


def _plain(kind: pa.DataType) -> bool:
    """Return whether values of a type become something that `Records` takes."""
    from pyarrow import types

    if types.is_list(kind) or types.is_large_list(kind):  # of authors
        return is_string(kind.value_type)
    known = (
        *(types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null),
        *(types.is_timestamp, types.is_date),
    )
    return _holds_text(kind) or any(is_kind(kind) for is_kind in known)


def records(
    columns: Mapping[str, pa.Array], path: str, problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of some columns as records, with values that `Records` takes."""
    for start in range(0, len(next(iter(columns.values()))), _ROWS):
        values = [
            _values(column.slice(start, _ROWS), f"{path}: {name}", problems)
            for name, column in columns.items()
        ]
        for row in zip(*values, strict=True):
            yield dict(zip(columns, row, strict=True))


def _values(column: pa.Array, where: str, problems: list[Problem]) -> list[Any]:
    """Return the values as Python objects, times and bytes as strings."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _values(column.dictionary_decode(), where, problems)
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        column = column.cast(pa.string())  # unlike Python's, these take any year
    elif is_string(kind):
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError:  # whoever wrote it did not check
            column = column.cast(pa.large_binary())
    if not _is_binary(column.type):
        return list(column.to_pylist())
    decoded = [value and decode(value) for value in column.to_pylist()]
    problems += dict.fromkeys(told for one in decoded if one for told in one.problems(where))
    return [found and found.text for found in decoded]
