"""ZIP archives: folders of files, web archives (WACZ), and documents that are packed as one.

What an archive is, its own names tell. Nothing is unpacked to disk, so no name leads anywhere.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import cast

from dedup.errors import Problem
from dedup.readers import office
from dedup.readers.article_builder import counted
from dedup.readers.compression import GROWN, GROWTH, joined, rest, seekable
from dedup.readers.discover import Found, visible
from dedup.readers.field_names import named
from dedup.readers.per_file import failed
from dedup.readers.protocol import Page, Reader, Source, UnreadableError
from dedup.readers.sniff import named_reader
from dedup.records import Article

MEMBERS = 100_000
"""Most files of an archive that are looked at. With a higher value more are."""
_DEEPEST = 3
"""Archives inside each other that are read; there is one that holds itself."""
_ARCHIVES = (".zip", ".docx", ".odt", ".wacz")
_OTHERS = {
    "xl/workbook.xml": "a spreadsheet (.xlsx)",
    "xl/workbook.bin": "a spreadsheet (.xlsb)",
    "ppt/presentation.xml": "a presentation (.pptx)",
    "META-INF/container.xml": "a book (.epub)",
    "AndroidManifest.xml": "a program (.apk)",
    "META-INF/MANIFEST.MF": "a program (.jar)",
    "visio/document.xml": "a drawing (.vsdx)",
}
"""What is packed as ZIP, too, and not read, by a file in it."""
_OPENDOCUMENT = b"application/vnd.oasis.opendocument."
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(ValueError, KeyError, IndexError, OverflowError),
)
"""What damaged archives raise."""


def read(
    readers: Mapping[str, Reader],
    stream: io.BufferedReader,
    source: Source,
    problems: list[Problem],
    depth: int = 1,
) -> Iterator[Article | Page]:
    """Yield what an archive holds; each file in it is read by `readers` as one of a folder is.

    Hidden files are passed by. A file that cannot be read is a `Problem`, and so is one that is
    locked. Raises `UnreadableError` for a damaged archive, for one that grows beyond all measure,
    and for what is packed so but is neither a folder nor a text.
    """
    with seekable(stream) as file:
        try:
            packed = _Packed(zipfile.ZipFile(file))
        except _BROKEN as error:
            what = f"the ZIP archive is damaged ({str(error)[:100]})"
            raise UnreadableError(what, "fetch it again, or rename it if it is none") from error
        size = file.seek(0, io.SEEK_END)
        if "word/document.xml" in packed.members:
            yield from _document(office.docx, packed, source, problems)
        elif packed.kind.startswith(_OPENDOCUMENT + b"text"):
            yield from _document(office.odt, packed, source, problems)
        elif other := _other(packed):
            raise UnreadableError(f"it is {other}, which nothing here reads", "save its text")
        else:
            yield from _folder(readers, packed, source, problems, size, depth)


def _document(
    reader: office.Reader, packed: _Packed, source: Source, problems: list[Problem]
) -> Iterator[Article]:
    try:
        yield from reader(packed, source, problems)
    except _BROKEN as error:
        what = f"the document is damaged ({str(error)[:100]})"
        raise UnreadableError(what, "open it and save it again") from error


def _other(packed: _Packed) -> str:
    if packed.kind.startswith(_OPENDOCUMENT):
        kind = packed.kind.removeprefix(_OPENDOCUMENT).decode("ascii", "replace")
        return f"an OpenDocument {kind[:30]}"
    return next((what for name, what in _OTHERS.items() if name in packed.members), "")


def _folder(
    readers: Mapping[str, Reader],
    packed: _Packed,
    source: Source,
    problems: list[Problem],
    size: int,
    depth: int,
) -> Iterator[Article | Page]:
    names = sorted(name for name in packed.members if not _hidden(name))
    if {"datapackage.json", "wacz.json"} & packed.members.keys() or any(
        name.startswith("archive/") and ".warc" in name for name in names
    ):
        names = [name for name in names if name.startswith("archive/")]
    room = max(GROWN, GROWTH * size)
    unknown = 0
    for number, name in enumerate(names):
        member = packed.members[name]
        room -= member.file_size
        if number == MEMBERS or room < 0:
            what = "it holds more files, or larger ones, than an archive of its size may"
            raise UnreadableError(f"{what}; what comes before was read", "unpack it yourself")
        inner = _inner(source, name)
        try:
            unknown += yield from _member(readers, packed, name, inner, problems, depth)
        except UnreadableError as error:
            problems.append(Problem(inner.path, error.what, error.remedy))
        except (*_BROKEN, OSError) as error:  # it may seek to before the beginning
            what = f"it is damaged in the archive ({str(error)[:100]})"
            problems.append(Problem(inner.path, what, "fetch the archive again"))
        except Exception as error:  # a fault here, which no file may turn into the end of a run
            problems.append(failed(inner.path, error))
    if unknown:
        what = f"{counted(unknown, 'file')} of other kinds in the archive passed by"
        problems.append(Problem(source.path, what, "nothing, or unpack it", skipped=False))
    if not names:
        raise UnreadableError("the archive holds no file", "fill it, or delete it")


def _member(
    readers: Mapping[str, Reader],
    packed: _Packed,
    name: str,
    source: Source,
    problems: list[Problem],
    depth: int,
) -> Generator[Article | Page, None, bool]:
    """Read a file of an archive; the generator returns whether nothing reads it."""
    if packed.members[name].flag_bits & 1:
        raise UnreadableError("it is locked with a password", "unpack it yourself")
    opened = packed.opened(name)
    assert opened is not None
    names = named(source.fields)
    stream, suffix = named_reader(opened, Found(name, name), readers, names["text"])
    source = replace(source, fields=names.of(suffix))
    if suffix in _ARCHIVES:
        if depth == _DEEPEST:
            raise UnreadableError(f"it is the {depth + 1}th archive in archives", "unpack it")
        yield from read(readers, stream, source, problems, depth + 1)
    elif suffix:
        yield from readers[suffix](stream, source, problems)
    return not suffix


class _Packed:
    """An archive: its files by name."""

    def __init__(self, zip_: zipfile.ZipFile) -> None:
        self._zip = zip_
        self.members = {one.filename: one for one in zip_.infolist() if not one.is_dir()}
        self.kind = b""
        """What its own declaration says that it is, as in OpenDocument."""
        if (stream := self.opened("mimetype")) is not None:
            self.kind = stream.read(100)

    def opened(self, name: str) -> io.BufferedReader | None:
        """Open a file of the archive, if there is one."""
        if name not in self.members:
            return None
        return joined(rest(cast("io.BufferedReader", self._zip.open(self.members[name]))))


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in _way(name))


def _way(name: str) -> list[str]:
    r"""Return the folders and the name of a file; writers may begin at `./` or put `\` between.

    >>> _way("./herald/a.txt"), _way("herald\\a.txt")
    (['herald', 'a.txt'], ['herald', 'a.txt'])
    """
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _inner(source: Source, name: str) -> Source:
    shown = visible("/".join(_way(name)))
    folder, deeper, _ = shown.partition("/")
    site = source.site or (folder if deeper else None)
    return Source(f"{source.name}/{shown}", f"{source.path}/{shown}", site, source.fields)
