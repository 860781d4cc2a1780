"""The places of the bits of a set."""

from __future__ import annotations

_WORD = 64


def bits_of(bits: int) -> list[int]:
    """The numbers of the set bits, in order."""
    # words of zeros are passed over, and the loop inside works on small integers
    length = -(-bits.bit_length() // _WORD) * (_WORD // 8)
    words = memoryview(bits.to_bytes(length, "little")).cast("Q")
    found = []
    for number, word in enumerate(words):
        if word:
            before = number * _WORD - 1
            while word:
                lowest = word & -word
                found.append(before + lowest.bit_length())
                word ^= lowest
    return found
