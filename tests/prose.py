"""Text for the tests of a scan: paragraphs of our own writing, and prose by the yard."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import dedup
from dedup import Article, Cluster, Match
from dedup.result import Result

Place = tuple[str, int]
"""An article's id and the number of a paragraph."""

BRIDGE = (
    "The town council voted on Tuesday to close the iron bridge over the Ilmen for nine months, "
    "because inspectors had found cracks in four of its six piers, and to run a free ferry for "
    "pedestrians and cyclists from the old timber wharf until the repairs are done."
)
HERRING = (
    "Fishermen at Vasker landed the largest catch of herring in eleven years at the weekend, "
    "filling both cold stores before noon on Saturday, so that the last boats had to wait outside "
    "the bar until lorries came from the inland towns to take the fish away."
)
LIBRARY = (
    "A reader has returned a field guide to mosses that was due at the Tolme public library in "
    "1961, with an apology and a cheque for the fine, which the librarian says she will frame and "
    "hang above the desk as an encouragement to others with long shelves."
)
COMET = (
    "Amateur astronomers on the Kessel plateau photographed a faint green comet low in the west "
    "on three evenings in a row, and the observatory confirmed on Friday that nobody had seen it "
    "before and that it will be visible without glasses in the first half of March."
)
STRIKE = (
    "Bus drivers in Orrin went back to work on Monday after the company agreed to count the "
    "minutes spent on checking brakes and lights before the first round as working time, a demand "
    "that the union had raised every spring since the depot was moved out of town."
)
CHARTS = (
    "The museum in Averil will lend its two oldest sea charts to the university for three years, "
    "so that students can trace how the sandbanks off the coast have wandered since the first "
    "lighthouse was built."
)
CHARTS_RETOLD = (
    "A loan of maps by the town's museum has been agreed on: the college may keep them until 2028 "
    "and hopes that its students can trace how the sandbanks off the coast have moved."
)
"""One sentence told in other words; ten of them are the same."""
SPEECH = (
    "We shall not sell a single acre of this forest, not to the mine and not to the railway, as "
    "long as anyone who planted a tree in it is still alive to say no"
)
HALL = (
    "A crowd of farmers filled the small hall in Tolme until past midnight. “{}”, the mayor of the "
    "village, Anna Berg, told them to long applause, before the vote was put off."
)
MINE = (
    "The plan of the Kessel mine to cut down part of the forest has met with resistance. Anna "
    "Berg, who leads the local council, said at a meeting: “{}”. The company had no comment."
)
"""Two reports that have nothing in common but what they quote."""
WEATHER = tuple(
    f"{day}: partly cloudy with showers in the {part}, wind from the {point} at {knots} knots, "
    f"high {high} degrees, low {high - 8} degrees."
    for day, part, point, knots, high in (
        ("Monday", "north", "west", 12, 14),
        ("Tuesday", "south", "east", 25, 11),
        ("Friday", "hills", "north", 8, 17),
    )
)
"""One formula, three times."""
IMPRINT = (
    "Ilmen Today is published six days a week by the Valley Printers' Guild, Wharf Lane 4. Letters "
    "to the editor are welcome and may be cut."
)
ALL = (BRIDGE, HERRING, LIBRARY, COMET, STRIKE)


def changed(text: str, *places: int) -> str:
    """Put a word of its own at some places; each costs three shingles in the middle of a text."""
    words = text.split(" ")
    for place in places:
        words[place] = f"otherwise{place}"
    return " ".join(words)


def article(name: str, *paragraphs: str, **fields: str) -> Article:
    """An article with a blank line between its paragraphs."""
    return Article(name, "\n\n".join(paragraphs), **fields)


def yards(seed: int, paragraphs: int, words: int) -> list[str]:
    """Prose without sense: paragraphs that share next to nothing."""
    dice = random.Random(seed)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er")]
    lexicon = ["".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(9000)]
    return [" ".join(dice.choices(lexicon, k=words)) for _ in range(paragraphs)]


def places(cluster: Cluster) -> list[Place]:
    """Where the members of a cluster stand."""
    return [(member.article, member.paragraph) for member in cluster.members]


def families(result: Result) -> set[frozenset[Place]]:
    """The clusters as sets of places, whatever their order."""
    return {frozenset(places(cluster)) for cluster in result.clusters}


def boilerplate(result: Result) -> dict[Place, str]:
    """The id of the text at each place that is told of."""
    return {(o.article, o.paragraph): text.id for text in result.texts for o in text.occurrences}


def between(result: Result, a: Place, b: Place) -> Match | None:
    """The match between the texts that stand at two places, if there is one."""
    texts = boilerplate(result)
    ends = sorted((texts.get(a, ""), texts.get(b, "")))
    return next((match for match in result.matches if [match.a, match.b] == ends), None)


def linked(result: Result) -> set[frozenset[Place]]:
    """Every two places that hold one text or two matching ones."""
    is_boilerplate: dict[str, list[Place]] = {}
    for place, text in boilerplate(result).items():
        is_boilerplate.setdefault(text, []).append(place)
    found = {
        frozenset((a, b))
        for group in is_boilerplate.values()
        for a in group
        for b in group
        if a != b
    }
    return found | {
        frozenset((a, b))
        for match in result.matches
        for a in is_boilerplate[match.a]
        for b in is_boilerplate[match.b]
    }


def scan(*texts: str, **overrides: object) -> Result:
    """Scan texts as articles with the ids 0, 1, 2 and so on."""
    articles = [Article(str(number), text) for number, text in enumerate(texts)]
    return dedup.scan(articles, None, **overrides)  # type: ignore[arg-type]


def together(texts: Iterable[str], **overrides: object) -> Sequence[Cluster]:
    """The clusters among texts."""
    return scan(*texts, **overrides).clusters


def numbered(first: int, count: int) -> str:
    """Words in a row that stand nowhere else, numbered from `first` on: no names, no numbers."""
    return " ".join(f"word{number}" for number in range(first, first + count))
