"""Compressed data that is damaged, breaks off, or cannot be read here."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import struct
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import repeat
from pathlib import Path
from random import Random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import READERS, read
from dedup.readers.compression import expanded, joined
from dedup.readers.protocol import LONGEST, Source, UnreadableError


def told(path: Path) -> tuple[list[str], list[Problem]]:
    """Give the texts that could be read, and what was told of the rest."""
    problems: list[Problem] = []
    return [article.text for article in read([path], problems=problems)], problems


def lines(*texts: str) -> bytes:
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": partial(bz2.compress, compresslevel=1),
    ".xz": partial(lzma.compress, preset=0),
    ".zst": zstandard.compress,
}


@pytest.mark.parametrize("suffix", BROKEN)
def test_of_data_that_breaks_off_the_lines_before_the_break_are_kept(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    dice = Random(1)
    texts = [dice.randbytes(300).hex() for _ in range(2_000)]
    data = BROKEN[suffix](lines(*texts))
    path.write_bytes(data[: len(data) * 3 // 4])
    found, problems = told(path)
    assert found == texts[: len(found)]
    assert len(found) > 1000
    what, remedy = "breaks off; what comes before was read", "fetch the file again to have the rest"
    assert list(map(str, problems)) == [f"{path}: the {suffix} data {what} ({remedy})"]


@pytest.mark.parametrize("suffix", BROKEN)
def test_of_a_text_that_breaks_off_the_beginning_is_kept(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.txt{suffix}"
    text = "".join(f"{number:x} " for number in range(10**5))
    data = BROKEN[suffix](text.encode())
    path.write_bytes(data[: len(data) * 3 // 4])
    (found,), (problem,) = told(path)
    assert text.startswith(found)
    assert not problem.skipped


@pytest.mark.parametrize("suffix", BROKEN)
def test_data_that_is_not_what_its_name_says_is_told(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(b"\0\x01" + BROKEN[suffix](lines("A") * 10)[2:])
    texts, (problem,) = told(path)
    assert texts == []
    assert str(problem).startswith(f"{path}: the {suffix} data is damaged at its very beginning")
    assert problem.remedy.endswith(f" or rename it if it is no {suffix} file")


@pytest.mark.parametrize("suffix", BROKEN)
@settings(deadline=None)
@given(data=st.binary(), cut=st.integers(0, 60), change=st.integers(0, 60), by=st.integers(0, 255))
def test_damaged_data_raises_nothing_but_unreadable(
    suffix: str, data: bytes, cut: int, change: int, by: int
) -> None:
    damaged = bytearray(BROKEN[suffix](data))
    damaged[min(change, len(damaged) - 1)] ^= by
    stream = expanded(joined(iter([bytes(damaged[: len(damaged) - cut])])), suffix)
    with suppress(UnreadableError):
        assert stream.read() == data or by or cut


def test_a_missing_zstandard_is_told_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt.zst").write_bytes(zstandard.compress(b"A"))
    (tmp_path / "b.txt").write_bytes(b"B")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    texts, (problem,) = told(tmp_path)
    assert texts == ["B"]
    what, remedy = "needs the package zstandard", "type: pip install 'news-dedup[zstd]'"
    assert str(problem) == f"{tmp_path}/a.txt.zst: reading .zst files {what} ({remedy})"


def test_frames_of_zstandard_that_are_to_be_skipped_are_skipped(tmp_path: Path) -> None:
    skipped = struct.pack("<II", 0x184D2A5D, 5) + b"hello"
    (tmp_path / "a.jsonl").write_bytes(skipped + zstandard.compress(lines("A")) + skipped)
    assert told(tmp_path) == (["A"], [])


def test_a_disk_that_fails_is_not_taken_for_damaged_data() -> None:
    def failing() -> Iterator[bytes]:
        yield bz2.compress(b"A")[:8]
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        expanded(joined(failing()), ".bz2").read()


@pytest.mark.parametrize("suffix", BROKEN)
def test_data_that_grows_beyond_all_measure_ends_with_what_comes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("dedup.readers.compression.GROWN", 2**21)
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(BROKEN[suffix](lines("A")) + BROKEN[suffix](bytes(2**25)) * 2)
    texts, (problem,) = told(path)
    assert texts == ["A"]
    what = "data grows more than 200-fold, beyond 2 MiB; what comes before was read"
    remedy = "if it is meant to, decompress it yourself and give what comes out"
    assert str(problem) == f"{path}: the {suffix} {what} ({remedy})"


def test_data_may_grow_much_while_it_is_small_and_a_little_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.readers.compression.GROWN", 2**21)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines("A" * 2**20)))
    text = Random(1).randbytes(2**12).hex()
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines(text) * 500))
    found, problems = told(tmp_path)
    assert (len(found), problems) == (501, [])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [".jsonl", ".txt", ".warc"])
def test_a_gzip_that_grows_without_end_is_left_in_bounded_memory(kind: str) -> None:
    member = gzip.compress(bytes(2**26))
    problems: list[Problem] = []
    tracemalloc.start()
    try:
        stream = expanded(joined(repeat(member)), ".gz", past_damage=kind == ".warc")
        with pytest.raises(UnreadableError, match=r"grows more than 200-fold|longer than 256 MiB"):
            list(READERS[kind](stream, Source("a", "a"), problems))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * LONGEST


def test_zstandard_with_a_long_window_is_read(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(
        1, window_log=28, enable_ldm=True, write_content_size=False
    )
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packer.compress(lines("A")) + packer.flush()
    assert zstandard.get_frame_parameters(data).window_size == 2**28
    (tmp_path / "a.jsonl.zst").write_bytes(data)
    assert told(tmp_path) == (["A"], [])


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt.gz.gz", "a.txt.gz.gz.xz", "a.TXT.GZ.bz2"])
def test_a_name_may_have_several_suffixes_of_compressions(tmp_path: Path, name: str) -> None:
    data = b"Rain."
    for suffix in name.lower().split(".")[2:]:
        data = BROKEN[f".{suffix}"](data)
    (tmp_path / name).write_bytes(data)
    assert told(tmp_path) == (["Rain."], [])
