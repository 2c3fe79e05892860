"""The index: articles one at a time, answers at once, nothing lost."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from dedup._jit import kernels
from dedup._jit.interpreter import working
from dedup.errors import LockedError, Problem
from dedup.index import ingest, stored_records
from dedup.index.answers import MOST, Added, Claim, Event, Found, NewBy, NewWhen
from dedup.index.claims import TIMEOUT, Claims, as_told_first, given_back, without, written
from dedup.index.forget import FORGETTING, forget, moment, removals
from dedup.index.kept_corpus import CORPUS
from dedup.index.kept_measures import MEASURES
from dedup.index.metrics import SETTLED_AT, Metrics, verdict
from dedup.index.open import has_scheme, opened, patience
from dedup.index.settle import clear, has_removals, settle, snapshot, taken_over, told_since
from dedup.index.state import NAMES, IndexState, renew, taken_out
from dedup.metadata import outlets as houses
from dedup.metadata.credit_rules import rules
from dedup.progress import Progress, Silent
from dedup.readers.article_builder import Items
from dedup.records import Article, Cluster, Story
from dedup.result import Result
from dedup.settings import Settings
from dedup.storage.protocol import Batch, StoredArticle
from dedup.text.characters import table

logger = logging.getLogger(__name__)

ANSWERING = (
    "dedup.storage.postings",
    "dedup.text",
    "dedup.match.minhash",
    "dedup.match.lsh",
    "dedup.match.signatures",
    "dedup.match.near_duplicates",
    "dedup.match.evidence",
    "dedup.match.scopes",
    "dedup.match.align",
    "dedup.match.pair_features",
    "dedup.stories",
)
"""Modules and packages whose kernels an answer asks for. The others wait for a settling: loaded
beside the first call, they would hold it up."""


class Index:
    """What has been seen, on disk: it outlives the process, and says of each article what is new.

    `path` is a folder that is made if it is missing (or `redis://...`, see
    `dedup.storage.redis.store`); `settings` are recorded when it is made, and those on which the
    stored postings depend must not differ later; None takes the recorded ones. `outlets` is a file
    of what is known of sites (see `dedup.metadata.outlets`). `keep_text` keeps the texts
    themselves, so that an export has them. One process at a time may write a folder; another one
    waits up to `wait` seconds. Several may write through Redis, in turn. Any number may read
    (`read_only`). `new_below` and `new_by` say when answers call an article new: an earlier one
    holds less than that share of its words (`text`), or has not its story (`story`).
    `claim_timeout` is for `claim`.

    Raises `SettingsError` for other settings than recorded, `LockedError` when another process
    writes, `DamagedError` for damaged files, and `OutputError` when it cannot be written.

    >>> import tempfile
    >>> rain = "Rain is due in the hills tonight and will last until Sunday, the office said."
    >>> with tempfile.TemporaryDirectory() as folder, Index(folder) as index:
    ...     index.add({"id": "a", "text": rain}).is_new
    ...     index.add({"id": "b", "text": rain.upper()}).hits[0].article
    True
    'a'
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: Settings | None = None,
        *,
        outlets: str | os.PathLike[str] | None = None,
        keep_text: bool = False,
        read_only: bool = False,
        wait: float = 10.0,
        new_below: float = MOST,
        new_by: NewBy = "text",
        claim_timeout: float = TIMEOUT,
    ) -> None:
        when = NewWhen.of(new_below, new_by)
        wait, claim_timeout = patience("wait", wait), patience("claim_timeout", claim_timeout)
        known = houses.read(outlets) if outlets else houses.Outlets()
        self._store, self.settings, self.keep_text = opened(
            path, settings, keep_text=keep_text, read_only=read_only, wait=wait
        )
        kernels.begin(table, rules, of=ANSWERING)  # the first call finds them, or waits little
        self._state = IndexState(self._store, self.settings, known, self.keep_text, when)
        self._read_only = read_only
        self._metrics = Metrics()
        logger.info("opened %s: %d articles", path, self._store.last_seq)
        self._job, self._claim_timeout = uuid4().hex, claim_timeout
        self._alone = not has_scheme(path)  # who writes a folder is the only one
        self._settled: tuple[tuple[int, int], Result] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Return how many articles were stored, revisions and removed ones included."""
        return self._store.last_seq

    def add(self, article: Article | Mapping[str, Any] | str) -> Found:
        """Return what is known of an article, and store it: durably, before this returns.

        The same article again is not stored twice; an id with other fields is a new revision.
        Raises `InputError` for what is no article.
        """
        began = time.perf_counter()
        read, problems = stored_records.article_of(article)
        with self._store.writing():
            held = self._now()
            known = ingest.assess(held, read, problems)
            found = known.found
            if not found.seen:
                batch, found = ingest.batch(held, known)
                self._store.append(batch)
                found = replace(found, sequence=self._store.last_event)
        return self._told("add", found, began)

    def claim(
        self,
        article: Article | Mapping[str, Any] | str,
        *,
        when: Callable[[Found], bool] | None = None,
    ) -> Found:
        """Return what is known of an article and store it, as `add` does, until `done` is called.

        What is `claimed` is noted as handed to this job, durably. Call `done` when it has reached
        its end. An article that was claimed by a job that ended before it did so is told `again`,
        as it was told first, when it comes again; where several jobs write, through Redis, after
        `claim_timeout` seconds. Until then other articles are not held against it. `when` chooses
        by the answer what is claimed: all of it, or what a job hands on. What is `seen` is not.
        """
        began = time.perf_counter()
        read, problems = stored_records.article_of(article)
        with self._store.writing():
            found = self._claimed(read, problems, when)
        return self._told("claim", found, began)

    def _claimed(
        self,
        read: Article,
        problems: tuple[Problem, ...],
        when: Callable[[Found], bool] | None,
    ) -> Found:
        """Claim an article; nobody else writes meanwhile."""
        held, claims = self._now(), self._claims()
        left = claims.left()
        known = ingest.assess(held, read, problems, left)
        before = known.earlier.seq if known.earlier else 0
        found, made = known.found, Batch()
        if not found.seen:
            made, found = ingest.batch(held, known)
        elif before not in left:
            return found
        if before in left:
            found = as_told_first(found, claims.of[before])
        if when is None or when(found):
            found = replace(found, claimed=True)
            made = made._replace(state=claims.noting(found, instead=before))
        elif found.seen:
            return found
        self._store.append(made)
        return replace(found, sequence=self._store.last_event)

    def done(self, *claimed: Found | int) -> None:
        """Acknowledge articles that were claimed, by answer or number: durably, all or none."""
        self._note_claims(without, claimed)

    def release(self, *claimed: Found | int) -> None:
        """Give claims back: the articles are told again when they come again, without waiting."""
        self._note_claims(given_back, claimed)

    def claims(self) -> list[Claim]:
        """List what was claimed and is not acknowledged, the earliest first."""
        return sorted(self._claims().of.values(), key=lambda claim: (claim.since, claim.number))

    def _claims(self) -> Claims:
        return Claims.read(
            self._store,
            self._job,
            time.time(),
            gone=self._now().gone,
            alone=self._alone,
            timeout=self._claim_timeout,
        )

    def _note_claims(
        self,
        change: Callable[[Claims, Iterable[int]], Mapping[int, Claim]],
        claimed: Iterable[Found | int],
    ) -> None:
        numbers = [one if isinstance(one, int) else one.number for one in claimed]
        with self._store.writing():
            claims = self._claims()
            if not claims.of.keys().isdisjoint(numbers):
                self._store.append(Batch(state=written(change(claims, numbers))))

    def add_many(
        self,
        articles: Iterable[Article | Mapping[str, Any] | str],
        *,
        answers: bool = False,
        progress: Progress | None = None,
    ) -> Added:
        """Store many articles fast, without comparing them: settling finds what they match.

        Every `dedup.index.ingest.CHUNK` articles are durable together. `problems` lists what is no
        article. With `answers` each article is compared and durable by itself, as by `add`, which
        takes as long, and `found` holds what was known of each.
        """
        if answers:
            return self._add_each(articles, progress or Silent())
        with working():  # one thread reads while another one stores
            return ingest.add_many(self._state, articles, progress or Silent())

    def query(self, article: Article | Mapping[str, Any] | str) -> Found:
        """Return what is known of an article, and write nothing."""
        began = time.perf_counter()
        read, problems = stored_records.article_of(article)
        return self._told("query", ingest.assess(self._now(), read, problems).found, began)

    def query_many(self, articles: Iterable[Article | Mapping[str, Any] | str]) -> list[Found]:
        """Return what is known of each of several articles, in order, and write nothing.

        They are not held against one another. Raises `InputError` for what is no article.
        """
        return [self.query(article) for article in articles]

    def _add_each(
        self, articles: Iterable[Article | Mapping[str, Any] | str], progress: Progress
    ) -> Added:
        """Add articles one by one, and keep the answers."""
        problems: list[Problem] = []
        found: list[Found] = []
        items, before = Items(problems), self._store.texts
        progress.stage("add", None)
        for number, item in enumerate(articles):
            article = items.article(item, f"item {number}")
            if article is not None:
                found.append(self.add(article))
                problems += found[-1].problems
            progress.advance(1)
        progress.done()
        stored = [one for one in found if not one.seen]
        return Added(
            articles=len(stored),
            seen=len(found) - len(stored),
            revisions=sum(one.revision > 1 for one in stored),
            texts=self._store.texts - before,
            problems=tuple(problems),
            found=tuple(found),
        )

    def _told(self, call: str, found: Found, began: float) -> Found:
        """Return an answer with the time since `began`, and count it."""
        seconds = time.perf_counter() - began
        self._metrics.count(call, found, seconds)
        logger.debug("%s %s: %s in %.1f ms", call, found.article, verdict(found), 1000 * seconds)
        return replace(found, seconds=seconds)

    def metrics(self) -> str:
        """Return counters and gauges in the text form that Prometheus reads.

        Answers by call and verdict, hits by relation and latencies are those of this opening;
        sizes, claims, the last settling and what came since are those of the index.
        """
        return self._metrics.text(self._now())

    def remove(self, id: str) -> bool:  # noqa: A002 - the name of an article's field
        """Take an article out, with all its revisions; False if it is not in.

        Until `compact` clears the disk, its id and the hashes of its words stay.
        """
        with self._store.writing():
            old = [s for s in self._revisions(id) if not s.removed]
            seqs = [s.seq for s in old]
            if old:
                names = json.loads(self._store.state(NAMES) or b"{}")
                gone = taken_out(self._store, seqs)
                self._store.append(
                    Batch(removed=seqs, events=list(removals(old, names)), state=gone)
                )
        logger.info("removed %s: %d revisions", id, len(seqs))
        return bool(seqs)

    def forget(
        self, before: datetime | date | str | float, progress: Progress | None = None
    ) -> int:
        """Take out all articles from before a moment, and return how many; it is a seldom job.

        An article is as old as its date; without one that can be relied on, as the time when it was
        added. Revisions go each by its own, and events that were told before, too. The space is
        given back at the end (see `compact`); others read meanwhile, and add between two steps.
        `before` is a date or a time, or seconds since 1970; raises `InputError` for what is none.
        """
        done = forget(self._now(), moment(before), progress or Silent())
        logger.info("forgot %d articles", done)
        if self._store.state(FORGETTING):
            self.compact()
            self._store.append(Batch(state={FORGETTING: b""}))
        return done

    def get(self, id: str) -> StoredArticle | None:  # noqa: A002 - as above
        """Return the last revision of an article as it is stored, or None."""
        seq = self._store.current([id])[0]
        return self._store.read_articles([seq])[0] if seq else None

    def clusters(self) -> Sequence[Cluster]:
        """Return the clusters of all that is stored, largest first; see `settle`."""
        return self.settle().clusters

    def stories(self) -> Sequence[Story]:
        """Return the stories of all that is stored, largest first; see `settle`."""
        return self.settle().stories

    def settle(self, progress: Progress | None = None) -> Result:
        """Return the answers of one scan of all that is stored.

        It takes as long as a scan without the reading, and no time if nothing was added since.
        Others may add, take out and ask meanwhile; what comes then is in the next answers.
        What changed is recorded as events (see `since`), unless the index is open for reading only.
        Raises `InputError` for an empty index, `LockedError` while another thread settles it, and
        when another process did so meanwhile.
        """
        if self._settled is not None and self._settled[0] == self._mark:
            return self._settled[1]
        if not self._state.settling.acquire(blocking=False):
            raise LockedError("this index is being settled by another thread; wait until it is")
        try:
            return self._settle(progress or Silent())
        finally:
            self._state.settling.release()

    @working()
    def _settle(self, progress: Progress) -> Result:
        kernels.begin()
        with self._writing():
            at = snapshot(self._now())
        began = time.perf_counter()
        settled = settle(self._store, at, self.settings, self._state.outlets, progress)
        mark = at.seq, at.event
        if not self._read_only:
            with self._store.writing():
                unchanged = mark == self._mark
                made = taken_over(self._now(), settled)
                if settled.came is not None:  # before the transaction that says that it is there
                    self._store.put_aside(CORPUS, settled.came.data, settled.came.at)
                when = {SETTLED_AT: f"{time.time():.0f}".encode()}
                self._store.append(made._replace(state={**made.state, **when}))
                self._store.put_aside(MEASURES, settled.measures)
                mark = self._mark if unchanged else mark
        self._settled = mark, settled.result
        took = time.perf_counter() - began
        logger.info("settled %d articles in %.1f s", len(settled.result.articles), took)
        return settled.result

    def _writing(self) -> AbstractContextManager[None]:
        return nullcontext() if self._read_only else self._store.writing()

    def since(self, sequence: int = 0) -> Iterator[Event]:
        """Yield the events with numbers above `sequence`, in order.

        Every change of who is in which cluster and story is an event: `dedup.ToldGroups` takes them
        in. `add` records what joins; what `add_many` brings, `settle` tells. Where events were
        forgotten, a `restart` comes first, and tells all groups anew.
        """
        yield from told_since(self._store, sequence)

    def note(self, name: str, data: bytes) -> None:
        """Keep bytes of a job's own under a name, durably: how far it came, what it took."""
        self._store.append(Batch(state={f"note {name}": data}))

    def noted(self, name: str) -> bytes | None:
        """Return the bytes that were noted last under a name, or None."""
        return self._store.state(f"note {name}")

    def backup(self, to: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        """Copy the index as it stands to a new folder, or to a server; see `index.copies.copy`.

        One in a folder goes on adding meanwhile, in this process or another. The copy is there
        whole or not at all. Raises `InputError` where there is something at `to` already.
        """
        from dedup.index import copies

        copies.copy_of(self._store, self.settings, to, keep_text=self.keep_text, progress=progress)

    def merge(self, other: str | os.PathLike[str], *, progress: Progress | None = None) -> Added:
        """Take in all articles of another index, without reading them again.

        What is in already is passed by; groups and events of the other one are left behind. Raises
        `SettingsError` where its words were read otherwise, or it lacks the texts that this one
        keeps; see `index.copies.merge`.
        """
        from dedup.index import copies

        return copies.merge(self._now(), other, progress=progress)

    def check(self, progress: Progress | None = None) -> list[Problem]:
        """Read everything, and return what does not hold together."""
        with _staged(progress, "check"):
            problems = self._store.check()
        for problem in problems:
            logger.error("%s", problem)
        return problems

    def compact(self, progress: Progress | None = None) -> None:
        """Bring the files into the form that is smallest and quickest to search."""
        began = time.perf_counter()
        with _staged(progress, "compact"):
            with self._store.writing():
                if has_removals(self._store):
                    clear(self._store, self.settings)
            self._store.compact()
        logger.info("compacted in %.1f s", time.perf_counter() - began)

    def stats(self) -> dict[str, Any]:
        """Count what is there: articles, texts, events, bytes, postings."""
        return self._store.stats()

    def export(self, out: str | os.PathLike[str], progress: Progress | None = None) -> None:
        """Write the settled answers as a scan writes its output folder."""
        from dedup.output.writer import write

        write(self.settle(progress), out, progress)

    def close(self) -> None:
        """Let go of files and locks; closing twice does no harm."""
        self._store.close()

    def _now(self) -> IndexState:
        """Return what the index knows beside its files, other processes' additions included."""
        renew(self._state)
        return self._state

    @property
    def _mark(self) -> tuple[int, int]:
        """What changes whenever anything is stored or taken out."""
        return self._store.last_seq, self._store.last_event

    def _revisions(self, id: str) -> list[StoredArticle]:  # noqa: A002 - as above
        """List the revisions of an article, the last one first."""
        return list(stored_records.revisions(self._store, self._store.current([id])[0]))


@contextmanager
def _staged(progress: Progress | None, stage: str) -> Iterator[None]:
    """Show that something runs, of which nobody knows how far it is."""
    shown = progress or Silent()
    shown.stage(stage, None)
    yield
    shown.done()
