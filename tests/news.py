"""Made-up news for the tests of stories: articles of several paragraphs, and how to look at them.

Nothing here ever happened. Paragraphs of different articles share no run of five words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dedup import Article, Link, Member, Story
from dedup.metadata.dates import parse
from dedup.result import Result
from dedup.stories.article_features import ArticleFeatures

FERRY = (
    (
        "A car ferry with 212 people on board ran onto a sandbank outside Port Averil on Monday "
        "evening and was still lying there, tilted slightly to one side, when the sun came up on "
        "Tuesday, the harbour office said."
    ),
    (
        "Crews from three lifeboat stations roped their boats together in a heavy swell and "
        "brought every passenger ashore before midnight. Two deckhands were taken to hospital "
        "with broken wrists and a child was treated for cold."
    ),
    (
        "The ferry had left the island of Skarn twenty minutes late because a lorry would not "
        "start on the ramp, and its captain had asked for leave to take the shorter channel so "
        "that the last train to the city could be reached."
    ),
    (
        "Pilots have warned for years that this channel is silting up faster than the dredger can"
        " clear it. A survey in spring found less than four metres of water at the northern buoy,"
        " where the chart still promises seven."
    ),
    (
        "Harbour master Ove Lind told reporters that the pilots' letter had reached his desk in "
        "June and that he had passed it on the same afternoon to the ministry, which had not "
        "replied by the time the ship went aground."
    ),
    (
        "Divers went down at first light to look for damage to the hull. They saw a long dent "
        "below the engine room but no leak, and the barrier that was laid around the stern during"
        " the night has so far caught no oil."
    ),
    (
        "Two tugs from the yard at Vasker will try to pull the ship free at the next spring tide,"
        " which is due on Thursday shortly after four in the morning. Until then a guard vessel "
        "keeps curious yachts half a mile away."
    ),
    (
        "The company runs five sailings a day to the island and has no spare ship. It has "
        "chartered a fishing boat for school children and patients of the clinic, and asks all "
        "others to put off their journeys until the weekend."
    ),
    (
        "Shopkeepers on Skarn said that milk and bread would last until Wednesday. The grocer at "
        "the pier has begun to ration batteries after guests of a flooded camping ground bought "
        "his whole stock within an hour."
    ),
    (
        "It is the fourth grounding in that stretch of water since the lighthouse was automated "
        "eleven years ago. The transport inspectors have opened an inquiry and expect to publish "
        "their first findings before Christmas."
    ),
)
MILL = (
    (
        "The last paper mill on the upper Ilmen will close at the end of March after a hundred "
        "and nineteen years, its owners announced on Wednesday, blaming the price of electricity "
        "and a market for newsprint that halves every decade."
    ),
    (
        "All 340 workers were called into the canteen at the change of the morning shift and read"
        " a statement that took less than three minutes. Several older men left the room before "
        "the end and stood smoking in the rain by the gate."
    ),
    (
        "Union leader Marta Holm said the board had refused to show its books when wages were "
        "frozen two winters ago. She wants the province to buy the turbines, which feed enough "
        "current into the grid to light the whole valley."
    ),
    (
        "The mayor of Tolme reckons that every fourth household in his town lives on the mill in "
        "one way or another. The bakery next to the railway sells six hundred rolls a day to the "
        "shifts and sees no other customer for them."
    ),
    (
        "Foresters fear for the thinnings that nobody else will take. A sawmill across the border"
        " has offered to buy spruce of the better grades, but the birch would rot beside the "
        "roads or go up the chimneys of summer cottages."
    ),
    (
        "The company will keep a small office for the sale of the land, on which a museum of "
        "printing and forty flats could stand in five years if the soil under the bleaching house"
        " turns out to be as clean as the owners claim."
    ),
)
GRAIN = (
    (
        "Farmers in the three eastern districts brought in a tenth less wheat than last summer "
        "after a cold May delayed the sowing, but the barley ripened so evenly that brewers are "
        "paying a premium for it, the chamber of agriculture reported."
    ),
    (
        "Silos along the canal are nevertheless full to the roof, since a lock at Orrin has been "
        "shut for repairs and barges have to be unloaded onto lorries. Each day of waiting costs "
        "a skipper about as much as a week of diesel."
    ),
    (
        "Inge Moe, who grows rye on the sandy fields near the coast, lost a third of her crop to "
        "wild geese and has asked for permission to keep dogs loose. The bird society would "
        "rather see clover planted as a distraction."
    ),
    (
        "Prices at the exchange rose for the ninth session in a row. Traders pointed to reports "
        "of drought overseas and to a rumour that the army was stocking its bakeries, which a "
        "spokesman would neither confirm nor deny."
    ),
)
CHOIR = (
    (
        "A choir of retired railway workers from Kessel won the national singing contest on "
        "Saturday with an arrangement of timetable announcements for four voices, which the jury "
        "called the funniest eleven minutes of a very long evening."
    ),
    (
        "The oldest tenor is ninety-one and was a signalman at the junction until the line was "
        "electrified. He learnt to read music only after his wife died, from a neighbour who "
        "accepted potatoes for every lesson."
    ),
    (
        "Second prize went to nurses from Vasker and third to a school class whose conductor had "
        "lost her voice and led them by waving a yellow umbrella. All three groups will sing on "
        "television on the eve of the new year."
    ),
)
LEAD = (
    (
        "Among the passengers of the ferry that ran aground on Monday was the whole handball team"
        " of Orrin, whose goalkeeper carried an old man down the ladder on her shoulders and was "
        "cheered by neighbours at the station yesterday."
    ),
    (
        "Her mother, who runs the kiosk on the market square, had followed the rescue on a radio "
        "set that her grandfather built, and shut the shop for the first time since the great "
        "flood."
    ),
)
"""A lead of a local paper over the ferry story."""
STATEMENT = (
    "“We have lied to nobody. We told the ministry in June, we told it again in August, and we "
    "told it a third time in a registered letter that is lying in my desk with the stamp of the "
    "post office on it. Whoever says that this harbour kept silent should come here, sit down on "
    "that chair and read what we wrote, line by line, before he opens his mouth again,”"
)
"""A quotation of 70 words."""
ALL = (FERRY, MILL, GRAIN, CHOIR)


def article(name: str, paragraphs: Sequence[str], **fields: str | None) -> Article:
    """An article with a blank line between its paragraphs."""
    return Article(name, "\n\n".join(paragraphs), **fields)


def stories(result: Result) -> set[frozenset[str]]:
    """The stories as sets of articles; roundups are told in them, and do not belong to them."""
    return {
        frozenset(member.article for member in story.members if member.role != "roundup part")
        for story in result.stories
    }


def story(result: Result) -> Story:
    """The only story."""
    (only,) = result.stories
    return only


def cast(result: Result) -> dict[str, Member]:
    """The members of the only story."""
    return {member.article: member for member in story(result).members}


def roles(result: Result) -> dict[str, str]:
    """The roles in the only story."""
    return {name: member.role for name, member in cast(result).items()}


def link(result: Result, a: str, b: str) -> Link:
    """The link between two articles, named in order."""
    (only,) = (found for found in result.links if (found.a, found.b) == (a, b))
    return only


def told(result: Result) -> object:
    """All that is said of stories, for comparison between runs."""
    return (
        list(result.stories),
        list(result.links),
        result.site_matrix(),
        [
            {key: row[key] for key in ("article", "agency", "story", "role")}
            for row in result.article_rows()
        ],
    )


def fact(date: str | None = None, **known: Any) -> ArticleFeatures:
    """Facts of which only what matters is named."""
    plain: dict[str, Any] = {
        "site": "a.example",
        "owner": known.get("site", "a.example"),
        "house": None,
        "agency": None,
        "time": parse(date),
        "updated": None,
        "document": None,
        "sources": frozenset(),
        "headline": None,
        "rank": 0,
        "withdrawn": False,
    }
    return ArticleFeatures(**plain | known)
