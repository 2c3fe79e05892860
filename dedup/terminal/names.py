"""How articles and places are called on a screen."""

from __future__ import annotations

from collections.abc import Mapping

from dedup.output.schema import ArticleRow


def named(article: str, articles: Mapping[str, ArticleRow]) -> str:
    """Name an article, with its site if the id does not say it."""
    row = articles.get(article)
    site = row.get("site") if row else None
    return f"{article} ({site})" if site and not article.startswith(f"{site}/") else article


def outlet(article: str, articles: Mapping[str, ArticleRow]) -> str:
    """Return the site of an article, or its id where it has none."""
    row = articles.get(article)
    return (row.get("site") if row else None) or article


def spot(article: str, paragraph: int, articles: Mapping[str, ArticleRow]) -> str:
    """Name a place: article and paragraph (from 0, as in the files), site and date if known."""
    row = articles.get(article)
    site, date = (row.get("site"), row.get("published")) if row else (None, None)
    if site and article.startswith(f"{site}/"):
        site = None  # the id says it
    details = ", ".join(str(value) for value in (site, date) if value)
    return f"{article} ¶{paragraph}" + (f" ({details})" if details else "")
