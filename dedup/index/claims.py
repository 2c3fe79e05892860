"""Articles that were handed to a job and that it has not acknowledged: its claims.

An article that is claimed is stored, and noted as handed on to nobody yet, in one transaction. When
the job has handed it on, it acknowledges it. What a job that died had not acknowledged is told
again, as it was told first, when the article comes again: at least once, never less. Until then no
other article is held against it, for nobody has had it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from dedup.index.answers import Claim, Found
from dedup.storage.protocol import Store

CLAIMS = "claims"
"""Name of the blob with the claims that are open, as JSON by seq."""

TIMEOUT = 600.0
"""Seconds after which a claim of another job is told again where several jobs may write at once.
Higher tells fewer articles twice, and later what a job that died had claimed: at 600 ten minutes
after it was claimed."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that are open, as one job sees them at a moment."""

    of: Mapping[int, Claim]
    """By the number of the article."""
    job: str
    now: float
    alone: bool
    """Whether no other job can be at work: then those of others are of jobs that ended."""
    timeout: float

    @classmethod
    def read(
        cls,
        store: Store,
        job: str,
        now: float,
        *,
        gone: npt.NDArray[np.bool_],
        alone: bool,
        timeout: float,
    ) -> Self:
        """Return what is noted, but for articles that were taken out since: `gone`, by number."""
        held = json.loads(store.state(CLAIMS) or b"{}")
        of = {
            int(number): Claim(int(number), *row)
            for number, row in held.items()
            if not gone[int(number) : int(number) + 1].any()
        }
        return cls(of, job, now, alone, timeout)

    def left(self) -> set[int]:
        """Return the numbers of the articles that nobody is at work on any more."""
        return {
            claim.number
            for claim in self.of.values()
            if claim.job != self.job
            and (self.alone or not claim.job or self.now - claim.since >= self.timeout)
        }

    def noting(self, found: Found, *, instead: int = 0) -> dict[str, bytes]:
        """Return the blob with an article claimed now; `instead` of one is that article's no more.

        What was said of the article when it was claimed first is kept.
        """
        claim = Claim(
            found.number, found.article, self.now, self.job, found.largest_share, found.story
        )
        rest = {number: other for number, other in self.of.items() if number != instead}
        return written(rest | {claim.number: claim})


def as_told_first(found: Found, claim: Claim) -> Found:
    """Return what was said of an article when it was claimed first."""
    return replace(
        found, seen=False, again=True, largest_share=claim.largest_share, story=claim.story
    )


def written(claims: Mapping[int, Claim]) -> dict[str, bytes]:
    """Return the blob that `Claims.read` reads.

    >>> written({7: Claim(7, "a", 1.5, "job", 0.25, None)})
    {'claims': b'{"7": ["a", 1.5, "job", 0.25, null]}'}
    """
    rows = {str(number): claim[1:] for number, claim in claims.items()}
    return {CLAIMS: json.dumps(rows).encode("utf-8", "surrogatepass")}


def without(claims: Claims, numbers: Iterable[int]) -> dict[int, Claim]:
    """Return the claims but for some that are acknowledged."""
    done = set(numbers)
    return {number: claim for number, claim in claims.of.items() if number not in done}


def given_back(claims: Claims, numbers: Iterable[int]) -> dict[int, Claim]:
    """Return the claims, some of them of no job any more."""
    back = set(numbers)
    return {
        number: claim._replace(job="") if number in back else claim
        for number, claim in claims.of.items()
    }
