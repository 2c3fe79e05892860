"""What a story is called: a headline that its articles bear, or its first line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from dedup.records import Article
from dedup.stories.article_features import headline

TITLE = 120
"""Most characters of a title that are written."""

OFTEN = 3
"""Articles outside a story that bear a headline from which on it says nothing of the story, if they
are more than the story's sites that bear it: pages yield "Email", "Subscribe" and the name of the
paper as headlines."""


def titling(articles: Iterable[Article]) -> Callable[[Sequence[Article], Article], str]:
    """Return what finds the title of a story among these, from its articles and the one to keep.

    That is the headline that most sites of the story bear, though one alone decides nothing: then
    it is that of the article to keep, failing that another's, failing that the first line of the
    one to keep. Headlines count as one in spite of capitals and punctuation.

    >>> rain, wet = Article("a", "Rain.", title="Email"), Article("b", "Rain.", title="It rained!")
    >>> titling([rain, wet])([rain, wet], rain)
    'Email'
    >>> others = [Article(f"{n}", "Sun.", title="Email") for n in range(3)]
    >>> titling([rain, wet, *others])([rain, wet], rain)
    'It rained!'
    """
    everywhere = Counter(headline(article.title) for article in articles)

    def title(members: Sequence[Article], kept: Article) -> str:
        folded = [(headline(article.title), article) for article in (kept, *members)]
        here = Counter(name for name, _ in folded[1:])
        sites = Counter(name for name, _ in {(name, one.site or one.id) for name, one in folded})
        telling = {
            name: sites[name]
            for name, count in here.items()
            if name and everywhere[name] - count <= max(sites[name], OFTEN - 1)
        }
        if not telling:
            return _cut(next(iter(kept.text[: 100 * TITLE].strip().splitlines()), ""))
        most = max(telling.values())
        wanted = {name for name, count in telling.items() if most in (1, count)}
        return _cut(next(article.title or "" for name, article in folded if name in wanted))

    return title


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE else f"{line[:TITLE]}…"
