"""The exceptions dedup raises, and the record of what a run had to skip.

One small tree::

    DedupError              exit code 1   anything dedup refuses to do
    ├── SettingsError       exit code 2   a setting has no meaning; the message names it
    ├── InputError          exit code 3   nothing could be read at all
    ├── OutputError         exit code 4   the output folder cannot be written or read
    ├── DamagedError        exit code 6   an index is not what was written, or of another version
    └── LockedError         exit code 7   another process writes the index

Exit code 5 is the command's for a run that skipped some of its input.

A single bad document is no exception: it becomes a :class:`Problem`, and the run goes on.
"""

from __future__ import annotations

from dataclasses import dataclass


class DedupError(Exception):
    """Anything dedup refuses to do; the message names the file or value and the remedy."""

    exit_code = 1


class SettingsError(DedupError):
    """A setting has a value without meaning."""

    exit_code = 2


class InputError(DedupError):
    """Nothing could be read at all."""

    exit_code = 3


class OutputError(DedupError):
    """An output folder or file cannot be written, or is not what it should be."""

    exit_code = 4


class LockedError(DedupError):
    """Another process writes the index, and did not end while this one waited."""

    exit_code = 7


class DamagedError(DedupError):
    """An index holds what was never written to it, lacks what was, or is of another version."""

    exit_code = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a run skipped or had to mend, and what can be done about it.

    >>> print(Problem("news.jsonl:7", "the line is not JSON", "mend or delete the line"))
    news.jsonl:7: the line is not JSON (mend or delete the line)
    """

    where: str
    """The file, with the line after a colon where there is one; else the article's id."""
    what: str
    """What is wrong, in one clause."""
    remedy: str
    """What the user can do, in one clause."""
    skipped: bool = True
    """True when a document was left out; False when it was read after all (mended)."""
    articles: int = 1
    """How many documents it is about."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what} ({self.remedy})"
