"""Makes small documents and archives for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from html import escape

FERRY = (
    "The ferry between Quellmouth and Dorn Island will stop running after dark from Monday.",
    "Passengers who hold a season ticket can claim back a third of the fare at the kiosk.",
    "A diver found that an anchor had torn the cable in two places, a spokeswoman added on Friday.",
)
"""Paragraphs of an article."""


def packed(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack files as ZIP, in their order."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return data.getvalue()


def docx(*paragraphs: str, title: str = "", author: str = "", body: str = "") -> bytes:
    """Write a DOCX of paragraphs, or of a `body` in its own XML."""
    body += "".join(f"<w:p><w:r><w:t>{escape(one)}</w:t></w:r></w:p>" for one in paragraphs)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    about = f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    terms = "http://purl.org/dc/elements/1.1/"
    document = (
        f'<?xml version="1.0"?><w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    )
    return packed(
        {
            "[Content_Types].xml": b"<Types/>",
            "word/document.xml": document.encode(),
            "docProps/core.xml": (
                f'<cp:coreProperties xmlns:cp="{core}" xmlns:dc="{terms}">{about}'
                "</cp:coreProperties>"
            ).encode(),
        }
    )


def odt(*paragraphs: str, title: str = "", author: str = "") -> bytes:
    """Write an ODT of paragraphs."""
    of = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = f'xmlns:office="{of}office:1.0" xmlns:text="{of}text:1.0" xmlns:meta="{of}meta:1.0"'
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    body = "".join(f"<text:p><text:span>{escape(one)}</text:span></text:p>" for one in paragraphs)
    about = f"<dc:title>{title}</dc:title><meta:initial-creator>{author}</meta:initial-creator>"
    text = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content {spaces}>{text}</office:document-content>"
    meta = f"<office:meta>{about}</office:meta>"
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": content.encode(),
            "meta.xml": f"<office:document-meta {spaces}>{meta}</office:document-meta>".encode(),
        }
    )


def pdf(*lines: str, title: str = "") -> bytes:
    """Write a PDF of one page with some lines (ISO 32000)."""
    drawn = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
    stream = f"BT /F1 9 Tf 20 700 Td {drawn}ET".encode()
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R %b >>" % fonts,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) >>".encode(),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer % (size, len(data))


def mhtml(*paragraphs: str, url: str) -> bytes:
    """Write a page as browsers save it."""
    page = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    lines = [
        "From: <Saved by a browser>",
        f"Snapshot-Content-Location: {url}",
        "Subject: Ferry",
        "MIME-Version: 1.0",
        'Content-Type: multipart/related; type="text/html"; boundary="x"',
        "\r\n--x",
        "Content-Type: text/html",
        f"Content-Location: {url}\r\n",
        f"<html><body><article>{page}</article></body></html>",
        "--x--\r\n",
    ]
    return "\r\n".join(lines).encode()


def warc(url: str, page: bytes) -> bytes:
    """Write a web archive of one answer."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
    head += "WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n%b\r\n\r\n" % (len(answer), answer)
