"""A set of 32-bit hashes that kernels reuse from text to text without clearing it.

Open addressing, at least half empty. A slot counts as filled only while its stamp is the current
one, so a new stamp empties the whole set at no cost.
"""

from __future__ import annotations

import numpy as np

from dedup._jit.kernels import helper


@helper
def room(count):
    """Return the slots for `count` items, a power of two."""
    slots = np.int64(16)
    while slots < 2 * count:
        slots *= 2
    return slots


_WIDE = 1 << 12  # slots that stay in a core's fastest cache


@helper
def wide_room(count):
    """Return the slots for `count` items that others are looked for among many times.

    With one slot in eight filled or less, what is not there is told at the first look nearly
    always, so that the processor guesses right which way a search goes. That is as fast again as
    half empty, for sets that a cache holds.
    """
    return max(room(count), min(room(8 * count), _WIDE))


@helper
def slot_of(table, stamps, mask, stamp, item):
    """Return the slot that holds an item or, as its stamp is another one, would take it."""
    slot = (item * np.uint32(0x9E3779B1)) & mask
    while stamps[slot] == stamp and table[slot] != item:
        slot = (slot + np.uint32(1)) & mask
    return slot


@helper
def has(table, stamps, mask, stamp, item):
    """Tell whether an item is in the set."""
    return stamps[slot_of(table, stamps, mask, stamp, item)] == stamp


@helper
def put(table, stamps, mask, stamp, item):
    """Add an item; return whether it was new."""
    slot = slot_of(table, stamps, mask, stamp, item)
    if stamps[slot] == stamp:
        return False
    stamps[slot] = stamp
    table[slot] = item
    return True


@helper
def fill(table, stamps, stamp, items, first, last):
    """Make a set of `wide_room` hold `items[first:last]` and nothing else; return its mask."""
    mask = np.uint32(wide_room(last - first) - 1)
    for i in range(first, last):
        put(table, stamps, mask, stamp, items[i])
    return mask


@helper
def overlap(table, stamps, mask, stamp, items, first, last):
    """Count how many of the different `items[first:last]` are in the set."""
    common = 0
    for i in range(first, last):
        common += has(table, stamps, mask, stamp, items[i])
    return common
