"""Tables as one Excel workbook, a sheet each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dedup.errors import OutputError
from dedup.output.columns import Column, encodable, flat
from dedup.output.xml_text import escaped

MOST_ROWS, MOST_CHARACTERS = 1_048_575, 32_767
"""Rows beside the heading that a sheet holds, and characters that a cell holds (Excel's limits); of
a longer text the beginning is written."""

_WIDTHS = {"text": 24, "texts": 24, "moment": 20}


def write(
    path: Path, tables: Mapping[str, tuple[tuple[Column, ...], Iterator[dict[str, Any]]]]
) -> int:
    """Write each table to a sheet of the workbook `path`; return the number of rows.

    No text is taken for a formula, a number or a link. Raises `OutputError` where XlsxWriter is not
    installed or a table has more rows than a sheet, and `OSError` where the disk does not take it.
    """
    count = 0
    with _workbook(path) as book:
        bold = book.add_format({"bold": True})
        for name, (columns, rows) in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for n, column in enumerate(columns):
                sheet.set_column(n, n, _WIDTHS.get(column.kind, 10))
                sheet.write_string(0, n, column.name, bold)
            for number, row in enumerate(rows, 1):
                if number > MOST_ROWS:
                    raise OutputError(
                        f"{path}: the table of {name} has more rows than a sheet holds "
                        f"({MOST_ROWS:,}); write --to csv, parquet or sqlite"
                    )
                _line(sheet, number, columns, row)
                count += 1
    return count


def _line(sheet: Any, number: int, columns: tuple[Column, ...], row: dict[str, Any]) -> None:
    for n, column in enumerate(columns):
        value = row[column.name]
        if value is None:
            continue
        if column.kind in ("whole", "number"):
            sheet.write_number(number, n, value)
        elif column.kind == "yes or no":
            sheet.write_boolean(number, n, bool(value))
        else:
            text = escaped(encodable(str(flat(column, value))))
            sheet.write_string(number, n, text[:MOST_CHARACTERS])


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    try:
        from xlsxwriter import Workbook
        from xlsxwriter.exceptions import FileCreateError
    except ImportError as error:
        raise OutputError(
            f"{path}: Excel needs XlsxWriter; type: pip install 'news-dedup[xlsx]'"
        ) from error
    with TemporaryDirectory() as rows:  # XlsxWriter leaves them there if it fails
        try:
            with Workbook(str(path), {"constant_memory": True, "tmpdir": rows}) as book:
                yield book
        except FileCreateError as error:
            raise OSError(str(error)) from error
