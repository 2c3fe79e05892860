"""Parameters of web addresses: which may name the document, and which only how one came to it.

Libraries for this match parts of names (`cid`, `source`, `session`) and would take the number of an
article for tracking; so the names stand here, one by one.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_TRACKING = re.compile(
    r"utm_?|mtm_|pk_|piwik_|matomo_|hsa_|itm_|vero_|oly_|ns_|wt\.|aspsessionid|amp_|_hs|__hs"
    r"|at_(?:medium|campaign|custom)|fb_(?:action|source|ref)|mc_[ce]id$|sc_c",
    re.IGNORECASE,
)
"""How the names of parameters begin that only say where a reader came from."""
_TRACKING_NAMES = frozenset(
    re.findall(
        "[^ \n]+",
        """
    __twitter_impression _branch_match_id _branch_referrer _ga _gl action_object_map
    action_ref_map action_type_map aoh cmp cmpid cn-track cvid dclid dicbo epik fbclid
    feedname feedtype ga_campaign ga_content ga_medium ga_source ga_term gaa_at gaa_n gaa_sig
    gaa_ts gbraid gclid gclsrc guccounter guce_referrer guce_referrer_sig icid igsh igshid
    int_cid intcmp ir_clickid irclickid irgwc ito jsessionid li_fat_id mbid mkt_tok msclkid
    ncid ocid outputtype phpsessid rdt_cid ref_src ref_url s_cid s_kwcid smid smtyp soc_src
    soc_trk spm sr_share srsltid taid tblci ttclid twclid usqp ved wbraid wickedid xtor yclid
    ysclid
    """,
    )
)
"""Such parameters by name: the lists of browsers (query stripping) and of AdGuard and ClearURLs,
less the names that also hold the number of a document."""
_YES = frozenset(("", "1", "true", "yes", "y", "on"))
_VIEWS = {
    "amp": _YES,
    "print": _YES,
    "printable": _YES,
    "printer": _YES,
    "isamp": _YES,
    "m": frozenset(("1", "true")),
    "mobile": _YES,
    "view": frozenset(("print", "amp", "mobile")),
    "mode": frozenset(("print", "amp")),
    "format": frozenset(("print", "amp")),
    "output": frozenset(("print", "amp")),
    "layout": frozenset(("print", "amp")),
    "tmpl": frozenset(("print",)),
}
"""Parameters that say how a page is shown, with the values that do."""


def telling(query: str) -> str:
    """Leave of a query what may name the document, in order of names.

    >>> telling("utm_source=x&page=2&amp=1&id=12")
    'id=12&page=2'
    """
    if not query:
        return ""
    pairs = [pair.partition("=") for pair in query.replace("&amp;", "&").split("&") if pair]
    kept = [
        (decoded(name.replace("+", " ")), equals, decoded(value.replace("+", " ")))
        for name, equals, value in pairs
        if not _idle(name.lower(), value.lower())
    ]
    kept.sort(key=lambda pair: pair[0])
    return "&".join(map("".join, kept))


def _idle(name: str, value: str) -> bool:
    if name in _TRACKING_NAMES or _TRACKING.match(name):
        return True
    return value in _VIEWS.get(name, ())


_ESCAPES = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
_RESERVED = re.compile(r"(%(?:[01][0-9A-F]|2[0356BF]|3[ABDF]|40|5[BCD]|7F))")
"""Escapes that mean something else than what they stand for: controls, blank # % & + / : ; = ? @ [
\\ ]."""


def decoded(part: str) -> str:
    """Write as characters what is escaped without need, in NFC; what is not UTF-8 stays escaped.

    >>> decoded("%72ain%2dis%2Fdue"), decoded("%c8%d1")
    ('rain-is%2Fdue', '%C8%D1')
    """
    if "%" in part:
        part = _ESCAPES.sub(_unescaped, part)
    part = part.replace(" ", "%20")
    return part if part.isascii() else unicodedata.normalize("NFC", part)


def _unescaped(found: re.Match[str]) -> str:
    escapes = found[0].upper()
    pieces = _RESERVED.split(escapes)
    try:
        # Each second piece is reserved and stays.
        pieces[::2] = [unquote(piece, errors="strict") for piece in pieces[::2]]
    except UnicodeDecodeError:
        return escapes
    return "".join(pieces)
