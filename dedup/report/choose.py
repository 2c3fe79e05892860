"""What a page of limited size shows: the largest and most telling first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dedup.output.schema import ClusterRow, StoryRow
from dedup.report.folder import MOST_PASSAGES, Candidate, Folder

STORIES, PASSAGES, CLUSTERS = 0.45, 0.68, 0.95
"""Shares of the page's room that are spent when stories, then passages too, then clusters too are
in. Higher shows more of these and less of those that follow; the rest is for marks in articles."""

MOST_PLACES = 40
"""Places of one text that the page names. Higher names more of a text that stands everywhere."""

MOST_MEMBERS = 300
"""Members of a story, and of a cluster, that the page names."""

STANDING_SITES, STANDING_TEXTS = 60, 8
"""Sites whose standing text is shown, and texts of each."""

_TEXT, _ARTICLE, _PLACE, _MEMBER, _ROW = 34, 90, 9, 30, 90
"""Bytes that a text needs besides its characters, an article besides its names, a place, a member,
and a cluster, story or passage besides those."""


@dataclass
class Choice:
    """What is shown, by number, and what it needs."""

    room: int
    """Bytes there are."""
    spent: int = 0
    texts: dict[int, None] = field(default_factory=dict)
    """Texts, in the order they came in."""
    articles: dict[int, None] = field(default_factory=dict)
    """Articles, in the order they came in."""
    stories: list[StoryRow] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)
    """Articles of which all paragraphs that the folder has are shown: those of stories."""
    within: list[Candidate] = field(default_factory=list)
    across: list[Candidate] = field(default_factory=list)
    clusters: list[ClusterRow] = field(default_factory=list)
    templates: list[Candidate] = field(default_factory=list)
    standing: list[tuple[str, list[tuple[int, int]], int]] = field(default_factory=list)
    """Of each site its texts with their places there, and how many texts it has."""


def choose(folder: Folder, room: int) -> Choice:
    """Return what fits into `room` bytes."""
    choice = Choice(room)
    texts_of = folder.texts_of()
    for story in folder.stories:
        members = [folder.number[m["article"]] for m in story["members"][:MOST_MEMBERS]]
        texts = [text for article in members for _, text in texts_of.get(article, ())]
        if not _take(choice, folder, STORIES, texts, members, _MEMBER * len(members) * 2):
            break
        choice.stories.append(story)
        choice.whole.update(members)
    _standing(choice, folder)
    for candidates, chosen, share in (
        (folder.within, choice.within, (STORIES + PASSAGES) / 2),
        (folder.across, choice.across, PASSAGES),
        (folder.templates, choice.templates, PASSAGES),
    ):
        for one in candidates[:MOST_PASSAGES]:
            if not _take(choice, folder, share, (one.a, one.b), (), _ROW):
                break
            chosen.append(one)
    for cluster in folder.clusters:
        rows = cluster["members"][:MOST_MEMBERS]
        known = (folder.text_number.get(m["text_id"]) for m in rows)
        texts = [number for number in known if number is not None]
        articles = [folder.number[m["article"]] for m in rows if m["article"] in folder.number]
        if not _take(choice, folder, CLUSTERS, texts, articles, _MEMBER * len(rows)):
            break
        choice.clusters.append(cluster)
    _reused(choice, folder)
    return choice


def _take(
    choice: Choice,
    folder: Folder,
    share: float,
    texts: Iterable[int],
    articles: Iterable[int],
    more: int,
) -> bool:
    """Take in texts and articles if they fit into that share of the room."""
    new_texts = {text: None for text in texts if text not in choice.texts}
    new = {article: None for article in articles if article not in choice.articles}
    cost = _ROW + more
    for number in new_texts:
        text = folder.texts[number]
        places = text.places[:MOST_PLACES]
        cost += text.size + _TEXT + _PLACE * len(places)
        new.update((place[0], None) for place in places if place[0] not in choice.articles)
    for number in new:
        article = folder.articles[number]
        names = (article["article"], article["title"], article["url"])
        cost += _ARTICLE + sum(len(name or "") for name in names)
    if choice.spent + cost > share * choice.room:
        return False
    choice.spent += cost
    choice.texts.update(new_texts)
    choice.articles.update(new)
    return True


def _standing(choice: Choice, folder: Folder) -> None:
    """Choose the standing text of each site, what repeats most words first."""
    by_site: dict[str, dict[int, int]] = {}
    for number, text in enumerate(folder.texts):
        if text.boilerplate:
            for article, _ in text.places:
                counts = by_site.setdefault(folder.articles[article]["site"] or "", {})
                counts[number] = counts.get(number, 0) + 1
    sites = sorted(by_site, key=lambda site: (-sum(by_site[site].values()), site))
    for site in sites[:STANDING_SITES]:
        counts = by_site[site]
        ranked = sorted(counts, key=lambda n: (-counts[n] * folder.texts[n].words, n))
        rows = [
            (number, counts[number])
            for number in ranked[:STANDING_TEXTS]
            if _take(choice, folder, PASSAGES, (number,), (), 0)
        ]
        if rows:
            choice.standing.append((site, rows, len(ranked)))


def _reused(choice: Choice, folder: Folder) -> None:
    """Add the articles with the most words that stand elsewhere, while there is room."""
    ranked = sorted(
        range(len(folder.articles)), key=lambda n: (-folder.articles[n]["repeated_words"], n)
    )
    for number in ranked:
        if not _take(choice, folder, CLUSTERS, (), (number,), 0):
            break
