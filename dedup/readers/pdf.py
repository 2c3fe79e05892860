"""A PDF: one article, the text of its pages.

Its pages are taken apart by pypdf (https://pypdf.readthedocs.io), in the processes that extract
pages of HTML, since a PDF may be made to take any time and memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers.compression import beginning
from dedup.readers.protocol import Page, Source, UnreadableError
from dedup.records import Article

LARGEST = 64 * 2**20
"""Most bytes of a PDF (64 MiB)."""
PAGES = 500
"""Most pages of a PDF that are read. A higher value reads more of what is no article but a book."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Page]:
    """Yield the one PDF of a file; its id is the source's name."""
    data = beginning(stream, LARGEST, source, problems)
    if len(data) > LARGEST:
        what = f"the PDF has more than {LARGEST >> 20} MiB"
        raise UnreadableError(what, "save the text of its article as .txt")
    if b"%PDF-" not in data[:1024]:
        raise UnreadableError("it is no PDF, whatever its name says", "fetch it again")
    known = Article(source.name, "", site=source.site, path=source.path)
    yield Page(data, known, kind="pdf")


def fields(data: bytes) -> dict[str, str]:
    """Return the fields of the article of a PDF, without `text` where there is none.

    Besides: `cut`, what was not read of it, in a clause; `failed`, why it cannot be read at all.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"failed": "the PDF is locked with a password"}
        texts = []
        found: dict[str, str] = {}
        for number, page in enumerate(reader.pages):
            if number == PAGES:
                found["cut"] = f"it has more than {PAGES:,} pages; the others were not read"
                break
            texts.append(page.extract_text().strip())
        told = reader.metadata
    except (PyPdfError, NotImplementedError) as error:
        return {"failed": f"the PDF is damaged ({str(error)[:200]})"}
    if told is not None:
        for name, value in (("title", told.title), ("author", told.author)):
            if isinstance(value, str) and value.strip():
                found[name] = " ".join(value.split())
    if text := "\n".join(filter(None, texts)):
        found["text"] = text
    return found
