"""The formats that are read: what reads a file, by the end of its name.

A new format is a module with a function `read` (see `dedup.readers.protocol`) and a line here; what
tells it by its content is in `dedup.readers.sniff`.
"""

from __future__ import annotations

from functools import partial

from dedup.readers import (
    archive,
    arrow,
    csv,
    eml,
    feed,
    html,
    json,
    jsonl,
    mhtml,
    newsml,
    nitf,
    pdf,
    text,
    warc,
)
from dedup.readers.protocol import Reader
from dedup.readers.sniff import other_xml

READERS: dict[str, Reader] = {
    ".arrow": arrow.read,
    ".atom": feed.read,
    ".csv": csv.read,
    ".eml": eml.read,
    ".feather": arrow.read,
    ".htm": html.read,
    ".html": html.read,
    ".json": json.read,
    ".jsonl": jsonl.read,
    ".md": text.read,
    ".mht": mhtml.read,
    ".mhtml": mhtml.read,
    ".ndjson": jsonl.read,
    ".newsml": newsml.read,
    ".ninjs": json.read,
    ".nitf": nitf.read,
    ".parquet": arrow.read,
    ".pdf": pdf.read,
    ".rss": feed.read,
    ".tsv": csv.read,
    ".txt": text.read,
    ".warc": warc.read,
    ".xhtml": html.read,
    ".xml": other_xml,
}
"""What reads a file, by the suffix of its name in small letters (without that of a compression)."""

READERS |= dict.fromkeys((".docx", ".odt", ".wacz", ".zip"), partial(archive.read, READERS))
