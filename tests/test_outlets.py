"""Files of outlets: owners, agencies and preferred sites."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from dedup.errors import SettingsError
from dedup.metadata import outlets as module
from dedup.metadata.outlets import Outlets, read

EXPECTED = Outlets(
    owners={"herald.example": "Post Group", "post.example": "Post Group"},
    agencies={"bureau.example": "Bureau"},
    preferred=("bureau.example", "herald.example"),
)


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.mark.parametrize(("name", "number"), [("sites.csv", 1), ("sites.toml", 2)])
def test_the_examples_are_read_and_say_the_same(tmp_path: Path, name: str, number: int) -> None:
    blocks = (module.__doc__ or "").split("::\n\n")[number]
    example = [line[4:] for line in blocks.splitlines() if not line or line.startswith("    ")]
    assert read(written(tmp_path, name, "\n".join(example))) == EXPECTED


def test_the_file_goes_before_what_is_known_of_agencies(tmp_path: Path) -> None:
    path = written(tmp_path, "a.toml", '[agencies]\nBureau = ["www.bureau.co.uk"]')
    outlets = read(path, {"bureau.co.uk": "Other", "wire.com": "Wire"})
    assert outlets.agency("bureau.co.uk") == "Bureau"
    assert outlets.agency("wire.com") == "Wire"
    assert outlets.agency("herald.com") is None


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_blank_lines_and_hosts_are_taken(tmp_path: Path, mark: str) -> None:
    text = "\ufeffSite,Owner\nhttps://www.herald.co.uk/a,Post\n\nThe Times,News\n".replace(
        ",", mark
    )
    outlets = read(written(tmp_path, "a.csv", text))
    assert outlets.owners == {"herald.co.uk": "Post", "The Times": "News"}


def test_outlets_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        EXPECTED.preferred = ()  # type: ignore[misc]


WRONG = [
    ("a.csv", "", "a.csv, line 1: the first line names the columns (none); name site and"),
    ("a.csv", "site,ower\na,b", "a.csv, line 1: the first line names the columns site, ower; name"),
    ("a.csv", "site\na", "a.csv, line 1: the first line names the columns site; name site and any"),
    (
        "a.csv",
        "site,owner\na,b\nc",
        "a.csv, line 3: the line has 1 columns, not 2 as the",
    ),
    ("a.csv", "site,owner\n,b", "a.csv, line 2: the column site is empty; name the site, or"),
    ("a.csv", "site,owner\na,b\na,c", "a.csv, line 3: a has the owner 'c' here, and 'b' before;"),
    ("a.csv", "site,preferred\na,yes", "a.csv, line 2: preferred is 'yes'; make it a number"),
    ("a.csv", 'site,owner\na,"b', "a.csv, line 2: this is not CSV (unexpected end of data); mend"),
    ("a.toml", "a =", "a.toml: this is not TOML: Invalid value (at end of document)"),
    ("a.toml", "ower = 1", "a.toml, ower: nothing of that name and kind is known; write preferred"),
    ("a.toml", 'preferred = "a"', "a.toml, preferred: this is no list of sites; write ["),
    ("a.toml", "[owners]\nPost = [1]", "a.toml, [owners] Post: this is no list of sites; write"),
]


@pytest.mark.parametrize(("name", "text", "message"), WRONG)
def test_what_is_wrong_is_named_with_its_line_and_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as error:
        read(written(tmp_path, name, text).name)
    assert str(error.value).startswith(message)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.csv: the file cannot be read"):
        read(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"site,owner\nherald,Stra\xdfe")
    with pytest.raises(SettingsError, match=r"a\.csv: the file is not UTF-8; save it as UTF-8"):
        read(tmp_path / "a.csv")
