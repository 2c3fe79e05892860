"""Each side of the threshold of `dedup.match.align`."""

from __future__ import annotations

from laid import Words, laid, packed, words

from dedup.match.align import align


def test_a_stretch_is_found_at_16_places_of_the_first_text() -> None:
    def found(times: int) -> int:
        def text(own: int) -> Words:
            return [word for k in range(times) for word in (*words(10, 3), *words(own + k, 1))]

        return len(align(packed((0, 1)), laid(text(100), text(200)), 3).tokens)

    assert found(16) == 16
    assert found(17) == 16
