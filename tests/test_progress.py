from __future__ import annotations

import io
import re
import sys

import pytest

from dedup.progress import Progress, Silent, Terminal, for_terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(progress: Progress) -> None:
    progress.stage("reading", None)
    progress.advance(3)
    progress.stage("sketching", 5000)
    progress.advance(2500)
    progress.done()


def test_silence_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    run(Silent())
    assert capfd.readouterr() == ("", "")


def test_a_pipe_gets_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(for_terminal(), Silent)


def test_quiet_is_silent_on_a_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Screen())
    assert isinstance(for_terminal(quiet=True), Silent)


def test_a_terminal_sees_stages_on_standard_error_and_nothing_stays(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    progress = for_terminal()
    assert isinstance(progress, Terminal)
    run(progress)
    shown = screen.getvalue()
    assert "reading" in shown
    assert "sketching" in shown
    assert shown.endswith("\x1b[2K") or "\x1b[?25h" in shown  # line cleared, cursor back
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_line_has_a_total_a_unit_or_a_time_and_fits(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    progress = Terminal()
    for stage, total in (("read", None), ("sketch", 5000), ("match", None)):
        progress.stage(stage, total)
        progress.advance(3)
    progress.done()
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    for line in re.split(r"[\r\n]+", shown):
        assert len(line.rstrip()) <= width
    for expected in ("articles", "of 5,000 texts", " s"):
        assert expected in shown
    assert "?" not in shown


def test_progress_that_never_began_can_end() -> None:
    progress = Terminal()
    progress.advance(1)
    progress.done()
    progress.done()
