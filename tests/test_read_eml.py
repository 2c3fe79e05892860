"""Mails: which part is the text, what the headers tell, and what broken ones still give."""

from __future__ import annotations

import base64
import gzip
import time
import tracemalloc
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.metadata import dates
from dedup.readers import READERS, read
from dedup.readers.compression import joined
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

BODY = "The harbour opens on Monday.\n\nTwo ferries will sail.\n"


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def told(data: bytes, **options: Any) -> tuple[Article, list[Problem]]:
    """Read the one article of a mail."""
    problems: list[Problem] = []
    source = Source("inbox/a.eml", "news/inbox/a.eml", **options)
    (article,) = READERS[".eml"](joined(iter([data])), source, problems)
    assert isinstance(article, Article)
    return article, problems


def good(data: bytes, **options: Any) -> Article:
    article, problems = told(data, **options)
    assert problems == []
    return article


def test_a_mail_gives_its_plain_text_and_what_its_headers_tell() -> None:
    message = mail(
        From='"Harbour Press Office" <press@news.harbour.example>',
        Subject="Ferries “return”",
        Date="Fri, 08 Mar 2024 10:00:00 +0100",
        Message_ID="<42@harbour.example>",
    )
    message.set_content(BODY)
    message.add_alternative("<p>The harbour opens.</p>", subtype="html")
    message.add_attachment("The table of fares.", filename="fares.txt")
    message.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="a.jpg")
    message["Content-Language"] = "en-GB, cy"
    article = good(bytes(message), site="inbox")
    assert article == Article(
        id="42@harbour.example",
        text=BODY,
        title="Ferries “return”",
        site="news.harbour.example",
        date="2024-03-08T10:00:00+01:00",
        path="news/inbox/a.eml",
        author="Harbour Press Office",
        lang="en-GB",
    )


def test_a_mail_of_html_gives_a_paragraph_a_line() -> None:
    message = mail(From="a@b.example")
    message.set_content("<p>Rain &amp; sun.</p><p>Wind.</p>", subtype="html")
    assert good(bytes(message)).text.splitlines() == ["Rain & sun.", "Wind."]


def test_html_is_taken_where_the_plain_text_only_points_to_it() -> None:
    message = mail(From="a@b.example")
    message.set_content("Please view this mail as HTML.")
    message.add_alternative("<p>" + "The ferries sail again. " * 20 + "</p>", subtype="html")
    assert good(bytes(message)).text.startswith("The ferries sail again.")


def test_of_a_mail_without_id_the_file_gives_it_and_without_sender_the_folder_the_site() -> None:
    article = good(b"Subject: Rain\n\nRain is due.", site="inbox")
    assert (article.id, article.site, article.author) == ("inbox/a.eml", "inbox", None)
    assert (article.title, article.text) == ("Rain", "Rain is due.")


SENDERS = [
    ("Ann <ann@Desk.Example>", "", "desk.example", "Ann"),
    ("ann@desk.example", "<alerts.list.example>", "desk.example", "ann@desk.example"),
    ("Alerts", "Alerts <alerts.list.example>", "alerts.list.example", "Alerts"),
    ("", "<alerts.list.example>", "alerts.list.example", None),
    ('"Reed, Ann" <ann@desk.example>', "", "desk.example", "Reed, Ann"),
    ("=?utf-8?q?J=C3=B6rg?= <j@desk.example>", "", "desk.example", "Jörg"),
    ("ann@desk.example (Ann)", "", "desk.example", "ann@desk.example"),
    ("<", "", None, None),
]


@pytest.mark.parametrize(("sender", "list_id", "site", "author"), SENDERS)
def test_the_site_is_the_domain_of_the_sender_else_of_the_list(
    sender: str, list_id: str, site: str | None, author: str | None
) -> None:
    article = good(f"From: {sender}\nList-ID: {list_id}\n\nRain.".encode())
    assert article.site == site
    if sender != "<":
        assert article.author == author


SENT = [
    ("Fri, 08 Mar 2024 10:00:00 +0100", "2024-03-08T10:00:00+01:00"),
    ("8 Mar 24 10:00 GMT", "2024-03-08T10:00:00+00:00"),
    ("Fri, 08 Mar 2024 10:00:00 -0000", "2024-03-08T10:00:00+00:00"),
    ("yesterday", "yesterday"),
    ("Fri, 99 Mar 2024 10:00:00 +9999", "Fri, 99 Mar 2024 10:00:00 +9999"),
]


@pytest.mark.parametrize(("sent", "expected"), SENT)
def test_the_date_is_when_it_was_sent(sent: str, expected: str) -> None:
    date = good(f"Date: {sent}\n\nRain.".encode()).date
    assert date == expected
    assert (dates.parse(date) is not None) == expected.startswith("2024")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "utf-16"])
