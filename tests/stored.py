"""Files of several formats, as bytes that a store may hold."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq

RAIN = "Rain is due in the hills tonight and will last until Sunday, the weather office said."
WEIR = "The weir at Tolme jammed in the night and put the lower row of cottages under water."

_WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    b"Content-Type: application/http; msgtype=response\r\n"
    b"WARC-Target-URI: https://herald.example/rain\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
)


def lines(*texts: str) -> bytes:
    """JSON lines."""
    return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()


def parquet(*texts: str) -> bytes:
    """A table with a column besides the texts."""
    out = io.BytesIO()
    pq.write_table(pa.table({"text": list(texts), "more": [1.5] * len(texts)}), out)
    return out.getvalue()


def warc(text: str) -> bytes:
    """A packed archive of one page, with `WEIR` under the text."""
    page = f"<html><body><article><p>{text}</p><p>{WEIR}</p></article></body></html>"
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}".encode()
    return gzip.compress(_WARC % (len(answer), answer))
