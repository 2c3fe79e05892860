"""From verified duplicates to clusters, guarded against chaining.

Connected components would join A and C through B although they share nothing. Here the text with
the most matches becomes a centre. It takes the texts that are connected to it, as long as each is
still similar to the centre itself. The rest forms clusters of its own in the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import fill, overlap, wide_room
from dedup._jit.kernels import helper, kernel
from dedup._jit.pairs import ends, left, right, sorting
from dedup.settings import Settings
from dedup.text.shingle import Sets


def cluster(pairs: npt.NDArray[np.uint64], sets: Sets, chain: float) -> npt.NDArray[np.int32]:
    """Return the number of each text's centre, int32[texts]; a text without versions is its own.

    `pairs`, uint64[pairs], are i << 32 | j; `chain` is the least Jaccard similarity of a text with
    its centre. Deterministic: centres are taken by number of matches, then by number.

    >>> sets = Sets(np.array([1, 2, 2, 3, 3, 4], np.uint32), np.array([0, 2, 4, 6]))
    >>> chained = np.array([0 << 32 | 1, 1 << 32 | 2], np.uint64)
    >>> cluster(chained, sets, 0.3).tolist(), cluster(chained, sets, 0.5).tolist()
    ([1, 1, 1], [0, 1, 2])
    """
    texts = len(sets.offsets) - 1
    a, b = (end.astype(np.int32) for end in ends(pairs))
    every = np.concatenate([a, b])
    neighbours = np.concatenate([b, a])[sorting(every)]
    offsets = np.zeros(texts + 1, np.int64)
    degrees = np.bincount(every, minlength=texts)
    np.cumsum(degrees, out=offsets[1:])
    ranked = sorting(degrees.max(initial=0) - degrees).astype(np.int32)
    ranked = ranked[: int((degrees > 0).sum())]
    centre: npt.NDArray[np.int32] = _cluster(
        ranked, neighbours, offsets, sets.items, sets.offsets, chain
    )
    return centre


def clusters(
    pairs: npt.NDArray[np.uint64], sets: Sets, settings: Settings
) -> npt.NDArray[np.int32]:
    """Cluster by the similarity to a centre that is set; see `cluster`."""
    return cluster(pairs, sets, settings.chain)


def crowded(centre: npt.NDArray[np.int32], most: int) -> npt.NDArray[np.bool_]:
    """Return which texts are members, not centres, of a family of more than `most`, bool[texts].

    >>> crowded(np.array([0, 0, 0, 3], np.int32), 2).tolist()
    [False, True, True, False]
    """
    sizes = np.bincount(centre, minlength=len(centre))
    found: npt.NDArray[np.bool_] = (sizes[centre] > most) & (centre != np.arange(len(centre)))
    return found


def spanning(
    pairs: npt.NDArray[np.uint64],
    similarity: npt.NDArray[np.float32],
    texts: int,
    through: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.bool_]:
    """Return which pairs tie texts together that no more similar pairs tie, bool[pairs].

    They are fewer than the `texts`, which the pairs i << 32 | j number. What pairs of some
    similarity or more join, those among them join too: a maximum spanning forest (Kruskal 1956;
    Gower and Ross 1969 on single linkage). `similarity` is 0 or more, float32[pairs]; of pairs that
    are equally similar, the first ones come first. Where only some pairs tie, `through`,
    bool[pairs], the others are left out for no other reason than a way along these.

    >>> pairs = np.array([0 << 32 | 1, 0 << 32 | 2, 1 << 32 | 2], np.uint64)
    >>> spanning(pairs, np.array([0.5, 0.6, 0.9], np.float32), 3)
    array([False,  True,  True])
    """
    # The bits of a float that is not negative rise with it.
    falling = ~similarity.view(np.uint32)
    through = np.ones(len(pairs), np.bool_) if through is None else through
    found: npt.NDArray[np.bool_] = _spanning(pairs, sorting(falling), through, texts)
    return found


@helper
def _head(tied, text):
    """Return the text that stands for all that are tied to a text, and shorten the way to it."""
    while tied[text] != text:
        tied[text] = tied[tied[text]]
        text = tied[text]
    return text


@kernel("b1[::1](u8[::1], i8[::1], b1[::1], i8)")
def _spanning(pairs, order, through, texts):
    tied = np.arange(texts)
    ties = np.zeros(len(pairs), np.bool_)
    for row in order:
        a, b = _head(tied, left(pairs[row])), _head(tied, right(pairs[row]))
        if a != b:
            ties[row] = True
            if through[row]:
                tied[max(a, b)] = min(a, b)
    return ties


@kernel("i4[::1](i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], f8)")
def _cluster(ranked, neighbours, offsets, items, sets, chain):
    texts = len(offsets) - 1
    centre = np.full(texts, -1, np.int32)
    seen = np.full(texts, -1, np.int32)  # the last centre a text was compared with
    queue = np.empty(texts, np.int32)
    largest = np.int64(0)
    for text in range(texts):
        largest = max(largest, sets[text + 1] - sets[text])
    table = np.empty(wide_room(largest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    for c in ranked:
        if centre[c] >= 0 or offsets[c] == offsets[c + 1]:  # a member already, or alone
            continue
        mask = fill(table, stamps, np.int64(c), items, sets[c], sets[c + 1])
        width = sets[c + 1] - sets[c]
        centre[c] = c
        queue[0] = c
        done, waiting = 0, 1
        while done < waiting:
            text = queue[done]
            done += 1
            for k in range(offsets[text], offsets[text + 1]):
                other = neighbours[k]
                if centre[other] >= 0 or seen[other] == c:
                    continue
                seen[other] = c
                first, last = sets[other], sets[other + 1]
                common = overlap(table, stamps, mask, np.int64(c), items, first, last)
                if common >= chain * (width + last - first - common):
                    centre[other] = c
                    queue[waiting] = other
                    waiting += 1
    for text in range(texts):
        if centre[text] < 0:
            centre[text] = text
    return centre
