"""Which encoding bytes are read in: marks, UTF-8, what is declared, and what the letters spell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import read
from dedup.readers.encoding import codec, decode, encoding_of, guess

FERRY = "Die Fähre fährt ab Montag nicht mehr, weil die Lichter auf der Mole ausgefallen sind."

GUESSED = [
    # what was written, in what, and what it is read in
    ("The mayor said the city’s tram would open in May.", "cp1252", "cp1252"),
    ("“We are ready,” she said… The tram opens in May.", "cp1252", "cp1252"),
    ("It isn’t the mayor’s bridge, and she won’t pay.", "cp1252", "cp1252"),
    ("No one’s to blame.", "cp1252", "cp1252"),
    ('He spoke of "´the bridge of all" and left.', "cp1252", "cp1252"),
    ("Le prix est de 5 € par cœur.", "iso8859-15", "iso8859-15"),
    ("La señora Núñez dijo que el tranvía llegará en otoño.", "cp1252", "cp1252"),
    ("La señora Núñez dijo que el tranvía llegará en otoño.", "latin-1", "cp1252"),
    ("Kommunen måste bygga om hamnen innan året är slut.", "latin-1", "cp1252"),
    ("A câmara não vai abrir a ponte até ao verão.", "cp1252", "cp1252"),
    ("Wójt powiedział, że droga będzie zamknięta do środy.", "cp1250", "cp1250"),
    ("Wójt powiedział, że droga będzie zamknięta do środy.", "iso8859-2", "iso8859-2"),
    ("Příští středu začne oprava mostu, řekl starosta.", "cp1250", "cp1250"),
    ("Belediye başkanı köprünün çarşamba günü açılacağını söyledi.", "cp1254", "cp1254"),
    ("Мост откроют в среду, сообщил мэр города.", "cp1251", "cp1251"),
    ("Мост откроют в среду, сообщил мэр города.", "koi8-r", "koi8-r"),
    ("Η γέφυρα θα ανοίξει την Τετάρτη, είπε ο δήμαρχος.", "cp1253", "cp1253"),
    ("総理大臣は水曜日に橋を開くと述べた。", "cp932", "cp932"),
]


@pytest.mark.parametrize(("text", "written", "expected"), GUESSED)
def test_undeclared_text_is_read_in_what_its_letters_spell(
    text: str, written: str, expected: str
) -> None:
    found = decode(text.encode(written))
    assert (found.text, found.encoding, found.lost, found.guessed) == (text, expected, 0, True)


OLD = "L’élève français a été reçu à l’école près de la forêt, où il a mangé des crêpes. "


@pytest.mark.parametrize("written", ["mac_roman", "cp850"])
def test_what_the_mac_and_dos_wrote_is_read_where_the_letters_say_so(written: str) -> None:
    text = OLD.replace("’", "'") * 8
    assert decode(text.encode(written)).text == text


def test_the_encodings_of_windows_go_before_older_ones_that_fit_as_well() -> None:
    assert guess("Ein Café – und noch eines.".encode("cp1252")) == "cp1252"


LABELS = [
    ("iso-8859-1", "The city’s tram", "cp1252"),
    (" Latin1 ", "The city’s tram", "cp1252"),
    ('"windows-1251"', "Мост", "cp1251"),
    ("x-sjis", "橋", "cp932"),
    ("gb2312", "大橋開放", "gb18030"),
    ("iso-8859-9", "Köprü açıldı…", "cp1254"),
    ("iso-2022-jp", "橋を開く", "iso2022_jp"),
]


@pytest.mark.parametrize(("label", "text", "written"), LABELS)
def test_a_declared_encoding_is_taken_as_browsers_take_it(
    label: str, text: str, written: str
) -> None:
    found = decode(text.encode(written), label)
    assert (found.text, found.guessed) == (text, False)


@pytest.mark.parametrize("label", ["latin-1", "us-ascii", "cp1251", "big5", "utf-16", "x-no", ""])
def test_utf_8_that_is_valid_and_not_ascii_goes_before_every_declaration(label: str) -> None:
    assert decode(FERRY.encode(), label)[:2] == (FERRY, "utf-8")


def test_damaged_utf_8_goes_before_a_declaration_too() -> None:
    damaged = FERRY.encode() * 3 + b"\xff"
    assert decode(damaged, "latin-1")[1:3] == ("utf-8", 1)


def test_a_declaration_that_hardly_fits_is_not_believed() -> None:
    text = "Мост откроют в среду, сообщил мэр города. " * 3
    found = decode(text.encode("koi8-r"), "utf-8")
    assert (found.text, found.encoding, found.guessed) == (text, "koi8-r", True)
    assert decode(text.encode("koi8-r"), "ascii").text == text


def test_the_second_declaration_counts_where_the_first_is_none() -> None:
    text = "Мост откроют"
    assert decode(text.encode("cp1251"), "x-none", "cp1251")[:2] == (text, "cp1251")


@pytest.mark.parametrize("written", ["utf-16", "utf-32", "utf-16-le", "utf-32-be", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.json", "a.csv", "a.rss", "a.html"])
def test_every_reader_takes_every_form_of_unicode(tmp_path: Path, name: str, written: str) -> None:
    pytest.importorskip("trafilatura")
    forms = {
        "a.txt": FERRY,
        "a.jsonl": json.dumps({"text": FERRY}, ensure_ascii=False) + "\n",
        "a.json": json.dumps([{"text": FERRY}], ensure_ascii=False),
        "a.csv": f'id,text\n1,"{FERRY}"\n',
        "a.rss": f"<rss><channel><item><description>{FERRY}</description></item></channel></rss>",
        "a.html": f"<html><body><article><p>{FERRY}</p><p>{FERRY} Ja.</p></article></body></html>",
    }
    (tmp_path / name).write_bytes(forms[name].encode(written))
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert article.text.splitlines()[0] == FERRY
    assert problems == []


def test_text_in_utf_16_with_signs_before_its_letters_is_read() -> None:
    text = "“Wir fahren”, sagte er. " * 5
    assert decode(text.encode("utf-16-le")).text == text


@pytest.mark.parametrize("name", ["a.rss", "a.nitf", "a.newsml", "a.html", "a.eml"])
def test_every_reader_takes_utf_8_for_what_it_is(tmp_path: Path, name: str) -> None:
    pytest.importorskip("trafilatura")
    xml = '<?xml version="1.0" encoding="iso-8859-1"?>'
    item = f"<item><description>{FERRY}</description></item>"
    inline = f"<inlineXML><html><body><p>{FERRY}</p></body></html></inlineXML>"
    meta = '<meta charset="windows-1252">'
    head = "Content-Type: text/plain; charset=iso-8859-1"
    forms = {
        "a.rss": f"{xml}<rss><channel>{item}</channel></rss>",
        "a.nitf": f"{xml}<nitf><body><body.content><p>{FERRY}</p></body.content></body></nitf>",
        "a.newsml": f"{xml}<newsItem guid='1'><contentSet>{inline}</contentSet></newsItem>",
        "a.html": f"<html><head>{meta}</head><body><article><p>{FERRY}</p></article></body></html>",
        "a.eml": f"From: a@b.example\n{head}\n\n{FERRY}",
    }
    (tmp_path / name).write_bytes(forms[name].encode())
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert (article.text.strip(), problems) == (FERRY, [])


def test_a_guess_is_told_with_its_file_and_leaves_nothing_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Måndag hela dagen på ön.".encode("cp1252"))
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)]
    what = "nothing says in which encoding it is; it was read as windows-1252"
    assert [(str(problem), problem.skipped) for problem in problems] == [
        (f"{tmp_path}/a.txt: {what}, a guess (if letters are wrong, convert it to UTF-8)", False)
    ]


def test_an_encoding_is_settled_where_a_stream_stops_being_ascii(tmp_path: Path) -> None:
    item = "<item><description>{}</description></item>"
    feed = "<rss><channel>" + item.format("Rain. " * 50_000) + item.format(FERRY)
    (tmp_path / "a.rss").write_bytes((feed + "</channel></rss>").encode("cp1252"))
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)][1] == FERRY
    assert [problem.what[-29:] for problem in problems] == ["read as windows-1252, a guess"]


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "utf-16", "utf-7", "hz", "idna"]))
def test_no_bytes_raise_and_what_is_read_can_be_written(data: bytes, label: str) -> None:
    found = decode(data, label)
    found.text.encode("utf-8", "surrogatepass")
    assert found.lost <= found.text.count("\ufffd")
    assert encoding_of(data, label)[0]


@pytest.mark.parametrize("label", ["hex", "rot13", "zip", "undefined", "a" * 99, "\0", "cp999"])
def test_what_is_no_encoding_of_text_is_none(label: str) -> None:
    assert codec(label) == ""
