"""Strings that break screens, pages and tables which take them for more than text."""

from __future__ import annotations

import dedup

HOSTILE = (
    # markup of pages
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "data:text/html,<svg onload=alert(1)>",
    "<!-- --> <![CDATA[ ]]> <?xml?>",
    "&lt;b&gt; &amp;amp; &#0; &bogus;",
    "</title></style></textarea><plaintext>",
    "{{ 7 * 7 }} {% raw %} {# #} ${7*7} <%= 7 %>",
    "`${alert(1)}` \\u003cscript\\u003e",
    # formulas
    "=1+1",
    '=HYPERLINK("http://x.test","x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "＝1＋1",
    # markup of rich, format strings, paths, SQL
    "[bold]x[/bold] [/nonsense] [link=file:///etc]x[/link] :smile:",
    "[=x=] {+y+} [-z-]",
    "%s %n {0} {name!r}",
    "'; DROP TABLE articles; --",
    "../../../etc/passwd",
    "C:\\con\\nul",
    "-rf",
    "--help",
    # controls of a terminal
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x.test\x1b\\x\x1b]8;;\x1b\\",
    "\x9b2J\x90q\x9c",
    "a\x00b\x07c\x08d\x7f",
    "one\rtwo",
    "one\ntwo\u2028three\u2029four\x85five\x0bsix\x0cseven",
    # what turns, hides and piles up
    "\u202egnp.exe\u202c",
    "\u2066isolate\u2069 \u2067right\u2069 \u202bembed",
    "\u200bzero\u200dwidth\ufeffmark\u2060",
    "\U000e0041\U000e0042 tags",
    "Z\u0335\u0321a\u0327\u0322l\u0340g\u0341o" + "\u0301" * 200,
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "odd \ud800 and \udfff",
    "\ufffe \uffff \U0010ffff",
    "ﷺ" * 30,
    # too much of something, or nothing
    "x" * 1_000_000,
    "word " * 20_000,
    "¶" * 5_000,
    "(" * 3_000,
    " ",
    "\u3000",
)
"""What a headline, a site, an id or a text may hold."""

TOLD = "the pumps had failed twice before the water came and nobody on the board was told of it"


def hostile_articles() -> list[dedup.Article]:
    """Three articles for each string: it stands in every field, told twice, and copied."""
    return [
        dedup.Article(
            id=f"{text[:2000]}{number}.{copy}",
            text=f"{text} The mayor of town {number} said {TOLD} in the year {number}.\n"
            f"{text} {number}\n{text} {number}\n“So {TOLD},” {text} said.",
            title=text,
            url=f"https://x.test/{text[:500]}",
            site=f"{text[:2000]}{copy}",
            author=text,
            lang=text[:100],
            source=text,
            path=f"{text[:500]}.txt",
            date="2025-10-14",
        )
        for number, text in enumerate(HOSTILE)
        for copy in range(3)
    ]
