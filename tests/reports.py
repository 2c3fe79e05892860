"""Articles with strings that a page must survive, and many that repeat one another."""

from __future__ import annotations

import random

from dedup import Article

PWN = "window.pwned=1"
HOSTILE = (
    f"<script>{PWN}</script>",
    f"</script><script>{PWN}</script>",
    f"<!--<script>{PWN}</script>-->",
    f"--><script>{PWN}</script><!--",
    f"]]><script>{PWN}</script>",
    f"<img src=x onerror={PWN}>",
    f"<svg onload={PWN}>",
    f"<svg><script>{PWN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{PWN}</script>'></iframe>",
    f"<body onload={PWN}>",
    f"<details open ontoggle={PWN}>",
    f"<a href='javascript:{PWN}'>x</a>",
    f'" onmouseover="{PWN}" x="',
    f"' onfocus='{PWN}' autofocus='",
    f"javascript:{PWN}",
    f"JaVaScRiPt:{PWN}",
    f"java\tscript:{PWN}",
    f" javascript:{PWN}",
    f"data:text/html,<script>{PWN}</script>",
    f"vbscript:{PWN}",
    "file:///etc/hostname",
    "https://evil.example/<script>",
    "//evil.example/x.js",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<style>*{display:none}</style>",
    "</style><style>body{display:none}</style>",
    "</title><script>window.pwned=1</script>",
    "</textarea></select></noscript></template>",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "{{ ''.__class__.__mro__ }}",
    "${window.pwned=1} `${1}`",
    "\\u003cscript\\u003e \\x3cscript\\x3e",
    "&lt;script&gt; &amp;&#60; &#x3c;b&#x3e;",
    "\u202ereversed\u202c \u2066isolated\u2069 \u200f",
    "zero\u200bwidth\u200d\ufeff\u2060joined",
    "\x1b[31mred\x1b[0m \x07\x08\x7f\x9b2J",
    "\x1b]0;title\x07\x1b]8;;https://evil.example\x07link",
    "null\x00byte",
    "line\u2028separator\u2029paragraph\x85next",
    "\ud800 lone surrogate \udfff",
    "Z\u0335\u0321\u0327" + "\u0300" * 400 + "algo",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1ea\U0001f1fa \U00020bb7",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1) +1 -1",
    "__proto__",
    "constructor",
    "toString",
    "../../../../etc/passwd",
    "%00%2e%2e%3cscript%3e",
    "'; DROP TABLE stories; --",
    "",
    " ",
    "0",
    "-1",
    "NaN",
    "#/story/0",
    "x" * 1_000_000,
)


def hostile() -> list[Article]:
    """Return articles in which every field has each of `HOSTILE`, two by two with one text."""
    found = []
    for number, text in enumerate(HOSTILE):
        near = HOSTILE[(number + 1) % len(HOSTILE)]
        body = (
            f"{text} Boat {number} left the harbour of Saint Orla before dawn with nine on board "
            f"and a hold of salt, and the wind took its mast {number} miles off the cape. {text}"
        )
        found += [
            Article(
                f"{text}{number}{copy}",
                f"{body}\n{near} {number}{copy} alone.\n{body if copy == 'a' else near}",
                title=text,
                url=text if copy == "a" else f"https://evil.example/{number}?{text[:2000]}",
                site=text if copy == "a" else near,
                date=text if number % 2 else f"2025-05-01T0{number % 10}:00:00Z",
                author=text,
                lang=text,
                source=text,
                path=text,
                updated=text,
                status=text,
                canonical=text,
            )
            for copy in "ab"
        ]
    return found


def many(count: int) -> list[Article]:
    """Return articles of ten paragraphs each; `count` paragraphs stand in two articles each.

    Words are made up of syllables, so that no two paragraphs share more than a word or two.
    """
    draw = random.Random(7)
    syllables = [a + b for a in "bdfghklmnprstvz" for b in "aeiou"]
    vocabulary = ["".join(draw.choices(syllables, k=k)) for k in (2, 3, 4) for _ in range(3000)]
    texts = [
        " ".join(draw.choices(vocabulary, k=draw.randint(20, 60))).capitalize() + "."
        for _ in range(count)
    ]
    places = [*range(count), *range(count)]
    draw.shuffle(places)
    return [
        Article(
            f"article {n}",
            "\n".join(texts[place] for place in places[n : n + 10]),
            title=texts[places[n]][:40],
            site=f"site{n // 10 % 97}.example",
            date=f"2025-05-{1 + n % 28:02}T{n % 24:02}:00:00Z",
        )
        for n in range(0, len(places), 10)
    ]