@pytest.mark.parametrize("declared", ["right", "x-unknown", "us-ascii", "idna", "undefined", ""])
def test_a_wrong_or_unknown_charset_is_found_out(encoding: str, declared: str) -> None:
    text = "Президент заявил во вторник, что переговоры возобновятся на следующей неделе. " * 4
    charset = encoding if declared == "right" else declared
    head = f'From: a@b.example\nContent-Type: text/plain; charset="{charset}"\n'
    body = base64.encodebytes(text.encode(encoding))
    data = head.encode() + b"Content-Transfer-Encoding: base64\n\n" + body
    article, problems = told(data)
    assert article.text == text
    known = declared == "right" or encoding.startswith("utf")
    assert [problem.what.endswith(", a guess") for problem in problems] == [True] * (not known)


def test_flowed_text_is_joined_to_paragraphs() -> None:
    head = b"Content-Type: text/plain; format=flowed\n\n"
    body = b"The ferries \r\nsail again.\r\n\r\nRain is \r\ndue.\r\n-- \r\nThe desk\r\n"
    assert good(head + body).text == "The ferries sail again.\n\nRain is due.\n-- \nThe desk\n"


def test_a_forwarded_mail_gives_its_text() -> None:
    inner, outer = mail(Subject="Inner"), mail(Subject="Fwd", From="a@b.example")
    inner.set_content(BODY)
    outer.make_mixed()
    outer.add_attachment(inner)
    article = good(bytes(outer))
    assert (article.title, article.text) == ("Fwd", BODY)


def test_mails_in_a_folder_are_read_even_without_a_suffix(tmp_path: Path) -> None:
    for number, name in enumerate(["a.eml", "cur/1709.M1P2.host:2,S", "c.EML.gz"]):
        message = mail(Message_ID=f"<{number}@b.example>", From="a@b.example", Subject="Rain")
        message.set_content(BODY)
        data = bytes(message)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    problems: list[Problem] = []
    found = {article.id: article for article in read([tmp_path], problems=problems)}
    assert sorted(found) == ["0@b.example", "1@b.example", "2@b.example"]
    assert {article.text for article in found.values()} == {BODY}
    assert problems == []


BROKEN = [
    b"From: \xe9\xff <a@\nMessage-ID: <>\nSubject: caf\xe9\n\nRain.",
    b"From: <\nTo: <\nSubject: =?utf-8?b?!!!?=\nMessage-ID: [\nDate: \xff\n\nRain.",
    b"Subject: =?x-unknown?q?abc?= =?utf-8?q?=FF?=\n\nRain.",
    b"Content-Type: multipart/mixed\n\nRain.",
    b"Content-Type: multipart/alternative; boundary=x\n\n--x\n\nRain.",
    b"Content-Type: text/plain; charset=\n\nRain.",
    b"Content-Type: ;;;\n\nRain.",
    b"Content-Transfer-Encoding: base64\n\nRain.",
    b"Content-Transfer-Encoding: x-uuencode\n\nRain.",
    b"Content-Disposition: \xff; filename*=x'\n\nRain.",
    b"Rain, and no header at all.",
    b"\n\nRain.",
]


@pytest.mark.parametrize("data", BROKEN)
def test_broken_headers_cost_no_text(data: bytes) -> None:
    article, _ = told(data)
    assert "Rain" in article.text or "base64" in str(data)


def test_a_mail_without_text_is_told(tmp_path: Path) -> None:
    message = mail(From="a@b.example")
    message.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    (tmp_path / "b.eml").write_bytes(b"")
    (tmp_path / "c.txt").write_text("C")
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)] == ["C"]
    assert [(problem.where, problem.what) for problem in problems] == [
        (f"{tmp_path}/a.eml", "the mail holds no text"),
        (f"{tmp_path}/b.eml", "the file holds no mail"),
    ]


def test_parts_inside_parts_beyond_all_measure_end_no_run(tmp_path: Path) -> None:
    parts = [
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n".encode() for n in range(3000)
    ]
    (tmp_path / "a.eml").write_bytes(b"".join(parts) + b"\nRain.")
    (tmp_path / "b.txt").write_text("B")
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)][-1:] == ["B"]
    assert len(problems) <= 1


LINES = st.sampled_from(
    [
        *(b"From: a@b.example\n", b"Subject: =?utf-8?q?", b"Date: ", b"Message-ID: <", b"--x\n"),
        *(b"\n", b" \r\n", b"Content-Transfer-Encoding: base64\n", b"text/plain"),
        *(b"Content-Type: multipart/mixed; boundary=x\n", b"Content-Type: message/rfc822\n"),
        b"Content-Type: text/html; charset=",
    ]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(LINES | st.binary(max_size=8), max_size=20))
def test_no_bytes_raise_anything_but_unreadable(parts: list[bytes]) -> None:
    try:
        article, problems = told(b"".join(parts))
    except UnreadableError:
        return
    for text in (article.id, article.text, article.title, article.author, article.site):
        (text or "").encode()
    assert all(str(problem).encode() for problem in problems)


