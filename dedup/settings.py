"""Everything a user can turn, in one frozen record that is checked once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Literal, TypedDict, get_args

from dedup import zones
from dedup.errors import SettingsError
from dedup.portable import cores

Policy = Literal["earliest", "longest", "medoid", "preferred-site"]
"""The rule that chooses the version to keep of a cluster or story (see `dedup.policies`)."""

POLICIES: tuple[Policy, ...] = get_args(Policy)

PRESETS: dict[str, dict[str, float]] = {
    "strict": {"evidence": 9.0, "threshold": 0.7, "containment": 0.9},
    "sensitive": {"evidence": 5.0, "threshold": 0.4, "containment": 0.7},
}
"""For fewer matches or more without thinking of numbers: `Settings(**PRESETS["strict"])`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scan works; the defaults need no change for news.

    Raises `SettingsError`, naming the field, for a value without meaning.

    >>> Settings(threshold=0.7).threshold
    0.7
    >>> Settings(threshold=7)
    Traceback (most recent call last):
    dedup.errors.SettingsError: threshold is 7; it must lie in 0.05 to 1
    """

    shingle: int = 3
    """Words in a shingle, 1 to 16; a character of a script without spaces counts half a word.
    Higher is stricter: one changed word in a 30-word paragraph costs 3 shingles of 28 at 3 and 5 of
    26 at 5."""
    threshold: float = 0.5
    """Least Jaccard similarity of two paragraphs' shingle sets, 0.05 to 1. Higher finds fewer: at
    0.5 about one word in ten may differ, at 0.8 about one in thirty."""
    containment: float = 0.8
    """Least share of the shorter paragraph's shingles that the longer one holds, 0.05 to 1, for a
    match by containment. Higher finds fewer: at 0.8 a 40-word caption may change two words of the
    lead it repeats."""
    brief: int = 20
    """Words under which a paragraph needs more than `threshold`, rising in a line to 1 at no words.
    Higher is stricter: at 20, a paragraph of 10 words needs 0.75. 0 turns it off."""
    evidence: float = 6.5
    """Words of evidence that make two passages a match (see `dedup.match.evidence`), 2 to 100.
    Higher finds fewer: at 6.5 a copied clause of about ten words, at 10 a copied sentence."""
    num_perm: int = 128
    """Permutations in a sketch, 16 to 1024. Higher finds more at the same threshold and costs time
    in proportion."""
    seed: int = 1
    """Seed of the permutations, 0 to 2**32 - 1; the same as datasketch's."""
    recall: float = 0.99
    """Least expected share of the pairs at exactly `threshold` that become candidates, 0.5 to
    0.9999. Higher takes shorter bands: more candidates, more time."""
    bucket: int = 64
    """Texts in one bucket up to which all its pairs are compared, 2 to 4096; in a larger bucket
    each text is compared with a few representatives. Higher compares more."""
    chain: float = 0.34
    """Least Jaccard similarity between a cluster's centre and any member, 0 to 1. Higher splits
    chains of versions sooner: from 0.34 on, any two members as long as the centre share some of it;
    0 lets A-B-C join although A and C share nothing."""
    window: float = 7.0
    """Most days between two articles of one story, 0 to 36500. Higher joins more: at 7 print on
    Tuesday and online on Friday are one story, at 30 also next week's reprint in other words; 0 is
    no limit. Undated articles take part, and equal texts are one story whenever they appear."""
    policy: Policy = "earliest"
    """The rule for the version to keep, of a cluster and of a story."""
    preferred_sites: tuple[str, ...] = ()
    """Sites in order of preference, for the policy `preferred-site`."""
    zone: str | None = None
    """Time zone of dates that name none: a name (`Europe/Berlin`) or a distance from UTC
    (`+01:00`). None: it is not known, so such a time may be any moment from 14 hours before to 12
    hours after the same time in UTC."""
    page_seconds: float = 20.0
    """Most seconds for one page of HTML or PDF, 0.1 to 86400; one that takes more is left out.
    Higher reads more of what is made to take long: at 20, a tag of 20,000 attributes."""
    threads: int = 0
    """Threads for the kernels, 1 or more; 0 takes every core this process may use. The result does
    not depend on it."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            for kind, word in _KINDS:
                if isinstance(field.default, kind) and not isinstance(value, kind):
                    raise SettingsError(f"{field.name} is {value!r}; it must be a {word}")
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} is {value}; it must lie in {low} to {high}")
        if self.policy not in POLICIES:
            raise SettingsError(
                f"policy is {self.policy!r}; it must be one of {', '.join(POLICIES)}"
            )
        if self.zone is not None and (
            not isinstance(self.zone, str) or zones.zone(self.zone) is None
        ):
            raise SettingsError(
                f"zone is {self.zone!r}; write a name such as Europe/Berlin or a distance such as"
                " +01:00"
            )
        sites = self.preferred_sites
        if not isinstance(sites, list | tuple) or not all(isinstance(s, str) for s in sites):
            raise SettingsError(f"preferred_sites is {sites!r}; it must be a tuple of names")
        object.__setattr__(self, "preferred_sites", tuple(sites))
        if self.policy == "preferred-site" and not self.preferred_sites:
            raise SettingsError("policy is 'preferred-site'; name the sites in preferred_sites")

    @property
    def workers(self) -> int:
        """The number of threads in force.

        >>> Settings(threads=3).workers
        3
        """
        return self.threads or cores()


_KINDS = ((Integral, "whole number"), (Real, "number"))
_RANGES = (
    ("shingle", 1, 16),
    ("threshold", 0.05, 1),
    ("containment", 0.05, 1),
    ("brief", 0, 10_000),
    ("evidence", 2, 100),
    ("num_perm", 16, 1024),
    ("seed", 0, 2**32 - 1),
    ("recall", 0.5, 0.9999),
    ("bucket", 2, 4096),
    ("chain", 0, 1),
    ("window", 0, 36500),
    ("page_seconds", 0.1, 86400),
    ("threads", 0, 1024),
)


class Overrides(TypedDict, total=False):
    """The fields of `Settings` as named arguments, for those who check types."""

    shingle: int
    threshold: float
    containment: float
    brief: int
    evidence: float
    num_perm: int
    seed: int
    recall: float
    bucket: int
    chain: float
    window: float
    policy: Policy
    preferred_sites: tuple[str, ...]
    zone: str | None
    page_seconds: float
    threads: int
