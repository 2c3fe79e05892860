"""Lines of output folders that an earlier dedup wrote, under the names of today.

Format 2 called the id of a text `text`, its words `sample` or `value`, boilerplate `standing`, and
the shares of a link or member `contained` and `containing`. Format 1 only lacks some of it.
"""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

_LINK = {"contained": "share_of_b", "containing": "share_of_a"}
_MEMBER = {"contained": "share_of_member", "containing": "share_of_canonical"}

KEYS = {"text_id": "text"}
"""What a line that begins with this field began with before."""


def renewed(name: str, row: Row) -> Row:
    """Return a line of the file `name` with the fields of today; one of today as it is.

    >>> renewed("paragraphs.jsonl", {"article": "a", "value": "Rain."})
    {'article': 'a', 'text': 'Rain.'}
    """
    if name == "texts.jsonl" and "text_id" not in row:
        return _renamed(row, {"text": "text_id", "sample": "text", "standing": "boilerplate"})
    if name == "paragraphs.jsonl" and "value" in row:
        return _renamed(row, {"value": "text"})
    if name == "links.jsonl" and "contained" in row:
        return _renamed(row, _LINK)
    if name == "stories.jsonl" and any("contained" in m for m in row.get("members", ())):
        return row | {"members": [_renamed(member, _MEMBER) for member in row["members"]]}
    if name == "clusters.jsonl" and "value" in row.get("canonical", ()):
        return _cluster(row)
    return row


def _cluster(row: Row) -> Row:
    places = {
        field: [_renamed(place, {"text": "text_id"}) for place in row.get(field, ())]
        for field in ("runners_up", "members")
    }
    canonical = _renamed(row["canonical"], {"text": "text_id", "value": "text"})
    return _renamed(row, {"standing": "boilerplate"}) | places | {"canonical": canonical}


def _renamed(row: Row, names: dict[str, str]) -> Row:
    return {names.get(name, name): value for name, value in row.items()}