SUBJECTS = [
    # what stands in the header, the charset of the text, and the title
    (b"Tram works in May\x85", "windows-1252", "Tram works in May…"),
    (b"=?iso-8859-1?Q?Die_neuen_Fr\xf6sche?=", "iso-8859-1", "Die neuen Frösche"),
    (b"=?iso-8859-1?Q?Die_neuen_Fr=C3=B6sche?=", "us-ascii", "Die neuen Frösche"),
    (b"=?iso-8859-1?Q?The_city=92s_tram?=", "us-ascii", "The city’s tram"),
    (b"=?utf-8?Q?Fr=F6sche?=", "windows-1252", "Frösche"),
    (b"=?x-unknown?q?Rain?= =?utf-8?b?U3Vu?= today", "utf-8", "RainSun today"),
    ("Die Frösche quaken".encode(), "us-ascii", "Die Frösche quaken"),
    (b"\xcc\xee\xf1\xf2 \xee\xf2\xea\xf0\xfb\xf2", "windows-1251", "Мост открыт"),
]


@pytest.mark.parametrize(("subject", "charset", "title"), SUBJECTS)
def test_a_subject_is_read_whatever_it_breaks(subject: bytes, charset: str, title: str) -> None:
    head = b"Subject: " + subject + b"\nContent-Type: text/plain; charset=" + charset.encode()
    assert good(head + b"\n\nRain is due.").title == title


def test_a_subject_whose_encoding_is_a_guess_is_told() -> None:
    article, (problem,) = told("Subject: Måndag hela veckan\n\nRain.".encode("cp1252"))
    assert article.title == "Måndag hela veckan"
    assert problem.what.endswith("read as windows-1252, a guess")


PARTED = (
    b"Subject: Ferry\nContent-Type: multipart/alternative; boundary=%b\n\n"
    b"--%b\nContent-Type: text/plain; charset=utf-8\n\nThe ferry stops.\n--%b--\n"
)


@pytest.mark.parametrize("boundary", [b"----=_Next_1", b"x", b"a b", b"=:()/?"])
def test_a_boundary_needs_no_quotes(boundary: bytes) -> None:
    article = good(PARTED.replace(b"%b", boundary))
    assert (article.title, article.text) == ("Ferry", "The ferry stops.")


def test_a_boundary_that_is_not_named_is_found() -> None:
    data = PARTED.replace(b"; boundary=%b", b"").replace(b"%b", b"mark")
    assert good(data).text == "The ferry stops."


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"From a@b.example Mon Mar 4\n", b"\r\n"])
def test_what_stands_before_the_headers_is_passed_by(before: bytes) -> None:
    article = good(before + b"Subject: Ferry\r\n\r\nThe ferry stops.")
    assert (article.title, article.text) == ("Ferry", "The ferry stops.")


def test_a_release_that_is_attached_is_the_text_where_the_mail_only_points_to_it() -> None:
    message = mail(From="a@b.example", Subject="Release")
    note = "Dear all, please find our release attached. Kind regards, the press office. " * 2
    message.set_content(note)
    release = "The harbour opens on Monday, the city said. " * 10
    message.add_attachment("The table of fares.", filename="fares.txt")
    message.add_attachment(release, filename="release.txt")
    article = good(bytes(message))
    assert (article.title, article.text.strip()) == ("Release", release.strip())


def test_a_mail_with_a_text_of_its_own_keeps_it_whatever_is_attached() -> None:
    message = mail(From="a@b.example", Subject="Release")
    message.set_content("The harbour opens on Monday, the city said. " * 8)
    message.add_attachment("The history of the harbour is long. " * 100, filename="history.txt")
    assert good(bytes(message)).text.startswith("The harbour opens")


HOSTILE = [
    (b"From: " + b"(" * 500, ""),
    (b"From: " + b"(" * 1_400_000, "a header is longer than 16 KiB; the rest was not read"),
    (b"From: " + b"a <a@b.example>, " * 60_000, "a header is longer than 16 KiB"),
    (b"Content-Type: text/plain" + b"; a=b" * 60_000, "a header is longer than 16 KiB"),
    (b"Content-Type: text/plain" + b'; a="' * 60_000, "a header is longer than 16 KiB"),
    (b"Subject: " + b"=?utf-8?q?a?= " * 60_000, "a header is longer than 16 KiB"),
    (b"Subject: a\n" + b" x\n" * 100_000 + b"A: b", "a header is longer than 16 KiB"),
    (b"List-ID: " + b"a." * 60_000, "a header is longer than 16 KiB"),
    (b"X: y\n" * 60_000 + b"A: b", "the mail has more than 1,000 headers"),
    (b"Content-Type: multipart/mixed; boundary=x\n" + b"\n--x\n\nRain." * 60_000,
     "the mail has more than 1,000 parts"),
    (b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n)
              for n in range(3_000)), "parts stand in more than 30 others"),
    (b"Content-Type: message/rfc822\n\n" * 3_000, "parts stand in more than 30 others"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_mail_takes_more_than_a_moment_or_ends_a_run(number: int) -> None:
    data, what = HOSTILE[number]
    start = time.process_time()
    tracemalloc.start()
    try:
        article, problems = told(data + b"\n\nRain.")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "Rain" in article.text
    assert [problem.what.startswith(what) for problem in problems] == [True] * bool(what)
    assert peak < 5e6 + 30 * len(data)
    assert time.process_time() - start < 5
