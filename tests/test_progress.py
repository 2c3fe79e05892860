from __future__ import annotations

import io
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


def test_progress_that_never_began_can_end() -> None:
    progress = Terminal()
    progress.advance(1)
    progress.done()
    progress.done()
